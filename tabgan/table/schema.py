"""The schema of a table: what each column is, how it is modelled, and why.

A schema is inferred from a table, shown to the user, edited as JSON, checked against tables, and in the end turns
sampled Arrow columns into a frame with the dtypes, labels and categories that went in.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tabgan.errors import InputError, SchemaError, listing
from tabgan.table import annotations, documents, fitting
from tabgan.table.arrow import dictionary_of
from tabgan.table.columns import ColumnSpec, Kind
from tabgan.table.inference import infer_kind
from tabgan.table.labels import check_names
from tabgan.table.summaries import ColumnSummary, summarize
from tabgan.writing import WholeFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ColumnSpec", "Kind", "Schema"]

MIN_ROWS = 2


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order.

    Raises:
        SchemaError: if two columns share a name, or a column's fields do not fit each other; it lists all problems.
    """

    columns: tuple[ColumnSpec, ...]

    def __post_init__(self) -> None:
        problems = check_names(self.names)
        for spec in self.columns:
            problems += [f"column {spec.name!r}: {problem}" for problem in documents.spec_problems(spec)]
        if not self.columns:
            problems.append("it has no columns")
        if problems:
            raise SchemaError(listing("The schema is not valid", problems))

    @classmethod
    def infer(cls, table: pa.Table, summaries: Mapping[str, ColumnSummary] | None = None) -> "Schema":
        """What each column of `table` is, told from its type, its cells and its name.

        Args:
            table: as `read_table` returns it; its fields may remember pandas dtypes and labels.
            summaries: of all columns, where they have been made already.

        Raises:
            SchemaError: if the table cannot be learnt from: fewer than two rows, nested or binary columns, infinite
                values; it lists all problems.
        """
        problems = fitting.too_few_rows(table, MIN_ROWS) + fitting.unusable_columns(table)
        if problems:
            raise SchemaError(listing(f"{annotations.source(table)} cannot be learnt from", problems))
        if summaries is None:
            summaries = summarize(table)
        return cls(tuple(_infer_column(field, table[field.name], summaries[field.name]) for field in table.schema))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All columns, in order."""
        return tuple(spec.name for spec in self.columns)

    @cached_property
    def modelled(self) -> tuple[ColumnSpec, ...]:
        """The columns that are part of the model, in order: all but free text and keys."""
        return tuple(spec for spec in self.columns if spec.modelled)

    @cached_property
    def left_out(self) -> tuple[ColumnSpec, ...]:
        """The columns that are not part of the model: free text and keys."""
        return tuple(spec for spec in self.columns if not spec.modelled)

    @cached_property
    def _by_name(self) -> dict[str, ColumnSpec]:
        return {spec.name: spec for spec in self.columns}

    def __getitem__(self, name: str) -> ColumnSpec:
        """The column `name`.

        Raises:
            KeyError: if there is none.
        """
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """The Arrow schema of sampled tables: the modelled columns alone.

        Every field is nullable, as Arrow's are unless told otherwise, so that tables can be concatenated with the
        sources; which columns may have missing cells is in `ColumnSpec.nullable`.
        """
        return pa.schema([pa.field(spec.name, spec.arrow_type) for spec in self.modelled])

    def check(self, table: pa.Table, *, min_rows: int = MIN_ROWS) -> None:
        """Make sure that `table` has the columns, types and values that this schema promises.

        Columns that are left out of the model need not be there.

        Raises:
            SchemaError: with all problems at once.
        """
        problems = fitting.too_few_rows(table, min_rows) + fitting.fit(table, self.columns).problems
        problems += fitting.broken_constants(table, self.modelled)
        self._refuse(table, problems)

    def conform(self, table: pa.Table) -> pa.Table:
        """The modelled columns of `table` in this schema's order and types, so that it has `arrow_schema`.

        Types are changed only where no value changes.

        Raises:
            SchemaError: if the table does not fit; it lists all problems.
        """
        found = fitting.fit(table, self.columns)
        self._refuse(table, found.problems)
        return pa.Table.from_arrays([found.arrays[spec.name] for spec in self.modelled], schema=self.arrow_schema)

    @staticmethod
    def _refuse(table: pa.Table, problems: Sequence[str]) -> None:
        if problems:
            raise SchemaError(listing(f"{annotations.source(table)} does not fit the schema", problems))

    def to_pandas(self, table: pa.Table) -> "pd.DataFrame":
        """The table as a pandas frame, with the dtypes, labels and categories that went in."""
        from tabgan.table.restoring import to_frame

        return to_frame(table, self._by_name)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values that `from_json` reads and a person can edit."""
        return {"format": documents.FORMAT, "columns": [documents.spec_to_json(spec) for spec in self.columns]}

    @classmethod
    def from_json(cls, document: Any) -> "Schema":
        """The schema that `to_json` wrote, perhaps edited since.

        Raises:
            SchemaError: if the document is not one; it lists all problems.
        """
        return cls(documents.specs_from_json(document))

    def write(self, path: str | Path) -> None:
        """Write the schema as a JSON file, as a whole or not at all.

        Raises:
            OutputError: if the file cannot be written.
        """
        text = json.dumps(self.to_json(), indent=2, ensure_ascii=False)
        with WholeFile(path, f"the schema {str(path)!r}") as file:
            file.write(f"{text}\n".encode())

    @classmethod
    def read(cls, path: str | Path) -> "Schema":
        """The schema in a JSON file.

        Raises:
            SchemaError: if the file is there but holds no valid schema.
            InputError: if it cannot be read.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"the schema {str(path)!r} could not be read: {error}") from error
        try:
            document = json.loads(text)
        except ValueError as error:
            raise SchemaError(f"expected a schema as JSON in {str(path)!r}, got something else: {error}") from error
        try:
            return cls.from_json(document)
        except SchemaError as error:
            raise SchemaError(f"{path}: {error}") from error


def _infer_column(field: pa.Field, column: pa.ChunkedArray, summary: ColumnSummary) -> ColumnSpec:
    kind, reason = infer_kind(field.name, field.type, summary, annotations.remark(field))
    categories = dictionary_of(column) if kind not in ("text", "key") else None
    return ColumnSpec(
        name=field.name,
        kind=kind,
        dtype=str(field.type),
        nullable=summary.n_missing > 0,
        reason=reason,
        pandas_dtype=annotations.pandas_dtype(field),
        label=annotations.label(field),
        categories=None if categories is None else tuple(categories.to_pylist()),
        ordered=categories is not None and bool(field.type.ordered),
    )
