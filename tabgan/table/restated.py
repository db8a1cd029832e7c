"""Single cells in the words of the learnt table: where all that a restatement takes is one cell each, it is restated.

A date that every row shall have is then a week, a weekday and a time of day that every row shall have: given from the
start, and exact. What is asked for in another way, or of some of the columns alone, is left to the guide.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tabgan.errors import ConditionError, SchemaError
from tabgan.table import arrays
from tabgan.table.codec import TableCodec
from tabgan.table.domains import Domain
from tabgan.table.restating.base import Restatement, Rows
from tabgan.table.schema import Schema
from tabgan.table.wanted import Wanted

_DRAWS = 64
"""How often a cell has to be written as it was: chance may have a part in writing it."""


@dataclass(frozen=True, eq=False)
class _Cell:
    """A cell, shape (1,), and the columns of the user's table that it comes from."""

    column: pa.Array
    origin: frozenset[str]


def restate_cells(
    codec: TableCodec, schema: Schema, steps: Sequence[Restatement], wanted: Mapping[str, Wanted]
) -> tuple[dict[str, Wanted], dict[str, Wanted]]:
    """What is wanted of learnt columns in place of single cells, and what is wanted of the columns that are left.

    Args:
        codec: of the learnt table.
        schema: of the user's table.
        steps: what leads from that to the learnt one, in order.
        wanted: of columns that steps take.

    Raises:
        ConditionError: if a cell cannot be restated, or is like none of the table.
    """
    cells = {
        name: _Cell(_column(own, schema[name].arrow_type, schema[name].category_array), frozenset([name]))
        for name, own in wanted.items()
        if own.is_equality
    }
    halfway: set[str] = set()
    for step in steps:
        taken = [cells.pop(name) for name in step.sources if name in cells]
        if taken and len(taken) == len(step.sources):
            made = _restated(step, taken)
            cells |= made
            taken = [] if made else taken
        halfway.update(origin for cell in taken for origin in cell.origin)
    found = {name: cell for name, cell in cells.items() if cell.origin.isdisjoint(halfway)}
    done = {origin for cell in found.values() for origin in cell.origin}
    learnt = {name: only(codec, name, cell.column, cell.origin) for name, cell in found.items()}
    return learnt, {name: own for name, own in wanted.items() if name not in done}


def _column(wanted: Wanted, dtype: pa.DataType, declared: pa.Array | None) -> pa.Array:
    """The one cell that is wanted, of type `dtype`, shape (1,)."""
    if wanted.cells is None or not len(wanted.cells):
        return pa.nulls(1, dtype)
    return arrays.restore(wanted.cells, dtype, declared)


def _restated(step: Restatement, cells: Sequence[_Cell]) -> dict[str, _Cell]:
    """The cells of the learnt columns; none, if they would not always be written as they were."""
    origin = frozenset(name for cell in cells for name in cell.origin)
    try:
        columns = step.restate([cell.column for cell in cells])
    except SchemaError as error:
        raise ConditionError(f"{named(origin)}: {error}") from error
    same = pa.array(np.zeros(_DRAWS, np.int64))
    again = step.write([column.take(same) for column in columns], Rows(0, 0, _DRAWS))
    pairs = zip(cells, again, strict=True)
    if not all(arrays.plain(cell.column.take(same)).equals(arrays.plain(column)) for cell, column in pairs):
        return {}
    return {spec.name: _Cell(column, origin) for spec, column in zip(step.learnt, columns, strict=True)}


def only(codec: TableCodec, name: str, cell: pa.Array, origin: frozenset[str]) -> Wanted:
    """What is wanted of a learnt column where all its cells shall be one, shape (1,).

    Args:
        codec: of the learnt table.
        name: the learnt column.
        cell: in its Arrow type or in the plain form.
        origin: the columns of the user's table that it comes from.

    Raises:
        ConditionError: if no cell of the learnt column can be it.
    """
    try:
        return Domain.of(codec.schema[name], codec.known[name]).only(arrays.plain(cell))
    except ConditionError as error:
        raise ConditionError(f"{named(origin)}: expected cells like those of the table; told as {error}") from error


def named(names: Collection[str]) -> str:
    """Columns, for the beginning of a message."""
    return f"column{'s' * (len(names) > 1)} {' and '.join(repr(name) for name in sorted(names))}"
