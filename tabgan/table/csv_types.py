"""From the text of a CSV column to its values: the type that every cell has, or text.

Empty cells are missing in every column. "NA", "null" and their like are missing only in a column that otherwise holds
numbers, booleans or times: in a column of text they may be a country code or a name. Digits with leading zeros are
codes, and so are whole numbers with a plus sign where none has a minus sign, as in phone numbers: they stay text. So
do numbers that are too large for a float, such as the code "3e4005". Durations are written as in ISO 8601 or as pandas
writes them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import durations

MISSING = pa.array(
    ["NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "-nan", "-NaN", "NULL", "Null", "null", "None", "none"]
)
_SAMPLE = 1_000
_SHOWN = 3
_MOSTLY = 0.5
_DIGITS = r"(?:0|[1-9]\d*)"
_ZONE = r"(?:Z|[+-]\d{2}(?::?\d{2})?)"
_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?"
_CLOCKS = rf"^\s*{_CLOCK}\s*$"
_NUMBER = r"^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$"


@dataclass(frozen=True)
class TypedColumn:
    """The values of a column, and what should be said about them.

    Attributes:
        array: n cells.
        remark: for the schema's reason.
        warning: for the user, who may want to mend the file; it speaks of "the column".
    """

    array: pa.Array | pa.ChunkedArray
    remark: str | None = None
    warning: str | None = None


def typed(column: pa.ChunkedArray, *, decimal_comma: bool) -> TypedColumn:
    """The cells of a text column in the narrowest type that all of them have.

    Args:
        column: n strings; null where the field was empty.
        decimal_comma: whether "1,5" may be a number, as in files that separate fields by semicolons.
    """
    if column.null_count == len(column):
        return TypedColumn(pa.nulls(len(column)))
    spelled = pc.is_in(column, value_set=MISSING)
    cells = pc.if_else(spelled, pa.scalar(None, column.type), column)
    if cells.null_count == len(cells):
        return TypedColumn(column)
    sample = _sample(cells)
    for pattern, convert in _FORMS:
        if not _all_match(sample, pattern) or not _all_match(cells, pattern):
            continue
        try:
            return TypedColumn(convert(pc.utf8_trim_whitespace(cells)))
        except pa.ArrowInvalid:  # a 13th month, a whole number beyond 64 bits, a code
            return _text(column, cells, sample)
    if decimal_comma and _all_match(cells, rf"^\s*[+-]?{_DIGITS},\d+\s*$|^\s*[+-]?{_DIGITS}\s*$"):
        dotted = pc.replace_substring(pc.utf8_trim_whitespace(cells), ",", ".")
        try:
            return TypedColumn(_numbers(dotted))
        except pa.ArrowInvalid:  # a number beyond a float
            return _text(column, cells, sample)
    return _text(column, cells, sample)


def spans_and_clocks(column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A column of text as durations or times of day if all its cells are such, else as it is."""
    sample = _sample(column)
    for pattern, convert in ((durations.PATTERN, durations.read), (_CLOCKS, _clocks)):
        if len(sample) and _all_match(sample, pattern) and _all_match(column, pattern):
            try:
                return convert(pc.utf8_trim_whitespace(column))
            except pa.ArrowInvalid:  # a 25th hour, or more than 64 bits hold
                return column
    return column


def _sample(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Some present cells from all over the column, enough to rule most types out."""
    present = cells.drop_null()
    rows = np.linspace(0, len(present) - 1, min(len(present), _SAMPLE)).astype(np.int64)
    return present.take(pa.array(rows))


def _all_match(cells: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def _booleans(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(pa.bool_())


def _integers(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    if pc.any(pc.starts_with(cells, "+")).as_py() and not pc.any(pc.starts_with(cells, "-")).as_py():
        raise pa.ArrowInvalid("codes such as phone numbers")
    digits = pc.replace_substring_regex(cells, r"^\+", "")
    try:
        return digits.cast(pa.int64())
    except pa.ArrowInvalid:
        return digits.cast(pa.uint64())


def _numbers(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    values = pc.replace_substring_regex(cells, r"^\+", "").cast(pa.float64())
    infinite = pc.is_inf(values)
    if pc.any(infinite).as_py() and pc.any(pc.match_substring_regex(cells.filter(infinite), r"\d")).as_py():
        raise pa.ArrowInvalid("digits that stand for more than a float holds")
    return values


def _dates(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return cells.cast(pa.date32())


def _timestamps(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return _coarsest(cells, None)


def _zoned(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    return _coarsest(cells, "UTC")


def _coarsest(cells: pa.ChunkedArray, tz: str | None) -> pa.ChunkedArray:
    """Timestamps in seconds, or in micro- or nanoseconds where seconds do not hold them."""
    for unit in ("s", "us"):
        try:
            return cells.cast(pa.timestamp(unit, tz=tz))
        except pa.ArrowInvalid:
            continue
    return cells.cast(pa.timestamp("ns", tz=tz))


def _clocks(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times of day, by way of timestamps since Arrow reads no bare times."""
    days = pc.binary_join_element_wise("1970-01-01 ", cells, "")
    stamps = _coarsest(days, None)
    return stamps.cast(pa.time32("s") if stamps.type.unit == "s" else pa.time64(stamps.type.unit))


_FORMS: tuple[tuple[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]], ...] = (
    (r"(?i)^\s*(?:true|false)\s*$", _booleans),
    (rf"^\s*[+-]?{_DIGITS}\s*$", _integers),
    (rf"(?i)^\s*[+-]?(?:{_DIGITS}\.\d*(?:e[+-]?\d+)?|{_DIGITS}e[+-]?\d+|\.\d+(?:e[+-]?\d+)?|{_DIGITS}|inf(?:inity)?)\s*$",
     _numbers),
    (rf"^\s*{_DAY}\s*$", _dates),
    (rf"^\s*{_DAY}(?:[T ]{_CLOCK})?\s*$", _timestamps),
    (rf"^\s*{_DAY}[T ]{_CLOCK}{_ZONE}\s*$", _zoned),
    (_CLOCKS, _clocks),
    (durations.PATTERN, durations.read),
)  # fmt: skip


def _text(column: pa.ChunkedArray, cells: pa.ChunkedArray, sample: pa.ChunkedArray) -> TypedColumn:
    """The column as text, with a word on cells that stand in the way of numbers."""
    share = pc.mean(pc.match_substring_regex(sample, _NUMBER).cast(pa.float64())).as_py()
    if share <= _MOSTLY:
        return TypedColumn(column)
    present = cells.drop_null()
    strange = present.filter(pc.invert(pc.match_substring_regex(present, _NUMBER)))
    if not len(strange):
        return TypedColumn(column, remark="digits with leading zeros, with a plus sign or too large for a number")
    shown = ", ".join(repr(value) for value in pc.unique(strange).slice(0, _SHOWN).to_pylist())
    count = f"{len(strange):,} of {len(present):,} cells {'is no number' if len(strange) == 1 else 'are no numbers'}"
    return TypedColumn(
        column,
        remark=f"mostly numbers but {count}",
        warning=f"{count}, for example {shown}, so the column is read as text; if they stand for missing cells, make "
        "them empty, and if they are slips, correct them",
    )
