"""A schema inferred from a table, overruled by what a metadata document says of its columns.

Kinds come from the hints where these say something; types always from the table. Everything in which table and document
contradict each other is one error. What is only doubtful is a `DataWarning`: an unknown sdtype, personal data in
numbers, cells that the document calls missing. Ranges and patterns are not checked here.
"""

import difflib
import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.errors import DataWarning, SchemaError, listing
from tabgan.table import annotations, dtypes
from tabgan.table.columns import WRITTEN, ColumnSpec, Kind
from tabgan.table.inference import by_count, is_repeated
from tabgan.table.metadata.hints import CellType, ColumnHint

"""How many different cells may stand for one fake each."""
_SHOWN = 5


def refine(specs: Sequence[ColumnSpec], hints: Sequence[ColumnHint], table: pa.Table) -> tuple[ColumnSpec, ...]:
    """The columns of `table` as the hints want them.

    Args:
        specs: inferred from `table`, in its order.
        hints: one for each column, in any order.
        table: the cells.

    Raises:
        SchemaError: if the hints do not fit the table; it lists all problems.

    Warns:
        DataWarning: once for each column of which something is doubtful.
    """
    by_name = {hint.name: hint for hint in hints}
    problems = _naming(table.column_names, hints)
    found = [(spec, by_name[spec.name]) for spec in specs if spec.name in by_name]
    for spec, hint in found:
        problems += [f"column {spec.name!r}: {text}" for text in _misfits(table[spec.name], spec, hint)]
    problems += _repeated_together(table, hints)
    if problems:
        raise SchemaError(listing(f"{annotations.source(table)} does not fit its metadata", problems))
    refined = {spec.name: _refined(table[spec.name], spec, hint) for spec, hint in found}
    for spec, hint in found:
        for text in _doubts(table[spec.name], refined[spec.name], hint):
            warnings.warn(f"column {spec.name!r}: {text}", DataWarning, stacklevel=3)
    return tuple(refined[spec.name] for spec in specs)


def _naming(names: Sequence[str], hints: Sequence[ColumnHint]) -> list[str]:
    """Columns that only one of both has, each with the name that it might go by in the other."""
    known = [hint.name for hint in hints]
    extra = [name for name in names if name not in known]
    lacking = [hint.name for hint in hints if hint.name not in names and not hint.optional]
    problems = []
    for name in lacking:
        near = difflib.get_close_matches(name, extra, n=1, cutoff=0.7)
        remedy = f"is it now called {near[0]!r}?" if near else "take it out of the metadata"
        problems.append(f"column {name!r} is in the metadata but not in the table; {remedy}")
    if extra:
        shown = ", ".join(map(repr, extra[:_SHOWN])) + (f" and {len(extra) - _SHOWN} more" if extra[_SHOWN:] else "")
        many, are, them = ("columns", "are", "them") if extra[1:] else ("column", "is", "it")
        problems.append(f"{many} {shown} {are} not in the metadata; describe {them} there, or drop {them}")
    return problems


def _misfits(cells: pa.ChunkedArray, spec: ColumnSpec, hint: ColumnHint) -> list[str]:
    """In what the cells of a column break what its hint promises."""
    present = _present(cells)
    if not len(present):
        return _too_empty(len(cells), hint)
    problems = _too_empty(len(cells) - len(present), hint)
    if hint.cells is not None and not _fits(present, hint.cells):
        given = dtypes.word(spec.arrow_type)
        problems.append(f"expected {_named(hint)} ({hint.said}), got {given}; {_remedy(hint)}")
    repeats = len(present) - pc.count_distinct(present).as_py() if hint.unique else 0
    if repeats:
        problems.append(f"expected a value of its own in every row ({hint.said}), got {_counted(repeats, 'repeat')}")
    strange = _strange(present, hint)
    if strange:
        shown = ", ".join(map(repr, strange[:_SHOWN])) + (f" and {len(strange) - _SHOWN} more" if strange[5:] else "")
        problems.append(f"expected only values that the metadata lists, got {shown}; add them there")
    return problems


def _too_empty(missing: int, hint: ColumnHint) -> list[str]:
    if not hint.required or not missing:
        return []
    return [f"expected no missing cells ({hint.said}), got {missing:,}; fill them, or do not require them"]


def _present(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    cells = dtypes.decode_dictionary(cells)
    return cells.filter(pa.array(~dtypes.missing(cells)))


def _fits(present: pa.ChunkedArray, wanted: CellType) -> bool:
    dtype = present.type
    if wanted == "boolean":
        return bool(pa.types.is_boolean(dtype))
    if wanted == "text":
        return dtypes.is_text(dtype)
    if wanted == "time":
        return dtypes.is_datetime(dtype)
    if wanted == "time of day":
        return bool(pa.types.is_time(dtype))
    if wanted == "duration":
        return bool(pa.types.is_duration(dtype))
    if pa.types.is_temporal(dtype) or pa.types.is_boolean(dtype) or not dtypes.is_numeric(dtype):
        return False
    numbers = dtypes.numeric_view(present)[0]
    return wanted == "number" or bool((numbers == np.floor(numbers)).all())


def _named(hint: ColumnHint) -> str:
    words = {
        "boolean": "true and false",
        "integer": "whole numbers",
        "number": "numbers",
        "time": "dates or timestamps",
        "time of day": "times of day",
        "duration": "durations",
    }
    return words.get(hint.cells or "", hint.cells or "cells")


def _remedy(hint: ColumnHint) -> str:
    if hint.cells == "time":
        written = f", not as {hint.time_format}" if hint.time_format else ""
        return f"write them as 2024-01-31 or 2024-01-31 13:45:00{written}, or change the metadata"
    return "convert them, or change the metadata"


def _strange(present: pa.ChunkedArray, hint: ColumnHint) -> list[object]:
    """Values that are none of the listed ones; numbers and times may be listed as text."""
    if hint.categories is None:
        return []
    listed = {value for value in hint.categories if isinstance(value, str | int | float | bool)}
    values = pc.unique(present).to_pylist()
    return [value for value in values if value not in listed and str(value) not in listed]


def _repeated_together(table: pa.Table, hints: Sequence[ColumnHint]) -> list[str]:
    """Keys of several columns that occur twice."""
    groups = {tuple(sorted((hint.name, *hint.unique_with))) for hint in hints if hint.unique_with}
    problems = []
    for group in sorted(groups):
        if not all(name in table.column_names for name in group):
            continue
        plain = pa.table({name: dtypes.decode_dictionary(table[name]) for name in group})
        repeats = plain.num_rows - plain.group_by(list(group)).aggregate([]).num_rows
        if repeats:
            together = ", ".join(map(repr, group))
            found = _counted(repeats, "repeat")
            problems.append(f"columns {together}: expected different cells together in every row, got {found}")
    return problems


def _refined(cells: pa.ChunkedArray, spec: ColumnSpec, hint: ColumnHint) -> ColumnSpec:
    kind = _kind(cells, spec, hint)
    named = kind.replace("_", " ")
    reason = spec.reason if kind == spec.kind else f"{dtypes.word(spec.arrow_type)}, by its metadata: {named}"
    changed = replace(spec, kind=kind, reason=_with_said(reason, hint))
    changed = _without_categories(changed) if kind in WRITTEN else changed
    if kind != "personal":
        return replace(changed, fake=None, locale=None, consistent=False)
    if spec.kind == "personal":
        return replace(changed, fake=hint.fake or spec.fake)
    n_present, n_distinct = _counts(cells)
    repeated = is_repeated(n_distinct, n_present)
    return replace(changed, fake=hint.fake, consistent=repeated)


def _without_categories(spec: ColumnSpec) -> ColumnSpec:
    """A column whose cells are made anew declares no categories."""
    if not pa.types.is_dictionary(spec.arrow_type):
        return spec
    dtype = str(dtypes.value_type(spec.arrow_type))
    return replace(spec, dtype=dtype, categories=None, ordered=False, pandas_dtype=None)


def _with_said(reason: str, hint: ColumnHint) -> str:
    """The reason with what the document says, before the kind that it ends in."""
    before, colon, kind = reason.rpartition(": ")
    return f"{before}, {hint.said}{colon}{kind}" if colon and hint.said else reason


def _kind(cells: pa.ChunkedArray, spec: ColumnSpec, hint: ColumnHint) -> Kind:
    """How a column is modelled; what cannot be modelled as the hint wants is left as it was inferred."""
    text = dtypes.is_text(spec.arrow_type)
    if hint.kind == "personal" and text:
        return "personal"
    if spec.kind == "constant":
        return spec.kind
    n_present, n_distinct = _counts(cells)
    if hint.key or hint.kind == "personal":
        if n_distinct == n_present and (text or _fits(_present(cells), "integer")):
            return "key"
        if not hint.key or not (text or pa.types.is_integer(dtypes.value_type(spec.arrow_type))):
            return spec.kind
        return "pattern" if spec.kind in WRITTEN else by_count(n_distinct)
    return by_count(n_distinct) if hint.kind == "categorical" else hint.kind or spec.kind


def _counts(cells: pa.ChunkedArray) -> tuple[int, int]:
    """How many cells are present, and how many of them differ."""
    present = _present(cells)
    return len(present), int(pc.count_distinct(present).as_py())


def _doubts(cells: pa.ChunkedArray, spec: ColumnSpec, hint: ColumnHint) -> list[str]:
    """What a user should know of a column, where nothing is wrong for certain."""
    texts = [hint.remark] if hint.remark else []
    if hint.kind == "personal" and spec.kind not in WRITTEN:
        given, kind = dtypes.word(spec.arrow_type), spec.kind.replace("_", " ")
        texts.append(
            f"it is personal data ({hint.said}), but fakes are text and its cells are not ({given}), so it is modelled "
            f"as {kind} and real values may occur again; give it as text, or set its kind to left_out"
        )
    if hint.missing_values and dtypes.is_text(spec.arrow_type):
        plain = dtypes.decode_dictionary(cells)
        said = pc.sum(pc.is_in(plain, pa.array(hint.missing_values, plain.type))).as_py()
        if said:
            held = ", ".join(map(repr, hint.missing_values))
            texts.append(f"{_counted(said, 'cell')} of what the metadata calls missing ({held}); make them empty")
    return texts


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
