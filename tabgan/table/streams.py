"""Tables that are read in batches, again and again, and never as a whole: files and folders of files.

A stream knows the types of its columns, and how many rows there are where a file says so. The files of a folder must
agree in names and types; they are read in the order of their paths. CSV files are in `csv_streams`.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet

from tabgan.errors import InputError, SchemaError, listing
from tabgan.table import annotations, dtypes
from tabgan.table.arrow import normalised
from tabgan.table.labels import check_names

BATCH_ROWS = 1 << 18
BATCH_CELLS = 1 << 23
_HEAD_ROWS = 1 << 15
_REPEATED = 0.25
"""Text of which so few cells differ is read as a dictionary, which is quicker to count."""


class TableStream(Protocol):
    """A table in batches."""

    @property
    def name(self) -> str:
        """Of the source, for messages."""

    @property
    def schema(self) -> pa.Schema:
        """The columns; batches may hold dictionaries in place of plain text."""

    @property
    def n_rows(self) -> int | None:
        """How many rows there are; None where only reading tells."""

    def batches(self, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
        """The rows from the first one on, in batches of bounded size.

        Args:
            columns: to read; None for all.
        """


@dataclass(frozen=True)
class ParquetStream:
    """Parquet files of the same columns.

    Attributes:
        paths: of the files, in the order of the rows.
        name: of the source.
    """

    paths: tuple[Path, ...]
    name: str

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns, as the first file has them.

        Raises:
            SchemaError: if another file has other ones; names the file and each column.
        """
        return agreed([(path, _columns(_parquet(path).schema_arrow)) for path in self.paths])

    @cached_property
    def n_rows(self) -> int:
        """The rows of all files, from their metadata."""
        return sum(_parquet(path).metadata.num_rows for path in self.paths)

    def batches(self, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
        """The rows; text that repeats comes as dictionaries."""
        names = [name for name in self.schema.names if columns is None or name in columns]
        for path in self.paths:
            repeated = [name for name in self._repeated if name in names]
            with refusing_damage(path):
                for batch in _parquet(path, repeated).iter_batches(batch_rows(len(names)), columns=names):
                    yield _normalised(pa.Table.from_batches([batch]).select(names), self.schema)

    @cached_property
    def _repeated(self) -> list[str]:
        """The columns of text of which few cells differ, as far as the first rows tell."""
        texts = [field.name for field in self.schema if field.type in (pa.string(), pa.large_string())]
        texts = [name for name in texts if "." not in name]
        with refusing_damage(self.paths[0]):
            file = _parquet(self.paths[0], texts)
            head = next(file.iter_batches(_HEAD_ROWS, columns=texts), None) if texts else None
        if head is None:
            return []
        return [
            name
            for name, column in zip(head.schema.names, head.columns, strict=True)
            if pa.types.is_dictionary(column.type) and len(column.dictionary) <= _REPEATED * len(column)
        ]


def _parquet(path: Path, dictionaries: Sequence[str] = ()) -> pyarrow.parquet.ParquetFile:
    with refusing_damage(path):
        return pyarrow.parquet.ParquetFile(str(path), read_dictionary=list(dictionaries))


@contextmanager
def refusing_damage(path: Path) -> Iterator[None]:
    """Whatever goes wrong with reading a file, as an `InputError` that names it."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path} is damaged, or not what its name says: {detail}; write it anew") from error


@dataclass(frozen=True)
class ArrowStream:
    """Arrow files of the same columns, read through memory maps.

    Attributes:
        paths: of the files, in the order of the rows.
        name: of the source.
    """

    paths: tuple[Path, ...]
    name: str

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns, as the first file has them.

        Raises:
            SchemaError: if another file has other ones; names the file and each column.
        """
        found = []
        for path in self.paths:
            with refusing_damage(path), pa.memory_map(str(path)) as source:
                found.append((path, _columns(pa.ipc.open_file(source).schema)))
        return agreed(found)

    @cached_property
    def n_rows(self) -> int:
        """The rows of all files."""
        return sum(own.num_rows for path in self.paths for own in _arrow_batches(path))

    def batches(self, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
        """The rows, as they lie in the files."""
        names = [name for name in self.schema.names if columns is None or name in columns]
        for path in self.paths:
            for batch in _arrow_batches(path):
                whole = pa.Table.from_batches([batch]).select(names)
                for start in range(0, whole.num_rows, batch_rows(len(names))):
                    yield _normalised(whole.slice(start, batch_rows(len(names))), self.schema)


@dataclass(frozen=True, eq=False)
class MemoryStream:
    """A table that is in memory, in batches.

    Attributes:
        table: as `read_table` returns it.
    """

    table: pa.Table

    @property
    def name(self) -> str:
        """Of the table's source."""
        return annotations.source(self.table)

    @property
    def schema(self) -> pa.Schema:
        """The columns with their annotations."""
        return self.table.schema

    @property
    def n_rows(self) -> int:
        """The rows of the table."""
        return int(self.table.num_rows)

    def batches(self, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
        """The rows, without a copy."""
        names = [name for name in self.table.column_names if columns is None or name in columns]
        for start in range(0, self.n_rows, BATCH_ROWS):
            yield self.table.select(names).slice(start, BATCH_ROWS)


def _arrow_batches(path: Path) -> Iterator[pa.RecordBatch]:
    with refusing_damage(path), pa.memory_map(str(path)) as source:
        file = pa.ipc.open_file(source)
        for place in range(file.num_record_batches):
            yield file.get_batch(place)


def batch_rows(n_columns: int) -> int:
    """The rows of a batch of so many columns, so that its size is bounded."""
    return max(min(BATCH_ROWS, BATCH_CELLS // max(n_columns, 1)), 1_024)


def agreed(found: Sequence[tuple[Path, pa.Schema]]) -> pa.Schema:
    """The columns that all files have; where one has only missing cells of no type, their type is that of the others.

    Args:
        found: each file with its columns.

    Raises:
        SchemaError: if one has other columns or types than the first; names the file and each column.
    """
    (first, schema), problems = found[0], []
    for place, field in enumerate(schema):
        known = (own.field(field.name) for _, own in found if field.name in own.names)
        schema = schema.set(place, next((own for own in known if not pa.types.is_null(own.type)), field))
    for path, own in found[1:]:
        for name in dict.fromkeys([*schema.names, *own.names]):
            types = [each.field(name).type if name in each.names else None for each in (schema, own)]
            if types[0] == types[1] or (None not in types and pa.null() in types):
                continue
            got = "no such column" if types[1] is None else str(types[1])
            expected = "no such column" if types[0] is None else str(types[0])
            named, other = (str(own) if first.name == path.name else own.name for own in (path, first))
            problems.append(f"column {name!r} of {named}: expected {expected}, as in {other}, got {got}")
    if problems:
        raise SchemaError(listing("The files of the folder differ; write them with the same columns", problems[:50]))
    return schema


def value_schema(fields: Iterable[pa.Field]) -> pa.Schema:
    """The columns with their cells in place of dictionaries."""
    return pa.schema([pa.field(field.name, dtypes.value_type(field.type)) for field in fields])


def _columns(schema: pa.Schema) -> pa.Schema:
    """The columns that hold data, in the forms in which batches come.

    Raises:
        InputError: if there is none.
        SchemaError: if columns share a name, or one has none.
    """
    problems = check_names(schema.names) + ["a column has no name; give it one"] * ("" in schema.names)
    if problems:
        raise SchemaError(listing("The table cannot be used", problems))
    fields = [field for field in schema if not re.fullmatch(r"__index_level_\d+__", field.name)]
    if not fields:
        raise InputError("expected a table with columns, got one with none")
    return pa.schema([pa.field(f.name, normalised(pa.chunked_array([], f.type)).type) for f in fields])


def _normalised(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        pa.chunked_array([pa.nulls(table.num_rows, schema.field(name).type)])
        if pa.types.is_null(column.type)
        else normalised(column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, names=table.column_names)


def bytes_per_row(stream: TableStream) -> float:
    """What a row takes in memory, as far as the first batch tells.

    Raises:
        InputError: if there is no row.
    """
    for batch in stream.batches():
        if batch.num_rows:
            plain = pa.table({name: dtypes.decode_dictionary(batch[name]) for name in batch.column_names})
            return float(plain.nbytes / plain.num_rows)
    raise InputError(f"{stream.name} has no rows")
