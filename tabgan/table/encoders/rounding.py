"""The unit in which a numeric column comes back: whole numbers, decimals, days, seconds."""

from typing import Any

import numpy as np
import pyarrow as pa

from tabgan.table import dtypes
from tabgan.table.summaries import ColumnSummary

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_SECONDS = (86_400, 3_600, 60, 1)


def unit_of(summary: ColumnSummary, dtype: pa.DataType) -> int:
    """What all values of a whole-numbered column are multiples of, among steps that mean something.

    For temporal columns: days, hours, minutes, seconds, milliseconds, ... of the column's own resolution; for
    integers: powers of ten. 1 where there is no such step, and for floats and decimals.
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


def heaviest(summary: ColumnSummary, min_share: float, most: int) -> list[Any]:
    """The values of a numeric view that hold far more rows than the others, ascending; at most `most` of them.

    Far more: at least `min_share` of the values, and four times the share of the median value.
    """
    if not summary.n_values:
        return []
    usual = float(np.median(summary.counts.counts)) if summary.counts is not None else 0.0
    limit = max(min_share * summary.n_values, 4 * usual)
    found = [(count, value) for value, count in summary.frequent(min_share) if count > limit]
    return sorted(value for _, value in sorted(found, reverse=True)[:most])
