"""Pairs of columns: do they go together in the synthetic table as in the real one?

Two numeric columns: half the difference of Pearson's r, over the rows where both are present. All other pairs: total
variation distance between the two contingency tables, a missing cell being a category of its own, and a numeric column
cut into 10 bins of equal width. The bins' edges are those of the real column for both tables, with synthetic cells
beyond them in the end bins. "Separate" edges instead take each table's own range, with the maximum (and every missing
cell) in an eleventh bin: that is how SDMetrics 0.11 and TabSyn compute it, and it is kept to compare with published
figures; a single outlier shifts all its bins, so two halves of one real table can lie 11 % apart.

Letters used for shapes: n rows, c columns, q numeric columns, P = c (c - 1) / 2 pairs in the
order of `itertools.combinations`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.aligned import AlignedColumn

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

N_BINS = 10
_MAX_CELLS = 100_000


@dataclass(frozen=True, eq=False)
class PairErrors:
    """The outcome for all pairs.

    Attributes:
        errors: in [0, 1], NaN where undefined, shape (P,).
        real: Pearson's r in the real table for numeric pairs, else NaN, shape (P,).
        synthetic: likewise in the synthetic table.
        n_real: the rows of the real table that were used, shape (P,).
        n_synthetic: likewise.
    """

    errors: Floats
    real: Floats
    synthetic: Floats
    n_real: Codes
    n_synthetic: Codes

    @property
    def mean(self) -> float:
        """The mean error over the pairs where it is defined, NaN if there is none."""
        defined = self.errors[~np.isnan(self.errors)]
        return float(defined.mean()) if len(defined) else float("nan")


def pair_errors(columns: Sequence[AlignedColumn]) -> PairErrors:
    """The errors of all pairs, numeric columns cut at common edges.

    A numeric pair where a column is constant in one table has no correlation there: it counts as 0 if the other table
    has one, so that a collapsed column is not passed over, and the pair is undefined if neither has.
    """
    r_real, r_synthetic, n_real, n_synthetic = _correlations(columns)
    numeric = np.asarray([column.is_numeric for column in columns], bool)
    rows = [len(side) for side in (columns[0].real, columns[0].synthetic)] if columns else [0, 0]
    first, second = np.triu_indices(len(columns), 1)
    both = numeric[first] & numeric[second]
    rank = np.cumsum(numeric) - 1

    def spread(matrix: NDArray[np.generic], otherwise: float) -> Floats:
        values = np.full(len(first), otherwise)
        values[both] = matrix[rank[first[both]], rank[second[both]]]
        return values

    neither = np.isnan(r_real) & np.isnan(r_synthetic)
    apart = np.abs(np.nan_to_num(r_real) - np.nan_to_num(r_synthetic)) / 2
    errors = spread(np.where(neither, np.nan, apart), np.nan)
    _fill(errors, [] if numeric.all() else [_discrete(column) for column in columns], np.flatnonzero(~both))
    return PairErrors(
        errors,
        spread(r_real, np.nan),
        spread(r_synthetic, np.nan),
        spread(n_real, rows[0]).astype(np.int64),
        spread(n_synthetic, rows[1]).astype(np.int64),
    )


def with_separate_edges(columns: Sequence[AlignedColumn], common: PairErrors) -> PairErrors:
    """The errors of all pairs, numeric columns beside categories cut at each table's own edges, as SDMetrics does.

    A numeric pair where a column is constant in one table is undefined.

    Args:
        columns: of both tables.
        common: what `pair_errors` says of them; most of it stays.
    """
    numeric = np.asarray([column.is_numeric for column in columns], bool)
    first, second = np.triu_indices(len(columns), 1)
    both, mixed = numeric[first] & numeric[second], numeric[first] != numeric[second]
    errors = np.where(both & (np.isnan(common.real) | np.isnan(common.synthetic)), np.nan, common.errors)
    _fill(errors, [_separate(column) for column in columns] if mixed.any() else [], np.flatnonzero(mixed))
    return replace(common, errors=errors)


def _fill(errors: Floats, sides: Sequence["Discrete"], pairs: Codes) -> None:
    """Write the contingency errors of some pairs into `errors`, which belongs to the caller."""
    first, second = np.triu_indices(len(sides), 1)
    for pair in pairs:
        errors[pair] = contingency_error(sides[first[pair]], sides[second[pair]])


def _correlations(columns: Sequence[AlignedColumn]) -> tuple[Floats, Floats, Codes, Codes]:
    numeric = [column for column in columns if column.is_numeric]
    real = pearson(_values(numeric, [column.real for column in numeric]))
    synthetic = pearson(_values(numeric, [column.synthetic for column in numeric]))
    return real[0], synthetic[0], real[1], synthetic[1]


def _values(columns: Sequence[AlignedColumn], codes: Sequence[Codes]) -> Floats:
    """Numeric columns as (n, q) floats, NaN where a cell is missing or infinite."""
    values = [np.append(np.where(np.isfinite(column.numbers), column.numbers, np.nan), np.nan) for column in columns]
    return np.stack([v[c] for v, c in zip(values, codes, strict=True)], axis=1) if columns else np.empty((0, 0))


def pearson(values: Floats) -> tuple[Floats, Codes]:
    """Pearson's r of all pairs of columns, each over the rows where both are present.

    Args:
        values: shape (n, q), NaN where missing.

    Returns:
        r, shape (q, q), NaN where a column is constant over those rows, and the number of rows, shape (q, q).
    """
    present = ~np.isnan(values)
    mask = present.astype(np.float64)
    x = _standardised(values, present)
    n = mask.T @ mask
    safe = np.maximum(n, 1)
    sums, squares = x.T @ mask, (x**2).T @ mask
    covariance = x.T @ x / safe - sums * sums.T / safe**2
    variance = squares / safe - (sums / safe) ** 2
    variance = np.where(variance > 1e-12, variance, np.nan)
    with np.errstate(invalid="ignore"):
        r = np.clip(covariance / np.sqrt(variance * variance.T), -1.0, 1.0)
    return r, n.astype(np.int64)


def _standardised(values: Floats, present: NDArray[np.bool_]) -> Floats:
    """Columns of mean 0 and variance 1 over the present cells; 0 where missing, and all 0 where constant."""
    if not len(values):
        return values
    shift = values[present.argmax(axis=0), np.arange(values.shape[1])]
    x = np.where(present, values - np.nan_to_num(shift), 0.0)
    x /= np.maximum(np.abs(x).max(axis=0), np.finfo(np.float64).tiny)
    count = np.maximum(present.sum(axis=0), 1)
    x = np.where(present, x - x.sum(axis=0) / count, 0.0)
    scale = np.sqrt((x**2).sum(axis=0) / count)
    return x / np.where(scale > 0, scale, 1.0)


@dataclass(frozen=True, eq=False)
class Discrete:
    """A column as categories: the codes of both tables below `size`."""

    real: Codes
    synthetic: Codes
    size: int


def _discrete(column: AlignedColumn) -> Discrete:
    if not column.is_numeric:
        return Discrete(column.real, column.synthetic, len(column.support) + 1)
    inner = np.linspace(*_range(column, column.real), N_BINS + 1)[1:-1]
    bins = np.append(np.searchsorted(inner, column.numbers, side="right"), N_BINS)
    return Discrete(bins[column.real], bins[column.synthetic], N_BINS + 1)


def _separate(column: AlignedColumn) -> Discrete:
    if not column.is_numeric:
        return _discrete(column)
    return Discrete(_own_bins(column, column.real), _own_bins(column, column.synthetic), N_BINS + 2)


def _own_bins(column: AlignedColumn, codes: Codes) -> Codes:
    low, high = _range(column, codes)
    edges = np.linspace(low, high, N_BINS + 1) if low < high else np.linspace(low - 0.5, high + 0.5, N_BINS + 1)
    bins = np.append(np.digitize(column.numbers, edges), N_BINS + 1)
    return np.asarray(bins[codes], np.int64)


def _range(column: AlignedColumn, codes: Codes) -> tuple[float, float]:
    """The least and the greatest finite value among some cells, (0, 0) if there is none."""
    seen = np.zeros(len(column.support), bool)
    seen[codes[codes < len(seen)]] = True
    values = column.numbers[seen]
    values = values[np.isfinite(values)]
    return (float(values[0]), float(values[-1])) if len(values) else (0.0, 0.0)


def contingency_error(first: Discrete, second: Discrete) -> float:
    """Total variation distance between the contingency tables of two columns in the real and the synthetic table."""
    real = first.real * second.size + second.real
    synthetic = first.synthetic * second.size + second.synthetic
    cells = first.size * second.size
    if cells <= max(_MAX_CELLS, len(real) + len(synthetic)):
        shares = (
            np.bincount(real, minlength=cells) / len(real),
            np.bincount(synthetic, minlength=cells) / len(synthetic),
        )
        return float(np.abs(shares[0] - shares[1]).sum() / 2)
    keys_real, counts_real = np.unique(real, return_counts=True)
    keys_synthetic, counts_synthetic = np.unique(synthetic, return_counts=True)
    _, inverse = np.unique(np.concatenate([keys_real, keys_synthetic]), return_inverse=True)
    weights = np.concatenate([counts_real / len(real), -counts_synthetic / len(synthetic)])
    return float(np.abs(np.bincount(inverse, weights)).sum() / 2)


def pair_names(columns: Sequence[AlignedColumn]) -> list[tuple[str, str]]:
    """The names of all P pairs, in the order of `pair_errors`."""
    return list(combinations([column.name for column in columns], 2))
