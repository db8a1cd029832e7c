"""Tables of any origin, and everything that is none."""

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest

from tabgan.errors import InputError, SchemaError
from tabgan.table import annotations
from tabgan.table.files import READABLE, TableWriter, read_table
from tabgan.table.schema import Schema

TABLE = pa.table({"a": [1, None, 3], "b": ["x", "NA", None], "c": [0.5, 1.0, None]})


def written(path: Path, table: pa.Table = TABLE) -> Path:
    with TableWriter(path, table.schema) as writer:
        writer.write(table)
    return path


@pytest.mark.parametrize("suffix", [suffix for suffix in READABLE if suffix not in (".txt", ".json")])
def test_every_format_that_is_written_is_read(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"t{suffix.upper()}")
    table = read_table(str(path))
    assert table.to_pydict() == TABLE.to_pydict()
    assert annotations.source(table) == str(path)
    frame = Schema.infer(table).to_pandas(table)
    assert str(frame["a"].dtype) == "Int64"
    assert str(frame["c"].dtype) == "float64"


def test_arrow_streams_are_read_from_files(tmp_path: Path) -> None:
    path = tmp_path / "t.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    assert read_table(path).to_pydict() == TABLE.to_pydict()


def test_the_index_column_of_a_parquet_file_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": [1, 2]}, index=[5, 3]).to_parquet(path)
    assert read_table(path).column_names == ["a"]


def test_json_lines_with_gaps(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"a": 1, "b": "x"}\n{"b": null}\n{"a": 2.5}\n')
    assert read_table(path).to_pydict() == {"a": [1.0, None, 2.5], "b": ["x", None, None]}


@pytest.mark.parametrize(
    ("name", "data", "error", "message"),
    [
        ("t.csv", b"", InputError, "is empty"),
        ("t.csv", b"\n\n", InputError, "no text"),
        ("t.csv", b"a,b\n", InputError, "has no rows, only the columns 'a', 'b'"),
        ("t.csv", b"\x89PNG\r\n\x1a\n123", InputError, "it is a PNG picture"),
        ("t.csv", b"PAR1....", InputError, "it is a Parquet file; rename it so that it ends in .parquet"),
        ("t.csv", b"PK\x03\x04...", InputError, "an Excel sheet (save it as CSV)"),
        ("t.csv", bytes(range(256)), InputError, "binary data"),
        ("t.csv", b"a,b\n1\n", InputError, "row 2 has 1"),
        ("t.csv", b"a,a\n1,2\n", SchemaError, "columns 1, 2 are all called 'a'"),
        ("t.csv", gzip.compress(b"a\n1\n", mtime=0), InputError, "ends in .csv.gz"),
        ("t.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], InputError, "is damaged, or no .csv.gz file"),
        ("t.csv.gz", b"a,b\n1,2\n", InputError, "is damaged, or no .csv.gz file"),
        ("t.parquet", b"PAR1 and no more", InputError, "is damaged, or no .parquet file"),
        ("t.parquet", b"a,b\n1,2\n", InputError, "is damaged, or no .parquet file"),
        ("t.arrow", b"junk that is long enough", InputError, "is damaged, or no .arrow file"),
        ("t.feather", b"ARROW1 and no more", InputError, "is damaged, or no .feather file"),
        ("t.jsonl", b"hello", InputError, "is damaged, or no .jsonl file"),
        ("t.json", b' [{"a": 1}]', InputError, "expected JSON lines"),
        ("t.jsonl", b'{"a": 1}\n{"a": "x"}\n', SchemaError, "column 'a' mixes types: number at first, but string"),
        ("t.xlsx", b"PK\x03\x04...", InputError, "expected a file that ends in one of .csv, .tsv"),
    ],
)
def test_files_that_are_no_tables(
    tmp_path: Path, name: str, data: bytes, error: type[InputError], message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(error) as caught:
        read_table(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_truncated_parquet_file(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="is damaged"):
        read_table(path)


def test_names_that_lead_nowhere(tmp_path: Path) -> None:
    written(tmp_path / "reviews.csv")
    with pytest.raises(InputError, match=r"there is no file .*reviws\.csv'; did you mean .*reviews\.csv'"):
        read_table(tmp_path / "reviws.csv")
    with pytest.raises(InputError, match="no folder"):
        read_table(tmp_path / "nowhere" / "t.csv")
    with pytest.raises(InputError, match="expected a file, got the folder"):
        read_table(tmp_path)
    with pytest.raises(InputError, match="there is no file"):
        read_table("a\0b.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rows.csv")
    with pytest.raises(InputError, match="got a pipe"):
        read_table(tmp_path / "rows.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv")
    path.chmod(0)
    with pytest.raises(InputError, match="could not be read"):
        read_table(path)


class Stream:
    """What polars, DuckDB and others look like from here."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches()).__arrow_c_stream__()


@pytest.mark.parametrize(
    "source",
    [
        TABLE,
        TABLE.to_batches()[0],
        pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches()),
        Stream(),
        pl.DataFrame(TABLE.to_pydict()),
    ],
    ids=["table", "batch", "reader", "stream", "polars"],
)
def test_arrow_sources(source: Any) -> None:
    table = read_table(source)
    assert table.to_pydict() == TABLE.to_pydict()
    assert annotations.pandas_dtype(table.schema.field("a")) == "int64[pyarrow]"
    assert annotations.source(table) == "the table"


def test_a_table_that_was_read_can_be_read_again() -> None:
    once = read_table(pd.DataFrame({3: pd.Categorical(["a", "b"], categories=["b", "a", "c"])}))
    assert read_table(once).equals(once, check_metadata=True)


@pytest.mark.parametrize("source", [5, [1, 2], {"a": [1]}, np.zeros((2, 2)), pl.Series([1]), pl.LazyFrame({"a": [1]})])
def test_what_is_no_table(source: Any) -> None:
    with pytest.raises(InputError, match="expected a"):
        read_table(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pd.DataFrame(), "no|none"),
        (pd.DataFrame(index=[1, 2]), "columns"),
        (pa.table({}), "has no columns"),
        (pd.DataFrame({"a": []}), "the frame has no rows, only the columns 'a'"),
        (pa.table({"a": pa.array([], pa.int8())}), "the table has no rows"),
    ],
)
def test_empty_tables(source: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(source)


def test_sources_are_not_changed() -> None:
    frame = pd.DataFrame({"a": pd.Categorical(["x", None]), "b": pd.Series([1, None], dtype=object)}, index=[5, 6])
    before = frame.copy(deep=True)
    read_table(frame)
    pd.testing.assert_frame_equal(frame, before)
