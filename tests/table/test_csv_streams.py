"""CSV files in batches: types as of the whole file, wherever the cell stands that decides."""

import gzip
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import DataWarning, InputError, SchemaError
from tabgan.table import csv_streams
from tabgan.table.csv_streams import CsvStream, WidenedError, wider_type
from tabgan.table.files import read_table
from tabgan.table.reading import read_whole


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_streams, "_BLOCK_BYTES", 1 << 12)


def written(path: Path, header: str, cells: list[str]) -> Path:
    path.write_text("\n".join([header, *cells]) + "\n", encoding="utf-8")
    return path


MANY = [f"{i},word {i % 7},{i / 4},2020-01-{1 + i % 28:02d}" for i in range(2_000)]


@pytest.mark.parametrize(
    "last",
    [
        "7,a,1.5,2020-03-01",
        "7.5,a,1.5,2020-03-01T12:00:00",
        "007,,,",
        "18446744073709551615,a,x,2020-03-01 10:00:00.25",
        "NA,NA,NA,NA",
        "-3,true,inf,12:30",
    ],
)
def test_a_last_row_decides_as_it_does_for_the_whole_file(tmp_path: Path, last: str) -> None:
    path = written(tmp_path / "t.csv", "a,b,c,d", [*MANY, last])
    found, expected = read_whole(CsvStream((path,), str(path))), read_table(path)
    assert found.schema.types == expected.schema.types
    assert found.equals(expected)


def test_a_wider_cell_starts_the_reading_anew(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "a,b,c,d", [*MANY, "x,,,"])
    stream = CsvStream((path,), "t")
    assert stream.schema.field("a").type == pa.int64()
    with pytest.raises(WidenedError) as caught:
        list(stream.batches())
    assert caught.value.stream.schema.field("a").type == pa.string()
    assert sum(batch.num_rows for batch in caught.value.stream.batches(["a"])) == 2_001


def test_columns_that_are_empty_at_first(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "a,b", [*(f",{i}" for i in range(3_000)), "5,1"])
    found = read_whole(CsvStream((path,), "t"))
    assert found.schema.types == [pa.int64(), pa.int64()]
    assert found["a"].null_count == 3_000


def test_files_of_a_folder_share_a_header(tmp_path: Path) -> None:
    one = written(tmp_path / "a.csv", "x,y", ["1,a", "2,b"])
    two = written(tmp_path / "b.csv", "x,y", ["3.5,c"])
    assert read_whole(CsvStream((one, two), "both")).to_pydict() == {"x": [1.0, 2.0, 3.5], "y": ["a", "b", "c"]}
    other = written(tmp_path / "c.csv", "x,z", ["3,c"])
    with pytest.raises(SchemaError, match=r"c\.csv: expected the header x, y, as in .*a\.csv, got x, z"):
        _ = CsvStream((one, other), "both").schema


def test_files_that_write_decimals_otherwise_are_refused(tmp_path: Path) -> None:
    one = written(tmp_path / "a.csv", "x,y", ["1.5,a"])
    two = written(tmp_path / "b.csv", "x;y", ["1,5;a"])
    with pytest.raises(InputError, match=r"b\.csv: expected the delimiter ',', as in .*a\.csv, got ';'"):
        read_whole(CsvStream((one, two), "both"))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 9_000)[:40], "damaged"),
        ("t.csv.gz", b"a,b\n1,2\n", "damaged"),
        ("t.csv.zst", b"junk", "damaged"),
        ("t.csv", b"a,b\n1,\x00\n", "expected text, got binary data"),
        ("t.csv", b"a,a\n1,2\n", "the header is not usable"),
        (
            "t.csv",
            b"a,b\n" + b"1,2\n" * 2_000 + b"1," + b"x" * 20_000 + b"\n",
            "a field, .* is longer than 4,096 bytes",
        ),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((InputError, SchemaError), match=f"{re.escape(str(path))}.*{said}"):
        read_whole(CsvStream((path,), "t"))


def test_quoted_lines_semicolons_and_compression(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    with pa.output_stream(str(path), compression="gzip") as file:
        file.write(b'text;size\n"a\nb; c";1,5\n"";2,25\n')
    assert read_whole(CsvStream((path,), "t")).to_pydict() == {"text": ["a\nb; c", None], "size": [1.5, 2.25]}


def test_text_columns_stay_as_they_are_written(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "a,b", ["1,2", "3,4"])
    found = read_whole(CsvStream((path,), "t", text_columns=frozenset({"b"})))
    assert found.to_pydict() == {"a": [1, 3], "b": ["2", "4"]}


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    ragged = written(tmp_path / "r.csv", "a,b", ["1,2", "3"])
    with pytest.raises(InputError, match=r"r\.csv could not be read: .*Expected 2 columns, got 1"):
        read_whole(CsvStream((ragged,), "r"))
    foreign = tmp_path / "f.csv"
    foreign.write_bytes("a,b\nGrün,1\n".encode("cp1252"))
    with pytest.raises(InputError, match="save it as UTF-8"):
        read_whole(CsvStream((foreign,), "f"))
    with pytest.raises(InputError, match="no rows"):
        read_whole(CsvStream((written(tmp_path / "e.csv", "a,b", []),), "e"))


def test_mostly_numbers_are_warned_of_once(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "a", [*map(str, range(500)), "?"])
    with pytest.warns(DataWarning, match="column 'a': 1 of 501 cells") as caught:
        assert read_whole(CsvStream((path,), "t")).schema.types == [pa.string()]
    assert len(caught) == 1


def test_wider_types() -> None:
    day, second, micro = pa.date32(), pa.timestamp("s"), pa.timestamp("us")
    for one, other, both in (
        (pa.null(), day, day),
        (pa.int64(), pa.float64(), pa.float64()),
        (pa.int64(), pa.uint64(), pa.uint64()),
        (day, second, second),
        (second, micro, micro),
        (second, pa.timestamp("s", tz="UTC"), pa.string()),
        (pa.time32("s"), pa.time64("us"), pa.time64("us")),
        (pa.duration("s"), pa.duration("ns"), pa.duration("ns")),
        (pa.bool_(), pa.int64(), pa.string()),
    ):
        assert wider_type(one, other) == wider_type(other, one) == both


def test_numbers_are_read_as_in_the_whole_file(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    cells = [f"{own:.17g},{int(own * 1e6)}" for own in random.normal(size=3_000)]
    path = written(tmp_path / "t.csv", "a,b", cells)
    assert read_whole(CsvStream((path,), str(path))).equals(read_table(path))
