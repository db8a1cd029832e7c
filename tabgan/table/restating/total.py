"""A sum in other words: one of its terms is not learnt but computed from the others, exactly and in its own type.

Computed is the term that varies most, since its part of all errors is then the smallest. Parts that are learnt apart
may add up to more, or less, than the computed column ever held; then what is too much is taken from the other terms
within their own bounds, the widest first. Where the computed column has missing cells of its own, it is learnt as well,
for the rows in which other terms are missing, and corrected where all are there.
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
from tabgan.table.constraints import Sum
from tabgan.table.encoders import CellsError, checks
from tabgan.table.encoders.rounding import decimals_of
from tabgan.table.restating.base import Rows
from tabgan.table.restating.learnt import Grid, Interval
from tabgan.table.summaries import ColumnSummary
from tabgan.table.ticks import Scale
from tabgan.table.wanted import Wanted


@dataclass(frozen=True)
class ComputedTerm:
    """A column that follows from others: it is the sum of their cells, each times 1 or -1.

    Attributes:
        columns: the computed column, then the others.
        signs: of the others.
        grids: of all columns.
        digits: of the scale that they share.
        fixed: names of columns that must not be changed to keep the computed one within its bounds.
        kept: whether the computed column is learnt all the same, because its missing cells do not follow.
    """

    kind: ClassVar[str] = "sum"
    columns: tuple[ColumnSpec, ...]
    signs: tuple[int, ...]
    grids: tuple[Grid, ...]
    digits: int | None
    fixed: tuple[str, ...] = ()
    kept: bool = False

    def __post_init__(self) -> None:
        checks.require(len(self.columns) == len(self.grids) == len(self.signs) + 1 >= 2, "a column and its terms")
        checks.require(all(sign in (1, -1) for sign in self.signs), "signs of 1 and -1")
        checks.require(isinstance(self.kept, bool), f"true or false as kept, got {self.kept!r}")

    @classmethod
    def of(
        cls,
        rule: Sum,
        specs: Mapping[str, ColumnSpec],
        columns: Mapping[str, pa.ChunkedArray],
        *,
        fixed: Collection[str] = (),
        needed: Collection[str] = (),
        groups: Sequence[Collection[str]] = (),
    ) -> "ComputedTerm | None":
        """The restatement of a sum; None if there is no term that can be computed.

        Args:
            rule: the sum, which holds in all rows.
            specs: of its columns.
            columns: their cells.
            fixed: columns that must not be changed, since another rule holds between them and other columns.
            needed: columns that cannot be computed, since something else needs them.
            groups: columns that are missing in the same rows.
        """
        names = rule.names
        scale = Scale.of([columns[name] for name in names])
        if any(dtypes.missing(columns[name]).all() for name in names):
            return None
        grids = {name: Grid.of(columns[name], scale) for name in names}
        steps = {name: _step(columns[name], scale) for name in names}
        spread = {name: _spread(columns[name], scale) for name in names}
        able = [
            name for name in names if name not in fixed and name not in needed and steps[name] == min(steps.values())
        ]
        if not able or any(scale.read(columns[name])[0].dtype == object for name in names):
            return None
        computed = max(able, key=lambda name: spread[name])  # the total, of equals
        coefficients = dict(zip(names, (-1, *rule.signs), strict=True))
        others = [name for name in names if name != computed]
        signs = tuple(-coefficients[name] * coefficients[computed] for name in others)
        gaps = {name: dtypes.missing(columns[name]) for name in names}
        alike: set[str] = set().union(*(group for group in groups if computed in group))
        follows = bool((np.any([gaps[name] for name in others], axis=0) == gaps[computed]).all())
        if alike and any(gaps[name].any() and name not in alike for name in others):
            follows = False  # what its group relies on would come from a column outside of it
        return cls(
            columns=tuple(specs[name] for name in (computed, *others)),
            signs=signs,
            grids=tuple(grids[name] for name in (computed, *others)),
            digits=scale.digits,
            fixed=tuple(name for name in others if name in fixed),
            kept=not follows,
        )

    @property
    def computed(self) -> str:
        """The name of the column that follows from the others."""
        return self.columns[0].name

    @property
    def sources(self) -> tuple[str, ...]:
        """All terms of the sum."""
        return tuple(spec.name for spec in self.columns)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The terms as they are, without the computed one if its missing cells follow too."""
        return self.columns if self.kept else self.columns[1:]

    @property
    def _scale(self) -> Scale:
        return Scale(self.digits)

    def _added(self, terms: Sequence[NDArray[Any]]) -> NDArray[Any]:
        return sum((sign * term for sign, term in zip(self.signs, terms, strict=True)), np.zeros(1, terms[0].dtype))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The terms that are learnt.

        Raises:
            CellsError: if terms do not add up, or are there or missing where they should not be.
        """
        read = [self._scale.read(column) for column in columns]
        gaps = np.any([missing for _, missing in read[1:]], axis=0)
        own, missing = read[0]
        size = np.asarray(sum(np.abs(units) for units, _ in read), np.float64)
        broken = ~gaps & ~missing & self._scale.differ(own, self._added([units for units, _ in read[1:]]), size)
        if not self.kept:
            broken = broken | (gaps != missing)
        rows = np.flatnonzero(broken)
        if len(rows):
            raise CellsError(
                f"expected {self.computed!r} to follow from {list(self.sources[1:])}, got other cells in {len(rows)} "
                f"rows, first in row {rows[0]} (counted from 0); mend these rows, or drop the sum from "
                f"schema.constraints"
            )
        return list(columns if self.kept else columns[1:])

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """All terms; where all are there they add up, and each lies within its bounds."""
        given = list(columns[1:] if self.kept else columns)
        read = [self._scale.read(column) for column in given]
        gaps = np.any([missing for _, missing in read], axis=0)
        due = ~gaps & ~dtypes.missing(columns[0]) if self.kept else ~gaps
        terms, changed = self._within([units for units, _ in read], due)
        total = self._added(terms)
        written = [
            self._scale.write(term, missing, spec.arrow_type) if place in changed else column
            for place, (term, (_, missing), spec, column) in enumerate(
                zip(terms, read, self.columns[1:], given, strict=True)
            )
        ]
        computed = self._scale.write(np.where(due, total, self.grids[0].low), ~due, self.columns[0].arrow_type)
        if self.kept:
            computed = pc.if_else(pa.array(due), computed, dtypes.flatten(columns[0]))
        return [computed, *written]

    def _within(self, terms: list[NDArray[Any]], due: NDArray[np.bool_]) -> tuple[list[NDArray[Any]], set[int]]:
        """The terms such that the computed column stays within its bounds, and the places of those that changed."""
        changed = set()
        free = [place for place, name in enumerate(self.sources[1:]) if name not in self.fixed]
        for place in sorted(free, key=lambda i: self.grids[i + 1].low - self.grids[i + 1].high):
            total = self._added(terms)
            lacking = np.where(due, self.grids[0].clip(total) - total, total.dtype.type(0)) * self.signs[place]
            if not lacking.any():
                break
            grid, own = self.grids[place + 1], terms[place]
            wanted = np.where(lacking > 0, grid.up(own + lacking), grid.down(own + lacking))
            terms = [*terms[:place], np.where(lacking != 0, grid.clip(wanted), own), *terms[place + 1 :]]
            changed.add(place)
        return terms, changed

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """What is wanted of the computed column becomes bounds of each other term, given those known and all bounds."""
        found = {spec.name: wanted[spec.name] for spec in self.learnt if spec.name in wanted}
        if self.computed not in wanted or self.kept:
            return found
        own, scale = self.grids[0], self._scale
        each = wanted[self.computed]
        target = Interval.of(own, each, self.columns[0].arrow_type, scale)
        there = np.zeros(1, np.bool_) if each.missing is None else ~each.missing
        spans = [self._span(place, wanted, known) for place in range(1, len(self.columns))]
        for place, (spec, sign) in enumerate(zip(self.columns[1:], self.signs, strict=True)):
            if spec.name in known:
                continue
            rest = [(s, span) for i, (s, span) in enumerate(zip(self.signs, spans, strict=True)) if i != place]
            ends = [(span.low, span.high) if s > 0 else (-span.high, -span.low) for s, span in rest]
            least, most = (sum((end[side] for end in ends), np.zeros(1, target.low.dtype)) for side in (0, 1))
            # A term whose sum may be missing, because another term is, can be anything.
            sure = there | (not any(other.nullable for other in self.columns[1:] if other is not spec))
            ways = (
                ((target.low > own.low) & sure, target.low - most),
                ((target.high < own.high) & sure, target.high - least),
            )
            found[spec.name] = self._narrowed(place + 1, found.get(spec.name), spans[place], ways, sign)
            if each.missing is not None:
                beyond = there & (target.low > target.high)
                found[spec.name] = found[spec.name] & Wanted(present=~beyond, missing=~beyond)
        return found

    def _span(self, place: int, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> Interval:
        """Between which units a column lies: what it holds where that is known, else what is wanted of it."""
        spec, grid = self.columns[place], self.grids[place]
        if spec.name not in known:
            return Interval.of(grid, wanted.get(spec.name), spec.arrow_type, self._scale)
        units, missing = self._scale.read(known[spec.name])
        return Interval(np.where(missing, grid.low, units), np.where(missing, grid.high, units))

    def _narrowed(
        self,
        place: int,
        wanted: Wanted | None,
        span: Interval,
        ways: tuple[tuple[NDArray[np.bool_], NDArray[Any]], tuple[NDArray[np.bool_], NDArray[Any]]],
        sign: int,
    ) -> Wanted:
        """What is wanted of a term that, times its sign, shall lie between two arrays of units.

        Args:
            place: of the term.
            wanted: of it by itself.
            span: between which units it lies anyway.
            ways: for below and above, in which rows there is a bound, and which.
            sign: of the term.
        """
        (is_below, below), (is_above, above) = (
            ways if sign > 0 else ((ways[1][0], -ways[1][1]), (ways[0][0], -ways[0][1]))
        )
        between = Interval(
            np.where(is_below, np.maximum(span.low, below), span.low),
            np.where(is_above, np.minimum(span.high, above), span.high),
        )
        return replace(
            wanted or Wanted(), **between.wanted(self.grids[place], self.columns[place].arrow_type, self._scale)
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "columns": [documents.spec_to_json(spec) for spec in self.columns],
            "signs": list(self.signs),
            "grids": [grid.to_json() for grid in self.grids],
            "digits": self.digits,
            "fixed": list(self.fixed),
            "kept": self.kept,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ComputedTerm":
        """The inverse of `to_json`."""
        return cls(
            tuple(map(documents.spec_from_json, data["columns"])),
            tuple(data["signs"]),
            tuple(map(Grid.from_json, data["grids"])),
            data["digits"],
            tuple(data["fixed"]),
            data["kept"],
        )


def _step(column: pa.ChunkedArray, scale: Scale) -> int:
    """The units between one cell and the next that its type and decimals know."""
    return scale.factor(column.type, decimals_of(ColumnSummary.of(column), column.type))


def _spread(column: pa.ChunkedArray, scale: Scale) -> float:
    units, missing = scale.read(column)
    return float(units[~missing].astype(np.float64).std())
