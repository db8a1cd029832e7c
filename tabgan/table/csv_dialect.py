"""How a CSV file is written: its encoding, its delimiter, its header.

All of it is told from the start of the file. A first line such as "sep=;", which Excel understands, names the
delimiter; otherwise a delimiter must be in the header, and is trusted by the share of the following rows that have as
many fields as the header.
"""

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from tabgan.errors import InputError

_HEAD_BYTES = 1 << 18
_ROWS = 100
_DELIMITERS = (",", ";", "\t", "|")
_HINT = re.compile(r"""("?)sep=([\t -~])(?<![\w"'])\1(?:\r\n|\r|\n|$)""", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Dialect:
    """How one file is written.

    Attributes:
        encoding: a Python codec that decodes it, "utf-8" as long as nothing speaks against it.
        delimiter: what separates fields.
        header: the column names, as they are in the file.
        blank_rows: lines before the header: empty ones, and the one that names the delimiter.
        has_rows: whether anything follows the header.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    blank_rows: int
    has_rows: bool


def look_at(stream: pa.NativeFile, *, delimiter: str | None = None, encoding: str | None = None) -> Dialect:
    """The dialect of the CSV file in `stream`, read from its start.

    Args:
        stream: the file's decompressed bytes.
        delimiter: where it is known, for example from the suffix; a line that names another one is believed.
        encoding: where it is known, for example because UTF-8 failed.

    Raises:
        InputError: if the bytes are no text, or there is no header.
    """
    head = bytes(stream.read(_HEAD_BYTES))
    encoding = encoding or next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")
    whole = len(head) < _HEAD_BYTES
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head, final=whole)
    if "\0" in text:
        raise InputError("expected text, got binary data")
    text, blank_rows = _without_blank_rows(text)
    if hint := _HINT.match(text):
        delimiter = hint[2]
        text, more = _without_blank_rows(text[hint.end() :])
        blank_rows += 1 + more
    if not text.strip():
        raise InputError("the file holds no text; expected a header and rows")
    delimiter = delimiter or _delimiter(text, whole=whole)
    records = _records(text, delimiter)
    return Dialect(encoding, delimiter, tuple(records[0]), blank_rows, len(records) > 1 or not whole)


def _without_blank_rows(text: str) -> tuple[str, int]:
    """The text from its first line that is not empty, and how many lines were."""
    rest = text.lstrip("\r\n")
    blank = text[: len(text) - len(rest)]
    return rest, len(blank) - blank.count("\r\n")


def _records(text: str, delimiter: str) -> list[list[str]]:
    """The first records of the text; fewer where a field is too long for a quick look."""
    records: list[list[str]] = []
    try:
        for record in islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), _ROWS):
            records.append(record)
    except csv.Error:
        pass
    return records or [text.splitlines()[0].split(delimiter)]


def _delimiter(text: str, *, whole: bool) -> str:
    best, best_score = _DELIMITERS[0], (0.0, 0)
    for delimiter in _DELIMITERS:
        records = [record for record in _records(text, delimiter) if record]
        width = len(records[0])
        rows = records[1:] if whole or len(records) == _ROWS else records[1:-1]  # the last one may be cut off
        if width < 2:
            continue
        agreeing = sum(len(row) == width for row in rows) / len(rows) if rows else 1.0
        if (agreeing, width) > best_score:
            best, best_score = delimiter, (agreeing, width)
    return best
