"""The codec turns a table into compact codes and values, and back into a table of exactly the same schema.

It holds one encoder for each modelled column, or for several columns that follow from one of them, and the layout that
tiles their slots. A table is encoded in blocks of rows, column by column, so that what is made along the way stays
small next to the result.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import SchemaError, listing
from tabgan.layout import ColumnSlots, EncodedTable, Layout
from tabgan.table import arrays, given
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations
from tabgan.table.domains import Known
from tabgan.table.encoder_documents import alone, read_encoders, read_hierarchies
from tabgan.table.encoders import CellsError, Encoder, HierarchyEncoder, fit_encoder
from tabgan.table.given import Literal
from tabgan.table.hierarchies import find_hierarchies
from tabgan.table.schema import Schema
from tabgan.table.summaries import ColumnSummary


@dataclass(frozen=True)
class TableCodec:
    """Encoders for the modelled columns of a schema.

    Attributes:
        schema: the table's schema; columns that are not modelled are ignored.
        encoders: one for each modelled column that is in no hierarchy, in the schema's order.
        hierarchies: one for each group of columns that follow from one of them; they share no column.
    """

    schema: Schema
    encoders: tuple[Encoder, ...]
    hierarchies: tuple[HierarchyEncoder, ...] = ()

    @classmethod
    def from_summaries(cls, schema: Schema, summaries: Mapping[str, ColumnSummary]) -> "TableCodec":
        """The codec of a table of which `summaries` tell, each column by itself.

        Raises:
            SchemaError: if columns cannot be encoded as the schema says; lists them all.
        """
        encoders, problems = [], []
        for spec in schema.modelled:
            if spec.name not in summaries:
                problems.append(f"column {spec.name!r}: expected it in the table, got no such column")
                continue
            try:
                encoders.append(fit_encoder(summaries[spec.name], spec))
            except SchemaError as error:
                problems.append(str(error))
        if problems:
            raise SchemaError(listing("The table does not fit its schema", problems))
        return cls(schema, tuple(encoders))

    @classmethod
    def fit(cls, schema: Schema, summaries: Mapping[str, ColumnSummary], table: pa.Table) -> "TableCodec":
        """The codec of `table`; columns that its schema declares as combinations are encoded together.

        Args:
            schema: of the table.
            summaries: of its columns.
            table: holds every modelled column once.

        Raises:
            SchemaError: if columns cannot be encoded as the schema says; lists them all.
        """
        apart = cls.from_summaries(schema, summaries)
        declared = [each for each in schema.constraints if isinstance(each, Combinations)]
        hierarchies = find_hierarchies(schema.modelled, summaries, table, declared)
        kept = alone(schema.modelled, hierarchies)
        return cls(schema, tuple(apart._encoder[spec.name] for spec in kept), hierarchies)

    @cached_property
    def layout(self) -> Layout:
        """The plan of an encoded row; constants are not in it, and a hierarchy goes by its finest column."""
        return Layout(tuple(slots for slots in map(self._slots, self.schema.modelled) if slots is not None))

    def _slots(self, spec: ColumnSpec) -> ColumnSlots | None:
        if spec.name in self._encoder:
            return self._encoder[spec.name].slots(spec.name)
        hierarchy = self._hierarchy[spec.name]
        return hierarchy.slots(spec.name) if spec.name == hierarchy.names[0] else None

    @cached_property
    def _encoder(self) -> dict[str, Encoder]:
        names = (spec.name for spec in alone(self.schema.modelled, self.hierarchies))
        return dict(zip(names, self.encoders, strict=True))

    @cached_property
    def _hierarchy(self) -> dict[str, HierarchyEncoder]:
        return {name: hierarchy for hierarchy in self.hierarchies for name in hierarchy.names}

    @cached_property
    def known(self) -> dict[str, Known]:
        """What is known of each modelled column, in the schema's order."""
        members = {member.name: member for hierarchy in self.hierarchies for member in hierarchy.members}
        return {spec.name: (self._encoder | members)[spec.name] for spec in self.schema.modelled}

    def _slices(self, name: str) -> tuple[slice, slice]:
        """The columns of codes and of values that belong to a column of the layout; empty for a constant."""
        if name not in self.layout.names:
            return slice(0, 0), slice(0, 0)
        index = self.layout.index(name)
        return self.layout.code_slices[index], self.layout.value_slices[index]

    def encode(self, table: pa.Table, rng: np.random.Generator, folder: Path | None = None) -> EncodedTable:
        """The rows of `table` as codes (n, k) and values (n, v).

        Args:
            table: holds every modelled column, in any order.
            rng: places tied numbers within their share of the ranks.
            folder: for two new files that hold them, read through memory maps; None keeps them in memory.

        Raises:
            SchemaError: if cells cannot be encoded, for example unknown categories; lists all such columns.
        """
        n, times = table.num_rows, Counter(table.column_names)
        codes = _zeros((n, self.layout.n_codes), self.layout.code_dtype, folder, "codes")
        values = _zeros((n, self.layout.n_values), np.dtype(np.float32), folder, "values")
        broken = {name for name in self.known if times[name] != 1}
        problems = [
            f"column {name!r}: expected it once, got it {times[name]} times" for name in self.known if name in broken
        ]
        for name, encoder in self._encoder.items():
            code, value = self._slices(name)
            try:
                if name not in broken:
                    _encode_column(table.column(name), encoder, rng, codes[:, code], values[:, value])
            except CellsError as error:
                problems.append(f"column {name!r}: {error}")
        for hierarchy in self.hierarchies:
            if broken.isdisjoint(hierarchy.names):
                problems += _encode_together(table, hierarchy, codes[:, self._slices(hierarchy.names[0])[0]])
        if problems:
            raise SchemaError(listing("The table cannot be encoded", problems))
        return EncodedTable(*map(_sealed, (codes, values)))

    def decode(self, encoded: EncodedTable, given: Mapping[str, Literal] | None = None) -> pa.Table:
        """Encoded rows as a table with the modelled columns in exactly their types; constants filled in.

        Args:
            encoded: codes (n, k) and values (n, v).
            given: the literals of a condition; a single cell is written into every row of its column, and of several
                numbers the one that is nearest to what the row holds.
        """
        columns = self.cells(encoded, tuple(self.known), given)
        return pa.table({name: columns[name] for name in self.known})

    def cells(
        self, encoded: EncodedTable, names: Collection[str], given: Mapping[str, Literal] | None = None
    ) -> dict[str, pa.Array]:
        """The cells of some columns, as `decode` has them."""
        columns = {name: column for name, column in self._decoded(encoded, names) if name in names}
        for name, literal in (given or {}).items():
            if name in columns:
                columns[name] = self._filled(name, literal, columns[name])
        return columns

    def _decoded(self, encoded: EncodedTable, names: Collection[str]) -> Iterator[tuple[str, pa.Array]]:
        for name in (name for name in self._encoder if name in names):
            code, value = self._slices(name)
            yield name, self._encoder[name].decode(encoded.codes[:, code], encoded.values[:, value])
        for hierarchy in self.hierarchies:
            if not set(hierarchy.names).isdisjoint(names):
                code, _ = self._slices(hierarchy.names[0])
                yield from zip(hierarchy.names, hierarchy.decode(encoded.codes[:, code]), strict=True)

    def _filled(self, name: str, literal: Literal, column: pa.Array) -> pa.Array:
        return given.filled(self.known[name], name, literal, column)

    def encoder_of(self, index: int) -> Encoder | HierarchyEncoder:
        """What encodes a column of the layout."""
        name = self.layout.names[index]
        return self._encoder[name] if name in self._encoder else self._hierarchy[name]

    def names_of(self, index: int) -> tuple[str, ...]:
        """The columns of the table that a column of the layout stands for."""
        encoder = self.encoder_of(index)
        return encoder.names if isinstance(encoder, HierarchyEncoder) else (self.layout.names[index],)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the schema is not in them."""
        return {
            "columns": {name: encoder.to_json() for name, encoder in self._encoder.items()},
            "hierarchies": [hierarchy.to_json() for hierarchy in self.hierarchies],
        }

    @classmethod
    def from_json(cls, schema: Schema, data: Mapping[str, Any]) -> "TableCodec":
        """The inverse of `to_json`.

        Raises:
            SchemaError: if the data are not the encoders of this schema's columns; lists all that are wrong.
        """
        parts = data if isinstance(data, Mapping) else {}
        hierarchies = read_hierarchies(parts.get("hierarchies"), schema.modelled)
        return cls(schema, read_encoders(parts.get("columns"), alone(schema.modelled, hierarchies)), hierarchies)


def _zeros(shape: tuple[int, int], dtype: np.dtype[Any], folder: Path | None, name: str) -> NDArray[Any]:
    """A matrix of zeros in memory, or in a new file of a folder, which takes its room at once.

    Raises:
        OSError: if the disk has no room for it; without that, the process would be killed as it writes (SIGBUS).
    """
    if folder is None or 0 in shape:
        return np.zeros(shape, dtype)
    matrix = np.memmap(folder / name, dtype, "w+", shape=shape)
    if hasattr(os, "posix_fallocate"):
        with (folder / name).open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, matrix.nbytes)
    return matrix


def _sealed(matrix: NDArray[Any]) -> NDArray[Any]:
    """The same matrix; one on disk is read from there from now on, and not written to."""
    if not isinstance(matrix, np.memmap):
        return matrix
    matrix.flush()
    return np.memmap(str(matrix.filename), matrix.dtype, "r", shape=matrix.shape)


def _encode_column(
    column: pa.ChunkedArray,
    encoder: Encoder,
    rng: np.random.Generator,
    codes: NDArray[np.unsignedinteger],
    values: NDArray[np.float32],
) -> None:
    """Writes the encoded cells of a column into `codes` (n, k_j) and `values` (n, v_j), block by block."""
    start = 0
    for block in arrays.blocks(column):
        end = start + len(block)
        codes[start:end], values[start:end] = encoder.encode(block, rng)
        start = end


def _encode_together(table: pa.Table, hierarchy: HierarchyEncoder, codes: NDArray[np.unsignedinteger]) -> list[str]:
    """Writes the encoded cells of a hierarchy into `codes` (n, k_j), block by block; the problems, if there are any."""
    for start in range(0, table.num_rows, arrays.BLOCK_ROWS):
        block = table.slice(start, arrays.BLOCK_ROWS)
        try:
            codes[start : start + len(block)] = hierarchy.encode([block.column(name) for name in hierarchy.names])
        except CellsError as error:
            return [str(error)]
    return []
