"""Streams as tables in memory, as files are read."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tabgan.errors import InputError
from tabgan.table.files import read_table
from tabgan.table.reading import read_whole
from tabgan.table.streams import MemoryStream, ParquetStream


def test_a_file_comes_as_it_is_read_as_a_whole(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "grade": pd.Categorical(["b", "a", None, "b"], ["c", "b", "a"], ordered=True),
            "n": pd.array([1, None, 3, 4], "Int32"),
            "x": [0.5, None, 1.5, 2.5],
            "t": pd.to_datetime(["2020-01-01", None, "2021-01-01", "2021-01-02"]),
            "s": ["u", "v", None, "u"],
        }
    )
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    found, expected = read_whole(ParquetStream((path,), str(path))), read_table(path)
    assert found.equals(expected)
    assert found.schema.equals(expected.schema, check_metadata=True)


def test_categories_of_all_files_are_known(tmp_path: Path) -> None:
    paths = (tmp_path / "a.parquet", tmp_path / "b.parquet")
    for path, own in zip(paths, (["x", "y"], ["z", "x", None]), strict=True):
        pq.write_table(pa.table({"c": pa.array(own).dictionary_encode()}), path)
    found = read_whole(ParquetStream(paths, "both"))
    assert found["c"].to_pylist() == ["x", "y", "z", "x", None]
    assert [chunk.dictionary.to_pylist() for chunk in found["c"].chunks] == [["x", "y", "z"]]


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match="has no rows, only the columns 'a'"):
        read_whole(MemoryStream(pa.table({"a": pa.array([], pa.int64())})))
