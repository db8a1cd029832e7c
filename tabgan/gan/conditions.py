"""Which cells of a row are given and which are to be made.

One mechanism serves training, conditional sampling and imputation: given cells are finished from the start, every stage
sees them, and they are copied into the row. A condition therefore always holds, and nothing is ever rejected. In
training the given cells are those of real rows, for random subsets of the columns, so that any combination can be asked
for later. Of a column with several codes a prefix may be given: the coarse part of what it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.gan.learnt_rows import LearntRows
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable, GivenCells, Layout

PREFIX_SHARE = 0.25
"""Of the given columns with several codes, how many are given in part in training."""
MAX_BALANCED, MAX_BALANCED_CODES = 1_000_000, 40_000_000
"""Rows among which balancing looks for rare categories, and their codes in all: of a large table so many rows, drawn at
random, hold each category about as often as the table does, and what is rarer is left to chance."""


class Condition(NamedTuple):
    """Given cells of a batch; all shapes in the order of the plan.

    Attributes:
        given: shape (n, k), True where the code is given.
        codes: shape (n, k), int64; what stands in the other places is of no account.
    """

    given: Tensor
    codes: Tensor


class Draw(NamedTuple):
    """What the batch of one training step is to be.

    Attributes:
        rows: shape (n,), the numbers of real rows; None where any rows will do, drawn uniformly with replacement, so
            that any table can fill any batch.
        given: shape (k,), which codes are given; None if none is.
    """

    rows: NDArray[np.int64] | None
    given: NDArray[np.bool_] | None


class ConditionSampler:
    """Draws the rows of a batch and which of their codes are given: none, or one random subset of the columns.

    Subsets are small as a rule: of `1 + floor((m - 1) u**3)` columns with u uniform. A share of the batches with given
    cells is balanced as in CTGAN (Xu et al. 2019, section 4.3): a code is drawn at random, for each row one of its
    categories by the logarithm of its count, and a row that has it. DIFF: the column is then given, so that what is
    learnt are frequencies given that category, which balancing does not change.

    Args:
        rows: to draw from.
        plan: of their codes.
        share: of the batches with given cells.
        balance: of those, the share that is balanced.
        random: chooses the rows of a large table among which balancing looks.
    """

    def __init__(
        self, rows: LearntRows, plan: StagePlan, *, share: float, balance: float, random: np.random.Generator
    ) -> None:
        self._plan, self._share, self._balance = plan, share, balance
        self._depths = np.array(plan.layout.depths)
        self._known = np.arange(0)
        self._tiers: list[_Tiers] = []
        if balance:
            most = min(MAX_BALANCED, MAX_BALANCED_CODES // plan.layout.n_codes)
            few = len(rows) <= most
            self._known = np.arange(len(rows)) if few else np.sort(random.integers(len(rows), size=most))
            self._tiers = [_Tiers.of(codes) for codes in rows.take(self._known).T]

    def draw(self, n: int, random: np.random.Generator) -> Draw:
        """What a batch of `n` rows is to be."""
        if random.random() >= self._share:
            return Draw(None, None)
        rows, depths = None, self._draw_depths(random)
        if random.random() < self._balance:
            code = int(random.integers(len(self._tiers)))
            rows = self._known[self._tiers[code].draw(n, random)]
            column = self._plan.layout.code_columns[code]
            depths[column] = max(depths[column], 1 + self._plan.layout.code_levels[code])
        return Draw(rows, given_codes(self._plan, depths))

    def _draw_depths(self, random: np.random.Generator) -> NDArray[np.int64]:
        """How many codes of each column are given, shape (m,)."""
        size = 1 + int((len(self._depths) - 1) * random.random() ** 3)
        chosen = random.choice(len(self._depths), size, replace=False)
        in_part = random.random(size) < PREFIX_SHARE
        depths = np.zeros(len(self._depths), np.int64)
        depths[chosen] = np.where(
            in_part, random.integers(1, np.maximum(self._depths[chosen], 2)), self._depths[chosen]
        )
        return depths


@dataclass(frozen=True)
class _Tiers:
    """The rows of a table sorted by one code, and how likely balancing draws each category."""

    order: NDArray[np.int32]
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]
    chances: NDArray[np.float64]

    @classmethod
    def of(cls, codes: NDArray[np.unsignedinteger]) -> "_Tiers":
        order = np.argsort(codes, kind="stable").astype(np.int32)
        _, starts, counts = np.unique(codes[order], return_index=True, return_counts=True)
        chances = np.log1p(counts)
        return cls(order, starts, counts, chances / chances.sum())

    def draw(self, n: int, random: np.random.Generator) -> NDArray[np.int32]:
        drawn = random.choice(len(self.chances), size=n, p=self.chances)
        rows: NDArray[np.int32] = self.order[self.starts[drawn] + random.integers(self.counts[drawn])]
        return rows


def given_codes(plan: StagePlan, depths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which codes are given, shape (..., k), in the order of the plan, where `depths` (..., m) of each column are."""
    return _given(plan.layout, depths)[..., plan.order]


def _given(layout: Layout, depths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The same in the order of the layout."""
    given: NDArray[np.bool_] = np.array(layout.code_levels, np.int64) < depths[..., layout.code_columns]
    return given


@dataclass(frozen=True, eq=False)
class GivenRows:
    """Cells that rows have from the start, each row its own.

    Attributes:
        depths: shape (n, m), of how many codes of each column, from the first on, are given. The value of a column is
            given with its last code.
        cells: n rows in the layout's order; what stands in cells that are not given is of no account.
    """

    depths: NDArray[np.int64]
    cells: EncodedTable

    @classmethod
    def of(cls, layout: Layout, n: int, given: GivenCells | None) -> "GivenRows":
        """`n` rows with the same given cells; None gives none."""
        if given is None:
            codes, values = np.zeros((n, layout.n_codes), layout.code_dtype), np.zeros((n, layout.n_values), np.float32)
            return cls(np.zeros((n, len(layout.columns)), np.int64), EncodedTable(codes, values))
        return cls(given.depths[None], given.cells)[np.zeros(n, np.intp)]

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, rows: NDArray[np.intp]) -> "GivenRows":
        """The chosen rows."""
        return GivenRows(self.depths[rows], self.cells[rows])

    def condition(self, plan: StagePlan, device: torch.device) -> Condition:
        """What the generator is told."""
        given = torch.from_numpy(given_codes(plan, self.depths))
        return Condition(given.to(device), torch.from_numpy(plan.arrange(self.cells.codes).astype(np.int64)).to(device))

    def codes_given(self, layout: Layout) -> NDArray[np.bool_]:
        """Which codes are given, shape (n, k)."""
        return _given(layout, self.depths)

    def values_given(self, layout: Layout) -> NDArray[np.bool_]:
        """Which values are given, shape (n, v)."""
        columns = np.array(layout.value_columns, np.intp)
        given: NDArray[np.bool_] = self.depths[:, columns] >= np.array(layout.depths, np.int64)[columns]
        return given

    def finishing(self, layout: Layout, columns: Sequence[int], cells: EncodedTable) -> "GivenRows":
        """The same, with all of `columns` given besides; `cells` (n rows) hold them, and what was given before."""
        depths = self.depths.copy()
        depths[:, list(columns)] = [layout.depths[column] for column in columns]
        return GivenRows(depths, cells)
