"""Columns that follow from one of them, as constraints that a user can see and drop; `relations` finds them."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from tabgan.table.coding import NAMING, coded, countable
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations
from tabgan.table.relations import find_groups
from tabgan.table.summaries import ColumnSummary


def find_combinations(
    table: pa.Table, specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary]
) -> tuple[Combinations, ...]:
    """Groups of columns that follow from the first one, but for at most 0.1 % of the rows; they share no column."""
    names = countable(specs, summaries)
    kinds = {spec.name: spec.kind for spec in specs}
    groups = find_groups([coded(table[name]) for name in names], [kinds[name] in NAMING for name in names])
    return tuple(
        Combinations(
            tuple(names[index] for index in (group.leaf, *sorted((*group.levels, *group.others)))), determines=True
        )
        for group in groups
    )
