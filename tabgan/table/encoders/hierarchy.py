"""Columns that follow from one of them, or one column with thousands of categories: codes from coarse to fine.

The *leaves* are the different rows of cells that these columns hold in the table, so whatever is decoded occurred, and
a dependency that holds but for a few rows is no special case: an exception is one more leaf. The leaves lie in an
order in which those that share their coarser cells, or a cluster, stand side by side; each level above them is told by
how many nodes of the level below each of its nodes holds. A code of such a level is the number of the node. The last
code is the leaf's own number, or its position under its parent where that is much narrower.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.layout import ColumnSlots
from tabgan.table.encoders import base, checks


@dataclass(frozen=True)
class Member:
    """One of the columns.

    Attributes:
        name: of the column.
        categories: its K categories, ascending.
        nullable: whether its cells may be missing.
        cells: the category of each of the L leaves, as an index into the categories; K where the cell is missing.
    """

    name: str
    categories: base.Categories
    nullable: bool
    cells: tuple[int, ...]

    def __post_init__(self) -> None:
        checks.require(isinstance(self.nullable, bool), f"true or false as nullable, got {self.nullable!r}")
        end = len(self.categories) + self.nullable
        whole = all(checks.is_whole(cell) and 0 <= cell < end for cell in self.cells)
        checks.require(whole, f"indices below {end} as cells of the column {self.name!r}")

    def find(self, array: base.Cells) -> NDArray[np.int64]:
        """The category of each cell in the form of `cells`, shape (n,).

        Raises:
            CellsError: if cells hold unknown categories, or are missing and may not be.
        """
        positions, missing = self.categories.find(array)
        base.require_filled(missing, self.nullable)
        positions[missing] = len(self.categories)
        return positions

    def shown(self, position: int) -> str:
        """A cell in the form of `cells`, for a message."""
        if position == len(self.categories):
            return "a missing cell"
        return repr(self.categories.array[position].as_py())

    @cached_property
    def _cells(self) -> NDArray[np.int64]:
        return np.array(self.cells, np.int64)

    def take(self, leaves: NDArray[np.int64]) -> pa.Array:
        """The cells of leaves, shape (n,), in exactly the column's Arrow type."""
        positions = self._cells[leaves]
        missing = positions == len(self.categories)
        return self.categories.take(np.where(missing, 0, positions), missing)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "name": self.name,
            "categories": self.categories.to_json(),
            "nullable": self.nullable,
            "cells": list(self.cells),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Member":
        """The inverse of `to_json`."""
        categories = base.Categories.from_json(data["categories"])
        return cls(data["name"], categories, data["nullable"], tuple(data["cells"]))


@dataclass(frozen=True)
class HierarchyEncoder:
    """L leaves under any number of levels.

    Attributes:
        members: the columns, of which the first is the finest.
        counts: how often each leaf occurs in the table it was fitted on (L of them).
        children: of each level above the leaves, from coarse to fine, the number of nodes (for the last: of leaves)
            that each of its nodes holds; may be empty.
        local: whether the last code is the position under the parent in place of the leaf's number.
    """

    kind: ClassVar[str] = "hierarchy"
    members: tuple[Member, ...]
    counts: tuple[int, ...]
    children: tuple[tuple[int, ...], ...] = ()
    local: bool = False

    def __post_init__(self) -> None:
        n = len(self.counts)
        checks.require(n > 0 and len(self.members) > 0, "leaves, and columns that they are cells of")
        positive = all(
            checks.is_whole(number) and number >= 1 for level in (self.counts, *self.children) for number in level
        )
        checks.require(positive, "counts of rows and of children of at least 1")
        for level, below in zip(self.children, [*map(len, self.children), n][1:], strict=True):
            checks.require(sum(level) == below, f"nodes that hold all {below} nodes below them, got {sum(level)}")
        checks.require(isinstance(self.local, bool), f"true or false as local, got {self.local!r}")
        checks.require(not self.local or len(self.children) > 0, "positions under parents only where there are parents")
        names = [member.name for member in self.members]
        checks.require(
            all(isinstance(name, str) for name in names) and len(set(names)) == len(names), "different names"
        )
        checks.require(all(len(member.cells) == n for member in self.members), f"{n} cells of each column")
        checks.require(len(self._paths[-1]) == n, "leaves that are different from each other")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, the finest one first."""
        return tuple(member.name for member in self.members)

    @cached_property
    def _starts(self) -> tuple[NDArray[np.int64], ...]:
        """Of each level the first child of each node, and the end of the last one."""
        return tuple(np.array(list(accumulate(level, initial=0)), np.int64) for level in self.children)

    @cached_property
    def codes(self) -> NDArray[np.unsignedinteger]:
        """The codes of each leaf, shape (L, k_j)."""
        nodes = np.arange(len(self.counts))
        found = [nodes]
        for level, starts in enumerate(reversed(self._starts)):
            nodes = np.searchsorted(starts, nodes, side="right") - 1
            if self.local and level == 0:
                found[0] = found[0] - starts[nodes]
            found.insert(0, nodes)
        return np.stack(found, axis=1).astype(np.uint32)

    @cached_property
    def spans(self) -> tuple[NDArray[np.int64], ...]:
        """Of each code's nodes the first leaf and the end of the leaves, shape (nodes, 2); the last are the leaves."""
        nodes = np.arange(len(self.counts))
        ends = [np.stack([nodes, nodes + 1], axis=1)]
        for starts in reversed(self._starts):
            below = ends[0]
            ends.insert(0, np.stack([below[starts[:-1], 0], below[starts[1:] - 1, 1]], axis=1))
        return tuple(ends)

    def slots(self, name: str) -> ColumnSlots:
        """One code for each level and one for the leaves, each with windows after the one before."""
        windows = [tuple(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)) for starts in self._starts]
        widest = len(self.counts)
        if self.local:
            widest = max(self.children[-1])
            windows[-1] = tuple((0, size) for size in self.children[-1])
        return ColumnSlots(name, (*map(len, self.children), widest), windows=tuple(windows))

    @cached_property
    def _paths(self) -> tuple[NDArray[np.int64], ...]:
        """Of the first columns of all leaves, one more at a time, the different ones as ascending numbers."""
        paths = []
        found = np.zeros(len(self.counts), np.int64)
        for member in self.members:
            known, found = np.unique(found * (len(member.categories) + 1) + np.array(member.cells), return_inverse=True)
            paths.append(known)
        return tuple(paths)

    @cached_property
    def _leaf_of_path(self) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.argsort(self._rank([np.array(member.cells) for member in self.members])[0])
        return found

    def _rank(self, positions: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The place of rows of cells among the leaves in ascending order, and which are leaves at all."""
        found = np.zeros(len(positions[0]), np.int64)
        known = np.ones(len(found), np.bool_)
        for member, cells, path in zip(self.members, positions, self._paths, strict=True):
            wanted = found * (len(member.categories) + 1) + cells
            found = np.minimum(np.searchsorted(path, wanted), len(path) - 1)
            known &= path[found] == wanted
        return found, known

    def leaves(self, positions: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        """The leaf of each row, shape (n,).

        Args:
            positions: of each member what its `find` gives, shape (n,).

        Raises:
            CellsError: if cells never occurred together at fitting.
        """
        found, known = self._rank(positions)
        if not known.all():
            first = int(np.flatnonzero(~known)[0])
            cells = [
                f"{member.name!r}: {member.shown(int(row[first]))}"
                for member, row in zip(self.members, positions, strict=True)
            ]
            raise base.CellsError(
                f"expected cells that occurred together at fitting, got {int((~known).sum())} rows that did not, "
                f"the first with {', '.join(cells)}; change these cells, or fit on a table that holds them"
            )
        return self._leaf_of_path[found]

    def encode(self, arrays: Sequence[base.Cells]) -> base.Codes:
        """Cells of all members, in their order, as codes (n, k_j).

        Raises:
            CellsError: if cells are unknown, never occurred together at fitting, or are missing and may not be.
        """
        positions, problems = [], []
        for member, cells in zip(self.members, arrays, strict=True):
            try:
                positions.append(member.find(cells))
            except base.CellsError as error:
                problems.append(f"column {member.name!r}: {error}")
        if problems:
            raise base.CellsError("; ".join(problems))
        found: base.Codes = self.codes[self.leaves(positions)]
        return found

    def decode(self, codes: base.Codes) -> list[pa.Array]:
        """Codes (n, k_j) as n cells of each member; a position beyond its window counts on from the window's start."""
        leaves = codes[:, -1].astype(np.int64)
        if self.local:
            parents, starts = codes[:, -2].astype(np.int64), self._starts[-1]
            leaves = starts[parents] + leaves % np.array(self.children[-1])[parents]
        return [member.take(leaves) for member in self.members]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "members": [member.to_json() for member in self.members],
            "counts": list(self.counts),
            "children": [list(level) for level in self.children],
            "local": self.local,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "HierarchyEncoder":
        """The inverse of `to_json`."""
        members = tuple(Member.from_json(member) for member in data["members"])
        children = tuple(tuple(level) for level in data["children"])
        return cls(members, tuple(data["counts"]), children, data["local"])
