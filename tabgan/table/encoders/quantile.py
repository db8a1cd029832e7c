"""A continuous column as digits of its rank: a coarse cell, a fine cell within it, and where in that a number lies.

Numbers, points in time, durations and decimals all go through their numeric view. A quantile map turns them into ranks,
which `cuts` has cut into cells: a value that holds many rows (0 in "capital gain", 999 for "never") has a cell of its
own, other cells hold a range. Cells are categories, so a network learns them by their likelihood; within the finest
cell a rank is uniform whatever else is in the row, as far as anyone could tell from the sample. Everything comes back
in the column's own unit: integers whole, floats with as many decimals as they had, dates at midnight. Values are exact
where there are at most 1,024 of them; beyond that, where many rows share them or a cell begins or ends. Between knots
they are interpolated. Decimals are computed in float64, so of more than 15 digits the last ones are lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.layout import ColumnSlots
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import base, checks
from tabgan.table.encoders.cuts import cut
from tabgan.table.encoders.quantile_map import QuantileMap
from tabgan.table.encoders.rounding import decimals_of, unit_of
from tabgan.table.summaries import ColumnSummary

_END = 2.0**-24  # of a cell: closer to its borders no rank is decoded, since those belong to the neighbours as well
_ROUNDING = 2.0**-24  # of a cell: what a rank may lose on its way through float32 is a quarter of that
_LEAST_SHARE = 1e-12  # of the rows: sketches may leave nothing to a value that was seen


@dataclass(frozen=True)
class QuantileEncoder:
    """C cells in B coarse ones, and missing cells.

    Attributes:
        dtype: the column's Arrow type, as text.
        nullable: whether code B means "missing".
        map: the ranks of numbers; None if all cells are missing.
        edges: the ranks of the cells' borders, ascending from 0 to 1 (C + 1 of them); empty without a map.
        sizes: how many cells each coarse cell holds, each at least 1; they add up to C (B of them).
    """

    kind: ClassVar[str] = "quantile"
    dtype: str
    nullable: bool
    map: QuantileMap | None
    edges: tuple[float, ...]
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        checks.require(arrays.has_order(self._arrow_type), f"a type of numbers or times, got {self.dtype}")
        view = arrays.view_dtype(self._arrow_type)
        checks.require(isinstance(self.nullable, bool), f"true or false as nullable, got {self.nullable!r}")
        checks.require(self.map is None or self.map.dtype == view, f"a quantile map of {view}")
        checks.require(bool(self.map or self.nullable), "something to make: a map or missing cells")
        checks.require((self.map is None) == (not self.edges), "borders of cells where there is a map")
        ascend = checks.are_numbers(self.edges) and checks.ascend(self.edges, strictly=True)
        checks.require(ascend and self.edges[:1] + self.edges[-1:] in ((), (0.0, 1.0)), "borders that go from 0 to 1")
        whole = all(checks.is_whole(size) and size >= 1 for size in self.sizes)
        checks.require(
            whole and sum(self.sizes) == max(len(self.edges) - 1, 0), "coarse cells that hold as many as there are"
        )

    @classmethod
    def from_summary(cls, summary: ColumnSummary, spec: ColumnSpec) -> "QuantileEncoder":
        """The encoder of a column with a numeric view.

        Raises:
            SchemaError: if it has none, or no cell at all, or declares categories.
        """
        require_numbers(summary, spec)
        if not summary.n_values:
            return cls(spec.dtype, spec.nullable, None, (), ())
        values, weights = _points(summary)
        borders, sizes = cut(weights)
        unit, decimals = unit_of(summary, spec.arrow_type), decimals_of(summary, spec.arrow_type)
        curve = QuantileMap.of_points(values, weights, unit, decimals, summary.counts is not None, borders)
        ends = np.concatenate([[0.0], np.cumsum(weights)])
        return cls(spec.dtype, spec.nullable, curve, tuple((ends[borders] / ends[-1]).tolist()), sizes)

    @cached_property
    def _arrow_type(self) -> pa.DataType:
        return dtypes.parse(self.dtype)

    @cached_property
    def _borders(self) -> NDArray[np.float64]:
        return np.array(self.edges)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """The first cell of each coarse cell, shape (B,)."""
        return np.array(list(accumulate(self.sizes, initial=0))[:-1], np.int64)

    @property
    def bounds(self) -> tuple[int | float, int | float] | None:
        """The smallest and largest number that it makes; None without any."""
        return None if self.map is None else (self.map.minimum, self.map.maximum)

    @property
    def _n_codes(self) -> int:
        return 2 if max(self.sizes, default=1) > 1 else 1

    @cached_property
    def _has_value(self) -> bool:
        """Whether some cell holds more than one number."""
        cells, ones = np.arange(sum(self.sizes)), np.ones(sum(self.sizes))
        return bool(len(cells)) and bool((self._numbers(cells, -ones) != self._numbers(cells, ones)).any())

    def slots(self, name: str) -> ColumnSlots | None:
        """A code for the coarse cell (and for missing ones), one for the fine cell and a value where there is need."""
        n = len(self.sizes)
        windows = (*((0, size) for size in self.sizes), *[(0, 1)] * self.nullable)
        fine = self._n_codes == 2
        return ColumnSlots(
            name,
            (n + self.nullable, max(self.sizes)) if fine else (n + self.nullable,),
            has_value=self._has_value,
            ordered=n,
            windows=(windows,) if fine else (),
        )

    def encode(self, array: base.Cells, rng: np.random.Generator) -> tuple[base.Codes, base.Values]:
        """Codes (n, 1 or 2) and values (n, 0 or 1) in [-1, 1], drawn evenly from what decodes to the same number.

        Raises:
            CellsError: if cells are infinite, or missing and may not be, or filled where all were missing at fitting.
        """
        numbers, missing = to_numbers(array, self._arrow_type, self.nullable)
        codes = np.zeros((len(numbers), self._n_codes), np.uint32)
        if self.map is None:
            if not missing.all():
                known = base.conform(array, self._arrow_type).drop_null()
                raise base.CellsError(f"expected missing cells only, as at fitting, got {base.shown(known)}")
            return codes, base.no_values(len(numbers))
        cells, values = self._locate(self.map, numbers, rng)
        coarse = np.searchsorted(self._starts, cells, side="right") - 1
        codes[:, 0] = np.where(missing, len(self.sizes), coarse)
        if self._n_codes == 2:
            codes[:, 1] = np.where(missing, 0, cells - self._starts[coarse])
        if not self._has_value:
            return codes, base.no_values(len(numbers))
        values[missing] = 0.0
        return codes, values[:, None]

    def _locate(
        self, curve: QuantileMap, numbers: NDArray[Any], rng: np.random.Generator
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The cell of each number and where in it a rank of it lies, shapes (n,).

        The middle of a number's ranks decides on its cell, so equal numbers share one, whatever is drawn.
        """
        low, high = curve.interval(numbers)
        cells = np.searchsorted(self._borders[1:-1], (low + high) / 2, side="right")
        start, end = self._borders[cells], self._borders[cells + 1]
        low, high = np.clip(low, start, end), np.clip(high, start, end)
        margin = np.minimum(_ROUNDING * (end - start), (high - low) / 4)
        p = low + margin + rng.random(len(numbers)) * (high - low - 2 * margin)
        return cells, np.clip(2 * (p - start) / (end - start) - 1, -1.0, 1.0).astype(np.float32)

    def decode(self, codes: base.Codes, values: base.Values) -> pa.Array:
        """The cells of codes (n, 1 or 2) and values (n, 0 or 1); what lies beyond a cell counts as its end."""
        coarse = codes[:, 0].astype(np.int64)
        missing = coarse >= len(self.sizes)
        if self.map is None:
            numbers = np.zeros(len(codes), arrays.view_dtype(self._arrow_type))
            return to_cells(numbers, missing, self._arrow_type)
        coarse = np.where(missing, 0, coarse)
        cells = self._starts[coarse]
        if codes.shape[1] == 2:
            cells = cells + np.minimum(codes[:, 1], np.array(self.sizes)[coarse] - 1)
        places = values[:, 0].astype(np.float64) if self._has_value else np.zeros(len(codes))
        return to_cells(self._numbers(cells, places), missing, self._arrow_type)

    def _numbers(self, cells: NDArray[np.int64], places: NDArray[np.float64]) -> NDArray[Any]:
        """The numbers at places from -1 to 1 in cells, shapes (n,)."""
        assert self.map is not None  # there are no cells without it
        start, end = self._borders[cells], self._borders[cells + 1]
        p = start + np.clip((places + 1) / 2, _END, 1 - _END) * (end - start)
        return self.map.value(np.minimum(p, np.nextafter(end, 0.0)), _ROUNDING * (end - start))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "dtype": self.dtype,
            "nullable": self.nullable,
            "map": None if self.map is None else self.map.to_json(),
            "edges": list(self.edges),
            "sizes": list(self.sizes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "QuantileEncoder":
        """The inverse of `to_json`."""
        curve = None if data["map"] is None else QuantileMap.from_json(data["map"])
        return cls(data["dtype"], data["nullable"], curve, tuple(data["edges"]), tuple(data["sizes"]))


def _points(summary: ColumnSummary) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The distinct numbers of a column, strictly ascending, and the rows that each stands for, all positive."""
    values, weights = summary.points()
    first = np.flatnonzero(np.append(True, values[1:] != values[:-1]))  # long decimals may be one number in float64
    weights = np.add.reduceat(weights, first)
    return values[first], np.maximum(weights, weights.sum() * _LEAST_SHARE)


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
