"""A table read, checked and encoded: all that comes before the first step of training."""

import warnings
from dataclasses import dataclass

import pyarrow as pa

from tabgan.coding import Coding
from tabgan.errors import DataWarning, InputError
from tabgan.gan.warm import WarmStart
from tabgan.layout import EncodedTable
from tabgan.starting import Start
from tabgan.table.constraints import Combinations, check_constraints
from tabgan.table.files import read_table
from tabgan.table.schema import Schema


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table as training takes it.

    Attributes:
        table: as it conforms to its schema.
        coding: to codes and back.
        encoded: the table in codes.
        start: what the generator begins with; None for a fresh one.
        news: what is new to the model that it begins with, in words.
    """

    table: pa.Table
    coding: Coding
    encoded: EncodedTable
    start: WarmStart | None = None
    news: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: object, schema: Schema | None, seed: int, first: Start | None = None) -> "Prepared":
        """Read, check and encode a table.

        Args:
            data: in any form that `TabGAN.fit` takes. It is not changed.
            schema: of the table; None infers it.
            seed: names the random stream of the encoding.
            first: the model to begin with, whose schema is taken; None for none.

        Raises:
            InputError: if the table cannot be used, or does not fit the schema or the model to begin with; naming all
                problems.

        Warns:
            DataWarning: of columns that come back empty, and of what is new to the model to begin with.
        """
        table = read_table(data, text_columns=() if first is None else first.learnt.schema.text_columns)
        if first is not None:
            schema = first.schema_of(table)
        schema = Schema.infer(table) if schema is None else schema
        if not isinstance(schema, Schema):
            raise InputError(f"schema must be a Schema, got {schema!r}")
        schema.check(table)
        _warn_of(schema)
        table = schema.conform(table)
        check_constraints(table, [rule for rule in schema.constraints if not isinstance(rule, Combinations)])
        coding, encoded = Coding.fit(schema, table, seed)
        if first is None:
            return cls(table, coding, encoded)
        start, news = first.weights(coding, encoded)
        if news:
            said = "\n  - ".join(["new to the model that training starts from:", *news])
            warnings.warn(said, DataWarning, stacklevel=3)
        return cls(table, coding, encoded, start, news)


def _warn_of(schema: Schema) -> None:
    """Warn of columns that come back empty, at the line that called what called `Prepared.of`."""
    for spec in schema.made:
        if spec.kind == "constant" and spec.nullable:
            message = (
                f"all cells of column {spec.name!r} are missing, and will be in synthetic rows; drop it if unwanted"
            )
            warnings.warn(message, DataWarning, stacklevel=4)
