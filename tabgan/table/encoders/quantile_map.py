"""Numbers to ranks in [0, 1] and back, through a piecewise linear quantile function with flat and vertical parts.

The function is a list of knots (p_j, x_j), both never descending. A value that many rows share is a flat part, as wide
as its share of the rows; a gap between two such values is a vertical part, so nothing is ever made inside of it. A
value that occurs once is a single knot, so that what lies between such values is interpolated and not copied. The true
minimum and maximum are the first and the last knot. Pure NumPy: no tables here.

Whole numbers stay whole numbers throughout, so that integers beyond 2**53 are exact on knots. A rank that was rounded
on its way finds its knot again, where `value` is told how far off it may be.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.table.encoders import checks

MAX_EXACT = 1_024
_GRID = 1_024
_DTYPES = ("int64", "uint64", "float64")
_SKETCHED = 4 * _GRID  # a value that holds so small a share is told from its neighbours by a sketch
_LARGEST_OFFSET = float(np.nextafter(2.0**64, 0))


@dataclass(frozen=True)
class QuantileMap:
    """A monotone map between numbers and ranks.

    Attributes:
        ranks: p_j of the knots, in [0, 1].
        values: x_j of the knots: integers or floats, as `dtype` says.
        dtype: "int64", "uint64" or "float64".
        unit: whole numbers are multiples of it, at least 1; 1 for floats.
        decimals: floats are rounded to as many; None to leave them as they are.
    """

    ranks: tuple[float, ...]
    values: tuple[int | float, ...]
    dtype: str
    unit: int = 1
    decimals: int | None = None

    def __post_init__(self) -> None:
        n, m = len(self.ranks), len(self.values)
        checks.require(n == m >= 1, f"as many ranks as values and at least one, got {n} and {m}")
        checks.require(self.dtype in _DTYPES, f"a dtype of {', '.join(_DTYPES)}, got {self.dtype!r}")
        in_range = checks.are_numbers(self.ranks) and all(0 <= rank <= 1 for rank in self.ranks)
        checks.require(in_range and checks.ascend(self.ranks), "ascending ranks from 0 to 1")
        fit = checks.are_numbers(self.values, self.dtype)
        checks.require(fit and checks.ascend(self.values), f"ascending values of {self.dtype}")
        checks.require_rounding(self.unit, self.decimals)

    @classmethod
    def of_points(
        cls,
        values: NDArray[Any],
        weights: NDArray[np.float64],
        unit: int = 1,
        decimals: int | None = None,
        exact: bool = True,
        borders: NDArray[np.intp] | None = None,
    ) -> "QuantileMap":
        """The map of a weighted sample.

        Args:
            values: ascending distinct numbers, shape (d,), d >= 1; int64, uint64 or float64.
            weights: the rows that each stands for, shape (d,), all positive.
            unit: see the attributes.
            decimals: see the attributes.
            exact: whether the weights are counts of rows; with at most 1,024 such values, each value is a knot and
                each that occurs twice or more is a flat part. Otherwise a grid of 1,024 ranks is kept, and flat parts
                for values that hold a 1,024th of the rows.
            borders: positions among the values, ascending from 0 to d, between which the map is to be exact: the values
                on either side of a border are knots, and flat parts if several rows share them.
        """
        ends = np.cumsum(weights)
        total = float(ends[-1])
        starts = np.concatenate([[0.0], ends[:-1]])
        kept, flat = _knots(weights, ends, exact, np.zeros(1, np.intp) if borders is None else borders)
        middle = (starts + ends) / 2
        low, high = np.where(flat, starts, middle)[kept], np.where(flat, ends, middle)[kept]
        steep = (np.diff(kept) == 1) & (flat[kept][1:] != flat[kept][:-1])  # no slope between a flat part and the next
        low[1:] = np.where(steep & ~flat[kept][1:], starts[kept][1:], low[1:])
        high[:-1] = np.where(steep & ~flat[kept][:-1], ends[kept][:-1], high[:-1])
        wide = high > low
        ranks = np.stack([low, high], axis=1).ravel() / total
        use = np.stack([np.ones_like(wide), wide], axis=1).ravel()
        x = values[kept].repeat(2)[use]
        return cls(tuple(np.minimum(ranks[use], 1.0).tolist()), tuple(x.tolist()), str(values.dtype), unit, decimals)

    @cached_property
    def _p(self) -> NDArray[np.float64]:
        return np.array(self.ranks)

    @cached_property
    def _x(self) -> NDArray[Any]:
        return np.array(self.values, self.dtype)

    @property
    def minimum(self) -> int | float:
        """The smallest number that it makes."""
        return self.values[0]

    @property
    def maximum(self) -> int | float:
        """The largest number that it makes."""
        return self.values[-1]

    def interval(self, x: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The lowest and the highest of the ranks that decode to each number, shapes (n,).

        Numbers beyond the minimum or maximum count as those.
        """
        x = np.clip(x, self._x[0], self._x[-1])
        left, right = np.searchsorted(self._x, x, side="left"), np.searchsorted(self._x, x, side="right")
        low, high = self._p[np.minimum(left, len(self._p) - 1)], self._p[right - 1]
        between = left == right
        if between.any():
            low[between] = high[between] = self._slope(x[between], left[between])
        half = self._half_step()
        narrow = low == high
        if half and narrow.any():
            wide, numbers = x[narrow].astype(np.float64), self._x.astype(np.float64)
            low[narrow] = np.minimum(low[narrow], np.interp(wide - half, numbers, self._p, left=0.0))
            high[narrow] = np.maximum(high[narrow], np.interp(wide + half, numbers, self._p, right=1.0))
        return low, high

    def _slope(self, x: NDArray[Any], after: NDArray[np.intp]) -> NDArray[np.float64]:
        """The ranks of numbers strictly between the knots `after` - 1 and `after`, shape (n,)."""
        a, b = self._x[after - 1], self._x[after]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            share = _distance(a, x) / _distance(a, b)
        share = np.where(np.isfinite(share), share, 0.5)
        p: NDArray[np.float64] = self._p[after - 1] + share * (self._p[after] - self._p[after - 1])
        return p

    def _half_step(self) -> float:
        """Half of the unit or of the last decimal; 0 if there is none that float64 could add to the numbers."""
        if self._x.dtype.kind == "f":
            half = 0.0 if self.decimals is None else 0.5 * 10.0**-self.decimals
        else:
            half = self.unit / 2
        widest = max(abs(float(self.minimum)), abs(float(self.maximum)))
        return half if half > math.ulp(widest) else 0.0

    def value(self, p: NDArray[np.float64], within: NDArray[np.float64] | float = 0.0) -> NDArray[Any]:
        """The numbers at the ranks `p`, shape (n,), rounded to the unit or decimals, of `dtype`.

        Args:
            p: ranks.
            within: a rank so close to a knot is the knot; one number, or shape (n,).
        """
        if len(self._p) == 1:
            return np.full(len(p), self._x[0])
        knot = np.clip(np.searchsorted(self._p, p, side="right") - 1, 0, len(self._p) - 2)
        start, end = self._p[knot], self._p[knot + 1]
        share = np.where(end > start, (p - start) / np.where(end > start, end - start, 1.0), 1.0)
        share = np.where((p - start <= within) & (end > start), 0.0, np.where(end - p <= within, 1.0, share))
        return self._between(self._x[knot], self._x[knot + 1], np.clip(share, 0.0, 1.0))

    def _between(self, a: NDArray[Any], b: NDArray[Any], share: NDArray[np.float64]) -> NDArray[Any]:
        if a.dtype.kind == "f":
            mixed = np.clip(a * (1 - share) + b * share, a, b)
            if self.decimals is not None:
                mixed = np.clip(np.round(mixed, self.decimals), self._x[0], self._x[-1])
            return np.where(a == b, a, mixed)
        span = (b - a).view(np.uint64)  # exact even where the difference overflows int64
        steps = np.rint(share * span.astype(np.float64) / self.unit) * self.unit
        offset = np.minimum(np.minimum(steps, _LARGEST_OFFSET).astype(np.uint64), span)
        exact: NDArray[Any] = (a.view(np.uint64) + offset).view(a.dtype)
        return np.where(share == 1, b, exact)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; Python writes floats and integers so that they come back exactly."""
        return {
            "ranks": list(self.ranks),
            "values": list(self.values),
            "dtype": self.dtype,
            "unit": self.unit,
            "decimals": self.decimals,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "QuantileMap":
        """The inverse of `to_json`."""
        return cls(tuple(data["ranks"]), tuple(data["values"]), data["dtype"], data["unit"], data["decimals"])


def _knots(
    weights: NDArray[np.float64], ends: NDArray[np.float64], exact: bool, borders: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The positions of the values that become knots, ascending, and for each value whether it is a flat part."""
    if exact and len(weights) <= MAX_EXACT:
        return np.arange(len(weights)), weights >= 2
    total = float(ends[-1])
    beside = np.union1d(borders[:-1], borders[1:] - 1)
    flat = (weights >= 2) & (weights >= total / _GRID)
    flat[beside] |= weights[beside] >= (2 if exact else max(2.0, total / _SKETCHED))
    return np.union1d(_on_grid(ends, flat), beside), flat


def _on_grid(ends: NDArray[np.float64], flat: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The values that become knots: on a grid of ranks, the extremes, flat parts and their neighbours."""
    grid = np.searchsorted(ends, np.linspace(0, 1, _GRID + 1) * ends[-1], side="left")
    heavy = np.flatnonzero(flat)
    last = len(ends) - 1
    found: NDArray[np.intp] = np.unique(
        np.clip(np.concatenate([grid, heavy - 1, heavy, heavy + 1, [0, last]]), 0, last)
    )
    return found


def _distance(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """From a to b as floats, without overflow for integers; halved for floats, so that only ratios mean anything."""
    if a.dtype.kind == "f":
        half: NDArray[np.float64] = b / 2 - a / 2
        return half
    whole: NDArray[np.float64] = (b - a).view(np.uint64).astype(np.float64)
    return whole
