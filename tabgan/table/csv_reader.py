"""CSV files: fields are read as text first, so that a whole column decides its type and not its first rows."""

import warnings
from collections.abc import Callable, Collection
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from tabgan.errors import DataWarning, InputError, SchemaError, listing
from tabgan.table import annotations
from tabgan.table.csv_dialect import Dialect, look_at
from tabgan.table.csv_types import TypedColumn, typed
from tabgan.table.labels import check_names, place_name

_BLOCK_BYTES = 1 << 24
_MAX_BLOCK_BYTES = 1 << 30
_SHOWN = 3


def read_csv(
    path: Path, text_columns: Collection[str] = (), *, compression: str | None = None, delimiter: str | None = None
) -> pa.Table:
    """The table in a CSV file.

    Newlines in quotes, byte order marks and any of the delimiters comma, semicolon, tab and bar are understood; a
    file that is not UTF-8 is read as Windows-1252, with a `DataWarning`. A column that is mostly numbers but not
    quite is text, with a `DataWarning` that shows the cells in the way. The text columns are text as it is written,
    whatever it looks like.

    Raises:
        InputError: if the file is no table.
        SchemaError: if columns share a name.
    """

    def open_stream() -> pa.NativeFile:
        return pa.input_stream(str(path), compression=compression)

    with open_stream() as stream:
        dialect = look_at(stream, delimiter=delimiter)
    try:
        strings = _read_strings(open_stream, dialect)
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if "UTF8" not in str(error) and not isinstance(error, UnicodeDecodeError):
            raise
        with open_stream() as stream:
            dialect = look_at(stream, delimiter=delimiter, encoding="cp1252")
        try:
            strings = _read_strings(open_stream, dialect)
        except (pa.ArrowInvalid, UnicodeDecodeError) as again:
            raise InputError("expected text in UTF-8, got another encoding; save it as UTF-8") from again
        text = f"{path} is not in UTF-8 and was read as Windows-1252; save it as UTF-8 if letters look wrong"
        warnings.warn(text, DataWarning, stacklevel=4)
    return _typed_table(path, strings, text_columns, decimal_comma=dialect.delimiter == ";")


def _read_strings(open_stream: Callable[[], pa.NativeFile], dialect: Dialect) -> pa.Table:
    """Every field as text, null where it is empty, under the names of the header."""
    names = [name or place_name(position, dialect.header) for position, name in enumerate(dialect.header)]
    if problems := check_names(names):
        raise SchemaError(listing("the header is not usable", problems))
    if not dialect.has_rows:
        return pa.table({name: pa.array([], pa.string()) for name in names})
    try:
        strings = _parse(open_stream, dialect, block_bytes=_BLOCK_BYTES)
    except pa.ArrowInvalid as error:
        if "Expected" in str(error):
            raise InputError(_ragged(open_stream, dialect)) from error
        if "straddling" not in str(error):
            raise
        strings = _parse(open_stream, dialect, block_bytes=_MAX_BLOCK_BYTES)
    return strings.rename_columns(names)


def _parse(
    open_stream: Callable[[], pa.NativeFile],
    dialect: Dialect,
    *,
    block_bytes: int,
    bad_rows: list[pyarrow.csv.InvalidRow] | None = None,
) -> pa.Table:
    """One pass of Arrow's parser; with a list for bad rows it is slow, but knows their numbers."""
    places = [str(position) for position in range(len(dialect.header))]

    def keep(row: pyarrow.csv.InvalidRow) -> str:
        if bad_rows is not None:
            bad_rows.append(row)
        return "skip"

    with open_stream() as stream:
        return pyarrow.csv.read_csv(
            stream,
            read_options=pyarrow.csv.ReadOptions(
                use_threads=bad_rows is None,
                block_size=block_bytes,
                skip_rows=dialect.blank_rows,
                column_names=places,
                skip_rows_after_names=1,
                encoding="utf-8" if dialect.encoding == "utf-8-sig" else dialect.encoding,
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=dialect.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=True,
                invalid_row_handler=None if bad_rows is None else keep,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={place: pa.string() for place in places},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )


def _ragged(open_stream: Callable[[], pa.NativeFile], dialect: Dialect) -> str:
    """Which rows have another number of fields than the header."""
    rows: list[pyarrow.csv.InvalidRow] = []
    _parse(open_stream, dialect, block_bytes=_MAX_BLOCK_BYTES, bad_rows=rows)
    shown = ", ".join(f"row {row.number} has {row.actual_columns}" for row in rows[:_SHOWN])
    more = f" and {len(rows) - _SHOWN:,} rows more" if len(rows) > _SHOWN else ""
    return (
        f"expected {len(dialect.header)} fields in every row, as in the header (row 1), but {shown}{more}; "
        f"fields that contain the delimiter {dialect.delimiter!r} must be quoted"
    )


def _typed_table(path: Path, strings: pa.Table, text_columns: Collection[str], *, decimal_comma: bool) -> pa.Table:
    arrays, fields = [], []
    for name, column in zip(strings.column_names, strings.columns, strict=True):
        found = TypedColumn(column) if name in text_columns else typed(column, decimal_comma=decimal_comma)
        arrays.append(found.array)
        fields.append(annotations.annotated(pa.field(name, found.array.type), remark=found.remark))
        if found.warning:
            warnings.warn(f"{path}, column {name!r}: {found.warning}", DataWarning, stacklevel=5)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
