"""The hierarchies of a table: columns that follow from one of them, and columns with thousands of categories.

Found in the rows once all columns are summarized. Columns of categories may determine others; a column of numbers or
times may follow if it has few enough values, but determines nothing, since its ranks are smooth and shall stay so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, clusters, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import HierarchyEncoder, Member
from tabgan.table.encoders.base import Categories, exact_categories
from tabgan.table.relations import MAX_CODE, Coded, Group, find_groups
from tabgan.table.summaries import ColumnSummary

_FEW_LEAVES = 64
_MAX_RANGES = 8
_NAMING = ("categorical", "high_cardinality")


def find_hierarchies(
    specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary], table: pa.Table
) -> tuple[HierarchyEncoder, ...]:
    """The hierarchies of the columns `specs`, which share no column.

    Args:
        specs: the modelled columns.
        summaries: of all cells, by column.
        table: the rows; holds every column of `specs` once.

    Raises:
        SchemaError: if a column cannot be encoded as the schema says.
    """
    if not table.num_rows:
        return ()
    rows = _Rows(table, {spec.name: spec for spec in specs}, summaries)
    names = _discrete(specs, summaries)
    found = find_groups([rows.coded(name) for name in names], [rows.specs[name].kind in _NAMING for name in names])
    grouped = {names[index] for group in found for index in (group.leaf, *group.levels, *group.others)}
    alone = [
        Group(index, (), ())
        for index, name in enumerate(names)
        if rows.specs[name].kind == "high_cardinality" and name not in grouped
    ]
    return tuple(_hierarchy(group, names, rows) for group in (*found, *alone))


def _discrete(specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary]) -> list[str]:
    """The columns whose cells may be counted in pairs."""
    counted = [spec for spec in specs if spec.kind != "constant" and summaries[spec.name].counts is not None]
    most = max((summaries[spec.name].n_distinct for spec in counted if spec.kind in _NAMING), default=0)
    return [spec.name for spec in counted if spec.kind in _NAMING or summaries[spec.name].n_distinct <= most]


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
            found = arrays.plain(self.table[name]).dictionary_encode(null_encoding="encode")
            self._known[name] = Coded(found.indices.to_numpy(), len(found.dictionary))
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
            (name, spec.kind in _NAMING)
            for name, spec in self.specs.items()
            if spec.kind != "constant" and name not in left_out
        ]
        others = [(name, named) for name, named in others if not named or 2 * self.coded(name).size <= d]
        most = clusters.features_each(d, len(others))
        return [self.coded(name) if named else self.in_ranges(name, most) for name, named in others]


def _hierarchy(group: Group, names: Sequence[str], rows: _Rows) -> HierarchyEncoder:
    """The encoder of a group of the columns `names`."""
    chosen = [names[group.leaf], *(names[index] for index in sorted((*group.levels, *group.others)))]
    categories = [_categories(name, rows) for name in chosen]
    found = [_positions(known, rows.table[name]) for name, known in zip(chosen, categories, strict=True)]
    leaf_of_row, cells, counts = _leaves(found)
    levels = [names[index] for index in group.levels]
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
