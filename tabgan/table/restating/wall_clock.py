"""What clocks on the wall show at points in time, and which points in time they stand for.

Days, weekdays and hours have structure where people live, so a timestamp with a time zone is taken apart by the local
time of that zone, and one without is local already. An hour that the clocks repeat stands for two points in time, of
which the caller chooses; an hour that they skip is read as if they had not been put forward yet, which gives a time
behind the gap, with minutes and seconds kept.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays

TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""The ticks of a second, by unit."""
_DAY_S = 86_400


def ticks_per_day(dtype: pa.DataType) -> int:
    """How many steps of the numeric view of dates or timestamps a day has."""
    if pa.types.is_date32(dtype):
        return 1
    return _DAY_S * TICKS["ms" if pa.types.is_date64(dtype) else dtype.unit]


def time_type(dtype: pa.DataType) -> pa.DataType:
    """The type of the times of day of timestamps."""
    return (pa.time32 if dtype.unit in ("s", "ms") else pa.time64)(dtype.unit)


def is_zoned(dtype: pa.DataType) -> bool:
    """Whether the clocks on the wall may show something other than what is stored."""
    return bool(pa.types.is_timestamp(dtype) and dtype.tz is not None)


def to_wall(cells: pa.Array) -> NDArray[np.int64]:
    """Dates or timestamps as ticks of the wall clock since 1970; 0 where missing; shape (n,).

    Raises:
        pyarrow.ArrowInvalid: if the time zone is not known on this machine.
    """
    missing = cells.is_null().to_numpy(zero_copy_only=False)
    wall = arrays.numbers(pc.local_timestamp(cells) if is_zoned(cells.type) else cells)
    return np.where(missing, 0, wall)


def to_instants(wall: NDArray[np.int64], dtype: pa.DataType, later: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Ticks of the wall clock as numbers of the numeric view of a column.

    Args:
        wall: shape (n,).
        dtype: of the column.
        later: shape (n,), whether the second of two points in time is meant, where there are two.
    """
    if not is_zoned(dtype):
        return wall
    local = pa.array(wall).view(pa.timestamp(dtype.unit))
    first, second = (
        arrays.numbers(pc.assume_timezone(local, dtype.tz, ambiguous=which, nonexistent=which))
        for which in ("earliest", "latest")
    )
    odd = np.flatnonzero(first != second)
    found = np.where(later, second, first)
    before = to_wall(pa.array(first[odd]).view(dtype))  # of a gap: the last tick before it
    skipped = before != wall[odd]
    found[odd[skipped]] = (first[odd] + wall[odd] - before)[skipped]
    return found
