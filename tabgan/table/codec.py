"""The codec turns a table into compact codes and values, and back into a table of exactly the same schema.

It holds one encoder for each modelled column and the layout that tiles their slots. A table is encoded in blocks of
rows, column by column, so that what is made along the way stays small next to the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.errors import ConditionError, SchemaError, listing
from tabgan.layout import EncodedTable, GivenCells, Layout
from tabgan.table import arrays, dtypes
from tabgan.table.cells import is_missing, is_single, near, parse
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, Encoder, encoder_from_json, encoder_name, fit_encoder
from tabgan.table.schema import Schema
from tabgan.table.summaries import ColumnSummary


@dataclass(frozen=True)
class TableCodec:
    """Encoders for the modelled columns of a schema.

    Attributes:
        schema: the table's schema; columns that are not modelled are ignored.
        encoders: one for each modelled column, in the schema's order.
    """

    schema: Schema
    encoders: tuple[Encoder, ...]

    @classmethod
    def from_summaries(cls, schema: Schema, summaries: Mapping[str, ColumnSummary]) -> "TableCodec":
        """The codec of a table of which `summaries` tell.

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

    @cached_property
    def layout(self) -> Layout:
        """The plan of an encoded row; constants are not in it."""
        slots = (encoder.slots(spec.name) for spec, encoder in zip(self.schema.modelled, self.encoders, strict=True))
        return Layout(tuple(slot for slot in slots if slot is not None))

    @cached_property
    def _encoder(self) -> dict[str, Encoder]:
        return {spec.name: encoder for spec, encoder in zip(self.schema.modelled, self.encoders, strict=True)}

    def _slices(self, name: str) -> tuple[slice, slice]:
        """The columns of codes and of values that belong to a column; empty for a constant."""
        if name not in self.layout.names:
            return slice(0, 0), slice(0, 0)
        index = self.layout.index(name)
        return self.layout.code_slices[index], self.layout.value_slices[index]

    def encode(self, table: pa.Table, rng: np.random.Generator) -> EncodedTable:
        """The rows of `table` as codes (n, k) and values (n, v).

        Args:
            table: holds every modelled column, in any order.
            rng: places tied numbers within their share of the ranks.

        Raises:
            SchemaError: if cells cannot be encoded, for example unknown categories; lists all such columns.
        """
        codes = np.zeros((table.num_rows, self.layout.n_codes), self.layout.code_dtype)
        values = np.zeros((table.num_rows, self.layout.n_values), np.float32)
        problems = []
        for name, encoder in self._encoder.items():
            if table.column_names.count(name) != 1:
                problems.append(f"column {name!r}: expected it once, got it {table.column_names.count(name)} times")
                continue
            code, value = self._slices(name)
            try:
                _encode_column(table.column(name), encoder, rng, codes[:, code], values[:, value])
            except CellsError as error:
                problems.append(f"column {name!r}: {error}")
        if problems:
            raise SchemaError(listing("The table cannot be encoded", problems))
        return EncodedTable(codes, values)

    def decode(self, encoded: EncodedTable, given: Mapping[str, pa.Scalar] | None = None) -> pa.Table:
        """Encoded rows as a table with the modelled columns in exactly their types; constants filled in.

        Args:
            encoded: codes (n, k) and values (n, v).
            given: values from `literal_cells`; each is written into every row of its column.
        """
        given = given or {}
        columns = [
            self._filled(name, given[name], len(encoded)) if name in given else self._decoded(name, encoded)
            for name in self._encoder
        ]
        return pa.Table.from_arrays(columns, schema=self.schema.arrow_schema)

    def _decoded(self, name: str, encoded: EncodedTable) -> pa.Array:
        code, value = self._slices(name)
        return self._encoder[name].decode(encoded.codes[:, code], encoded.values[:, value])

    def _filled(self, name: str, scalar: pa.Scalar, n: int) -> pa.Array:
        encoder, dtype = self._encoder[name], self.schema[name].arrow_type
        if not pa.types.is_dictionary(dtype):
            return _repeat(scalar, n)
        codes, values = encoder.encode(_repeat(scalar, 1), streams.generator(0, "cells", name))
        return encoder.decode(codes.repeat(n, axis=0), values.repeat(n, axis=0))

    def literal_cells(self, cells: Mapping[Any, object]) -> dict[str, pa.Scalar]:
        """Given cells as scalars of their columns' value types; null where a missing cell is asked for.

        Args:
            cells: column names (or the labels that the columns of the frame had) and values; text such as "5" or
                "2020-01-01" is read as the column's type, and None or "" means missing where the column may be.

        Raises:
            ConditionError: if columns are unknown, or values cannot be made; lists them all, with near matches.
        """
        found: dict[str, pa.Scalar] = {}
        problems = []
        labels = {spec.label: spec.name for spec in self.schema.columns if spec.label is not None}
        for key, value in cells.items():
            name = key if key in self.schema else labels.get(key, key)
            if name in found:
                problems.append(f"column {name!r}: expected it once, got it by its name and by its label")
                continue
            try:
                found[name] = self._literal(name, value)
            except ConditionError as error:
                problems.append(str(error))
        if problems:
            raise ConditionError(listing("The condition cannot hold", problems))
        return found

    def _literal(self, name: Any, value: object) -> pa.Scalar:
        if name not in self._encoder:
            raise ConditionError(_no_column(name, self.schema, tuple(self._encoder)))
        if not is_single(value):
            raise ConditionError(f"column {name!r}: expected one value, got {type(value).__name__}")
        encoder, inner = self._encoder[name], dtypes.value_type(self.schema[name].arrow_type)
        categories = getattr(encoder, "categories", None)
        known = None if categories is None else categories.array
        try:
            absent = is_missing(value) and not (isinstance(value, str) and _holds_empty_text(known))
            scalar = pa.scalar(None, inner) if absent else parse(value, inner)
            encoder.encode(_repeat(scalar, 1), streams.generator(0, "cells", name))
            _require_within(scalar, getattr(encoder, "bounds", None))
        except CellsError as error:
            raise ConditionError(_no_value(name, scalar, known, error)) from error
        except ValueError as error:
            raise ConditionError(f"column {name!r}: {error}") from error
        return scalar

    def encode_cells(self, cells: Mapping[Any, object]) -> GivenCells:
        """Given cells as one encoded row, with zeros elsewhere.

        Raises:
            ConditionError: as `literal_cells` does.
        """
        codes = np.zeros((1, self.layout.n_codes), self.layout.code_dtype)
        values = np.zeros((1, self.layout.n_values), np.float32)
        depths = np.zeros(len(self.layout.columns), np.int64)
        for name, scalar in self.literal_cells(cells).items():
            if name not in self.layout.names:
                continue
            code, value = self._slices(name)
            stream = streams.generator(0, "cells", name)
            codes[:, code], values[:, value] = self._encoder[name].encode(_repeat(scalar, 1), stream)
            depths[self.layout.index(name)] = max(codes[:, code].shape[1], 1)
        return GivenCells(depths, EncodedTable(codes, values))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the schema is not in them."""
        return {"columns": {name: encoder.to_json() for name, encoder in self._encoder.items()}}

    @classmethod
    def from_json(cls, schema: Schema, data: Mapping[str, Any]) -> "TableCodec":
        """The inverse of `to_json`.

        Raises:
            SchemaError: if the data are not the encoders of this schema's columns; lists all that are wrong.
        """
        names = [spec.name for spec in schema.modelled]
        columns = data.get("columns") if isinstance(data, Mapping) else None
        if not isinstance(columns, Mapping) or list(columns) != names:
            got = f"those of {list(columns)}" if isinstance(columns, Mapping) else "something else"
            raise SchemaError(f"expected encoders of the columns {names}, got {got}")
        encoders, problems = [], []
        for spec in schema.modelled:
            try:
                encoders.append(_require_match(encoder_from_json(columns[spec.name]), spec))
            except SchemaError as error:
                problems.append(f"column {spec.name!r}: {error}")
        if problems:
            raise SchemaError(listing("The encoders do not fit the schema", problems))
        return cls(schema, tuple(encoders))


def _require_match(encoder: Encoder, spec: ColumnSpec) -> Encoder:
    """The encoder, if it is of the kind, type and nullability that the schema names; else a SchemaError."""
    dtype = getattr(getattr(encoder, "categories", encoder), "dtype", None)
    got = (encoder.kind, dtype, getattr(encoder, "nullable", spec.nullable))
    expected = (encoder_name(spec), spec.dtype, spec.nullable)
    if got != expected:
        raise SchemaError(f"expected an encoder (kind, type, nullable) of {expected}, got {got}")
    return encoder


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


def _repeat(scalar: pa.Scalar, n: int) -> pa.Array:
    return pa.repeat(scalar, n) if scalar.is_valid else pa.nulls(n, scalar.type)


def _holds_empty_text(known: pa.Array | None) -> bool:
    return known is not None and dtypes.is_text(known.type) and "" in known.to_pylist()


def _require_within(scalar: pa.Scalar, bounds: tuple[int | float, int | float] | None) -> None:
    if not scalar.is_valid or bounds is None:
        return
    number = arrays.numbers(_repeat(scalar, 1))[0]
    if not bounds[0] <= number <= bounds[1]:
        ends = np.array(bounds, arrays.view_dtype(scalar.type))
        low, high = dtypes.from_numeric(ends, None, scalar.type).to_pylist()
        raise ValueError(f"expected a value from {low} to {high}, as in the table, got {scalar.as_py()}")


def _no_column(name: Any, schema: Schema, known: tuple[str, ...]) -> str:
    if name in schema:
        return f"column {name!r} is of kind {schema[name].kind}, which is not modelled; leave it out of the condition"
    close = near(name, pa.array(known, pa.string()))
    if not isinstance(name, str):  # the text "7" and the number 7 look alike unless one is quoted
        close = [repr(other) for other in close]
    return f"expected a column of the table, got {name!r}" + (f"; did you mean {', '.join(close)}?" if close else "")


def _no_value(name: str, scalar: pa.Scalar, known: pa.Array | None, error: CellsError) -> str:
    if not scalar.is_valid:
        return f"column {name!r}: expected a value, got a missing cell; no cell of it was missing in the table"
    if known is None:
        return f"column {name!r}: {error}"
    value = scalar.as_py()
    close = near(value, known)
    hint = f"; closest: {', '.join(close)}" if close else ""
    return f"column {name!r}: expected one of its {len(known)} categories, got {value!r}{hint}"
