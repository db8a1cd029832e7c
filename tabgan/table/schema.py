"""The schema of a table: what each column is, how it is modelled, and why."""

from dataclasses import dataclass

from tabgan.table.columns import ColumnSpec, Kind

__all__ = ["ColumnSpec", "Kind", "Schema"]


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order."""

    columns: tuple[ColumnSpec, ...]
