"""Where the cells of a numeric column end: coarse cells, and fine ones within each.

A walk over the distinct values in ascending order collects them into cells, so a value that several rows share is never
split: it lies in one cell as a whole, and if it is heavy, in a cell of its own. Coarse cells are ever smaller towards
both ends of the column, because correlations hang on the few extreme values of a heavy tail. Pure NumPy, nothing is
drawn.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MAX_PLAIN = 40  # so few values are categories that a network learns at once; finer codes would only add noise
MAX_COARSE = 64  # more units cost time in every stage and every pair of columns, and add nothing that was measured
MAX_FINE = 16  # with about 20 coarse cells, 1/300 of the rows each: below what a sample can be told apart by
COARSE_SHARE = 1 / 20  # a cell must be common enough to be learnt by its likelihood
TAIL_SHARE = 1 / 1_024  # the outermost cells; from there each is about twice its neighbour further out
COARSE_ROWS = 20.0  # fewer rows in a cell say little of what goes with it
FINE_ROWS = 5.0
_OVERSHOOT = 1.1  # a cell is closed a little late rather than far too early
_SLACK = 0.5  # a value above this share of the target stands alone; a remainder below this share of the least is joined
_SHARED = 2.0  # rows of a value, on average, where a few values are worth a fine cell each
_COARSER = 1.25


def cut(weights: NDArray[np.float64]) -> tuple[NDArray[np.intp], tuple[int, ...]]:
    """The cells of a column whose ascending distinct values hold `weights` rows each, shape (d,), d >= 1.

    Returns:
        Where the C cells start and end as positions among the values, shape (C + 1,), strictly ascending from 0 to d;
        and how many of the cells, in order, each coarse cell holds: at least 1, at most 16, C in all.
    """
    d = len(weights)
    if d <= MAX_PLAIN:
        return np.arange(d + 1), (1,) * d
    total = float(weights.sum())
    shares = weights / total
    middles = np.cumsum(shares) - shares / 2
    targets = np.clip(np.minimum(middles, 1 - middles), TAIL_SHARE, COARSE_SHARE)
    coarse = _walk_within(shares, targets, COARSE_ROWS / total, MAX_COARSE)
    fine = [start + _cut_fine(shares[start:end], total) for start, end in pairwise(coarse.tolist())]
    return np.concatenate([[0], *fine]).astype(np.intp), tuple(len(ends) for ends in fine)


def _cut_fine(shares: NDArray[np.float64], total: float) -> NDArray[np.intp]:
    """Where the fine cells of one coarse cell of a column with `total` rows end, shape (its cells,)."""
    shared = shares.sum() * total >= _SHARED * len(shares)
    if shared and len(shares) <= MAX_FINE:
        return np.arange(1, len(shares) + 1)
    targets = np.full(len(shares), shares.sum() / MAX_FINE)
    return _walk_within(shares, targets, FINE_ROWS / total, MAX_FINE)[1:]


def _walk_within(
    shares: NDArray[np.float64], targets: NDArray[np.float64], least: float, most: int
) -> NDArray[np.intp]:
    """The borders that a walk sets, by targets that grow until there are at most `most` cells."""
    borders = _walk(shares, np.maximum(targets, least), least)
    while len(borders) - 1 > most:
        targets = targets * _COARSER
        borders = _walk(shares, np.maximum(targets, least), least)
    return borders


def _walk(shares: NDArray[np.float64], targets: NDArray[np.float64], least: float) -> NDArray[np.intp]:
    """The borders of cells of about `targets`, which may differ from value to value; shape (cells + 1,)."""
    ends = np.cumsum(shares)
    heavy = np.append(np.flatnonzero(shares > _SLACK * targets), len(shares))
    borders, joins = [0], False
    while borders[-1] < len(shares):
        start = borders[-1]
        wall = int(heavy[np.searchsorted(heavy, start)])
        end = start + 1 if wall == start else _reach(ends, targets, start, wall)
        small = ends[end - 1] - ends[start] + shares[start] < _SLACK * least
        if joins and small and wall != start:
            borders[-1] = end
        else:
            borders.append(end)
        joins = wall != start
    return np.array(borders, np.intp)


def _reach(ends: NDArray[np.float64], targets: NDArray[np.float64], start: int, wall: int) -> int:
    """Where a cell from `start` ends: at `wall` at the latest, and before it outgrows the target at either end."""
    before = float(ends[start - 1]) if start else 0.0
    stop = int(np.searchsorted(ends, before + _OVERSHOOT * targets[start], side="right"))
    stop = min(max(stop, start + 1), wall)
    fits = ends[start + 1 : stop] - before <= _OVERSHOOT * targets[start + 1 : stop]
    return stop if fits.all() else start + 1 + int(np.argmin(fits))
