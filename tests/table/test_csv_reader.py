"""CSV files from all over the world."""

import gzip
import warnings
from pathlib import Path

import pyarrow as pa
import pytest

from tabgan.errors import DataWarning, InputError, SchemaError
from tabgan.table import annotations
from tabgan.table.csv_reader import read_csv


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some file.csv"


def rows(path: Path, text: str, encoding: str = "utf-8") -> dict[str, list[object]]:
    path.write_bytes(text.encode(encoding))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_csv(path).to_pydict()  # type: ignore[no-any-return]


def test_quotes_newlines_and_odd_names(path: Path) -> None:
    text = '"a ""b""","c\nd", é \n1,"x\ny",3\n2,"p,q",4\n'
    assert rows(path, text) == {'a "b"': [1, 2], "c\nd": ["x\ny", "p,q"], " é ": [3, 4]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are(path: Path, encoding: str) -> None:
    assert rows(path, '"ä,1",b\n1,ü\n', encoding) == {"ä,1": [1], "b": ["ü"]}


def test_windows_files_are_read_with_a_warning(path: Path) -> None:
    path.write_bytes("straße,b\n1,ü\n".encode("cp1252"))
    with pytest.warns(DataWarning, match=r"some file\.csv is not in UTF-8 and was read as Windows-1252"):
        assert read_csv(path).to_pydict() == {"straße": [1], "b": ["ü"]}


def test_encodings_that_nothing_fits(path: Path) -> None:
    path.write_bytes(b"a,b\n1,\x81\n")
    with pytest.raises(InputError, match="expected text in UTF-8"):
        read_csv(path)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines_and_blank_lines(path: Path, newline: str) -> None:
    lines = ["", "", "a,b", "1,x", "", "2,"]
    assert rows(path, newline.join(lines) + newline) == {"a": [1, 2], "b": ["x", None]}


def test_empty_fields_are_missing_quoted_or_not(path: Path) -> None:
    assert rows(path, 'a,b,c\n,"",NA\nx,1,y\n') == {"a": [None, "x"], "b": [None, 1], "c": ["NA", "y"]}


def test_nameless_columns_are_called_by_their_place(path: Path) -> None:
    assert list(rows(path, ",a,\n0,1,2\n1,2,3\n")) == ["column_1", "a", "column_3"]


def test_shared_names_are_refused(path: Path) -> None:
    with pytest.raises(SchemaError, match="columns 1, 3 are all called 'a'"):
        rows(path, "a,b,a\n1,2,3\n")


def test_ragged_rows_are_named(path: Path) -> None:
    with pytest.raises(InputError) as caught:
        rows(path, "a,b\n" + "1,2\n" * 10 + "1\n" + "1,2,3\n" * 5)
    message = str(caught.value)
    assert "expected 2 fields in every row" in message
    assert "row 12 has 1, row 13 has 3, row 14 has 3 and 3 rows more" in message


def test_a_column_that_turns_to_text_at_the_end_is_text(path: Path) -> None:
    path.write_text("a,b\n" + "1,x\n" * 200_000 + "?,x\n")
    with pytest.warns(DataWarning, match="column 'a': 1 of 200,001 cells is no number, for example '?'"):
        table = read_csv(path)
    assert table.schema.field("a").type == pa.string()
    remark = annotations.remark(table.schema.field("a"))
    assert remark is not None
    assert "mostly numbers" in remark
    assert "?" not in remark


def test_a_field_larger_than_a_block(path: Path) -> None:
    big = "x\n" * (10 << 20)
    assert rows(path, f'a,b\n1,"{big}"\n2,y\n')["b"] == [big, "y"]


def test_decimal_commas(path: Path) -> None:
    assert rows(path, "a;b\n1,5;x\n2;y\n") == {"a": [1.5, 2.0], "b": ["x", "y"]}


def test_compressed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,x\n"))
    assert read_csv(path, compression="gzip").to_pydict() == {"a": [1], "b": ["x"]}


def test_one_column(path: Path) -> None:
    assert rows(path, 'a\n1\n""\n3\n') == {"a": [1, None, 3]}


def test_a_header_alone_has_no_rows(path: Path) -> None:
    assert rows(path, "a,b") == {"a": [], "b": []}


def test_a_line_that_names_the_delimiter_is_no_header(path: Path) -> None:
    assert rows(path, "sep=;\r\na;b\r\n1,5;x\r\n2;y\r\n", "utf-8-sig") == {"a": [1.5, 2.0], "b": ["x", "y"]}
