"""Rows as points, for everything that needs distances.

Each column adds about as much to the squared distance of two rows as any other, whatever its unit. A number becomes its
middle rank among the real cells, from 0 to 1 and times √3, so that two random numbers are 1/2 apart in squared distance
on average, as two random cells of a balanced yes-or-no column are; the shape of a numeric column is thus lost, and a
value beyond the real ones is no further than the end. Two differing categories are 1 apart. A missing category is one
more category; a missing number lies in the middle, and an indicator keeps it 1 apart from the present ones on average
(3/4 at least).

The width of a point is bounded: where columns have many categories, each keeps its frequent ones, and the rare ones
share places by a hash. Rows that differ only in rare categories which share a place are therefore the same point:
nearer than they are.

Letters used for shapes: n rows, f features, K distinct values of a column.
"""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.aligned import AlignedColumn

MAX_FEATURES = 1500
MAX_CATEGORIES = 255
_MIN_CATEGORIES = 3
_SPREAD = np.sqrt(3)
_APART = np.sqrt(0.5)

Points = NDArray[np.float32]
Codes = NDArray[np.integer]


def embed(columns: Sequence[AlignedColumn], cells: Sequence[Codes], max_features: int = MAX_FEATURES) -> Points:
    """Rows as points whose Euclidean distances can be compared.

    Rows of several tables belong into one call, since rare categories are told from frequent ones by all `cells`; the
    caller splits the result.

    Args:
        columns: their real side gives the ranks.
        cells: for each column the positions of n cells in its support, K where missing, shape (n,) each.
        max_features: what f should not exceed.

    Returns:
        Shape (n, f); f is at most `max_features`, unless the columns are so many that each can have no more than
        2 features, or 4 for a column of categories.

    Raises:
        ValueError: if there are no columns.
    """
    if not columns:
        raise ValueError("expected at least one column to make points of, got none")
    limit = _most_categories(columns, max_features)
    parts = [
        _number(column, codes) if column.is_numeric else _category(column, codes, limit)
        for column, codes in zip(columns, cells, strict=True)
    ]
    return np.concatenate(parts, axis=1)


def grouped(column: AlignedColumn, cells: Codes, most: int = MAX_CATEGORIES) -> Codes:
    """A code below `most` for each value: the frequent ones keep one to themselves, the rest share by a hash.

    Neither looks at which table a cell comes from. A value of the support that is not among `cells` has no place of
    its own.

    Args:
        column: of categories.
        cells: positions in its support, by which values are frequent.
        most: at least 2.

    Returns:
        Shape (K,).
    """
    size = len(column.support)
    if size <= most:
        return np.arange(size)
    counts = np.bincount(cells, minlength=size + 1)[:size]
    order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
    shared = (most + 1) // 4
    own = most - shared
    groups = np.zeros(size, np.int64)
    groups[order[:own]] = np.arange(len(order[:own]))
    rest = order[own:]
    groups[rest] = [own + crc32(label.encode()) % shared for label in column.labels(rest)]
    return groups


def middle_ranks(column: AlignedColumn) -> NDArray[np.float64]:
    """The share of the present real cells below each value of the support, those equal to it counted half; (K,)."""
    counts = np.bincount(column.real, minlength=len(column.support) + 1)[:-1]
    total = int(counts.sum())
    return (np.cumsum(counts) - counts / 2) / total if total else np.full(len(counts), 0.5)


def _most_categories(columns: Sequence[AlignedColumn], max_features: int) -> int:
    """How many categories each column may have so that all features together stay within a number."""
    sizes = np.asarray([len(column.support) for column in columns if not column.is_numeric], np.int64)
    left = max_features - 2 * (len(columns) - len(sizes)) - len(sizes)
    limits = range(MAX_CATEGORIES, _MIN_CATEGORIES, -1)
    return next((limit for limit in limits if np.minimum(sizes, limit).sum() <= left), _MIN_CATEGORIES)


def _number(column: AlignedColumn, cells: Codes) -> Points:
    missing = cells == len(column.support)
    ranks = np.append(middle_ranks(column), 0.5)[cells]
    features = [ranks * _SPREAD, missing * (_SPREAD / 2)] if missing.any() else [ranks * _SPREAD]
    return np.stack(features, axis=1).astype(np.float32)


def _category(column: AlignedColumn, cells: Codes, most: int) -> Points:
    codes = np.append(grouped(column, cells, most), most)[cells]
    occurs = np.bincount(codes, minlength=most + 1) > 0
    points = np.zeros((len(cells), int(occurs.sum())), np.float32)
    points[np.arange(len(cells)), (np.cumsum(occurs) - 1)[codes]] = _APART
    return points
