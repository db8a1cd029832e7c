"""Conditions: what of them is given, what is guided, and that guided rows follow the frequencies of the table."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import ConditionError
from tabgan.layout import EncodedTable
from tabgan.table.clauses import Between, Not
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.conditions import Condition, condition_of
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

KINDS: dict[str, Any] = {
    "price": "continuous",
    "height": "continuous",
    "age": "continuous",
    "city": "categorical",
    "code": "high_cardinality",
    "note": "text",
    "one": "constant",
}


@pytest.fixture(scope="module")
def table() -> pa.Table:
    random = np.random.default_rng(0)
    n = 20_000
    return pa.table(
        {
            "price": np.where(random.random(n) < 0.3, 9.99, np.round(random.lognormal(3, 1, n), 2)),
            "height": random.normal(170, 10, n),
            "age": pa.array(np.clip(random.normal(40, 15, n), 18, 90).astype(int), mask=random.random(n) < 0.1),
            "city": random.choice(["Ulm", "Jena", "Kiel"], n),
            "code": [f"c{i:03d}" for i in random.integers(0, 500, n)],
            "note": ["some text"] * n,
            "one": [1] * n,
        }
    )


@pytest.fixture(scope="module")
def codec(table: pa.Table) -> TableCodec:
    specs = [
        ColumnSpec(name=name, kind=kind, dtype=str(table.schema.field(name).type), nullable=name == "age")
        for name, kind in KINDS.items()
    ]
    schema = Schema(tuple(specs))
    return TableCodec.from_summaries(schema, summarize(table))


@pytest.mark.parametrize(
    ("where", "given", "guided", "literals"),
    [
        ({}, [], [], []),
        ({"city": "Ulm"}, ["city"], [], ["city"]),
        ({"city": ["Ulm"], "age": None}, ["city", "age"], [], ["city", "age"]),
        ({"city": Not(["Ulm", "Kiel"])}, ["city"], [], ["city"]),
        ({"age": Between(30, 30)}, ["age"], [], ["age"]),
        ({"height": 170.123}, ["height"], [], ["height"]),
        ({"one": 1}, [], [], []),
        ({"city": ["Ulm", "Kiel"]}, [], ["city"], []),
        ({"age": [30, 40], "city": "Ulm"}, ["city"], ["age"], ["age", "city"]),
        ({"age": Between(30, None)}, [], ["age"], []),
        ({"age": Not(None)}, [], ["age"], []),
        ({"code": Not("c001")}, [], ["code"], []),
        ({"city": ["Ulm", "Kiel", "Jena"], "one": [1], "price": Between(0, None)}, [], [], []),
    ],
)
def test_what_is_given_and_what_is_guided(
    codec: TableCodec, where: dict[str, Any], given: list[str], guided: list[str], literals: list[str]
) -> None:
    condition = condition_of(codec, (), where)
    depths = [] if condition.given is None else condition.given.depths
    assert {codec.layout.names[i] for i, depth in enumerate(depths) if depth} == set(given)
    columns = () if condition.guide is None else condition.guide.columns
    assert {codec.layout.names[i] for i in columns} == set(guided)
    assert set(condition.literals) == set(literals)


@pytest.mark.parametrize(
    ("where", "texts"),
    [
        ({"note": "x"}, ["'note' is of kind text, which is not modelled"]),
        (["note=x", "ctiy=Ulm", "age=12"], ["3 problems", "did you mean city", "got 12"]),
        ({"one": 2}, ["'one'", "got 2"]),
        ({"one": Not(1)}, ["'one'", "leaves none"]),
        ({"city": ["Ulm", "Bonn", "Rom"], "age": Between(99, None)}, ["3 problems", "'Bonn'", "'Rom'", "'age'"]),
        (5, ["where must map"]),
    ],
)
def test_all_that_cannot_be_is_listed(codec: TableCodec, where: Any, texts: list[str]) -> None:
    with pytest.raises(ConditionError) as caught:
        condition_of(codec, (), where)
    for text in texts:
        assert text in str(caught.value)


def weighed(
    codec: TableCodec, condition: Condition, column: str, real: EncodedTable, n: int
) -> tuple[EncodedTable, np.ndarray]:
    """Rows whose column is drawn under the guide from the real frequencies, and their weights, shape (n,)."""
    random = np.random.default_rng(0)
    index, guide = codec.layout.index(column), condition.guide
    assert guide is not None
    codes, values = codec.layout.code_slices[index], codec.layout.value_slices[index]
    rows = EncodedTable(
        np.zeros((n, codec.layout.n_codes), np.uint32), np.zeros((n, codec.layout.n_values), np.float32)
    )
    made, weights = np.zeros(codec.layout.n_codes, bool), np.ones(n)
    for code in range(codes.start, codes.stop):
        before, seen = rows.codes[:, codes.start : code], real.codes[:, codes.start : code]
        size = codec.layout.cardinalities[code]
        counts = np.zeros((n, size))
        for prefix in np.unique(before, axis=0):
            own = real.codes[(seen == prefix).all(axis=1), code]
            counts[(before == prefix).all(axis=1)] = np.bincount(own, minlength=size) / len(own)
        shares = counts * guide.allowed(code, rows, made)
        weights *= shares.sum(axis=1)
        drawn = (shares.cumsum(axis=1) < random.random((n, 1)) * shares.sum(axis=1, keepdims=True)).sum(axis=1)
        rows.codes[:, code] = np.minimum(drawn, size - 1)
        made[code] = True
    low, high, ways = guide.places(index, rows, made)
    rows.values[:, values] = (low + random.random(n) * (high - low))[:, None]
    return rows, weights * ways * np.where(low < high, (high - low) / 2, 1) * guide.accepts(rows)


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        ("price", Between(9.5, 13.37)),
        ("price", Between(12.34, 12.99)),
        ("height", Between(171.5, 172.25)),
        ("age", Between(33, 47)),
        ("age", [18, 44, 61]),
        ("price", [9.99, 21.5, 20.0]),
        ("age", Not([40, 41])),
        ("code", ["c001", "c100", "c444"]),
    ],
)
def test_guided_rows_follow_the_frequencies_of_the_table(
    codec: TableCodec, table: pa.Table, column: str, wanted: Any
) -> None:
    condition = condition_of(codec, (), {column: wanted})
    real = codec.encode(table.select([name for name in KINDS if name != "note"]), np.random.default_rng(0))
    rows, weights = weighed(codec, condition, column, real, 4_000)
    cells = np.array(codec.decode(rows, given=condition.literals)[column].to_pylist(), object)
    own = table[column].to_pylist()
    if isinstance(wanted, Between):
        held = [cell for cell in own if cell is not None and wanted.low <= cell <= wanted.high]
    elif isinstance(wanted, Not):
        held = [cell for cell in own if cell not in wanted.value]
    else:
        held = [cell for cell in own if cell in wanted]
    error = 4 * np.sqrt(len(held)) / len(own) + 0.1 * len(held) / len(own)
    assert weights.mean() == pytest.approx(len(held) / len(own), abs=error)
    if isinstance(wanted, list):
        for value in wanted:
            assert weights[cells == value].sum() / weights.sum() == pytest.approx(
                held.count(value) / len(held), abs=0.1
            )
    else:
        filled = np.array([cell is not None for cell in cells])
        middle = np.mean([cell for cell in held if cell is not None])
        spread = np.std([cell for cell in held if cell is not None])
        found = np.average(cells[filled].astype(float), weights=weights[filled])
        assert abs(found - middle) < 0.15 * spread


def test_the_same_condition_twice_guides_alike(codec: TableCodec, table: pa.Table) -> None:
    real = codec.encode(table.select([name for name in KINDS if name != "note"]), np.random.default_rng(0))
    before = real.codes.copy()
    made = np.zeros(codec.layout.n_codes, bool)
    one, two = (condition_of(codec, (), {"price": [1.5, 9.99], "age": Between(30, 40)}).guide for _ in range(2))
    assert one is not None
    assert two is not None
    for column in one.columns:
        for code in range(codec.layout.code_slices[column].start, codec.layout.code_slices[column].stop):
            assert (one.allowed(code, real, made) == two.allowed(code, real, made)).all()
        if codec.layout.columns[column].has_value:
            assert np.array_equal(one.places(column, real, made), two.places(column, real, made))
    assert (one.accepts(real) == two.accepts(real)).all()
    assert (real.codes == before).all()


def test_numbers_that_share_a_cell_weigh_as_much_as_others() -> None:
    """Twenty neighbours in a few cells beside one number far off: each is as likely as any."""
    prices = np.round(np.random.default_rng(1).uniform(0, 1_000, 20_000), 2)
    spec = ColumnSpec(name="price", kind="continuous", dtype="double", nullable=False)
    prices_table = pa.table({"price": prices})
    codec = TableCodec.from_summaries(Schema((spec,)), summarize(prices_table))
    real = codec.encode(prices_table, np.random.default_rng(0))
    close = [round(500 + cents / 100, 2) for cents in range(20)]
    condition = condition_of(codec, (), {"price": [*close, 200.0]})
    rows, weights = weighed(codec, condition, "price", real, 20_000)
    cells = np.array(codec.decode(rows, given=condition.literals)["price"].to_pylist())
    assert weights[cells == 200.0].sum() / weights.sum() == pytest.approx(1 / 21, abs=0.015)
