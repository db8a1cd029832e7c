"""The five tables, how each is split into columns of numbers and of categories, and what is predicted from it.

A folder holds one folder for each table, with `train.csv` and `test.csv`. Adult has its official split; the others were
shuffled and split 90 to 10. "Inferred" kinds are what tabgan tells from the data, and every synthesizer is told the
same. "Published" kinds are those of the benchmark of TabSyn and TabDiff, which also drops rows with missing cells.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa

from tabgan import Schema
from tabgan.table.columns import ColumnSpec, Kind
from tabgan.table.files import read_table
from tabgan.table.inference import MAX_CATEGORIES

Kinds = Literal["inferred", "published"]
NUMERIC = ("continuous", "datetime")


@dataclass(frozen=True)
class Task:
    """What is known of a table beside its cells: the column to predict, and the places of the published numbers."""

    target: str
    numeric: tuple[int, ...]


TASKS = {
    "adult": Task("income", (0, 2, 4, 10, 11, 12)),
    "default": Task("default.payment.next.month", (0, 4, *range(11, 23))),
    "shoppers": Task("Revenue", tuple(range(10))),
    "magic": Task("class", tuple(range(10))),
    "beijing": Task("pm2.5", (4, 5, 6, 7, 9, 10, 11)),
}


@dataclass(frozen=True, eq=False)
class DataSet:
    """One table, ready to learn from and to score against.

    Attributes:
        name: of the table.
        kinds: whose idea of the columns' kinds `schema` holds.
        train_path: the CSV file to learn from.
        train, test: the two splits, in the same types.
        schema: of both.
        target: the column to predict.
    """

    name: str
    kinds: Kinds
    train_path: Path
    train: pa.Table
    test: pa.Table
    schema: Schema
    target: str

    @property
    def numeric(self) -> list[str]:
        """The columns that count as numbers."""
        return [spec.name for spec in self.schema.columns if spec.kind in NUMERIC]

    @property
    def categorical(self) -> list[str]:
        """All other columns."""
        return [spec.name for spec in self.schema.columns if spec.kind not in NUMERIC]


def load(folder: Path, name: str, kinds: Kinds, scratch: Path) -> DataSet:
    """Read a table.

    Args:
        folder: where the tables' folders are.
        name: one of `TASKS`.
        kinds: "inferred" or "published".
        scratch: an existing folder, where the training rows without missing cells are written if some have to go.
    """
    paths = [folder / name / f"{part}.csv" for part in ("train", "test")]
    if kinds == "published":
        paths = [_without_gaps(path, scratch / f"{name}-{path.name}") for path in paths]
    train = read_table(paths[0])
    schema = Schema.infer(train)
    if kinds == "published":
        schema = with_kinds(schema, train, [train.column_names[place] for place in TASKS[name].numeric])
    test = schema.conform(read_table(paths[1]))
    return DataSet(name, kinds, paths[0], schema.conform(train), test, schema, TASKS[name].target)


def with_kinds(schema: Schema, table: pa.Table, numeric: list[str]) -> Schema:
    """The schema with some columns as numbers and all others as categories; constants stay constants."""

    def kind(spec: ColumnSpec) -> ColumnSpec:
        if spec.kind == "constant":
            return spec
        if spec.name in numeric:
            return replace(spec, kind="continuous", reason="published as a number")
        many = table[spec.name].combine_chunks().unique().drop_null()
        found: Kind = "high_cardinality" if len(many) > MAX_CATEGORIES else "categorical"
        return replace(spec, kind=found, reason="published as a category")

    return Schema(tuple(kind(spec) for spec in schema.columns))


def _without_gaps(path: Path, target: Path) -> Path:
    """The file itself if no cell is missing, else a copy of its full rows; cells stay as they are written."""
    cells = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    if not cells.isna().any(axis=None):
        return path
    cells.dropna().to_csv(target, index=False)
    return target
