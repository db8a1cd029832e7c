"""Pairs of columns: do they go together in the synthetic table as in the real one?

Two numeric columns: half the difference of Pearson's r, over the rows where both are present. All other pairs: total
variation distance between the two contingency tables, a missing cell being a category of its own, and a numeric column
cut into 10 bins of equal width. The bins' edges are those of the real column for both tables, with synthetic cells
beyond them in the end bins. "Separate" edges instead take each table's own range, with the maximum (and every missing
cell) in an eleventh bin: that is how SDMetrics 0.11 and TabSyn compute it, and it is kept to compare with published
figures; a single outlier shifts all its bins, so two halves of one real table can lie 11 % apart.

How strongly two columns go together, the size of r or Cramér's V, is given for each table beside the error.

Letters used for shapes: n rows, c columns, q numeric columns, P = c (c - 1) / 2 pairs in the
order of `itertools.combinations`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.aligned import AlignedColumn, Codes
from tabgan.evaluation.contingency import Sparse, cramers_v, is_small, joint_counts, sparse_counts, table_distance
from tabgan.evaluation.correlation import Cells, pearson
from tabgan.evaluation.cuts import N_FINE, Cut, Side, Starts, cut

Floats = NDArray[np.float64]
Table = NDArray[np.int64] | Sparse


@dataclass(frozen=True, eq=False)
class PairErrors:
    """The outcome for all pairs.

    Attributes:
        errors: at common edges, in [0, 1], NaN where undefined, shape (P,).
        separate: likewise at separate edges; a numeric pair where a column is constant in one table is undefined.
        real: Pearson's r in the real table for numeric pairs, else NaN, shape (P,).
        synthetic: likewise in the synthetic table.
        association_real: how strongly the columns go together in the real table, from 0 to 1: the size of r, or
            Cramér's V at common edges; NaN where it is undefined or was not asked for, shape (P,).
        association_synthetic: likewise in the synthetic table.
        n_real: the rows of the real table that were used, shape (P,).
        n_synthetic: likewise.
    """

    errors: Floats
    separate: Floats
    real: Floats
    synthetic: Floats
    association_real: Floats
    association_synthetic: Floats
    n_real: NDArray[np.int64]
    n_synthetic: NDArray[np.int64]

    @property
    def mean(self) -> float:
        """The mean error at common edges over the pairs where it is defined, NaN if there is none."""
        return _mean(self.errors)

    @property
    def mean_separate(self) -> float:
        """The mean error at separate edges, likewise."""
        return _mean(self.separate)


def _mean(errors: Floats) -> float:
    defined = errors[~np.isnan(errors)]
    return float(defined.mean()) if len(defined) else float("nan")


def pair_errors(columns: Sequence[AlignedColumn], *, associations: bool = True) -> PairErrors:
    """The errors of all pairs.

    At common edges a numeric pair where a column is constant in one table, which has no correlation there, counts as 0
    if the other table has one, so that a collapsed column is not passed over, and is undefined if neither has.

    Args:
        columns: of both tables.
        associations: whether to say how strongly columns go together, too.
    """
    numeric = np.asarray([column.is_numeric for column in columns], bool)
    first, second = np.triu_indices(len(columns), 1)
    both = numeric[first] & numeric[second]
    sides = [[column.real for column in columns], [column.synthetic for column in columns]]
    (real, n_real), (synthetic, n_synthetic) = (_correlations(columns, side) for side in sides)
    apart = np.abs(np.nan_to_num(real) - np.nan_to_num(synthetic)) / 2
    found = np.stack(
        [
            np.where(np.isnan(real) & np.isnan(synthetic), np.nan, apart),
            np.where(np.isnan(real) | np.isnan(synthetic), np.nan, apart),
            np.abs(real),
            np.abs(synthetic),
        ]
    )
    others = np.flatnonzero(~both)
    found[:, others] = _contingencies(columns, first[others], second[others], associations)
    return PairErrors(found[0], found[1], real, synthetic, found[2], found[3], n_real, n_synthetic)


def _correlations(columns: Sequence[AlignedColumn], codes: Sequence[Codes]) -> tuple[Floats, NDArray[np.int64]]:
    """Pearson's r of all pairs in one table, NaN but for numeric pairs, and the rows that were used; (P,) each."""
    n = len(codes[0]) if codes else 0
    numeric = [i for i, column in enumerate(columns) if column.is_numeric]
    r, counts = np.full((len(columns), len(columns)), np.nan), np.full((len(columns), len(columns)), n, np.int64)
    if numeric:
        square = np.ix_(numeric, numeric)
        r[square], counts[square] = pearson([_cells(columns[i], codes[i]) for i in numeric], n)
    upper = np.triu_indices(len(columns), 1)
    return r[upper], counts[upper]


def _cells(column: AlignedColumn, codes: Codes) -> Cells:
    """The cells of some rows of a numeric column as floats, NaN where missing or infinite."""
    numbers = column.numbers
    ends = np.searchsorted(numbers, -np.inf, side="right"), np.searchsorted(numbers, np.inf)

    def read(rows: slice) -> Floats:
        chosen = codes[rows]
        out = (chosen < ends[0]) | (chosen >= ends[1])
        if not out.any():
            return numbers.take(chosen)
        return np.where(out, np.nan, numbers.take(chosen, mode="clip") if len(numbers) else np.nan)

    return read


def _contingencies(
    columns: Sequence[AlignedColumn], first: NDArray[np.intp], second: NDArray[np.intp], associations: bool
) -> Floats:
    """The error at common and at separate edges and Cramér's V in each table, of pairs not both numeric; (4, pairs)."""
    cuts = [cut(column) for column in columns] if len(first) else []
    found = [_contingency(cuts[i], cuts[j], associations) for i, j in zip(first, second, strict=True)]
    return np.asarray(found, np.float64).reshape(len(first), 4).T


def _contingency(first: Cut, second: Cut, associations: bool) -> tuple[float, float, float, float]:
    if second.numeric:
        first, second = second, first
    sides = (first.real, second.real), (first.synthetic, second.synthetic)
    rows = len(first.real.codes) + len(first.synthetic.codes)
    common: Sequence[Table]
    separate: Sequence[Table]
    if is_small(first.size, second.size, rows):
        counts = [joint_counts(a.codes, b.codes, (first.size, second.size)) for a, b in sides]
        common = [_folded(table, a.common) for table, (a, _) in zip(counts, sides, strict=True)]
        separate = [_folded(table, a.separate) for table, (a, _) in zip(counts, sides, strict=True)]
    else:
        common = [sparse_counts(_bins(a, a.common), b.codes, second.size) for a, b in sides]
        separate = [sparse_counts(_bins(a, a.separate), b.codes, second.size) for a, b in sides]
    error = table_distance(*common)
    real, synthetic = (cramers_v(table) if associations else np.nan for table in common)
    return error, table_distance(*separate) if first.numeric else error, real, synthetic


def _folded(counts: NDArray[np.int64], starts: Starts | None) -> NDArray[np.int64]:
    """Counts of fine bins added up to those of one kind."""
    return counts if starts is None else np.add.reduceat(counts, starts, axis=0)


def _bins(side: Side, starts: Starts | None) -> NDArray[np.int64]:
    """The cells of fine bins in bins of one kind."""
    if starts is None:
        return side.codes.astype(np.int64)
    kinds = np.searchsorted(starts, np.arange(N_FINE + 1), side="right") - 1
    return kinds.take(side.codes)


def pair_names(columns: Sequence[AlignedColumn]) -> list[tuple[str, str]]:
    """The names of all P pairs, in the order of `pair_errors`."""
    return list(combinations([column.name for column in columns], 2))
