"""Durations as text and back: ISO 8601, such as P1DT2H or -PT0.5S, which pandas and most databases read.

Days are the largest part that is written, since months and years have no fixed length; for the same reason they are not
read. Read besides are weeks, a minus sign at the days alone (pandas' own `isoformat`), and "1 days 02:00:00", which is
how pandas writes durations to CSV files.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import dtypes

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_PARTS = (("D", 86_400), ("H", 3_600), ("M", 60), ("S", 1))
_SECONDS = r"\d{1,18}(?:\.\d{1,9})?S"
_MINUTES = rf"\d{{1,18}}M(?:{_SECONDS})?"
_TIME = rf"T(?:\d{{1,18}}H(?:{_MINUTES}|{_SECONDS})?|{_MINUTES}|{_SECONDS})"
_ISO = rf"[+-]?P(?:\d{{1,18}}W|-?\d{{1,18}}D(?:{_TIME})?|{_TIME})"
_PANDAS = r"-?\d{1,18} days?(?: \+?\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)?"
PATTERN = rf"^\s*(?:{_ISO}|{_PANDAS})\s*$"
"""Matches every text that is a duration."""
_GROUPS = (
    r"^(?P<sign>[+-]?)P?(?:(?P<weeks>\d+)W)?(?:(?P<days>-?\d+)(?:D| days?))?(?:T| \+?)?"
    r"(?:(?P<hours>\d+)[H:])?(?:(?P<minutes>\d+)[M:])?(?:(?P<seconds>\d+)(?:\.(?P<fraction>\d+))?S?)?$"
)
_LENGTHS = (("weeks", 604_800), ("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


def write(cells: pa.Array) -> pa.Array:
    """Durations as text, null where they are missing; shape (n,).

    Nothing is rounded: fractions of a second have as many digits as they need.
    """
    ticks = _TICKS[cells.type.unit]
    numbers, missing = dtypes.numeric_view(cells)
    negative = numbers < 0
    sizes = np.where(negative, ~numbers.view(np.uint64) + np.uint64(1), numbers.view(np.uint64))
    left, fraction = np.divmod(sizes, np.uint64(ticks))
    pieces = [pa.array(np.where(negative, "-P", "P"))]
    shown = np.zeros(len(numbers), np.bool_)
    for letter, length in _PARTS:
        if letter == "H":
            pieces.append(pa.array(np.where((left > 0) | (fraction > 0) | (sizes == 0), "T", "")))
        count, left = np.divmod(left, np.uint64(length))
        shown = (count > 0) | ((fraction > 0) | (sizes == 0) if letter == "S" else np.False_)
        digits = pa.array(count).cast(pa.string())
        text = pc.binary_join_element_wise(digits, _decimals(fraction, ticks), letter, "") if letter == "S" else None
        pieces.append(pc.if_else(pa.array(shown), text or pc.binary_join_element_wise(digits, letter, ""), ""))
    texts = pc.binary_join_element_wise(*pieces, "").cast(pa.large_string())
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.large_string()), texts)


def _decimals(fraction: NDArray[np.uint64], ticks: int) -> pa.Array:
    """Fractions of a second as decimals with their point; nothing where there are none."""
    digits = pc.utf8_lpad(pa.array(fraction).cast(pa.string()), len(str(ticks)) - 1, "0")
    pointed = pc.binary_join_element_wise(".", pc.utf8_rtrim(digits, "0"), "")
    return pc.if_else(pa.array(fraction > 0), pointed, "")


def read(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Texts that match `PATTERN`, or null, as durations in the coarsest unit that holds them.

    Raises:
        pyarrow.ArrowInvalid: if one is longer than 64 bits hold.
    """
    trimmed = dtypes.flatten(pc.utf8_trim_whitespace(texts)).cast(pa.string())
    pandas = pc.match_substring(trimmed, "day")
    signed = pc.if_else(pandas, trimmed, pc.replace_substring_regex(trimmed, r"^\+", ""))
    parts = pc.extract_regex(pc.if_else(pandas, pc.binary_join_element_wise("P", signed, ""), signed), _GROUPS)
    total = pa.array(np.zeros(len(trimmed), np.int64))
    for name, length in _LENGTHS:
        total = pc.add_checked(total, pc.multiply_checked(_whole(parts.field(name)), length))
    nanos = _whole(pc.utf8_rpad(parts.field("fraction"), 9, "0"))
    minus = pc.equal(parts.field("sign"), "-")
    total, nanos = (pc.if_else(minus, pc.negate_checked(part), part) for part in (total, nanos))
    missing = pc.is_null(trimmed)
    used = nanos.to_numpy()
    unit = next(unit for unit, ticks in _TICKS.items() if not (used % (10**9 // ticks)).any())
    ticks = pc.add_checked(pc.multiply_checked(total, _TICKS[unit]), pa.array(used // (10**9 // _TICKS[unit])))
    return pc.if_else(missing, pa.scalar(None, pa.int64()), ticks).cast(pa.duration(unit))


def _whole(digits: pa.Array) -> pa.Array:
    """Digits as whole numbers, 0 where there are none."""
    filled = pc.fill_null(digits, "0")
    return pc.if_else(pc.equal(filled, ""), "0", filled).cast(pa.int64())
