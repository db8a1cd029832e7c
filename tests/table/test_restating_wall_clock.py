"""Wall clocks: gaps, repeated hours, dates and far years."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.table.restating import wall_clock

BERLIN = ZoneInfo("Europe/Berlin")
EPOCH = dt.datetime(1970, 1, 1)


def ticks(moment: dt.datetime, unit: str = "s") -> int:
    return round((moment - EPOCH).total_seconds()) * wall_clock.TICKS[unit]


@settings(deadline=None)
@given(st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2037, 1, 1)), st.sampled_from(["s", "ms", "us", "ns"]))
def test_the_wall_clock_is_that_of_python(moment: dt.datetime, unit: str) -> None:
    moment = moment.replace(microsecond=0)
    dtype = pa.timestamp(unit, "Europe/Berlin")
    cells = pa.array([ticks(moment, unit), None], pa.int64()).view(dtype)
    local = moment.replace(tzinfo=dt.UTC).astimezone(BERLIN)
    assert wall_clock.to_wall(cells).tolist() == [ticks(local.replace(tzinfo=None), unit), 0]
    back = wall_clock.to_instants(wall_clock.to_wall(cells)[:1], dtype, np.array([bool(local.fold)]))
    assert back.tolist() == [ticks(moment, unit)]


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Berlin", dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2024, 3, 31, 3, 30)),
        ("Europe/Berlin", dt.datetime(2024, 3, 31, 2), dt.datetime(2024, 3, 31, 3)),
        ("America/Sao_Paulo", dt.datetime(2018, 11, 4), dt.datetime(2018, 11, 4, 1)),
        ("Australia/Lord_Howe", dt.datetime(2024, 10, 6, 2, 15), dt.datetime(2024, 10, 6, 2, 45)),
        ("Pacific/Apia", dt.datetime(2011, 12, 30, 8), dt.datetime(2011, 12, 31, 8)),
    ],
)
@pytest.mark.parametrize("unit", ["s", "ns"])
def test_skipped_hours_are_read_behind_the_gap(zone: str, local: dt.datetime, expected: dt.datetime, unit: str) -> None:
    dtype = pa.timestamp(unit, zone)
    for later in (False, True):
        made = wall_clock.to_instants(np.array([ticks(local, unit)]), dtype, np.array([later]))
        assert wall_clock.to_wall(pa.array(made).view(dtype)).tolist() == [ticks(expected, unit)]


def test_a_repeated_hour_is_two_points_in_time() -> None:
    dtype = pa.timestamp("s", "Europe/Berlin")
    wall = np.full(2, ticks(dt.datetime(2024, 10, 27, 2, 30)))
    made = wall_clock.to_instants(wall, dtype, np.array([False, True]))
    assert np.diff(made).tolist() == [3600]
    assert wall_clock.to_wall(pa.array(made).view(dtype)).tolist() == wall.tolist()


@pytest.mark.parametrize(
    ("dtype", "per_day"),
    [(pa.date32(), 1), (pa.date64(), 86_400_000), (pa.timestamp("s"), 86_400), (pa.timestamp("ns"), 86_400 * 10**9)],
)
def test_without_a_zone_nothing_changes(dtype: pa.DataType, per_day: int) -> None:
    assert wall_clock.ticks_per_day(dtype) == per_day
    storage = pa.int32() if dtype.bit_width == 32 else pa.int64()
    numbers = np.array([-3, 0, 20_000]) * per_day
    cells = pa.array(numbers, storage).view(dtype)
    assert wall_clock.to_wall(cells).tolist() == numbers.tolist()
    assert wall_clock.to_instants(numbers, dtype, np.zeros(3, np.bool_)).tolist() == numbers.tolist()


def test_an_unknown_zone_is_told() -> None:
    with pytest.raises(pa.ArrowInvalid, match="Mars"):
        wall_clock.to_wall(pa.array([0], pa.timestamp("s", "Mars/Olympus")))
