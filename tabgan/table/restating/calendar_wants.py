"""From the points in time that are wanted to the weeks, days and times of day that come out as one of them.

Days are tried out rather than calculated: whatever a week and a category of the day would be written as, wherever
chance moves it, is compared with the days that are wanted. Clocks that are put forward or back are allowed for by a few
hours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.restating.wall_clock import is_zoned, to_wall
from tabgan.table.wanted import Wanted

if TYPE_CHECKING:
    from tabgan.table.restating.calendar import Calendar

_LEEWAY_HOURS = 3
_NEVER = np.iinfo(np.int64).max
_MAX_CELLS = 10_000
_WAYS = np.array([False, True])


@dataclass(frozen=True, eq=False)
class _Reach:
    """Which wall-clock times are wanted, with some leeway.

    Attributes:
        low: shape (n or 1,).
        high: shape (n or 1,), below `low` where none is.
        days: the days of all wanted times, if these are few and the same in all rows; else None.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    days: NDArray[np.int64] | None

    def holds(self, days: NDArray[np.int64], per_day: int) -> NDArray[np.bool_]:
        """Which days of shape (n or 1, ...) have wanted times."""
        ends = (slice(None), *(None,) * (days.ndim - 1))
        inside = (days >= (self.low // per_day)[ends]) & (days <= (self.high // per_day)[ends])
        return inside if self.days is None else inside & np.isin(days, self.days)


def narrow(calendar: "Calendar", want: Wanted, known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
    """What is wanted of those learnt columns of `calendar` that are not known; see `Restatement.narrow`."""
    period, category, time = calendar.names
    reach = _reach(calendar, want)
    if reach is None:
        return {} if period in known else {period: Wanted(present=want.present, missing=want.missing)}
    found: dict[str, Wanted] = {}
    if period not in known:
        low, high, cells = _periods(calendar, reach, known.get(category))
        found[period] = Wanted(cells=cells, low=low, high=high, present=want.present, missing=want.missing)
    if calendar.has_categories and category not in known:
        if period in known:
            found[category] = _categories(calendar, reach, known[period])
        elif len(reach.low) == 1 and _filled(calendar, want):
            found[category] = _categories_of_any(calendar, reach)
    if calendar.has_time and time not in known:
        low, high = _times(calendar, reach, known, want)
        found[time] = Wanted(low=low, high=high)
    return found


def _reach(calendar: "Calendar", want: Wanted) -> _Reach | None:
    """None if all times are wanted."""
    if want.low is None and want.high is None and want.cells is None:
        return None
    least, most = calendar.bounds
    low = np.array([least]) if want.low is None else np.asarray(want.low)
    high = np.array([most]) if want.high is None else np.asarray(want.high)
    days = None
    if want.cells is not None:
        instants = arrays.numbers(want.cells)
        inside = (instants >= least) & (instants <= most)
        allowed = np.ones((1, len(instants)), np.bool_) if want.allowed is None else want.allowed
        allowed = allowed & inside
        low = np.maximum(low, np.where(allowed, instants, _NEVER).min(axis=1, initial=_NEVER))
        high = np.minimum(high, np.where(allowed, instants, -_NEVER).max(axis=1, initial=-_NEVER))
        if len(allowed) == 1:
            days = _days_of(calendar, instants[allowed[0]])
    never = (low > most) | (high < least) | (low > high)
    first, last = (_wall(calendar, np.clip(ends, least, most), sign) for ends, sign in ((low, -1), (high, 1)))
    first, last = np.broadcast_arrays(first, last)
    return _Reach(np.where(never, _NEVER, first), np.where(never, -_NEVER, last), days)


def _wall(calendar: "Calendar", instants: NDArray[np.int64], sign: int) -> NDArray[np.int64]:
    """Wall-clock times that are earlier (sign -1) or later (1) by the leeway."""
    leeway = _LEEWAY_HOURS * (calendar.per_day // 24) if is_zoned(calendar.arrow_type) else 0
    return to_wall(dtypes.from_numeric(instants, None, calendar.arrow_type)) + sign * leeway


def _days_of(calendar: "Calendar", instants: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique([_wall(calendar, instants, sign) // calendar.per_day for sign in (-1, 0, 1)])


def _days_by_period(
    calendar: "Calendar", periods: NDArray[np.int64], categories: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The days that periods (n,) and categories (n or 1, c) may be written as, shape (n, c, 4).

    The last axis holds both ways in which a special day is avoided, for the period itself and for the next one inwards,
    which takes its place at the ends of the span.
    """
    days = calendar.days
    periods = np.clip(periods, days.first, days.last)
    inward = periods + (periods == days.first) - (periods == days.last)
    return np.concatenate(
        [days.days(chosen[:, None, None], categories[:, :, None], _WAYS) for chosen in (periods, inward)], axis=2
    )


def _usual(calendar: "Calendar") -> NDArray[np.int64]:
    """The categories of days that are no fillers."""
    return np.array(calendar.categories[: len(calendar.categories) - len(calendar.fillers)])


def _filled(calendar: "Calendar", want: Wanted) -> bool:
    """Whether no row may be missing in the end."""
    return not calendar.nullable or (want.missing is not None and not want.missing.any())


def _periods(
    calendar: "Calendar", reach: _Reach, known: pa.Array | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], pa.Array | None]:
    """The first and the last period that may be written as wanted, shapes (n or 1,), and all of them if they are few.

    The first one is above the last where none may.

    Args:
        calendar: of the column.
        reach: the wanted times.
        known: the categories of the days, if they are known.
    """
    periods = np.arange(calendar.days.first, calendar.days.last + 1)
    table = _days_by_period(calendar, periods, _usual(calendar)[None])
    if known is None:
        low, high = _span(calendar, reach, table, calendar.categories)
    else:
        categories = arrays.numbers(known)
        low, high = np.full(len(known), _NEVER), np.full(len(known), -_NEVER)
        for category in np.unique(categories).tolist():
            rows = np.flatnonzero(categories == category)
            ends = [end if len(end) == 1 else end[rows] for end in (reach.low, reach.high)]
            low[rows], high[rows] = _span(calendar, _Reach(ends[0], ends[1], None), table, (category,))
    if reach.days is None:
        return low, high, None
    fillers = [_place(calendar, wall) for wall in calendar.fillers if reach.low[0] <= wall <= reach.high[0]]
    chosen = np.union1d(periods[np.isin(table, reach.days).any(axis=(1, 2))], fillers).astype(np.int64)
    return low, high, pa.array(chosen) if len(chosen) <= _MAX_CELLS else None


def _place(calendar: "Calendar", wall: int) -> int:
    """The period of a wall-clock time."""
    return int(calendar.days.periods(np.array([wall // calendar.per_day]))[0])


def _span(
    calendar: "Calendar", reach: _Reach, table: NDArray[np.int64], categories: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last period of days of some categories, shapes (n or 1,); `table` as `_days_by_period` says."""
    low, high = np.full(len(reach.low), _NEVER), np.full(len(reach.low), -_NEVER)
    chosen = np.isin(_usual(calendar), categories)
    if chosen.any():
        days = table[:, chosen]
        latest = np.maximum.accumulate(days.max(axis=(1, 2)))
        earliest = np.minimum.accumulate(days.min(axis=(1, 2))[::-1])[::-1]
        first = np.searchsorted(latest, reach.low // calendar.per_day, side="left")
        last = np.searchsorted(earliest, reach.high // calendar.per_day, side="right") - 1
        some = (first <= last) & (reach.low <= reach.high)
        low[some], high[some] = calendar.days.first + first[some], calendar.days.first + last[some]
    for wall, category in zip(calendar.fillers, calendar.categories[len(chosen) :], strict=True):
        wanted = (reach.low <= wall) & (wall <= reach.high) & (category in categories)
        place = _place(calendar, wall)
        low, high = np.where(wanted, np.minimum(low, place), low), np.where(wanted, np.maximum(high, place), high)
    return low, high


def _categories_of_any(calendar: "Calendar", reach: _Reach) -> Wanted:
    """The categories that days of any period may have, as long as neither is known."""
    found = _categories(calendar, reach, pa.array(np.arange(calendar.days.first, calendar.days.last + 1)))
    assert found.allowed is not None  # categories are always chosen from
    return Wanted(cells=found.cells, allowed=np.logical_or.reduce(found.allowed, axis=0)[None])


def _categories(calendar: "Calendar", reach: _Reach, known: pa.Array) -> Wanted:
    """The categories of the day for rows of known periods."""
    periods, rows = np.unique(arrays.numbers(known), return_inverse=True)
    days = _days_by_period(calendar, periods, _usual(calendar)[None])
    held = (
        reach.holds(days, calendar.per_day)[rows] if len(reach.low) == 1 else reach.holds(days[rows], calendar.per_day)
    )
    allowed = np.any(held, axis=2)
    fillers = np.array(calendar.fillers, np.int64)[None]
    wanted = (fillers >= reach.low[:, None]) & (fillers <= reach.high[:, None])
    wanted = np.broadcast_to(wanted, (len(known), len(calendar.fillers)))
    allowed = np.concatenate([allowed, wanted], axis=1)
    allowed = np.logical_or(allowed, dtypes.missing(known)[:, None])
    return Wanted(cells=pa.array(calendar.categories, pa.int64()), allowed=allowed)


def _times(
    calendar: "Calendar", reach: _Reach, known: Mapping[str, pa.Array], want: Wanted
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The least and the largest time of day, shapes (n or 1,): of rows of known days, or where one day is wanted."""
    period, category, _ = calendar.names
    per_day = calendar.per_day
    if period not in known or (calendar.has_categories and category not in known):
        single = _filled(calendar, want) and not calendar.fillers
        one = (reach.low // per_day == reach.high // per_day) & single
        return np.where(one, reach.low % per_day, 0), np.where(one, reach.high % per_day, per_day - 1)
    n = len(known[period])
    categories = arrays.numbers(known[category]) if calendar.has_categories else np.full(n, calendar.categories[0])
    free = dtypes.missing(known[period]) | ~np.isin(categories, _usual(calendar))
    usual = np.where(free, calendar.categories[0], categories)
    days = _days_by_period(calendar, arrays.numbers(known[period]), usual[:, None])[:, 0]
    low = _time_on(days, reach.low[:, None], per_day).min(axis=1)
    high = _time_on(days, reach.high[:, None], per_day).max(axis=1)
    return np.where(free, 0, low), np.where(free, per_day - 1, high)


def _time_on(days: NDArray[np.int64], wall: NDArray[np.int64], per_day: int) -> NDArray[np.int64]:
    """The time of day of each of `days` that is nearest to a wall-clock time; shapes broadcast."""
    day = wall // per_day
    return np.where(days < day, per_day - 1, np.where(days > day, 0, wall % per_day))
