"""How large a difference between two columns is, how sure that is, and what noise alone would give.

Each distance is a norm of the difference of two vectors of shares. A measured distance is too large on average, by far
where the true one is 0, and so are its bootstrap copies: their percentiles would miss the truth. But the norms of two
vectors lie no further apart than the norm of their difference, so the interval reaches as far on both sides as the 95 %
quantile of the norm by which bootstrap samples miss the measured shares. It covers the true distance at least as often
as it says, and does not try to be short. Upwards it can be cut: the true distance is the true difference of the shares
of one fixed set, a measured distance is never smaller than the measured difference in that set, and the standard error
of a share is known.

Counts have shape (K + 1,): K values in ascending order, then the missing cells.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.distances import Measure, doubt, shares_of
from tabgan.evaluation.proportions import NORMAL_95
from tabgan.evaluation.results import Estimate

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

RESAMPLES = 199
FLOOR_RESAMPLES = 99
LEAST_RESAMPLES = 19
LEAST_FLOOR_RESAMPLES = 5
CONFIDENCE = 0.95
MAX_CELLS = 1024
MAX_UNSEEN = 500_000
_ENDS = 64
_MAX_DRAWN = 4_000_000


def estimates(
    measures: tuple[Measure, ...], real: Counts, synthetic: Counts, rng: np.random.Generator, *, sparse: bool
) -> list[Estimate]:
    """Each measure with its standard error, its 95 % interval and its noise floor.

    Args:
        measures: what to measure.
        real: counts, shape (K + 1,).
        synthetic: likewise.
        rng: of every draw.
        sparse: whether the values are categories, of which many may be rare or not seen at all.
    """
    spread, missed = _bootstrap(measures, real, synthetic, rng, sparse)
    noise = _floor(measures, real, int(synthetic.sum()), rng, sparse)
    last = int(np.ceil(CONFIDENCE * (missed.shape[1] + 1))) - 1
    reach = np.sort(missed, axis=1)[:, last]
    values = [min(float(measure.distance(real, synthetic)), measure.most) for measure in measures]
    sizes = int(real.sum()), int(synthetic.sum())
    up = [min(float(far), NORMAL_95 * measure.error(*sizes)) for far, measure in zip(reach, measures, strict=True)]
    return [
        Estimate(
            value=value,
            standard_error=_std(spread[i]),
            low=max(value - float(reach[i]), 0.0),
            high=min(value + up[i], measures[i].most),
            floor=float(noise[i].mean()),
            floor_error=_std(noise[i]) / float(np.sqrt(noise.shape[1])),
        )
        for i, value in enumerate(values)
    ]


def _std(values: Floats) -> float:
    """The standard deviation of numbers whose squares may be too large for floats, none of them negative."""
    largest = float(values.max())
    return largest * float((values / largest).std(ddof=1)) if largest > 0 else 0.0


def moved(estimate: Estimate, value: float, most: float) -> Estimate:
    """The estimate about another value, for one whose uncertainty was found on coarser cells."""
    value = min(value, most)
    shift = value - estimate.value
    low = None if estimate.low is None else max(estimate.low + min(shift, 0.0), 0.0)
    high = None if estimate.high is None else min(estimate.high + max(shift, 0.0), most)
    return replace(estimate, value=value, low=low, high=high)


def _bootstrap(
    measures: tuple[Measure, ...], real: Counts, synthetic: Counts, rng: np.random.Generator, sparse: bool
) -> tuple[Floats, Floats]:
    """The distances between fresh samples, and the norms by which these miss the difference of the shares.

    Returns:
        Shape (measures, resamples) each.
    """
    extra = doubt(real, synthetic, sparse=sparse)
    sides = shares_of(real), shares_of(synthetic)
    at = [measure.shares(sides[0]) - measure.shares(sides[1]) for measure in measures]
    spread: list[list[Floats]] = [[] for _ in measures]
    missed: list[list[Floats]] = [[] for _ in measures]
    for size in _chunks(len(real), LEAST_RESAMPLES, RESAMPLES):
        fresh = [
            side + _deviations(counts + extra, int(counts.sum()), size, rng)
            for side, counts in zip(sides, (real, synthetic), strict=True)
        ]
        for i, measure in enumerate(measures):
            difference = measure.shares(fresh[0]) - measure.shares(fresh[1])
            spread[i].append(measure.norm(difference))
            missed[i].append(measure.norm(difference - at[i]))
    return np.stack([np.concatenate(part) for part in spread]), np.stack([np.concatenate(part) for part in missed])


def _deviations(counts: Floats, size: int, resamples: int, rng: np.random.Generator) -> Floats:
    """By how much the shares of `size` cells deviate from what is expected of `counts`, shape (resamples, K + 1)."""
    shares = shares_of(counts)
    drawn = rng.multinomial(round(counts.sum()), shares, size=resamples)
    deviations: Floats = (drawn - counts) / size
    return deviations


def _floor(measures: tuple[Measure, ...], real: Counts, m: int, rng: np.random.Generator, sparse: bool) -> Floats:
    """The measures between two samples of what `real` is a sample of, shape (measures, resamples)."""
    shares = community(real) if sparse else shares_of(real)
    noise: list[list[Floats]] = [[] for _ in measures]
    for size in _chunks(len(shares), LEAST_FLOOR_RESAMPLES, FLOOR_RESAMPLES):
        drawn = [rng.multinomial(total, shares, size=size) for total in (int(real.sum()), m)]
        for part, measure in zip(noise, measures, strict=True):
            part.append(measure.distance(*drawn))
    return np.stack([np.concatenate(part) for part in noise])


def _chunks(width: int, least: int, most: int) -> list[int]:
    """The sizes of the parts in which resamples are drawn; fewer resamples where there are very many values."""
    resamples = int(np.clip(_MAX_DRAWN // width, least, most))
    chunk = max(1, _MAX_DRAWN // 4 // width)
    return [min(chunk, resamples - start) for start in range(0, resamples, chunk)]


def community(counts: Counts) -> Floats:
    """The shares of the categories behind a sample, those that it has missed at the end, shape (K + 1 + unseen,).

    How many are missed, and how much of the whole they hold, is estimated from the categories that occur once and
    twice (Chao et al., "Rarefaction and extrapolation with Hill numbers", 2014, appendix G). Two samples drawn from the
    sample itself would be too alike.
    """
    n, once, twice = int(counts.sum()), int((counts == 1).sum()), int((counts == 2).sum())
    pairs, doubles = (once**2, 2 * twice) if twice else (once * (once - 1), 2)
    shares = shares_of(counts)
    if n < 2 or pairs == 0:
        return shares
    unseen = min(int(np.ceil((n - 1) / n * pairs / doubles)), MAX_UNSEEN)
    ratio = (n - 1) * pairs / max(once, 1)
    hidden = once / n * ratio / (ratio + doubles)
    shrink = shares * (1 - shares) ** n
    seen = np.maximum(shares - hidden / shrink.sum() * shrink, 0.0)
    whole = np.append(seen, np.full(unseen, hidden / unseen))
    return shares_of(whole)


def coarsen(real: Counts, synthetic: Counts) -> tuple[Counts, Counts, Counts]:
    """Neighbouring values joined into little more than `MAX_CELLS` cells of like mass, for resampling numbers.

    A value that holds more than its share keeps a cell's end to itself, so D changes by less than 1 in MAX_CELLS; the
    values at both ends stay alone, since they lie far apart.

    Returns:
        The counts of the cells, the missing cells last, and the position of the first value of each cell.
    """
    values = len(real) - 1
    if values <= MAX_CELLS:
        return real, synthetic, np.arange(values)
    pooled = (real + synthetic)[:-1]
    before = np.cumsum(pooled) - pooled
    cells = before * MAX_CELLS // max(int(pooled.sum()), 1)
    fresh = np.diff(cells, prepend=-1) != 0
    fresh[:_ENDS] = fresh[-_ENDS:] = True
    starts = np.flatnonzero(fresh)
    join = [np.append(np.add.reduceat(counts[:-1], starts), counts[-1]) for counts in (real, synthetic)]
    return join[0], join[1], starts
