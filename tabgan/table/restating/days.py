"""Days as a number that carries the trend (a week, a month) and a category that carries the structure within.

By weeks, the category is the weekday, or one of the *special* days of the month (the first, the fifteenth, the last),
which keep their place in the month whatever the weekday; by months it is the day of the month, of which the last one
is a category of its own, however long the month is. Days are whole numbers since 1970 here, weeks begin on Mondays.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

By = Literal["week", "month", "day"]
Numbers = NDArray[np.int64]

LAST = 31
"""The category of the last day of a month; other days are known by their number, 1 to 30."""
SPECIAL = 100
"""What is added to the category of a special day of the month where days go by weeks."""
_MONDAY = 3  # days from the Monday before 1970 to its first day, a Thursday


def month_of(days: Numbers) -> Numbers:
    """Months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_start(months: Numbers) -> Numbers:
    """The first day of each month."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def day_of_month(days: Numbers) -> Numbers:
    """1 to 30, or LAST for the last day of its month."""
    months = month_of(days)
    return np.where(days + 1 == month_start(months + 1), LAST, days - month_start(months) + 1)


def weekday(days: Numbers) -> Numbers:
    """1 for Monday to 7 for Sunday."""
    return (days + _MONDAY) % 7 + 1


def _in_month(months: Numbers, categories: Numbers) -> Numbers:
    """The day of each month that has a number, or the month's last one."""
    start = month_start(months)
    found: Numbers = start + np.minimum(categories, month_start(months + 1) - start) - 1
    return found


@dataclass(frozen=True)
class Days:
    """A way to tell days, within a span that no day leaves.

    Attributes:
        by: what the number counts: weeks, months, or days (then there is but one category, 0).
        low: the first day of the span.
        high: its last day.
        special: where days go by weeks, those that are special for their place in the month, ascending.
    """

    by: By
    low: int
    high: int
    special: tuple[int, ...] = ()

    def periods(self, days: Numbers) -> Numbers:
        """The weeks, months or days that `days` lie in, counted from 1970."""
        if self.by == "week":
            return (days + _MONDAY) // 7
        return month_of(days) if self.by == "month" else days

    @property
    def first(self) -> int:
        """The first week, month or day of the span."""
        return int(self.periods(np.array([self.low]))[0])

    @property
    def last(self) -> int:
        """The last one."""
        return int(self.periods(np.array([self.high]))[0])

    def categories(self, days: Numbers) -> Numbers:
        """The categories of days."""
        if self.by == "day":
            return np.zeros_like(days)
        if self.by == "month":
            return day_of_month(days)
        return np.where(np.isin(days, self.special), SPECIAL + day_of_month(days), weekday(days))

    def days(self, periods: Numbers, categories: Numbers, later: NDArray[np.bool_]) -> Numbers:
        """The day of each category that is nearest to its week or month; broadcast against each other.

        A drawn weekday may fall on a special day, which is none of its category: then it is a week later or earlier.

        Args:
            periods: what `periods` makes; what lies beyond the span counts as its end.
            categories: what `categories` makes.
            later: which way weekdays go that fall on a special day.
        """
        periods, categories, later = np.broadcast_arrays(np.clip(periods, self.first, self.last), categories, later)
        if self.by == "day":
            return periods.copy()
        if self.by == "month":
            return self._in_months(periods, categories)
        special = categories > SPECIAL
        found: Numbers = self._weekdays(periods, np.where(special, 1, categories), later)
        found[special] = self._nearest(7 * periods[special], categories[special] - SPECIAL)
        return self._clipped(found)

    def _clipped(self, days: Numbers) -> Numbers:
        return np.minimum(np.maximum(days, self.low), self.high)

    def _in_months(self, periods: Numbers, categories: Numbers) -> Numbers:
        found = _in_month(periods, categories)
        outside = self._outside(found)
        if outside.any():
            found = np.where(outside, _in_month(periods + np.where(found < self.low, 1, -1), categories), found)
        return self._clipped(found)

    def _outside(self, days: Numbers) -> NDArray[np.bool_]:
        return (days < self.low) | (days > self.high)

    def _weekdays(self, periods: Numbers, weekdays: Numbers, later: NDArray[np.bool_]) -> Numbers:
        found: Numbers = 7 * periods - _MONDAY + weekdays - 1
        found = found + 7 * (found < self.low) - 7 * (found > self.high)
        taken = np.isin(found, self.special)
        step = np.where(later, 7, -7)
        for move in (step, -step, 2 * step, -2 * step):
            if not taken.any():
                break
            other = found + move
            free = taken & ~self._outside(other) & ~np.isin(other, self.special)
            found = np.where(free, other, found)
            taken = taken & ~free
        return found

    def _nearest(self, days: Numbers, categories: Numbers) -> Numbers:
        """The special days of the categories, shape (s,), that are nearest to `days`."""
        found = days.copy()
        special = np.array(self.special, np.int64)
        in_month = day_of_month(special)
        for category in np.unique(categories):
            known = special[in_month == category]
            if len(known):
                asked = categories == category
                after = np.clip(np.searchsorted(known, days[asked]), 1, max(len(known) - 1, 1))
                before, after = known[after - 1], known[np.minimum(after, len(known) - 1)]
                found[asked] = np.where(days[asked] - before <= after - days[asked], before, after)
        return found
