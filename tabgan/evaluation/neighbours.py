"""The nearest rows, found among points (see `embedding`) by looking at all of them.

Letters used for shapes: n points that look for their nearest, m points among which they look, f features.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from tabgan.evaluation.embedding import Points

_DIGITS = 6
_MAX_CELLS = 8_000_000


def nearest(points: Points, reference: Points, k: int = 1) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The k nearest points of the reference.

    They are found by scalar products, which blur the smallest distances; so these are computed once more, and rounded
    to six decimals so that equal ones are equal.

    Args:
        points: shape (n, f).
        reference: shape (m, f), at least one.
        k: fewer are found where the reference has fewer.

    Returns:
        The distances, ascending, and the places in `reference`; shape (n, min(k, m)) each.
    """
    k = min(k, len(reference))
    if not points.shape[1]:
        return np.zeros((len(points), k)), np.tile(np.arange(k), (len(points), 1))
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(reference)
    places: NDArray[np.int64] = search.kneighbors(points, return_distance=False).astype(np.int64)
    distances = _distances(points, reference, places)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(distances, order, axis=1), np.take_along_axis(places, order, axis=1)


def _distances(points: Points, reference: Points, places: NDArray[np.int64]) -> NDArray[np.float64]:
    chunk = max(1, _MAX_CELLS // (places.shape[1] * points.shape[1]))
    parts = [
        np.linalg.norm(
            points[start : start + chunk, None].astype(np.float64) - reference[places[start : start + chunk]], axis=2
        )
        for start in range(0, len(points), chunk)
    ]
    return np.round(np.concatenate(parts), _DIGITS)


def affordable(reference: Points, most: int, work: float, least: int = 200) -> int:
    """How many points can look for their nearest one within some work, counted in products of two features.

    Args:
        reference: shape (m, f).
        most: no more than these.
        work: products; some 10 to 20 thousand million take a second on one core.
        least: no fewer than these, unless `most` is less.
    """
    return min(most, max(least, int(work / max(reference.size, 1))))
