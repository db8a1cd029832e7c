"""Does a table fit the columns of a schema? Every problem in words, and the columns in the schema's types."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import dtypes
from tabgan.table.arrow import encoded
from tabgan.table.columns import ColumnSpec
from tabgan.table.summaries import ColumnSummary

_SHOWN = 5


@dataclass(frozen=True)
class Fit:
    """What came of fitting a table to columns: arrays by column where all went well, and all problems."""

    arrays: dict[str, pa.ChunkedArray]
    problems: list[str]


class _MisfitError(Exception):
    """A column that does not fit; the message says how."""


def too_few_rows(table: pa.Table, min_rows: int) -> list[str]:
    """A problem if `table` has fewer rows than `min_rows`."""
    if table.num_rows >= min_rows:
        return []
    found = "1 row" if table.num_rows == 1 else f"{table.num_rows} rows"
    return [f"expected at least {min_rows} rows, got {found}; add rows"]


def unusable_columns(table: pa.Table) -> list[str]:
    """One problem for each column that no schema could take: nested, binary, or with infinite values."""
    problems = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        problem = _unsupported(column.type) or _infinite(column)
        if problem:
            problems.append(f"column {name!r} {problem}")
    return problems


def _unsupported(dtype: pa.DataType) -> str | None:
    if dtypes.is_supported(dtype):
        return None
    remedy = "decode it to text" if "binary" in str(dtype) else "take it apart into columns of numbers or text"
    return f"has the type {dtype}; expected numbers, text, booleans or times: {remedy}, or drop the column"


def _infinite(column: pa.Array | pa.ChunkedArray) -> str | None:
    column = dtypes.decode_dictionary(column)
    if not pa.types.is_floating(column.type):
        return None
    count = int(np.isinf(dtypes.numeric_view(column)[0]).sum())
    if not count:
        return None
    values = "1 infinite value" if count == 1 else f"{count:,} infinite values"
    return f"has {values}; make them missing, or a large number"


def broken_constants(table: pa.Table, specs: Sequence[ColumnSpec]) -> list[str]:
    """One problem for each column that is declared constant and is not."""
    problems = []
    for spec in specs:
        if spec.kind != "constant" or spec.name not in table.column_names:
            continue
        summary = ColumnSummary.of(table[spec.name])
        if summary.n_distinct + (summary.n_missing > 0) > 1:
            problems.append(f"column {spec.name!r} is declared constant but has several values; change its kind")
    return problems


def fit(table: pa.Table, specs: Sequence[ColumnSpec], *, with_holes: bool = False) -> Fit:
    """The columns of `table` that are made, in the types of `specs`, as far as they fit, and all problems.

    Args:
        table: the table.
        specs: the columns of a schema.
        with_holes: whether any cell may be missing, and whole columns too: they come back with missing cells alone.
    """
    names = set(table.column_names)
    problems = _naming(table.column_names, specs, may_lack=with_holes)
    arrays = {}
    for spec in specs:
        if not spec.made or (spec.name not in names and not with_holes):
            continue
        if spec.name not in names:
            arrays[spec.name] = pa.chunked_array([pa.nulls(table.num_rows, spec.arrow_type)])
            continue
        try:
            arrays[spec.name] = _fit_column(table[spec.name], spec, may_lack=with_holes)
        except _MisfitError as error:
            problems.append(f"column {spec.name!r} {error}")
    return Fit(arrays, problems)


def _naming(names: Sequence[str], specs: Sequence[ColumnSpec], *, may_lack: bool) -> list[str]:
    """Columns that are lacking or too many, each lacking one with the names that it might go by now."""
    known, given = {spec.name for spec in specs}, set(names)
    extra = [name for name in names if name not in known]
    problems = []
    for spec in specs:
        if may_lack or not spec.made or spec.name in given:
            continue
        near = difflib.get_close_matches(spec.name, extra, n=1, cutoff=0.7)
        problems.append(f"column {spec.name!r} is missing" + (f"; is it now called {near[0]!r}?" if near else ""))
    if extra:
        shown = ", ".join(repr(name) for name in extra[:_SHOWN])
        more = f" and {len(extra) - _SHOWN} more" if len(extra) > _SHOWN else ""
        noun, verb, them = ("column", "is", "it") if len(extra) == 1 else ("columns", "are", "them")
        problems.append(f"{noun} {shown}{more} {verb} not in the schema; drop {them}, or infer the schema anew")
    return problems


def _fit_column(column: pa.ChunkedArray, spec: ColumnSpec, *, may_lack: bool) -> pa.ChunkedArray:
    dtype = spec.arrow_type
    problem = _unsupported(column.type) or _infinite(column)
    if problem:
        raise _MisfitError(problem)
    array = _cast(column, dtype, spec)
    count = int(dtypes.missing(array).sum())
    if count and not spec.nullable and not may_lack:
        cells = "1 missing cell" if count == 1 else f"{count:,} missing cells"
        raise _MisfitError(f"has {cells}, but is not nullable; fill them, or set nullable to true")
    return array


def _cast(column: pa.ChunkedArray, dtype: pa.DataType, spec: ColumnSpec) -> pa.ChunkedArray:
    """The cells in the type `dtype`, where no value changes on the way."""
    if column.type == dtype and spec.categories is None:
        return column
    cells = _cast_values(dtypes.decode_dictionary(column), dtypes.value_type(dtype))
    if not pa.types.is_dictionary(dtype):
        return cells
    categories = spec.category_array
    codes = encoded(cells, dtype, categories)
    strange = cells.filter(pc.and_(codes.is_null(), pa.array(~dtypes.missing(cells))))
    if len(strange):
        shown = ", ".join(repr(value) for value in pc.unique(strange).to_pylist()[:_SHOWN])
        raise _MisfitError(f"has values that are none of its declared categories: {shown}; add them to the categories")
    return codes


def _cast_values(cells: pa.ChunkedArray, dtype: pa.DataType) -> pa.ChunkedArray:
    if cells.type == dtype:
        return cells
    if pa.types.is_null(cells.type):
        return cells.cast(dtype)
    problem = f"has the type {cells.type}; expected {dtype}"
    if _confuses_times(cells.type, dtype):
        raise _MisfitError(f"{problem}: convert it")
    if pa.types.is_floating(cells.type) and not pa.types.is_floating(dtype):
        cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
    try:
        return cells.cast(dtype, safe=not (pa.types.is_floating(cells.type) and pa.types.is_floating(dtype)))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _MisfitError(f"{problem}: {str(error).splitlines()[0]}") from error


def _confuses_times(given: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether one is a time and the other is not: 5 is no date, though Arrow would make it one."""
    if dtypes.is_text(given) or (pa.types.is_integer(given) and pa.types.is_duration(wanted)):
        return False
    return bool(pa.types.is_temporal(given) != pa.types.is_temporal(wanted))
