"""What a metadata document promises of all rows, as constraints: ranges of numbers and times, and cells that differ.

A range holds its ends, so an end that a document excludes is replaced by the next number. Patterns of text are not
promised: no constraint says them.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from tabgan.errors import SchemaError, listing
from tabgan.table import annotations, arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Range, Unique
from tabgan.table.metadata.hints import ColumnHint


def promises_of(hints: Sequence[ColumnHint], specs: Sequence[ColumnSpec]) -> tuple[Range | Unique, ...]:
    """The constraints that hints stand for, of columns that are there; keys are unique by their kind.

    Args:
        hints: in any order.
        specs: of the table, as the hints want them.
    """
    by_name = {spec.name: spec for spec in specs}
    found: dict[Range | Unique, None] = {}
    for hint in (hint for hint in hints if hint.name in by_name):
        found |= dict.fromkeys(_of_column(hint, by_name[hint.name]))
        group = tuple(name for name in by_name if name == hint.name or name in hint.unique_with)
        if len(group) > 1:
            found[Unique(group)] = None
    return tuple(found)


def refuse_broken(table: pa.Table, promises: Sequence[Range | Unique]) -> None:
    """Make sure that what metadata promises holds in all rows of its table.

    Raises:
        SchemaError: if a promise cannot be meant, or rows break some; counts and names them all.
    """
    problems = []
    for promise in promises:
        try:
            rows = np.flatnonzero(promise.broken(table))
        except ValueError as error:
            problems.append(f"{promise.describe()!r}: {error}; change the metadata")
            continue
        if len(rows):
            count = "1 row breaks" if len(rows) == 1 else f"{len(rows):,} rows break"
            problems.append(
                f"{count} {promise.describe()!r}, row {rows[0] + 1:,} first; mend it or change the metadata"
            )
    if problems:
        raise SchemaError(listing(f"{annotations.source(table)} does not fit its metadata", problems))


def _of_column(hint: ColumnHint, spec: ColumnSpec) -> Iterator[Range | Unique]:
    if hint.unique and spec.kind not in ("key", "constant"):
        yield Unique((hint.name,))
    if not spec.modelled or not arrays.has_order(spec.arrow_type):
        return
    whole = bool(pa.types.is_integer(dtypes.value_type(spec.arrow_type)))
    low = _end(hint.minimum, 1, whole=whole, excluded=hint.open_minimum)
    high = _end(hint.maximum, -1, whole=whole, excluded=hint.open_maximum)
    if low is not None or high is not None:
        yield Range(hint.name, low, high)


def _end(end: Any, inwards: int, *, whole: bool, excluded: bool) -> Any:
    """An end of a range that is part of it; times and other ends as they are.

    Args:
        end: as the document writes it.
        inwards: 1 for the least cell, -1 for the greatest.
        whole: whether cells are whole numbers.
        excluded: whether the document excludes it.
    """
    if isinstance(end, bool) or not isinstance(end, int | float | str):
        return None
    if isinstance(end, str):
        return end
    if not math.isfinite(end):
        return None
    if not whole:
        return float(np.nextafter(float(end), inwards * math.inf)) if excluded else end
    nearest = math.ceil(end) if inwards > 0 else math.floor(end)
    return nearest + inwards if excluded and nearest == end else nearest
