"""What a table holds that the one a model learnt before did not, and the other way round, in words.

One line for each thing that differs: new categories, categories that no row holds any more, numbers beyond the known
range, missing cells that come or go, kinds that changed, and columns that are learnt from scratch because nothing that
was learnt before means the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import arrays, dtypes
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import shown
from tabgan.table.recast import Recast

_ROOM = 0.05
"""Of the span of numbers that were known: so far beyond it they are not told of."""


@dataclass(frozen=True, eq=False)
class Before:
    """How a table is encoded: one side of the comparison.

    Attributes:
        recast: of the table.
        codec: of the learnt columns.
    """

    recast: Recast
    codec: TableCodec

    def categories(self, name: str) -> pa.Array | None:
        """The categories that occur in a column, None where they were not counted."""
        found = getattr(self.codec.known.get(name), "categories", None)
        return None if found is None else found.array

    def ends(self, name: str) -> tuple[int | float, int | float] | None:
        """The least and the largest number that occur in a column, None where they are not known."""
        found: tuple[int | float, int | float] | None = self.recast.extents.get(name)
        return getattr(self.codec.known.get(name), "bounds", None) if found is None else found


def news(now: Before, before: Before, partners: Sequence[object]) -> tuple[str, ...]:
    """What is new in the table that `now` encodes, and what is gone.

    Args:
        now: the codec and recast of the new table.
        before: those of the table that was learnt before.
        partners: of each code of the new layout, None if it has no partner among the codes of the other.
    """
    lines = [line for spec in now.recast.schema.made for line in _of_column(spec, now, before)]
    scratch = [
        slots.name
        for slots, codes in zip(now.codec.layout.columns, now.codec.layout.code_slices, strict=True)
        if partners[codes.start] is None
    ]
    if scratch:
        lines.append(f"learnt from scratch, since the model knew no such: {', '.join(map(repr, scratch))}")
    if any(spec.kind == "text" for spec in now.recast.schema.made):
        lines.append("free text is learnt from scratch")
    return tuple(lines)


def _of_column(spec: ColumnSpec, now: Before, before: Before) -> list[str]:
    old = before.recast.schema[spec.name]
    said = []
    if spec.kind != old.kind:
        said.append(f"was {old.kind.replace('_', ' ')} and is {spec.kind.replace('_', ' ')} now")
    if spec.nullable != old.nullable:
        said.append("has missing cells now" if spec.nullable else "has no missing cells any more, and none are made")
    known, found = before.categories(spec.name), now.categories(spec.name)
    if known is not None and found is not None and known.type == found.type:
        said += _categories(spec, known, found)
    elif (line := _beyond(spec, now.ends(spec.name), before.ends(spec.name))) is not None:
        said.append(line)
    return [f"column {spec.name!r} {line}" for line in said]


def _categories(spec: ColumnSpec, known: pa.Array, found: pa.Array) -> list[str]:
    new = found.filter(pc.invert(pc.is_in(found, value_set=known)))
    gone = known.filter(pc.invert(pc.is_in(known, value_set=found)))
    said = []
    if len(new):
        order = f", in the order {' < '.join(map(str, spec.categories))}" if spec.ordered and spec.categories else ""
        said.append(f"has {_count(len(new), 'new category', 'new categories')}: {shown(new)}{order}")
    if len(gone):
        noun = _count(len(gone), "category", "categories")
        kept = " (still declared)" if spec.categories is not None else ""
        said.append(f"lacks {noun} that the model knew, of which no rows are made{kept}: {shown(gone)}")
    return said


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _beyond(
    spec: ColumnSpec, found: tuple[int | float, int | float] | None, known: tuple[int | float, int | float] | None
) -> str | None:
    """Numbers that lie plainly beyond the ones known before: samples never have just the same ends."""
    if found is None or known is None:
        return None
    room = _ROOM * (float(known[1]) - float(known[0]))
    if known[0] - room <= found[0] and found[1] <= known[1] + room:
        return None
    return f"goes from {_ends(spec, found)}, beyond what the model knew, {_ends(spec, known)}"


def _ends(spec: ColumnSpec, ends: tuple[int | float, int | float]) -> str:
    dtype = dtypes.value_type(spec.arrow_type)
    cells = dtypes.from_numeric(np.array(ends, arrays.view_dtype(dtype)), None, dtype)
    low, high = cells.cast(pa.string()).to_pylist()
    return f"{low} to {high}"
