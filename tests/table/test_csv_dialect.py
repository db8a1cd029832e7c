import pyarrow as pa
import pytest

from tabgan.errors import InputError
from tabgan.table.csv_dialect import Dialect, look_at


def look(text: str | bytes, **known: str) -> Dialect:
    data = text.encode() if isinstance(text, str) else text
    return look_at(pa.BufferReader(data), **known)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,5;4\n", ";"),
        ("a\tb\n1,2\t2\n", "\t"),
        ("a|b\nx,y|z\n", "|"),
        ('name,notes\nx,"a;b;c"\ny,d;e\n', ","),
        ("a;b,c\n1;2,3\n4;5\n7;8\n", ";"),
        ('"a,1";"b,2"\n1;2\n', ";"),
        ("only\n1\n2\n", ","),
        ("a,b", ","),
    ],
)
def test_delimiters(text: str, delimiter: str) -> None:
    assert look(text).delimiter == delimiter


def test_headers_with_quotes_newlines_and_blank_lines() -> None:
    found = look('\n\r\n"a\nb","c ""d""", é \n1,2,3\n')
    assert found.header == ("a\nb", 'c "d"', " é ")
    assert found.blank_rows == 2
    assert found.has_rows


@pytest.mark.parametrize(
    ("text", "delimiter", "skipped"),
    [
        ("sep=;\na;b\n1;2\n", ";", 1),
        ("SEP=,\r\na,b\r\n1,2\r\n", ",", 1),
        ('\ufeff"sep=\t"\r\n\r\na\tb\r\n1\t2\r\n', "\t", 2),
        ("\nsep=:\na:b\n1:2\n", ":", 2),
    ],
)
def test_a_first_line_names_the_delimiter(text: str, delimiter: str, skipped: int) -> None:
    found = look(text)
    assert (found.delimiter, found.header, found.blank_rows, found.has_rows) == (delimiter, ("a", "b"), skipped, True)
    assert look(text, delimiter="|") == found


@pytest.mark.parametrize("text", ["sep=\n1\n", "sep=x\n1\n", "sep=;b\n1;2\n", 'sep="\n1\n', "separate\n1\n"])
def test_other_first_lines_are_headers(text: str) -> None:
    assert look(text).blank_rows == 0


@pytest.mark.parametrize("text", ["a,b", "a,b\n", "\na,b\r\n"])
def test_a_header_alone(text: str) -> None:
    assert not look(text).has_rows


@pytest.mark.parametrize(("codec", "name"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16")])
def test_byte_order_marks(codec: str, name: str) -> None:
    found = look("ä,b\n1,2\n".encode(codec))
    assert found.encoding == name
    assert found.header == ("ä", "b")


def test_what_is_known_is_not_guessed() -> None:
    assert look("a,b\n1,2\n", delimiter="\t").header == ("a,b",)
    assert look("ä,b\n1,2\n".encode("cp1252"), encoding="cp1252").header == ("ä", "b")


@pytest.mark.parametrize("data", [b"\0\1\2", b"a,b\n1,\0\n"])
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="expected text, got binary data"):
        look(data)


@pytest.mark.parametrize("text", ["\n", " \n\n", "\ufeff"])
def test_no_text_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no text"):
        look(text)


def test_a_long_file_is_told_from_its_start() -> None:
    text = "a;b\n" + "1,5;2\n" * 100_000
    assert look(text).delimiter == ";"
    assert look("x" * 200_000 + ",b\n1,2\n").header[1] == "b"
