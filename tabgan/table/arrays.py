"""Arrow arrays in the one form that this wing counts and looks up, and the way back.

A column can arrive as a dictionary, in chunks, with NaN beside null, or as half floats that Arrow can neither sort nor
look up. `plain` brings it into one form and `restore` takes it back to exactly the type that it had. The plain form
keeps every value, with two exceptions: NaN becomes null (both mean "missing") and -0.0 becomes 0.0 (the two are equal,
so they are one category).
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import dtypes

BLOCK_ROWS = 1 << 18


def plain_type(dtype: pa.DataType) -> pa.DataType:
    """The type in which a column of type `dtype` is counted and looked up."""
    inner = dtypes.value_type(dtype)
    return pa.float32() if pa.types.is_float16(inner) else inner


def plain(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The cells of `array` in its plain type: one chunk, dictionaries decoded, NaN as null, -0.0 as 0.0."""
    if isinstance(array, pa.ChunkedArray) and pa.types.is_dictionary(array.type):
        return pa.concat_arrays([plain(chunk) for chunk in array.chunks] or [pa.array([], plain_type(array.type))])
    array = dtypes.flatten(array)
    if pa.types.is_dictionary(array.type):
        return plain(array.dictionary).take(array.indices)
    if not pa.types.is_floating(array.type):
        return array
    target = plain_type(array.type)
    values = array.to_numpy(zero_copy_only=False).astype(target.to_pandas_dtype())
    return pa.array(values + 0.0, type=target, mask=np.isnan(values))


def blocks(array: pa.Array | pa.ChunkedArray, rows: int = BLOCK_ROWS) -> Iterator[pa.Array | pa.ChunkedArray]:
    """Cuts of at most `rows` rows, so that what is made along the way stays small."""
    for start in range(0, len(array), rows):
        yield array.slice(start, rows)


def restore(array: pa.Array, dtype: pa.DataType, declared: pa.Array | None = None) -> pa.Array:
    """Plain cells as an array of exactly `dtype`; a dictionary holds the `declared` categories in their order.

    Raises:
        ValueError: if a cell is none of the declared categories.
    """
    inner = dtypes.value_type(dtype)
    if array.type != inner:
        array = _to_half(array) if pa.types.is_float16(inner) else array.cast(inner)
    if not pa.types.is_dictionary(dtype):
        return array
    if declared is None:
        declared = array.unique().drop_null()
    indices = pc.index_in(plain(array), value_set=plain(declared))
    if indices.null_count != array.null_count:
        raise ValueError("a cell is none of the declared categories")
    return pa.DictionaryArray.from_arrays(indices.cast(dtype.index_type), declared, ordered=dtype.ordered)


def _to_half(array: pa.Array) -> pa.Array:
    values = array.to_numpy(zero_copy_only=False)
    return pa.array(values.astype(np.float16), type=pa.float16(), mask=np.isnan(values))


def has_order(dtype: pa.DataType) -> bool:
    """Whether cells are numbers with an order and a distance: all with a numeric view but booleans."""
    return dtypes.is_numeric(dtype) and not pa.types.is_boolean(dtypes.value_type(dtype))


def view_dtype(dtype: pa.DataType) -> np.dtype[Any]:
    """The NumPy type of `numbers`: float64 for floats and decimals, uint64 for uint64, int64 for all else."""
    inner = dtypes.value_type(dtype)
    if pa.types.is_floating(inner) or pa.types.is_decimal(inner):
        return np.dtype(np.float64)
    return np.dtype(np.uint64 if pa.types.is_uint64(inner) else np.int64)


def numbers(array: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """The numeric view of cells, of a dtype that depends on the type of the cells alone; 0 where missing."""
    return dtypes.numeric_view(array)[0].astype(view_dtype(array.type), copy=False)


def clip_to(values: NDArray[np.float64], dtype: np.dtype[Any], low: Any, high: Any) -> NDArray[Any]:
    """Floats as numbers of `dtype` within [low, high], rounded where `dtype` is whole; shape kept."""
    if dtype.kind == "f":
        return np.clip(values, low, high)
    rounded = np.rint(values)
    above, below = rounded >= float(high), rounded <= float(low)
    inside = np.where(above | below, 0.0, rounded).astype(dtype)
    return np.where(above, dtype.type(high), np.where(below, dtype.type(low), inside))


def sort(array: pa.Array) -> tuple[pa.Array, NDArray[np.intp]]:
    """A plain array without nulls in ascending order, and that order."""
    order = pc.array_sort_indices(_storage(array)).to_numpy().astype(np.intp)
    return array.take(pa.array(order)), order


def _storage(array: pa.Array) -> pa.Array:
    """Temporal values as the integers that Arrow stores."""
    if not pa.types.is_temporal(array.type):
        return array
    return array.view(pa.int32() if array.type.bit_width == 32 else pa.int64())


def to_cells(array: pa.Array) -> list[Any]:
    """Plain cells as JSON values that `from_cells` reads back exactly: temporal as integers, decimals as text."""
    cells: list[Any] = _storage(array).to_pylist()
    if pa.types.is_decimal(array.type):
        return [None if cell is None else str(cell) for cell in cells]
    return cells


def from_cells(cells: Sequence[Any], dtype: pa.DataType) -> pa.Array:
    """The inverse of `to_cells` for a plain `dtype`."""
    if pa.types.is_decimal(dtype):
        return pa.array([None if cell is None else Decimal(cell) for cell in cells], dtype)
    if pa.types.is_temporal(dtype):
        return pa.array(list(cells), pa.int32() if dtype.bit_width == 32 else pa.int64()).view(dtype)
    return pa.array(list(cells), dtype)
