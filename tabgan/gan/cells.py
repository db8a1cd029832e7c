"""Rows in a coarse form in which they can be compared: each column as a few cells, and a row as a point.

Figures of a run are measured on a thousand rows, which fill few cells only: the numbers of a column fall into eight
cells of as many rows each, and rare categories share one. As points, rows have a one-hot vector for each code without
an order and the normal score of each number. Coordinates are multiples of 1/16, so that products of matrices give
distances without rounding, and rows that are equal have a distance of exactly 0. What cells and scores mean is learnt
from the rows to learn; of wide tables only some columns are looked at.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tabgan.layout import ColumnSlots, Layout

MAX_COLUMNS = 64
"""Columns that are looked at, evenly spaced over the table."""
BINS, MAX_CELLS = 8, 16
"""Cells of the numbers of a column, and of any column."""
MAX_POINT = 1_024
"""Coordinates of a point: categories of wide tables share some."""
_GRID = 16

Codes = NDArray[np.integer]


class Cells:
    """What cells and scores mean in one table.

    Args:
        layout: of the table.
        learnt: codes (n, k) of rows to learn, in the order of the layout; at least one.
    """

    def __init__(self, layout: Layout, learnt: Codes) -> None:
        chosen = _spread(len(layout.columns), MAX_COLUMNS)
        self._columns = [(layout.columns[column], layout.code_slices[column]) for column in chosen]
        self._numbers = [
            np.sort(_number(slots, learnt[:, codes])[_in_order(slots, learnt[:, codes])])
            for slots, codes in self._columns
        ]
        self._edges = [_edges(slots, known) for (slots, _), known in zip(self._columns, self._numbers, strict=True)]
        raw = [self._raw(place, learnt) for place in range(len(self._columns))]
        self._ranks = [_ranks(own) for own in raw]
        n_onehots = sum(1 if slots.ordered else len(slots.cardinalities) for slots, _ in self._columns)
        self._buckets = max(MAX_POINT // max(n_onehots, 1), 2)

    @property
    def n_columns(self) -> int:
        """Columns that are looked at."""
        return len(self._columns)

    def of(self, codes: Codes) -> NDArray[np.int64]:
        """The cells (n, m) of rows of codes (n, k), each below `MAX_CELLS`."""
        cells = [ranks[np.minimum(self._raw(place, codes), len(ranks) - 1)] for place, ranks in enumerate(self._ranks)]
        return np.stack(cells, 1)

    def points(self, codes: Codes) -> NDArray[np.float32]:
        """Rows of codes (n, k) as points (n, p)."""
        blocks = []
        for (slots, own), known in zip(self._columns, self._numbers, strict=True):
            part = codes[:, own]
            if not slots.ordered:
                blocks += [
                    _onehot(part[:, level], size, self._buckets) for level, size in enumerate(slots.cardinalities)
                ]
                continue
            inside = _in_order(slots, part)
            outside = np.where(inside, 0, part[:, 0].astype(np.int64) - slots.ordered + 1)
            blocks.append(_onehot(outside, slots.cardinalities[0] - slots.ordered + 1, self._buckets))
            blocks.append(np.where(inside, _scores(known, _number(slots, part)), 0)[:, None])
        return np.concatenate(blocks, 1).astype(np.float32)

    def _raw(self, place: int, codes: Codes) -> NDArray[np.int64]:
        """The cells (n,) of one column before rare ones are put together."""
        slots, own = self._columns[place]
        part = codes[:, own]
        if not slots.ordered:
            return part[:, 0].astype(np.int64)
        edges = self._edges[place]
        within = np.searchsorted(edges, _number(slots, part), side="right")
        outside = len(edges) + 1 + part[:, 0].astype(np.int64) - slots.ordered
        return np.where(_in_order(slots, part), within, outside)


def _spread(n: int, most: int) -> list[int]:
    """At most so many of the numbers below `n`, evenly spaced."""
    return [int(place) for place in np.linspace(0, n - 1, min(n, most))]


def _in_order(slots: ColumnSlots, part: Codes) -> NDArray[np.bool_]:
    """Whether each cell (n,) of a column stands in its order."""
    return part[:, 0] < slots.ordered


def _number(slots: ColumnSlots, part: Codes) -> NDArray[np.int64]:
    """The codes of a column with an order as one number (n,) that ascends with what they stand for."""
    number = np.zeros(len(part), np.int64)
    if slots.ordered:
        for level, size in enumerate(slots.cardinalities):
            number = number * size + part[:, level]
    return number


def _edges(slots: ColumnSlots, known: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where the cells of a column's numbers begin but for the first: at their quantiles."""
    if not slots.ordered or not len(known):
        return np.zeros(0, np.int64)
    edges: NDArray[np.int64] = np.unique(known[np.arange(1, BINS) * len(known) // BINS])
    above: NDArray[np.int64] = edges[edges > known[0]]
    return above


def _ranks(raw: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each cell its own number where it is among the most frequent, else the last; one more entry for others."""
    counts = np.bincount(raw)
    order = np.argsort(-counts, kind="stable")
    ranks = np.empty(len(counts) + 1, np.int64)
    ranks[order] = np.arange(len(counts))
    ranks[-1] = len(counts)
    return np.minimum(ranks, MAX_CELLS - 1)


def _scores(known: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Normal scores (n,) of numbers among known ones, on a grid."""
    if not len(known):
        return np.zeros(len(numbers))
    middle = (np.searchsorted(known, numbers) + np.searchsorted(known, numbers, side="right")) / 2
    edge = 0.25 / len(known)
    scores: NDArray[np.float64] = np.round(ndtri((middle / len(known)).clip(edge, 1 - edge)) * _GRID) / _GRID
    return scores


def _onehot(code: Codes, size: int, buckets: int) -> NDArray[np.float32]:
    """One-hot vectors (n, u), u at most `buckets`; categories that are too many share their units."""
    width = min(size, buckets)
    vectors = np.zeros((len(code), width), np.float32)
    vectors[np.arange(len(code)), code.astype(np.int64) % width] = 1
    return vectors
