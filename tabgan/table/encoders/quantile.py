"""A continuous column as its rank: a quantile map for the continuous part, codes for point masses and missing cells.

Numbers, points in time, durations and decimals all go through their numeric view. A value that holds far more rows
than its neighbours (0 in "capital gain", 999 for "never") is a point mass and becomes a code; code 0 is the continuous
part. Everything comes back in the column's own unit: integers whole, floats with as many decimals as they had, dates at
midnight. Values are exact on point masses and on values that several rows share; between knots they are interpolated.
Decimals are computed in float64, so of more than 15 digits the last ones are lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.layout import ColumnSlots
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import base, checks
from tabgan.table.encoders.quantile_map import QuantileMap
from tabgan.table.encoders.rounding import decimals_of, heaviest, unit_of
from tabgan.table.summaries import ColumnSummary

MASS_SHARE = 0.02
MAX_MASSES = 20


@dataclass(frozen=True)
class QuantileEncoder:
    """A continuous part, m point masses, and missing cells.

    Attributes:
        dtype: the column's Arrow type, as text.
        masses: the point masses, ascending, in the numeric view.
        nullable: whether the last code means "missing".
        map: ranks of the continuous part; None if there is none, and then there is no value either.
    """

    kind: ClassVar[str] = "quantile"
    dtype: str
    masses: tuple[int | float, ...]
    nullable: bool
    map: QuantileMap | None

    def __post_init__(self) -> None:
        checks.require(arrays.has_order(self._arrow_type), f"a type of numbers or times, got {self.dtype}")
        view = arrays.view_dtype(self._arrow_type)
        fit = checks.are_numbers(self.masses, view) and checks.ascend(self.masses, strictly=True)
        checks.require(fit, f"different point masses of {view}, ascending")
        checks.require(isinstance(self.nullable, bool), f"true or false as nullable, got {self.nullable!r}")
        checks.require(self.map is None or self.map.dtype == view, f"a quantile map of {view}")
        checks.require(
            bool(self.map or self.masses or self.nullable), "something to make: a map, masses, missing cells"
        )

    @classmethod
    def from_summary(cls, summary: ColumnSummary, spec: ColumnSpec) -> "QuantileEncoder":
        """The encoder of a column with a numeric view.

        Raises:
            SchemaError: if it has none, or no cell at all, or declares categories.
        """
        require_numbers(summary, spec)
        dtype = spec.arrow_type
        masses = heaviest(summary, MASS_SHARE, MAX_MASSES)
        curve = None
        if summary.n_values:
            values, weights = summary.points()
            rest = ~np.isin(values, np.array(masses, values.dtype))
            if rest.any():
                unit, decimals = unit_of(summary, dtype), decimals_of(summary, dtype)
                exact = summary.counts is not None
                curve = QuantileMap.of_points(values[rest], weights[rest], unit, decimals, exact)
        return cls(spec.dtype, tuple(masses), spec.nullable, curve)

    @cached_property
    def _arrow_type(self) -> pa.DataType:
        return dtypes.parse(self.dtype)

    @cached_property
    def _tops(self) -> NDArray[Any]:
        return np.array(self.masses, arrays.view_dtype(self._arrow_type))

    @property
    def live(self) -> int:
        """The number of codes that mean "continuous part": 1, or 0 if there is none."""
        return int(self.map is not None)

    @property
    def bounds(self) -> tuple[int | float, int | float] | None:
        """The smallest and largest number that it makes; None without any."""
        ends = [*self.masses, *((self.map.minimum, self.map.maximum) if self.map else ())]
        return (min(ends), max(ends)) if ends else None

    def slots(self, name: str) -> ColumnSlots | None:
        """A value for the continuous part, and a code where there are masses or missing cells beside it."""
        others = len(self.masses) + self.nullable
        if self.map is None:
            return ColumnSlots(name, (others,))
        return ColumnSlots(name, (1 + others,) if others else (), has_value=True, live=1 if others else 0)

    def encode(self, array: base.Cells, rng: np.random.Generator) -> tuple[base.Codes, base.Values]:
        """Codes (n, 0 or 1) and values (n, 0 or 1) in [-1, 1], 0 where not live.

        Raises:
            CellsError: if cells are infinite, or missing and may not be, or, without a continuous part, unknown.
        """
        numbers, missing = to_numbers(array, self._arrow_type, self.nullable)
        codes = np.zeros(len(numbers), np.uint32)
        if len(self._tops):
            nearest = np.minimum(np.searchsorted(self._tops, numbers), len(self._tops) - 1)
            codes = np.where(self._tops[nearest] == numbers, nearest + 1, 0).astype(np.uint32)
        codes[missing] = len(self.masses) + 1
        if self.map is None:
            return self._without_values(codes, numbers)
        live = codes == 0
        values = np.zeros((len(numbers), 1), np.float32)
        values[live, 0] = 2 * self.map.rank(numbers[live], rng) - 1
        return (base.as_column(codes) if self.masses or self.nullable else base.no_codes(len(codes))), values

    def _without_values(self, codes: NDArray[np.uint32], numbers: NDArray[Any]) -> tuple[base.Codes, base.Values]:
        if (codes == 0).any():
            unknown = dtypes.from_numeric(np.unique(numbers[codes == 0]), None, dtypes.value_type(self._arrow_type))
            raise base.CellsError(
                f"expected one of {len(self.masses)} values known from fitting, got {base.shown(unknown)}"
            )
        return base.as_column(codes - np.uint32(1)), base.no_values(len(codes))

    def decode(self, codes: base.Codes, values: base.Values) -> pa.Array:
        """The cells of codes and values; values beyond [-1, 1] count as the ends."""
        parts = codes[:, 0].astype(np.int64) if codes.shape[1] else np.zeros(len(codes), np.int64)
        if self.map is None:
            parts = parts + 1
            numbers = np.zeros(len(parts), self._tops.dtype)
        else:
            numbers = self.map.value(np.clip((values[:, 0].astype(np.float64) + 1) / 2, 0.0, 1.0))
        missing = parts > len(self.masses)
        top = (parts > 0) & ~missing
        numbers[top] = self._tops[parts[top] - 1]
        return to_cells(numbers, missing, self._arrow_type)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "dtype": self.dtype,
            "masses": list(self.masses),
            "nullable": self.nullable,
            "map": None if self.map is None else self.map.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "QuantileEncoder":
        """The inverse of `to_json`."""
        curve = None if data["map"] is None else QuantileMap.from_json(data["map"])
        return cls(data["dtype"], tuple(data["masses"]), data["nullable"], curve)


def require_numbers(summary: ColumnSummary, spec: ColumnSpec) -> None:
    """Raises SchemaError: if a column cannot be encoded as numbers."""
    if not arrays.has_order(spec.arrow_type):
        raise SchemaError(
            f"column {spec.name!r}: expected numbers or points in time for the kind {spec.kind}, got {spec.dtype}; "
            f"set its kind to categorical in the schema"
        )
    if spec.categories is not None:
        raise SchemaError(
            f"column {spec.name!r}: expected no declared categories for the kind {spec.kind}, "
            f"got {len(spec.categories)}; set its kind to categorical in the schema"
        )
    if not summary.n_values and not spec.nullable:
        raise SchemaError(f"column {spec.name!r}: expected at least one value to learn from, got none")


def to_numbers(array: base.Cells, dtype: pa.DataType, nullable: bool) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The numeric view of cells (0 where missing), and which are missing; shapes (n,).

    Raises:
        CellsError: if cells are infinite, or missing and may not be.
    """
    cells = base.conform(array, dtype)
    missing = dtypes.missing(cells)
    base.require_filled(missing, nullable)
    numbers = arrays.numbers(cells)
    infinite = ~np.isfinite(numbers)
    if infinite.any():
        raise base.CellsError(
            f"expected finite numbers, got {int(infinite.sum())} infinite ones; "
            f"replace them by missing cells or by a large number"
        )
    return numbers, missing


def to_cells(numbers: NDArray[Any], missing: NDArray[np.bool_], dtype: pa.DataType) -> pa.Array:
    """The inverse of `to_numbers`, of exactly the type `dtype`."""
    cells = dtypes.from_numeric(numbers, missing, dtypes.value_type(dtype))
    return arrays.restore(arrays.plain(cells), dtype) if pa.types.is_dictionary(dtype) else cells
