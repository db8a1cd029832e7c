"""Which cells of a row are given and which are to be made.

One mechanism serves training, conditional sampling and imputation: the generator sees the given cells as
cells that are finished from the start, and they are copied into its output. A condition therefore always holds, and
nothing is ever rejected. In training the given cells are those of real rows, for random subsets of the columns, so
that any combination can be asked for later.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan.gan.features import Rows
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable, Layout


class Condition(NamedTuple):
    """Given cells of a batch.

    Attributes:
        mask: shape (n, m), 1 where the column is given and 0 elsewhere; m counts the columns of the table.
        rows: the given cells, in the order of the stages; what stands in the other cells is of no account.
    """

    mask: Tensor
    rows: Rows


class GivenMask(NamedTuple):
    """Which units (n, w) and values (n, v) of a batch are given, as booleans."""

    onehots: Tensor
    values: Tensor


class ConditionMap(nn.Module):
    """Spreads a mask of columns over the units and values of a row."""

    unit_columns: Tensor
    value_columns: Tensor

    def __init__(self, plan: StagePlan) -> None:
        super().__init__()
        staged = plan.staged
        columns = np.array([part.column for part in plan.parts], np.int64)
        units = np.repeat(columns[list(staged.code_columns)], staged.cardinalities)
        self.register_buffer("unit_columns", torch.from_numpy(units), persistent=False)
        values = torch.from_numpy(columns[list(staged.value_columns)])
        self.register_buffer("value_columns", values, persistent=False)

    def forward(self, condition: Condition) -> GivenMask:
        """Which units and values of the condition's rows are given."""
        given = condition.mask > 0
        return GivenMask(given[:, self.unit_columns], given[:, self.value_columns])


@dataclass(frozen=True)
class Draw:
    """The real rows of one training step and which of their cells are given.

    Attributes:
        rows: shape (n,), indices into the table.
        mask: shape (n, m), float32, 1 where given.
        weights: shape (n,), float32, mean about 1: how much each row counts where the table's own frequencies are
            meant, below 1 for rows that balancing drew more often than they occur.
        n_free: the first rows, of which no cell is given.
    """

    rows: NDArray[np.int64]
    mask: NDArray[np.float32]
    weights: NDArray[np.float32]
    n_free: int


class ConditionSampler:
    """Draws training rows and, for a share of them, a random subset of the columns as given.

    The conditional rows of a draw share one subset, so that what depends on it can be seen in one batch. Subsets are
    small as a rule: of `1 + floor((m - 1) u**3)` columns with u uniform. A share of the conditional draws is balanced
    as in CTGAN (Xu et al. 2019, section 4.3): a column is drawn at random, for each row one of its categories by the
    logarithm of its count, and a row that has it. DIFF: the row's weight undoes the balancing where the table's own
    frequencies are meant.
    """

    def __init__(self, table: EncodedTable, layout: Layout, *, share: float, balance: float) -> None:
        self._n_rows, self._n_columns = len(table), len(layout.columns)
        self._share = share
        self._balance = balance if layout.n_codes else 0.0
        self._code_columns = layout.code_columns
        self._tiers = [_Tiers.of(table.codes[:, code]) for code in range(layout.n_codes)] if self._balance else []

    def draw(self, n: int, random: np.random.Generator) -> Draw:
        """`n` rows, drawn with replacement, so that any table can fill any batch."""
        rows = random.integers(self._n_rows, size=n)
        mask = np.zeros((n, self._n_columns), np.float32)
        weights = np.ones(n, np.float32)
        n_free = n - round(self._share * n)
        if n_free < n:
            size = 1 + int((self._n_columns - 1) * random.random() ** 3)
            mask[n_free:, random.choice(self._n_columns, size, replace=False)] = 1
            if random.random() < self._balance:
                code = int(random.integers(len(self._tiers)))
                rows[n_free:], weights[n_free:] = self._tiers[code].draw(n - n_free, random)
                mask[n_free:, self._code_columns[code]] = 1
        return Draw(rows, mask, weights, n_free)


@dataclass(frozen=True)
class _Tiers:
    """The rows of a table sorted by one code, and how likely balancing draws each category."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    chances: NDArray[np.float64]

    @classmethod
    def of(cls, codes: NDArray[np.unsignedinteger]) -> "_Tiers":
        order = np.argsort(codes, kind="stable")
        _, starts, counts = np.unique(codes[order], return_index=True, return_counts=True)
        chances = np.log1p(counts)
        return cls(order, starts, counts, chances / chances.sum())

    def draw(self, n: int, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """`n` rows and their weights."""
        drawn = random.choice(len(self.chances), size=n, p=self.chances)
        rows = self.order[self.starts[drawn] + random.integers(self.counts[drawn])]
        return rows, self.counts[drawn] / len(self.order) / self.chances[drawn]
