"""A plane cut into cells that hold about equally many points, along the longer side of each cell (a k-d tree).

Where there is a wide gap not far from the middle, between two towns, the cut goes through the gap: a cell that two
towns share says nothing of which. Leaves are numbered from left to right, so those that follow each other lie near each
other, and all leaves under one node are a rectangle. Distances are those of the plane, not of the globe.

Source: Bentley, Multidimensional binary search trees used for associative searching, 1975.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.table.encoders import checks

Points = NDArray[np.float64]
"""Shape (n, 2)."""
_MIDDLE = (0.25, 0.75)
"""Of the points of a node, between which shares a gap may be cut."""
_WIDE = 0.1
"""Of a node's extent, how wide such a gap has to be."""


@dataclass(frozen=True)
class PlaneTree:
    """A complete tree of depth d, its nodes level by level.

    Attributes:
        axes: which coordinate each inner node cuts (2**d - 1 of them).
        cuts: the largest coordinate that goes to its left.
    """

    axes: tuple[int, ...]
    cuts: tuple[float, ...]

    def __post_init__(self) -> None:
        n = len(self.axes) + 1
        checks.require(n == len(self.cuts) + 1 and n & (n - 1) == 0, "a complete tree of cuts")
        checks.require(set(self.axes) <= {0, 1} and checks.are_numbers(self.cuts), "cuts of two coordinates")

    @property
    def n_leaves(self) -> int:
        """The number of leaves, 2**d."""
        return len(self.axes) + 1

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        return np.array(self.axes, np.int64), np.array(self.cuts, np.float64)

    @classmethod
    def of(cls, points: Points, depth: int) -> "PlaneTree":
        """The tree that halves the points, shape (n, 2), at every node, or parts them at a wide gap near the middle.

        Places that coincide are never parted.
        """
        axes, cuts = [], []
        level = [np.arange(len(points))]
        for _ in range(depth):
            below = []
            for rows in level:
                axis, cut = _halved(points[rows])
                axes.append(axis)
                cuts.append(cut)
                left = points[rows, axis] <= cut
                below += [rows[left], rows[~left]]
            level = below
        return cls(tuple(axes), tuple(cuts))

    def leaves(self, points: Points) -> NDArray[np.int64]:
        """The leaf of each point, shape (n,)."""
        axes, cuts = self._arrays
        nodes = np.zeros(len(points), np.int64)
        rows = np.arange(len(points))
        for _ in range(self.n_leaves.bit_length() - 1):
            nodes = 2 * nodes + 1 + (points[rows, axes[nodes]] > cuts[nodes])
        return nodes - len(self.axes)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"axes": list(self.axes), "cuts": list(self.cuts)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "PlaneTree":
        """The inverse of `to_json`."""
        return cls(tuple(data["axes"]), tuple(data["cuts"]))


def _halved(points: Points) -> tuple[int, float]:
    """The coordinate to cut and where; where all points coincide, all go to the left."""
    if not len(points):
        return 0, 0.0
    extents = np.ptp(points, axis=0)
    axis = int(np.argmax(extents))
    numbers = np.sort(points[:, axis])
    gaps = np.diff(numbers)
    first, last = (int(share * len(gaps)) for share in _MIDDLE)
    widest = first + int(np.argmax(gaps[first:last])) if last > first else 0
    if last > first and gaps[widest] >= _WIDE * extents[axis] > 0:
        return axis, float(numbers[widest])
    cut = numbers[(len(numbers) - 1) // 2]
    if cut == numbers[-1] and extents[axis] > 0:
        cut = numbers[np.searchsorted(numbers, cut) - 1]
    return axis, float(cut)
