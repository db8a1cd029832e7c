"""What all encoders have in common: the contract, the error, and the look-up of categories.

An encoder is a frozen dataclass of plain values, made by `from_summary(summary, spec)`, so it exists only when fitted
and compares by value. Adding one: write a module beside this one, name it in `encoders.__init__`, and add it to the
contract suite in `tests/contracts/test_encoders.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.layout import ColumnSlots
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import checks
from tabgan.table.summaries import ColumnSummary

Cells: TypeAlias = pa.Array | pa.ChunkedArray
Codes = NDArray[np.unsignedinteger]
Values = NDArray[np.float32]

_SHOWN = 5


class CellsError(SchemaError):
    """Cells of one column that its encoder cannot take; the codec adds the column's name."""


class Encoder(Protocol):
    """What every encoder of a column can do; n rows, k_j codes, v_j values (0 or 1)."""

    @property
    def kind(self) -> str:
        """The name of the encoder in JSON."""

    def slots(self, name: str) -> ColumnSlots | None:
        """What the column takes of an encoded row; None if there is nothing to learn."""

    def encode(self, array: Cells, rng: np.random.Generator) -> tuple[Codes, Values]:
        """Cells as codes (n, k_j) and values (n, v_j).

        Raises:
            CellsError: if some cells cannot be encoded, for example categories that were not there at fitting.
        """

    def decode(self, codes: Codes, values: Values) -> pa.Array:
        """Codes (n, k_j) and values (n, v_j) as n cells of exactly the column's Arrow type."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values that `from_json` reads back."""

    @classmethod
    def from_summary(cls, summary: ColumnSummary, spec: ColumnSpec) -> Self:
        """The encoder of a column.

        Raises:
            SchemaError: if the column cannot be encoded in this way.
        """

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The encoder that `to_json` wrote."""


def no_codes(n: int) -> Codes:
    """Codes of a column that has none, shape (n, 0)."""
    return np.zeros((n, 0), np.uint8)


def no_values(n: int) -> Values:
    """Values of a column that has none, shape (n, 0)."""
    return np.zeros((n, 0), np.float32)


def as_column(codes: NDArray[Any]) -> Codes:
    """Whole numbers of shape (n,) as one column of codes, shape (n, 1)."""
    return codes.astype(np.uint32, copy=False)[:, None]


def conform(array: Cells, dtype: pa.DataType) -> pa.Array:
    """Cells in the plain form of a column of type `dtype`.

    Raises:
        CellsError: if their type is another one and they cannot be brought into this one without loss.
    """
    wanted = arrays.plain_type(dtype)
    cells = arrays.plain(array)
    if cells.type == wanted:
        return cells
    try:
        return arrays.plain(cells.cast(wanted))
    except pa.ArrowException as error:
        raise CellsError(f"expected cells of type {wanted}, got {cells.type}: {error}") from error


def require_filled(missing: NDArray[np.bool_], nullable: bool) -> None:
    """Raises CellsError: if cells are missing where the schema says that none may be."""
    if not nullable and missing.any():
        raise CellsError(
            f"expected no missing cells, got {int(missing.sum())}; fill them, or fit with nullable set to true"
        )


@dataclass(frozen=True)
class Categories:
    """A set of categories in the order of their codes, of one Arrow type.

    Attributes:
        dtype: the column's Arrow type, as text.
        cells: the categories as JSON values (see `arrays.to_cells`), in the order of their codes; K of them.
        declared: the declared categories of a dictionary column, unused ones too, in the same form; None if none are.
    """

    dtype: str
    cells: tuple[Any, ...]
    declared: tuple[Any, ...] | None

    @classmethod
    def of(cls, values: pa.Array, spec: ColumnSpec) -> "Categories":
        """The categories `values` (plain, distinct, without nulls) of a column.

        Raises:
            SchemaError: if one of them is not among the categories that `spec` declares.
        """
        declared = None
        if spec.categories is not None and pa.types.is_dictionary(spec.arrow_type):
            allowed = arrays.plain(spec.category_array)
            foreign = values.filter(pc.invert(pc.is_in(values, value_set=allowed)))
            if len(foreign):
                raise SchemaError(
                    f"column {spec.name!r}: expected declared categories only, got {shown(foreign)}; "
                    f"add them to its categories in the schema"
                )
            declared = tuple(arrays.to_cells(allowed))
        return cls(spec.dtype, tuple(arrays.to_cells(values)), declared)

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def arrow_type(self) -> pa.DataType:
        """The column's Arrow type."""
        return dtypes.parse(self.dtype)

    @cached_property
    def array(self) -> pa.Array:
        """The categories as plain cells, shape (K,)."""
        return arrays.from_cells(self.cells, arrays.plain_type(self.arrow_type))

    @cached_property
    def ascend(self) -> bool:
        """Whether the codes follow an order that the categories have: of numbers, of time, or the declared one."""
        if self.declared is not None and self.arrow_type.ordered:
            declared = {cell: place for place, cell in enumerate(self.declared)}
            return checks.ascend([declared[cell] for cell in self.cells])
        numbers = arrays.numbers(self.array) if arrays.has_order(self.array.type) else None
        return numbers is not None and bool((numbers[1:] >= numbers[:-1]).all())

    @cached_property
    def _dictionary(self) -> pa.Array:
        cells = self.array if self.declared is None else arrays.from_cells(self.declared, self.array.type)
        return arrays.restore(cells, dtypes.value_type(self.arrow_type))

    def find(self, array: Cells) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The position of each cell's category (0 where missing), and which cells are missing; shapes (n,).

        Raises:
            CellsError: if cells hold other categories; names up to five of them.
        """
        cells = conform(array, self.arrow_type)
        missing = dtypes.missing(cells)
        if pa.types.is_null(cells.type):
            return np.zeros(len(cells), np.int64), missing
        found = pc.index_in(cells, value_set=self.array, skip_nulls=True)
        if found.null_count > int(missing.sum()):
            unknown = cells.filter(pc.and_(found.is_null(), pc.invert(pa.array(missing)))).unique()
            raise CellsError(
                f"expected one of the {len(self)} categories known from fitting, got {shown(unknown)}; "
                f"change these cells, or fit on a table that holds them"
            )
        return pc.fill_null(found, 0).to_numpy().astype(np.int64), missing

    def take(self, positions: NDArray[np.int64], missing: NDArray[np.bool_]) -> pa.Array:
        """The cells at `positions`, null where `missing`, in exactly the column's Arrow type; shapes (n,)."""
        cells = self.array.take(pa.array(positions, mask=missing))
        return arrays.restore(cells, self.arrow_type, self._dictionary)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        declared = None if self.declared is None else list(self.declared)
        return {"dtype": self.dtype, "cells": list(self.cells), "declared": declared}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Categories":
        """The inverse of `to_json`."""
        declared = None if data["declared"] is None else tuple(data["declared"])
        made = cls(data["dtype"], tuple(data["cells"]), declared)
        checks.require(made.array.null_count == 0, "categories without a missing one")
        checks.require(len(made.array.unique()) == len(made), "categories that are different from each other")
        if declared is not None:
            checks.require(pa.types.is_dictionary(made.arrow_type), f"no declared categories for {made.dtype}")
            known = pc.is_in(made.array, value_set=arrays.plain(made._dictionary))
            checks.require(pc.all(known, min_count=0).as_py(), "no category but the declared ones")
        return made


def shown(values: pa.Array) -> str:
    """Up to five values for a message, and how many more there are."""
    texts = ", ".join(repr(value) for value in values.slice(0, _SHOWN).to_pylist())
    more = len(values) - _SHOWN
    return f"{texts} and {more} more" if more > 0 else texts


def exact_categories(summary: ColumnSummary, spec: ColumnSpec) -> pa.Array:
    """The distinct values of a column, ascending.

    Raises:
        SchemaError: if there were too many of them to keep, or no cell at all.
    """
    if summary.counts is None:
        raise SchemaError(
            f"column {spec.name!r}: expected at most about a million categories (65,536 for fractions and points in "
            f"time), got about {summary.n_distinct:,}; set its kind to key, text or continuous in the schema"
        )
    if not len(summary.counts) and not spec.nullable:
        raise SchemaError(f"column {spec.name!r}: expected at least one value to learn from, got none")
    return summary.counts.values
