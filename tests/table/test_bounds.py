"""The ends of ranges, as numbers that count themselves."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.bounds import largest, least
from tabgan.table.clauses import Bound


@pytest.mark.parametrize(
    ("value", "included", "dtype", "low", "high"),
    [
        ("5", True, pa.int64(), 5, 5),
        (5, False, pa.int8(), 6, 4),
        ("4.5", True, pa.int64(), 5, 4),
        (4.5, False, pa.int64(), 5, 4),
        (Decimal("-4.5"), True, pa.int64(), -4, -5),
        ("9007199254740993", True, pa.int64(), 2**53 + 1, 2**53 + 1),
        ("18446744073709551614", False, pa.uint64(), 2**64 - 1, 2**64 - 3),
        (np.uint64(2**63), True, pa.uint64(), 2**63, 2**63),
        ("0.1", True, pa.float64(), 0.1, 0.1),
        (1, False, pa.float64(), float(np.nextafter(1, 2)), float(np.nextafter(1, 0))),
        ("0.1", True, pa.float32(), float(np.float32(0.1)), float(np.float32(0.1))),
        (1, False, pa.float16(), 1 + 2**-10, 1 - 2**-11),
        ("1.234", True, pa.decimal128(9, 2), 1.24, 1.23),
        ("1.23", False, pa.decimal128(9, 2), 1.24, 1.22),
        ("1e3", True, pa.decimal128(9, 2), 1000.0, 1000.0),
        ("2020-01-01", True, pa.date32(), 18262, 18262),
        ("2020-01-01", False, pa.date32(), 18263, 18261),
        (dt.datetime(1970, 1, 1, 0, 0, 1), False, pa.timestamp("us"), 1_000_001, 999_999),
        (dt.timedelta(seconds=5), False, pa.duration("s"), 6, 4),
        ("00:01", True, pa.time32("s"), 60, 60),
    ],
)
def test_ends(value: object, included: bool, dtype: pa.DataType, low: float, high: float) -> None:
    assert (least(Bound(value, included), dtype), largest(Bound(value, included), dtype)) == (low, high)


def test_an_end_beyond_the_type_bounds_nothing() -> None:
    assert least(Bound("-1e99"), pa.int64()) == -(2**63)
    assert largest(Bound("1e999999999"), pa.int64()) == 2**63 - 1
    assert least(Bound(-5), pa.uint64()) == 0
    assert least(Bound(float("-inf")), pa.float64()) == -np.inf
    assert largest(Bound("1e400"), pa.float64()) == np.inf
    assert largest(Bound("1e40"), pa.decimal128(9, 2)) == np.inf


@pytest.mark.parametrize(
    ("end", "value", "dtype"),
    [
        (least, "1e99", pa.int64()),
        (least, 2**64, pa.uint64()),
        (largest, -1, pa.uint64()),
        (least, float("inf"), pa.float64()),
        (largest, "-1e40", pa.decimal128(9, 2)),
        *((least, value, pa.int64()) for value in ("abc", None, "", float("nan"), True, "1_0", dt.date(2020, 1, 1))),
        (least, "nan", pa.float64()),
        (least, 5, pa.timestamp("us")),
        (least, "soon", pa.date32()),
    ],
)
def test_refused(end, value: object, dtype: pa.DataType) -> None:
    with pytest.raises(ValueError, match=r"expected .*, got "):
        end(Bound(value), dtype)


def test_decimals_agree_with_the_numbers_of_their_cells() -> None:
    dtype = pa.decimal128(12, 3)
    for thousandths in range(0, 40_000, 37):
        value = Decimal(thousandths).scaleb(-3)
        cell = pa.array([value], dtype).cast(pa.float64())[0].as_py()
        assert least(Bound(value), dtype) == largest(Bound(str(value)), dtype) == cell
