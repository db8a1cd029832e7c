"""The unit in which numbers come back."""

import pyarrow as pa
import pytest

from tabgan.table.encoders.rounding import decimals_of, unit_of
from tabgan.table.summaries import ColumnSummary

DAY_US = 86_400_000_000


@pytest.mark.parametrize(
    ("values", "dtype", "unit"),
    [
        ([300, 1200], pa.int64(), 100),
        ([7, 14], pa.int64(), 1),
        ([0, 0], pa.int64(), 1),
        ([2**63 - 1, 0], pa.int64(), 1),
        ([10**18, 0], pa.uint64(), 10**18),
        ([DAY_US, -3 * DAY_US], pa.timestamp("us"), DAY_US),
        ([0, 0], pa.timestamp("us"), DAY_US),
        ([3_600_000_000, 0], pa.timestamp("us", "UTC"), 3_600_000_000),
        ([60_000_000, 0], pa.timestamp("us"), 60_000_000),
        ([1_000, 5_000], pa.timestamp("us"), 1_000),
        ([2_700, 4_500], pa.time32("s"), 900),
        ([600, 5_400], pa.timestamp("s"), 600),
        ([45_000, 15_000], pa.duration("ms"), 15_000),
        ([3], pa.timestamp("s"), 1),
        ([3_000_000], pa.duration("ns"), 1_000_000),
        ([5, 10], pa.date32(), 1),
        ([86_400_000], pa.date64(), 86_400_000),
        ([1.5], pa.float64(), 1),
    ],
)
def test_units(values: list[float], dtype: pa.DataType, unit: int) -> None:
    storage = pa.int32() if dtype.bit_width == 32 else pa.int64()
    array = pa.array(values, storage).view(dtype) if pa.types.is_temporal(dtype) else pa.array(values, dtype)
    assert unit_of(ColumnSummary.of(array), dtype) == unit


def test_decimals() -> None:
    assert decimals_of(ColumnSummary.of(pa.array([0.25, 1.5])), pa.float64()) == 2
    assert decimals_of(ColumnSummary.of(pa.array([1 / 3])), pa.float64()) is None
    assert decimals_of(ColumnSummary.of(pa.nulls(1, pa.decimal128(9, 3))), pa.decimal128(9, 3)) == 3
