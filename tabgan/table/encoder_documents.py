"""The encoders in a model file, checked against the columns of its schema."""

from collections.abc import Mapping, Sequence
from typing import Any

from tabgan.errors import SchemaError, listing
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import Encoder, HierarchyEncoder, encoder_from_json, encoder_name, hierarchy_from_json


def alone(specs: Sequence[ColumnSpec], hierarchies: Sequence[HierarchyEncoder]) -> tuple[ColumnSpec, ...]:
    """The columns that are in no hierarchy."""
    taken = {name for hierarchy in hierarchies for name in hierarchy.names}
    return tuple(spec for spec in specs if spec.name not in taken)


def read_encoders(columns: Any, specs: Sequence[ColumnSpec]) -> tuple[Encoder, ...]:
    """The encoders that `columns` holds by name.

    Raises:
        SchemaError: if they are not those of `specs`, in that order; lists all that are wrong.
    """
    names = [spec.name for spec in specs]
    if not isinstance(columns, Mapping) or list(columns) != names:
        got = f"those of {list(columns)}" if isinstance(columns, Mapping) else "something else"
        raise SchemaError(f"expected encoders of the columns {names}, got {got}")
    encoders, problems = [], []
    for spec in specs:
        try:
            encoders.append(_require_match(encoder_from_json(columns[spec.name]), spec))
        except SchemaError as error:
            problems.append(f"column {spec.name!r}: {error}")
    if problems:
        raise SchemaError(listing("The encoders do not fit the schema", problems))
    return tuple(encoders)


def _require_match(encoder: Encoder, spec: ColumnSpec) -> Encoder:
    """The encoder, if it is of the kind, type and nullability that the schema names; else a SchemaError."""
    dtype = getattr(getattr(encoder, "categories", encoder), "dtype", None)
    got = (encoder.kind, dtype, getattr(encoder, "nullable", spec.nullable))
    expected = (encoder_name(spec), spec.dtype, spec.nullable)
    if got != expected:
        raise SchemaError(f"expected an encoder (kind, type, nullable) of {expected}, got {got}")
    return encoder


def read_hierarchies(documents: Any, specs: Sequence[ColumnSpec]) -> tuple[HierarchyEncoder, ...]:
    """The encoders of several columns that `documents` lists.

    Raises:
        SchemaError: if they share a column, or are not made for columns of `specs`; lists all that are wrong.
    """
    if not isinstance(documents, list):
        raise SchemaError(f"expected a list of hierarchies, got {documents!r}")
    hierarchies = tuple(map(hierarchy_from_json, documents))
    members = [member for hierarchy in hierarchies for member in hierarchy.members]
    if len({member.name for member in members}) < len(members):
        raise SchemaError("expected hierarchies that share no column")
    expected = {spec.name: (spec.dtype, spec.nullable) for spec in specs if spec.kind != "constant"}
    problems = [
        f"column {member.name!r}: expected cells (type, nullable) of {expected.get(member.name)}, got {got}"
        for member in members
        if (got := (member.categories.dtype, member.nullable)) != expected.get(member.name)
    ]
    if problems:
        raise SchemaError(listing("The hierarchies do not fit the schema", problems))
    return hierarchies
