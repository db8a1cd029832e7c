"""Cells as whole numbers of one small unit that several columns share, so that sums and comparisons of them are exact.

Amounts of two decimals are counted in hundredths, points in time in their finest unit since 1970, and so on. Only
floats of more than six decimals have no such unit; they are taken as they are, and then sums of them are exact but for
the rounding of floats. Whole numbers too large for int64 become Python's own, which are slow and have no end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.summaries import fewest_decimals

_UNITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_DAY = 86_400
_SAFE = 2**60
_FLAT_DIGITS = 18
_MOST_DIGITS = 100
_TOLERANCE = 1e-9


def family(dtype: pa.DataType) -> str | None:
    """What cells can be compared with and added to each other: "numbers", "days and times" and so on; None if none."""
    if pa.types.is_decimal(dtype):
        return "numbers" if dtype.scale >= 0 else None
    if pa.types.is_integer(dtype) or pa.types.is_floating(dtype):
        return "numbers"
    if pa.types.is_timestamp(dtype):
        return "days and times" if dtype.tz is None else "points in time with a zone"
    if pa.types.is_date(dtype):
        return "days and times"
    if pa.types.is_time(dtype):
        return "times of day"
    return "durations" if pa.types.is_duration(dtype) else None


def digits_of(array: pa.Array | pa.ChunkedArray) -> int | None:
    """After the point, how many digits the cells need: decimals of numbers, of seconds for times; None if no few do."""
    dtype = array.type
    if pa.types.is_floating(dtype):
        values, missing = dtypes.numeric_view(array)
        return fewest_decimals(values[~missing].astype(arrays.plain_type(dtype).to_pandas_dtype()))
    if pa.types.is_decimal(dtype):
        return int(dtype.scale)
    if pa.types.is_integer(dtype) or pa.types.is_date32(dtype):
        return 0
    return 3 if pa.types.is_date64(dtype) else _UNITS[dtype.unit]


@dataclass(frozen=True)
class Scale:
    """The unit that columns of one family share.

    Attributes:
        digits: a number or a second holds 10 ** digits units; None where floats are taken as they are.
    """

    digits: int | None

    @classmethod
    def of(cls, columns: Sequence[pa.Array | pa.ChunkedArray]) -> "Scale":
        """The largest unit of which all cells are multiples."""
        found = [digits_of(column) for column in columns]
        return cls(None if None in found else max((digits for digits in found if digits is not None), default=0))

    def factor(self, dtype: pa.DataType, digits: int | None = None) -> int:
        """How many units make one of the numeric view of cells of a type; of floats and decimals, of their last digit.

        Args:
            dtype: of the cells.
            digits: the decimals of floats.
        """
        if self.digits is None:
            return 1
        if pa.types.is_date32(dtype):
            return int(_DAY * 10**self.digits)
        own = digits or 0 if pa.types.is_floating(dtype) else _type_digits(dtype)
        return int(10 ** max(self.digits - own, 0))

    def read(self, array: pa.Array | pa.ChunkedArray) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """The units of each cell (0 where missing), and which are missing; shapes (n,).

        Returns:
            Numbers of dtype int64, or object where they are too large for it, or float64 without a unit.
        """
        dtype = array.type
        if self.digits is None:
            values, missing = dtypes.numeric_view(array)
            return values.astype(np.float64), missing
        if pa.types.is_floating(dtype):
            values, missing = dtypes.numeric_view(array)
            scaled = np.rint(values * 10.0**self.digits)
            large = bool(len(scaled)) and float(np.abs(scaled).max()) >= _SAFE
            return (np.array([int(x) for x in scaled], object) if large else scaled.astype(np.int64)), missing
        whole, missing = _unscaled(array) if pa.types.is_decimal(dtype) else dtypes.numeric_view(array)
        return _times(whole, self.factor(dtype)), missing

    def write(self, units: NDArray[Any], missing: NDArray[np.bool_], dtype: pa.DataType) -> pa.Array:
        """The inverse of `read`, of exactly the type `dtype`; what lies between its cells is rounded down."""
        if self.digits is None:
            return dtypes.from_numeric(np.where(missing, 0.0, units), missing, dtype)
        if pa.types.is_floating(dtype):
            return dtypes.from_numeric(units.astype(np.float64) / 10.0**self.digits, missing, dtype)
        whole = units // self.factor(dtype)
        if pa.types.is_decimal(dtype):
            return _decimals(np.where(missing, 0, whole), missing, dtype)
        if whole.dtype == object:
            whole = np.where(missing, 0, whole).astype(np.uint64 if pa.types.is_uint64(dtype) else np.int64)
        return dtypes.from_numeric(whole, missing, dtype)

    def differ(self, a: NDArray[Any], b: NDArray[Any], size: NDArray[Any]) -> NDArray[np.bool_]:
        """Where sums are not equal, shape (n,): exactly, or beyond the rounding of floats of this `size`."""
        if self.digits is not None:
            return np.asarray(a != b, np.bool_)
        return np.asarray(np.abs(a - b) > _TOLERANCE * size, np.bool_)


def _type_digits(dtype: pa.DataType) -> int:
    if pa.types.is_decimal(dtype):
        return int(dtype.scale)
    if pa.types.is_date64(dtype):
        return 3
    return _UNITS[dtype.unit] if pa.types.is_temporal(dtype) else 0


def _times(whole: NDArray[Any], factor: int) -> NDArray[Any]:
    largest = max(abs(int(whole.max())), abs(int(whole.min()))) if len(whole) else 0
    if largest * factor >= _SAFE:
        return whole.astype(object) * factor
    return whole.astype(np.int64) * factor


def _unscaled(array: pa.Array | pa.ChunkedArray) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Decimals as whole numbers of their last digit (0 where missing), and which are missing."""
    cells = dtypes.flatten(array)
    missing = dtypes.missing(cells)
    scale = int(cells.type.scale)
    if cells.type.precision > _FLAT_DIGITS:
        with localcontext(prec=_MOST_DIGITS):
            found = [int((cell or Decimal(0)).scaleb(scale)) for cell in cells.to_pylist()]
        return np.array(found, object).reshape(-1), missing
    wide = cells.cast(pa.decimal128(cells.type.precision, cells.type.scale))
    halves = np.frombuffer(wide.buffers()[1] or b"", np.int64).reshape(-1, 2)
    low = halves[wide.offset : wide.offset + len(wide), 0]  # of numbers of so few digits the other half is the sign
    return np.where(missing, 0, low), missing


def _decimals(whole: NDArray[Any], missing: NDArray[np.bool_], dtype: pa.DataType) -> pa.Array:
    end = 10**dtype.precision
    scale = int(dtype.scale)
    if whole.dtype == object or end > _SAFE:
        clipped = [min(max(int(cell), 1 - end), end - 1) for cell in whole]
        with localcontext(prec=_MOST_DIGITS):
            exact = [
                None if gone else Decimal(cell).scaleb(-scale) for cell, gone in zip(clipped, missing, strict=True)
            ]
        return pa.array(exact, dtype)
    clipped = np.clip(whole, 1 - end, end - 1).astype(np.int64)
    halves = np.ascontiguousarray(np.stack([clipped, clipped >> 63], axis=1))
    cells = pa.Array.from_buffers(pa.decimal128(dtype.precision, scale), len(whole), [None, pa.py_buffer(halves)])
    nulls = pa.array(missing)
    return pc.if_else(nulls, pa.scalar(None, cells.type), cells).cast(dtype)
