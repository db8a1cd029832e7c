"""Rows as text: what other readers make of it."""

import csv
import datetime as dt
import io
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table.text_rows import csv_header, csv_rows, json_rows

ODD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6) | st.sampled_from(
    ['"', ",", "\n", "\r\n", " a ", "", "'", "\\", "NA", "nan", ";", "\t", "1", "ü", '""']
)


@given(
    st.lists(st.tuples(ODD, ODD | st.none()), min_size=1, max_size=8),
    st.tuples(ODD, ODD),
    st.sampled_from(",;\t"),
)
def test_text_comes_back_from_csv(rows: list[tuple[str, str | None]], names: tuple[str, str], delimiter: str) -> None:
    table = pa.table([pa.array(column, pa.string()) for column in zip(*rows, strict=True)], names=list(names))
    data = csv_header(list(names), delimiter) + csv_rows(table, delimiter)
    found = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))
    assert found == [list(names), *([first, second or ""] for first, second in rows)]


@given(st.lists(st.floats(allow_infinity=False) | st.none(), min_size=1, max_size=8))
def test_floats_come_back_exactly_and_as_floats(values: list[float | None]) -> None:
    table = pa.table({"a": pa.array(values, pa.float64()), "b": [True] * len(values)})
    fields = [line.split(",")[0] for line in csv_rows(table, ",").decode().splitlines()]
    for value, field in zip(values, fields, strict=True):
        assert field == "" if value is None or np.isnan(value) else float(field) == value
        assert field == "" or not field.lstrip("-").isdigit()
    found = [json.loads(line)["a"] for line in json_rows(table).splitlines()]
    assert found == [None if value is None or np.isnan(value) else value for value in values]


def test_one_column_has_no_empty_lines() -> None:
    assert csv_rows(pa.table({"a": ["x", None]}), ",") == b'x\n""\n'
    assert csv_rows(pa.table({"a": pa.array([1, None])}), ",") == b'1\n""\n'


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([True, None]), ["true", ""]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array([1.5, 2.0], pa.float32()), ["1.5", "2.0"]),
        (pa.array(np.array([1.5, 2.0], np.float16())), ["1.5", "2.0"]),
        (pa.array([dt.date(2020, 1, 2)]), ["2020-01-02"]),
        (pa.array([dt.time(1, 2, 3)], pa.time32("s")), ["01:02:03"]),
        (pa.array([dt.datetime(2020, 1, 2)], pa.timestamp("s")), ["2020-01-02 00:00:00"]),
        (pa.array([0], pa.timestamp("s", "UTC")), ["1970-01-01 00:00:00Z"]),
        (pa.array([dt.timedelta(days=1, seconds=5), None], pa.duration("ms")), ["P1DT5S", ""]),
        (pa.array(["a,b", "c"]).dictionary_encode(), ['"a,b"', "c"]),
        (pa.array([3, None]).dictionary_encode(), ["3", ""]),
        (pa.nulls(2), ["", ""]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_cells_of_every_type(array: pa.Array, texts: list[str]) -> None:
    table = pa.table({"x": array, "y": ["z"] * len(array)})
    assert csv_rows(table, ",").decode() == "".join(f"{text},z\n" for text in texts)
    objects = [json.loads(line)["x"] for line in json_rows(table).splitlines()]
    plain = [str(value).lower() if isinstance(value, bool) else str(value) for value in objects]
    assert ["" if value == "None" or value == "none" else value for value in plain] == [t.strip('"') for t in texts]


@given(st.lists(ODD | st.none(), min_size=1, max_size=8), ODD)
def test_text_comes_back_from_json(values: list[str | None], name: str) -> None:
    data = json_rows(pa.table({name: pa.array(values, pa.string())}))
    assert [json.loads(line) for line in data.decode().split("\n")[:-1]] == [{name: value} for value in values]


def test_no_rows_are_no_bytes() -> None:
    assert csv_rows(pa.table({"a": pa.array([], pa.int64())}), ",") == b""


def test_slices_and_chunks_are_written_as_they_are() -> None:
    column = pa.chunked_array([["a", "b"], ["c", "d"]])
    assert csv_rows(pa.table({"x": column, "y": column}).slice(1, 2), ",") == b"b,b\nc,c\n"


def test_pandas_reads_the_same() -> None:
    table = pa.table({"a": ["x, y", None, 'q"'], "b": [0.1, None, 1e300]})
    found = pd.read_csv(io.BytesIO(csv_header(["a", "b"], ",") + csv_rows(table, ",")))
    pd.testing.assert_frame_equal(found, table.to_pandas(), check_dtype=False)
