"""The schema of a table: what each column is, how it is modelled and why, and what holds in every row.

A schema is inferred from a table, or read from metadata of another tool, shown to the user, edited as JSON, checked
against tables, and in the end turns sampled Arrow columns into a frame with the dtypes, labels and categories that went
in. It does not say how columns are encoded, nor how constraints are kept; codec and restatements do.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tabgan.errors import InputError, SchemaError, listing
from tabgan.table import annotations, documents, dtypes, fitting
from tabgan.table.arrow import dictionary_of
from tabgan.table.columns import WRITTEN, ColumnSpec, Kind
from tabgan.table.constraints import Constraint, contradictions
from tabgan.table.discovery import find_constraints
from tabgan.table.inference import infer_kind
from tabgan.table.labels import check_names
from tabgan.table.metadata import format_of, hints_of, tables_of
from tabgan.table.metadata.promises import promises_of, refuse_broken
from tabgan.table.metadata.refining import refine
from tabgan.table.summaries import ColumnSummary, summarize
from tabgan.writing import WholeFile

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ColumnSpec", "Kind", "Schema"]

MIN_ROWS = 2


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order, and what holds between them in every row.

    Attributes:
        columns: what each column is.
        constraints: the rules that all rows obey, found or declared; the one place that says so. What is dropped here
            is no longer kept, and not found again.

    Raises:
        SchemaError: if two columns share a name, a column's fields do not fit each other, or constraints contradict
            each other or the columns; it lists all problems.
    """

    columns: tuple[ColumnSpec, ...]
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        problems = check_names(self.names)
        for spec in self.columns:
            problems += [f"column {spec.name!r}: {problem}" for problem in documents.spec_problems(spec)]
        if not self.columns:
            problems.append("it has no columns")
        if not problems:
            problems = contradictions(self.constraints, self.columns)
        if problems:
            raise SchemaError(listing("The schema is not valid", problems))

    @classmethod
    def infer(
        cls, table: pa.Table, summaries: Mapping[str, ColumnSummary] | None = None, *, constraints: bool = True
    ) -> "Schema":
        """What each column of `table` is, told from its type, its cells and its name, and what holds in every row.

        Args:
            table: as `read_table` returns it; its fields may remember pandas dtypes and labels.
            summaries: of all columns, where they have been made already.
            constraints: whether to look for what holds in every row, which takes most of the time.

        Raises:
            SchemaError: if the table cannot be learnt from: fewer than two rows, nested or binary columns, infinite
                values; it lists all problems.
        """
        summaries = _usable(table, summaries)
        specs = _infer_columns(table, summaries)
        return cls(specs, find_constraints(table, specs, summaries) if constraints else ())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All columns, in order."""
        return tuple(spec.name for spec in self.columns)

    @cached_property
    def made(self) -> tuple[ColumnSpec, ...]:
        """The columns that synthetic rows have, in order: all but those that the user leaves out."""
        return tuple(spec for spec in self.columns if spec.made)

    @cached_property
    def modelled(self) -> tuple[ColumnSpec, ...]:
        """The columns that encoders can learn as they are, in order."""
        return tuple(spec for spec in self.columns if spec.modelled)

    @cached_property
    def text_columns(self) -> tuple[str, ...]:
        """The columns of text, whose labels a file must not read as numbers or times."""
        return tuple(spec.name for spec in self.columns if dtypes.is_text(spec.arrow_type))

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
        """The Arrow schema of sampled tables: the columns that are made.

        Every field is nullable, as Arrow's are unless told otherwise, so that tables can be concatenated with the
        sources; which columns may have missing cells is in `ColumnSpec.nullable`.
        """
        return pa.schema([pa.field(spec.name, spec.arrow_type) for spec in self.made])

    def check(self, table: pa.Table, *, min_rows: int = MIN_ROWS) -> None:
        """Make sure that `table` has the columns, types and values that this schema promises.

        Columns that are left out need not be there.

        Raises:
            SchemaError: with all problems at once.
        """
        problems = fitting.too_few_rows(table, min_rows) + fitting.fit(table, self.columns).problems
        problems += fitting.broken_constants(table, self.made)
        self._refuse(table, problems)

    def conform(self, table: pa.Table, *, with_holes: bool = False) -> pa.Table:
        """The columns of `table` that are made, in this schema's order and types, so that it has `arrow_schema`.

        Types are changed only where no value changes.

        Args:
            table: the table.
            with_holes: whether any cell may be missing, and whole columns too.

        Raises:
            SchemaError: if the table does not fit; it lists all problems.
        """
        found = fitting.fit(table, self.columns, with_holes=with_holes)
        self._refuse(table, found.problems)
        return pa.Table.from_arrays([found.arrays[spec.name] for spec in self.made], schema=self.arrow_schema)

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
        document: dict[str, Any] = {
            "format": documents.FORMAT,
            "columns": [documents.spec_to_json(spec) for spec in self.columns],
        }
        if self.constraints:
            document["constraints"] = [constraint.to_json() for constraint in self.constraints]
        return document

    @classmethod
    def from_json(cls, document: Any) -> "Schema":
        """The schema that `to_json` wrote, perhaps edited since.

        Raises:
            SchemaError: if the document is not one; it lists all problems.
        """
        return cls(*documents.from_json(document))

    def write(self, path: str | Path) -> None:
        """Write the schema as a JSON file, as a whole or not at all.

        Raises:
            OutputError: if the file cannot be written.
        """
        text = json.dumps(self.to_json(), indent=2, ensure_ascii=False)
        with WholeFile(path, f"the schema {str(path)!r}") as file:
            file.write(f"{text}\n".encode())

    @classmethod
    def read(cls, path: str | Path, table: pa.Table | None = None) -> "Schema":
        """The schema in a JSON file, of tabgan or of another tool.

        Args:
            path: of the file.
            table: that it describes; needed for metadata of other tools, which say less than a schema.

        Raises:
            SchemaError: if the file is there but holds no valid schema, or metadata that does not fit the table.
            InputError: if it cannot be read.
        """
        document = _document(path)
        try:
            if format_of(document) is None:
                return cls.from_json(document)
            return cls.from_metadata(document, table)
        except SchemaError as error:
            raise SchemaError(f"{path}: {error}") from error

    @classmethod
    def from_metadata(cls, metadata: Any, table: pa.Table | None, *, name: str | None = None) -> "Schema":
        """The schema inferred from a table, overruled by what metadata of another tool says.

        Args:
            metadata: SDV metadata, a Frictionless table schema, resource or package, or a table schema of pandas, as a
                path or as JSON values; or a schema of pandera, as JSON values or as the object itself.
            table: as `read_table` returns it.
            name: which table it is, where the metadata describes several; None for the one that is called as the
                table's file is, or for the only one.

        Raises:
            SchemaError: if the metadata is not valid, or does not fit the table; it lists all problems.
            InputError: if a file cannot be read.

        Warns:
            DataWarning: where the metadata says something that has no meaning here.
        """
        document = _document(metadata) if isinstance(metadata, str | Path) else metadata
        if table is None:
            text = f"this is metadata of {format_of(document)}, which says less than a schema"
            remedy = "make a schema of it with `tabgan schema TABLE --from FILE -o SCHEMA`"
            raise SchemaError(f"{text}; {remedy}, or with Schema.from_metadata(metadata, table)")
        called = Path(annotations.source(table).strip("'")).name.partition(".")[0]
        hints = hints_of(document, called if name is None and called in tables_of(document) else name)
        summaries = _usable(table, None)
        specs = refine(_infer_columns(table, summaries), hints, table)
        promised = promises_of(hints, specs)
        refuse_broken(table, promised)
        found = (rule for rule in find_constraints(table, specs, summaries) if rule not in promised)
        return cls(specs, (*promised, *found))


def _document(path: str | Path) -> Any:
    """The JSON values in a file.

    Raises:
        SchemaError: if it holds no JSON.
        InputError: if it cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the schema {str(path)!r} could not be read: {error}") from error
    try:
        return json.loads(text)
    except ValueError as error:
        raise SchemaError(f"expected a schema as JSON in {str(path)!r}, got something else: {error}") from error


def _usable(table: pa.Table, summaries: Mapping[str, ColumnSummary] | None) -> Mapping[str, ColumnSummary]:
    """The summaries of all columns.

    Raises:
        SchemaError: if the table cannot be learnt from; it lists all problems.
    """
    problems = fitting.too_few_rows(table, MIN_ROWS) + fitting.unusable_columns(table)
    if problems:
        raise SchemaError(listing(f"{annotations.source(table)} cannot be learnt from", problems))
    return summarize(table) if summaries is None else summaries


def _infer_columns(table: pa.Table, summaries: Mapping[str, ColumnSummary]) -> tuple[ColumnSpec, ...]:
    return tuple(_infer_column(field, table[field.name], summaries[field.name]) for field in table.schema)


def _infer_column(field: pa.Field, column: pa.ChunkedArray, summary: ColumnSummary) -> ColumnSpec:
    found = infer_kind(field.name, field.type, summary, annotations.remark(field), column)
    categories = dictionary_of(column) if found.kind not in WRITTEN else None
    return ColumnSpec(
        name=field.name,
        kind=found.kind,
        dtype=str(field.type),
        nullable=summary.n_missing > 0,
        reason=found.reason,
        pandas_dtype=annotations.pandas_dtype(field),
        label=annotations.label(field),
        categories=None if categories is None else tuple(categories.to_pylist()),
        ordered=categories is not None and bool(field.type.ordered),
        fake=found.fake,
        consistent=found.consistent,
    )
