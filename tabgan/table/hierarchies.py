"""The hierarchies of a table: columns that follow from one of them, and columns with thousands of categories.

Which columns belong together is told by the schema's constraints (found by `discovery`, or declared); how their codes
go from coarse to fine is found in the rows. A group of which no column determines the others is one of combinations.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, clusters, dtypes
from tabgan.table.coding import NAMING, coded
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations
from tabgan.table.encoders import HierarchyEncoder, Member
from tabgan.table.encoders.base import Categories, exact_categories
from tabgan.table.relations import MAX_CODE, Coded, find_groups
from tabgan.table.summaries import ColumnSummary

_FEW_LEAVES = 64
_MAX_RANGES = 8
_FINER = 1.5


def find_hierarchies(
    specs: Sequence[ColumnSpec],
    summaries: Mapping[str, ColumnSummary],
    table: pa.Table,
    declared: Sequence[Combinations] = (),
) -> tuple[HierarchyEncoder, ...]:
    """The hierarchies of the columns `specs`, which share no column.

    Args:
        specs: the modelled columns.
        summaries: of all cells, by column.
        table: the rows; holds every column of `specs` once.
        declared: groups of columns of which only combinations that occur are made: each becomes a hierarchy. Groups
            that share a column become one.

    Raises:
        SchemaError: if a column cannot be encoded as the schema says.
    """
    if not table.num_rows:
        return ()
    rows = _Rows(table, {spec.name: spec for spec in specs}, summaries)
    groups = [_group(names, rows) for names in _merged(declared, rows.specs)]
    grouped = {name for group in groups for name in group.names}
    alone = [
        _Chosen((spec.name,), ())
        for spec in specs
        if spec.kind == "high_cardinality" and spec.name not in grouped and summaries[spec.name].counts is not None
    ]
    return tuple(_hierarchy(group, rows) for group in (*groups, *alone))


@dataclass(frozen=True)
class _Chosen:
    """The columns of a hierarchy.

    Attributes:
        names: all of them, the finest one first.
        levels: those that make its codes, from coarse to fine; not the finest one.
    """

    names: tuple[str, ...]
    levels: tuple[str, ...]


def _merged(declared: Sequence[Combinations], specs: Mapping[str, ColumnSpec]) -> list[tuple[str, ...]]:
    """Groups that share no column, of the columns that are not constant."""
    merged: list[tuple[str, ...]] = []
    for group in declared:
        names = tuple(name for name in group.columns if specs[name].kind != "constant")
        for other in [other for other in merged if not set(other).isdisjoint(names)]:
            merged.remove(other)
            names = tuple(dict.fromkeys((*other, *names)))
        merged += [names] if len(names) > 1 else []
    return merged


def _group(names: Sequence[str], rows: "_Rows") -> _Chosen:
    """The levels of a group: columns that determine each other if they do, else combinations of ever more columns."""
    for name in names:
        exact_categories(rows.summaries[name], rows.specs[name])
    ordered = [name for name in rows.specs if name in names]
    columns = [rows.coded(name) for name in ordered]
    found = find_groups(columns, [rows.specs[name].kind in NAMING for name in ordered])
    if len(found) == 1 and len(names) == 1 + len(found[0].levels) + len(found[0].others):
        group = found[0]
        leaf, others = ordered[group.leaf], [ordered[index] for index in sorted((*group.levels, *group.others))]
        return _Chosen((leaf, *others), tuple(ordered[index] for index in group.levels))
    by_size = sorted(ordered, key=lambda name: rows.coded(name).size)
    return _Chosen((by_size[-1], *by_size[:-1]), _joint_levels(by_size[:-1], rows))


def _joint_levels(names: Sequence[str], rows: "_Rows") -> tuple[str, ...]:
    """Columns whose combinations make levels that are each much finer than the one before, and no code too large."""
    levels: list[str] = []
    nodes = np.zeros(rows.table.num_rows, np.int64)
    n_nodes = 1
    for name in names:
        column = rows.coded(name)
        kept, finer = np.unique(nodes * column.size + column.codes, return_inverse=True)
        if len(kept) > MAX_CODE:
            break
        if len(kept) >= _FINER * n_nodes:
            levels.append(name)
            nodes, n_nodes = finer, len(kept)
    return tuple(levels)


@dataclass(frozen=True, eq=False)
class _Rows:
    """A table, and its columns as whole numbers."""

    table: pa.Table
    specs: Mapping[str, ColumnSpec]
    summaries: Mapping[str, ColumnSummary]

    @cached_property
    def _known(self) -> dict[str, Coded]:
        return {}

    def coded(self, name: str) -> Coded:
        """The cells of a column; a missing one is a category."""
        if name not in self._known:
            self._known[name] = coded(self.table[name])
        return self._known[name]

    def in_ranges(self, name: str, most: int) -> Coded:
        """The numbers or times of a column in at most `most` ranges (at least 2) that hold about as many rows each."""
        missing = dtypes.missing(self.table[name])
        if missing.all():
            return Coded(np.zeros(len(missing), np.int32), 1)
        numbers = arrays.numbers(self.table[name])
        n_ranges = min(most - bool(missing.any()), _MAX_RANGES)
        cuts = np.quantile(numbers[~missing], np.arange(1, n_ranges) / n_ranges)
        ranges = np.where(missing, n_ranges, np.searchsorted(cuts, numbers, side="right"))
        kept, codes = np.unique(ranges, return_inverse=True)
        return Coded(codes.astype(np.int32), len(kept))

    def beside(self, left_out: Sequence[str], d: int) -> list[Coded]:
        """What describes `d` categories: all columns but those left out and those with nearly as many categories."""
        others = [
            (name, spec.kind in NAMING)
            for name, spec in self.specs.items()
            if spec.kind != "constant" and name not in left_out
        ]
        others = [(name, named) for name, named in others if not named or 2 * self.coded(name).size <= d]
        most = clusters.features_each(d, len(others))
        return [self.coded(name) if named else self.in_ranges(name, most) for name, named in others]


def _hierarchy(group: _Chosen, rows: _Rows) -> HierarchyEncoder:
    """The encoder of a group of columns."""
    chosen, levels = list(group.names), group.levels
    categories = [_categories(name, rows) for name in chosen]
    found = [_positions(known, rows.table[name]) for name, known in zip(chosen, categories, strict=True)]
    leaf_of_row, cells, counts = _leaves(found)
    nodes = _nodes([cells[chosen.index(name)] for name in levels])
    n = len(counts)
    parents = nodes[-1] if nodes else np.zeros(n, np.int64)
    if np.bincount(parents).max() > MAX_CODE:
        others = rows.beside((chosen[0], *levels), n)
        nodes.append(_clustered(parents, clusters.describe(leaf_of_row, n, others), counts))
    order = np.lexsort((-counts, nodes[-1] if nodes else parents))
    children = tuple(_children(nodes, order))
    members = tuple(
        Member(name, known, rows.specs[name].nullable, tuple(own[order].tolist()))
        for name, known, own in zip(chosen, categories, cells, strict=True)
    )
    local = n > _FEW_LEAVES and bool(children) and 2 * max(children[-1]) <= n
    return HierarchyEncoder(members, tuple(counts[order].tolist()), children, local)


def _categories(name: str, rows: _Rows) -> Categories:
    return Categories.of(exact_categories(rows.summaries[name], rows.specs[name]), rows.specs[name])


def _positions(categories: Categories, column: pa.ChunkedArray) -> NDArray[np.int64]:
    positions, missing = categories.find(column)
    positions[missing] = len(categories)
    return positions


def _leaves(
    columns: Sequence[NDArray[np.int64]],
) -> tuple[NDArray[np.int64], list[NDArray[np.int64]], NDArray[np.int64]]:
    """The different rows of cells, in ascending order: of each row which it is (n,), their cells, and their counts."""
    leaf_of_row = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        _, leaf_of_row = np.unique(leaf_of_row * (int(column.max()) + 1) + column, return_inverse=True)
    _, first, counts = np.unique(leaf_of_row, return_index=True, return_counts=True)
    return leaf_of_row, [column[first] for column in columns], counts


def _nodes(levels: Sequence[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """The node of each leaf on each level, shape (L,), numbered under their parents; from coarse to fine."""
    nodes: list[NDArray[np.int64]] = []
    found = np.zeros(1, np.int64)
    for cells in levels:
        _, found = np.unique(found * (int(cells.max()) + 1) + cells, return_inverse=True)
        nodes.append(found)
    return nodes


def _clustered(parents: NDArray[np.int64], points: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cluster of each leaf, shape (L,), numbered under their parents; about as many leaves each as clusters."""
    size = math.isqrt(len(counts) - 1) + 1
    found = np.zeros(len(counts), np.int64)
    order = np.argsort(parents, kind="stable")
    first = 0
    for members in np.split(order, np.flatnonzero(np.diff(parents[order])) + 1):
        n_clusters = -(-len(members) // size)
        found[members] = first + clusters.split(points[members], counts[members], n_clusters)
        first += n_clusters
    return found


def _children(nodes: Sequence[NDArray[np.int64]], order: NDArray[np.intp]) -> list[tuple[int, ...]]:
    """How many nodes of the level below each node of a level holds, from coarse to fine."""
    found = []
    for level, below in zip(nodes, [*nodes, None][1:], strict=True):
        parents = level[order] if below is None else level[order][_firsts(below[order])]
        found.append(tuple(np.bincount(parents).tolist()))
    return found


def _firsts(nodes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a node differs from the one before it."""
    found: NDArray[np.bool_] = np.diff(nodes, prepend=-1) != 0
    return found
