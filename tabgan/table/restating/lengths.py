"""The lengths between two columns of which one is never larger: as cells, in a few numbers, and with rounding."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table.ticks import Scale, family

_UNITS = {0: "s", 3: "ms", 6: "us", 9: "ns"}
_MUCH_LESS = 0.5
_MANY_TIES = 0.05
_MIDDLE = (0.1, 0.9)
_CLOSEST = 0.1
_SHORT = 16


def length_scale(scale: Scale, dtype: pa.DataType) -> Scale:
    """The scale in which cells of a length are units: of numbers they are counted, of times they are durations."""
    return Scale(0) if scale.digits is not None and family(dtype) == "numbers" else scale


def length_cells(units: NDArray[Any], gone: NDArray[np.bool_], scale: Scale, dtype: pa.DataType) -> pa.Array:
    """Lengths in units, shape (n,), as cells; missing where `gone`.

    Args:
        units: of the lengths.
        gone: which are missing, shape (n,).
        scale: of the two columns.
        dtype: of the smaller column.
    """
    if scale.digits is None:
        made = pa.float64()
    else:
        made = pa.int64() if family(dtype) == "numbers" else pa.duration(_UNITS[scale.digits])
    return length_scale(scale, dtype).write(np.where(gone, units.dtype.type(0), units), gone, made)


def is_sharper(lengths: NDArray[Any], high: NDArray[Any]) -> bool:
    """Whether lengths, shape (n,), vary much less than the larger column, or many of them are nothing."""
    spread, usual = (float(np.subtract(*np.quantile(units.astype(np.float64), _MIDDLE))) for units in (lengths, high))
    return abs(spread) <= _MUCH_LESS * abs(usual) or float((lengths == lengths.min()).mean()) >= _MANY_TIES


def shortest(lengths: NDArray[Any]) -> tuple[int | float, ...]:
    """A few lengths, evenly taken from the shortest tenth."""
    ordered = np.sort(lengths)
    places = np.linspace(0, _CLOSEST * (len(ordered) - 1), _SHORT).astype(np.int64)
    return tuple(ordered[places].tolist())


def beside(
    units: NDArray[Any], end: NDArray[Any], gone: NDArray[np.bool_], dtype: pa.DataType, side: int, strict: bool
) -> pa.Array:
    """Floats of a type, rounded away from `end` where rounding would lead beyond it."""
    numpy = np.float16 if pa.types.is_float16(dtype) else dtype.to_pandas_dtype()
    cells = units.astype(numpy)
    apart = side * (cells.astype(np.float64) - end)
    beyond = apart <= 0 if strict else apart < 0
    cells = np.where(beyond, np.nextafter(end.astype(numpy), numpy(side * np.inf)), cells)
    return pa.array(cells, type=dtype, mask=gone)
