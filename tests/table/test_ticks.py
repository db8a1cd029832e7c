"""Cells as whole numbers of a shared unit, and back."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.ticks import Scale, digits_of, family

COLUMNS = {
    "int8": (pa.array([1, None, -5], pa.int8()), 0),
    "uint64": (pa.array([2**64 - 1, None, 0], pa.uint64()), 0),
    "decimal": (pa.array([Decimal("1.25"), None, Decimal("-3.10")], pa.decimal128(5, 2)), 2),
    "long decimal": (pa.array([Decimal("1" * 38 + ".25"), None, Decimal("-3.10")], pa.decimal256(50, 2)), 2),
    "full decimal": (pa.array([Decimal("9" * 16 + ".99"), None], pa.decimal128(18, 2)), 2),
    "float": (pa.array([0.1, None, -2.35]), 2),
    "float32": (pa.array([0.1, None, -2.35], pa.float32()), 2),
    "float16": (pa.array(np.array([0.5, -1.5], np.float16)), 1),
    "unrounded": (pa.array([1 / 3, None, 2 / 7]), None),
    "huge": (pa.array([1e30, None, -2.0]), 0),
    "date": (pa.array([dt.date(1969, 1, 1), None]), 0),
    "date64": (pa.array([dt.date(1969, 1, 1), None], pa.date64()), 3),
    "time": (pa.array([dt.time(3, 4, 5), None], pa.time32("s")), 0),
    "zoned": (pa.array([dt.datetime(2020, 1, 1, 3), None], pa.timestamp("ns", "UTC")), 9),
    "duration": (pa.array([dt.timedelta(1), None], pa.duration("us")), 6),
    "empty": (pa.array([], pa.float64()), 0),
    "missing": (pa.array([None, None], pa.float64()), 0),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("finer", [0, 3])
def test_cells_come_back(name: str, finer: int) -> None:
    column, digits = COLUMNS[name]
    assert digits_of(column) == digits
    scale = Scale(None if digits is None else digits + finer)
    units, missing = scale.read(column)
    assert missing.tolist() == [cell is None for cell in column.to_pylist()]
    back = scale.write(units, missing, column.type)
    assert back.equals(column)
    assert scale.read(pa.chunked_array([column.slice(1), column.slice(0, 1)]))[0][-1:].tolist() == units[:1].tolist()


def test_columns_share_the_finest_unit() -> None:
    whole, cents = pa.array([3, 4]), pa.array([0.29, 1.5])
    scale = Scale.of([whole, cents])
    assert scale.digits == 2
    assert scale.read(whole)[0].tolist() == [300, 400]
    assert scale.read(cents)[0].tolist() == [29, 150]
    day, instant = pa.array([dt.date(1970, 1, 2)]), pa.array([dt.datetime(1970, 1, 2)], pa.timestamp("ms"))
    scale = Scale.of([day, instant])
    assert scale.read(day)[0].tolist() == scale.read(instant)[0].tolist() == [86_400_000]
    assert Scale.of([whole, pa.array([1 / 3])]).digits is None
    assert Scale.of([]).digits == 0


def test_what_lies_between_cells_is_rounded_down() -> None:
    assert Scale(2).write(np.array([199, -101]), np.zeros(2, np.bool_), pa.int64()).to_pylist() == [1, -2]


def test_decimals_are_cut_to_their_digits() -> None:
    found = Scale(0).write(np.array([10**9, -(10**9)]), np.zeros(2, np.bool_), pa.decimal128(5, 2))
    assert found.to_pylist() == [Decimal("999.99"), Decimal("-999.99")]


def test_sums_differ_exactly_or_beyond_rounding() -> None:
    a, b = np.array([30, 31]), np.array([30, 30])
    assert Scale(2).differ(a, b, a).tolist() == [False, True]
    floats = np.array([0.1 + 0.2, 0.31])
    assert Scale(None).differ(floats, np.array([0.3, 0.3]), floats).tolist() == [False, True]


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (pa.int8(), "numbers"),
        (pa.decimal128(5, 2), "numbers"),
        (pa.decimal128(5, -2), None),
        (pa.timestamp("s"), "days and times"),
        (pa.timestamp("s", "UTC"), "points in time with a zone"),
        (pa.date32(), "days and times"),
        (pa.time64("us"), "times of day"),
        (pa.duration("s"), "durations"),
        (pa.bool_(), None),
        (pa.string(), None),
        (pa.dictionary(pa.int8(), pa.int64()), None),
    ],
)
def test_families(dtype: pa.DataType, expected: str | None) -> None:
    assert family(dtype) == expected
