"""Rows drawn uniformly at random from a table of any length in one pass, kept on disk.

Each row has a priority that follows from its number alone, and the rows with the least priorities are kept: each set of
rows is as likely as any other, and in which batches the rows came makes no difference. Rows below a bar are written as
they come; where there are twice too many of them, the bar goes down and the others go. The file is read through a
memory map, in the order of the table.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes, numbered
from tabgan.table.streams import value_schema

_ALL = np.iinfo(np.uint64).max


def priorities(seed: int, start: int, n: int) -> NDArray[np.uint64]:
    """The priorities of n rows from the number `start` on, shape (n,): random words, all different."""
    return numbered.words(seed, ("drawn rows",), np.arange(start, start + n))[:, 0]


class Reservoir:
    """The rows drawn so far.

    Args:
        folder: to write into; it must be there.
        schema: of the rows. Dictionaries are written out, see `dtypes.value_type`.
        most: rows to keep.
        seed: names the draw.
        n_rows: of the table, where it is known: fewer rows are then written in vain.
    """

    def __init__(self, folder: Path, schema: pa.Schema, most: int, seed: int, n_rows: int | None = None) -> None:
        self._schema = value_schema(schema)
        self._folder, self._most, self._seed = folder, most, seed
        share = 1.0 if n_rows is None else (most + 6 * most**0.5 + 1) / max(n_rows, 1)
        self._bar = np.uint64(_ALL if share >= 1 else int(share * float(_ALL)))
        self._seen = 0
        self._kept: list[NDArray[np.uint64]] = []
        self._n_files = 0
        self._open()

    def _open(self) -> None:
        self._path = self._folder / f"rows {self._n_files}.arrow"
        self._n_files += 1
        self._writer = pa.ipc.new_file(str(self._path), self._schema)

    def add(self, table: pa.Table) -> None:
        """Draw among the next rows of the table; columns may be dictionaries of what the schema says."""
        own = priorities(self._seed, self._seen, table.num_rows)
        self._seen += table.num_rows
        rows = np.flatnonzero(own <= self._bar)
        if not len(rows):
            return
        chosen = table if len(rows) == table.num_rows else table.take(pa.array(rows))
        self._writer.write_table(plain_table(chosen, self._schema))
        self._kept.append(own[rows])
        if sum(map(len, self._kept)) > 2 * self._most:
            self._lower()

    def _lower(self) -> None:
        """Keep the rows with the least priorities, as many as there may be."""
        own = np.concatenate(self._kept)
        if len(own) > self._most:
            self._bar = np.partition(own, self._most - 1)[self._most - 1]
        stays = own <= self._bar
        self._writer.close()
        before = self._path
        self._open()
        for block in _blocks(before, stays):
            self._writer.write_table(block)
        self._kept = [own[stays]]
        before.unlink()

    def finish(self) -> pa.Table:
        """The rows drawn, read through a memory map, in the order of the table."""
        if self._kept:
            self._lower()
        self._writer.close()
        return pa.ipc.open_file(pa.memory_map(str(self._path))).read_all()

    def close(self) -> None:
        """Close the file, whatever it holds."""
        self._writer.close()


def plain_table(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows with the schema's columns and types, where some are dictionaries of these."""
    columns = [dtypes.decode_dictionary(table[field.name]) for field in schema]
    return pa.Table.from_arrays(
        [own if own.type == field.type else own.cast(field.type) for own, field in zip(columns, schema, strict=True)],
        schema=schema,
    )


def _blocks(path: Path, stays: NDArray[np.bool_]) -> Iterator[pa.Table]:
    """The chosen rows of a file, in even blocks."""
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
        rows = np.flatnonzero(stays)
        for start in range(0, len(rows), arrays.BLOCK_ROWS):
            block = rows[start : start + arrays.BLOCK_ROWS]
            low, high = int(block[0]), int(block[-1]) + 1
            yield table.slice(low, high - low).take(pa.array(block - low)).combine_chunks()
