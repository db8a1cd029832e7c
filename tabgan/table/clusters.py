"""Clusters of the categories of one column by what they occur with in the others.

Each category is described by how often it occurs together with the categories of the other columns (numbers are cut
into ranges), and the categories are then bisected again and again across their principal direction: principal
direction divisive partitioning (Boley 1998). DIFF: each cut leaves clusters of equal size, since the size of the
largest is what the code of a position in a cluster has to hold. Nothing is random, and memory is bounded whatever the
number of categories.

Letters in shapes: n rows, d categories, f features, r principal directions.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tabgan.table.relations import Coded

_MAX_CELLS = 1 << 23
_MAX_FEATURES = 256
_MIN_FEATURES = 16
_DIRECTIONS = 16
_PRIOR = 2.0


def features_each(d: int, n_others: int) -> int:
    """How many features `describe` takes of each of `n_others` columns, at least 2."""
    return max(_n_features(d) // max(n_others, 1), 2)


def _n_features(d: int) -> int:
    return min(max(_MAX_CELLS // d, _MIN_FEATURES), _MAX_FEATURES)


def describe(column: NDArray[np.int64], d: int, others: Sequence[Coded]) -> NDArray[np.float64]:
    """The categories of a column as points, near each other if they occur with the same cells; shape (d, r).

    Args:
        column: shape (n,), the categories.
        d: their number; each occurs.
        others: the columns to describe them by, of n rows each, as far as memory allows; of one with many categories
            only the most frequent ones count.
    """
    counts = np.bincount(column, minlength=d)
    each = features_each(d, len(others))
    used = others[: _n_features(d) // each]
    features = [_shares(column, counts, _thin(other, each)) for other in used]
    matrix = np.concatenate(features, axis=1) if features else np.zeros((d, 1), np.float32)
    matrix -= (counts @ matrix / counts.sum()).astype(np.float32)
    _, directions = np.linalg.eigh(_scatter(matrix, counts))
    kept = directions[:, ::-1][:, :_DIRECTIONS]
    return (matrix @ _signed(kept)).astype(np.float64)


def _thin(other: Coded, most: int) -> Coded:
    """The same column with at most `most` categories: the most frequent ones, and one for the rest."""
    if other.size <= most:
        return other
    ranks = np.empty(other.size, np.int32)
    ranks[np.argsort(-other.counts, kind="stable")] = np.arange(other.size)
    return Coded(np.minimum(ranks, most - 1)[other.codes], most)


def _shares(column: NDArray[np.int64], counts: NDArray[np.int64], other: Coded) -> NDArray[np.float32]:
    """How far each category's shares of the other column's differ from the usual, (d, f), in units of their chance."""
    d = len(counts)
    together = np.bincount(column * other.size + other.codes, minlength=d * other.size).reshape(d, other.size)
    usual = other.counts / other.counts.sum()
    smoothed = (together + _PRIOR * usual) / (counts[:, None] + _PRIOR)
    found: NDArray[np.float32] = ((smoothed - usual) / np.sqrt(usual)).astype(np.float32)
    return found


def _scatter(points: NDArray[np.floating], weights: NDArray[np.int64]) -> NDArray[np.float64]:
    return ((points * weights[:, None]).T @ points).astype(np.float64)


def _signed(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same directions (f, r), each turned so that its largest component is positive."""
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    return directions * np.where(largest < 0, -1.0, 1.0)


def split(points: NDArray[np.float64], weights: NDArray[np.int64], n_clusters: int) -> NDArray[np.int64]:
    """Points (d, r) in clusters of nearly equal size, numbered from 0; neighbours tend to have neighbouring numbers.

    Args:
        points: from `describe`.
        weights: shape (d,), the rows that each stands for.
        n_clusters: at least 1, at most d.
    """
    found = np.zeros(len(points), np.int64)
    pending = [(np.arange(len(points)), 0, n_clusters)]
    while pending:
        members, first, n = pending.pop()
        if n == 1:
            found[members] = first
            continue
        left = n // 2
        order = members[np.argsort(_along(points[members], weights[members]), kind="stable")]
        cut = len(members) * left // n
        pending += [(np.sort(order[:cut]), first, left), (np.sort(order[cut:]), first + left, n - left)]
    return found


def _along(points: NDArray[np.float64], weights: NDArray[np.int64]) -> NDArray[np.float64]:
    """Where points lie along their principal direction, shape (d,)."""
    centred = points - np.average(points, axis=0, weights=weights)
    _, directions = np.linalg.eigh(_scatter(centred, weights))
    return centred @ _signed(directions[:, -1:])[:, 0]
