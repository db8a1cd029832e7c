"""Dates and timestamps in other words: what was there comes back, and what is drawn is always a real point in time."""

import dataclasses
import datetime as dt
import itertools
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.calendar import FILLER, Calendar
from tabgan.table.restating.days import LAST, SPECIAL, day_of_month, weekday
from tabgan.table.restating.wall_clock import TICKS, ticks_per_day, to_wall
from tabgan.table.wanted import Wanted

from .restating.made import held

TYPES = {
    str(dtype): dtype
    for dtype in (
        *(pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("ns")),
        *(pa.timestamp("us", "Europe/Berlin"), pa.timestamp("s", "America/Sao_Paulo"), pa.timestamp("ns", "UTC")),
        *(pa.timestamp("ms", "+05:30"), pa.timestamp("s", "Pacific/Apia")),
    )
}
START = (dt.date(2017, 1, 2) - dt.date(1970, 1, 1)).days


def free(column: str, part: str) -> str:
    return f"{column} [{part}]"


def spec_of(cells: pa.Array) -> ColumnSpec:
    return ColumnSpec(name="at", kind="datetime", dtype=str(cells.type), nullable=cells.null_count > 0)


def cells_of(days, dtype: pa.DataType, seed: int = 0, missing: float = 0.0, seconds: int = 60) -> pa.Array:
    """Days with times of day of whole `seconds`, as instants of `dtype`."""
    random = np.random.default_rng(seed)
    per_day = ticks_per_day(dtype)
    numbers = np.asarray(days, np.int64) * per_day
    if pa.types.is_timestamp(dtype):
        numbers = numbers + random.integers(0, 86_400 // seconds, len(numbers)) * seconds * TICKS[dtype.unit]
    return dtypes.from_numeric(numbers, random.random(len(numbers)) < missing, dtype)


def workdays(n: int, seed: int = 1, ends: float = 1.0, span: int = 730, start: int = START) -> np.ndarray:
    days = start + np.arange(span)
    p = np.where(weekday(days) > 5, 0.1, 1.0) * np.where(day_of_month(days) == LAST, ends, 1.0)
    return np.random.default_rng(seed).choice(days, n, p=p / p.sum())


def made(cells: pa.Array) -> Calendar:
    found = Calendar.of(spec_of(cells), cells, free)
    assert found is not None
    return found


def redrawn(columns: list[pa.Array], seed: int, n: int) -> list[pa.Array]:
    """Cells of each column, drawn apart."""
    random = np.random.default_rng(seed)
    return [column.take(pa.array(random.integers(0, len(column), n))) for column in columns]


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("ends", [1.0, 8.0])
def test_what_was_there_comes_back(name: str, ends: float) -> None:
    cells = cells_of(workdays(2_000, ends=ends), TYPES[name], missing=0.1)
    before = cells.to_pylist()
    calendar = made(cells)
    learnt = calendar.restate([cells])
    [back] = calendar.write(learnt, Rows(0, 0, len(cells)))
    assert cells.to_pylist() == before
    assert back.type == cells.type
    assert [str(column.type) for column in learnt] == [spec.dtype for spec in calendar.learnt]
    assert [column.null_count > 0 for column in learnt] == [spec.nullable for spec in calendar.learnt]
    assert to_wall(back).tolist() == to_wall(cells).tolist()
    assert back.is_null().equals(cells.is_null())
    if "tz" not in name:
        assert back.equals(cells)
    assert all(a.equals(b) for a, b in zip(calendar.restate([back])[:1], learnt[:1], strict=True))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("ends", [1.0, 8.0])
def test_any_draw_is_a_point_in_time_of_the_same_kind(name: str, ends: float) -> None:
    cells = cells_of(workdays(2_000, ends=ends), TYPES[name], missing=0.1, seconds=900)
    calendar = made(cells)
    learnt = redrawn(calendar.restate([cells]), 3, 5_000)
    [drawn] = calendar.write(learnt, Rows(5, 0, 5_000))
    assert drawn.type == cells.type
    assert drawn.null_count == learnt[0].null_count
    drawn.validate(full=True)
    span, filled = arrays.numbers(cells.drop_null()), arrays.numbers(drawn.drop_null())
    assert filled.min() >= span.min()
    assert filled.max() <= span.max()
    kept = drawn.is_valid()
    again = [column.filter(kept) for column in calendar.restate([drawn])]
    wanted = [column.filter(kept) for column in learnt]
    same = np.ones(len(again[0]), np.bool_)
    for one, other in zip(again[1:], wanted[1:], strict=True):
        same &= np.asarray(pc.equal(one, other))
    assert same.mean() > 0.995  # all but skipped hours and clipped ends
    if calendar.has_time:
        assert (arrays.numbers(again[-1]) % (900 * TICKS[cells.type.unit]) == 0).all()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(TYPES)),
    st.integers(-700_000, 2_900_000),
    st.integers(60, 900),
    st.sampled_from([1, 60, 3_600, 86_400]),
)
def test_what_is_written_restates_as_it_was(seed: int, name: str, start: int, span: int, seconds: int) -> None:
    dtype = TYPES[name]
    if pa.types.is_timestamp(dtype) and dtype.unit == "ns":
        start = max(min(start, 100_000), -100_000)
    random = np.random.default_rng(seed)
    cells = cells_of(start + random.integers(0, span, 300), dtype, seed, 0.2, seconds)
    calendar = Calendar.of(spec_of(cells), cells, free)
    if calendar is None:
        return
    learnt = calendar.restate([cells])
    [back] = calendar.write(learnt, Rows(seed, 0, 300))
    kept = cells.is_valid()
    again = calendar.restate([back])
    assert all(a.filter(kept).equals(b.filter(kept)) for a, b in zip(again, learnt, strict=True))
    assert again[0].equals(learnt[0])
    assert Calendar.from_json(json.loads(json.dumps(calendar.to_json()))) == calendar


def test_rows_do_not_depend_on_how_many_there_are() -> None:
    cells = cells_of(workdays(500), TYPES["timestamp[us, tz=Europe/Berlin]"])
    calendar = made(cells)
    learnt = redrawn(calendar.restate([cells]), 0, 400)
    [whole] = calendar.write(learnt, Rows(1, 0, 400))
    [part] = calendar.write([column.slice(0, 100) for column in learnt], Rows(1, 0, 100))
    assert part.equals(whole.slice(0, 100))


def test_month_ends_keep_their_share_beside_weekdays() -> None:
    cells = cells_of(workdays(20_000, ends=8.0), pa.timestamp("s"))
    calendar = made(cells)
    assert calendar.days.by == "week"
    assert calendar.categories == (*range(1, 8), SPECIAL + LAST)
    [drawn] = calendar.write(redrawn(calendar.restate([cells]), 1, 20_000), Rows(0, 0, 20_000))
    shares = [(day_of_month(to_wall(c) // 86_400) == LAST).mean() for c in (cells, drawn)]
    assert shares[0] > 0.15
    assert abs(shares[0] - shares[1]) < 0.01
    weekends = [(weekday(to_wall(c) // 86_400) > 5).mean() for c in (cells, drawn)]
    assert abs(weekends[0] - weekends[1]) < 0.01


def test_the_days_of_a_month_and_its_last_one() -> None:
    months = np.arange("2000-01", "2010-01", dtype="datetime64[M]")
    ends = (months + 1).astype("datetime64[D]").astype(np.int64) - 1
    cells = cells_of(ends, pa.date32())
    calendar = made(cells)
    assert calendar.categories == (LAST,)
    assert [spec.name for spec in calendar.learnt] == ["at [month]"]
    drawn = pa.array(np.random.default_rng(0).integers(calendar.days.first, calendar.days.last + 1, 500))
    [back] = calendar.write([drawn], Rows(0, 0, 500))
    assert set(to_wall(back).tolist()) <= set(ends.tolist())


def test_mondays_at_nine_are_a_week_number() -> None:
    numbers = (START + 7 * np.arange(100)) * 86_400 + 9 * 3_600
    cells = pa.array(numbers).view(pa.timestamp("s"))
    calendar = made(cells)
    assert [spec.name for spec in calendar.learnt] == ["at [week]"]
    assert calendar.write(calendar.restate([cells]), Rows(0, 0, 100))[0].equals(cells)
    with pytest.raises(CellsError, match=r"kinds.* got 1 others in column 'at'.*2017-01-03"):
        calendar.restate([pa.array([numbers[0], numbers[0] + 86_400]).view(pa.timestamp("s"))])
    with pytest.raises(CellsError, match=r"time of day.* got 1 others in column 'at'.*10:00"):
        calendar.restate([pa.array([numbers[0], numbers[0] + 3_600]).view(pa.timestamp("s"))])


def test_fillers_come_back_exactly_whatever_else_is_drawn() -> None:
    filler = (dt.date(9999, 12, 31) - dt.date(1970, 1, 1)).days * 86_400 + 86_399
    usual = arrays.numbers(cells_of(workdays(2_000), pa.timestamp("s")))
    cells = pa.array(np.append(usual, np.full(500, filler))).view(pa.timestamp("s"))
    calendar = made(cells)
    assert calendar.fillers == (filler,)
    assert calendar.write(calendar.restate([cells]), Rows(0, 0, 2_500))[0].equals(cells)
    drawn = redrawn(calendar.restate([cells]), 0, 4_000)
    [back] = calendar.write(drawn, Rows(0, 0, 4_000))
    numbers = arrays.numbers(back)
    assert ((numbers == filler) == (arrays.numbers(drawn[1]) == FILLER + 1)).all()
    assert numbers[numbers != filler].max() <= usual.max()


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([], pa.date32()),
        pa.nulls(30, pa.timestamp("s")),
        pa.array([1], pa.int32()).view(pa.date32()),
        pa.array(np.arange(40), pa.int32()).view(pa.date32()),
        pa.array(np.arange(14) * 365, pa.int32()).view(pa.date32()),
        pa.array(np.arange(50) * 60).view(pa.timestamp("s")),
        pa.array(np.arange(100) * 86_400 * 365_000_000).view(pa.timestamp("s")),
        pa.array(np.arange(100) * 86_400 * 10).view(pa.timestamp("s", "Mars/Olympus")),
        pa.array([2**63 - 1, *range(100)]).view(pa.timestamp("ns")),
    ],
    ids=["none", "missing", "one", "short", "few", "one day", "far", "unknown zone", "end of time"],
)
def test_some_columns_stay_as_they_are(cells: pa.Array) -> None:
    assert Calendar.of(spec_of(cells), cells, free) is None


def test_only_dates_and_timestamps_are_restated() -> None:
    dates = cells_of(workdays(500), pa.date32())
    assert Calendar.of(dataclasses.replace(spec_of(dates), kind="categorical"), dates, free) is None
    encoded = dates.dictionary_encode()
    assert Calendar.of(spec_of(encoded), encoded, free) is None


def test_a_short_span_keeps_its_hours() -> None:
    cells = cells_of(START + np.random.default_rng(0).integers(0, 20, 500), pa.timestamp("us"), missing=0.1)
    calendar = made(cells)
    assert [spec.name for spec in calendar.learnt] == ["at [day]", "at [time of day]"]
    assert calendar.write(calendar.restate([cells]), Rows(0, 0, 500))[0].equals(cells)


def test_missing_cells_alone_can_be_restated() -> None:
    cells = cells_of(workdays(500), pa.timestamp("s"), missing=0.2)
    calendar = made(cells)
    learnt = calendar.restate([pa.nulls(3, cells.type)])
    assert [column.null_count for column in learnt] == [3, 0, 0]
    assert calendar.write(learnt, Rows(0, 0, 3))[0].null_count == 3


def test_a_broken_document_is_refused() -> None:
    document = made(cells_of(workdays(500), pa.timestamp("s"))).to_json()
    for change in (
        {"categories": []},
        {"time": [5]},
        {"dtype": "int64"},
        {"bounds": [5, 1]},
        {"names": ["a", "a", "b"]},
    ):
        with pytest.raises(ValueError, match="expected"):
            Calendar.from_json({**document, **change})


# What is wanted: of rows drawn at random, those that come out as wanted are the ones that narrowing lets through.


def through(calendar: Calendar, want: Wanted, learnt: list[pa.Array], order: list[int]) -> np.ndarray:
    """Which rows come through if their learnt columns are made one by one in this order; shape (n,)."""
    names = [spec.name for spec in calendar.learnt]
    passed, known = np.ones(len(learnt[0]), np.bool_), {}
    for place in order:
        passed &= held(calendar.narrow({"at": want}, known).get(names[place]), learnt[place])
        known[names[place]] = learnt[place]
    return passed


def at_once(calendar: Calendar, want: Wanted, learnt: list[pa.Array]) -> np.ndarray:
    """Which rows come through if nothing is known beforehand; shape (n,)."""
    found = calendar.narrow({"at": want}, {})
    return np.all([held(found.get(spec.name), one) for spec, one in zip(calendar.learnt, learnt, strict=True)], axis=0)


CASES = {
    "a month": lambda t: Wanted(low=t[[40]], high=t[[80]]),
    "from": lambda t: Wanted(low=t[[150]]),
    "until": lambda t: Wanted(high=t[[20]]),
    "row by row": lambda t: Wanted(low=np.resize(t[[10, 60]], 3_000), high=np.resize(t[[90, 70]], 3_000)),
    "two": lambda t: Wanted(cells=t[[20, 120]], missing=np.array([False])),
    "one of two": lambda t: Wanted(cells=t[[20, 120]], allowed=np.array([[False, True]])),
    "one": lambda t: Wanted(cells=t[[20]], missing=np.array([False])),
    "no missing": lambda t: Wanted(low=t[[100]], missing=np.array([False])),
    "missing": lambda t: Wanted(present=np.array([False])),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["date32[day]", "timestamp[s]", "timestamp[us, tz=Europe/Berlin]"])
@pytest.mark.parametrize("ends", [1.0, 8.0])
def test_narrowing_never_wants_too_much(case: str, name: str, ends: float) -> None:
    cells = cells_of(workdays(1_500, ends=ends, span=200), TYPES[name], missing=0.1, seconds=3_600)
    calendar = made(cells)
    instants = np.sort(arrays.numbers(cells.drop_null()))[:: len(cells) // 201]
    want = CASES[case](instants)
    if want.cells is not None:
        want = dataclasses.replace(want, cells=dtypes.from_numeric(want.cells, None, cells.type))
    learnt = redrawn(calendar.restate([cells]), 2, 3_000)
    [written] = calendar.write(learnt, Rows(4, 0, 3_000))
    good = held(want, written)
    assert not (good & ~at_once(calendar, want, learnt)).any()
    for order in itertools.permutations(range(len(learnt))):
        assert not (good & ~through(calendar, want, learnt, list(order))).any()
    steps = through(calendar, want, learnt, list(range(len(learnt))))
    turned = through(calendar, want, learnt, [1, 0, *range(2, len(learnt))])
    assert turned.sum() <= 1.2 * steps.sum() + 60
    if case in ("a month", "from", "until", "missing"):
        assert good.sum() > 0.9 * steps.sum() > 0
    if case in ("two", "one"):
        assert steps.sum() < 0.05 * len(steps)


def test_the_impossible_is_let_through_by_no_week() -> None:
    calendar = made(cells_of(workdays(500), pa.timestamp("s")))
    for want in (
        Wanted(low=np.array([calendar.bounds[1] + 1])),
        Wanted(high=np.array([calendar.bounds[0] - 1])),
        Wanted(low=np.array([calendar.bounds[0] + 10**6]), high=np.array([calendar.bounds[0]])),
        Wanted(cells=pa.array([], pa.timestamp("s"))),
    ):
        found = calendar.narrow({"at": want}, {})["at [week]"]
        assert (found.low > found.high).all()
    assert calendar.narrow({}, {}) == {}


def test_fillers_can_be_wanted() -> None:
    filler = (dt.date(9999, 12, 31) - dt.date(1970, 1, 1)).days
    cells = pa.array(np.append(workdays(2_000), np.full(500, filler)), pa.int32()).view(pa.date32())
    calendar = made(cells)
    learnt = calendar.restate([cells])
    for want in (Wanted(low=np.array([filler])), Wanted(cells=pa.array([dt.date(9999, 12, 31)]))):
        assert at_once(calendar, want, learnt)[2_000:].all()
        for order in ([0, 1], [1, 0]):
            steps = through(calendar, want, learnt, order)
            assert steps.tolist() == [False] * 2_000 + [True] * 500
