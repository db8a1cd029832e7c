"""Which format a metadata document is of, told from the document itself; nothing has to be declared."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from tabgan.errors import SchemaError
from tabgan.table.metadata import frictionless, pandas_table, pandera, sdv
from tabgan.table.metadata.hints import ColumnHint

_FORMATS: tuple[tuple[str, ModuleType], ...] = (
    ("SDV", sdv),
    ("pandera", pandera),
    ("pandas", pandas_table),
    ("Frictionless", frictionless),
)
"""The more particular ones first: what pandas writes is a Frictionless schema too."""


def format_of(document: Any) -> str | None:
    """The name of a document's format, None for one of none of them (such as a schema of tabgan).

    >>> format_of({"fields": [{"name": "age", "type": "integer"}]})
    'Frictionless'
    """
    found = _module(document)
    return None if found is None else found[0]


def hints_of(document: Any, table: str | None = None) -> tuple[ColumnHint, ...]:
    """What a document of any known format says of each column, in its order.

    Args:
        document: JSON as Python values, or a schema object of pandera.
        table: which table, where the document describes several.

    Raises:
        SchemaError: if the format is unknown, or the document is not valid; it lists all problems.
    """
    found = _module(document)
    if found is None:
        known = "SDV metadata, a Frictionless table schema, a table schema of pandas, or a pandera schema"
        raise SchemaError(f"expected {known}, got something else")
    read: Callable[[Any, str | None], tuple[ColumnHint, ...]] = found[1].hints_of
    return read(document, table)


def tables_of(document: Any) -> tuple[str, ...]:
    """The names of the tables that a document describes; none where it describes one without a name."""
    found = _module(document)
    return found[1].tables_of(document) if found is not None and found[1] in (sdv, frictionless) else ()


def _module(document: Any) -> tuple[str, ModuleType] | None:
    plain = isinstance(document, Mapping)
    candidates = [entry for entry in _FORMATS if plain or entry[1] is pandera]
    return next((entry for entry in candidates if entry[1].recognises(document)), None)
