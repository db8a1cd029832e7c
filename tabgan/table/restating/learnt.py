"""Learnt columns that a restatement makes: what they are, and between which numbers their cells lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import checks
from tabgan.table.encoders.rounding import decimals_of, unit_of
from tabgan.table.inference import infer_kind
from tabgan.table.summaries import ColumnSummary
from tabgan.table.ticks import Scale
from tabgan.table.wanted import Wanted


def learnt_spec(name: str, cells: pa.Array, nullable: bool) -> ColumnSpec:
    """What a learnt column of numbers or durations is, told from its cells as if it were a column of the table."""
    found = infer_kind("", cells.type, ColumnSummary.of(cells))
    kind, reason = found.kind, found.reason
    if kind == "constant" and nullable:
        kind = "categorical"
    return ColumnSpec(
        name=name,
        kind="continuous" if kind == "key" else kind,
        dtype=str(cells.type),
        nullable=nullable,
        reason=reason,
    )


@dataclass(frozen=True)
class Grid:
    """The numbers that a column's cells may be, in the units of a scale.

    Attributes:
        low: the smallest.
        high: the largest.
        unit: whole ones are multiples of it; 0 for floats as they are.
    """

    low: int | float
    high: int | float
    unit: int

    def __post_init__(self) -> None:
        checks.require(checks.are_numbers((self.low, self.high)) and self.low <= self.high, "bounds in ascending order")
        checks.require(checks.is_whole(self.unit) and self.unit >= 0, "a unit that is whole")

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray, scale: Scale) -> "Grid":
        """The grid of a column that holds a cell."""
        units, missing = scale.read(column)
        filled = units[~missing]
        summary = ColumnSummary.of(column)
        step = 0
        if scale.digits is not None:
            step = scale.factor(column.type, decimals_of(summary, column.type)) * unit_of(summary, column.type)
        return cls(_plain(filled.min()), _plain(filled.max()), step)

    def up(self, units: NDArray[Any]) -> NDArray[Any]:
        """The next number of the grid at or above each, shape (n,); bounds are of no account."""
        return np.asarray(-(-units // self.unit) * self.unit if self.unit else units)

    def down(self, units: NDArray[Any]) -> NDArray[Any]:
        """The next number of the grid at or below each, shape (n,)."""
        return np.asarray(units // self.unit * self.unit if self.unit else units)

    def clip(self, units: NDArray[Any]) -> NDArray[Any]:
        """Each number within the bounds, shape (n,)."""
        return np.asarray(np.minimum(np.maximum(units, self.low), self.high))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"low": self.low, "high": self.high, "unit": self.unit}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Grid":
        """The inverse of `to_json`."""
        return cls(data["low"], data["high"], data["unit"])


def _plain(number: Any) -> int | float:
    return float(number) if isinstance(number, float | np.floating) else int(number)


@dataclass(frozen=True, eq=False)
class Interval:
    """Between which units the cells of a column may lie, row by row or for all; shapes (n or 1,)."""

    low: NDArray[Any]
    high: NDArray[Any]

    @classmethod
    def of(cls, grid: Grid, wanted: Wanted | None, dtype: pa.DataType, scale: Scale) -> "Interval":
        """What is wanted of a column within its grid; sets of cells count by their smallest and largest one."""
        low, high = np.array([grid.low]), np.array([grid.high])
        if wanted is None:
            return cls(low, high)
        if wanted.low is not None:
            low = np.maximum(low, _units(wanted.low, grid, dtype, scale, np.floor))
        if wanted.high is not None:
            high = np.minimum(high, _units(wanted.high, grid, dtype, scale, np.ceil))
        if wanted.cells is not None and len(wanted.cells):
            units, _ = scale.read(wanted.cells)
            allowed = np.ones((1, len(units)), np.bool_) if wanted.allowed is None else wanted.allowed
            low = np.maximum(low, np.where(allowed, units, units.max()).min(axis=1))
            high = np.minimum(high, np.where(allowed, units, units.min()).max(axis=1))
        return cls(low, high)

    def wanted(self, grid: Grid, dtype: pa.DataType, scale: Scale) -> dict[str, NDArray[Any]]:
        """The bounds as fields of `Wanted` for a column with this grid, where they narrow it."""
        found = {}
        if (self.low > grid.low).any():
            found["low"] = _view(np.maximum(self.low, grid.low), dtype, scale)
        if (self.high < grid.high).any():
            found["high"] = _view(np.minimum(self.high, grid.high), dtype, scale)
        return found


def _units(numbers: NDArray[Any], grid: Grid, dtype: pa.DataType, scale: Scale, rounded: Any) -> NDArray[Any]:
    """Numbers of the numeric view in units; those far beyond the grid are brought near it, so none is too large."""
    if scale.digits is None:
        return np.asarray(numbers, np.float64)
    factor = 10**scale.digits if arrays.view_dtype(dtype).kind == "f" else scale.factor(dtype)
    least, most = int(grid.low // factor) - 1, int(-(-grid.high // factor)) + 1
    near = np.clip(numbers, max(least, 0) if numbers.dtype.kind == "u" else least, most)
    if near.dtype.kind == "f":
        return np.asarray(rounded(np.rint(near * float(factor) * 1024) / 1024), np.int64)  # 0.29 * 100 is 29
    return np.asarray(near, np.int64) * factor


def _view(units: NDArray[Any], dtype: pa.DataType, scale: Scale) -> NDArray[Any]:
    """Units as numbers of the numeric view; those below the last digit are cut off."""
    cells = scale.write(units, np.zeros(len(units), np.bool_), dtypes.value_type(dtype))
    return arrays.numbers(cells)
