"""Schemas of pandera: the JSON that `schema.to_json()` writes, or a `DataFrameSchema` itself.

pandera is not imported: of a schema object only the attributes that the JSON has as well are read. The dtype of a
column says what its cells are, the built-in checks which values they may have; checks of a user's own making are
passed over. Columns chosen by a regular expression, and pandera's YAML, are not read.

Source: https://pandera.readthedocs.io/en/stable/schema_inference.html, and `pandera.io`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tabgan.errors import SchemaError
from tabgan.table.metadata.hints import CellType, ColumnHint, refuse

_WHAT = "the pandera schema"
_CELLS: tuple[tuple[str, CellType | None], ...] = (
    ("bool", "boolean"),
    ("uint", "integer"),
    ("int", "integer"),
    ("float", "number"),
    ("decimal", "number"),
    ("datetime", "time"),
    ("timestamp", "time"),
    ("date", "time"),
    ("timedelta", "duration"),
)
_LEAST = {"greater_than_or_equal_to": False, "greater_than": True}
_GREATEST = {"less_than_or_equal_to": False, "less_than": True}


def recognises(document: Any) -> bool:
    """Whether it is JSON of pandera, or a schema of pandera itself."""
    if isinstance(document, Mapping):
        return document.get("schema_type") == "dataframe"
    return type(document).__module__.partition(".")[0] == "pandera" and hasattr(document, "columns")


def hints_of(document: Any, table: str | None = None) -> tuple[ColumnHint, ...]:
    """What the schema says of each column, in its order.

    Args:
        document: the JSON as Python values, or a `DataFrameSchema`.
        table: has no meaning here, since a schema is of one table.

    Raises:
        SchemaError: if columns are wrong; it lists all problems.
    """
    whole = document if isinstance(document, Mapping) else _as_json(document)
    columns = whole.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        raise SchemaError(f'{_WHAT}: expected "columns", an object of one entry for each column, got {columns!r}')
    problems = []
    hints = []
    for name, entry in columns.items():
        if not isinstance(entry, Mapping):
            problems.append(f"column {name!r}: expected an object, got {entry!r}")
        elif entry.get("regex"):
            problems.append(f"column {name!r} stands for all columns that match it; write one entry for each of them")
        else:
            hints.append(_hint(str(name), entry))
    refuse(_WHAT, problems)
    keys = [name for name in _listed(whole.get("unique")) if isinstance(name, str)]
    return tuple(_with_key(hint, keys) for hint in hints)


def _as_json(schema: Any) -> dict[str, Any]:
    """A schema object in the shape of its JSON, as far as it is read here."""
    columns = {
        name: {
            "dtype": None if column.dtype is None else str(column.dtype),
            "checks": {check.name: dict(check.statistics or {}) for check in column.checks or ()},
            **{key: getattr(column, key, None) for key in ("nullable", "unique", "required", "regex")},
        }
        for name, column in schema.columns.items()
    }
    return {"columns": columns, "unique": getattr(schema, "unique", None)}


def _hint(name: str, entry: Mapping[str, Any]) -> ColumnHint:
    dtype = str(entry.get("dtype") or "")
    cells = next((cells for word, cells in _CELLS if dtype.lower().startswith(word)), None)
    hint = ColumnHint(
        name=name,
        said=f"dtype {dtype}" if dtype else "no dtype",
        cells=cells,
        kind="categorical" if dtype.startswith("category") else None,
        unique=entry.get("unique") is True,
        required=entry.get("nullable") is False,
        optional=entry.get("required") is False,
    )
    for check, values in _checks(entry.get("checks")):
        hint = _checked(hint, check, values)
    return hint


def _checks(checks: Any) -> list[tuple[str, dict[str, Any]]]:
    """Names of checks with their arguments; a single argument has the name "value"."""
    if isinstance(checks, Mapping):
        checks = [_named(name, stats) for name, stats in checks.items()]
    found = []
    for check in _listed(checks):
        options = check.get("options") if isinstance(check, Mapping) else None
        name = options.get("check_name") if isinstance(options, Mapping) else None
        if isinstance(name, str):
            found.append((name, {key: value for key, value in check.items() if key != "options"}))
    return found


def _named(name: Any, stats: Any) -> dict[str, Any]:
    """A check of the older form, name and arguments, in the newer form."""
    arguments = dict(stats) if isinstance(stats, Mapping) else {"value": stats}
    return arguments | {"options": {"check_name": name}}


def _checked(hint: ColumnHint, check: str, values: Mapping[str, Any]) -> ColumnHint:
    only = next(iter(values.values()), None)
    if check in _LEAST:
        return replace(hint, minimum=only, open_minimum=_LEAST[check])
    if check in _GREATEST:
        return replace(hint, maximum=only, open_maximum=_GREATEST[check])
    if check == "in_range":
        return replace(
            hint,
            minimum=values.get("min_value"),
            maximum=values.get("max_value"),
            open_minimum=values.get("include_min") is False,
            open_maximum=values.get("include_max") is False,
        )
    if check == "isin" and isinstance(only, list | tuple | set | frozenset):
        values_in_order = sorted(only, key=str) if isinstance(only, set | frozenset) else only
        return replace(hint, kind="categorical", categories=tuple(values_in_order))
    if check == "str_matches":
        return replace(hint, pattern=str(getattr(only, "pattern", only)))
    return hint


def _with_key(hint: ColumnHint, keys: list[str]) -> ColumnHint:
    """The hint of a column that is unique together with others."""
    if hint.name not in keys:
        return hint
    others = tuple(name for name in keys if name != hint.name)
    return replace(hint, unique=hint.unique or not others, unique_with=others)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
