"""Rows of a table as the bytes of CSV or JSON lines, made column by column.

Numbers are written with as many digits as bring the same value back, times and durations in ISO form. A missing cell is
an empty CSV field or a JSON null.
"""

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import dtypes, durations


def csv_header(names: list[str], delimiter: str) -> bytes:
    """The header line."""
    return (delimiter.join(_quoted(pa.array(names, pa.large_string()), delimiter).to_pylist()) + "\n").encode()


def csv_rows(table: pa.Table, delimiter: str) -> bytes:
    """One line for each row of `table`.

    An empty string is quoted, but readers cannot tell it from a missing cell. The missing cell of a single column is
    quoted too, because an empty line is no row.
    """
    columns = [_csv_cells(column, delimiter) for column in table.columns]
    nothing = '""' if len(columns) == 1 else ""
    return _bytes(_joined([_joined(columns, delimiter, nothing), "\n"]))


def _csv_cells(column: pa.ChunkedArray, delimiter: str) -> pa.Array:
    cells = dtypes.flatten(dtypes.decode_dictionary(column))
    if dtypes.is_text(cells.type):
        return _quoted(cells.cast(pa.large_string()), delimiter)
    return _plain(cells)


def _quoted(cells: pa.Array, delimiter: str) -> pa.Array:
    """Quotes around the strings that could be misread without."""
    unsafe = pc.match_substring_regex(cells, rf'["\r\n\{delimiter}]|^\s|\s$|^$')
    doubled = pc.replace_substring(cells, '"', '""')
    return pc.if_else(unsafe, _joined(['"', doubled, '"']), cells)


def _plain(cells: pa.Array) -> pa.Array:
    """Cells that are not text, as text."""
    dtype = cells.type
    if pa.types.is_null(dtype):
        return pa.nulls(len(cells), pa.large_string())
    if pa.types.is_duration(dtype):
        return durations.write(cells)
    if not pa.types.is_floating(dtype):
        return cells.cast(pa.large_string())
    if pa.types.is_float16(dtype):
        cells = cells.cast(pa.float32())
    texts = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells).cast(pa.large_string())
    return pc.replace_substring_regex(texts, r"^(-?\d+)$", r"\1.0")  # so that a reader sees a float again


def json_rows(table: pa.Table) -> bytes:
    """One JSON object on one line for each row of `table`."""
    pieces: list[pa.Array | str] = []
    for position, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        pieces += [f"{', ' if position else '{'}{json.dumps(name, ensure_ascii=False)}: ", _json_cells(column)]
    return _bytes(_joined([*pieces, "}\n"], nothing="null"))


def _json_cells(column: pa.ChunkedArray) -> pa.Array:
    cells = dtypes.flatten(dtypes.decode_dictionary(column))
    dtype = cells.type
    if pa.types.is_integer(dtype) or pa.types.is_floating(dtype) or pa.types.is_boolean(dtype):
        return _plain(cells)
    if pa.types.is_null(dtype):
        return _plain(cells)
    encoded = (_plain(cells) if pa.types.is_duration(dtype) else cells.cast(pa.large_string())).dictionary_encode()
    literals = [json.dumps(text, ensure_ascii=False) for text in encoded.dictionary.to_pylist()]
    return pa.array(literals, pa.large_string()).take(encoded.indices)


def _joined(pieces: Sequence[pa.Array | str], delimiter: str = "", nothing: str | None = None) -> pa.Array:
    """The pieces of each row in one string; a row with a null is null, unless `nothing` stands for nulls."""
    large = [pa.scalar(piece, pa.large_string()) if isinstance(piece, str) else piece for piece in (*pieces, delimiter)]
    if nothing is None:
        return pc.binary_join_element_wise(*large)
    return pc.binary_join_element_wise(*large, null_handling="replace", null_replacement=nothing)


def _bytes(lines: pa.Array) -> bytes:
    """The lines one after the other: what an Arrow string array holds in its data buffer anyway."""
    lines = dtypes.flatten(lines).cast(pa.large_binary())
    if not len(lines):
        return b""
    end = sum(pc.binary_length(lines).to_numpy().tolist())
    found: bytes = lines.buffers()[2].slice(0, end).to_pybytes()
    return found
