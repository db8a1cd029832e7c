"""A table of any length in bounded memory: one pass that counts cells and draws rows, and the schema that these tell.

Exact, of all rows: how many there are; missing cells; the ends of numbers and times; all categories of columns with at
most 65,536 different cells. From rows drawn at random: the distribution of all other numbers, texts and what they look
like, and rules between columns. Rules found among the drawn rows are looked at in all rows, and kept only if all obey.
Where the draw holds all rows, everything is as it is for a table in memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from tabgan.errors import InputError, SchemaError, listing
from tabgan.table import dtypes
from tabgan.table.constraints import Combinations, Constraint
from tabgan.table.constraints.checking import Breach, refuse_breaches
from tabgan.table.csv_streams import WidenedError
from tabgan.table.discovery import find_constraints
from tabgan.table.reading import categories_of, no_rows, restored
from tabgan.table.reservoir import Reservoir, plain_table
from tabgan.table.schema import Schema
from tabgan.table.streams import TableStream, value_schema
from tabgan.table.summaries import ColumnSummary, summarize
from tabgan.table.tallies import ColumnTally

MAX_SEARCHED = 1 << 19
"""Drawn rows among which rules are looked for."""


@dataclass(frozen=True, eq=False)
class ScannedTable:
    """What one pass over a table has learnt.

    Attributes:
        stream: the table.
        n_rows: of the table.
        drawn: rows drawn at random, in the order of the table, as `read_table` returns them; in a memory map.
        summaries: of all rows, by column.
        folder: where the drawn rows lie; for whatever else is made of them.
    """

    stream: TableStream
    n_rows: int
    drawn: pa.Table
    summaries: Mapping[str, ColumnSummary]
    folder: Path

    @property
    def whole(self) -> bool:
        """Whether all rows were drawn."""
        return bool(self.drawn.num_rows == self.n_rows)

    @cached_property
    def inferred(self) -> Schema:
        """What each column is, and what holds in every row.

        Raises:
            SchemaError: if the table cannot be learnt from; it lists all problems.
        """
        if infinite := [name for name, own in self.summaries.items() if own.n_infinite]:
            said = [f"column {name!r} has infinite values; make them missing, or a large number" for name in infinite]
            raise SchemaError(listing(f"{self.stream.name} cannot be learnt from", said))
        if self.whole:
            return Schema.infer(self.drawn, self.summaries)
        columns = Schema.infer(self.drawn, self.summaries, constraints=False).columns
        part = _spread(self.drawn, MAX_SEARCHED)
        found = find_constraints(part, columns, summarize(part))
        return Schema(columns, self._obeyed(found))

    def _obeyed(self, rules: Sequence[Constraint]) -> tuple[Constraint, ...]:
        """The rules that all rows obey; that one column tells another is taken from the drawn rows."""
        breaches = self._breaches([rule for rule in rules if not isinstance(rule, Combinations)])
        broken = [breach.constraint for breach in breaches if breach.count]
        return tuple(rule for rule in rules if rule not in broken)

    def require(self, schema: Schema) -> None:
        """Make sure that all rows are as a schema says: rules, missing cells, constants; types in the drawn rows.

        Combinations that occur and cells that are unique are known of the drawn rows alone.

        Raises:
            SchemaError: if they are not; counts and names all that is wrong.
        """
        schema.check(self.drawn)
        problems = []
        for spec in (spec for spec in schema.made if spec.name in self.summaries):
            found = self.summaries[spec.name]
            if found.n_missing and not spec.nullable:
                said = f"has {found.n_missing:,} missing cells, but is not nullable; fill them, or set nullable to true"
                problems.append(f"column {spec.name!r} {said}")
            if spec.kind == "constant" and found.n_distinct + (found.n_missing > 0) > 1:
                problems.append(f"column {spec.name!r} is declared constant but has several values; change its kind")
        if problems:
            raise SchemaError(listing(f"{self.stream.name} does not fit the schema", problems))
        rules = [rule for rule in schema.constraints if not isinstance(rule, Combinations)]
        refuse_breaches(self._breaches(rules), self.n_rows)

    def _breaches(self, rules: Sequence[Constraint]) -> list[Breach]:
        """How many rows break each rule, and the first of them."""
        breaches = [Breach(rule) for rule in rules]
        if not rules:
            return breaches
        names = {name for rule in rules for name in rule.names} if all(rule.names for rule in rules) else None
        fields = [field for field in self.stream.schema if names is None or field.name in names]
        plain = value_schema(fields)
        start = 0
        for batch in self.stream.batches(names):
            rows = plain_table(batch, plain)
            breaches = [breach.after(rows, start) for breach in breaches]
            start += rows.num_rows
        return breaches


def scan(stream: TableStream, folder: Path, *, most_rows: int, seed: int) -> ScannedTable:
    """Read a table once.

    Args:
        stream: the table.
        folder: for the drawn rows; it must be there, and stay as long as they are used.
        most_rows: to draw.
        seed: names the draw.

    Raises:
        InputError: if the table has no rows, or cannot be read.
    """
    while True:
        try:
            return _scanned(stream, folder, most_rows, seed)
        except WidenedError as widened:
            stream = widened.stream


def _scanned(stream: TableStream, folder: Path, most_rows: int, seed: int) -> ScannedTable:
    usable = [field for field in stream.schema if dtypes.is_supported(field.type)]
    tallies = {field.name: ColumnTally(field.type) for field in usable}
    declared = categories_of(stream)
    reservoir = Reservoir(folder, stream.schema, most_rows, seed, stream.n_rows)
    n_rows = 0
    try:
        for batch in stream.batches():
            n_rows += batch.num_rows
            for name, tally in tallies.items():
                tally.add(batch[name])
            for name, categories in declared.items():
                categories.add(batch[name])
            reservoir.add(batch)
    except BaseException:
        reservoir.close()
        raise
    if stream.n_rows not in (None, n_rows):
        reservoir.close()
        raise InputError(
            f"{stream.name} was changed while it was read: expected {stream.n_rows:,} rows, got {n_rows:,}; try again "
            "once nobody writes it"
        )
    if not n_rows:
        raise no_rows(stream)
    drawn = reservoir.finish()
    if drawn.num_rows == n_rows:
        whole = restored(stream, drawn, declared, [name for name in drawn.column_names if drawn[name].null_count])
        return ScannedTable(stream, n_rows, whole, summarize(whole.select(list(tallies))), folder)
    summaries = {name: tally.summary(drawn[name]) for name, tally in tallies.items()}
    gaps = [name for name, summary in summaries.items() if summary.n_missing]
    return ScannedTable(stream, n_rows, restored(stream, drawn, declared, gaps), summaries, folder)


def _spread(table: pa.Table, most: int) -> pa.Table:
    """At most so many rows of drawn ones, evenly spread."""
    if table.num_rows <= most:
        return table
    return table.take(pa.array(np.linspace(0, table.num_rows - 1, most).astype(np.int64)))
