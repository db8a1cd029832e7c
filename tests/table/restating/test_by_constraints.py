"""All constraints of a table together: restated in an order in which all of them hold."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.table.codec import TableCodec
from tabgan.table.constraints import (
    Combinations,
    Constraint,
    MissingTogether,
    OneHot,
    Order,
    Predicate,
    Range,
    Sum,
    rows_that_hold,
)
from tabgan.table.restating.base import Restatement, Rows
from tabgan.table.restating.by_constraints import restatements_for
from tabgan.table.restating.length import Length
from tabgan.table.restating.together import FilledTogether
from tabgan.table.restating.total import ComputedTerm
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

from .made import free, specs


def plan(table: pa.Table, *rules: Constraint) -> tuple[Restatement, ...]:
    return restatements_for(rules, table, list(specs(table).values()), free)


def restated(table: pa.Table, steps: Sequence[Restatement]) -> dict[str, pa.Array]:
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    for step in steps:
        taken = [columns.pop(name) for name in step.sources]
        columns |= zip((spec.name for spec in step.learnt), step.restate(taken), strict=True)
    return columns


def rewritten(columns: dict[str, pa.Array], steps: Sequence[Restatement], n: int) -> pa.Table:
    columns = dict(columns)
    for step in reversed(steps):
        taken = [columns.pop(spec.name) for spec in step.learnt]
        columns |= zip(step.sources, step.write(taken, Rows(0, 0, n)), strict=True)
    return pa.table(columns)


def drawn(table: pa.Table, *rules: Constraint, together: Sequence[str] = (), n: int = 400) -> pa.Table:
    """Rows of learnt cells that are drawn column by column; columns of combinations together."""
    steps = plan(table, *rules)
    learnt = restated(table, steps)
    assert rewritten(learnt, steps, len(table)).select(table.column_names).equals(table.combine_chunks())
    rng = np.random.default_rng(0)
    same = pa.array(rng.integers(0, len(table), n))
    mixed = {
        name: cells.take(same if name in together else pa.array(rng.integers(0, len(table), n)))
        for name, cells in learnt.items()
    }
    return rewritten(mixed, steps, n).select(table.column_names)


def orders(n: int = 500) -> pa.Table:
    """a <= b <= d, a <= c <= d, with missing cells."""
    rng = np.random.default_rng(0)
    a = rng.integers(0, 100, n)
    b, c = a + rng.integers(0, 5, n), a + rng.integers(0, 200, n)
    d = np.maximum(b, c) + rng.integers(0, 9, n)
    table = {"a": a, "b": b, "c": c, "d": d}
    return pa.table({name: pa.array(x, mask=rng.random(n) < (name != "a") * 0.2) for name, x in table.items()})


DIAMOND = (Order("a", "b"), Order("a", "c"), Order("b", "d"), Order("c", "d"))


def test_chains_and_diamonds_of_orders() -> None:
    table = orders()
    made = drawn(table, *DIAMOND)
    assert rows_that_hold(made, DIAMOND).all()
    assert rows_that_hold(drawn(table, *reversed(DIAMOND)), DIAMOND).all()


def test_sums_that_share_columns() -> None:
    rng = np.random.default_rng(0)
    a, b, c = rng.integers(0, 50, (3, 300))
    table = pa.table({"a": a, "ab": a + b, "b": b, "c": c, "abc": a + b + c, "again": a + b + c})
    rules = (Sum("abc", ("ab", "c")), Sum("ab", ("a", "b")), Sum("again", ("abc",)))
    made = drawn(table, *rules)
    assert rows_that_hold(made, rules).all()
    assert sum(isinstance(step, ComputedTerm) for step in plan(table, *rules)) == 3


def test_orders_of_terms_of_a_sum_move_the_other_column() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 50, (2, 300))
    total = a + b
    table = pa.table({"total": total, "a": a, "b": b, "most": total + rng.integers(0, 90, 300), "paid": total // 2})
    rules = (Sum("total", ("a", "b")), Order("total", "most"), Order("paid", "total"), Order("paid", "most"))
    assert rows_that_hold(drawn(table, *rules), rules[:3]).all()


def test_columns_missing_together_in_their_new_words() -> None:
    rng = np.random.default_rng(0)
    low = rng.integers(0, 500, 400)
    gone = rng.random(400) < 0.3
    columns = {"low": low, "high": low + rng.integers(0, 9, 400), "x": rng.integers(0, 9, 400), "sum": low + 2 * low}
    columns["twice"] = 2 * low
    table = pa.table({name: pa.array(cells, mask=gone) for name, cells in columns.items()})
    rules = (MissingTogether(tuple(columns)), Order("low", "high"), Sum("sum", ("twice", "low")))
    steps = plan(table, *rules[:2])
    assert [type(step) for step in steps] == [Length, FilledTogether]
    assert steps[1].sources == ("low", "high [length]", "x", "sum", "twice")
    assert rows_that_hold(drawn(table, *rules[:2]), rules[:2]).all()
    assert rows_that_hold(drawn(table, *rules), rules).all()


def test_columns_of_combinations_keep_their_cells() -> None:
    rng = np.random.default_rng(0)
    ids = rng.integers(0, 20, 400)
    gone = ids == 3
    table = pa.table(
        {
            "id": ids,
            "kind": pa.array(ids % 4, mask=gone),
            "size": pa.array(ids % 7, mask=gone),
            "x": pa.array(rng.random(400), mask=gone),
            "least": ids // 2,
        }
    )
    group = ("id", "kind", "size")
    rules = (Combinations(group, determines=True), MissingTogether(("x", "kind", "size")), Order("least", "id"))
    steps = plan(table, *rules)
    assert [step.sources for step in steps] == [("least", "id"), ("kind", "x")]
    made = drawn(table, *rules, together=group)
    assert rows_that_hold(made, rules).all()
    known = set(zip(*(table[name].to_pylist() for name in group), strict=True))
    assert set(zip(*(made[name].to_pylist() for name in group), strict=True)) <= known


def test_an_order_between_settled_columns_is_left_to_checks() -> None:
    table = pa.table({"a": [1, 2, 3], "b": [2, 3, 4], "c": [3, 5, 7]})
    assert all(isinstance(step, ComputedTerm) for step in plan(table, Sum("c", ("a", "b")), Order("a", "b")))


def test_constraints_that_need_no_step_or_other_columns() -> None:
    table = pa.table({"a": [1, 2, 3]})
    rules = (Range("a", 0, 5), Predicate("odd", None), Order("a", "elsewhere"), Combinations(("a", "elsewhere")))
    assert plan(table, *rules) == ()


def test_learnt_columns_can_be_encoded() -> None:
    table = orders()
    which = np.arange(len(table)) % 3
    for place in range(3):
        table = table.append_column(f"is_{place}", pa.array(which == place))
    rules = (*DIAMOND, OneHot(("is_0", "is_1", "is_2")))
    steps = plan(table, *rules)
    known = specs(table)
    for step in steps:
        known = {name: spec for name, spec in known.items() if name not in step.sources}
        known |= {spec.name: spec for spec in step.learnt}
    learnt = pa.table(restated(table, steps)).select(list(known))
    codec = TableCodec.fit(Schema(tuple(known.values())), summarize(learnt), learnt)
    back = codec.decode(codec.encode(learnt, np.random.default_rng(0)))
    made = rewritten({name: back[name].combine_chunks() for name in known}, steps, len(table))
    assert made.select(table.column_names).equals(table.combine_chunks())


COLUMNS = ("a", "b", "c", "d", "e")


@st.composite
def tables(draw: st.DrawFn) -> tuple[pa.Table, tuple[Constraint, ...]]:
    """Tables of five columns with an order between some of them, and columns missing together."""
    n = draw(st.integers(2, 25))
    pairs = [(x, y) for i, x in enumerate(COLUMNS) for y in COLUMNS[i + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=5, unique=True))
    seed = draw(st.integers(0, 1_000))
    rng = np.random.default_rng(seed)
    cells = dict(zip(COLUMNS, rng.integers(0, 30, (5, n)), strict=True))
    for low, high in sorted(chosen, key=lambda pair: pair[1]):
        cells[high] = np.maximum(cells[high], cells[low])
    if draw(st.booleans()):
        for name in ("d", "e"):
            cells[name] = cells[name] + cells["c"]  # more ties
        chosen = [pair for pair in chosen if pair[1] not in ("d", "e")]
    table = pa.table(cells)
    rules: tuple[Constraint, ...] = tuple(Order(low, high) for low, high in chosen)
    if draw(st.booleans()):
        table = table.append_column("sum", pa.array(cells["a"] - cells["b"]))
        rules = (*rules, Sum("sum", ("a", "b"), (1, -1)))
    return table, rules


@pytest.mark.parametrize("gaps", [False, True])
@settings(max_examples=60, deadline=None)
@given(made=tables())
def test_whatever_is_settled_holds(gaps: bool, made: tuple[pa.Table, tuple[Constraint, ...]]) -> None:
    table, rules = made
    if gaps:
        rng = np.random.default_rng(1)
        mask = rng.random(len(table)) < 0.4
        for name in ("c", "d"):
            place = table.column_names.index(name)
            table = table.set_column(place, name, pa.array(table[name].to_numpy(), mask=mask))
        rules = (*rules, MissingTogether(("c", "d")))
    assert rows_that_hold(table, rules).all()
    settled = {"a", "b", "sum"} if any(isinstance(rule, Sum) for rule in rules) else set()
    kept = [rule for rule in rules if not isinstance(rule, Order) or not between_settled(rule, rules, settled)]
    assert rows_that_hold(drawn(table, *rules, n=100), kept).all()


def between_settled(order: Order, rules: Sequence[Constraint], settled: set[str]) -> bool:
    """Whether an order leads from settled columns to settled ones."""
    above = set(settled)
    for _ in COLUMNS:
        above |= {rule.high for rule in rules if isinstance(rule, Order) and rule.low in above}
    return order.low in above and order.high in settled


def test_sums_of_members_of_a_one_hot_group_are_left_to_checks() -> None:
    choice = np.random.default_rng(0).integers(0, 3, 100)
    table = pa.table({f"a{i}": (choice == i).astype(int) for i in range(3)} | {"copy": (choice == 0).astype(int)})
    group = OneHot(("a0", "a1", "a2"))
    assert [step.kind for step in plan(table, group, Sum("copy", ("a0",)))] == ["one_hot"]
