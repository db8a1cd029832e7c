"""Frames into Arrow: what is refused, and how. That dtypes come back is tested in tests/properties."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table import annotations
from tabgan.table.frames import from_frame


def objects(*values: Any) -> "pd.Series[Any]":
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return pd.Series(cells, dtype=object)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (objects(1, "x", 2), r"mixes int \(2, for example 1\), str \(1, for example 'x'\); make every cell one type"),
        (objects(True, 1), "mixes bool .* int"),
        (objects(dt.date(2020, 1, 1), dt.datetime(2020, 1, 1)), "mixes date .* datetime"),
        (objects(pd.Timestamp("2020"), pd.Timestamp("2020", tz="UTC")), "objects of type Timestamp"),
        (objects([1], [2]), "objects of type list"),
        (objects(b"a", b"b"), "objects of type bytes"),
        (objects(2**70, 1), "whole numbers beyond 64 bits"),
        (objects(Decimal("Infinity"), Decimal(1)), "infinite decimals"),
        (pd.Series(pd.period_range("2020", periods=2)), r"dtype period.*to_timestamp"),
        (pd.cut(pd.Series([1, 2]), 2), "dtype interval"),
        (pd.Series([1j, 2]), "dtype complex128"),
    ],
)
def test_an_unusable_column_is_refused_by_name(column: "pd.Series[Any]", message: str) -> None:
    with pytest.raises(SchemaError, match=f"column 'odd one' .*{message}"):
        from_frame(pd.DataFrame({"odd one": column}))


def test_all_problems_are_in_one_error() -> None:
    frame = pd.DataFrame({"a": objects(1, "x"), "b": objects([1], [2]), (1, 2): [1, 2], "fine": [1, 2]})
    with pytest.raises(SchemaError) as caught:
        from_frame(frame)
    message = str(caught.value)
    assert "3 problems" in message
    assert "label of column 3 is (1, 2)" in message
    assert "'fine'" not in message


def test_labels_that_are_no_strings_are_remembered() -> None:
    table = from_frame(pd.DataFrame([[1, 2, 3, 4]], columns=pd.Index([0, "b", "", np.int64(7)], dtype=object)))
    assert table.column_names == ["0", "b", "column_3", "7"]
    labels = [annotations.label(field) for field in table.schema]
    assert labels == [0, None, "", 7]


def test_labels_that_look_alike_are_refused() -> None:
    with pytest.raises(SchemaError, match="columns 1, 2 are all called '1'"):
        from_frame(pd.DataFrame([[1, 2]], columns=pd.Index([1, "1"], dtype=object)))
    with pytest.raises(SchemaError, match="all called 'a'"):
        from_frame(pd.DataFrame([[1, 2]], columns=["a", "a"]))


@pytest.mark.parametrize("label", [None, float("nan"), float("inf"), -np.float32("inf"), ("a", 1)])
def test_labels_that_are_no_names_are_refused(label: object) -> None:
    frame = pd.DataFrame([[1, 2]])
    frame.columns = pd.Index([label, "b"], dtype=object, tupleize_cols=False)
    with pytest.raises(SchemaError, match="label of column 1"):
        from_frame(frame)


def test_a_label_that_is_no_unicode_is_refused_with_a_remedy() -> None:
    frame = pd.DataFrame([[1, 2]], columns=pd.Index(["\ud800", "b"], dtype=object))
    with pytest.raises(SchemaError, match=r"label of column 1 is '\\ud800'.*no valid Unicode; rename it"):
        from_frame(frame)
    frame.columns = pd.Index([str(label).encode("utf-8", "replace").decode() for label in frame.columns])
    assert from_frame(frame).column_names == ["?", "b"]


@pytest.mark.parametrize("dtype", [">f8", ">f4", ">i2", ">u8"])
def test_big_endian_numbers_are_read_in_native_byte_order(dtype: str) -> None:
    native = np.dtype(dtype).newbyteorder("=")
    frame = pd.DataFrame({"a": np.array([1, 2, 300], dtype)})
    assert frame["a"].dtype == np.dtype(dtype)
    table = from_frame(frame)
    assert table["a"].to_pylist() == [1, 2, 300]
    assert annotations.pandas_dtype(table.schema.field("a")) == str(native)


def test_several_levels_of_labels_are_refused() -> None:
    frame = pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))
    with pytest.raises(SchemaError, match="one level of column labels"):
        from_frame(frame)


def test_the_index_is_ignored() -> None:
    frame = pd.DataFrame({"a": objects("x", None)}).set_axis([7, 3])
    assert from_frame(frame)["a"].to_pylist() == ["x", None]


def test_nanoseconds_of_python_objects_are_kept() -> None:
    table = from_frame(pd.DataFrame({"a": objects(pd.Timestamp(1), pd.NaT)}))
    assert table.schema.field("a").type == pa.timestamp("ns")
    assert table["a"].cast(pa.int64()).to_pylist() == [1, None]


def test_whole_and_fractional_objects_are_numbers() -> None:
    assert from_frame(pd.DataFrame({"a": objects(1, 2.5, None)}))["a"].to_pylist() == [1.0, 2.5, None]
