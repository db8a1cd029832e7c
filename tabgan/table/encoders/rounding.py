"""The unit in which a numeric column comes back: whole numbers, decimals, days, seconds."""

import pyarrow as pa

from tabgan.table import dtypes
from tabgan.table.summaries import ColumnSummary

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SECONDS = (86_400, 3_600, 1_800, 900, 600, 300, 60, 30, 15, 10, 5, 1)


def unit_of(summary: ColumnSummary, dtype: pa.DataType) -> int:
    """What all values of a whole-numbered column are multiples of, among steps that mean something.

    For temporal columns: days, hours, minutes and seconds, what clocks are read in between (quarters of an hour, five
    minutes, ten seconds), milliseconds, ... of the column's own resolution; for integers: powers of ten. 1 where there
    is no such step, and for floats and decimals.
    """
    inner = dtypes.value_type(dtype)
    if summary.step is None:
        return 1
    if pa.types.is_date64(inner):
        return 86_400_000
    ladder = _time_steps(inner) if pa.types.is_temporal(inner) else [10**k for k in range(18, -1, -1)]
    if summary.step == 0:
        return ladder[0] if pa.types.is_temporal(inner) else 1
    return next(step for step in ladder if summary.step % step == 0)


def _time_steps(dtype: pa.DataType) -> list[int]:
    if pa.types.is_date32(dtype):
        return [1]
    ticks = _TICKS[dtype.unit]
    below = [10**k for k in range(9, -1, -1) if 10**k < ticks]
    return [seconds * ticks for seconds in _SECONDS] + below


def decimals_of(summary: ColumnSummary, dtype: pa.DataType) -> int | None:
    """The decimals to which a column of floats or decimals is rounded; None for as many as there are."""
    inner = dtypes.value_type(dtype)
    return max(inner.scale, 0) if pa.types.is_decimal(inner) else summary.decimals
