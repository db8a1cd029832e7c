"""A stream of batches as one table in memory, as `read_table` returns a file."""

from collections.abc import Collection, Mapping

import pyarrow as pa

from tabgan.errors import InputError
from tabgan.table import annotations
from tabgan.table.arrow import encoded
from tabgan.table.csv_streams import WidenedError
from tabgan.table.reservoir import plain_table
from tabgan.table.restoring import natural_dtype
from tabgan.table.streams import TableStream, value_schema


class Categories:
    """The declared categories of a column, in the order in which the dictionaries of its batches name them."""

    def __init__(self) -> None:
        self._known: pa.Array | None = None
        self._last: pa.Array | None = None

    def add(self, column: pa.ChunkedArray) -> None:
        """Take in the dictionaries of some more cells."""
        for chunk in column.chunks:
            if self._last is None or not chunk.dictionary.equals(self._last):
                self._last = chunk.dictionary
                parts = [self._last] if self._known is None else [self._known, self._last]
                self._known = pa.concat_arrays(parts).unique().drop_null()

    def put_on(self, column: pa.ChunkedArray, dtype: pa.DataType) -> pa.ChunkedArray:
        """The cells as positions in all categories."""
        return encoded(column, dtype, pa.array([], dtype.value_type) if self._known is None else self._known)


def restored(
    stream: TableStream,
    rows: pa.Table,
    declared: Mapping[str, Categories],
    gaps: Collection[str],
) -> pa.Table:
    """Rows of a stream with dictionaries and annotations, as `read_table` returns a file.

    Args:
        stream: that they are of.
        rows: plain ones.
        declared: of the columns that hold dictionaries, their categories.
        gaps: columns with a missing cell, in these rows or others.
    """
    columns, fields = [], []
    for field in stream.schema:
        column = rows[field.name]
        if field.name in declared:
            column = declared[field.name].put_on(column, field.type)
        like = pa.nulls(1, column.type) if field.name in gaps else column
        columns.append(column)
        own = pa.field(field.name, column.type)
        dtype = annotations.pandas_dtype(field) or natural_dtype(like)
        fields.append(annotations.annotated(own, dtype, annotations.label(field), annotations.remark(field)))
    table = pa.Table.from_arrays(columns, schema=pa.schema(fields))
    return annotations.sourced(table, stream.name)


def read_whole(stream: TableStream) -> pa.Table:
    """All rows of a stream.

    Raises:
        InputError: if there is none.
    """
    declared = categories_of(stream)
    parts = []
    try:
        for batch in stream.batches():
            for name, categories in declared.items():
                categories.add(batch[name])
            parts.append(plain_table(batch, value_schema(stream.schema)))
    except WidenedError as widened:
        return read_whole(widened.stream)
    rows = pa.concat_tables(parts) if parts else pa.table({})
    if not rows.num_rows:
        raise no_rows(stream)
    return restored(stream, rows, declared, [name for name in rows.column_names if rows[name].null_count])


def categories_of(stream: TableStream) -> dict[str, Categories]:
    """For each column of dictionaries what gathers its categories."""
    return {field.name: Categories() for field in stream.schema if pa.types.is_dictionary(field.type)}


def no_rows(stream: TableStream) -> InputError:
    """The error that says that a table is empty."""
    return InputError(f"{stream.name} has no rows, only the columns {', '.join(map(repr, stream.schema.names[:5]))}")
