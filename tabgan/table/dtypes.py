"""Arrow types by name, and the numbers behind cells.

A type is written as its `str` ("int64", "timestamp[us, tz=UTC]", "dictionary<values=string, indices=int8, ordered=0>")
and read back by `parse`. Integers, floats, decimals, booleans, timestamps, dates, times of day and durations all have a
*numeric view*, an int64 (or uint64) or float64 array, which is what summaries and encoders work on. The view of a
timestamp counts its own unit since 1970, and so on: nothing here changes a resolution.
"""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.errors import SchemaError

_PLAIN = {
    str(kind): kind
    for kind in (
        *(pa.null(), pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32()),
        *(pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.string(), pa.large_string(), pa.date32()),
        *(pa.date64(), pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.duration("s")),
        *(pa.duration("ms"), pa.duration("us"), pa.duration("ns")),
    )
} | {"float64": pa.float64(), "float32": pa.float32(), "float16": pa.float16(), "date32": pa.date32()}
_TIMESTAMP = re.compile(r"timestamp\[(s|ms|us|ns)(?:, tz=(.+))?\]")
_DECIMAL = re.compile(r"decimal(32|64|128|256)\((\d+), ?(-?\d+)\)")
_DICTIONARY = re.compile(r"dictionary<values=(.+), indices=(u?int(?:8|16|32|64)), ordered=([01])>")


def parse(text: str) -> pa.DataType:
    """The Arrow type whose `str` is `text`: the inverse of `str` for every type a column may have.

    Raises:
        SchemaError: if the text names no type, or one that cannot be modelled (a list, a struct, binary data).
    """
    text = text.strip()
    try:
        if text in _PLAIN:
            return _PLAIN[text]
        if match := _TIMESTAMP.fullmatch(text):
            return pa.timestamp(match[1], tz=match[2])
        if match := _DECIMAL.fullmatch(text):
            make: Callable[[int, int], pa.DataType] = getattr(pa, f"decimal{match[1]}")
            return make(int(match[2]), int(match[3]))
        if match := _DICTIONARY.fullmatch(text):
            return pa.dictionary(_PLAIN[match[2]], parse(match[1]), ordered=match[3] == "1")
    except (ValueError, AttributeError) as error:
        raise SchemaError(f"expected the name of an Arrow type, got {text!r}: {error}") from error
    raise SchemaError(
        f"expected the name of an Arrow type such as int64, double, string, bool, date32[day], timestamp[us] or "
        f"timestamp[us, tz=UTC], got {text!r}"
    )


def value_type(dtype: pa.DataType) -> pa.DataType:
    """The type of the cells: of the values of a dictionary type, else the type itself."""
    return dtype.value_type if pa.types.is_dictionary(dtype) else dtype


def is_text(dtype: pa.DataType) -> bool:
    """Whether cells are strings."""
    dtype = value_type(dtype)
    return bool(pa.types.is_string(dtype) or pa.types.is_large_string(dtype))


def is_datetime(dtype: pa.DataType) -> bool:
    """Whether cells are timestamps or dates."""
    dtype = value_type(dtype)
    return bool(pa.types.is_timestamp(dtype) or pa.types.is_date(dtype))


def is_numeric(dtype: pa.DataType) -> bool:
    """Whether cells have a numeric view."""
    dtype = value_type(dtype)
    return bool(
        pa.types.is_integer(dtype)
        or pa.types.is_floating(dtype)
        or pa.types.is_boolean(dtype)
        or pa.types.is_decimal(dtype)
        or pa.types.is_temporal(dtype)
    ) and not pa.types.is_interval(dtype)


def is_supported(dtype: pa.DataType) -> bool:
    """Whether a column of this type can be modelled: text, numbers, booleans, times, or nothing but missing cells."""
    return is_text(dtype) or is_numeric(dtype) or bool(pa.types.is_null(value_type(dtype)))


_WORDS: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_decimal, "decimal"),
    (pa.types.is_timestamp, "timestamp"),
    (pa.types.is_date, "date"),
    (pa.types.is_time, "time of day"),
    (pa.types.is_duration, "duration"),
    (pa.types.is_null, "empty"),
    (is_text, "text"),
)


def word(dtype: pa.DataType) -> str:
    """What a user calls this type: "integer", "number", "text", "category of text"."""
    if pa.types.is_dictionary(dtype):
        return f"category of {word(dtype.value_type)}"
    return next((name for matches, name in _WORDS if matches(dtype)), str(dtype))


def decode_dictionary(array: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The cells themselves where an array stores positions in a dictionary; any other array as it is."""
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def flatten(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One contiguous array; no copy where there is one chunk already."""
    if isinstance(array, pa.Array):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    whole = array.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def missing(array: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    """Which cells are missing, null or NaN, as a mask of shape (n,)."""
    array = flatten(decode_dictionary(array))
    mask: NDArray[np.bool_]
    if pa.types.is_float16(array.type):  # Arrow has few functions for half floats
        mask = np.isnan(array.to_numpy(zero_copy_only=False))
    else:
        mask = array.is_null(nan_is_null=pa.types.is_floating(array.type)).to_numpy(zero_copy_only=False)
    return mask


def numeric_view(array: pa.Array | pa.ChunkedArray) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The numbers behind cells, and which cells are missing.

    Args:
        array: n cells of a type for which `is_numeric` holds.

    Returns:
        Values of shape (n,), 0 where missing: float64 for floats and decimals, int64 for all else (uint64 for unsigned
        cells beyond int64); and the mask of missing cells (null or NaN), shape (n,).

    Raises:
        TypeError: if the cells are not numeric.
    """
    array = flatten(decode_dictionary(array))
    if not is_numeric(array.type):
        raise TypeError(f"expected numeric cells, got {array.type}")
    mask = missing(array)
    values = _numbers(array)
    if mask.any():
        values = np.where(mask, values.dtype.type(0), values)
    return values, mask


def _numbers(array: pa.Array) -> NDArray[Any]:
    """The numbers of every cell; arbitrary ones where a cell is null."""
    dtype = array.type
    if pa.types.is_floating(dtype) or pa.types.is_decimal(dtype):
        plain = array if pa.types.is_float16(dtype) else array.cast(pa.float64())
        floats: NDArray[Any] = plain.to_numpy(zero_copy_only=False)
        return floats.astype(np.float64, copy=False)
    if pa.types.is_boolean(dtype):
        array = array.cast(pa.int8())
    elif pa.types.is_temporal(dtype):
        array = array.view(pa.int32() if dtype.bit_width == 32 else pa.int64())
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(0, array.type))
    numbers: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    if numbers.dtype == np.uint64 and len(numbers) and numbers.max() > np.iinfo(np.int64).max:
        return numbers
    return numbers.astype(np.int64, copy=False)


def from_numeric(values: NDArray[Any], mask: NDArray[np.bool_] | None, dtype: pa.DataType) -> pa.Array:
    """Cells of type `dtype` from the numbers behind them: the inverse of `numeric_view`.

    Floats given for a type of whole numbers are rounded, and clipped to what the type can hold.

    Args:
        values: shape (n,), any NumPy integer or float type; what stands in a missing cell does not matter.
        mask: shape (n,), True where the cell is missing; None where none is. Missing cells become nulls.
        dtype: any type for which `is_numeric` holds; for a dictionary type the cells come back encoded.
    """
    if pa.types.is_dictionary(dtype):
        return from_numeric(values, mask, dtype.value_type).dictionary_encode().cast(dtype)
    if mask is not None and not mask.any():
        mask = None
    if pa.types.is_float16(dtype):
        return pa.array(values.astype(np.float16), type=dtype, mask=mask)
    if pa.types.is_floating(dtype):
        return pa.array(values.astype(np.float64), mask=mask).cast(dtype, safe=False)
    if pa.types.is_decimal(dtype):
        return _decimals(values.astype(np.float64), mask, dtype)
    if pa.types.is_boolean(dtype):
        return pa.array(values.astype(np.float64) >= 0.5, mask=mask)
    storage = _storage(dtype)
    whole = _whole(values if mask is None else np.where(mask, values.dtype.type(0), values), storage)
    if pa.types.is_date64(dtype):
        whole -= whole % 86_400_000  # a date64 is a whole day by definition
    cells = pa.array(whole, type=pa.from_numpy_dtype(storage), mask=mask)
    return cells if pa.types.is_integer(dtype) else cells.view(dtype)


def _storage(dtype: pa.DataType) -> np.dtype[Any]:
    if pa.types.is_integer(dtype):
        sign = "i" if pa.types.is_signed_integer(dtype) else "u"
        return np.dtype(f"{sign}{dtype.bit_width // 8}")
    return np.dtype(np.int32 if dtype.bit_width == 32 else np.int64)


def _whole(values: NDArray[Any], storage: np.dtype[Any]) -> NDArray[Any]:
    """Whole numbers of the integer type `storage`, clipped to its range, without a detour over floats for integers."""
    limits = np.iinfo(storage)
    if values.dtype.kind == "f":
        rounded = np.rint(values)
        inside = (rounded >= float(limits.min)) & (rounded < float(limits.max))  # float(max) itself may not fit
        edge = np.where(rounded < 0, limits.min, limits.max).astype(storage)
        return np.where(inside, np.where(inside, rounded, 0).astype(storage), edge)
    given = np.iinfo(values.dtype)
    low, high = max(limits.min, given.min), min(limits.max, given.max)
    clipped: NDArray[Any] = np.clip(values, low, high)
    return clipped.astype(storage)


def _decimals(values: NDArray[np.float64], mask: NDArray[np.bool_] | None, dtype: pa.DataType) -> pa.Array:
    end = 10.0 ** (dtype.precision - dtype.scale)
    largest = min(end - 10.0**-dtype.scale, float(np.nextafter(end, 0)))  # the second where floats cannot tell
    clean = values if mask is None else np.where(mask, 0.0, values)
    return pa.array(np.clip(clean, -largest, largest), mask=mask).cast(dtype, safe=False)
