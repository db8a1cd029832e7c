"""Tables out, batch by batch: a file is there as a whole or not at all.

Rows are gathered into blocks of one size, so the bytes of a file depend on its rows and not on how they were cut into
batches, and memory does not grow with the number of rows. A file is written under another name beside its target and
moved into place when it is complete.
"""

import gzip
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

import pyarrow as pa
import pyarrow.parquet

from tabgan.errors import InputError
from tabgan.table.text_rows import csv_header, csv_rows, json_rows
from tabgan.writing import WholeFile, check_writable, output_error

__all__ = ["BLOCK_ROWS", "WRITABLE", "TableWriter", "check_writable"]

BLOCK_ROWS = 1 << 16


class _Format(Protocol):
    """Writes blocks of rows to an open file."""

    def write_table(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class _KeptOpen:
    """A file that compressors of Arrow cannot close."""

    closed = False

    def __init__(self, file: BinaryIO) -> None:
        self.write, self.flush = file.write, file.flush

    def close(self) -> None:
        self.flush()


class _TextFormat:
    def __init__(self, sink: Any, header: bytes, rows: Callable[[pa.Table], bytes], *, owns_sink: bool) -> None:
        self._sink, self._rows, self._owns_sink = sink, rows, owns_sink
        sink.write(header)

    def write_table(self, table: pa.Table) -> None:
        self._sink.write(self._rows(table))

    def close(self) -> None:
        if self._owns_sink:
            self._sink.close()
        else:
            self._sink.flush()


def _csv(sink: Any, schema: pa.Schema, *, delimiter: str = ",", owns_sink: bool = False) -> _Format:
    header = csv_header(schema.names, delimiter)
    return _TextFormat(sink, header, lambda table: csv_rows(table, delimiter), owns_sink=owns_sink)


def _tsv(sink: Any, schema: pa.Schema) -> _Format:
    return _csv(sink, schema, delimiter="\t")


def _csv_gz(sink: Any, schema: pa.Schema) -> _Format:
    packed = gzip.GzipFile(filename="", fileobj=sink, mode="wb", compresslevel=6, mtime=0)
    return _csv(packed, schema, owns_sink=True)


def _csv_zst(sink: Any, schema: pa.Schema) -> _Format:
    return _csv(pa.CompressedOutputStream(pa.PythonFile(_KeptOpen(sink), "w"), "zstd"), schema, owns_sink=True)


def _jsonl(sink: Any, schema: pa.Schema) -> _Format:
    return _TextFormat(sink, b"", json_rows, owns_sink=False)


def _parquet(sink: Any, schema: pa.Schema) -> _Format:
    options: dict[str, Any] = {"compression": "zstd", "version": "2.6"}
    writer: _Format = pyarrow.parquet.ParquetWriter(sink, schema, **options)
    return writer


def _arrow(sink: Any, schema: pa.Schema) -> _Format:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    writer: _Format = pa.ipc.new_file(sink, schema, options=options)
    return writer


_FORMATS: dict[str, Callable[[Any, pa.Schema], _Format]] = {
    ".parquet": _parquet,
    ".pq": _parquet,
    ".csv": _csv,
    ".tsv": _tsv,
    ".csv.gz": _csv_gz,
    ".csv.zst": _csv_zst,
    ".arrow": _arrow,
    ".feather": _arrow,
    ".ipc": _arrow,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
}
WRITABLE = tuple(_FORMATS)


class TableWriter:
    """Writes batches of rows to a file, or as CSV to an open binary stream.

    with TableWriter("synthetic.parquet", schema) as writer:
        for batch in batches:
            writer.write(batch)

    Args:
        target: a path whose suffix names the format, or an open binary stream, which is not closed.
        schema: the Arrow schema of every batch.
        label: what messages call the target; its path by default.

    Raises:
        InputError: if the suffix names no format.
        OutputError: while opening, writing or closing, if the file cannot be written; nothing is left behind then.
            A `BrokenPipeError` of a stream is passed on as it is: whoever reads has read enough.
    """

    def __init__(self, target: str | Path | BinaryIO, schema: pa.Schema, label: str | None = None) -> None:
        self._schema = schema
        self._stream = None if isinstance(target, str | Path) else target
        self._path = Path(target) if isinstance(target, str | Path) else None
        self._label = label or ("standard output" if self._path is None else repr(str(self._path)))
        self._whole = None if self._path is None else WholeFile(self._path, self._label)
        self._make = _csv if self._path is None else _FORMATS[_suffix(self._path)]
        self._pending: list[pa.Table] = []
        self._pending_rows = 0
        self._format: _Format | None = None

    def __enter__(self) -> Self:
        try:
            sink = self._stream if self._whole is None else self._whole.open()
            self._format = self._make(sink, self._schema)
        except OSError as error:
            self._abandon()
            raise self._failure(error) from error
        except BaseException:
            self._abandon()
            raise
        return self

    def write(self, table: pa.Table) -> None:
        """Write the rows of `table`, whose columns are those of the schema.

        Raises:
            OutputError: if the file cannot be written.
        """
        if self._format is None:
            raise RuntimeError("expected an open writer; use it in a with statement")
        self._pending.append(table if table.schema.equals(self._schema) else table.cast(self._schema))
        self._pending_rows += table.num_rows
        if self._pending_rows >= BLOCK_ROWS:
            self._flush(self._pending_rows - self._pending_rows % BLOCK_ROWS)

    def _flush(self, rows: int) -> None:
        """Write the first `rows` pending rows and keep the rest."""
        assert self._format is not None
        gathered = pa.concat_tables(self._pending)
        try:
            for start in range(0, rows, BLOCK_ROWS):
                block = gathered.slice(start, min(BLOCK_ROWS, rows - start)).combine_chunks()
                self._format.write_table(block)
        except OSError as error:
            raise self._failure(error) from error
        self._pending = [gathered.slice(rows)]
        self._pending_rows -= rows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._abandon()
            return
        try:
            if self._pending_rows:
                self._flush(self._pending_rows)
            self._finish()
        except OSError as failure:
            self._abandon()
            raise self._failure(failure) from failure
        except BaseException:
            self._abandon()
            raise

    def _finish(self) -> None:
        assert self._format is not None
        self._format.close()
        self._format = None
        if self._whole is not None:
            self._whole.finish()

    def _abandon(self) -> None:
        """Close what is open and remove what was written so far."""
        with suppress(Exception):
            if self._format is not None and self._path is not None:
                self._format.close()
        self._format = None
        if self._whole is not None:
            self._whole.discard()

    def _failure(self, error: OSError) -> Exception:
        if isinstance(error, BrokenPipeError) and self._path is None:
            return error
        return output_error(self._label, error)


def _suffix(path: Path) -> str:
    found = next((known for known in sorted(WRITABLE, key=len)[::-1] if path.name.lower().endswith(known)), None)
    if found is None:
        raise InputError(f"expected an output that ends in one of {', '.join(WRITABLE)}, got {str(path)!r}")
    return found
