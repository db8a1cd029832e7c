"""Laws of growth: the exponent of a power law, and whether quality was equal along the way. Pure functions."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

SLACK = 1.1
"""How many times as large an error may be as at fewer rows, beside its standard error over the seeds."""


@dataclass(frozen=True)
class Law:
    """y ~ x ** exponent, by least squares on logarithms.

    Attributes:
        exponent: the slope.
        standard_error: of the slope; None of two points.
        n: points.
        low, high: the first and the last x.
    """

    exponent: float
    standard_error: float | None
    n: int
    low: float
    high: float


def law(xs: Sequence[float], ys: Sequence[float], low: float = 0.0, high: float = math.inf) -> Law | None:
    """The law of the points between `low` and `high`; None where there are fewer than two of different x.

    Example:
        >>> law([1, 10, 100], [2, 20, 200]).exponent
        1.0
    """
    pairs = [(math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True) if low <= x <= high and x > 0 and y > 0]
    if len({x for x, _ in pairs}) < 2:
        return None
    n = len(pairs)
    mean_x, mean_y = (sum(pair[i] for pair in pairs) / n for i in range(2))
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread
    error = None
    if n > 2:
        rest = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in pairs)
        error = math.sqrt(rest / (n - 2) / spread)
    ends = sorted(math.exp(x) for x, _ in pairs)
    return Law(round(slope, 12), error, n, ends[0], ends[-1])


@dataclass(frozen=True)
class Quality:
    """How far a sample is from fresh rows, in percent, and how far other fresh rows are from these.

    Attributes:
        rows: learnt.
        shape, trend: errors of synthetic rows.
        shape_floor, trend_floor: likewise of a second fresh sample.
    """

    rows: int
    shape: float
    trend: float
    shape_floor: float
    trend_floor: float

    @property
    def excess(self) -> tuple[float, float]:
        """Shape and trend errors as multiples of their floors."""
        return self.shape / self.shape_floor, self.trend / self.trend_floor


def equal_quality(points: Sequence[Quality], slack: float = SLACK) -> bool:
    """Whether no mean error at more rows exceeds one at fewer rows by more than the slack and two standard errors.

    More rows must not be learnt worse to be learnt quickly. Errors are against fresh rows of the same population, so
    that learning the training rows by heart is no help. Several points of as many rows are runs of several seeds.

    Example:
        >>> equal_quality([Quality(1_000, 3.0, 5.0, 2.0, 4.0), Quality(10_000, 1.0, 2.0, 0.6, 1.2)])
        True
    """
    sizes = sorted({point.rows for point in points})
    for own in (lambda point: point.shape, lambda point: point.trend):
        errors = [_mean_and_error([own(point) for point in points if point.rows == size]) for size in sizes]
        for i, (later, error) in enumerate(errors):
            if any(later > slack * mean + 2 * math.hypot(error, slack * before) for mean, before in errors[:i]):
                return False
    return True


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and its standard error; 0 of a single value."""
    error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return statistics.mean(values), error
