"""The cells of an encoder of numbers as intervals, and where in a cell the numbers lie that are wanted.

Within a cell, what is decoded never descends as the place goes from -1 to 1. So the ends of a cell tell which numbers
it can hold, rounding to decimals, units and types included, and where those within given bounds start and end is found
by bisection: exactly as the cells will come out, since the encoder itself is asked.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.layout import Places
from tabgan.table import arrays, dtypes
from tabgan.table.encoders import ModesEncoder, QuantileEncoder
from tabgan.table.wanted import Wanted

OfNumbers: TypeAlias = QuantileEncoder | ModesEncoder

_STEPS = 1 << 24  # of a cell; each is a float32
_NARROW = 2.0**-12  # of all numbers: how far around a number that no place decodes to is searched for its like
_GOLDEN = 0.6180339887498949
_BLOCK = 1 << 22


@dataclass(frozen=True, eq=False)
class Points:
    """Which cells can hold which of some numbers, and where in them; p pairs of a cell and a number.

    Attributes:
        cells: the cell of each pair, ascending, shape (p,).
        points: the number of each pair, as an index, shape (p,).
        low: where in the cell the number starts, shape (p,).
        high: where it ends.
        reach: how far from a number its likes may lie.
    """

    cells: NDArray[np.int64]
    points: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    reach: float = 0.0

    def among(self, n_cells: int, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which cells hold a wanted number, shape (n, n_cells), where `wanted` (n, points) says which these are."""
        found = np.zeros((len(wanted), n_cells), np.bool_)
        if len(self.cells):
            held, starts = np.unique(self.cells, return_index=True)
            found[:, held] = np.logical_or.reduceat(wanted[:, self.points], starts, axis=1)
        return found

    def places(self, cells: NDArray[np.int64], wanted: NDArray[np.bool_]) -> Places:
        """Where one of the wanted numbers lies in the cell of each row, shapes (n,).

        Of several in one cell, rows take turns.
        """
        starts = np.searchsorted(self.cells, cells, side="left")
        counts = np.searchsorted(self.cells, cells, side="right") - starts
        pairs = np.arange(max(int(counts.max(initial=0)), 1))
        inside = pairs < counts[:, None]
        pair = np.where(inside, starts[:, None] + pairs, 0)
        rows = np.arange(len(cells))[:, None] if len(wanted) > 1 else 0
        if not len(self.cells):
            return Places(np.ones(len(cells)), -np.ones(len(cells)), np.ones(len(cells)))
        inside &= wanted[rows, self.points[pair]]
        count = inside.cumsum(axis=1)
        turns = np.modf((np.arange(len(cells)) + 1) * _GOLDEN)[0]
        chosen = np.argmax(count > (turns * count[:, -1])[:, None], axis=1)
        own = pair[np.arange(len(cells)), chosen]
        found = inside.any(axis=1)
        low, high = np.where(found, self.low[own], 1.0), np.where(found, self.high[own], -1.0)
        return Places(low, high, np.maximum(count[:, -1], 1).astype(np.float64))


@dataclass(frozen=True, eq=False)
class Intervals:
    """C cells of an encoder, group after group (a group is a coarse cell, or a mode).

    Attributes:
        encoder: of the column.
        sizes: how many cells each group holds (G of them, C in all).
    """

    encoder: OfNumbers
    sizes: tuple[int, ...]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)

    @cached_property
    def _codes(self) -> NDArray[np.uint32]:
        """The codes of each cell, shape (C, 1 or 2)."""
        cells = np.arange(sum(self.sizes))
        groups = np.searchsorted(self._starts, cells, side="right") - 1
        slots = self.encoder.slots("")
        codes = np.stack([groups, cells - self._starts[groups]], axis=1).astype(np.uint32)
        return codes[:, : 1 if slots is None else len(slots.cardinalities)]

    def numbers(self, cells: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[Any]:
        """What stands, in the end, at a step from 0 to 2**24 of each cell, in the numeric view; shapes (n,)."""
        places = (steps / (_STEPS // 2) - 1).astype(np.float32)
        return arrays.numbers(self.encoder.decode(self._codes[cells], places[:, None]))

    @cached_property
    def ends(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The least and the largest number of each cell, shapes (C,)."""
        cells = np.arange(sum(self.sizes))
        return self.numbers(cells, np.zeros_like(cells)), self.numbers(cells, np.full_like(cells, _STEPS))

    def mask(self, wanted: Wanted, points: Points | None) -> NDArray[np.bool_]:
        """Which cells can hold a number that is wanted of each row, shape (n or 1, C).

        Args:
            wanted: of the column.
            points: of its `cells`, where it has some.
        """
        if points is not None and wanted.cells is not None:
            found = points.among(sum(self.sizes), wanted.of(wanted.cells))
        else:
            found = self._ranges(wanted)
        return found if wanted.present is None else found & wanted.present[:, None]

    def _ranges(self, wanted: Wanted) -> NDArray[np.bool_]:
        least, most = self.ends
        low = least.min() if wanted.low is None else wanted.low[:, None]
        high = most.max() if wanted.high is None else wanted.high[:, None]
        found: NDArray[np.bool_] = np.atleast_2d((least <= high) & (most >= low) & (low <= high))
        rows, cells = np.nonzero(found & (least < low) & (most > high))
        if len(rows):  # nothing of the cell but its inside may do, and it may have a gap there
            inner = Wanted(low=_of_rows(wanted.low, rows), high=_of_rows(wanted.high, rows))
            first, last = self._between(inner, cells)
            found[rows, cells] = first <= last
        if wanted.excluded is not None:
            alone = least == most
            found = found & ~(alone & np.isin(least, arrays.numbers(wanted.excluded)))
        return found

    def places(self, wanted: Wanted, points: Points | None, cells: NDArray[np.int64]) -> Places:
        """Where in the cell of each row a wanted number lies, shapes (n,); low above high where there is none."""
        if points is not None and wanted.cells is not None:
            return points.places(cells, wanted.of(wanted.cells))
        if not wanted.is_same:
            first, last = self._between(wanted, cells)
        else:
            known, place = np.unique(cells, return_inverse=True)
            first, last = self._between(wanted, known)
            first, last = first[place], last[place]
        return Places(_place(first), _place(last), np.ones(len(first)))

    def _between(self, wanted: Wanted, cells: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first and the last step of each cell within the bounds that are wanted of its row, shapes (n,)."""
        first, last = np.zeros(len(cells), np.int64), np.full(len(cells), _STEPS)
        least, most = self.ends
        if wanted.low is not None:
            low = np.broadcast_to(wanted.low, len(cells))
            cut = least[cells] < low
            first[cut] = self._first(cells[cut], low[cut])
        if wanted.high is not None:
            high = np.broadcast_to(wanted.high, len(cells))
            cut = most[cells] > high
            last[cut] = self._last(cells[cut], high[cut])
        return first, last

    def _first(self, cells: NDArray[np.int64], low: NDArray[Any]) -> NDArray[np.int64]:
        """The first step with a number of at least `low`, 2**24 + 1 where there is none; shapes (n,)."""
        before, at = np.full(len(cells), -1), np.full(len(cells), _STEPS + 1)
        while (at - before > 1).any():
            middle = (before + at) // 2
            reaches = (middle >= 0) & (self.numbers(cells, np.clip(middle, 0, _STEPS)) >= low)
            before, at = np.where(reaches, before, middle), np.where(reaches, middle, at)
        return at

    def _last(self, cells: NDArray[np.int64], high: NDArray[Any]) -> NDArray[np.int64]:
        """The last step with a number of at most `high`, -1 where there is none; shapes (n,)."""
        at, after = np.full(len(cells), -1), np.full(len(cells), _STEPS + 1)
        while (after - at > 1).any():
            middle = (at + after) // 2
            fits = (middle < 0) | (self.numbers(cells, np.clip(middle, 0, _STEPS)) <= high)
            at, after = np.where(fits, middle, at), np.where(fits, after, middle)
        return at

    def points(self, cells: pa.Array, *, nearly: bool) -> Points:
        """Which cells can hold the plain cells, and where in them.

        Args:
            cells: filled ones.
            nearly: if one of them cannot be hit, whether numbers close to them will do as well (see `settled`).
        """
        numbers = arrays.numbers(cells)
        exact = self._points(numbers, numbers)
        if not nearly or len(np.unique(exact.points)) == len(numbers):
            return exact
        least, most = self.ends
        known = np.sort(numbers.astype(np.float64))
        reach = float(min([_NARROW * (float(most.max()) - float(least.min())), *(np.diff(known) / 2)]))
        ends = [arrays.clip_to(number, numbers.dtype, least.min(), most.max()) for number in _around(numbers, reach)]
        found = self._points(np.minimum(ends[0], numbers), np.maximum(ends[1], numbers))
        return replace(found, reach=reach + (numbers.dtype.kind != "f"))

    def _points(self, low: NDArray[Any], high: NDArray[Any]) -> Points:
        """The pairs for numbers from `low` to `high`, shapes (points,)."""
        least, most = self.ends
        block = max(_BLOCK // max(len(least), 1), 1)
        pairs = [
            np.stack(np.nonzero((least <= high[i : i + block, None]) & (most >= low[i : i + block, None])))
            + np.array([[i], [0]])
            for i in range(0, len(low), block)
        ]
        points, cells = np.concatenate([*pairs, np.zeros((2, 0), np.int64)], axis=1)
        order = np.argsort(cells, kind="stable")
        points, cells = points[order], cells[order]
        first, last = self._between(Wanted(low=low[points], high=high[points]), cells)
        held = first <= last
        return Points(cells[held], points[held], _place(first[held]), _place(last[held]))


def settled(array: pa.Array, cells: pa.Array) -> pa.Array:
    """Numbers as the nearest of `cells` (plain, of the same kind); missing ones stay missing."""
    known = arrays.sort(cells)[0]
    ends, numbers, missing = arrays.numbers(known), arrays.numbers(array), dtypes.missing(array)
    after = np.clip(np.searchsorted(ends, numbers), 0, len(ends) - 1)
    before = np.maximum(after - 1, 0)
    nearer = _distance(ends[before], numbers) <= _distance(ends[after], numbers)
    place = np.where((ends[after] != numbers) & nearer, before, after)
    return arrays.restore(known.take(pa.array(place, mask=missing)), array.type)


def are_near(array: pa.Array, cells: pa.Array, reach: float) -> NDArray[np.bool_]:
    """Which of some cells settle to `cells` that are no further off than `reach`, or are missing; shape (n,)."""
    moved = _distance(arrays.numbers(array), arrays.numbers(settled(array, cells)))
    near: NDArray[np.bool_] = dtypes.missing(array) | (moved <= reach * (1 + 1e-9))
    return near


def _distance(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Of numbers of one type, as floats and without overflow."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    if low.dtype.kind == "f":
        gap: NDArray[np.float64] = high - low
        return gap
    whole: NDArray[np.float64] = (high - low).view(np.uint64).astype(np.float64)
    return whole


def _around(numbers: NDArray[Any], reach: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    middle = numbers.astype(np.float64)
    return middle - reach, middle + reach


def _place(steps: NDArray[np.int64]) -> NDArray[np.float64]:
    return steps / (_STEPS // 2) - 1


def _of_rows(bound: NDArray[Any] | None, rows: NDArray[np.intp]) -> NDArray[Any] | None:
    if bound is None:
        return None
    return bound[rows] if len(bound) > 1 else np.repeat(bound, len(rows))
