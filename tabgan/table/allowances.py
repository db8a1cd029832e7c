"""What encoders allow: which categories of a code may still lead to cells that are wanted.

One answer for each way in which columns are spelt as codes: a category by itself or in a group (`Digits`, which also
takes numbers as cells of coarse cells), and the leaves of a hierarchy (`Leaves`). What is wanted may differ from row to
row. A constant has no codes, so there is nothing to ask.

Letters in shapes: n rows, k_j codes of the column, u categories of a code.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import ColumnSlots, Places
from tabgan.table.encoders import (
    CategoricalEncoder,
    Encoder,
    GroupedEncoder,
    HierarchyEncoder,
    Member,
    ModesEncoder,
    QuantileEncoder,
)
from tabgan.table.encoders.base import Categories
from tabgan.table.intervals import Intervals, Points
from tabgan.table.wanted import Wanted

Codes: TypeAlias = NDArray[np.unsignedinteger]
Mask: TypeAlias = NDArray[np.bool_]
_OverWanted: TypeAlias = Callable[[NDArray[np.intp], NDArray[np.int64]], Mask]

_BLOCK = 1 << 28


class Allowance(Protocol):
    """What one column of the layout allows; made for what is wanted of it."""

    def allowed(self, level: int, codes: Codes) -> Mask:
        """Which categories of the code `level` the rows may have, shape (n, u), after those before it in `codes`.

        Args:
            level: of the column's codes, from 0.
            codes: shape (n, k_j); those from `level` on are of no account.
        """

    def places(self, codes: Codes) -> Places:
        """Where in their cells the values may lie, shapes (n,)."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Units in groups, each code a group or, if there is but one code, each group one unit.

    Attributes:
        units: which units are wanted, shape (n or 1, U).
        missing: whether missing cells are, shape (n or 1,); None if there is no category for them.
        sizes: the units of each group.
        numbers: where within units wanted numbers lie; None if units hold no more than one cell.
    """

    units: Mask
    missing: Mask | None
    sizes: tuple[int, ...]
    numbers: "_Within | None" = None

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.array([*self.sizes, 1], np.int64)  # the last one is that of missing cells

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(self.sizes)]).astype(np.int64)

    @cached_property
    def _groups(self) -> Mask:
        """Which categories of the first code are wanted, shape (n or 1, u)."""
        found = self.units
        if len(self.sizes) < self.units.shape[1]:
            found = np.logical_or.reduceat(self.units, self._starts[:-1], axis=1)
        if self.missing is None:
            return found
        n = max(len(found), len(self.missing))
        last = np.broadcast_to(self.missing[:, None], (n, 1))
        return np.concatenate([np.broadcast_to(found, (n, found.shape[1])), last], axis=1)

    @property
    def reach(self) -> float:
        """How far from a wanted number its likes may lie, which will do as well."""
        return 0.0 if self.numbers is None or self.numbers.points is None else self.numbers.points.reach

    def allowed(self, level: int, codes: Codes) -> Mask:
        """See `Allowance`."""
        if level == 0:
            return np.broadcast_to(self._groups, (len(codes), self._groups.shape[1]))
        groups = codes[:, 0].astype(np.int64)
        positions = np.arange(max(self.sizes, default=1))
        units = self._starts[groups][:, None] + positions
        rows = np.arange(len(codes))[:, None] if len(self.units) > 1 else 0
        found = np.zeros(units.shape, np.bool_)
        if self.units.shape[1]:
            found = self.units[rows, np.minimum(units, self.units.shape[1] - 1)]
        absent = groups >= len(self.sizes)
        if self.missing is not None and absent.any():
            found = np.where(absent[:, None], np.broadcast_to(self.missing, len(codes))[:, None], found)
        within: Mask = np.logical_and(found, positions < self._sizes[groups][:, None])
        return within

    def places(self, codes: Codes) -> Places:
        """See `Allowance`."""
        found = _anywhere(len(codes))
        filled = np.flatnonzero(codes[:, 0] < len(self.sizes))
        if self.numbers is None or not len(filled):
            return found
        groups = codes[filled, 0].astype(np.int64)
        units = self._starts[groups]
        if codes.shape[1] == 2:
            units = units + np.minimum(codes[filled, 1], self._sizes[groups] - 1)
        for whole, part in zip(found, self.numbers.places(filled, units), strict=True):
            whole[filled] = part
        return found


@dataclass(frozen=True, eq=False)
class _Within:
    """Where within cells the numbers lie that are wanted."""

    intervals: Intervals
    wanted: Wanted
    points: Points | None

    def places(self, rows: NDArray[np.intp], cells: NDArray[np.int64]) -> Places:
        """In the cell of each of the `rows`; shapes of `rows`."""
        return self.intervals.places(of_rows(self.wanted, rows), self.points, cells)


@dataclass(frozen=True, eq=False)
class Leaves:
    """The leaves of a hierarchy that hold wanted cells of all its columns.

    Attributes:
        hierarchy: the columns.
        wanted: of some of its columns.
    """

    hierarchy: HierarchyEncoder
    wanted: Mapping[str, Wanted]

    @cached_property
    def leaves(self) -> Mask:
        """Those that are wanted, shape (L,), where the same is wanted of every row."""
        found = np.ones(len(self.hierarchy.counts), np.bool_)
        for member in self._members:
            found &= of_categories(member.categories, self.wanted[member.name])[0, np.array(member.cells)]
        return found

    @property
    def _members(self) -> list[Member]:
        return [member for member in self.hierarchy.members if member.name in self.wanted]

    @cached_property
    def _is_same(self) -> bool:
        return all(wanted.is_same for wanted in self.wanted.values())

    @cached_property
    def _slots(self) -> ColumnSlots:
        return self.hierarchy.slots("")

    @cached_property
    def _nodes(self) -> tuple[Mask, ...]:
        """Of each code's nodes those over wanted leaves, where the same is wanted of every row, shapes (nodes,)."""
        return tuple(np.logical_or.reduceat(self.leaves, spans[:, 0]) for spans in self.hierarchy.spans)

    def allowed(self, level: int, codes: Codes) -> Mask:
        """See `Allowance`."""
        if self._is_same:
            nodes = self._nodes[level]
            return self._under(level, codes, lambda _, categories: nodes[categories])
        block = max(_BLOCK // len(self.hierarchy.counts), 1)
        return np.concatenate(
            [self._of_block(level, codes, np.arange(len(codes))[i : i + block]) for i in range(0, len(codes), block)]
        )

    def _of_block(self, level: int, codes: Codes, rows: NDArray[np.intp]) -> Mask:
        """The allowed categories of some rows; what they want is packed as bits, since there may be many leaves."""
        wanted = {name: of_rows(own, rows) for name, own in self.wanted.items()}
        first, kind = _kinds([*wanted.values()])
        bits = np.full((len(self.hierarchy.counts), -(-len(first) // 8)), 255, np.uint8)
        for member in self._members:
            known = of_categories(member.categories, of_rows(wanted[member.name], first))
            own = np.packbits(np.broadcast_to(known, (len(first), known.shape[1])), axis=0).T
            bits &= np.ascontiguousarray(own)[np.array(member.cells)]
        spans = self.hierarchy.spans[level]
        nodes = bits if len(spans) == len(bits) else np.bitwise_or.reduceat(bits, spans[:, 0], axis=0)

        def over_wanted(row: NDArray[np.intp], category: NDArray[np.int64]) -> Mask:
            place = kind[row]
            found: Mask = (nodes[category, place >> 3] >> (7 - (place & 7)) & 1).astype(np.bool_)
            return found

        return self._under(level, codes[rows], over_wanted)

    def _under(self, level: int, codes: Codes, over_wanted: _OverWanted) -> Mask:
        """The nodes that are over wanted leaves, as categories of the code, under the node of the code before."""
        categories, rows = np.arange(self._slots.cardinalities[level])[None, :], np.arange(len(codes))[:, None]
        if level == 0:
            return np.broadcast_to(over_wanted(rows, categories), (len(codes), categories.shape[1]))
        parents = codes[:, level - 1].astype(np.int64)
        windows = np.array(self._slots.windows[level - 1])[parents]
        inside = (categories >= windows[:, :1]) & (categories < windows[:, 1:])
        if self.hierarchy.local and level == len(self._slots.cardinalities) - 1:
            first = self.hierarchy.spans[level - 1][parents, 0]
            categories = np.where(inside, first[:, None] + categories, 0)
        allowed: Mask = inside & over_wanted(rows, categories)
        return allowed

    def places(self, codes: Codes) -> Places:
        """See `Allowance`; leaves have no values."""
        return _anywhere(len(codes))


def _anywhere(n: int) -> Places:
    return Places(-np.ones(n), np.ones(n), np.ones(n))


def of_categories(categories: Categories, wanted: Wanted) -> Mask:
    """Which categories are wanted, and as the last one, whether a missing cell is; shape (n or 1, K + 1)."""
    known = wanted.of(categories.array) if len(categories) else np.zeros((1, 0), np.bool_)
    missing = np.ones(1, np.bool_) if wanted.missing is None else wanted.missing
    n = max(len(known), len(missing))
    last = np.broadcast_to(missing[:, None], (n, 1))
    return np.concatenate([np.broadcast_to(known, (n, known.shape[1])), last], axis=1)


def _kinds(wanted: Sequence[Wanted]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """A row of each kind of rows that want the same, shape (kinds,), and the kind of each row, shape (n,)."""
    parts = [part for own in wanted for part in (own.allowed, own.low, own.high, own.present, own.missing)]
    differing = [part.reshape(len(part), -1) for part in parts if part is not None and len(part) > 1]
    if not differing:
        return np.zeros(1, np.intp), np.zeros(1, np.intp)
    told = np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in differing], axis=1)
    _, first, kind = np.unique(told, axis=0, return_index=True, return_inverse=True)
    return first, kind.reshape(-1)


def of_rows(wanted: Wanted, rows: NDArray[np.intp]) -> Wanted:
    """What is wanted of some of the rows."""
    if wanted.is_same:
        return wanted
    low, high, allowed, present, missing = (
        part if part is None or len(part) == 1 else part[rows]
        for part in (wanted.low, wanted.high, wanted.allowed, wanted.present, wanted.missing)
    )
    return Wanted(wanted.cells, allowed, low, high, present, missing, wanted.excluded)


def allowance(encoder: Encoder, wanted: Wanted, *, nearly: bool = False) -> Digits:
    """What an encoder of one column, not a constant, allows.

    Args:
        encoder: of the column.
        wanted: of it.
        nearly: whether numbers that are close to wanted `cells` will do, since they are settled to those afterwards.
    """
    missing = np.ones(1, np.bool_) if wanted.missing is None else wanted.missing
    if isinstance(encoder, QuantileEncoder | ModesEncoder):
        return _of_numbers(encoder, wanted, missing, nearly)
    if not isinstance(encoder, CategoricalEncoder | GroupedEncoder):
        raise TypeError(f"expected an encoder with codes, got {type(encoder).__name__}")
    units = of_categories(encoder.categories, wanted)[:, :-1]
    sizes = encoder.sizes if isinstance(encoder, GroupedEncoder) else (1,) * len(encoder.categories)
    return Digits(units, missing if encoder.nullable else None, sizes)


def _of_numbers(encoder: QuantileEncoder | ModesEncoder, wanted: Wanted, missing: Mask, nearly: bool) -> Digits:
    slots = encoder.slots("")
    assert slots is not None  # columns of numbers have codes
    n_groups = slots.ordered
    within = slots.windows[0][:n_groups] if slots.windows else ((0, 1),) * n_groups
    sizes = tuple(high - low for low, high in within)
    absent = missing if slots.cardinalities[0] > n_groups else None
    if not sizes:
        return Digits(np.zeros((1, 0), np.bool_), absent, ())
    intervals = Intervals(encoder, sizes)
    points = None if wanted.cells is None else intervals.points(wanted.cells, nearly=nearly)
    return Digits(intervals.mask(wanted, points), absent, sizes, _Within(intervals, wanted, points))
