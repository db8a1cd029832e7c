"""Types by name, and the numbers behind cells."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table import dtypes

NUMERIC = [
    pa.bool_(),
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
    *(pa.float16(), pa.float32(), pa.float64(), pa.decimal128(5, 2), pa.decimal128(38, 0), pa.decimal256(40, 3)),
    *(pa.timestamp("s"), pa.timestamp("ns", "UTC"), pa.timestamp("us", "Europe/Berlin"), pa.timestamp("ms", "+05:30")),
    *(pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")),
    *(pa.duration("s"), pa.duration("ms"), pa.duration("us"), pa.duration("ns")),
]
OTHERS = [
    *(pa.null(), pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())),
    *(pa.dictionary(pa.uint32(), pa.timestamp("us", "UTC"), ordered=True), pa.dictionary(pa.int64(), pa.float64())),
    pa.dictionary(pa.int16(), pa.decimal128(9, 1)),
]
NOT_NUMERIC = [pa.string(), pa.list_(pa.int8()), pa.binary(), pa.struct([("a", pa.int8())]), pa.null()]


@pytest.mark.parametrize("dtype", NUMERIC + OTHERS, ids=str)
def test_parse_reads_what_str_writes(dtype: pa.DataType) -> None:
    assert dtypes.parse(str(dtype)) == dtype
    assert dtypes.is_supported(dtype)


@pytest.mark.parametrize("text", ["", "integer", "list<item: int64>", "timestamp[h]", "decimal128(99, 2)", "binary"])
def test_parse_refuses_what_is_no_column_type(text: str) -> None:
    with pytest.raises(SchemaError, match="expected the name of an Arrow type"):
        dtypes.parse(text)


@pytest.mark.parametrize("dtype", NUMERIC, ids=str)
def test_numeric_view_and_back(dtype: pa.DataType) -> None:
    numbers = np.array([0, 1, 0, 86_400_000 if pa.types.is_date64(dtype) else 1])
    mask = np.array([False, False, True, False])
    array = dtypes.from_numeric(numbers, mask, dtype)
    array.validate(full=True)
    assert array.type == dtype
    assert array.is_null().to_pylist() == mask.tolist()
    values, found = dtypes.numeric_view(pa.chunked_array([array.slice(0, 1), array.slice(1)]))
    assert found.tolist() == mask.tolist()
    assert values[2] == 0
    assert values.dtype == (np.float64 if pa.types.is_floating(dtype) or pa.types.is_decimal(dtype) else np.int64)
    assert dtypes.from_numeric(values, found, dtype).equals(array)


@pytest.mark.parametrize("dtype", NOT_NUMERIC, ids=str)
def test_no_numeric_view_of_other_cells(dtype: pa.DataType) -> None:
    assert not dtypes.is_numeric(dtype)
    with pytest.raises(TypeError, match="expected numeric cells"):
        dtypes.numeric_view(pa.nulls(1, dtype))


def test_the_view_counts_the_unit_of_the_type() -> None:
    day = pa.array([dt.date(1970, 1, 3)])
    assert dtypes.numeric_view(day)[0].tolist() == [2]
    assert dtypes.numeric_view(pa.array([dt.time(0, 1)], pa.time32("s")))[0].tolist() == [60]
    assert dtypes.numeric_view(pa.array([dt.timedelta(seconds=2)], pa.duration("ms")))[0].tolist() == [2_000]
    assert dtypes.numeric_view(pa.array([Decimal("1.25")]))[0].tolist() == [1.25]


def test_nan_is_missing_like_null() -> None:
    values, mask = dtypes.numeric_view(pa.array([1.5, None, float("nan")]))
    assert values.tolist() == [1.5, 0.0, 0.0]
    assert mask.tolist() == [False, True, True]
    assert dtypes.missing(pa.array(["nan", None])).tolist() == [False, True]


def test_large_integers_stay_exact() -> None:
    signed = pa.array([2**63 - 1, -(2**63), None])
    values, mask = dtypes.numeric_view(signed)
    assert values.tolist() == [2**63 - 1, -(2**63), 0]
    assert dtypes.from_numeric(values, mask, pa.int64()).equals(signed)
    unsigned = pa.array([2**64 - 1, 0], pa.uint64())
    values, mask = dtypes.numeric_view(unsigned)
    assert values.dtype == np.uint64
    assert dtypes.from_numeric(values, mask, pa.uint64()).equals(unsigned)


def test_floats_are_rounded_and_clipped_to_the_type() -> None:
    values = np.array([1e30, -1e30, 2.0**63, 2.5, -0.4])
    assert dtypes.from_numeric(values, None, pa.int64()).to_pylist() == [2**63 - 1, -(2**63), 2**63 - 1, 2, 0]
    assert dtypes.from_numeric(values, None, pa.uint8()).to_pylist() == [255, 0, 255, 2, 0]
    assert dtypes.from_numeric(np.array([300, -7]), None, pa.uint8()).to_pylist() == [255, 0]
    fixed = dtypes.from_numeric(np.array([1e30, -7.0, 1.236]), None, pa.decimal128(5, 2))
    assert fixed.to_pylist() == [Decimal("999.99"), Decimal("-7.00"), Decimal("1.24")]


def test_a_date64_is_a_whole_day() -> None:
    array = dtypes.from_numeric(np.array([86_400_001]), None, pa.date64())
    array.validate(full=True)
    assert array.to_pylist() == [dt.date(1970, 1, 2)]


def test_missing_cells_may_hold_anything() -> None:
    array = dtypes.from_numeric(np.array([np.nan, 3.0]), np.array([True, False]), pa.int32())
    assert array.to_pylist() == [None, 3]


def test_dictionaries_are_seen_through() -> None:
    column = pa.chunked_array([pa.array([5, None, 5]).dictionary_encode()])
    values, mask = dtypes.numeric_view(column)
    assert (values.tolist(), mask.tolist()) == ([5, 0, 5], [False, True, False])
    assert dtypes.from_numeric(values, mask, pa.dictionary(pa.int8(), pa.int64())).to_pylist() == [5, None, 5]


def test_words_for_types() -> None:
    assert dtypes.word(pa.int8()) == "integer"
    assert dtypes.word(pa.dictionary(pa.int8(), pa.string())) == "category of text"
    assert dtypes.word(pa.timestamp("s")) == "timestamp"
    assert dtypes.word(pa.list_(pa.int8())) == "list<item: int8>"


def test_an_empty_column_has_an_empty_view() -> None:
    values, mask = dtypes.numeric_view(pa.chunked_array([], pa.int64()))
    assert (len(values), len(mask)) == (0, 0)
