"""Tables in and out: one function reads a table of any origin, one class writes one to any kind of file.

A suffix names the format. Everything that can be wrong with a source is an `InputError` (or, where columns are at
fault, a `SchemaError`) that names the file; writing is in `writer`.
"""

import difflib
import re
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.json
import pyarrow.parquet

from tabgan.errors import InputError, SchemaError
from tabgan.table import annotations
from tabgan.table.arrow import from_arrow
from tabgan.table.csv_reader import read_csv
from tabgan.table.csv_types import spans_and_clocks
from tabgan.table.frames import from_frame
from tabgan.table.restoring import natural_dtype
from tabgan.table.writer import TableWriter, check_writable

__all__ = ["READABLE", "TableWriter", "check_writable", "read_table"]

_MAX_BLOCK_BYTES = 1 << 30
_SIGNATURES = (
    (b"PAR1", "a Parquet file", (".parquet", ".pq")),
    (b"ARROW1", "an Arrow file", (".arrow", ".feather", ".ipc")),
    (b"\x1f\x8b", "compressed with gzip", (".csv.gz",)),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", (".csv.zst",)),
    (b"\x89PNG", "a PNG picture", ()),
    (b"\xff\xd8\xff", "a JPEG picture", ()),
    (b"%PDF", "a PDF document", ()),
    (b"PK\x03\x04", "a zip archive or an Excel sheet (save it as CSV)", ()),
    (b"SQLite format 3", "an SQLite database", ()),
)


def read_table(source: Any, *, text_columns: Collection[str] = ()) -> pa.Table:
    """A table of any origin as an Arrow table.

    The fields' metadata remember what `Schema.to_pandas` needs to give the same kind of frame back. The index of a
    frame is not data and is ignored: use `frame.reset_index()` where it is.

    Args:
        source: a pandas DataFrame; a pyarrow Table, RecordBatch or RecordBatchReader; anything with
            `__arrow_c_stream__`, such as a polars DataFrame or a DuckDB relation; or the path of a CSV, Parquet,
            Arrow or JSON-lines file. Empty strings are values, but the empty fields of a CSV file are missing cells.
        text_columns: columns of a CSV or JSON-lines file that are text even if it looks like numbers or times; the
            types of any other source are its own.

    Raises:
        InputError: if there is no table in the source, or a table without rows.
        SchemaError: if columns share a name or mix types; it lists all problems.
    """
    if isinstance(source, str | Path):
        return _read_file(Path(source), text_columns)
    if isinstance(source, pd.DataFrame):
        if not len(source.columns):
            raise InputError("expected a table with columns, got a frame with none")
        return _checked(from_frame(source), "the frame")
    name = "the table"
    if isinstance(source, pa.Table):
        table = source
        name = annotations.source(source)
    elif isinstance(source, pa.RecordBatch):
        table = pa.Table.from_batches([source])
    elif isinstance(source, pa.RecordBatchReader):
        table = source.read_all()
    elif hasattr(source, "__arrow_c_stream__"):
        table = _from_stream(source)
    else:
        raise InputError(
            "expected a pandas DataFrame, a pyarrow Table, an object with __arrow_c_stream__ (polars, DuckDB) or a "
            f"path, got {type(source).__name__}; wrap it, for example with pandas.DataFrame(...)"
        )
    return _checked(from_arrow(table, arrow_dtypes=True), name)


def _from_stream(source: Any) -> pa.Table:
    try:
        return pa.table(source)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise InputError(f"expected a table, got {type(source).__name__} that is none: {error}") from error


def _checked(table: pa.Table, name: str) -> pa.Table:
    if not table.num_columns:
        raise InputError(f"{name} has no columns")
    if not table.num_rows:
        raise InputError(f"{name} has no rows, only the columns {', '.join(map(repr, table.column_names[:5]))}")
    return annotations.sourced(table, name)


def _read_parquet(path: Path, _text_columns: Collection[str]) -> pa.Table:
    table = pyarrow.parquet.ParquetFile(str(path)).read()
    return table.drop_columns([name for name in table.column_names if re.fullmatch(r"__index_level_\d+__", name)])


def _read_arrow(path: Path, _text_columns: Collection[str]) -> pa.Table:
    with path.open("rb") as file:
        start = file.read(6)
    if start in (b"ARROW1", b"FEA1") or start[:4] == b"FEA1":
        return pyarrow.feather.read_table(str(path), memory_map=False)
    with pa.OSFile(str(path), "rb") as stream, pa.ipc.open_stream(stream) as reader:
        return reader.read_all()


def _read_json(path: Path, text_columns: Collection[str]) -> pa.Table:
    with path.open("rb") as file:
        if file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            raise InputError(
                "expected JSON lines, one object per line, got one array; in pandas, write it with "
                'frame.to_json(path, orient="records", lines=True)'
            )
    options = pyarrow.json.ReadOptions(block_size=min(path.stat().st_size + 1, _MAX_BLOCK_BYTES))
    try:
        table = pyarrow.json.read_json(str(path), read_options=options)
        texts = [f.name for f in table.schema if f.name in text_columns and pa.types.is_temporal(f.type)]
        if not texts:
            return _with_spans(table, text_columns)
        kept = pyarrow.json.ParseOptions(explicit_schema=pa.schema([(name, pa.string()) for name in texts]))
        texts_kept = pyarrow.json.read_json(str(path), read_options=options, parse_options=kept)
        return _with_spans(texts_kept.select(table.column_names), text_columns)
    except pa.ArrowInvalid as error:
        found = re.search(r"Column\(/(.+?)\) changed from (\S+) to (\S+) in row (\d+)", str(error))
        if found is None:
            raise
        raise SchemaError(
            f"column {found[1]!r} mixes types: {found[2]} at first, but {found[3]} in row {int(found[4]) + 1}; make "
            "every cell one type"
        ) from error


def _with_spans(table: pa.Table, text_columns: Collection[str]) -> pa.Table:
    """The table with durations and times of day, which Arrow's reader of JSON leaves as text."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) and field.name not in text_columns:
            table = table.set_column(place, field.name, spans_and_clocks(table.column(place)))
    return table


_READERS: dict[str, Callable[[Path, Collection[str]], pa.Table]] = {
    ".csv": read_csv,
    ".tsv": partial(read_csv, delimiter="\t"),
    ".txt": read_csv,
    ".csv.gz": partial(read_csv, compression="gzip"),
    ".csv.zst": partial(read_csv, compression="zstd"),
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
    ".arrow": _read_arrow,
    ".feather": _read_arrow,
    ".ipc": _read_arrow,
    ".jsonl": _read_json,
    ".ndjson": _read_json,
    ".json": _read_json,
}
READABLE = tuple(_READERS)


def _read_file(path: Path, text_columns: Collection[str]) -> pa.Table:
    suffix = existing_suffix(path)
    try:
        table = from_arrow(_READERS[suffix](path, text_columns), arrow_dtypes=False)
    except SchemaError as error:
        raise SchemaError(f"{path}: {error}") from error
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    except (pa.ArrowException, OSError, UnicodeError) as error:
        detail = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path} is damaged, or no {suffix} file: {detail}; write it anew") from error
    fields = [
        annotations.annotated(
            field.with_name(name), natural_dtype(column), annotations.label(field), annotations.remark(field)
        )
        for name, field, column in zip(table.column_names, table.schema, table.columns, strict=True)
    ]
    return _checked(pa.Table.from_arrays(table.columns, schema=pa.schema(fields)), str(path))


def existing_suffix(path: Path) -> str:
    """The suffix that names the reader of a file that is there and may be what it says.

    Raises:
        InputError: if there is none.
    """
    try:
        if path.is_dir():
            raise InputError(
                f"expected a file, got the folder {str(path)!r}; name a file in it (`fit` alone takes folders)"
            )
        if not path.exists():
            raise InputError(f"there is no file {str(path)!r}{_similar(path)}")
        suffix = next((known for known in sorted(READABLE, key=len)[::-1] if path.name.lower().endswith(known)), None)
        if suffix is None:
            raise InputError(f"expected a file that ends in one of {', '.join(READABLE)}, got {str(path)!r}")
        if not path.is_file():  # a pipe would be waited for without end when it is opened again
            raise InputError(f"expected a file, got a pipe or device, {str(path)!r}; write its rows to a file first")
        with path.open("rb") as file:
            start = file.read(16)
    except OSError as error:
        raise InputError(f"{str(path)!r} could not be read: {error.strerror or error}") from error
    if not start:
        raise InputError(f"{path} is empty")
    for signature, what, suffixes in _SIGNATURES:
        if start.startswith(signature) and suffix not in suffixes:
            remedy = f"rename it so that it ends in {suffixes[0]}" if suffixes else "give a table"
            raise InputError(f"{path} is no {suffix} file: it is {what}; {remedy}")
    return suffix


def _similar(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f", and no folder {str(path.parent)!r}"
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {str(path.with_name(near[0]))!r}?" if near else ""
