"""Single cells as users write them: text from a command line or any Python value, as a value of a column's type."""

import bisect
import datetime as dt
import difflib
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import arrays, dtypes

_NEAR = 3
_CANDIDATES = 10_000


def is_missing(value: object) -> bool:
    """Whether a given value means "missing": None, NaN, NaT, NA, a null scalar, or the empty text."""
    if isinstance(value, pa.Scalar):
        return not value.is_valid or is_missing(value.as_py())
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, str):
        return value == ""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def is_single(value: object) -> bool:
    """Whether a given value is one cell, and no list, array, set or mapping of them."""
    return not pd.api.types.is_list_like(value)


def parse(value: object, dtype: pa.DataType) -> pa.Scalar:
    """A given value as a scalar of `dtype` (no dictionary type), without loss.

    Raises:
        ValueError: if it is no such value.
    """
    if isinstance(value, pa.Scalar):
        value = value.as_py()
    try:
        if dtypes.is_text(dtype):
            return pa.scalar(value if isinstance(value, str) else str(value), dtype)
        if isinstance(value, str):
            return _from_text(value.strip(), dtype)
        return _from_value(value, dtype)
    except (pa.ArrowException, ValueError, TypeError, ArithmeticError) as error:
        raise ValueError(
            f"expected {dtypes.word(dtype)} ({dtype}), got {value!r}{_remedy(value, dtype, error)}"
        ) from error


def _remedy(value: object, dtype: pa.DataType, error: Exception) -> str:
    """What to say besides where a value might have been meant otherwise."""
    text = str(error)
    if pa.types.is_timestamp(dtype) and dtype.tz is not None and ("ambiguous" in text or "exist" in text):
        happens = "happens twice there" if "ambiguous" in text else "never happens there, clocks skip it"
        return f", which {happens}; write it with its offset, such as 2020-10-25T02:30:00+01:00"
    if pa.types.is_duration(dtype) and _is_number(value):
        return "; write how long in a unit, such as '90s' or a timedelta"
    if (pa.types.is_timestamp(dtype) or pa.types.is_date(dtype)) and _is_number(value):
        return "; write a date, such as '2020-01-31'"
    return ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number | Decimal) and not isinstance(value, np.timedelta64)


def _from_value(value: Any, dtype: pa.DataType) -> pa.Scalar:
    if pa.types.is_float16(dtype):
        return pa.scalar(np.float16(value), dtype)
    if pa.types.is_decimal(dtype):
        return pa.scalar(Decimal(str(value)), dtype)
    if pa.types.is_boolean(dtype) and value in (0, 1):
        return pa.scalar(bool(value))
    if pa.types.is_integer(dtype) and int(value) != value:
        raise ValueError("not a whole number")
    if pa.types.is_integer(dtype):
        return pa.scalar(int(value), dtype)
    if pa.types.is_floating(dtype):
        return pa.scalar(float(value), dtype)
    return _from_time(value, dtype)


def _from_time(value: Any, dtype: pa.DataType) -> pa.Scalar:
    """A value of a type that is no number, most likely a time: of one, nothing is cut to make it fit."""
    if pa.types.is_temporal(dtype) and _is_number(value):
        raise ValueError("a number has no unit of time")
    if pa.types.is_timestamp(dtype) and isinstance(value, dt.date | np.datetime64):
        return _point(pd.Timestamp(value), dtype)
    if pa.types.is_date(dtype) and isinstance(value, dt.datetime | np.datetime64):
        return pa.scalar(_day(pd.Timestamp(value)), dtype)
    if pa.types.is_duration(dtype) and isinstance(value, dt.timedelta | np.timedelta64):
        length = pd.Timedelta(value)
        return pa.scalar(length.to_timedelta64().astype(np.int64).item(), pa.duration(length.unit)).cast(dtype)
    if pa.types.is_time(dtype) and isinstance(value, dt.time):
        if value.tzinfo is not None:
            raise ValueError("a time of day has no time zone")
        return pa.scalar(value, pa.time64("us")).cast(dtype)
    return pa.scalar(value, dtype)


def _point(stamp: pd.Timestamp, dtype: pa.DataType) -> pa.Scalar:
    """A point in time; one without a time zone is local to the column's."""
    if dtype.tz is None and stamp.tzinfo is not None:
        raise ValueError("the column has no time zone")
    ticks = stamp.to_datetime64().astype(np.int64).item()  # of a stamp with a time zone those of UTC
    if dtype.tz is None or stamp.tzinfo is not None:
        return pa.scalar(ticks, pa.timestamp(stamp.unit, dtype.tz)).cast(dtype)
    local = pa.array([ticks], pa.timestamp(stamp.unit)).cast(pa.timestamp(dtype.unit))
    return pc.assume_timezone(local, dtype.tz)[0]


def _day(stamp: pd.Timestamp) -> dt.date:
    if stamp.tzinfo is not None or stamp != stamp.normalize():
        raise ValueError("more than a day")
    return stamp.date()


def _from_text(text: str, dtype: pa.DataType) -> pa.Scalar:
    if pa.types.is_boolean(dtype):
        return pa.scalar(text.lower()).cast(dtype)
    if pa.types.is_duration(dtype):
        ticks = text.removeprefix("-").isdigit()
        return pa.scalar(int(text), dtype) if ticks else _from_value(pd.Timedelta(text), dtype)
    if pa.types.is_time(dtype):
        return _from_value(dt.time.fromisoformat(text), dtype)
    if pa.types.is_timestamp(dtype):
        return _timestamp(text, dtype)
    if dtypes.is_numeric(dtype) and not pa.types.is_temporal(dtype):
        exact = pa.types.is_integer(dtype) or pa.types.is_decimal(dtype)
        return _from_value(Decimal(text) if exact else float(text), dtype)
    return pa.scalar(text).cast(dtype)


def _timestamp(text: str, dtype: pa.DataType) -> pa.Scalar:
    """A point in time; one written without an offset is local to the column's time zone."""
    try:
        return pa.scalar(text).cast(dtype)
    except pa.ArrowInvalid:
        if dtype.tz is None:
            raise
        local = pa.array([text]).cast(pa.timestamp(dtype.unit))
        return pc.assume_timezone(local, dtype.tz)[0]


def near(value: object, categories: pa.Array) -> list[str]:
    """Up to three categories that come closest to a value that is none of them, as text.

    Of more than 10,000 texts, only those that stand next to the value in alphabetical order are compared with it.
    """
    if arrays.has_order(categories.type) and isinstance(value, int | float):
        distance = np.abs(arrays.numbers(categories).astype(np.float64) - value)
        chosen = np.sort(np.argsort(distance, kind="stable")[:_NEAR])
        return [str(cell) for cell in categories.take(pa.array(chosen)).to_pylist()]
    texts = [str(cell) for cell in categories.to_pylist()]
    folded = {text.casefold(): text for text in reversed(texts)}
    wanted = str(value).casefold()
    candidates = list(folded)
    if len(candidates) > _CANDIDATES:  # to compare texts takes about 10 microseconds each
        candidates.sort()
        start = bisect.bisect(candidates, wanted) - _CANDIDATES // 2
        candidates = candidates[max(start, 0) :][:_CANDIDATES]
    found = difflib.get_close_matches(wanted, candidates, n=_NEAR)
    return [folded[text] for text in found] or (texts if len(texts) <= 2 * _NEAR else [])
