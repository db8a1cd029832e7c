"""Single cells as users write them."""

import datetime as dt
import time
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.table.cells import is_missing, is_single, near, parse


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        ("5", pa.int64(), 5),
        ("5.0", pa.int8(), 5),
        (" 18446744073709551615 ", pa.uint64(), 2**64 - 1),
        ("9007199254740993", pa.int64(), 2**53 + 1),
        (np.int32(5), pa.int64(), 5),
        (5.0, pa.int64(), 5),
        ("0.1", pa.float64(), 0.1),
        (3, pa.float64(), 3.0),
        ("1e3", pa.float64(), 1000.0),
        ("True", pa.bool_(), True),
        (0, pa.bool_(), False),
        ("5", pa.string(), "5"),
        (5, pa.large_string(), "5"),
        ("1.50", pa.decimal128(5, 2), Decimal("1.50")),
        (1.5, pa.decimal128(5, 2), Decimal("1.50")),
        ("2020-02-29", pa.date32(), dt.date(2020, 2, 29)),
        (dt.date(2020, 2, 29), pa.date64(), dt.date(2020, 2, 29)),
        (pd.Timestamp("2020-02-29"), pa.date32(), dt.date(2020, 2, 29)),
        ("1815-12-10 01:02:03", pa.timestamp("us"), dt.datetime(1815, 12, 10, 1, 2, 3)),
        (np.datetime64("2020-01-01T00:00:01"), pa.timestamp("ms"), dt.datetime(2020, 1, 1, 0, 0, 1)),
        ("12:30:00", pa.time32("s"), dt.time(12, 30)),
        ("90", pa.duration("s"), dt.timedelta(seconds=90)),
        ("1 days 00:00:01", pa.duration("us"), dt.timedelta(days=1, seconds=1)),
        (pa.scalar(7, pa.int8()), pa.int64(), 7),
    ],
)
def test_parsed(value: object, dtype: pa.DataType, expected: object) -> None:
    scalar = parse(value, dtype)
    assert scalar.type == dtype
    assert scalar.as_py() == expected


def test_text_without_an_offset_is_local_time() -> None:
    berlin = pa.timestamp("us", "Europe/Berlin")
    assert parse("2020-07-01 12:00", berlin) == parse("2020-07-01 10:00Z", berlin)


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2020-01-05 10:00"),
        pd.Timestamp("2020-01-05 09:00", tz="UTC"),
        dt.datetime(2020, 1, 5, 10),
        dt.datetime(2020, 1, 5, 9, tzinfo=dt.UTC),
        np.datetime64("2020-01-05T10:00"),
        np.datetime64("2020-01-05T10:00", "ns"),
        pa.scalar(dt.datetime(2020, 1, 5, 10), pa.timestamp("s")),
    ],
)
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_value_without_a_time_zone_is_local_time_as_its_text_is(value: object, unit: str) -> None:
    berlin = pa.timestamp(unit, "Europe/Berlin")
    assert parse(value, berlin) == parse("2020-01-05 10:00", berlin)


@pytest.mark.parametrize("tz", [None, "Europe/Berlin"])
def test_a_day_is_its_midnight_where_a_time_is_expected(tz: str | None) -> None:
    dtype = pa.timestamp("us", tz)
    expected = parse("2020-01-05 00:00", dtype)
    assert parse(dt.date(2020, 1, 5), dtype) == expected
    assert parse(np.datetime64("2020-01-05"), dtype) == expected


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (pd.Timestamp("2020-01-05 10:00", tz="UTC"), pa.timestamp("us")),
        (dt.datetime(2020, 1, 5, tzinfo=dt.UTC), pa.timestamp("s")),
        (dt.datetime(2020, 1, 5, tzinfo=dt.UTC), pa.date32()),
        (pd.Timestamp("2020-01-05 10:00:00.5"), pa.timestamp("s")),
        (pd.Timestamp("2020-01-05 10:00:00.5"), pa.timestamp("s", "Europe/Berlin")),
        (pd.Timestamp("2020-01-05 10:00:00.5", tz="UTC"), pa.timestamp("s", "Europe/Berlin")),
        (pd.Timestamp(1), pa.timestamp("us")),
        (dt.datetime(2020, 1, 5, 0, 0, 0, 1), pa.timestamp("ms")),
        (np.datetime64(1, "ns"), pa.timestamp("us")),
        (pd.Timestamp("2020-01-05 10:00"), pa.date32()),
        (dt.datetime(2020, 1, 5, 10), pa.date64()),
        (np.datetime64("2020-01-05T10:00"), pa.date32()),
        (dt.datetime(2020, 3, 29, 2, 30), pa.timestamp("us", "Europe/Berlin")),
        (dt.timedelta(microseconds=1), pa.duration("s")),
        ("0.5s", pa.duration("s")),
        (dt.time(1, 2, 3, 4), pa.time32("s")),
        ("01:02:03.004", pa.time32("s")),
        (dt.time(1, tzinfo=dt.UTC), pa.time64("us")),
    ],
)
def test_nothing_of_a_time_is_cut(value: object, dtype: pa.DataType) -> None:
    with pytest.raises(ValueError, match=r"expected .*, got "):
        parse(value, dtype)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        ("good", pa.int64()),
        ("5.5", pa.int64()),
        (5.5, pa.int64()),
        ("300", pa.int8()),
        ("maybe", pa.bool_()),
        ("1.234", pa.decimal128(5, 2)),
        ("2020-13-01", pa.date32()),
        ("soon", pa.timestamp("us", "UTC")),
        ("soon", pa.duration("s")),
        ([1], pa.int64()),
    ],
)
def test_refused_with_the_type_and_the_value(value: object, dtype: pa.DataType) -> None:
    with pytest.raises(ValueError, match=r"expected .*, got ") as caught:
        parse(value, dtype)
    assert str(dtype) in str(caught.value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", float("nan"), np.float32("nan"), pd.NA, pd.NaT, pa.scalar(None, pa.int64())),
        *(np.datetime64("NaT"), np.timedelta64("NaT"), Decimal("nan")),
    ],
)
def test_missing(value: object) -> None:
    assert is_missing(value)


@pytest.mark.parametrize("value", ["nan", " ", 0, False, 0.0, [1], pd.Timestamp(0)])
def test_not_missing(value: object) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(
    ("value", "single"),
    [
        *((value, True) for value in ("ab", 5, None, pd.NA, np.array(5), pa.scalar(1))),
        *((value, False) for value in ([], {}, range(2), np.array([5]), pa.array([1]))),
    ],
)
def test_one_value_is_told_from_many(value: object, single: bool) -> None:
    assert is_single(value) is single


def test_near_matches_among_many_categories_take_no_time() -> None:
    many = pa.array([f"customer-{i:07}" for i in range(500_000)])
    started = time.perf_counter()
    found = near("Customer-0250000x", many)
    assert "customer-0250000" in found
    assert near("Customer-0250000x", many) == found
    assert time.perf_counter() - started < 10
    assert near("a", pa.array([f"b{i}" for i in range(10_001)])) == []


def test_near_matches() -> None:
    assert near("dreses", pa.array(["Dresses", "Tops", "Pants", "Jackets", "Skirts", "Shoes", "Hats"])) == ["Dresses"]
    assert near(9, pa.array([1, 2, 8, 30])) == ["1", "2", "8"]
    assert near("zzz", pa.array(["yes", "no"])) == ["yes", "no"]
    assert near("zzz", pa.array([f"id{i}" for i in range(50)])) == []
