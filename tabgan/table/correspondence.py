"""What the codes of one codec mean in those of another: the same categories, and the cells that numbers would fall in.

Both codecs encode columns of the same names and types, each fitted on a table of its own, so that categories may be
new, cells of numbers lie elsewhere, and the leaves of a hierarchy stand in another order. Categories correspond by
their value, the nodes above them by most of what they hold; a cell of numbers corresponds to the cell that its middle
falls in, beyond all cells to the nearest; missing cells to missing ones. A column that is encoded in another way has no
partner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan import rng
from tabgan.layout import Partners
from tabgan.table.codec import TableCodec
from tabgan.table.encoders import (
    CategoricalEncoder,
    CellsError,
    Encoder,
    GroupedEncoder,
    HierarchyEncoder,
    ModesEncoder,
    QuantileEncoder,
)
from tabgan.table.encoders.base import Categories

_NARROW = 1e-100
"""Of the larger column's scale: no spread of a mode is below."""
Nodes: TypeAlias = NDArray[np.int64]
"""Categories with the ones before them, shape (c, 2); -1 where there is none."""
Level: TypeAlias = tuple[int, Nodes, Nodes]
"""The level of the other column's codes that one level corresponds to, and what corresponds on it."""


def partners_of(codec: TableCodec, other: TableCodec) -> tuple[Partners | None, ...]:
    """Of each code of a codec's layout what it is in the layout of the `other` one; None where that knows no such."""
    found: list[Partners | None] = []
    firsts = [codes.start for codes in other.layout.code_slices]
    for index, slots in enumerate(codec.layout.columns):
        place = _place(codec, index, other)
        levels = [None] * len(slots.cardinalities) if place is None else _levels(codec, index, other, place)
        for level in levels:
            if level is None or place is None:
                found.append(None)
                continue
            depth, own, others = level
            found.append(Partners(firsts[place] + depth, own[:, 0], own[:, 1], others[:, 0], others[:, 1]))
    return tuple(found)


def _place(codec: TableCodec, index: int, other: TableCodec) -> int | None:
    """The column of the other layout that holds the same columns of the table, or the most of them."""
    names = set(codec.names_of(index))
    shared = [len(names.intersection(other.names_of(place))) for place in range(len(other.layout.columns))]
    return int(np.argmax(shared)) if max(shared, default=0) else None


def _levels(codec: TableCodec, index: int, other: TableCodec, place: int) -> list[Level | None]:
    """The partner of each code of a column, None where a code has none."""
    own, others = codec.encoder_of(index), other.encoder_of(place)
    depth, other_depth = (len(each.layout.columns[i].cardinalities) for each, i in ((codec, index), (other, place)))
    trees = [
        _tree(encoder, name)
        for encoder, name in ((own, codec.layout.names[index]), (others, other.layout.names[place]))
    ]
    if trees[0] is not None and trees[1] is not None:
        return _by_leaves(trees[0], trees[1])
    try:
        if isinstance(own, QuantileEncoder) and isinstance(others, QuantileEncoder):
            return _by_cells(own, others, depth, other_depth)
        if isinstance(own, ModesEncoder) and isinstance(others, ModesEncoder):
            return _by_modes(own, others, depth, other_depth)
    except CellsError:  # a restatement has made other types of the same column
        pass
    return [None] * depth


@dataclass(frozen=True, eq=False)
class _Tree:
    """A column of categories, or several of them, as leaves.

    Attributes:
        columns: of each column its categories, and the cell of each leaf as an index into them, as many as there are
            where it is missing; by name.
        codes: of each leaf, shape (L, k_j).
        counts: how often each leaf was seen, shape (L,); 1 where that is not known.
        local: whether the last code is a position under the one before.
    """

    columns: dict[str, tuple[Categories, NDArray[np.int64]]]
    codes: NDArray[np.int64]
    counts: NDArray[np.int64]
    local: bool


def _tree(encoder: Encoder | HierarchyEncoder, name: str) -> _Tree | None:
    """The leaves of a column; None of numbers."""
    if isinstance(encoder, HierarchyEncoder):
        columns = {member.name: (member.categories, np.array(member.cells)) for member in encoder.members}
        return _Tree(columns, encoder.codes.astype(np.int64), np.array(encoder.counts), encoder.local)
    if not isinstance(encoder, CategoricalEncoder | GroupedEncoder):
        return None
    n = len(encoder.categories)
    leaves = np.arange(n + encoder.nullable)
    codes = leaves[:, None]
    if isinstance(encoder, GroupedEncoder):
        sizes = np.array([*encoder.sizes, *[1] * encoder.nullable], np.int64)
        groups = np.repeat(np.arange(len(sizes)), sizes)
        codes = np.stack([groups, leaves - (np.cumsum(sizes) - sizes)[groups]], 1)
    return _Tree({name: (encoder.categories, leaves)}, codes, np.ones(len(leaves), np.int64), codes.shape[1] > 1)


def _by_leaves(own: _Tree, other: _Tree) -> list[Level | None]:
    """Leaves by their cells; the nodes above by most of the rows in their leaves."""
    leaf = _same_leaves(own, other)
    depth, other_depth = own.codes.shape[1], other.codes.shape[1]
    levels: list[Level | None] = []
    for level in range(depth):
        last = level == depth - 1
        there = other_depth - 1 if last else level
        if (last and own.local != other.local) or (not last and there >= other_depth - 1):
            levels.append(None)
            continue
        nodes, number = np.unique(_nodes(own.codes, level), axis=0, return_inverse=True)
        theirs, their_number = np.unique(_nodes(other.codes, there), axis=0, return_inverse=True)
        most = _most(number.ravel(), np.where(leaf < 0, -1, their_number.ravel()[leaf]), own.counts, len(nodes))
        levels.append((there, nodes, np.where(most[:, None] < 0, -1, theirs[most])))
    return levels


def _nodes(codes: NDArray[np.int64], level: int) -> Nodes:
    before = codes[:, level - 1] if level else np.zeros(len(codes), np.int64)
    return np.stack([before, codes[:, level]], 1)


def _most(
    groups: NDArray[np.int64], members: NDArray[np.int64], weights: NDArray[np.int64], n_groups: int
) -> NDArray[np.int64]:
    """Of each group the member with most weight, shape (n_groups,); -1 if all its members are -1."""
    known = members >= 0
    pairs, number = np.unique(np.stack([groups[known], members[known]], 1), axis=0, return_inverse=True)
    totals = np.bincount(number.ravel(), weights[known], len(pairs))
    order = np.argsort(totals, kind="stable")  # of equal ones the last stays; sorted twice, the choice is the same
    found = np.full(n_groups, -1)
    found[pairs[order, 0]] = pairs[order, 1]
    return found


def _same_leaves(own: _Tree, other: _Tree) -> NDArray[np.int64]:
    """The other leaf with the same cells in all columns that both have; else the most frequent with the same finest."""
    shared = [name for name in own.columns if name in other.columns]
    cells = [_translated(own.columns[name], other.columns[name][0]) for name in shared]
    theirs = [other.columns[name][1] for name in shared]
    found = _looked_up(cells, theirs, other.counts)
    finest = _looked_up(cells[:1], theirs[:1], other.counts)
    return np.where(found < 0, finest, found)


def _translated(own: tuple[Categories, NDArray[np.int64]], other: Categories) -> NDArray[np.int64]:
    """The cells of leaves as indices into the categories of the `other` codec, -1 where they are new."""
    categories, cells = own
    if len(categories) and categories.array.type == other.array.type:
        places = pc.index_in(categories.array, value_set=other.array).fill_null(-1).to_numpy(zero_copy_only=False)
    else:
        places = np.full(len(categories), -1)
    return np.append(places.astype(np.int64), len(other))[cells]


def _looked_up(
    cells: Sequence[NDArray[np.int64]], theirs: Sequence[NDArray[np.int64]], counts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The most frequent of their leaves with just these cells, -1 if there is none; shape (L,)."""
    n = len(cells[0])
    _, rows = np.unique(np.concatenate([np.stack(cells, 1), np.stack(theirs, 1)]), axis=0, return_inverse=True)
    rows = rows.ravel()
    best = np.full(int(rows.max(initial=-1)) + 1, -1)
    order = np.argsort(counts, kind="stable")
    best[rows[n:][order]] = order
    found: NDArray[np.int64] = np.where(np.stack(cells, 1).min(1) < 0, -1, best[rows[:n]])
    return found


def _by_cells(own: QuantileEncoder, other: QuantileEncoder, depth: int, other_depth: int) -> list[Level | None]:
    """The cells that the middles of cells would fall in, and of coarse cells the ones that their middle cells do."""
    sizes = np.array(own.sizes, np.int64)
    coarse = np.repeat(np.arange(len(sizes)), sizes)
    cells = np.stack([coarse, np.arange(len(coarse)) - (np.cumsum(sizes) - sizes)[coarse]], 1)
    there = _located(own, other, cells, depth)
    middles = np.cumsum(sizes) - sizes + sizes // 2
    first = np.stack([np.zeros(len(sizes), np.int64), np.arange(len(sizes))], 1)
    first_there = np.stack([np.where(there[middles, 0] < 0, -1, 0), there[middles, 0]], 1)
    levels: list[Level | None] = [(0, *_with_missing(own, other, first, first_there, first_level=True))]
    if depth == 2:
        fine = (1, *_with_missing(own, other, cells, there, first_level=False))
        levels.append(fine if other_depth == 2 else None)
    return levels


def _located(own: QuantileEncoder, other: QuantileEncoder, cells: Nodes, depth: int) -> Nodes:
    """The coarse and fine cells (c, 2) of the other encoder that hold the middles of `cells`; -1 if it has none."""
    if own == other:
        return cells
    if not len(cells) or other.map is None:
        return np.full_like(cells, -1)
    middles = own.decode(cells[:, :depth].astype(np.uint32), np.zeros((len(cells), 1), np.float32))
    codes = other.encode(middles, rng.generator(0, "middles of cells"))[0].astype(np.int64)
    return codes if codes.shape[1] == 2 else np.stack([codes[:, 0], np.zeros(len(codes), np.int64)], 1)


def _by_modes(own: ModesEncoder, other: ModesEncoder, depth: int, other_depth: int) -> list[Level | None]:
    """The modes that are nearest (Bhattacharyya 1943); a cell of the one is the same cell of the other."""
    shrink = [each.scale / max(own.scale, other.scale) for each in (own, other)]  # so that no square overflows
    means, others = (np.array(each.means) * by for each, by in zip((own, other), shrink, strict=True))
    there = np.full(len(means), -1)
    if len(others):
        spreads, their = (
            np.maximum(np.array(each.deviations) * by, _NARROW) for each, by in zip((own, other), shrink, strict=True)
        )
        both = spreads[:, None] ** 2 + their**2
        apart = (means[:, None] - others) ** 2 / both / 4 + np.log(both / (2 * spreads[:, None] * their)) / 2
        there = apart.argmin(1)
    known = np.where(there < 0, -1, 0)
    first = np.stack([np.zeros(len(means), np.int64), np.arange(len(means))], 1)
    first_level = _with_missing(own, other, first, np.stack([known, there], 1), first_level=True)
    levels: list[Level | None] = [(0, *first_level)]
    if depth == 2:
        cells = np.stack(np.divmod(np.arange(len(means) * _n_cells(own)), _n_cells(own)), 1)
        theirs = np.stack([there[cells[:, 0]], np.where(there[cells[:, 0]] < 0, -1, cells[:, 1])], 1)
        fine = (1, *_with_missing(own, other, cells, theirs, first_level=False))
        levels.append(fine if other_depth == 2 else None)
    return levels


def _n_cells(encoder: ModesEncoder) -> int:
    slots = encoder.slots("")
    return 1 if slots is None else slots.cardinalities[-1]


def _with_missing(
    own: QuantileEncoder | ModesEncoder,
    other: QuantileEncoder | ModesEncoder,
    nodes: Nodes,
    theirs: Nodes,
    *,
    first_level: bool,
) -> tuple[Nodes, Nodes]:
    """The same with what stands for missing cells, if there is such: the last category of the first code."""
    if not own.nullable:
        return nodes, theirs
    last, last_there = (len(each.sizes if isinstance(each, QuantileEncoder) else each.means) for each in (own, other))
    node, there = ([0, last], [0, last_there]) if first_level else ([last, 0], [last_there, 0])
    return np.vstack([nodes, [node]]), np.vstack([theirs, [there if other.nullable else [-1, -1]]])
