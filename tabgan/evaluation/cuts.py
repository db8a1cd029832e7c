"""Columns as categories: for counting how often the cells of two columns occur together.

A category is itself, and a missing cell one more. A numeric column is cut into 10 bins of equal width in two ways at
once: at *common* edges, those of the real column, with synthetic cells beyond them in the end bins, and at *separate*
edges, those of each table's own range, with the maximum and every missing cell in a last bin. So that the rows are
counted only once, cells are cut at the edges of both kinds into fine bins, and neighbouring fine bins then make up the
bins of either kind.

Letters used for shapes: n rows of one table, K distinct values.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.aligned import AlignedColumn

Floats = NDArray[np.float64]
Codes = NDArray[Any]
Starts = NDArray[np.intp]

N_BINS = 10
N_FINE = 2 * N_BINS + 1  # between the 9 inner common edges and the 11 separate ones; missing cells come after them


@dataclass(frozen=True, eq=False)
class Side:
    """The cells of one table as categories.

    Attributes:
        codes: the category of each cell, whole numbers of any width, shape (n,).
        common: the fine bin with which each common one starts, for numeric columns; shape (`N_BINS` + 1,).
        separate: likewise for the separate ones, shape (`N_BINS` + 2,).
    """

    codes: Codes
    common: Starts | None = None
    separate: Starts | None = None


@dataclass(frozen=True, eq=False)
class Cut:
    """A column of both tables as categories, all codes below `size`; `numeric` if they are fine bins."""

    real: Side
    synthetic: Side
    size: int
    numeric: bool


def cut(column: AlignedColumn) -> Cut:
    """The cells of both tables as categories."""
    if not column.is_numeric:
        return Cut(Side(column.real), Side(column.synthetic), len(column.support) + 1, False)
    real, synthetic = _range(column, column.real), _range(column, column.synthetic)
    common = np.linspace(*real, N_BINS + 1)[1:-1]
    sides = _fine(column, column.real, common, *real), _fine(column, column.synthetic, common, *synthetic)
    return Cut(*sides, N_FINE + 1, True)


def _fine(column: AlignedColumn, codes: Codes, common: Floats, low: float, high: float) -> Side:
    """The fine bin of each cell: how many edges of either kind are at or below it.

    The numbers of the support ascend, so an edge is a place in the support, and the edges are looked up there.
    """
    separate = np.linspace(low, high, N_BINS + 1) if low < high else np.linspace(low - 0.5, high + 0.5, N_BINS + 1)
    places = np.searchsorted(column.numbers, np.concatenate([common, separate]))
    order = np.argsort(places, kind="stable")
    sizes = np.diff(places[order], prepend=0, append=len(column.support))
    bins = np.append(np.repeat(np.arange(N_FINE, dtype=np.uint8), sizes), np.uint8(N_FINE))
    is_common = order < len(common)
    common_starts = np.concatenate([[0], 1 + np.flatnonzero(is_common), [N_FINE]])
    return Side(bins.take(codes), common_starts, np.append(0, 1 + np.flatnonzero(~is_common)))


def _range(column: AlignedColumn, codes: Codes) -> tuple[float, float]:
    """The least and the greatest finite value among some cells, (0, 0) if there is none."""
    first, last = np.searchsorted(column.numbers, -np.inf, side="right"), np.searchsorted(column.numbers, np.inf)
    if not len(codes):
        return 0.0, 0.0
    low, high = int(codes.min()), int(codes.max())
    if low < first or high >= last:
        finite = codes[(codes >= first) & (codes < last)]
        if not len(finite):
            return 0.0, 0.0
        low, high = int(finite.min()), int(finite.max())
    return float(column.numbers[low]), float(column.numbers[high])
