"""A file is there as a whole or not at all, and its bytes depend on its rows alone."""

import io
import os
import stat
from pathlib import Path

import pyarrow as pa
import pytest

from tabgan.errors import InputError, OutputError
from tabgan.table.files import read_table
from tabgan.table.writer import BLOCK_ROWS, WRITABLE, TableWriter, check_writable

N = BLOCK_ROWS + 1_000
TABLE = pa.table({"a": range(N), "b": [f"t{i % 7}" for i in range(N)]})


def write(path: Path, *cuts: int) -> bytes:
    with TableWriter(path, TABLE.schema) as writer:
        for start, end in zip((0, *cuts), (*cuts, N), strict=True):
            writer.write(TABLE.slice(start, end - start))
    return path.read_bytes()


@pytest.mark.parametrize("suffix", WRITABLE)
def test_the_same_rows_make_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    whole = write(path)
    assert write(path, 10, 1_000, 60_000) == whole
    assert write(tmp_path / f"other{suffix}", N // 2) == whole
    assert read_table(path).to_pydict() == TABLE.to_pydict()
    assert sorted(os.listdir(tmp_path)) == sorted([f"t{suffix}", f"other{suffix}"])


def write_and_raise(path: Path, error: type[BaseException]) -> None:
    with TableWriter(path, TABLE.schema) as writer:
        writer.write(TABLE)
        raise error


@pytest.mark.parametrize("suffix", WRITABLE)
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interrupted_write_leaves_nothing(tmp_path: Path, suffix: str, error: type[BaseException]) -> None:
    path = tmp_path / f"t{suffix}"
    path.write_bytes(b"old")
    with pytest.raises(error):
        write_and_raise(path, error)
    assert os.listdir(tmp_path) == [path.name]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("suffix", WRITABLE)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_an_output_error(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    path.symlink_to("/dev/full")
    with pytest.raises(OutputError, match="No space left on device; free some space"):
        write(path)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("target", ["nowhere/t.csv", "folder.csv", "t.csv/t.csv"])
def test_places_that_cannot_be_written(tmp_path: Path, target: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "t.csv").write_text("")
    path = tmp_path / target
    with pytest.raises(OutputError):
        check_writable(path)
    with pytest.raises(OutputError), TableWriter(path, TABLE.schema):
        pass
    assert sorted(os.listdir(tmp_path)) == ["folder.csv", "t.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="permissions"):
        check_writable(tmp_path / "t.csv")


def test_checking_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "t.csv")
    assert os.listdir(tmp_path) == []


def test_unknown_suffixes_are_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"ends in one of \.parquet, .*got 't\.xlsx'"):
        TableWriter("t.xlsx", TABLE.schema)


def test_a_stream_gets_csv_and_stays_open() -> None:
    stream = io.BytesIO()
    with TableWriter(stream, TABLE.schema) as writer:
        writer.write(TABLE.slice(0, 2))
    assert stream.getvalue() == b"a,b\n0,t0\n1,t1\n"


def test_a_reader_that_has_read_enough_is_no_failure() -> None:
    source, sink = os.pipe()
    os.close(source)
    with pytest.raises(BrokenPipeError), open(sink, "wb", buffering=0) as stream, TableWriter(stream, TABLE.schema):
        pass


def test_links_are_followed_and_permissions_kept(tmp_path: Path) -> None:
    real = tmp_path / "real.csv"
    real.write_text("old")
    real.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(real)
    write(link)
    assert link.is_symlink()
    assert real.read_bytes().startswith(b"a,b\n")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_new_files_have_the_usual_permissions(tmp_path: Path) -> None:
    write(tmp_path / "t.csv")
    (tmp_path / "plain").touch()
    assert (tmp_path / "t.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_batches_take_the_types_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    with TableWriter(path, pa.schema([("a", pa.int64())])) as writer:
        writer.write(pa.table({"a": pa.array([1], pa.int8())}))
    assert read_table(path).schema.field("a").type == pa.int64()


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".csv", ".jsonl"])
def test_categories_are_written(tmp_path: Path, suffix: str) -> None:
    declared = pa.array(["b", "a", "unused"])
    batches = [pa.DictionaryArray.from_arrays(pa.array([i, None], pa.int8()), declared) for i in (0, 1)]
    path = tmp_path / f"t{suffix}"
    with TableWriter(path, pa.schema([("x", batches[0].type), ("y", pa.int64())])) as writer:
        for batch in batches:
            writer.write(pa.table({"x": batch, "y": [1, 2]}))
    assert read_table(path)["x"].to_pylist() == ["b", None, "a", None]


def test_an_unopened_writer_says_so() -> None:
    with pytest.raises(RuntimeError, match="with statement"):
        TableWriter("t.csv", TABLE.schema).write(TABLE)
