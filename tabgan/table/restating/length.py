"""An order in other words: a start and an end as the start and the length between them.

A length is learnt in place of the end where it varies much less than the end, or is nothing in many rows: only then it
is the sharper word. Where the two columns vary by themselves, such as a width and a height of which the height is never
smaller, both are learnt as they are, and rows that come out in the wrong order are mended: the one is put as far from
the other as it is in one of those rows of the table where they are closest. Lengths are counted in units that hold both
columns exactly, so an end lies on its own grid and within its own bounds.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import documents, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Order
from tabgan.table.encoders import CellsError, checks
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.restating.learnt import Grid, Interval, learnt_spec
from tabgan.table.restating.lengths import beside, is_sharper, length_cells, length_scale, shortest
from tabgan.table.ticks import Scale
from tabgan.table.wanted import Wanted


@dataclass(frozen=True)
class Length:
    """Two columns of which one is never larger; either the length between them is learnt, or both as they are.

    Attributes:
        low: the smaller column.
        high: the larger column.
        strict: whether they are never equal.
        digits: of the scale that they share.
        grids: of the smaller column, of the larger one, and of the length.
        length: the learnt column in place of the larger one; None if both are learnt as they are.
        moved: where both are learnt as they are, which one is mended: "low" or "high".
        short: lengths in units, ascending, of rows in which the columns are closest.
        blanks: whether a cell for which there is no place within its column's bounds is to be missing.
    """

    kind: ClassVar[str] = "order"
    low: ColumnSpec
    high: ColumnSpec
    strict: bool
    digits: int | None
    grids: tuple[Grid, Grid, Grid]
    length: ColumnSpec | None
    moved: str
    short: tuple[int | float, ...]
    blanks: bool

    def __post_init__(self) -> None:
        checks.require(self.moved in ("low", "high"), f"low or high as the column to mend, got {self.moved!r}")
        checks.require(self.length is None or self.moved == "high", "a length only in place of the larger column")
        checks.require(len(self.grids) == 3, "three grids")
        checks.require(checks.are_numbers(self.short) and checks.ascend(self.short), "ascending lengths")
        checks.require(bool(self.short) and self.short[0] >= 0, "short lengths, none below 0")

    @classmethod
    def of(
        cls,
        rule: Order,
        specs: Mapping[str, ColumnSpec],
        columns: Mapping[str, pa.ChunkedArray],
        free: FreeName,
        *,
        moved: str = "high",
        apart: bool = False,
        groups: Sequence[Collection[str]] = (),
    ) -> "Length | None":
        """The restatement of an order; None if no row holds both, or their numbers are too large.

        Args:
            rule: the order, which holds in all rows.
            specs: of its columns.
            columns: their cells.
            free: gives a learnt column a name.
            moved: which column may be changed to keep the order: "low" or "high".
            apart: whether both columns have to be learnt as they are.
            groups: columns that are missing in the same rows.
        """
        pair = [columns[name] for name in rule.names]
        scale = Scale.of(pair)
        (low, no_low), (high, no_high) = map(scale.read, pair)
        there = ~no_low & ~no_high
        if not there.any() or object in (low.dtype, high.dtype):
            return None
        lengths = (high - low)[there]
        between = Grid(lengths.min().item(), lengths.max().item(), 1 if scale.digits is not None else 0)
        follows = bool((no_low == no_high).all() or not no_low.any())
        learnt, written = None, getattr(rule, moved)
        if moved == "high" and not apart and follows and is_sharper(lengths, high[there]):
            cells = length_cells(high - low, ~there, scale, pair[0].type)
            learnt = learnt_spec(free(rule.high, "length"), cells, bool((~there).any()))
        return cls(
            specs[rule.low],
            specs[rule.high],
            rule.strict,
            scale.digits,
            (Grid.of(pair[0], scale), Grid.of(pair[1], scale), between),
            learnt,
            moved,
            shortest(lengths),
            specs[written].nullable and not any(written in group for group in groups),
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The smaller column and the larger one."""
        return (self.low.name, self.high.name)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The smaller column, and the length or the larger one."""
        return (self.low, self.high if self.length is None else self.length)

    @property
    def _scale(self) -> Scale:
        return Scale(self.digits)

    @property
    def _least(self) -> int:
        """The least length, in units; of floats as they are, a strict order is kept by rounding alone."""
        return int(self.strict and self.digits is not None)

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The smaller column and the length; the length is missing where the larger one is.

        Raises:
            CellsError: if rows are out of order, or hold the larger one alone, which leaves the length open.
        """
        (low, no_low), (high, no_high) = map(self._scale.read, columns)
        wrong = low >= high if self.strict else low > high
        broken = ~no_low & ~no_high & np.asarray(wrong, np.bool_)
        if self.length is not None:
            broken |= no_low & ~no_high
        rows = np.flatnonzero(broken)
        if len(rows):
            raise CellsError(
                f"expected {self.low.name!r} {'<' if self.strict else '<='} {self.high.name!r}, got something else in "
                f"{len(rows)} rows, first in row {rows[0]} (counted from 0); mend these rows, or drop the order from "
                f"schema.constraints"
            )
        if self.length is None:
            return list(columns)
        return [columns[0], length_cells(high - low, no_low | no_high, self._scale, self.low.arrow_type)]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """Both columns, in order wherever both are there."""
        low, no_low = self._scale.read(columns[0])
        if self.length is not None:
            length, no_length = length_scale(self._scale, self.low.arrow_type).read(columns[1])
            gone = no_low | no_length
            return [columns[0], self._written(low + np.maximum(length, self._least), low, gone, self.high, 1)]
        high, no_high = self._scale.read(columns[1])
        wrong = low >= high if self.strict else low > high
        mend = ~no_low & ~no_high & np.asarray(wrong, np.bool_)
        if not mend.any():
            return list(columns)
        draws = rows.uniforms(f"{self.low.name} <= {self.high.name}")[:, 0]
        short = np.array(self.short)[(draws * len(self.short)).astype(np.int64)]
        pair = list(columns)
        if self.moved == "high":
            made = self._written(low + np.maximum(short, self._least), low, ~mend, self.high, 1)
        else:
            made = self._written(high - np.maximum(short, self._least), high, ~mend, self.low, 0)
        place = int(self.moved == "high")
        pair[place] = pc.if_else(pa.array(mend), made, dtypes.flatten(columns[place]))
        return pair

    def _written(
        self, units: NDArray[Any], end: NDArray[Any], gone: NDArray[np.bool_], spec: ColumnSpec, place: int
    ) -> pa.Array:
        """Cells near `units` on the column's grid and within its bounds, on the right side of the other column's `end`.

        An end beyond the bounds is of a row whose other cell was missing in the table, so it is missing here too where
        it may be.

        Args:
            units: shape (n,).
            end: the units of the other column, shape (n,).
            gone: where the cell is missing, shape (n,).
            spec: the column that is written.
            place: 0 for the smaller column, 1 for the larger one.
        """
        grid, least = self.grids[place], self._least
        if place:
            nearest = grid.up(end + least)
            found, beyond = np.maximum(grid.clip(grid.up(units)), nearest), nearest > grid.high
        else:
            nearest = grid.down(end - least)
            found, beyond = np.minimum(grid.clip(grid.down(units)), nearest), nearest < grid.low
        if self.blanks:
            found, gone = grid.clip(found), gone | beyond
        if self.digits is not None or not pa.types.is_floating(spec.arrow_type):
            return self._scale.write(found, gone, spec.arrow_type)
        return beside(found, end, gone, spec.arrow_type, 1 if place else -1, self.strict)

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """Bounds of the larger column become bounds of the length, row by row once the smaller one is known.

        Where both are learnt as they are, what is wanted of them is passed on: rows of the table are in order already.
        """
        if self.length is None:
            return {name: wanted[name] for name in self.sources if name in wanted}
        found = {self.low.name: wanted[self.low.name]} if self.low.name in wanted else {}
        if self.high.name not in wanted:
            return found
        each = wanted[self.high.name]
        below, above, between = self.grids
        target = Interval.of(above, each, self.high.arrow_type, self._scale)
        is_far, is_near = target.low > above.low, target.high < above.high
        start = self._start(wanted, known)
        far, near = target.low - above.unit, target.high  # an end may be rounded up to its grid
        length = Interval(
            np.where(is_far, np.maximum(between.low, far - start.high), between.low),
            np.where(is_near, np.minimum(between.high, near - start.low), between.high),
        )
        scale = length_scale(self._scale, self.low.arrow_type)
        bounds = length.wanted(between, self.length.arrow_type, scale)
        gaps = None if each.missing is None or each.missing.all() else each.missing
        if bounds or gaps is not None:
            found[self.length.name] = Wanted(missing=gaps, **bounds)
        if self.low.name not in known:
            # A start whose end may be missing can be anywhere.
            sure = (np.zeros(1, np.bool_) if gaps is None else ~gaps) | (not self.length.nullable)
            span = Interval(
                np.where(is_far & sure, np.maximum(start.low, far - between.high), start.low),
                np.where(is_near & sure, np.minimum(start.high, near), start.high),
            )
            own = replace(found.get(self.low.name, Wanted()), **span.wanted(below, self.low.arrow_type, self._scale))
            found[self.low.name] = own & Wanted(missing=gaps)
        return found

    def _start(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> Interval:
        """Between which units the smaller column lies: what it holds where that is known, else what is wanted."""
        grid = self.grids[0]
        if self.low.name not in known:
            return Interval.of(grid, wanted.get(self.low.name), self.low.arrow_type, self._scale)
        units, missing = self._scale.read(known[self.low.name])
        return Interval(np.where(missing, grid.low, units), np.where(missing, grid.high, units))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "low": documents.spec_to_json(self.low),
            "high": documents.spec_to_json(self.high),
            "strict": self.strict,
            "digits": self.digits,
            "grids": [grid.to_json() for grid in self.grids],
            "length": None if self.length is None else documents.spec_to_json(self.length),
            "moved": self.moved,
            "short": list(self.short),
            "blanks": self.blanks,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Length":
        """The inverse of `to_json`."""
        low, high, length = map(Grid.from_json, data["grids"])
        return cls(
            documents.spec_from_json(data["low"]),
            documents.spec_from_json(data["high"]),
            data["strict"],
            data["digits"],
            (low, high, length),
            None if data["length"] is None else documents.spec_from_json(data["length"]),
            data["moved"],
            tuple(data["short"]),
            data["blanks"],
        )
