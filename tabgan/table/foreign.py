"""Rows that may hold anything, in codes as far as there are codes: for judging rows, where nothing odd may be an error.

A cell is *foreign* if no real row held one like it: a category that was never seen, columns of a hierarchy that never
went together, a missing cell where none was missing, a number beyond the least and the largest, or one that the
column's type cannot hold. A foreign cell costs its column alone. Only what is no table of these columns at all (text
where numbers should be, a column that is lacking) is an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.layout import EncodedTable
from tabgan.table import arrays, dtypes
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.constant import ConstantEncoder
from tabgan.table.holes import Known, encode_known, restate_known
from tabgan.table.recast import Recast
from tabgan.table.schema import Schema

_SEED = 0
"""Where in its cell a number lies is drawn, and of no account here."""


@dataclass(frozen=True, eq=False)
class LooseRows:
    """Rows in the types of a schema, with the cells left out that its types cannot hold.

    Attributes:
        table: as the schema's `arrow_schema` says; cells that were left out are missing.
        foreign: of the columns with such cells, which they are, shape (n,).
    """

    table: pa.Table
    foreign: dict[str, NDArray[np.bool_]]

    def slice(self, start: int, rows: int) -> "LooseRows":
        """Some of the rows."""
        own = {name: mask[start : start + rows] for name, mask in self.foreign.items()}
        return LooseRows(self.table.slice(start, rows), own)


@dataclass(frozen=True, eq=False)
class ForeignRows:
    """Rows in codes; n rows, m columns of the layout.

    Attributes:
        encoded: codes (n, k) and values (n, v); what stands in cells that are not known is of no account.
        known: shape (n, m), which cells have codes.
        foreign: shape (n, m), which cells are foreign: all that have no codes, and some that have.
        constants: of columns that always held the same cell, in which rows they hold another one, shape (n,).
    """

    encoded: EncodedTable
    known: NDArray[np.bool_]
    foreign: NDArray[np.bool_]
    constants: dict[str, NDArray[np.bool_]]


def loosely(schema: Schema, table: pa.Table) -> LooseRows:
    """The rows of `table` in the types of a schema; columns may be lacking, and others are not looked at.

    Raises:
        SchemaError: if columns are of other types altogether; it lists all problems.
    """
    columns, foreign = {}, {}
    for spec in (spec for spec in schema.made if spec.name in table.column_names):
        column = table[spec.name]
        mask = _cannot_hold(dtypes.flatten(dtypes.decode_dictionary(column)), spec)
        if mask.any():
            foreign[spec.name] = mask
            cells = dtypes.flatten(dtypes.decode_dictionary(column))
            column = pc.if_else(pa.array(mask), pa.scalar(None, cells.type), cells)
        columns[spec.name] = column
    return LooseRows(schema.conform(pa.table(columns), with_holes=True), foreign)


def _cannot_hold(cells: pa.Array, spec: ColumnSpec) -> NDArray[np.bool_]:
    """Which cells are none that the column's type, or its declared categories, can hold; shape (n,)."""
    wanted = dtypes.value_type(spec.arrow_type)
    none = np.zeros(len(cells), np.bool_)
    if pa.types.is_floating(cells.type):
        numbers = dtypes.numeric_view(cells)[0]
        if not pa.types.is_integer(wanted):
            return np.asarray(np.isinf(numbers), np.bool_)
        ends = np.iinfo(wanted.to_pandas_dtype())
        inside = np.isfinite(numbers) & (numbers >= float(ends.min)) & (numbers < float(ends.max))
        return np.asarray(~dtypes.missing(cells) & ~(inside & (np.rint(numbers) == numbers)), np.bool_)
    if pa.types.is_integer(cells.type) and pa.types.is_integer(wanted) and cells.type != wanted:
        back = cells.cast(wanted, safe=False).cast(cells.type, safe=False)
        return np.asarray(pc.fill_null(pc.not_equal(back, cells), False).to_numpy(zero_copy_only=False), np.bool_)
    if spec.category_array is None or not pa.types.is_dictionary(spec.arrow_type):
        return none
    try:
        known = pc.is_in(cells.cast(wanted), value_set=spec.category_array)
    except pa.ArrowException:
        return none  # of another type altogether: the schema says what is wrong
    return np.asarray(~known.to_numpy(zero_copy_only=False) & ~dtypes.missing(cells), np.bool_)


def origins(recast: Recast, codec: TableCodec, *, narrow: bool = False) -> tuple[tuple[str, ...], ...]:
    """The columns of the table that each column of the layout stems from (m times).

    Args:
        recast: from the table to the learnt columns.
        codec: from these to the layout.
        narrow: whether a column that a restatement has learnt as it is stands for itself alone.
    """
    found = []
    for index in range(len(codec.layout.columns)):
        names = list(codec.names_of(index))
        for step in reversed(recast.steps):
            made = {spec.name for spec in step.learnt}.difference(step.sources if narrow else ())
            if not made.isdisjoint(names):
                names = [name for name in names if name not in made] + list(step.sources)
        found.append(tuple(dict.fromkeys(names)))
    return tuple(found)


def encode_foreign(recast: Recast, codec: TableCodec, rows: LooseRows) -> ForeignRows:
    """The rows in codes, as far as there are codes for their cells."""
    n = rows.table.num_rows
    cells = {name: dtypes.flatten(rows.table[name]) for name in rows.table.column_names}
    there = {name: ~rows.foreign.get(name, np.zeros(n, np.bool_)) for name in cells}
    telling = replace(recast, steps=tuple(step for step in recast.steps if step.learnt))
    found = restate_known(telling, Known(cells, there))
    encoded, depths, _ = encode_known(codec, found, n, _SEED)
    known = depths > 0
    foreign = ~known
    for index in range(len(codec.layout.columns)):
        bounds = getattr(codec.encoder_of(index), "bounds", None)
        if bounds is not None:
            foreign[:, index] |= _beyond(found.cells[codec.names_of(index)[0]], bounds)
    odd = _odd_sources(recast, cells, there)
    for name, place in _places(recast, codec).items():
        foreign[:, place] |= odd[name]
    return ForeignRows(encoded, known, foreign, _constants(codec, found))


def _odd_sources(
    recast: Recast, cells: dict[str, pa.Array], there: dict[str, NDArray[np.bool_]]
) -> dict[str, NDArray[np.bool_]]:
    """Of each column of the table, which cells are foreign by themselves: nothing learnt may hang on them."""
    found = {}
    for spec in recast.schema.made:
        mask = ~there[spec.name]
        if not spec.nullable:
            mask = mask | dtypes.missing(cells[spec.name])
        if spec.name in recast.extents:
            mask = mask | _beyond(cells[spec.name], recast.extents[spec.name])
        found[spec.name] = mask
    return found


def _places(recast: Recast, codec: TableCodec) -> dict[str, int]:
    """The column of the layout that answers for a column of the table: itself, or the first that stems from it."""
    found: dict[str, int] = {}
    for narrow in (True, False):
        for index, names in enumerate(origins(recast, codec, narrow=narrow)):
            for name in names:
                found.setdefault(name, index)
    return found


def _beyond(cells: pa.Array, ends: Sequence[Any]) -> NDArray[np.bool_]:
    """Which filled cells lie beyond the least or the largest number."""
    numbers = arrays.numbers(cells)
    return np.asarray(~dtypes.missing(cells) & ((numbers < ends[0]) | (numbers > ends[1])), np.bool_)


def _constants(codec: TableCodec, found: Known) -> dict[str, NDArray[np.bool_]]:
    other = {}
    for name, encoder in codec.known.items():
        if not isinstance(encoder, ConstantEncoder) or name not in found.cells:
            continue
        missing = dtypes.missing(found.cells[name])
        only = encoder.categories.array
        same = pc.is_in(arrays.plain(found.cells[name]), value_set=only).to_numpy(zero_copy_only=False)
        mask = found.known[name] & (~(same & ~missing) if len(only) else ~missing)
        if mask.any():
            other[name] = mask
    return other
