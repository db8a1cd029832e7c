"""Distances between two columns of counts: Kolmogorov-Smirnov, total variation, Cramér's V and Wasserstein.

Each is a norm of the difference of two vectors of shares, which `effect` needs to say how sure a distance is. All but
the last lie between 0 and 1.

Counts have shape (K + 1,): K values in ascending order, then the missing cells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Distance = Callable[[NDArray[Any], NDArray[Any]], Floats]

_ROUNDING = 1e-12


def shares_of(counts: NDArray[Any]) -> Floats:
    """The shares of counts, shape (..., K + 1)."""
    shares: Floats = counts / counts.sum(-1, keepdims=True)
    return shares


def _all(shares: Floats) -> Floats:
    return shares


def _present(shares: Floats) -> Floats:
    """The shares among the present cells, shape (..., K); 0 where none is present."""
    present = shares[..., :-1]
    total = present.sum(-1, keepdims=True)
    among: Floats = np.divide(present, total, out=np.zeros_like(present), where=total > _ROUNDING)
    return among


def _ks_norm(difference: Floats) -> Floats:
    above = np.cumsum(difference[..., :-1], axis=-1)
    missing = difference[..., -1:]
    both = np.concatenate([above, above + missing, missing], axis=-1)
    norm: Floats = np.abs(both).max(axis=-1)
    return norm


def _half_sum(difference: Floats) -> Floats:
    norm: Floats = np.abs(difference).sum(axis=-1) / 2
    return norm


def _weighted(weights: Floats, difference: Floats) -> Floats:
    norm: Floats = np.sqrt((weights * difference**2).sum(axis=-1))
    return norm


def _area(widths: Floats, difference: Floats) -> Floats:
    reach = float(widths.sum())
    if reach == 0:
        return np.zeros(difference.shape[:-1])
    norm: Floats = (np.abs(np.cumsum(difference[..., :-1], axis=-1)) * (widths / reach)).sum(axis=-1) * reach
    return norm


def ks_distance(real: NDArray[Any], synthetic: NDArray[Any]) -> Floats:
    """The two-sample Kolmogorov-Smirnov distance with missing cells as a point mass of their own.

    Missing cells have no place among the numbers, so they are put below all of them and above all of them, and the
    larger distance counts: without missing cells this is KS D, and it is never smaller than the difference of the
    missing shares.

    Args:
        real: counts, shape (..., K + 1), the missing cells last.
        synthetic: likewise.

    Returns:
        Shape (...).
    """
    return _ks_norm(shares_of(real) - shares_of(synthetic))


def total_variation(real: NDArray[Any], synthetic: NDArray[Any]) -> Floats:
    """Half the summed difference of the shares; missing cells are a category. Shapes as in `ks_distance`."""
    return _half_sum(shares_of(real) - shares_of(synthetic))


def cramers_v(real: NDArray[Any], synthetic: NDArray[Any]) -> Floats:
    """Cramér's V between the category and the table a cell comes from, without bias correction.

    It is the root of chi-square (no continuity correction, no merged categories) over the number of cells; since one
    side of the table is 2, no further divisor is needed. Shapes as in `ks_distance`.
    """
    return _weighted(_precision(real, synthetic), shares_of(real) - shares_of(synthetic))


def _precision(real: NDArray[Any], synthetic: NDArray[Any]) -> Floats:
    """The weights that make the summed squares of a difference of shares V²; 0 for categories that never occur."""
    pooled = np.asarray(real + synthetic, np.float64)
    n, m = (np.asarray(side.sum(-1, keepdims=True), np.float64) for side in (real, synthetic))
    return np.divide(n * m / (n + m), pooled, out=np.zeros_like(pooled), where=pooled > 0)


def wasserstein(numbers: Floats, real: NDArray[Any], synthetic: NDArray[Any]) -> Floats:
    """How far a present cell has to move on average to turn one distribution into the other: the area between the two.

    Args:
        numbers: the values, ascending and finite, shape (K,).
        real: counts, shape (..., K + 1), the missing cells last; they have no place and do not count.
        synthetic: likewise.
    """
    return _area(np.diff(numbers), _present(shares_of(real)) - _present(shares_of(synthetic)))


@dataclass(frozen=True, eq=False)
class Measure:
    """A distance, and how it is a norm.

    Attributes:
        distance: between counts, shape (..., K + 1) each.
        norm: `distance` is the norm of the difference of both tables' shares.
        shares: takes the shares of all cells to those that the norm is of.
        most: the largest distance there can be.
        error: of samples of two sizes, the largest standard error that the difference can have along one fixed
            direction, such as in the share of one set of values.
    """

    distance: Distance
    norm: Callable[[Floats], Floats]
    shares: Callable[[Floats], Floats] = _all
    most: float = 1.0
    error: Callable[[int, int], float] = lambda n, m: 0.5 * (1 / n + 1 / m) ** 0.5


def doubt(real: Counts, synthetic: Counts, *, sparse: bool) -> Floats:
    """What is added to the counts of each side before cells are drawn from them: half a cell (Jeffreys' prior).

    Without it a category that occurs once or never would seem as certain as one that occurs a thousand times. The
    missing cells stand for all that has not been seen, and bring the sum to a whole number. Numbers need none, since
    their shares are summed up.
    """
    extra = np.where((real + synthetic > 0) & sparse, 0.5, 0.0)
    extra[-1] = 1.0 - extra[:-1].sum() % 1
    return extra


KS = Measure(ks_distance, _ks_norm)
TOTAL_VARIATION = Measure(total_variation, _half_sum)


def cramers_v_measure(real: Counts, synthetic: Counts) -> Measure:
    """Cramér's V with the weights that categories have in these tables, half a cell added to each side."""
    extra = doubt(real, synthetic, sparse=True)
    norm = partial(_weighted, _precision(real + extra, synthetic + extra))
    return Measure(cramers_v, norm, error=lambda n, m: (max(n, m) / min(n, m) / (n + m)) ** 0.5)


def wasserstein_measure(numbers: Floats) -> Measure:
    """The Wasserstein distance over the values `numbers`, ascending and finite, shape (K,)."""
    distance = partial(wasserstein, numbers)
    return Measure(distance, partial(_area, np.diff(numbers)), _present, float("inf"), lambda n, m: float("inf"))
