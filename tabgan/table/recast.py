"""A table in the words that are learnt, and back: a sequence of restatements.

Each step takes columns out and puts learnt ones in their place; what it leaves is the table that the next step sees, so
a column may be restated several times (an end as a start and a length, the start then as week, weekday and time). What
no step touches is learnt as it is. Back the steps go in reverse.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa

from tabgan.errors import SchemaError, listing
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations, Constraint
from tabgan.table.encoders import CellsError, checks
from tabgan.table.restating import strings
from tabgan.table.restating.base import Restatement, Rows
from tabgan.table.restating.by_constraints import restatements_for
from tabgan.table.restating.calendar import Calendar
from tabgan.table.restating.key import Key
from tabgan.table.restating.one_hot import OneHotChoice
from tabgan.table.restating.place import Place
from tabgan.table.restating.places import find_places
from tabgan.table.restating.registry import restatement_from_json
from tabgan.table.restating.strings import restatement_of
from tabgan.table.schema import Schema
from tabgan.table.texts.columns import TextColumns


@dataclass(frozen=True)
class Recast:
    """The steps from a table to what is learnt of it.

    Attributes:
        schema: of the table.
        steps: in the order in which they restate.
        extents: of the columns that are restated and have an order, the least and the largest number that was seen, in
            the numeric view.
    """

    schema: Schema
    steps: tuple[Restatement, ...] = ()
    extents: Mapping[str, tuple[int | float, int | float]] = field(default_factory=dict)

    @cached_property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The columns that are learnt, in order; none where everything is known without."""
        specs = self.schema.made
        for step in self.steps:
            specs = replaced(specs, step)
        return specs

    @cached_property
    def learnt_schema(self) -> Schema:
        """The learnt columns, and those of the schema's combinations that are still columns, or told by a choice."""
        names = {spec.name for spec in self.learnt}
        choices = {name: step.choice for step in self.steps if isinstance(step, OneHotChoice) for name in step.sources}
        kept = []
        for rule in self.schema.constraints:
            if not isinstance(rule, Combinations):
                continue
            told = [choices.get(name, name) for name in rule.columns]
            left = tuple(dict.fromkeys(name for name in told if name in names))
            if len(left) > 1:
                follow = choices.keys().isdisjoint(rule.columns[1:])
                kept.append(Combinations(left, rule.determines and left[0] == told[0] and follow))
        return Schema(self.learnt, tuple(dict.fromkeys(kept)))

    @classmethod
    def fit(cls, schema: Schema, table: pa.Table) -> tuple["Recast", pa.Table]:
        """How to restate `table`, which conforms to `schema`, and the table restated.

        Constraints come first, since they are about columns as they are; then keys, patterns, personal data and free
        text; dates last, since what is left of them may be a start to which a length belongs.

        Raises:
            SchemaError: if columns cannot be restated as the schema says; lists them all.
        """
        fitting = _Fitting(schema, table)
        fitting.keep(schema.constraints)
        fitting.write_strings()
        fitting.write_texts()
        fitting.tell_places()
        fitting.tell_dates()
        if fitting.problems:
            raise SchemaError(listing("The table does not fit its schema", fitting.problems))
        restated = {name for step in fitting.steps for name in step.sources}
        recast = cls(schema, tuple(fitting.steps), _extents(table, restated))
        return recast, pa.table(
            [fitting.columns[spec.name] for spec in recast.learnt], schema=_arrow_schema(recast.learnt)
        )

    def restate(self, table: pa.Table) -> pa.Table:
        """The rows of `table`, which has the schema's `arrow_schema`, as rows of the learnt columns.

        Raises:
            SchemaError: if rows break what a step relies on; lists all of it.
        """
        columns = {name: dtypes.flatten(table[name]) for name in table.column_names}
        problems = []
        for step in self.steps:
            taken = [columns.pop(name) for name in step.sources]
            try:
                columns |= zip((spec.name for spec in step.learnt), step.restate(taken), strict=True)
            except CellsError as error:
                problems.append(str(error))
                columns |= {spec.name: pa.nulls(table.num_rows, spec.arrow_type) for spec in step.learnt}
        if problems:
            raise SchemaError(listing("Rows break rules of the schema", problems))
        return pa.table([columns[spec.name] for spec in self.learnt], schema=_arrow_schema(self.learnt))

    def write(
        self,
        learnt: Mapping[str, pa.Array],
        rows: Rows,
        *,
        done: Mapping[str, pa.Array] | None = None,
        kept: Collection[str] | None = None,
    ) -> pa.Table:
        """Learnt columns as rows of the table.

        Args:
            learnt: by name, n cells each.
            rows: which rows these are.
            done: columns of the table that are written already, by name.
            kept: the columns of the table to write; None for all.

        Returns:
            The kept columns, in the schema's order and types.
        """
        wanted = set(self.schema.arrow_schema.names if kept is None else kept)
        columns, done = dict(learnt), done or {}
        for step in reversed(self.steps_for(wanted)):
            if done.keys() >= set(step.sources):
                columns |= {name: done[name] for name in step.sources}
            else:
                written = step.write([columns[spec.name] for spec in step.learnt], rows)
                columns |= zip(step.sources, written, strict=True)
        fields = [field for field in self.schema.arrow_schema if field.name in wanted]
        return pa.Table.from_arrays([columns[field.name] for field in fields], schema=pa.schema(fields))

    def require_keys(self, n: int) -> None:
        """Make sure that there are keys for n rows in each column of such.

        Raises:
            InputError: if there are not.
        """
        for key in self.keys:
            key.require(n)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The columns of keys."""
        return tuple(step for step in self.steps if isinstance(step, Key))

    def steps_for(self, names: Collection[str]) -> tuple[Restatement, ...]:
        """The steps that it takes to write these columns, in the order in which they restate."""
        wanted, steps = set(names), []
        for step in self.steps:
            if not wanted.isdisjoint(step.sources):
                steps.append(step)
                wanted.update(spec.name for spec in step.learnt)
        return tuple(steps)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the schema is not in them."""
        return {
            "steps": [step.to_json() for step in self.steps],
            "extents": {name: list(ends) for name, ends in self.extents.items()},
        }

    @classmethod
    def from_json(cls, schema: Schema, data: Any) -> "Recast":
        """The inverse of `to_json`.

        Raises:
            SchemaError: if the data are not steps for this schema's columns.
        """
        steps, extents = (data.get(part) if isinstance(data, Mapping) else None for part in ("steps", "extents"))
        if not isinstance(steps, list) or not isinstance(extents, Mapping):
            raise SchemaError(f"expected restatements and extents, got {data!r}")
        pairs = {name: tuple(ends) for name, ends in extents.items() if isinstance(ends, list) and len(ends) == 2}
        if any(
            name not in schema
            or name not in pairs
            or not checks.are_numbers(pairs[name])
            or not checks.ascend(pairs[name])
            for name in extents
        ):
            raise SchemaError(f"expected the ends of columns of the schema, got {extents!r}")
        found = cls(schema, tuple(map(restatement_from_json, steps)), pairs)
        _ = found.learnt  # fails if a step restates a column that is not there
        return found


def replaced(specs: tuple[ColumnSpec, ...], step: Restatement) -> tuple[ColumnSpec, ...]:
    """The columns after a step: the learnt ones stand where its first source stood.

    Raises:
        SchemaError: if a source is not among them, or the name of a learnt column is taken.
    """
    names = [spec.name for spec in specs]
    lacking = [name for name in step.sources if name not in names]
    left = [spec for spec in specs if spec.name not in step.sources]
    taken = [spec.name for spec in step.learnt if spec.name in {other.name for other in left}]
    if lacking or taken:
        raise SchemaError(f"a restatement ({step.kind}) has no column {lacking} to restate, or makes {taken} anew")
    place = min((names.index(name) for name in step.sources), default=0)
    before = sum(name not in step.sources for name in names[:place])
    return (*left[:before], *step.learnt, *left[before:])


class _Fitting:
    """A table on its way to the learnt columns: its columns after the steps so far."""

    def __init__(self, schema: Schema, table: pa.Table) -> None:
        self.specs = {spec.name: spec for spec in schema.made}
        self.columns = {name: dtypes.flatten(table[name]) for name in self.specs}
        self.steps: list[Restatement] = []
        self.problems: list[str] = []
        self._taken = set(schema.names)
        self._combinations = [rule for rule in schema.constraints if isinstance(rule, Combinations)]

    def _free(self, column: str, part: str) -> str:
        name = f"{column} [{part}]"
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        return name

    def _take(self, step: Restatement) -> None:
        made = step.restate([self.columns.pop(name) for name in step.sources])
        for name in step.sources:
            del self.specs[name]
        for spec, cells in zip(step.learnt, made, strict=True):
            self.specs[spec.name], self.columns[spec.name] = spec, cells
        self.steps.append(step)

    def keep(self, constraints: Sequence[Constraint]) -> None:
        """Restate what holds between columns."""
        specs = [spec for spec in self.specs.values() if spec.modelled]
        for step in restatements_for(constraints, pa.table(self.columns), specs, self._free):
            self._take(step)

    def write_strings(self) -> None:
        """Restate keys, structured strings and personal data."""
        for spec in [spec for spec in self.specs.values() if spec.kind in strings.RESTATEMENTS]:
            try:
                self._take(restatement_of(spec, self.columns[spec.name], self._free))
            except SchemaError as error:
                self.problems.append(str(error))

    def write_texts(self) -> None:
        """Restate all columns of free text together."""
        specs = [spec for spec in self.specs.values() if spec.kind == "text"]
        if specs:
            try:
                self._take(TextColumns.fit(specs, [self.columns[spec.name] for spec in specs], self._free))
            except SchemaError as error:
                self.problems.append(str(error))

    def tell_places(self) -> None:
        """Restate pairs of coordinates."""
        table = pa.table(self.columns)
        for first, second in find_places(table, tuple(self.specs.values())):
            pair = [self.specs[name] for name in (first, second)]
            step = Place.of(pair, [self.columns[name] for name in (first, second)], self._free)
            if step is not None:
                self._take(step)

    def tell_dates(self) -> None:
        """Restate points in time, but for those that are looked up together with other columns."""
        combined = {name for rule in self._combinations for name in rule.columns}
        for spec in [s for s in self.specs.values() if s.kind == "datetime" and s.name not in combined]:
            step = Calendar.of(spec, self.columns[spec.name], self._free)
            if step is not None:
                self._take(step)


def _extents(table: pa.Table, names: Collection[str]) -> dict[str, tuple[int | float, int | float]]:
    """The least and largest number of those columns that have an order and some filled cell."""
    found = {}
    for name in (name for name in table.column_names if name in names and arrays.has_order(table[name].type)):
        numbers = arrays.numbers(table[name])[~dtypes.missing(table[name])]
        if len(numbers):
            found[name] = (numbers.min().item(), numbers.max().item())
    return found


def _arrow_schema(specs: tuple[ColumnSpec, ...]) -> pa.Schema:
    return pa.schema([pa.field(spec.name, spec.arrow_type) for spec in specs])
