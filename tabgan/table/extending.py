"""The schema of a model, extended so that it holds a new table of the same columns.

What the schema decides (kinds, encodings, constraints) stays. What it knows of the cells follows the new table:
declared categories grow by new ones, cells may be missing where some are and not where none is, and a column that held
a single cell and varies now gets the kind that its cells suggest. Categories that no row holds any more stay declared,
so that the dtype of a column never loses any. Columns that differ, types that do not fit and broken orders are refused,
all at once.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.errors import SchemaError, listing
from tabgan.table import annotations, arrays, dtypes, fitting
from tabgan.table.arrow import dictionary_of
from tabgan.table.columns import WRITTEN, ColumnSpec
from tabgan.table.inference import infer_kind
from tabgan.table.schema import MIN_ROWS, Schema
from tabgan.table.summaries import ColumnSummary

_REMEDY = "mend the table, or fit it anew, without the model"


def extended(schema: Schema, table: pa.Table) -> Schema:
    """The schema of `table`, whose columns are those of `schema`.

    Args:
        schema: of the table that was learnt before.
        table: as `read_table` returns it.

    Raises:
        SchemaError: if the table does not fit; it lists all problems.
    """
    specs, problems, broken = [], fitting.too_few_rows(table, MIN_ROWS), set()
    for spec in schema.columns:
        specs.append(spec)
        if spec.made and table.column_names.count(spec.name) == 1:
            try:
                specs[-1] = _extended_column(spec, table.schema.field(spec.name), table[spec.name])
            except SchemaError as error:
                problems.append(str(error))
                broken.add(spec.name)
    rest = table.drop_columns([*broken])
    problems += fitting.fit(rest, [spec for spec in specs if spec.name not in broken]).problems
    if problems:
        raise SchemaError(f"{listing(f'{annotations.source(table)} does not fit the model', problems)}\n{_REMEDY}")
    return Schema(tuple(specs), schema.constraints)


def _extended_column(spec: ColumnSpec, field: pa.Field, column: pa.ChunkedArray) -> ColumnSpec:
    """A column's description that holds the cells of `column`.

    Raises:
        SchemaError: if its order of categories contradicts the one before.
    """
    missing = bool(dtypes.missing(column).any())
    if spec.kind == "constant":
        spec = _varying(spec, field, column)
    if spec.categories is not None:
        spec = _with_categories(spec, column)
    return replace(spec, nullable=missing)


def _varying(spec: ColumnSpec, field: pa.Field, column: pa.ChunkedArray) -> ColumnSpec:
    """A constant column as what it is now; one that was empty gets its type, too."""
    summary = ColumnSummary.of(column)
    if pa.types.is_null(dtypes.value_type(spec.arrow_type)) and not pa.types.is_null(dtypes.value_type(column.type)):
        categories = dictionary_of(column)
        spec = replace(
            spec,
            dtype=str(field.type),
            pandas_dtype=annotations.pandas_dtype(field),
            categories=None if categories is None else tuple(categories.to_pylist()),
            ordered=categories is not None and bool(field.type.ordered),
        )
    if summary.n_distinct + (summary.n_missing > 0) <= 1:
        return spec
    found = infer_kind(spec.name, column.type, summary, annotations.remark(field), column)
    categories = None if found.kind in WRITTEN else spec.categories
    return replace(
        spec,
        kind=found.kind,
        reason=found.reason,
        fake=found.fake,
        consistent=found.consistent,
        categories=categories,
    )


def _with_categories(spec: ColumnSpec, column: pa.ChunkedArray) -> ColumnSpec:
    """The declared categories and, behind them or in the order of the new table, those that are new.

    Raises:
        SchemaError: if both are ordered, and differently.
    """
    known = spec.category_array
    assert known is not None  # it declares categories
    declared = dictionary_of(column)
    try:
        cells = _ascending(column) if declared is None else declared.cast(known.type)
    except pa.ArrowException:
        return spec  # fitting says what is wrong with the type
    new = cells.filter(pc.invert(pc.is_in(cells, value_set=known)))
    if not len(new) and not (declared is not None and spec.ordered and column.type.ordered):
        return spec
    wanted = known.to_pylist()
    if spec.ordered and declared is not None and column.type.ordered:
        wanted = _merged(spec.name, wanted, cells.to_pylist())
    else:
        wanted += new.to_pylist()
    return replace(spec, categories=tuple(wanted), dtype=_wide_enough(spec.arrow_type, len(wanted)))


def _ascending(column: pa.ChunkedArray) -> pa.Array:
    cells = arrays.plain(column).unique().drop_null()
    return cells.take(pc.sort_indices(cells))


def _merged(name: str, known: Sequence[object], given: Sequence[object]) -> list[object]:
    """Two orders as one: each new category stands right behind the one that it follows in its own order.

    Raises:
        SchemaError: if the orders contradict each other.
    """
    places = [known.index(cell) for cell in given if cell in known]
    if places != sorted(places):
        raise SchemaError(
            f"column {name!r} has the categories {list(given)} in this order; expected an order that agrees with "
            f"{list(known)}"
        )
    merged, place = list(known), 0
    for cell in given:
        if cell in known:
            place = merged.index(cell) + 1
        else:
            merged.insert(place, cell)
            place += 1
    return merged


def _wide_enough(dtype: pa.DataType, n: int) -> str:
    """The dictionary type with an index that can count to `n`."""
    if not pa.types.is_dictionary(dtype) or n - 1 <= np.iinfo(dtype.index_type.to_pandas_dtype()).max:
        return str(dtype)
    index = pa.from_numpy_dtype(np.result_type(np.min_scalar_type(-n), np.int8))
    return str(pa.dictionary(index, dtype.value_type, ordered=dtype.ordered))
