"""A table's way to codes and back: restated in learnt columns, and these encoded."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from tabgan import rng
from tabgan.errors import DataWarning, InputError
from tabgan.layout import EncodedTable, Layout
from tabgan.table.codec import TableCodec
from tabgan.table.coding import NAMING
from tabgan.table.constraints import Constraint, Predicate
from tabgan.table.dtypes import value_type
from tabgan.table.recast import Recast
from tabgan.table.schema import Schema
from tabgan.table.summaries import ColumnSummary, summarize

if TYPE_CHECKING:
    from tabgan.table.constraints.predicate import Function


@dataclass(frozen=True, eq=False)
class Coding:
    """A table's way to codes and back.

    Attributes:
        recast: from the table to the learnt columns.
        codec: from the learnt columns to codes.
    """

    recast: Recast
    codec: TableCodec

    @classmethod
    def fit(
        cls, schema: Schema, table: pa.Table, seed: int, before: Callable[[Layout], object] | None = None
    ) -> tuple["Coding", EncodedTable]:
        """How to encode `table`, which conforms to `schema`, and the table encoded.

        Args:
            schema: of the table.
            table: to encode.
            seed: names the random stream of the encoding.
            before: called with the layout once it is known, before anything is encoded; what it raises is raised.

        Raises:
            InputError: if nothing is left to learn.
            SchemaError: if columns cannot be encoded as the schema says; lists them all.
        """
        recast, restated = _restated(schema, table)
        codec = TableCodec.fit(recast.learnt_schema, summarize(restated), restated)
        if before is not None:
            before(codec.layout)
        return cls(recast, codec), codec.encode(restated, rng.generator(seed, "encode"))

    @classmethod
    def fit_drawn(
        cls,
        schema: Schema,
        drawn: pa.Table,
        summaries: Mapping[str, ColumnSummary],
        seed: int,
        folder: Path,
        before: Callable[[Layout], object] | None = None,
    ) -> tuple["Coding", EncodedTable]:
        """How to encode a table of which some rows were drawn, and these rows encoded.

        What is learnt as it is, is encoded by all rows: each category, and the ends of numbers. What is restated, and
        columns of very many categories, are known from the drawn rows.

        Args:
            schema: of the table.
            drawn: rows that conform to it.
            summaries: of the columns of all rows.
            seed: names the random stream of the encoding.
            folder: for the encoded rows, which are read through memory maps.
            before: called with the layout once it is known, before anything is encoded; what it raises is raised.

        Raises:
            InputError: if nothing is left to learn.
            SchemaError: if columns cannot be encoded as the schema says; lists them all.

        Warns:
            DataWarning: of categories that no drawn row holds, where they are not made.
        """
        recast, restated = _restated(schema, drawn)
        recast = replace(recast, extents=_extents(recast, summaries))
        codec = TableCodec.fit(recast.learnt_schema, _known(recast, restated, summaries), restated)
        if before is not None:
            before(codec.layout)
        return cls(recast, codec), codec.encode(restated, rng.generator(seed, "encode"), folder)

    @property
    def schema(self) -> Schema:
        """The schema of the table."""
        return self.recast.schema

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "schema": self.schema.to_json(),
            "restatements": self.recast.to_json(),
            "codec": self.codec.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`.

        Raises:
            SchemaError: if the parts are damaged or do not fit each other.
        """
        schema = Schema.from_json(data["schema"])
        recast = Recast.from_json(schema, data["restatements"])
        return cls(recast, TableCodec.from_json(recast.learnt_schema, data["codec"]))

    def with_predicates(self, predicates: "Mapping[str, Function | None]") -> "Coding":
        """The same coding with the functions of predicates, by name, which no file keeps; None drops a predicate.

        Raises:
            InputError: if the schema has no predicate of a name.
        """
        known = [rule.name for rule in self.schema.constraints if isinstance(rule, Predicate)]
        if unknown := [name for name in predicates if name not in known]:
            raise InputError(f"expected predicates of the schema ({', '.join(known) or 'it has none'}), got {unknown}")
        rules: list[Constraint] = []
        for rule in self.schema.constraints:
            if not isinstance(rule, Predicate) or rule.name not in predicates:
                rules.append(rule)
            elif (function := predicates[rule.name]) is not None:
                rules.append(Predicate(rule.name, function))
        return replace(self, recast=replace(self.recast, schema=replace(self.schema, constraints=tuple(rules))))


def _restated(schema: Schema, table: pa.Table) -> tuple[Recast, pa.Table]:
    """How to restate a table, and the table restated.

    Raises:
        InputError: if nothing is left to learn.
        SchemaError: if columns cannot be restated as the schema says; lists them all.
    """
    recast, restated = Recast.fit(schema, table)
    if not any(spec.kind != "constant" for spec in recast.learnt):
        raise InputError(
            "nothing to learn: expected a column that varies, got only constants, keys and columns that are left "
            "out; add columns, or give those that matter another kind in the schema"
        )
    return recast, restated


def _extents(recast: Recast, summaries: Mapping[str, ColumnSummary]) -> dict[str, tuple[int | float, int | float]]:
    """The ends of restated columns among all rows."""
    found = dict(recast.extents)
    for name in found:
        if name in summaries and summaries[name].arrow_type == value_type(recast.schema[name].arrow_type):
            found[name] = (summaries[name].minimum, summaries[name].maximum)
    return found


def _known(recast: Recast, restated: pa.Table, summaries: Mapping[str, ColumnSummary]) -> dict[str, ColumnSummary]:
    """The summaries of learnt columns: of all rows where the codec needs no rows, else of the drawn ones."""
    changed = {name for step in recast.steps for name in step.sources}
    combined = {name for rule in recast.learnt_schema.constraints for name in rule.names}
    known = {}
    for spec in recast.learnt:
        whole = None if spec.name in changed else summaries.get(spec.name)
        if whole is None or whole.arrow_type != value_type(spec.arrow_type):
            known[spec.name] = ColumnSummary.of(restated[spec.name])
            continue
        if spec.name not in combined and spec.kind != "high_cardinality" and _suffices(whole, spec.kind):
            known[spec.name] = whole
            continue
        known[spec.name] = drawn = ColumnSummary.of(restated[spec.name])
        if drawn.counts is None and spec.name not in combined:
            known[spec.name] = whole
        elif (lacking := whole.n_distinct - drawn.n_distinct) > 0 and spec.kind in NAMING:
            about = "" if whole.counts is not None else "about "
            warnings.warn(
                f"column {spec.name!r}: {about}{lacking:,} of {whole.n_distinct:,} categories are in no row that was "
                "drawn, and will not be made; allow more memory to draw more rows",
                DataWarning,
                stacklevel=5,
            )
    return known


def _suffices(summary: ColumnSummary, kind: str) -> bool:
    """Whether a column can be encoded by its summary: names need exact counts."""
    return summary.counts is not None or kind not in (*NAMING, "constant")
