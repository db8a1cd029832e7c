"""Which cells of a row are given and which are to be made.

One mechanism serves training, conditional sampling and imputation: the generator is told the given cells and a mask of
the columns that they fill, and the given cells are copied into its output. A condition therefore always holds, and
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
from tabgan.layout import EncodedTable, Layout


class Condition(NamedTuple):
    """Given cells of a batch.

    Attributes:
        mask: shape (n, m), 1 where the column is given.
        rows: the given cells; what stands in the other cells is of no account.
    """

    mask: Tensor
    rows: Rows


class ConditionMap(nn.Module):
    """Turns conditions into the generator's input, and copies given cells into rows.

    The input holds the mask (m), the given one-hot vectors (w) and the given values (v), zero where not given.
    """

    unit_columns: Tensor
    value_columns: Tensor

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self.width = len(layout.columns) + layout.width + layout.n_values
        unit_columns = np.repeat(np.asarray(layout.code_columns, np.int64), layout.cardinalities)
        self.register_buffer("unit_columns", torch.from_numpy(unit_columns), persistent=False)
        value_columns = torch.tensor(layout.value_columns, dtype=torch.int64)
        self.register_buffer("value_columns", value_columns, persistent=False)

    def forward(self, condition: Condition) -> Tensor:
        """The generator's input, (n, m + w + v)."""
        mask, rows = condition
        onehots = rows.onehots * mask[:, self.unit_columns]
        return torch.cat([mask, onehots, rows.values * mask[:, self.value_columns]], 1)

    def fill(self, made: Rows, condition: Condition) -> Rows:
        """The made rows with the given cells in place."""
        mask, rows = condition
        onehots = torch.lerp(made.onehots, rows.onehots, mask[:, self.unit_columns])
        return Rows(onehots, torch.lerp(made.values, rows.values, mask[:, self.value_columns]))


@dataclass(frozen=True)
class Draw:
    """The real rows of one training step and which of their cells are given.

    Attributes:
        rows: shape (n,), indices into the table.
        mask: shape (n, m), float32, 1 where given.
        weights: shape (n,), float32, mean about 1: how much each row counts where the table's own frequencies are
            meant, below 1 for rows that balancing drew more often than they occur.
    """

    rows: NDArray[np.int64]
    mask: NDArray[np.float32]
    weights: NDArray[np.float32]


class ConditionSampler:
    """Draws training rows and random subsets of their columns.

    A share of the rows is conditional. Each of them has some columns given, few as a rule: their number is
    `1 + floor((m - 1) u**3)` with u uniform. A share of the conditional rows is balanced as in CTGAN (Xu et al. 2019,
    section 4.3): a column is drawn at random, one of its categories by the logarithm of its count, and a row that has
    it. DIFF: the row's weight undoes the balancing where the table's own frequencies are meant.
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
        conditional = np.flatnonzero(random.random(n) < self._share)
        counts = 1 + np.floor((self._n_columns - 1) * random.random(len(conditional)) ** 3)
        ranks = random.random((len(conditional), self._n_columns)).argsort(1)
        mask[conditional] = ranks < counts[:, None]
        balanced = conditional[random.random(len(conditional)) < self._balance]
        for row in balanced:
            code = int(random.integers(len(self._tiers)))
            rows[row], weights[row] = self._tiers[code].draw(random)
            mask[row, self._code_columns[code]] = 1
        return Draw(rows, mask, weights)


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

    def draw(self, random: np.random.Generator) -> tuple[int, float]:
        """A row and its weight."""
        category = int(random.choice(len(self.chances), p=self.chances))
        row = self.order[self.starts[category] + random.integers(self.counts[category])]
        return int(row), float(self.counts[category] / len(self.order) / self.chances[category])
