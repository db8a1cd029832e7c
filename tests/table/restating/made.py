"""Tables and checks that the tests of restatements share."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa

from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.inference import infer_kind
from tabgan.table.restating.base import Restatement, Rows
from tabgan.table.summaries import ColumnSummary
from tabgan.table.wanted import Wanted

TYPES = {
    "int8": pa.int8(),
    "int64": pa.int64(),
    "uint16": pa.uint16(),
    "float64": pa.float64(),
    "float32": pa.float32(),
    "decimal": pa.decimal128(12, 2),
    "date": pa.date32(),
    "date64": pa.date64(),
    "timestamp": pa.timestamp("us"),
    "zoned": pa.timestamp("ms", "Europe/Berlin"),
    "time of day": pa.time32("s"),
    "duration": pa.duration("ns"),
}


def free(column: str, part: str) -> str:
    return f"{column} [{part}]"


def cells(numbers: Iterable[int | None], kind: str) -> pa.Array:
    """Small whole numbers as cells of a type: tenths of floats, cents of decimals, days, minutes."""
    dtype, numbers = TYPES[kind], list(numbers)
    plain = [0 if number is None else int(number) for number in numbers]
    if kind.startswith("float"):
        found: list[object] = [number / 10 for number in plain]
    elif kind == "decimal":
        found = [Decimal(number).scaleb(-2) for number in plain]
    elif kind in ("date", "date64"):
        found = [dt.date(2020, 1, 1) + dt.timedelta(days=number) for number in plain]
    elif kind == "timestamp":
        found = [dt.datetime(2020, 3, 28) + dt.timedelta(minutes=number) for number in plain]
    elif kind == "zoned":
        start = dt.datetime(2020, 3, 28, tzinfo=dt.UTC)
        found = [start + dt.timedelta(minutes=number) for number in plain]
    elif kind == "time of day":
        found = [dt.time(number // 60, number % 60) for number in plain]
    elif kind == "duration":
        found = [dt.timedelta(seconds=number) for number in plain]
    else:
        found = list(plain)
    return pa.array([None if number is None else cell for number, cell in zip(numbers, found, strict=True)], dtype)


def specs(table: pa.Table) -> dict[str, ColumnSpec]:
    found = {}
    for field in table.schema:
        summary = ColumnSummary.of(table[field.name])
        kind = infer_kind("", field.type, summary).kind
        found[field.name] = ColumnSpec(
            name=field.name,
            kind="continuous" if kind == "key" else kind,
            dtype=str(field.type),
            nullable=summary.n_missing > 0,
        )
    return found


def chunks(table: pa.Table, step: Restatement) -> list[pa.Array]:
    return [table[name].combine_chunks() for name in step.sources]


def written(step: Restatement, learnt: Sequence[pa.Array], seed: int = 0) -> pa.Table:
    made = step.write(learnt, Rows(seed, 0, len(learnt[0])))
    return pa.table(dict(zip(step.sources, made, strict=True)))


def shuffled(learnt: Sequence[pa.Array], n: int, seed: int = 0) -> list[pa.Array]:
    """Rows of learnt cells of which each is legal, drawn apart from the others."""
    rng = np.random.default_rng(seed)
    return [column.take(pa.array(rng.integers(0, len(column), n))) for column in learnt]


def require_round_trip(step: Restatement, table: pa.Table) -> list[pa.Array]:
    """Restating and writing gives the same cells, in the same types; so does reading the step from JSON."""
    before = table.select(list(step.sources))
    learnt = step.restate(chunks(table, step))
    assert [column.type for column in learnt] == [spec.arrow_type for spec in step.learnt]
    for spec, column in zip(step.learnt, learnt, strict=True):
        assert spec.nullable or not column.null_count, spec.name
    back = written(step, learnt)
    assert back.schema.types == before.schema.types
    assert back.equals(before.combine_chunks())
    again = step.restate([column.combine_chunks() for column in back.columns])
    assert all(one.equals(other) for one, other in zip(again, learnt, strict=True))
    assert type(step).from_json(step.to_json()) == step
    return learnt


def held(want: Wanted | None, column: pa.Array) -> np.ndarray:
    """Which cells are as wanted, shape (n,), told apart from `Wanted.holds`."""
    if want is None:
        return np.ones(len(column), np.bool_)
    missing, numbers = dtypes.missing(column), arrays.numbers(column)
    good = np.ones(len(column), np.bool_)
    good &= True if want.low is None else numbers >= want.low
    good &= True if want.high is None else numbers <= want.high
    if want.cells is not None:
        allowed = np.ones((1, len(want.cells)), np.bool_) if want.allowed is None else want.allowed
        good &= ((numbers[:, None] == arrays.numbers(want.cells)) & allowed).any(axis=1)
    filled = good & (True if want.present is None else want.present)
    return np.where(missing, True if want.missing is None else want.missing, filled)
