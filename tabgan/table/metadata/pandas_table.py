"""The table schema that pandas writes with `to_json(orient="table")`, with or without the rows.

It is a Frictionless table schema of an older version: categories have the type "any" with an `enum` and `ordered`, and
the index comes first, as the primary key. A table without its index lacks these fields, which is no mistake.

Source: https://pandas.pydata.org/docs/user_guide/io.html#table-schema.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tabgan.table.metadata import frictionless
from tabgan.table.metadata.hints import ColumnHint, names_in, refuse

_WHAT = "the table schema of pandas"


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is what pandas writes: it says so itself."""
    schema = document.get("schema", document)
    return isinstance(schema, Mapping) and "pandas_version" in schema and isinstance(schema.get("fields"), list)


def hints_of(document: Mapping[str, Any], table: str | None = None) -> tuple[ColumnHint, ...]:
    """What the schema says of each field, in its order.

    Args:
        document: the JSON as Python values.
        table: has no meaning here, since pandas writes one table.

    Raises:
        SchemaError: if fields are wrong; it lists all problems.
    """
    schema = document.get("schema", document)
    hints, problems = frictionless.fields_of(schema)
    index, found = names_in(schema.get("primaryKey"), "primaryKey", hints)
    refuse(_WHAT, problems + found)
    ordered = {field["name"] for field in schema["fields"] if field.get("ordered") is True}
    return tuple(replace(hint, ordered=hint.name in ordered, optional=hint.name in index) for hint in hints.values())
