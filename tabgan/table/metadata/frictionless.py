"""Table schemas of Frictionless (versions 1 and 2), alone, in a data resource, or in a data package.

A field's type says what cells are and rarely how to model them, so cells decide the kind, and the type is checked. A
constraint `enum` (or `categories`) makes a category, `format: email` personal data, a primary key a key. The table
schema that pandas writes (`orient="table"`) is nearly the same; `pandas_table` reads it with the functions of this
module.

Source: https://specs.frictionlessdata.io/table-schema/ and https://datapackage.org/standard/table-schema/.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tabgan.errors import SchemaError
from tabgan.table.metadata.hints import CellType, ColumnHint, names_in, refuse

CELLS: dict[str, CellType | None] = {
    "string": None,  # numbers in a text column are told from their cells, and a file may read them as either
    "number": "number",
    "integer": "integer",
    "boolean": None,
    "date": "time",
    "datetime": "time",
    "time": "time of day",
    "year": "integer",
    "yearmonth": None,
    "duration": None,
    "any": None,
    "geopoint": None,
}
"""What cells of each type have to be; None where a file may hold it in several ways."""
NESTED = ("object", "array", "list", "geojson")
_WHAT = "the table schema"


def recognises(document: Mapping[str, Any]) -> bool:
    """Whether a document is a table schema, or holds one as a data resource or package does."""
    return isinstance(document.get("fields"), list) or "schema" in document or "resources" in document


def hints_of(document: Mapping[str, Any], table: str | None = None) -> tuple[ColumnHint, ...]:
    """What the schema says of each field, in its order.

    Args:
        document: the JSON as Python values.
        table: the name of the resource, in a package of several; None if there is one.

    Raises:
        SchemaError: if no schema is found, the resource is not named, or fields are wrong; it lists all problems.
    """
    schema = _schema(document, table)
    hints, problems = fields_of(schema)
    keys, found = names_in(schema.get("primaryKey"), "primaryKey", hints)
    refuse(_WHAT, problems + found)
    return tuple(_with_key(hint, keys) for hint in hints.values())


def tables_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the resources that a package describes; none for a schema or a resource alone."""
    resources = document.get("resources")
    entries = resources if isinstance(resources, list) else []
    return tuple(str(entry["name"]) for entry in entries if isinstance(entry, Mapping) and "name" in entry)


def fields_of(schema: Mapping[str, Any]) -> tuple[dict[str, ColumnHint], list[str]]:
    """The fields of a table schema by name, and what is wrong with them."""
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        return {}, [f'expected "fields", a list of one entry for each column, got {fields!r}']
    missing = _missing_values(schema.get("missingValues"))
    hints: dict[str, ColumnHint] = {}
    problems = []
    for place, field in enumerate(fields, start=1):
        if not isinstance(field, Mapping) or not isinstance(field.get("name"), str):
            problems.append(f'field {place}: expected an object with a "name", got {field!r}')
        elif field["name"] in hints:
            problems.append(f"two fields are called {field['name']!r}")
        else:
            own = _missing_values(field["missingValues"]) if "missingValues" in field else missing
            hints[field["name"]] = replace(_hint(field), missing_values=own)
    return hints, problems


def _schema(document: Mapping[str, Any], name: str | None) -> Mapping[str, Any]:
    """The table schema itself."""
    if "resources" in document:
        document = _resource(document["resources"], name)
    if "fields" in document:
        return document
    schema = document.get("schema")
    if isinstance(schema, str):
        raise SchemaError(f"the table schema lies in {schema!r}, which is not looked up; give that file itself")
    if not isinstance(schema, Mapping):
        raise SchemaError(f'expected a table schema, an object with "fields", got {schema!r}')
    return schema


def _resource(resources: Any, name: str | None) -> Mapping[str, Any]:
    if not isinstance(resources, list) or not all(isinstance(entry, Mapping) for entry in resources) or not resources:
        raise SchemaError(f'the data package: expected "resources", a list of objects, got {resources!r}')
    named = [entry for entry in resources if name is None or entry.get("name") == name]
    listed = ", ".join(repr(entry.get("name", f"number {place}")) for place, entry in enumerate(resources, start=1))
    if not named:
        raise SchemaError(f"the data package has no resource {name!r}; it describes {listed}")
    if len(named) > 1:
        raise SchemaError(f"the data package describes {len(named)} tables, {listed}; say which one this table is")
    return dict(named[0])


def _hint(field: Mapping[str, Any]) -> ColumnHint:
    name, kind, form = field["name"], field.get("type", "any"), field.get("format", "default")
    said = f"type {kind}" if form == "default" else f"type {kind}, format {form}"
    hint = ColumnHint(name=name, said="" if kind == "any" else said)
    if kind in NESTED:
        hint = replace(hint, remark=f"its type {kind} is nested, but its cells are taken as they are")
    elif not isinstance(kind, str) or kind not in CELLS:
        hint = replace(hint, remark=f"expected a type of a table schema, got {kind!r}, so its cells decide")
    else:
        hint = replace(hint, cells=CELLS[kind])
    if kind == "string" and form == "email":
        hint = replace(hint, kind="personal", fake="email")
    if kind in ("date", "datetime", "time") and isinstance(form, str) and "%" in form:
        hint = replace(hint, time_format=form)
    return _constrained(hint, field)


def _constrained(hint: ColumnHint, field: Mapping[str, Any]) -> ColumnHint:
    """The hint with the field's constraints."""
    constraints = field.get("constraints")
    constraints = constraints if isinstance(constraints, Mapping) else {}
    values = constraints.get("enum")
    ordered = field.get("categoriesOrdered") is True
    if values is None and isinstance(field.get("categories"), list):
        values = [entry.get("value") if isinstance(entry, Mapping) else entry for entry in field["categories"]]
    if isinstance(values, list):
        hint = replace(hint, kind=hint.kind or "categorical", categories=tuple(values), ordered=ordered)
    low, high = (constraints.get(end) for end in ("minimum", "maximum"))
    open_low, open_high = (constraints.get(end) for end in ("exclusiveMinimum", "exclusiveMaximum"))
    pattern = constraints.get("pattern")
    return replace(
        hint,
        required=constraints.get("required") is True,
        unique=constraints.get("unique") is True,
        pattern=pattern if isinstance(pattern, str) else None,
        minimum=open_low if low is None else low,
        maximum=open_high if high is None else high,
        open_minimum=low is None and open_low is not None,
        open_maximum=high is None and open_high is not None,
    )


def _with_key(hint: ColumnHint, keys: tuple[str, ...]) -> ColumnHint:
    if hint.name not in keys:
        return hint
    others = tuple(name for name in keys if name != hint.name)
    said = ", ".join(part for part in ("part of the primary key" if others else "primary key", hint.said) if part)
    unique = hint.unique or not others
    return replace(hint, said=said, key=not others, unique=unique, unique_with=others, required=True)


def _missing_values(values: Any) -> tuple[str, ...]:
    """The texts that mean a missing cell; of version 2, entries may be objects with a label."""
    entries = values if isinstance(values, list) else []
    texts = [entry.get("value") if isinstance(entry, Mapping) else entry for entry in entries]
    return tuple(text for text in texts if isinstance(text, str) and text)
