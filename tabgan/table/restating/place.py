"""Two coordinates as one cell of the plane: where things are is a matter of both.

Learnt apart, latitude and longitude lie in the right ranges, but beside the road and in the sea. Here the plane is cut
into cells of about equally many rows (a k-d tree), each as tight around its points as can be, and the number of the
cell is learnt: it says of both coordinates together as much as a column can. Where in its cell a place lies is drawn
evenly. Places that many rows share, such as stations, are cells of their own, or known members of a cell, and come back
exactly. Cells are rectangles, so a curved coast is followed as closely as cells are small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import checks
from tabgan.table.encoders.base import CellsError, conform
from tabgan.table.restating import place_wants
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.restating.place_tree import PlaneTree, Points
from tabgan.table.summaries import ColumnSummary
from tabgan.table.wanted import Wanted

MIN_ROWS = 200
"""Rows with a place below which coordinates are learnt apart."""
_ROWS = 5  # of a cell: as in `encoders.cuts`
_MAX_DEPTH = 12
_MAX_ALONE = 1_024  # so many different numbers come back exactly from a quantile encoder
_DEPTH_WITH_SHARED, _MAX_SHARED = 9, 512  # together so many
_MAX_KNOWN = 1 << 16
_REPEATS = 3.0  # rows of each place, on average, where places are known ones


@dataclass(frozen=True)
class Place:
    """Two columns of floats; n rows, c cells.

    Attributes:
        names: the columns.
        types: their Arrow types, as text.
        nullable: whether cells of each may be missing.
        learnt_names: of the cell's number, and of what is missing of places of which a part is there.
        apart: whether there are such places.
        decimals: to which each coordinate is rounded; None for as many as there are.
        tree: the plane's leaves.
        leaf_cells: the cell of each leaf.
        boxes: the least and largest first, then second coordinate of each cell.
        points: places that are known.
        point_cells: the cell of each of them, ascending; places in a cell that has known ones are some of these.
        counts: how many rows are at each of them.
    """

    kind: ClassVar[str] = "place"
    names: tuple[str, str]
    types: tuple[str, str]
    nullable: tuple[bool, bool]
    learnt_names: tuple[str, str]
    apart: bool
    decimals: tuple[int | None, int | None]
    tree: PlaneTree
    leaf_cells: tuple[int, ...]
    boxes: tuple[tuple[float, float, float, float], ...]
    points: tuple[tuple[float, float], ...]
    point_cells: tuple[int, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        checks.require(len(self.leaf_cells) == self.tree.n_leaves, "a cell for each leaf")
        known = len(self.points)
        checks.require(len(self.point_cells) == len(self.counts) == known, "a cell and a count for each known place")
        inside = all(0 <= cell < len(self.boxes) for cell in (*self.leaf_cells, *self.point_cells))
        checks.require(bool(self.boxes) and inside, "cells that there are")
        checks.require(checks.ascend(self.point_cells), "known places in the order of their cells")
        checks.require(all(checks.is_whole(count) and count >= 1 for count in self.counts), "counts of at least 1")
        numbers = [number for numbers in (*self.boxes, *self.points) for number in numbers]
        checks.require(checks.are_numbers(numbers), "finite coordinates")
        checks.require(all(a <= b and c <= d for a, b, c, d in self.boxes), "boxes from low to high")
        floats = all(pa.types.is_floating(dtypes.parse(dtype)) for dtype in self.types)
        checks.require(floats, f"coordinates as floats, got {' and '.join(self.types)}")
        for decimals in self.decimals:
            checks.require_rounding(1, decimals)

    @classmethod
    def of(
        cls, specs: Sequence[ColumnSpec], cells: Sequence[pa.Array | pa.ChunkedArray], free: FreeName
    ) -> "Place | None":
        """The restatement of two columns; None if they are no floats, too few, or infinite.

        Args:
            specs: of both columns.
            cells: of both, of their Arrow types.
            free: makes names for the learnt columns.
        """
        if not all(pa.types.is_float32(spec.arrow_type) or pa.types.is_float64(spec.arrow_type) for spec in specs):
            return None
        plain = [conform(column, spec.arrow_type) for column, spec in zip(cells, specs, strict=True)]
        points = np.stack([arrays.numbers(column) for column in plain], axis=1)
        missing = np.stack([dtypes.missing(column) for column in plain], axis=1)
        filled = points[~missing.any(axis=1)]
        if len(filled) < MIN_ROWS or not np.isfinite(filled).all() or not np.ptp(filled, axis=0).all():
            return None
        first, second = specs
        decimals = tuple(ColumnSummary.of(column).decimals for column in plain)
        return cls(
            names=(first.name, second.name),
            types=(first.dtype, second.dtype),
            nullable=(first.nullable, second.nullable),
            learnt_names=(free(first.name, "place"), free(first.name, "missing part")),
            apart=bool((missing[:, 0] != missing[:, 1]).any()),
            decimals=(decimals[0], decimals[1]),
            **_cut(filled),
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """Both columns."""
        return self.names

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The number of the cell, missing where both coordinates are; and which of them is, if that happens."""
        cell, part = self.learnt_names
        spec = ColumnSpec(name=cell, kind="continuous", dtype="int64", nullable=all(self.nullable))
        if not self.apart:
            return (spec,)
        return spec, ColumnSpec(name=part, kind="categorical", dtype="int64", nullable=False)

    @cached_property
    def box_array(self) -> NDArray[np.float64]:
        """Shape (c, 2, 2): coordinate, then the low and the high end."""
        return np.array(self.boxes).reshape(-1, 2, 2)

    @cached_property
    def _known(self) -> dict[tuple[float, float], int]:
        return dict(zip(self.points, self.point_cells, strict=True))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The cell of each place; of a place with one coordinate, that of some place with nearly the same one.

        Raises:
            CellsError: if coordinates are infinite, or are missing in a way that never occurred at fitting.
        """
        plain = [conform(column, dtypes.parse(dtype)) for column, dtype in zip(columns, self.types, strict=True)]
        points = np.stack([arrays.numbers(column) for column in plain], axis=1)
        missing = np.stack([dtypes.missing(column) for column in plain], axis=1)
        self._check(points, missing)
        numbers = self._cells(_completed(points, missing))
        made = [pa.array(numbers, mask=missing.all(axis=1))]
        if self.apart:
            made.append(pa.array(np.where(missing.all(axis=1), 0, missing[:, 0] + 2 * missing[:, 1])))
        return made

    def _check(self, points: Points, missing: NDArray[np.bool_]) -> None:
        infinite = int((~np.isfinite(points)).any(axis=1).sum())
        if infinite:
            raise CellsError(f"expected finite coordinates in columns {self._shown}, got {infinite} rows that are not")
        parts = (missing[:, 0] != missing[:, 1]) & (not self.apart)
        new = (missing & ~np.array(self.nullable)).any(axis=1) | parts
        if new.any():
            raise CellsError(
                f"expected coordinates in columns {self._shown} to be missing as at fitting, got {int(new.sum())} rows "
                f"that differ, first in row {int(np.argmax(new))} (counted from 0); fill these cells, or fit on such"
            )

    @property
    def _shown(self) -> str:
        return f"{self.names[0]!r} and {self.names[1]!r}"

    def _cells(self, points: Points) -> NDArray[np.int64]:
        cells = np.array(self.leaf_cells)[self.tree.leaves(points)]
        if self.points:
            pairs = zip(points[:, 0].tolist(), points[:, 1].tolist(), strict=True)
            known = np.array([self._known.get(pair, -1) for pair in pairs], np.int64)
            cells = np.where(known >= 0, known, cells)
        return cells

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """Places in the cells: known ones by how many rows they have, others anywhere."""
        gone = dtypes.missing(columns[0])
        cells = np.clip(arrays.numbers(columns[0]), 0, len(self.boxes) - 1)
        parts = arrays.numbers(columns[1]) if self.apart else np.zeros(len(cells), np.int64)
        uniforms = rows.uniforms(self.names[0], 2)
        points = self._points(cells, uniforms)
        return [
            dtypes.from_numeric(points[:, axis], gone | ((parts & (1 + axis)) > 0), dtypes.parse(self.types[axis]))
            for axis in (0, 1)
        ]

    def _points(self, cells: NDArray[np.int64], uniforms: NDArray[np.float64]) -> Points:
        box = self.box_array[cells]
        points: Points = box[:, :, 0] + uniforms * (box[:, :, 1] - box[:, :, 0])
        for axis, decimals in enumerate(self.decimals):
            if decimals is not None:
                points[:, axis] = np.round(points[:, axis], decimals)
        points = np.clip(points, box[:, :, 0], box[:, :, 1])
        if self.points:
            owners, ends = np.array(self.point_cells), np.cumsum(self.counts)
            first, last = (np.searchsorted(owners, cells, side=side) for side in ("left", "right"))
            starts = np.concatenate([[0], ends])
            target = starts[first] + uniforms[:, 0] * (starts[last] - starts[first])
            chosen = np.clip(np.searchsorted(ends, target, side="right"), first, np.maximum(last - 1, 0))
            known = last > first
            points[known] = np.array(self.points)[chosen[known]]
        return points

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """The cells that reach into the wanted ranges.

        Args:
            wanted: of the two columns.
            known: learnt columns whose cells are made already.
        """
        return place_wants.narrow(self, wanted, known)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        nested = {"boxes": [list(box) for box in self.boxes], "points": [list(point) for point in self.points]}
        lists = {name: list(value) for name, value in plain.items() if isinstance(value, tuple)}
        return {"kind": self.kind, **lists, **nested, "apart": self.apart, "tree": self.tree.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Place":
        """The inverse of `to_json`."""
        values: dict[str, Any] = {
            field.name: tuple(map(tuple, data[field.name])) if field.name in ("boxes", "points") else data[field.name]
            for field in fields(cls)
        }
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return cls(**{**values, **lists, "tree": PlaneTree.from_json(data["tree"])})


def _cut(points: Points) -> dict[str, Any]:
    """The tree, the cells and the known places of rows at `points`, shape (n, 2), as fields of a `Place`."""
    n = len(points)
    pairs, counts = np.unique(points[:, 0] + 1j * points[:, 1], return_counts=True)  # far faster than by rows
    places = np.stack([pairs.real, pairs.imag], axis=1)
    depth = int(np.clip(np.log2(n / _ROWS), 1, _MAX_DEPTH))
    repeated = len(places) * _REPEATS <= n and len(places) <= _MAX_KNOWN
    single = np.full(len(places), repeated and len(places) <= _MAX_ALONE)
    if not repeated:
        single[_shared(counts, n)] = True
        depth = min(depth, _DEPTH_WITH_SHARED) if single.any() else depth
    usual = np.repeat(places[~single], counts[~single], axis=0)
    tree = PlaneTree.of(places if single.all() else usual, depth)
    leaves, own = tree.leaves(places), np.arange(len(places))
    groups, cells = np.unique(leaves * (1 + len(places)) + np.where(single, 1 + own, 0), return_inverse=True)
    lows, highs = np.full((len(groups), 2), np.inf), np.full((len(groups), 2), -np.inf)
    np.minimum.at(lows, cells, places)
    np.maximum.at(highs, cells, places)
    known = np.flatnonzero(single | repeated)
    known = known[np.argsort(cells[known], kind="stable")]
    starts = np.searchsorted(groups // (1 + len(places)), np.arange(tree.n_leaves), side="left")
    boxes = np.stack([lows[:, 0], highs[:, 0], lows[:, 1], highs[:, 1]], axis=1)
    return {
        "tree": tree,
        "leaf_cells": tuple(np.minimum(starts, len(groups) - 1).tolist()),
        "boxes": tuple(map(tuple, boxes.tolist())),
        "points": tuple(map(tuple, places[known].tolist())),
        "point_cells": tuple(cells[known].tolist()),
        "counts": tuple(counts[known].tolist()),
    }


def _shared(counts: NDArray[np.int64], n: int) -> NDArray[np.intp]:
    """Which of the places with so many of n rows each are worth a cell of their own."""
    shared = np.flatnonzero(counts >= max(_ROWS, 2 * n // 2**_DEPTH_WITH_SHARED))
    return shared[np.argsort(-counts[shared], kind="stable")][:_MAX_SHARED]


def _completed(points: Points, missing: NDArray[np.bool_]) -> Points:
    """Points of which no coordinate is missing: what is, is that of a row that comes near in the other one."""
    whole = np.flatnonzero(~missing.any(axis=1))
    if len(whole) == len(points) or not len(whole):
        return points
    made = points.copy()
    for axis in (0, 1):
        partly = np.flatnonzero(missing[:, axis] & ~missing[:, 1 - axis])
        order = whole[np.argsort(points[whole, 1 - axis], kind="stable")]
        near = np.searchsorted(points[order, 1 - axis], points[partly, 1 - axis])
        made[partly, axis] = points[order[np.minimum(near, len(order) - 1)], axis]
    gone = missing.all(axis=1)
    made[gone] = points[streams.generator(0, "place").choice(whole, int(gone.sum()))]
    return made
