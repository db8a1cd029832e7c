"""Conditions: cells as users give them, checked against what is known of their columns, and what they mean in codes.

A cell of a column that is encoded alone is its code. Cells of the columns of a hierarchy stand for all leaves that hold
them: if these are all leaves under one node, the codes down to that node are given, else each row gets one of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.errors import ConditionError, listing
from tabgan.table import arrays, dtypes
from tabgan.table.cells import is_missing, is_single, near, parse
from tabgan.table.encoders import CellsError, Encoder, HierarchyEncoder, Member
from tabgan.table.encoders.base import Codes, Values, shown
from tabgan.table.schema import Schema

Known: TypeAlias = Encoder | Member


def literal_cells(schema: Schema, known: Mapping[str, Known], cells: Mapping[Any, object]) -> dict[str, pa.Scalar]:
    """Given cells as scalars of their columns' value types; null where a missing cell is asked for.

    Args:
        schema: of the table.
        known: what is known of each modelled column.
        cells: column names or labels, and values.

    Raises:
        ConditionError: if columns are unknown, or values cannot be made; lists them all, with near matches.
    """
    found: dict[str, pa.Scalar] = {}
    problems = []
    labels = {spec.label: spec.name for spec in schema.columns if spec.label is not None}
    for key, value in cells.items():
        name = key if key in schema else labels.get(key, key)
        if name in found:
            problems.append(f"column {name!r}: expected it once, got it by its name and by its label")
            continue
        try:
            found[name] = _literal(schema, known, name, value)
        except ConditionError as error:
            problems.append(str(error))
    if problems:
        raise ConditionError(listing("The condition cannot hold", problems))
    return found


def _literal(schema: Schema, known: Mapping[str, Known], name: Any, value: object) -> pa.Scalar:
    if name not in known:
        raise ConditionError(_no_column(name, schema, tuple(known)))
    if not is_single(value):
        raise ConditionError(f"column {name!r}: expected one value, got {type(value).__name__}")
    column, inner = known[name], dtypes.value_type(schema[name].arrow_type)
    categories = getattr(column, "categories", None)
    values = None if categories is None else categories.array
    try:
        absent = is_missing(value) and not (isinstance(value, str) and _holds_empty_text(values))
        scalar = pa.scalar(None, inner) if absent else parse(value, inner)
        _require_known(column, name, scalar)
        _require_within(scalar, getattr(column, "bounds", None))
    except CellsError as error:
        raise ConditionError(_no_value(name, scalar, values, error)) from error
    except ValueError as error:
        raise ConditionError(f"column {name!r}: {error}") from error
    return scalar


def _require_known(column: Known, name: str, scalar: pa.Scalar) -> None:
    if not isinstance(column, Member):
        encode_cell(column, name, scalar)
    elif column.find(repeat(scalar, 1))[0] not in column.cells:
        raise CellsError("expected no missing cell")


def repeat(scalar: pa.Scalar, n: int) -> pa.Array:
    """`n` times the same cell."""
    return pa.repeat(scalar, n) if scalar.is_valid else pa.nulls(n, scalar.type)


def encode_cell(encoder: Encoder, name: str, scalar: pa.Scalar) -> tuple[Codes, Values]:
    """One cell of the column `name`, always with the same codes (1, k_j) and values (1, v_j).

    Raises:
        CellsError: if it cannot be encoded.
    """
    return encoder.encode(repeat(scalar, 1), streams.generator(0, "cells", name))


def filled(column: Known, name: str, scalar: pa.Scalar, dtype: pa.DataType, n: int) -> pa.Array:
    """`n` times the same cell of the column `name`, in its Arrow type."""
    if not pa.types.is_dictionary(dtype):
        return repeat(scalar, n)
    if isinstance(column, Member):
        positions, missing = column.categories.find(repeat(scalar, 1))
        return column.categories.take(positions.repeat(n), missing.repeat(n))
    codes, values = encode_cell(column, name, scalar)
    return column.decode(codes.repeat(n, axis=0), values.repeat(n, axis=0))


@dataclass(frozen=True, eq=False)
class CellsWith:
    """The cells of a hierarchy's columns that hold given ones.

    Attributes:
        codes: shape (c, k_j), ascending.
        shares: how often each occurs among them, shape (c,).
        depth: how many codes are given.
        shared: whether the cells are all that there are with these first `depth` codes.
    """

    codes: Codes
    shares: NDArray[np.float64]
    depth: int
    shared: bool


def cells_with(hierarchy: HierarchyEncoder, given: Mapping[str, pa.Scalar]) -> CellsWith:
    """The cells of a hierarchy's columns that hold given ones.

    Args:
        hierarchy: the columns.
        given: cells by column, each known to its column; those of other columns do not matter.

    Raises:
        ConditionError: if no leaf holds all of them; says what goes with the cell of the finest column.
    """
    members = [member for member in hierarchy.members if member.name in given]
    holds = [np.array(member.cells) == member.find(repeat(given[member.name], 1))[0] for member in members]
    leaves = np.flatnonzero(np.logical_and.reduce(holds))
    if not len(leaves):
        raise ConditionError(_never_together(members, np.flatnonzero(holds[0]), given))
    depth = _depth(hierarchy, leaves)
    codes, counts = hierarchy.codes[leaves], np.array(hierarchy.counts)[leaves]
    return CellsWith(codes, counts / counts.sum(), codes.shape[1] if depth is None else depth, depth is not None)


def _never_together(members: Sequence[Member], beside: NDArray[np.intp], given: Mapping[str, pa.Scalar]) -> str:
    """What to say of cells of `members`, where `beside` are the leaves that hold that of the first, finest one."""
    names = " and ".join(repr(member.name) for member in members)
    cells = " and ".join(_cell(given[member.name]) for member in members)
    hints = [f"{member.name!r} is {shown(arrays.plain(member.take(beside)).unique())}" for member in members[1:]]
    return (
        f"columns {names}: expected cells that occur together in the table, got {cells}; "
        f"where {members[0].name!r} is {_cell(given[members[0].name])}, {' and '.join(hints)}"
    )


def _cell(scalar: pa.Scalar) -> str:
    return repr(scalar.as_py()) if scalar.is_valid else "a missing cell"


def _depth(hierarchy: HierarchyEncoder, leaves: NDArray[np.intp]) -> int | None:
    """How many codes the leaves share, if they are all leaves that do; 0 if they are all there are, else None."""
    ends = (leaves[0], leaves[-1] + 1)
    if len(leaves) < ends[1] - ends[0]:
        return None
    for depth in range(len(hierarchy.spans), 0, -1):
        if (hierarchy.spans[depth - 1] == ends).all(axis=1).any():
            return depth
    return 0 if len(leaves) == len(hierarchy.counts) else None


def _holds_empty_text(known: pa.Array | None) -> bool:
    return known is not None and dtypes.is_text(known.type) and "" in known.to_pylist()


def _require_within(scalar: pa.Scalar, bounds: tuple[int | float, int | float] | None) -> None:
    if not scalar.is_valid or bounds is None:
        return
    number = arrays.numbers(repeat(scalar, 1))[0]
    if not bounds[0] <= number <= bounds[1]:
        ends = np.array(bounds, arrays.view_dtype(scalar.type))
        low, high = dtypes.from_numeric(ends, None, scalar.type).to_pylist()
        raise ValueError(f"expected a value from {low} to {high}, as in the table, got {_said(scalar)}")


def _said(scalar: pa.Scalar) -> str:
    """A value for a message; points in time may lie beyond what Python's calendar holds."""
    try:
        return str(scalar.as_py())
    except (OverflowError, ValueError):
        return str(scalar.cast(pa.string()).as_py())


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
