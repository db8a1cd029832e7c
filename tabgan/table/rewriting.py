"""Rows that come out as a condition wants them, although chance has a part in writing them.

Where in its cell a place lies, or which text follows a pattern, is drawn only when a row is written: the guide of a
condition, which checked the row, has seen another draw. So cells that come out otherwise than is wanted are drawn again
until they do. Cells of rows that the guide let pass then have the frequencies that they have among all wanted ones
(rejection sampling). What a row gets depends on its number alone, not on the rows beside it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import ConditionError
from tabgan.table.recast import Recast
from tabgan.table.restating.base import Rows
from tabgan.table.wanted import Wanted

TRIES = 1 << 12
"""How often cells are drawn again."""


def as_wanted(
    recast: Recast, table: pa.Table, learnt: Mapping[str, pa.Array], rows: Rows, wanted: Mapping[str, Wanted]
) -> pa.Table:
    """`table` with those cells written again that are not as wanted, together with all that is written with them.

    Args:
        recast: from the table to the learnt columns.
        table: some columns, as `Recast.write` made them of `learnt` and `rows`.
        learnt: by name, n cells each.
        rows: which rows these are.
        wanted: of columns that steps write, the same of every row.

    Raises:
        ConditionError: if cells of some rows never come out as wanted.
    """
    for group in joined(written_together(recast)):
        own = {name: each for name, each in wanted.items() if name in group}
        names = [name for name in recast.schema.arrow_schema.names if name in group]
        shown = [name for name in names if name in table.column_names]
        if not own or not shown:
            continue
        first = table.select(names) if shown == names else recast.write(learnt, rows, kept=names)
        known = {name: column for name, column in learnt.items() if name in group}
        made = _written(recast, first, known, rows, own)
        for name in shown:
            table = table.set_column(table.column_names.index(name), table.schema.field(name), made[name])
    return table


def written_together(recast: Recast) -> list[set[str]]:
    """For each step the columns that it takes and those that it puts in their place."""
    return [{*step.sources, *(spec.name for spec in step.learnt)} for step in recast.steps]


def joined(sets: Iterable[Collection[str]]) -> tuple[frozenset[str], ...]:
    """Sets as groups that have no column in common: those that share one are one."""
    groups: list[frozenset[str]] = []
    for names in sets:
        touched = [group for group in groups if not group.isdisjoint(names)]
        groups = [group for group in groups if group.isdisjoint(names)] + [frozenset(names).union(*touched)]
    return tuple(groups)


def _written(
    recast: Recast, first: pa.Table, learnt: Mapping[str, pa.Array], rows: Rows, wanted: Mapping[str, Wanted]
) -> pa.Table:
    """The columns of `first`, which steps write together, with rows that are not as wanted written again."""
    left = np.flatnonzero(~_holds(first, wanted))
    if not len(left):
        return first
    parts, places = [first], np.arange(first.num_rows)
    for attempt in range(TRIES):
        cells = {name: column.take(pa.array(left)) for name, column in learnt.items()}
        again = recast.write(cells, rows.again(left, attempt), kept=first.column_names)
        good = _holds(again, wanted)
        places[left[good]] = sum(part.num_rows for part in parts) + np.arange(good.sum())
        if good.any():
            parts.append(again.filter(pa.array(good)))
        left = left[~good]
        if not len(left):
            return pa.concat_tables(parts).unify_dictionaries().combine_chunks().take(pa.array(places))
    raise ConditionError(_never(list(wanted), len(left)))


def _holds(table: pa.Table, wanted: Mapping[str, Wanted]) -> NDArray[np.bool_]:
    """Which rows are as wanted, shape (n,)."""
    holds = np.ones(table.num_rows, np.bool_)
    for name, each in wanted.items():
        holds &= each.holds(table[name])
    return holds


def _never(names: Sequence[str], n: int) -> str:
    shown = " and ".join(map(repr, names))
    return (
        f"expected cells as wanted in {'columns' if len(names) > 1 else 'column'} {shown}, got others in {n:,} rows, "
        f"{TRIES:,} times in a row; ask for a wider range, or for more values"
    )
