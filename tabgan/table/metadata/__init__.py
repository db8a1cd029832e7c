"""Schemas of other tools as a starting point: SDV metadata, Frictionless and pandas table schemas, pandera schemas.

One module for each format turns a document into hints, `formats` tells which one it is, and `refining` lets the hints
overrule a schema that was inferred from the table.
"""

from tabgan.table.metadata.formats import format_of, hints_of, tables_of
from tabgan.table.metadata.hints import ColumnHint

__all__ = ["ColumnHint", "format_of", "hints_of", "tables_of"]
