"""A table's way to codes and back: restated in learnt columns, and these encoded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from tabgan import rng
from tabgan.errors import InputError
from tabgan.layout import EncodedTable
from tabgan.table.codec import TableCodec
from tabgan.table.constraints import Constraint, Predicate
from tabgan.table.recast import Recast
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

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
    def fit(cls, schema: Schema, table: pa.Table, seed: int) -> tuple["Coding", EncodedTable]:
        """How to encode `table`, which conforms to `schema`, and the table encoded.

        Raises:
            InputError: if nothing is left to learn.
            SchemaError: if columns cannot be encoded as the schema says; lists them all.
        """
        recast, restated = Recast.fit(schema, table)
        if not any(spec.kind != "constant" for spec in recast.learnt):
            raise InputError(
                "nothing to learn: expected a column that varies, got only constants, keys and columns that are left "
                "out; add columns, or give those that matter another kind in the schema"
            )
        codec = TableCodec.fit(recast.learnt_schema, summarize(restated), restated)
        return cls(recast, codec), codec.encode(restated, rng.generator(seed, "encode"))

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
