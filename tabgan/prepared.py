"""A table read, checked and encoded: all that comes before the first step of training."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa

from tabgan.coding import Coding
from tabgan.errors import DataWarning, InputError
from tabgan.forecast import Size
from tabgan.gan.warm import WarmStart
from tabgan.layout import EncodedTable, Layout
from tabgan.starting import Start
from tabgan.table.constraints import Combinations, check_constraints
from tabgan.table.files import read_table
from tabgan.table.scan import ScannedTable
from tabgan.table.schema import Schema


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table as training takes it.

    Attributes:
        table: as it conforms to its schema; of a table that was read in passes, the rows drawn.
        coding: to codes and back.
        encoded: the table in codes.
        n_rows: of the table as it was given.
        start: what the generator begins with; None for a fresh one.
        news: what is new to the model that it begins with, in words.
    """

    table: pa.Table
    coding: Coding
    encoded: EncodedTable
    n_rows: int
    start: WarmStart | None = None
    news: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        data: object,
        schema: Schema | None,
        seed: int,
        first: Start | None = None,
        before: Callable[[Layout, Size], object] | None = None,
    ) -> "Prepared":
        """Read, check and encode a table.

        Args:
            data: in any form that `TabGAN.fit` takes, or a table that was scanned. It is not changed.
            schema: of the table; None infers it.
            seed: names the random stream of the encoding.
            first: the model to begin with, whose schema is taken; None for none.
            before: called with the layout and the size of the table before anything is encoded.

        Raises:
            InputError: if the table cannot be used, or does not fit the schema or the model to begin with; naming all
                problems.

        Warns:
            DataWarning: of columns that come back empty, and of what is new to the model to begin with.
        """
        taken = _scanned(data, schema, first) if isinstance(data, ScannedTable) else _read(data, schema, first)
        table, schema = taken
        _warn_of(schema)
        tell = None if before is None else (lambda layout: before(layout, _size(layout, table, data)))
        if isinstance(data, ScannedTable) and not data.whole:
            coding, encoded = Coding.fit_drawn(schema, table, data.summaries, seed, data.folder, tell)
        else:
            coding, encoded = Coding.fit(schema, table, seed, tell)
        n_rows = data.n_rows if isinstance(data, ScannedTable) else table.num_rows
        if first is None:
            return cls(table, coding, encoded, n_rows)
        start, news = first.weights(coding, encoded)
        if news:
            said = "\n  - ".join(["new to the model that training starts from:", *news])
            warnings.warn(said, DataWarning, stacklevel=3)
        return cls(table, coding, encoded, n_rows, start, news)


def _size(layout: Layout, table: pa.Table, data: object) -> Size:
    """How large a table is, as it was given and as it will be encoded."""
    size = Size.of(layout, table.num_rows, table.num_columns)
    if not isinstance(data, ScannedTable) or data.whole:
        return size
    disk = size.encoded_bytes + sum(path.stat().st_size for path in data.folder.iterdir())
    return replace(size, n_rows=data.n_rows, encoded_bytes=0, disk_bytes=disk, folder=str(data.folder))


def _read(data: object, schema: Schema | None, first: Start | None) -> tuple[pa.Table, Schema]:
    """A table as it conforms to its schema, and this."""
    table = read_table(data, text_columns=() if first is None else first.learnt.schema.text_columns)
    if first is not None:
        schema = first.schema_of(table)
    schema = _checked(Schema.infer(table) if schema is None else schema)
    schema.check(table)
    table = schema.conform(table)
    check_constraints(table, [rule for rule in schema.constraints if not isinstance(rule, Combinations)])
    return table, schema


def _scanned(data: ScannedTable, schema: Schema | None, first: Start | None) -> tuple[pa.Table, Schema]:
    """The drawn rows of a table as they conform to its schema, and this."""
    if first is not None:
        schema = first.schema_of(data.drawn)
    if schema is None:
        schema = data.inferred
    else:
        data.require(_checked(schema))
    return schema.conform(data.drawn), schema


def _checked(schema: object) -> Schema:
    if not isinstance(schema, Schema):
        raise InputError(f"schema must be a Schema, got {schema!r}")
    return schema


def _warn_of(schema: Schema) -> None:
    """Warn of columns that come back empty, at the line that called what called `Prepared.of`."""
    for spec in schema.made:
        if spec.kind == "constant" and spec.nullable:
            message = (
                f"all cells of column {spec.name!r} are missing, and will be in synthetic rows; drop it if unwanted"
            )
            warnings.warn(message, DataWarning, stacklevel=4)
