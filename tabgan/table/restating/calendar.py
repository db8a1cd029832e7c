"""A date or timestamp as a week and a weekday, or a month and a day, and the time of day.

What people do hangs on weekdays, hours and the ends of months, of which a point on a line of time shows nothing. So a
point in time is told by a week (or month) number, which carries the trend, by a category for the day in it, and by the
time of day on the wall clock of the column's zone; each is a column that can be learnt sharply, together with all else
in the row. Parts that never change, such as midnight, are not learnt. Fillers such as 9999-12-31, which many rows
share, are categories of the day too. Points in time that are written stay between the first and the last that were
seen, and they exist: no hour that clocks skip, no 30th of February. Holidays, and days counted from a month's end, are
not known. A day is a whole one: what a date64 holds beside it is lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import checks
from tabgan.table.encoders.base import CellsError, conform
from tabgan.table.restating import calendar_choice, calendar_wants
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.restating.days import Days
from tabgan.table.restating.wall_clock import ticks_per_day, time_type, to_instants, to_wall
from tabgan.table.wanted import Wanted

FILLER = 200
"""What is added to the place of a filler among the fillers, from 1 on, to make its category."""
_FARTHEST = 11_000_000  # days from 1970 to about the year 32,000, beyond which time zones are not known


@dataclass(frozen=True)
class Calendar:
    """One column; n rows. Its wall-clock time is in ticks of its numeric view.

    Attributes:
        name: the column.
        dtype: its Arrow type, as text.
        nullable: whether cells may be missing.
        names: of the learnt columns for the week (month, day), the category of the day, and the time of day; the last
            two are only learnt where they vary.
        days: how the day is told; all but fillers lie in its span.
        fillers: wall-clock times that stand for something else, ascending.
        categories: of the days that occur, ascending.
        time: the least and the largest time of day but for fillers.
        span: the first and last wall-clock time but for fillers.
        bounds: the first and the last point in time, in the numeric view.
    """

    kind: ClassVar[str] = "calendar"
    name: str
    dtype: str
    nullable: bool
    names: tuple[str, str, str]
    days: Days
    fillers: tuple[int, ...]
    categories: tuple[int, ...]
    time: tuple[int, int]
    span: tuple[int, int]
    bounds: tuple[int, int]

    def __post_init__(self) -> None:
        checks.require(dtypes.is_datetime(self.arrow_type), f"dates or timestamps, got {self.dtype}")
        numbers = (*self.fillers, *self.categories, *self.time, *self.span, *self.bounds)
        checks.require(checks.are_numbers(numbers, "int64"), "whole numbers as points in time")
        ascending = (self.fillers, self.categories, self.time, self.span, self.bounds)
        checks.require(all(checks.ascend(numbers) for numbers in ascending), "ascending points in time")
        checks.require(bool(self.categories), "at least one category of days")
        span = (self.days.low, *self.days.special, self.days.high)
        checks.require(self.days.by in _DAY_NAMES, f"week, month or day, got {self.days.by!r}")
        checks.require(checks.are_numbers(span, "int64") and checks.ascend(span), "ascending days")
        checks.require(all(len(ends) == 2 for ends in (self.time, self.span, self.bounds)), "two ends of each span")
        checks.require(len(set(self.names)) == 3, "three different names of learnt columns")

    @classmethod
    def of(cls, spec: ColumnSpec, cells: pa.Array | pa.ChunkedArray, free: FreeName) -> "Calendar | None":
        """The restatement of a column; None if the column is as easily learnt as it is.

        That is so without dates or timestamps; with dates that span less than eight weeks or are fewer than fifteen;
        with timestamps all on one day; and with years that no calendar knows.

        Args:
            spec: of the column.
            cells: all of them, of its Arrow type.
            free: makes names for the learnt columns.
        """
        read = _read(spec, cells)
        if read is None:
            return None
        instants, wall = read
        per_day = ticks_per_day(spec.arrow_type)
        apart = calendar_choice.fillers(wall, per_day)
        usual = wall[~np.isin(wall, apart)]
        numbers, times = np.divmod(usual, per_day)
        days = calendar_choice.choose(numbers)
        if days.low == days.high or (days.by == "day" and times.min() == times.max()):
            return None
        categories = np.unique(days.categories(np.unique(numbers)))
        return cls(
            name=spec.name,
            dtype=spec.dtype,
            nullable=spec.nullable,
            names=(free(spec.name, days.by), free(spec.name, _DAY_NAMES[days.by]), free(spec.name, "time of day")),
            days=days,
            fillers=apart,
            categories=(*categories.tolist(), *range(FILLER + 1, FILLER + 1 + len(apart))),
            time=(int(times.min()), int(times.max())),
            span=(int(usual.min()), int(usual.max())),
            bounds=(int(instants.min()), int(instants.max())),
        )

    @property
    def arrow_type(self) -> pa.DataType:
        """The column's Arrow type."""
        return dtypes.parse(self.dtype)

    @property
    def per_day(self) -> int:
        """The ticks of a day."""
        return ticks_per_day(self.arrow_type)

    @property
    def sources(self) -> tuple[str, ...]:
        """The column."""
        return (self.name,)

    @property
    def has_categories(self) -> bool:
        """Whether the category of the day is learnt."""
        return len(self.categories) > 1

    @property
    def has_time(self) -> bool:
        """Whether the time of day is learnt."""
        return self.time[0] < self.time[1]

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The week, month or day, of which alone cells may be missing; and what varies of the day and the time."""
        period, category, time = self.names
        specs = [ColumnSpec(name=period, kind="continuous", dtype="int64", nullable=self.nullable)]
        if self.has_categories:
            specs.append(ColumnSpec(name=category, kind="categorical", dtype="int64", nullable=False))
        if self.has_time:
            dtype = str(time_type(self.arrow_type))
            specs.append(ColumnSpec(name=time, kind="continuous", dtype=dtype, nullable=False))
        return tuple(specs)

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The cells of the learnt columns; a missing cell has the day's category and time of some other row.

        Raises:
            CellsError: if days or times differ where they never did at fitting, such as a Sunday among workdays.
        """
        cells = conform(columns[0], self.arrow_type)
        missing = dtypes.missing(cells)
        wall = to_wall(cells)
        numbers, times = np.divmod(wall, self.per_day)
        filler = np.isin(wall, self.fillers)
        categories = np.where(filler, FILLER + 1 + np.searchsorted(self.fillers, wall), self.days.categories(numbers))
        self._require(np.isin(categories, self.categories) | missing, cells, "on days of the kinds")
        if not self.has_time:
            self._require((times == self.time[0]) | filler | missing, cells, "at the time of day")
        donors = self._donors(missing)
        made = [pa.array(self.days.periods(numbers), pa.int64(), mask=missing)]
        if self.has_categories:
            made.append(pa.array(_lent(categories, missing, donors, self.categories[0])))
        if self.has_time:
            times = _lent(times, missing, donors, self.time[0])
            made.append(dtypes.from_numeric(times, None, time_type(self.arrow_type)))
        return made

    def _require(self, holds: NDArray[np.bool_], cells: pa.Array, expected: str) -> None:
        if not holds.all():
            first = cells[int(np.argmin(holds))]
            raise CellsError(
                f"expected points in time {expected} that occurred at fitting, got {int((~holds).sum())} others in "
                f"column {self.name!r}, the first of them {first}; leave them out, or fit on a table that holds such"
            )

    def _donors(self, missing: NDArray[np.bool_]) -> NDArray[np.intp]:
        """For each missing cell the row of a filled one; none if all are missing."""
        filled = np.flatnonzero(~missing)
        random = streams.generator(0, "calendar", self.name)
        return filled[random.integers(0, len(filled), int(missing.sum()))] if len(filled) else filled

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """The points in time that weeks (months, days), categories and times stand for, of the column's type."""
        parts = list(columns)
        first = parts.pop(0)
        missing = dtypes.missing(first)
        periods = arrays.numbers(first)
        categories = self._part(parts, self.has_categories, self.categories[0], len(first))
        times = self._part(parts, self.has_time, self.time[0], len(first))
        coins = rows.uniforms(self.name, 2) < 1 / 2
        wall = self._wall(periods, categories, times, coins[:, 0])
        instants = np.clip(to_instants(wall, self.arrow_type, coins[:, 1]), *self.bounds)
        return [dtypes.from_numeric(instants, missing, self.arrow_type)]

    @staticmethod
    def _part(parts: list[pa.Array], learnt: bool, constant: int, n: int) -> NDArray[np.int64]:
        return arrays.numbers(parts.pop(0)) if learnt else np.full(n, constant, np.int64)

    def _wall(
        self,
        periods: NDArray[np.int64],
        categories: NDArray[np.int64],
        times: NDArray[np.int64],
        later: NDArray[np.bool_],
    ) -> NDArray[np.int64]:
        """Wall-clock times within the span, or of fillers; a week or month inwards where one lies outside."""
        filler = categories > FILLER
        usual = np.where(filler, self.categories[0], categories)
        times = np.clip(times, 0, self.per_day - 1)
        low, high = self.span
        wall = self.days.days(periods, usual, later) * self.per_day + times
        outside = (wall < low) | (wall > high)
        if outside.any():
            inward = np.clip(periods, self.days.first, self.days.last) + np.where(wall < low, 1, -1)
            moved = self.days.days(inward, usual, later) * self.per_day + times
            wall = np.clip(np.where(outside, moved, wall), low, high)
        if filler.any():
            wall[filler] = np.array(self.fillers)[categories[filler] - FILLER - 1]
        return wall

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """Ranges of weeks (months, days); for rows whose week is known, the days; for those of known days, the times.

        Args:
            wanted: of the column.
            known: learnt columns whose cells are made already.
        """
        if self.name not in wanted:
            return {}
        return calendar_wants.narrow(self, wanted[self.name], known)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        fields = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()}
        days = {**asdict(self.days), "special": list(self.days.special)}
        return {"kind": self.kind, **fields, "days": days}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Calendar":
        """The inverse of `to_json`."""
        days = Days(**{**data["days"], "special": tuple(data["days"]["special"])})
        lists = {name: tuple(data[name]) for name in ("names", "fillers", "categories", "time", "span", "bounds")}
        return cls(data["name"], data["dtype"], data["nullable"], days=days, **lists)


def _read(spec: ColumnSpec, cells: pa.Array | pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """The filled cells in the numeric view and as wall-clock times; None where these cannot be told."""
    dtype = spec.arrow_type
    if spec.kind != "datetime" or not (pa.types.is_timestamp(dtype) or pa.types.is_date(dtype)):
        return None
    filled = conform(cells, dtype).drop_null()
    instants, per_day = arrays.numbers(filled), ticks_per_day(dtype)
    farthest = min(_FARTHEST, np.iinfo(np.int64).max // per_day - 40)
    if not len(instants) or max(-int(instants.min()), int(instants.max())) // per_day >= farthest:
        return None
    try:
        return instants, to_wall(filled)
    except pa.ArrowInvalid:  # a time zone that this machine does not know
        return None


_DAY_NAMES = {"week": "weekday", "month": "day of month", "day": "filler"}


def _lent(
    values: NDArray[np.int64], missing: NDArray[np.bool_], donors: NDArray[np.intp], default: int
) -> NDArray[np.int64]:
    """Values with those of the donors where they are missing, or a default if there is no donor; shape (n,)."""
    lent = values.copy()
    lent[missing] = values[donors] if len(donors) else default
    return lent
