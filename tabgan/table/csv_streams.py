"""CSV files in batches. The first block decides the type of each column; a later cell that does not fit widens it.

Then the rows are read again from the start, so that what comes of them is as if the whole column had been looked at:
whole numbers become fractions, dates become times, and anything may become text. A file must be in UTF-8.
"""

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from tabgan.errors import DataWarning, InputError, SchemaError, listing
from tabgan.table import annotations
from tabgan.table.csv_dialect import Dialect, look_at
from tabgan.table.csv_types import MISSING, TypedColumn, typed
from tabgan.table.labels import check_names, place_name

_BLOCK_BYTES = 1 << 24
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_UNITS = ("s", "ms", "us", "ns")


class WidenedError(Exception):
    """A cell does not have the type of its column; `stream` is the one to read from the start in its place."""

    def __init__(self, stream: "CsvStream") -> None:
        super().__init__("a column holds cells of a wider type")
        self.stream = stream


@dataclass(frozen=True)
class CsvStream:
    """CSV files with the same header.

    Attributes:
        paths: of the files, in the order of the rows.
        name: of the source.
        delimiter: where the suffix names it.
        text_columns: columns that are text as it is written, whatever it looks like.
        wider: types of columns that the first block alone got wrong.
    """

    paths: tuple[Path, ...]
    name: str
    delimiter: str | None = None
    text_columns: frozenset[str] = frozenset()
    wider: Mapping[str, pa.DataType] = field(default_factory=dict)

    n_rows = None

    @cached_property
    def _dialects(self) -> tuple[Dialect, ...]:
        """How each file is written.

        Raises:
            InputError: if one is no text.
            SchemaError: if headers differ, or cannot be used.
        """
        found = []
        for path in self.paths:
            with _naming(path), _open(path) as stream:
                found.append(look_at(stream, delimiter=self.delimiter))
        for (path, one), (other_path, other) in pairwise(zip(self.paths, found, strict=True)):
            if one.header != other.header:
                said = f"expected the header {', '.join(one.header)}, as in {path}, got {', '.join(other.header)}"
                raise SchemaError(f"{other_path}: {said}; give both the same columns")
            if len(one.header) > 1 and (one.delimiter == ";") != (other.delimiter == ";"):
                said = f"expected the delimiter {one.delimiter!r}, as in {path}, got {other.delimiter!r}"
                raise InputError(
                    f"{other_path}: {said}, with which decimals are written otherwise; use one in all files"
                )
        return tuple(found)

    @cached_property
    def _names(self) -> list[str]:
        header = self._dialects[0].header
        names = [name or place_name(position, header) for position, name in enumerate(header)]
        if problems := check_names(names):
            raise SchemaError(listing(f"{self.paths[0]}: the header is not usable", problems))
        return names

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns, with the types that the first block and later cells gave them."""
        head = next(self._strings(self._names), None)
        fields = []
        for name in self._names:
            found = self._typed(head, name)
            kind = self.wider.get(name, found.array.type)
            fields.append(annotations.annotated(pa.field(name, kind), remark=found.remark))
        return pa.schema(fields)

    def _typed(self, head: pa.Table | None, name: str) -> TypedColumn:
        if head is None:
            return TypedColumn(pa.nulls(0))
        if name in self.text_columns:
            return TypedColumn(head[name])
        found = typed(head[name], decimal_comma=self._decimal_comma)
        if found.warning and name not in self.wider:
            warnings.warn(f"{self.name}, column {name!r}: {found.warning}", DataWarning, stacklevel=2)
        return TypedColumn(pa.nulls(0)) if _unfilled(head[name]) else found

    @property
    def _decimal_comma(self) -> bool:
        return self._dialects[0].delimiter == ";"

    def batches(self, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
        """The rows.

        Raises:
            WidenedError: if a cell does not have its column's type; it holds the stream to read instead.
            InputError: if a file is damaged, or a row has another number of fields than the header.
        """
        names = [name for name in self._names if columns is None or name in columns]
        for strings in self._strings(names):
            arrays, wider = [], {}
            for name in names:
                kind = self.schema.field(name).type
                try:
                    arrays.append(cells_as(strings[name], kind, decimal_comma=self._decimal_comma))
                except _MisfitError as misfit:
                    wider[name] = misfit.wider
            if wider:
                raise WidenedError(replace(self, wider={**self.wider, **wider}))
            yield pa.Table.from_arrays(arrays, names=names)

    def _strings(self, names: Collection[str]) -> Iterator[pa.Table]:
        """The fields of some columns as text, null where they are empty."""
        places = [place for place, name in enumerate(self._names) if name in names]
        for path, dialect in zip(self.paths, self._dialects, strict=True):
            if not dialect.has_rows:
                continue
            with _naming(path), _open(path) as stream, _reader(stream, dialect, places) as reader:
                for batch in reader:
                    if batch.num_rows:
                        yield pa.Table.from_batches([batch]).rename_columns([self._names[place] for place in places])


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Whatever goes wrong with reading a file, as an `InputError` that names it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (pa.ArrowException, UnicodeError) as error:
        said = str(error).splitlines()[0]
        if "straddling" in said:
            said = f"a field, perhaps one whose quotes do not end, is longer than {_BLOCK_BYTES:,} bytes"
            raise InputError(f"{path} could not be read in passes: {said}; shorten it, or end its quotes") from error
        remedy = "save it as UTF-8" if "UTF8" in said or "codec" in said else "quote fields with delimiters"
        raise InputError(f"{path} could not be read: {said}; {remedy}") from error
    except OSError as error:
        raise InputError(f"{path} is damaged, or not what its name says: {error}; write it anew") from error


def _open(path: Path) -> pa.NativeFile:
    return pa.input_stream(str(path), compression=_COMPRESSIONS.get(path.suffix.lower()))


def _reader(stream: pa.NativeFile, dialect: Dialect, kept: Sequence[int]) -> pyarrow.csv.CSVStreamingReader:
    places = [str(position) for position in range(len(dialect.header))]
    return pyarrow.csv.open_csv(
        stream,
        read_options=pyarrow.csv.ReadOptions(
            block_size=_BLOCK_BYTES,
            skip_rows=dialect.blank_rows,
            column_names=places,
            skip_rows_after_names=1,
            encoding="utf-8" if dialect.encoding == "utf-8-sig" else dialect.encoding,
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, ignore_empty_lines=True
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=[places[place] for place in kept],
            column_types={place: pa.string() for place in places},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


class _MisfitError(Exception):
    """Cells that are not of a type; `wider` is one that all cells so far have."""

    def __init__(self, wider: pa.DataType) -> None:
        super().__init__(str(wider))
        self.wider = wider


def _unfilled(column: pa.ChunkedArray) -> bool:
    """Whether all cells are empty or spell a missing one, so that any type will do."""
    return bool(pc.all(pc.or_kleene(pc.is_null(column), pc.is_in(column, value_set=MISSING))).as_py())


def cells_as(column: pa.ChunkedArray, kind: pa.DataType, *, decimal_comma: bool) -> pa.Array | pa.ChunkedArray:
    """Cells of text as cells of a type.

    Raises:
        _MisfitError: if they are of a wider one.
    """
    if pa.types.is_string(kind):
        return column
    if _unfilled(column):
        return pa.nulls(len(column), kind)
    found = typed(column, decimal_comma=decimal_comma).array
    both = wider_type(kind, found.type)
    if both != kind:
        raise _MisfitError(both)
    try:
        return found if found.type == kind else found.cast(kind)
    except pa.ArrowInvalid as error:
        raise _MisfitError(pa.string()) from error


def wider_type(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The narrowest type that holds the cells of both, as the reader of whole files takes it."""
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    if all(map(_is_number, (one, other))):
        return pa.float64() if pa.float64() in (one, other) else pa.uint64()
    days = [pa.timestamp("s") if pa.types.is_date(own) else own for own in (one, other)]
    if all(map(pa.types.is_timestamp, days)) and days[0].tz == days[1].tz:
        return pa.timestamp(_finer(days[0], days[1]), tz=days[0].tz)
    if all(map(pa.types.is_duration, days)):
        return pa.duration(_finer(one, other))
    if all(map(pa.types.is_time, days)):
        return one if _UNITS.index(one.unit) >= _UNITS.index(other.unit) else other
    return pa.string()


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _finer(one: pa.DataType, other: pa.DataType) -> str:
    return _UNITS[max(_UNITS.index(one.unit), _UNITS.index(other.unit))]
