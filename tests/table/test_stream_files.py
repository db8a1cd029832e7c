"""Which files are read in batches."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from tabgan.errors import InputError
from tabgan.table.csv_streams import CsvStream
from tabgan.table.stream_files import estimated_bytes, open_stream
from tabgan.table.streams import ArrowStream, ParquetStream

TABLE = pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})


def test_files_by_their_suffix(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "t.parquet")
    pyarrow.feather.write_feather(TABLE, tmp_path / "t.arrow")
    pyarrow.csv.write_csv(TABLE, tmp_path / "t.csv")
    (tmp_path / "t.jsonl").write_text('{"a": 1}\n')
    assert isinstance(open_stream(tmp_path / "t.parquet"), ParquetStream)
    assert isinstance(open_stream(tmp_path / "t.arrow"), ArrowStream)
    assert isinstance(open_stream(tmp_path / "t.csv"), CsvStream)
    assert open_stream(tmp_path / "t.jsonl") is None
    with pytest.raises(InputError, match="no file"):
        open_stream(tmp_path / "none.csv")


def test_a_folder_is_read_in_the_order_of_its_paths(tmp_path: Path) -> None:
    for name in ("b/2.parquet", "a.parquet", "b/1.parquet", "_tmp/x.parquet", ".hidden.parquet"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pq.write_table(TABLE, tmp_path / name)
    (tmp_path / "README").write_text("not a table")
    stream = open_stream(tmp_path)
    assert isinstance(stream, ParquetStream)
    assert [path.relative_to(tmp_path).as_posix() for path in stream.paths] == [
        "a.parquet",
        "b/1.parquet",
        "b/2.parquet",
    ]
    assert stream.n_rows == 9


def test_folders_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no table in the folder"):
        open_stream(tmp_path)
    pq.write_table(TABLE, tmp_path / "t.parquet")
    pyarrow.csv.write_csv(TABLE, tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"one format, in the folder .*, got \.csv, \.parquet"):
        open_stream(tmp_path)
    (tmp_path / "parts" / "year=2020").mkdir(parents=True)
    pq.write_table(TABLE, tmp_path / "parts" / "year=2020" / "t.parquet")
    with pytest.raises(InputError, match="keeps a column in the name of its folder"):
        open_stream(tmp_path / "parts")


def test_a_folder_of_formats_that_are_read_as_a_whole_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "t.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(InputError, match=r"expected Parquet, .* in the folder '.*lines', got \.jsonl; .*convert them"):
        open_stream(tmp_path / "lines")
    (tmp_path / "streams").mkdir()
    with pa.ipc.new_stream(str(tmp_path / "streams" / "t.arrow"), TABLE.schema) as writer:
        writer.write_table(TABLE)
    with pytest.raises(InputError, match="written as streams"):
        open_stream(tmp_path / "streams")


def test_a_folder_that_cannot_be_looked_through_is_named(tmp_path: Path) -> None:
    (tmp_path / "link.parquet").symlink_to("x" * 300)  # too long a name to be looked up
    with pytest.raises(InputError, match=r"could not be looked through: .*too long"):
        open_stream(tmp_path)


def test_sizes_are_told_before_all_is_read(tmp_path: Path) -> None:
    long = pa.table({"a": pa.array(range(100_000)), "b": pa.array(["word"] * 100_000)})
    pq.write_table(long, tmp_path / "t.parquet", compression="zstd")
    pyarrow.csv.write_csv(long, tmp_path / "t.csv")
    parquet, text = open_stream(tmp_path / "t.parquet"), open_stream(tmp_path / "t.csv")
    assert parquet is not None
    assert text is not None
    assert estimated_bytes(parquet) == pytest.approx(long.nbytes, rel=0.02)
    assert long.nbytes < estimated_bytes(text) < 4 * long.nbytes
