"""What goes in as a pandas frame, an Arrow table or a polars frame comes out of `Schema.to_pandas` the same."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tabgan.table.files import read_table
from tabgan.table.schema import Schema

PANDAS_3 = int(pd.__version__.split(".")[0]) >= 3
N = 7
INSTANTS = st.integers(-(2**33), 2**33)  # about 1700 to 2240 in seconds: inside of what nanoseconds can tell
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5) | st.sampled_from(["nan", "NA", ""])
FLOATS = st.floats(allow_nan=True, allow_infinity=False, width=32)
NUMPY = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]
NULLABLE = ["Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"]


def whole(dtype: str) -> st.SearchStrategy[int]:
    limits = np.iinfo(dtype.lower())
    return st.integers(int(limits.min), int(limits.max))


def cells(of: st.SearchStrategy[Any], *, missing: bool = True) -> st.SearchStrategy[list[Any]]:
    return st.lists(of | st.none() if missing else of, min_size=N, max_size=N)


def numpy_columns(dtype: str) -> st.SearchStrategy[Any]:
    of = st.booleans() if dtype == "bool" else FLOATS if dtype.startswith("float") else whole(dtype)
    return cells(of, missing=False).map(lambda values: np.array(values, dtype=dtype))


def nullable_columns(dtype: str) -> st.SearchStrategy[Any]:
    return cells(whole(dtype)).map(lambda values: pd.array(values, dtype=dtype))


def categories(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Columns that use some of their declared categories, in any order, ordered or not."""

    @st.composite
    def column(draw: st.DrawFn) -> Any:
        declared = draw(st.lists(of, min_size=1, max_size=6, unique=True))
        codes = draw(st.lists(st.integers(-1, len(declared) - 1), min_size=N, max_size=N))
        return pd.Categorical.from_codes(codes, pd.Index(declared), ordered=draw(st.booleans()))

    return column()


def stamps(unit: str, tz: str | None) -> st.SearchStrategy[Any]:
    def column(values: list[int | None]) -> Any:
        ticks = np.array([np.datetime64("NaT") if v is None else np.datetime64(v, "s") for v in values])
        series = pd.Series(ticks.astype(f"datetime64[{unit}]"))
        return series if tz is None else series.dt.tz_localize("UTC").dt.tz_convert(tz)

    return cells(INSTANTS).map(column)


def spans(unit: str) -> st.SearchStrategy[Any]:
    def column(values: list[int | None]) -> Any:
        ticks = np.array([np.timedelta64("NaT") if v is None else np.timedelta64(v, "s") for v in values])
        return pd.Series(ticks.astype(f"timedelta64[{unit}]"))

    return cells(INSTANTS).map(column)


def objects(of: st.SearchStrategy[Any], marker: object = None) -> st.SearchStrategy[Any]:
    def column(values: list[Any]) -> Any:
        plain = np.empty(len(values), dtype=object)
        plain[:] = [marker if value is None else value for value in values]
        return pd.Series(plain, dtype=object)

    return cells(of).map(column)


ARROW_CELLS: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.bool_(): st.booleans(),
    **{kind: whole(str(kind)) for kind in (pa.int8(), pa.int32(), pa.int64(), pa.uint16(), pa.uint64())},
    pa.float32(): FLOATS.filter(lambda value: value == value),
    pa.float64(): st.floats(allow_nan=False, allow_infinity=False),
    pa.string(): TEXT,
    pa.large_string(): TEXT,
    pa.decimal128(12, 3): st.integers(-(10**11), 10**11).map(lambda value: Decimal(value).scaleb(-3)),
    pa.date32(): st.dates(dt.date(1800, 1, 1), dt.date(2200, 1, 1)),
    pa.date64(): st.dates(dt.date(1800, 1, 1), dt.date(2200, 1, 1)),
    pa.time32("s"): st.integers(0, 86_399).map(lambda value: (dt.datetime.min + dt.timedelta(seconds=value)).time()),
    pa.time64("us"): st.times(),
    **{pa.timestamp(unit): INSTANTS for unit in ("s", "ms", "us", "ns")},
    pa.timestamp("us", "Europe/Berlin"): INSTANTS,
    **{pa.duration(unit): INSTANTS for unit in ("s", "ms", "us", "ns")},
    pa.null(): st.none(),
}


def arrow_columns(dtype: pa.DataType) -> st.SearchStrategy[Any]:
    return cells(ARROW_CELLS[dtype]).map(lambda values: pa.chunked_array([pa.array(values, type=dtype)]))


def in_pandas(array: pa.ChunkedArray) -> Any:
    return pd.Series(pd.arrays.ArrowExtensionArray(array))


def dictionary_columns(dtype: pa.DataType) -> st.SearchStrategy[pa.ChunkedArray]:
    @st.composite
    def column(draw: st.DrawFn) -> pa.ChunkedArray:
        declared = draw(st.lists(ARROW_CELLS[dtype], min_size=1, max_size=5, unique=True))
        indices = draw(st.lists(st.integers(0, len(declared) - 1) | st.none(), min_size=N, max_size=N))
        index = draw(st.sampled_from([pa.int8(), pa.int32()]))
        array = pa.DictionaryArray.from_arrays(
            pa.array(indices, index), pa.array(declared, dtype), ordered=draw(st.booleans())
        )
        return pa.chunked_array([array])

    return column()


COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    **{dtype: numpy_columns(dtype) for dtype in NUMPY},
    "float16": cells(st.floats(-100, 100, width=16), missing=False).map(lambda v: np.array(v, dtype="float16")),
    **{dtype: nullable_columns(dtype) for dtype in NULLABLE},
    "Float32": cells(st.floats(-1e6, 1e6, width=32)).map(lambda v: pd.array(v, dtype="Float32")),
    "Float64": cells(st.floats(-1e300, 1e300)).map(lambda v: pd.array(v, dtype="Float64")),
    "boolean": cells(st.booleans()).map(lambda v: pd.array(v, dtype="boolean")),
    "string": cells(TEXT).map(lambda v: pd.array(v, dtype="string")),
    "string[python]": cells(TEXT).map(lambda v: pd.array(v, dtype=pd.StringDtype("python"))),
    "str": cells(TEXT).map(lambda v: pd.Series(v, dtype="str" if PANDAS_3 else object)),
    "object text": objects(TEXT),
    "object text, NaN": objects(TEXT, np.nan),
    "object text, NA": objects(TEXT, pd.NA),
    "object booleans": objects(st.booleans()),
    "object integers": objects(st.integers(-(2**63), 2**63 - 1)),
    "object big integers": objects(st.integers(2**63, 2**64 - 1)),
    "object dates": objects(st.dates()),
    "object times": objects(st.times()),
    "object decimals": objects(st.decimals(-1000, 1000, places=2)),
    "object datetimes": objects(st.datetimes()),
    "category of text": categories(TEXT),
    "category of integers": categories(st.integers(-(2**62), 2**62)),
    "category of floats": categories(st.floats(-1e6, 1e6)),
    "category of booleans": categories(st.booleans()),
    "category of timestamps": categories(st.datetimes(dt.datetime(1800, 1, 1), dt.datetime(2200, 1, 1))),
    **{f"datetime64[{unit}]": stamps(unit, None) for unit in ("s", "ms", "us", "ns")},
    **{f"datetime64[{unit}, Europe/Berlin]": stamps(unit, "Europe/Berlin") for unit in ("s", "us", "ns")},
    "datetime64[us, +05:30]": stamps("us", "+05:30"),
    **{f"timedelta64[{unit}]": spans(unit) for unit in ("s", "ms", "us", "ns")},
    "Sparse": cells(FLOATS, missing=False).map(lambda v: pd.arrays.SparseArray(np.array(v))),
    **{f"{dtype}[pyarrow]": arrow_columns(dtype).map(in_pandas) for dtype in ARROW_CELLS},
    **{f"dictionary of {d}[pyarrow]": dictionary_columns(d).map(in_pandas) for d in (pa.string(), pa.int64())},
}


def round_trip(data: Any) -> pd.DataFrame:
    """Through everything that lies between a user's table and a sampled one, but the model."""
    table = read_table(data)
    inferred = Schema.infer(table)
    schema = Schema.from_json(json.loads(json.dumps(inferred.to_json())))
    assert schema == inferred
    everything_modelled = table.select([spec.name for spec in schema.columns])
    return schema.to_pandas(everything_modelled)


@pytest.mark.parametrize("dtype", COLUMNS)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_a_pandas_column_comes_back_as_it_went_in(dtype: str, data: st.DataObject) -> None:
    frame = pd.DataFrame({"x": data.draw(COLUMNS[dtype])})
    before = frame.copy(deep=True)
    assert_frame_equal(round_trip(frame), frame)
    assert_frame_equal(frame, before)


@pytest.mark.parametrize("dtype", COLUMNS)
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_a_conformed_column_has_the_promised_arrow_type(dtype: str, data: st.DataObject) -> None:
    frame = pd.DataFrame({"x": data.draw(COLUMNS[dtype])})
    table = read_table(frame)
    schema = Schema.infer(table)
    schema.check(table)
    conformed = schema.conform(table)
    assert conformed.schema == schema.arrow_schema
    assert_frame_equal(schema.to_pandas(conformed), frame)


@given(
    labels=st.lists(st.integers(-5, 5) | TEXT | st.booleans() | st.floats(-2, 2), min_size=1, max_size=6),
    data=st.data(),
)
@settings(max_examples=25, deadline=None)
def test_labels_and_order_come_back(labels: list[Any], data: st.DataObject) -> None:
    index = pd.Index(labels)  # makes one type of what it can, so that 0 and 0.0 are one label
    assume(len({str(label) for label in index}) == len(labels))
    columns = {i: data.draw(COLUMNS[data.draw(st.sampled_from(list(COLUMNS)))]) for i in range(len(labels))}
    frame = pd.DataFrame(columns)
    frame.columns = index
    back = round_trip(frame)
    assert_frame_equal(back, frame)
    assert [type(label) for label in back.columns] == [type(label) for label in frame.columns]


@pytest.mark.parametrize("dtype", ARROW_CELLS, ids=str)
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_an_arrow_column_comes_back_with_its_arrow_dtype(dtype: pa.DataType, data: st.DataObject) -> None:
    column = data.draw(arrow_columns(dtype))
    back = round_trip(pa.table({"x": column}))
    assert_frame_equal(back, pd.DataFrame({"x": in_pandas(column)}))


@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_a_polars_frame_comes_back_with_the_same_values(data: st.DataObject) -> None:
    columns = {
        "text": pl.Series(data.draw(cells(TEXT)), dtype=pl.String),
        "categorical": pl.Series(data.draw(cells(st.sampled_from("abc"))), dtype=pl.Categorical),
        "enum": pl.Series(data.draw(cells(st.sampled_from("ab"))), dtype=pl.Enum(["b", "c", "a"])),
        "decimal": pl.Series(data.draw(cells(ARROW_CELLS[pa.decimal128(12, 3)])), dtype=pl.Decimal(12, 3)),
        "date": pl.Series(data.draw(cells(st.dates())), dtype=pl.Date),
        "time": pl.Series(data.draw(cells(st.times())), dtype=pl.Time),
        "stamp": pl.Series(data.draw(cells(st.datetimes())), dtype=pl.Datetime("us")),
        "span": pl.Series(data.draw(cells(st.timedeltas(dt.timedelta(-9), dt.timedelta(9)))), dtype=pl.Duration("us")),
        "integer": pl.Series(data.draw(cells(st.integers(-5, 5))), dtype=pl.Int16),
        "boolean": pl.Series(data.draw(cells(st.booleans())), dtype=pl.Boolean),
        "nothing": pl.Series([None] * N, dtype=pl.Null),
    }
    frame = pl.DataFrame(columns)
    back = round_trip(frame)
    assert list(back.columns) == frame.columns
    values = pl.DataFrame({name: back[name].array.__arrow_array__().to_pylist() for name in columns}, strict=False)
    assert values.to_dicts() == frame.to_dicts()


@pytest.mark.skipif(not hasattr(pa, "string_view"), reason="this pyarrow has no string views")
def test_string_views_are_read_as_strings() -> None:
    table = read_table(pa.table({"x": pa.array(["a", None, "ü"], pa.string_view())}))
    assert table.schema.field("x").type == pa.large_string()
    assert round_trip(table)["x"].tolist() == ["a", pd.NA, "ü"]
