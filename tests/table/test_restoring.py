"""What becomes of columns that nobody described, or that do not fit the dtype that was asked for."""

import datetime as dt
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tabgan.table.columns import ColumnSpec
from tabgan.table.restoring import natural_dtype, to_frame

PANDAS_3 = int(pd.__version__.split(".")[0]) >= 3


@pytest.mark.parametrize(
    ("array", "dtype"),
    [
        (pa.array([1, 2]), "int64"),
        (pa.array([1, None]), "Int64"),
        (pa.array([1, None], pa.uint8()), "UInt8"),
        (pa.array([True]), "bool"),
        (pa.array([True, None]), "boolean"),
        (pa.array([1.5, None]), "float64"),
        (pa.array([1.5], pa.float32()), "float32"),
        (pa.array([None]), "float64"),
        (pa.array([1], pa.timestamp("us", "UTC")), "datetime64[us, UTC]"),
        (pa.array([dt.date(2020, 1, 1)]), "datetime64[s]"),
        (pa.array([1], pa.duration("ms")), "timedelta64[ms]"),
        (pa.array([dt.time(1)]), "object"),
        (pa.array(["a", None]), "str"),
        (pa.array(["a"]).dictionary_encode(), "category[str]"),
    ],
)
def test_natural_dtypes(array: pa.Array, dtype: str) -> None:
    assert natural_dtype(array) == dtype
    frame = to_frame(pa.table({"x": array}), {})
    assert len(frame) == len(array)
    shown = str(frame["x"].dtype)
    assert shown == ("category" if dtype.startswith("category") else dtype if PANDAS_3 or dtype != "str" else "object")


def test_dates_of_a_file_become_timestamps() -> None:
    for dtype in (pa.date32(), pa.date64()):
        frame = to_frame(pa.table({"x": pa.array([dt.date(2020, 1, 2), None], dtype)}), {})
        assert frame["x"].tolist() == [pd.Timestamp("2020-01-02"), pd.NaT]


@pytest.mark.parametrize(("cells", "asked", "found"), [([1, None], "int8", "Int64"), ([True, None], "bool", "boolean")])
def test_missing_cells_make_a_dtype_nullable(cells: list[Any], asked: str, found: str) -> None:
    array = pa.array(cells)
    spec = ColumnSpec(name="x", kind="categorical", dtype=str(array.type), nullable=True, pandas_dtype=asked)
    frame = to_frame(pa.table({"x": array}), {"x": spec})
    assert str(frame["x"].dtype) == found
    assert frame["x"].isna().tolist() == [False, True]


def test_a_frame_keeps_its_rows_when_all_columns_are_gone() -> None:
    assert to_frame(pa.table({"a": [1, 2, 3]}), {}).index.equals(pd.RangeIndex(3))
