"""Whatever the table and whatever is asked of it: rows that follow the guide come out as asked for."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tabgan.errors import ConditionError
from tabgan.layout import EncodedTable
from tabgan.table.clauses import Between, Not
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.conditions import condition_of
from tabgan.table.constraints import Combinations
from tabgan.table.encoders import HierarchyEncoder
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize
from tests.table.walks import walk

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TIMES = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))
NUMBERS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "small": (pa.int8(), st.integers(-128, 127)),
    "integer": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "unsigned": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "float": (pa.float64(), FLOATS),
    "price": (pa.float64(), st.integers(0, 3_000).map(lambda cents: cents / 100)),
    "single": (pa.float32(), st.floats(-1e6, 1e6, width=32)),
    "half": (pa.float16(), st.floats(-1e3, 1e3, width=16)),
    "decimal": (pa.decimal128(12, 3), st.decimals(-(10**6), 10**6, places=3).map(Decimal)),
    "date": (pa.date32(), st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))),
    "time": (pa.timestamp("us"), TIMES),
    "zoned": (pa.timestamp("ns", "Europe/Berlin"), TIMES.map(lambda time: time.replace(tzinfo=dt.UTC))),
    "duration": (
        pa.duration("s"),
        st.timedeltas(dt.timedelta(0), dt.timedelta(9_999)).map(lambda d: d - d % dt.timedelta(seconds=1)),
    ),
    "clock": (pa.time32("s"), st.times().map(lambda time: time.replace(microsecond=0))),
}
CATEGORIES: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    **NUMBERS,
    "text": (pa.string(), st.sampled_from("abcdefgh")),
    "boolean": (pa.bool_(), st.booleans()),
    "choice": (pa.dictionary(pa.int16(), pa.string()), st.sampled_from("abcd")),
}
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ROWS = 64


def some_cells(draw: st.DrawFn, cells: st.SearchStrategy[Any], n: int) -> list[Any]:
    """Cells of which some are met again and again, and some are missing."""
    known = draw(st.lists(cells, min_size=2, max_size=90, unique=True))
    seed = draw(st.integers(0, 999))
    random = np.random.default_rng(seed)
    drawn = [known[i] for i in np.minimum(random.geometric(0.03, n), len(known)) - 1]
    absent = random.random(n) < draw(st.sampled_from([0.0, 0.2]))
    return [None if none else cell for cell, none in zip(drawn, absent, strict=True)]


def asked(draw: st.DrawFn, cells: list[Any], ranges: bool) -> Any:
    """What a user may want of a column with such cells; all of it was met."""
    filled = [cell for cell in cells if cell is not None]
    kinds = ["one", "list", "range", "open"] if ranges else ["one", "list", "not"]
    kind = draw(st.sampled_from(kinds))
    if kind == "one":
        return draw(st.sampled_from(cells))
    if kind in ("list", "not"):
        chosen = draw(st.lists(st.sampled_from(cells), min_size=1, max_size=12))
        return chosen if kind == "list" else Not(chosen)
    low, high = sorted(draw(st.tuples(st.sampled_from(filled), st.sampled_from(filled))))
    return Between(low, high) if kind == "range" else Between(None, high)


def held(wanted: Any, cell: Any) -> bool:
    if isinstance(wanted, Not):
        return cell not in wanted.value
    if isinstance(wanted, Between):
        return cell is not None and (wanted.low is None or wanted.low <= cell) and cell <= wanted.high
    return cell in wanted if isinstance(wanted, list) else cell == wanted


def follows(codec: TableCodec, where: dict[str, Any], seed: int) -> None:
    condition = condition_of(codec, (), where)
    rows, alive = walk(codec, condition, ROWS, np.random.default_rng(seed))
    assert alive.all()
    if condition.guide is not None:
        assert condition.guide.accepts(rows).all()
    table = codec.decode(rows, given=condition.literals)
    for name, wanted in where.items():
        cells = [None if cell != cell else cell for cell in table[name].to_pylist()]
        assert all(held(wanted, cell) for cell in cells), (wanted, cells)


@pytest.mark.parametrize("kind", sorted(NUMBERS))
@given(data=st.data())
@settings(SETTINGS, max_examples=25)
def test_numbers(kind: str, data: st.DataObject) -> None:
    dtype, strategy = NUMBERS[kind]
    cells = some_cells(data.draw, strategy, data.draw(st.sampled_from([20, 300, 3_000])))
    filled = [cell for cell in cells if cell is not None]
    assume(len(set(filled)) > 1)
    table = pa.table({"x": pa.array(np.array(cells, np.float16) if kind == "half" else cells, dtype)})
    spec = ColumnSpec(name="x", kind="continuous", dtype=str(dtype), nullable=True)
    codec = TableCodec.from_summaries(Schema((spec,)), summarize(table))
    plain = [None if cell != cell else cell for cell in table["x"].to_pylist()]
    if None not in plain:
        plain.append(None)
    follows(codec, {"x": asked(data.draw, plain, ranges=True)}, data.draw(st.integers(0, 9)))


@given(data=st.data())
@SETTINGS
def test_categories(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(CATEGORIES)), min_size=1, max_size=3, unique=True))
    columns = {}
    for name in names:
        cells = some_cells(data.draw, CATEGORIES[name][1], 60)
        columns[name] = pa.array(np.array(cells, np.float16) if name == "half" else cells, CATEGORIES[name][0])
    table = pa.table(columns)
    specs = [
        ColumnSpec(
            name=name,
            kind=data.draw(st.sampled_from(["categorical", "high_cardinality"])),
            dtype=str(table.schema.field(name).type),
            nullable=table[name].null_count > 0 or name == "half",
        )
        for name in names
    ]
    codec = TableCodec.from_summaries(Schema(tuple(specs)), summarize(table))
    where = {}
    for name in names:
        cells = [None if cell != cell else cell for cell in table[name].to_pylist()]
        where[name] = asked(data.draw, cells, ranges=False)
    try:
        condition_of(codec, (), where)
    except ConditionError:  # no category is left
        assert any(
            not any(held(where[name], None if cell != cell else cell) for cell in table[name].to_pylist())
            for name in names
        )
        return
    follows(codec, where, 0)


@given(st.integers(2, 150), st.integers(0, 99), st.data())
@SETTINGS
def test_hierarchies(n_shops: int, seed: int, data: st.DataObject) -> None:
    random = np.random.default_rng(seed)
    shops = np.append(np.arange(n_shops), random.integers(0, n_shops, 40 * n_shops))
    owners, sizes = random.integers(0, 1 + n_shops // 4, n_shops), random.integers(0, 50, n_shops)
    table = pa.table(
        {
            "shop": [f"s{i}" for i in shops],
            "owner": pa.array(owners[shops], mask=owners[shops] == 0),
            "size": sizes[shops],
            "other": random.integers(0, 3, len(shops)),
        }
    )
    kinds = {"shop": "categorical", "owner": "categorical", "size": "continuous", "other": "categorical"}
    specs = [
        ColumnSpec(name=name, kind=kind, dtype=str(table.schema.field(name).type), nullable=True)  # type: ignore[arg-type]
        for name, kind in kinds.items()
    ]
    declared = Combinations(("shop", "owner", "size"), determines=True)
    codec = TableCodec.fit(Schema(tuple(specs), (declared,)), summarize(table), table)
    assert any(isinstance(codec.encoder_of(i), HierarchyEncoder) for i in range(len(codec.layout.columns)))
    names = data.draw(st.lists(st.sampled_from(["shop", "owner", "size"]), min_size=1, max_size=3, unique=True))
    where = {name: asked(data.draw, table[name].to_pylist(), ranges=name == "size") for name in names}
    together = [row for row in table.select(names).to_pylist() if all(held(where[name], row[name]) for name in names)]
    if not together:
        with pytest.raises(ConditionError):
            condition_of(codec, (), where)
        return
    follows(codec, where, seed)
    condition = condition_of(codec, (), where)
    encoded = codec.encode(table, random)
    if condition.guide is not None:
        accepted = condition.guide.accepts(EncodedTable(encoded.codes, encoded.values))
        assert accepted.sum() == len(together)
