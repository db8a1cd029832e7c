"""The two-sample Kolmogorov-Smirnov test on counts, with p values that know about ties.

Laid out in ascending order, the cells of both tables are a walk: at each cell the difference of the two distribution
functions goes up (a real cell) or down (a synthetic one), and D is how far it strays from 0. If both tables come from
one distribution, every order of the ups and downs is equally likely. Equal cells have no order, so the walk is seen
only where a group of ties ends; a test that ignores this gives p values that are too large, on columns of few values
by far.

Three ways to the same p, by what is feasible: SciPy's where nothing is tied; else the exact distribution given the ties
of small tables; else a Brownian bridge that is seen at the ends of the groups alone.

Letters used for shapes: K values, G nodes of a quadrature. n real and m synthetic cells, N of both, i cells from the
left, of which a are real.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_SCIPY = 10_000
MAX_EXACT = 10_000
MAX_EXACT_WORK = 8_000_000
CERTAIN = 1e-15
FAR = 3.0
LEVEL, POWER = 0.05, 0.8

_HEAVY = 1 / 200
_RUNS = 50
_TINY = 1 / 4000
_SEEN = 8.0
_SIEGMUND = 0.5826
_LOOKS, _DRAWS, _CELLS = 250, 200, 100_000


@dataclass(frozen=True)
class KSTest:
    """The outcome of `ks_test`: D, and the chance of one as large under equal distributions."""

    statistic: float
    p_value: float


def ks_test(real: Counts, synthetic: Counts) -> KSTest:
    """D and its two-sided p value, given the ties.

    Args:
        real: how often each value occurs, ascending, shape (K,); without missing cells.
        synthetic: likewise, over the same values.

    Returns:
        Without ties SciPy's `ks_2samp`: exact up to `MAX_SCIPY` cells a side (and p above `CERTAIN`), else asymptotic.
        With ties exact where N² is small, else asymptotic; a p below 1e-7 is then an upper bound of itself.

    Raises:
        ValueError: if a table has no cells.
    """
    if not real.any() or not synthetic.any():
        raise ValueError("a Kolmogorov-Smirnov test needs cells in both tables")
    real, synthetic = _seen(real, synthetic)
    n, m = int(real.sum()), int(synthetic.sum())
    sizes = real + synthetic
    gap = int(np.abs(np.cumsum(real) * m - np.cumsum(synthetic) * n).max())
    statistic = gap / n / m
    if gap == 0:
        return KSTest(0.0, 1.0)
    if sizes.max() == 1:
        return KSTest(statistic, _untied(real, statistic, n, m))
    small = n + m <= MAX_EXACT and (n + m) * min(n, m) <= MAX_EXACT_WORK
    found = exact_p(sizes, gap, n, m) if small else bridge_p(sizes, gap, n, m)
    return KSTest(statistic, float(np.clip(found, 0.0, 1.0)))


def _seen(real: Counts, synthetic: Counts) -> tuple[Counts, Counts]:
    kept = (real > 0) | (synthetic > 0)
    return real[kept].astype(np.int64), synthetic[kept].astype(np.int64)


def _untied(real: Counts, statistic: float, n: int, m: int) -> float:
    asymptotic = float(stats.kstwo.sf(statistic, max(round(n * m / (n + m)), 1)))
    if max(n, m) > MAX_SCIPY or asymptotic < CERTAIN:
        return asymptotic
    return float(stats.ks_2samp(np.flatnonzero(real), np.flatnonzero(real == 0)).pvalue)


def exact_p(sizes: Counts, gap: int, n: int, m: int) -> float:
    """The share of all orders of the cells whose D is at least `gap` / (n m), given the ties.

    The walk goes cell by cell with the probability of each a; what is outside the bounds at the end of a group is lost
    (Schröer and Trenkler, "Exact and randomization distributions of Kolmogorov-Smirnov tests two or three samples",
    1995). All bounds are whole numbers.

    Args:
        sizes: how many cells of both tables hold each value, ascending, shape (K,), none of them 0.
        gap: n m D, above 0.
        n: the number of cells of one table.
        m: of the other.
    """
    n, m, total = min(n, m), max(n, m), n + m
    left = n - np.arange(n + 1, dtype=np.float64)
    walk, moved = np.zeros(n + 1), np.empty(n + 1)
    walk[0], lost, i = 1.0, 0.0, 0
    for size in sizes[:-1].tolist():
        for seen in range(i, i + size):
            np.multiply(walk, left, out=moved)
            moved /= total - seen
            walk -= moved
            walk[1:] += moved[:-1]
        i += size
        first, last = max((i * n - gap) // total + 1, 0), (i * n + gap - 1) // total
        lost += float(walk[:first].sum() + walk[last + 1 :].sum())
        walk[:first] = walk[last + 1 :] = 0.0
    return lost


@dataclass(frozen=True, eq=False)
class _Path:
    """When a bridge is looked at: after each heavy group, and all along a run of light ones.

    Attributes:
        ends: cells from the left at the end of each step, shape (S,).
        runs: whether the step is a run, shape (S,).
        groups: how many groups a run has, shape (S,).
    """

    ends: Counts
    runs: NDArray[np.bool_]
    groups: Counts


def _path(sizes: Counts) -> _Path:
    """The groups as at most 1 / `_HEAVY` + 2 `_RUNS` steps or so; runs too short to matter join the next group."""
    ends = np.cumsum(sizes)
    total = int(ends[-1])
    heavy = sizes > _HEAVY * total
    cells = (ends - sizes) * _RUNS // total
    fresh = heavy | np.append(True, heavy[:-1]) | (np.diff(cells, prepend=-1) != 0)
    last = np.append(np.flatnonzero(fresh)[1:], len(sizes)) - 1
    runs, groups = ~heavy[last], np.diff(last, prepend=-1)
    kept = ~runs | (np.diff(ends[last], prepend=0) > _TINY * total)
    kept[-1] = True
    return _Path(ends[last][kept], runs[kept], groups[kept])


def bridge_p(sizes: Counts, gap: int, n: int, m: int) -> float:
    """The chance that a Brownian bridge, seen where groups of ties end, strays as far as `gap` / (n m).

    At the end of a heavy group the bounds lie half-way between the whole numbers of real cells that are inside and
    outside. In a run of light groups the bridge is watched all the time, between bounds that are wider by what it
    strays between two looks (Siegmund, "Sequential Analysis", 1985, section X.2). Beyond `FAR` the smaller of two
    upper bounds is returned: that of a bridge always watched, and the sum over all looks.

    Args and shapes as in `exact_p`.
    """
    total, scale = n + m, float(np.sqrt((n + m) / n / m))
    bound = gap / total * scale
    if bound > FAR:
        return _far_p(np.cumsum(sizes)[:-1] / total, bound)
    path = _path(sizes)
    i = path.ends
    lower = ((i * n - gap) // total + 0.5 - i * n / total) * scale
    upper = ((i * n + gap - 1) // total + 0.5 - i * n / total) * scale
    between = np.diff(i, prepend=0) / path.groups / total
    wider = bound + np.maximum(_SIEGMUND * np.sqrt(between) - scale / 2, 0.0)
    return _crossing(i / total, path.runs, np.where(path.runs, -wider, lower), np.where(path.runs, wider, upper))


def _far_p(times: Floats, bound: float) -> float:
    always = 2 * float(np.exp(-2 * bound**2))
    return min(always, 2 * float(stats.norm.sf(bound / np.sqrt(times * (1 - times))).sum()))


def _crossing(times: Floats, runs: NDArray[np.bool_], lower: Floats, upper: Floats) -> float:
    """The chance that a bridge leaves the bounds; Gauss-Legendre quadrature carries its density from look to look.

    Args:
        times: of the looks, ascending, the last one 1, shape (S,).
        runs: whether the bridge is watched all the time before the look.
        lower: the lower bound of each look.
        upper: the upper bound.
    """
    bound = np.minimum(upper, -lower)
    near = _SEEN * np.sqrt(times * (1 - times)) > bound  # elsewhere the bridge cannot be that far out
    near[-1] = True
    times, runs, lower, upper = times[near], runs[near], lower[near], upper[near]
    before = np.append(0.0, times[:-1])
    spread = np.sqrt((times - before) * (1 - times) / (1 - before))
    narrowest = float(spread[:-1].min(initial=1.0))
    nodes, weights = np.polynomial.legendre.leggauss(int(np.clip(3 * upper.max() / narrowest, 32, 400)))
    place, mass = np.zeros(1), np.ones(1)
    for k, (start, end) in enumerate(zip(before[:-1].tolist(), times[:-1].tolist(), strict=True)):
        half = (upper[k] - lower[k]) / 2
        at = lower[k] + half * (1 + nodes)
        mean = place * ((1 - end) / (1 - start))
        moved = np.exp(-(((at[:, None] - mean) / spread[k]) ** 2) / 2) / (np.sqrt(2 * np.pi) * spread[k])
        if runs[k]:
            moved *= _stays(place, at[:, None], float(upper[k]), end - start)
        place, mass = at, half * weights * (moved @ mass)
    if runs[-1]:
        mass = mass * _stays(place, np.zeros(1), float(upper[-1]), float(times[-1] - before[-1]))
    return 1.0 - float(mass.sum())


def _stays(start: Floats, end: Floats, bound: float, duration: float) -> Floats:
    """The chance that a Brownian path between two places never leaves ±`bound`, but for paths that do so twice."""
    above = np.maximum(bound - start, 0.0) * np.maximum(bound - end, 0.0)
    below = np.maximum(bound + start, 0.0) * np.maximum(bound + end, 0.0)
    stays: Floats = np.maximum(1 - np.exp(-2 * above / duration) - np.exp(-2 * below / duration), 0.0)
    return stays


def ks_rows(real: Counts, synthetic: Counts, floor: float, rng: np.random.Generator) -> int | None:
    """With how many cells of each table the test at `LEVEL` would see this difference with a chance of `POWER`.

    The root of that number is the factor by which the differences of the distribution functions have to be stretched
    until, with noise added, 80 % of all draws exceed the critical value somewhere. The true differences are the
    measured ones shrunk, since noise adds to the square of D about what the square of its floor is.

    Args:
        real: as in `ks_test`.
        synthetic: likewise.
        floor: the D of two samples of the real column.
        rng: of the noise.

    Returns:
        None where D is not above its floor.
    """
    first, second = (np.cumsum(side) / side.sum() for side in _seen(real, synthetic))
    widest = int(np.abs(first - second).argmax())
    distance = float(abs(first[widest] - second[widest]))
    true = 1 - (floor / distance) ** 2 if distance > floor else 0.0
    if true <= 0:
        return None
    wanted = critical((first + second) / 2) * float(np.sqrt(2))
    looks = np.searchsorted((first + second) / 2, np.linspace(0.0, 1.0, _LOOKS, endpoint=False))
    ends = np.unique([*looks.tolist(), widest, len(first) - 1])
    gaps = (first - second)[ends] * float(np.sqrt(true))
    strays = _noise(first[ends], rng) - _noise(second[ends], rng)

    def excess(root: float) -> float:
        return float(np.quantile(np.abs(root * gaps + strays).max(axis=1), 1 - POWER)) - wanted

    highest = (wanted + float(np.abs(strays).max())) / float(np.abs(gaps).max())
    return int(np.ceil(optimize.brentq(excess, 0.0, highest, rtol=1e-4) ** 2))


def _noise(shares: Floats, rng: np.random.Generator) -> Floats:
    """By how much a distribution function of one cell strays, as normal noise, shape (draws, looks)."""
    drawn = rng.multinomial(_CELLS, np.diff(shares, prepend=0.0), size=_DRAWS) / _CELLS
    strays: Floats = (np.cumsum(drawn, axis=1) - shares) * np.sqrt(_CELLS)
    return strays


def critical(times: Floats) -> float:
    """The value that sqrt(nm / (n + m)) D exceeds with a chance of `LEVEL` in large samples.

    Args:
        times: the distribution function at each value, ascending, the last one 1, shape (K,).
    """
    untied = float(stats.kstwobign.isf(LEVEL))
    cells = np.rint(np.diff(times, prepend=0.0) * 2**40).astype(np.int64)
    path = _path(cells[cells > 0])
    if path.runs.all() or len(path.ends) < 2:
        return untied
    looks = path.ends / path.ends[-1]
    least = stats.norm.isf(LEVEL / 2) * float(np.sqrt(looks[:-1] * (1 - looks[:-1])).max())

    def excess(bound: float) -> float:
        bounds = np.full(len(looks), bound)
        return _crossing(looks, path.runs, -bounds, bounds) - LEVEL

    return float(optimize.brentq(excess, 0.999 * least, untied + 0.01, xtol=1e-3))
