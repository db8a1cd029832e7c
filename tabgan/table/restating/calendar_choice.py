"""Whether days go by weeks or by months, told from how unevenly weekdays and days of the month are filled.

Both are compared by their chi-square against even days per degree of freedom, over the days of the calendar that the
column spans. Single days of the month that hold far more than their share are no reason to give up weekdays: they are
special days. A point in time that many rows share, far more than share others or far from all others, is a filler such
as 9999-12-31 and kept apart, since it would hide all else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tabgan.table.restating.days import LAST, Days, day_of_month, month_of, weekday

MIN_SPAN = 56
"""Days that a column must span so that its weeks and months can tell anything."""
MIN_DISTINCT = 15
_EVEN = 4.0  # chi-square per degree of freedom below which weekdays count as even: one column of 1,000 exceeds it
_FILLER_SHARE, _FILLER_RATIO, _MAX_FILLERS = 0.05, 10.0, 4
_LONELY_SHARE, _FILLER_GAP = 0.005, 1_000  # days from all others
_MAX_SPECIAL = 8
_SPECIAL_RATIO, _SPECIAL_DEVIATIONS, _SPECIAL_MONTHS = 1.5, 5.0, 3
_MEDIAN = 0.455  # of a chi-square with one degree of freedom
_TAIL = 0.005


def fillers(instants: NDArray[np.int64], per_day: int) -> tuple[int, ...]:
    """Points in time that stand for something else, ascending: heavy far beyond others, or heavy and years from them.

    Args:
        instants: shape (n,), in ticks.
        per_day: ticks of a day.
    """
    values, counts = np.unique(instants, return_counts=True)
    if len(values) < MIN_DISTINCT:
        return ()
    gaps = np.concatenate([[np.inf], np.diff(values // per_day), [np.inf]])
    alone = np.minimum(gaps[:-1], gaps[1:]) >= _FILLER_GAP
    shares, ratios = counts / len(instants), counts / float(np.median(counts))
    heavy = (shares >= _FILLER_SHARE) & (ratios >= _FILLER_RATIO) | (shares >= _LONELY_SHARE) & (counts > 1) & alone
    found = np.flatnonzero(heavy)
    found = found[np.argsort(-counts[found], kind="stable")][:_MAX_FILLERS]
    return tuple(sorted(values[found].tolist()))


def choose(days: NDArray[np.int64]) -> Days:
    """How the days of a column, shape (n,), n >= 1, are to be told."""
    low, high = int(days.min()), int(days.max())
    start, end = (int(end) for end in np.quantile(days, [_TAIL, 1 - _TAIL], method="nearest"))
    if end - start + 1 < MIN_SPAN or len(np.unique(days)) < MIN_DISTINCT:
        return Days("day", low, high)
    counted = _Counted.of(days[(days >= start) & (days <= end)], start, end)
    weekly, monthly = counted.unevenness(counted.weekdays), counted.unevenness(counted.in_month)
    special = counted.special()
    rest = counted.unevenness(counted.in_month, tuple(np.unique(day_of_month(np.array(special, np.int64))).tolist()))
    if monthly > weekly and (rest > weekly or weekly < _EVEN) and monthly > _EVEN / 2:
        return Days("month", low, high)
    return Days("week", low, high, special)


@dataclass(frozen=True)
class _Counted:
    """How many rows each day of a span holds; s days.

    Attributes:
        days: shape (s,).
        counts: shape (s,).
        weekdays: shape (s,), the weekday of each.
        in_month: shape (s,), the day of the month of each.
        months: shape (s,), the month of each, from 0 on.
    """

    days: NDArray[np.int64]
    counts: NDArray[np.int64]
    weekdays: NDArray[np.int64]
    in_month: NDArray[np.int64]
    months: NDArray[np.int64]

    @classmethod
    def of(cls, days: NDArray[np.int64], start: int, end: int) -> "_Counted":
        calendar = np.arange(start, end + 1)
        counts = np.bincount(days - start, minlength=len(calendar))
        months = month_of(calendar)
        return cls(calendar, counts, weekday(calendar), day_of_month(calendar), months - months[0])

    def _observed(self, categories: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The rows of each category and those that even days would give it, shapes (32,)."""
        n_days = np.bincount(categories, minlength=LAST + 1)
        observed = np.bincount(categories, self.counts, minlength=LAST + 1).astype(np.float64)
        return observed, self.counts.sum() * n_days / len(self.counts)

    def unevenness(self, categories: NDArray[np.int64], without: tuple[int, ...] = ()) -> float:
        """Chi-square per degree of freedom, of the categories but for some."""
        observed, expected = self._observed(categories)
        kept = (expected > 0) & ~np.isin(np.arange(len(expected)), without)
        if kept.sum() < 2 or not observed[kept].sum():
            return 0.0
        even = expected[kept] * observed[kept].sum() / expected[kept].sum()
        return float(((observed[kept] - even) ** 2 / even).sum() / (kept.sum() - 1))

    def special(self) -> tuple[int, ...]:
        """Days that hold far more than their share, as most days of the same place in the month do; ascending."""
        observed, expected = self._observed(self.in_month)
        kept = expected > 0
        scatter = np.zeros(len(expected))
        scatter[kept] = (observed[kept] - expected[kept]) ** 2 / expected[kept]
        spread = max(float(np.median(scatter[kept])) / _MEDIAN, 1.0)
        excess = observed - expected
        far = (excess > _SPECIAL_DEVIATIONS * np.sqrt(spread * expected)) & (observed > _SPECIAL_RATIO * expected)
        means = np.bincount(self.months, self.counts) / np.bincount(self.months)
        ratio = self.counts / np.maximum(means, np.finfo(float).tiny)[self.months]
        found: list[int] = []
        for category in sorted(np.flatnonzero(far & kept).tolist(), key=lambda category: -excess[category])[
            :_MAX_SPECIAL
        ]:
            of_kind = self.in_month == category
            usual = float(np.median(ratio[of_kind]))
            if of_kind.sum() >= _SPECIAL_MONTHS and usual > _SPECIAL_RATIO:  # one burst makes no habit
                found += self.days[of_kind & (ratio > usual / 2)].tolist()
        return tuple(sorted(found))
