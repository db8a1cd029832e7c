"""Sums that hold in every row: totals and their parts, differences, and copies.

A total depends linearly on its parts. Columns of numbers are taken one after the other, those that vary least first,
and each that the ones before it explain altogether is written in terms of them; if all of these terms are added or
taken away as they are, the sum is checked in every row in exact numbers. Sums with other factors are not looked for.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations, Sum
from tabgan.table.relations import MIN_EVIDENCE
from tabgan.table.summaries import ColumnSummary
from tabgan.table.ticks import family

_ROWS = 20_000
_ROWS_OF_WIDE = 4_000
_WIDE = 100
_NOTHING_LEFT = 1e-7
_SLACK = 1e-3


def find_sums(
    table: pa.Table,
    specs: Sequence[ColumnSpec],
    summaries: Mapping[str, ColumnSummary],
    known: Sequence[Combinations] = (),
) -> tuple[Sum, ...]:
    """Sums and copies; no column is the total of two of them.

    Args:
        table: the rows.
        specs: of the columns that may take part.
        summaries: of all cells, by column.
        known: groups within which sums need not be found, since only combinations that occur are made.
    """
    added = [spec.name for spec in specs if _adds_up(spec, summaries[spec.name])]
    found = [*_copies(table, [spec for spec in specs if spec.name not in added], summaries)]
    for sort in ("numbers", "durations"):
        names = [name for name in added if family(table[name].type) == sort]
        names, rows = _complete(table, names, summaries)
        if len(names) > 1:
            cells = np.stack([arrays.numbers(table[name].take(pa.array(rows))).astype(np.float64) for name in names])
            found += [_relation(names, places, signs) for places, signs in _dependent(cells)]
    within = [set(group.columns) for group in known]
    return tuple(
        each
        for each in found
        if not any(group.issuperset(each.names) for group in within)
        and _evidence(summaries[each.total]) >= MIN_EVIDENCE
        and not each.broken(table).any()
    )


def _adds_up(spec: ColumnSpec, summary: ColumnSummary) -> bool:
    return family(spec.arrow_type) in ("numbers", "durations") and summary.n_values > 0


def _copies(table: pa.Table, specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary]) -> list[Sum]:
    """Columns of times with the cells of an earlier one."""
    found = []
    first: list[str] = []
    for spec in specs:
        if family(spec.arrow_type) is None:
            continue
        own = summaries[spec.name]
        for name in first:
            other = summaries[name]
            alike = (own.arrow_type, own.minimum, own.maximum) == (other.arrow_type, other.minimum, other.maximum)
            if alike and table[name].equals(table[spec.name]):
                found.append(Sum(spec.name, (name,)))
                break
        else:
            first.append(spec.name)
    return found


def _complete(
    table: pa.Table, names: list[str], summaries: Mapping[str, ColumnSummary]
) -> tuple[list[str], NDArray[np.intp]]:
    """Columns, without those that have the most missing cells, and some rows in which all of them are there."""
    names = sorted(names, key=lambda name: summaries[name].n_missing)
    while names:
        there = np.ones(table.num_rows, np.bool_)
        for name in names:
            if summaries[name].n_missing:
                there &= ~dtypes.missing(table[name])
        rows = np.flatnonzero(there)
        if len(rows) >= 2 * len(names) + MIN_EVIDENCE:
            most = _ROWS if len(names) <= _WIDE else max(_ROWS_OF_WIDE, 3 * len(names))
            chosen = streams.generator(0, "sums").permutation(len(rows))[:most]
            return [name for name in table.column_names if name in names], rows[np.sort(chosen)]
        names = names[:-1]
    return [], np.zeros(0, np.intp)


def _dependent(cells: NDArray[np.float64]) -> list[tuple[list[int], list[int]]]:
    """Columns of shape (c, n) that columns before them add up to: places and signs of terms that add up to 0."""
    sizes = np.sqrt((cells**2).sum(axis=1))
    basis: list[int] = []
    room = np.zeros_like(cells)
    found = []
    for place in np.argsort(cells.var(axis=1), kind="stable"):
        if not sizes[place]:
            continue
        own = cells[place] / sizes[place]
        directions = room[: len(basis)]
        left = own - (directions @ own) @ directions
        left -= (directions @ left) @ directions  # once more, against rounding
        length = float(np.sqrt(left @ left))
        if length > _NOTHING_LEFT:
            room[len(basis)] = left / length
            basis.append(int(place))
        elif terms := _terms(cells, sizes, basis, int(place)):
            found.append(terms)
    return found


def _terms(
    cells: NDArray[np.float64], sizes: NDArray[np.float64], basis: list[int], place: int
) -> tuple[list[int], list[int]] | None:
    """A column and those of the basis that it is a sum of; None if it takes other factors than 1 and -1."""
    scaled = (cells[basis] / sizes[basis][:, None]).T
    share = np.linalg.lstsq(scaled, cells[place] / sizes[place], rcond=None)[0] * sizes[place] / sizes[basis]
    whole = np.rint(share)
    if np.abs(share - whole).max() > _SLACK or np.abs(whole).max() != 1:
        return None
    chosen = np.flatnonzero(whole)
    return [place, *(basis[i] for i in chosen)], [1, *(-int(whole[i]) for i in chosen)]


def _relation(names: Sequence[str], places: Sequence[int], signs: Sequence[int]) -> Sum:
    """Terms that add up to 0 as a sum: of positive parts if there is such a way to write it, in the table's order.

    Args:
        names: of all columns.
        places: of the terms, the one that follows from the others first.
        signs: of the terms.
    """
    alone = [places[signs.index(sign)] for sign in (1, -1) if signs.count(sign) == 1]
    total = max(alone) if alone else places[0]
    known = dict(zip(places, signs, strict=True))
    parts = [(names[place], -known[place] * known[total]) for place in sorted(places) if place != total]
    return Sum(names[total], tuple(name for name, _ in parts), tuple(sign for _, sign in parts))


def _evidence(summary: ColumnSummary) -> float:
    """How many rows would have another total if totals were shuffled."""
    shares = np.array([count for _, count in summary.frequent(1e-3)]) / max(summary.n_values, 1)
    return float(summary.n_values * (1 - (shares**2).sum()))
