"""Sums whose widest term is computed."""

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.table import arrays
from tabgan.table.constraints import Sum
from tabgan.table.encoders import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.total import ComputedTerm
from tabgan.table.wanted import Wanted

from .made import cells, chunks, require_round_trip, shuffled, specs, written

RULE = Sum("total", ("a", "b"), (1, -1))
CELL = st.one_of(st.none(), st.integers(0, 40))


def step_of(rule: Sum, table: pa.Table, **options) -> ComputedTerm | None:
    return ComputedTerm.of(rule, specs(table), {name: table[name] for name in table.column_names}, **options)


def bounded(made: pa.Table, source: pa.Table) -> bool:
    for name in made.column_names:
        one, other = (arrays.numbers(each[name].drop_null()) for each in (made, source))
        if len(one) and (one.min() < other.min() or one.max() > other.max()):
            return False
    return True


@pytest.mark.parametrize("kind", ["int8", "int64", "float64", "float32", "decimal", "duration"])
@pytest.mark.parametrize("signs", [(1, 1), (1, -1)])
@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL, st.booleans()), min_size=1, max_size=30))
def test_the_sum_holds_in_whatever_is_drawn(kind, signs, rows) -> None:
    totals = [None if a is None or b is None or gone else signs[0] * a + signs[1] * b for a, b, gone in rows]
    parts = [cells([row[place] for row in rows], kind) for place in (0, 1)]
    table = pa.table({"total": cells(totals, kind), "a": parts[0], "b": parts[1]})
    rule = Sum("total", ("a", "b"), signs)
    step = step_of(rule, table)
    if step is None:
        assert any(column.null_count == len(column) for column in table.columns)
        return
    learnt = require_round_trip(step, table)
    made = written(step, shuffled(learnt, 80))
    assert not rule.broken(made).any()
    assert {name: made[name].type for name in made.column_names} == {name: table[name].type for name in step.sources}
    assert bounded(made, table)
    assert ComputedTerm.from_json(json.loads(json.dumps(step.to_json()))) == step


def bills(n: int = 500) -> pa.Table:
    rng = np.random.default_rng(0)
    net, tax = rng.integers(0, 10_000, n), rng.integers(0, 900, n)
    return pa.table({"total": cells(net - tax, "decimal"), "a": cells(net, "decimal"), "b": cells(tax, "decimal")})


def test_the_widest_term_is_computed() -> None:
    table = bills()
    step = step_of(RULE, table)
    assert step.computed == "total"
    assert [spec.name for spec in step.learnt] == ["a", "b"]
    assert step_of(RULE, table, needed={"total"}).computed == "a"
    assert step_of(RULE, table, needed={"a", "b", "total"}) is None


def test_a_term_with_more_decimals_is_computed_even_if_it_varies_less() -> None:
    rng = np.random.default_rng(0)
    whole, part = rng.integers(0, 1_000, 300), rng.integers(0, 100, 300)
    table = pa.table({"total": (100 * whole + part) / 100, "a": whole, "b": part / 100})
    step = step_of(Sum("total", ("a", "b")), table)
    assert step.computed in ("total", "b")
    made = written(step, shuffled(require_round_trip(step, table), 500))
    assert not Sum("total", ("a", "b")).broken(made).any()
    assert made["a"].type == pa.int64()


def test_what_is_too_much_is_taken_from_terms_that_may_change() -> None:
    table = pa.table({"total": [100, 90, 20], "a": [90, 20, 10], "b": [10, 70, 10]})
    step = step_of(Sum("total", ("a", "b")), table, needed={"a", "b"}, fixed={"b"})
    total, a, b = step.write([pa.array([90, 10]), pa.array([70, 10])], Rows(0, 0, 2))
    assert total.to_pylist() == [100, 20]
    assert a.to_pylist() == [30, 10]
    assert b.to_pylist() == [70, 10]


def test_copies() -> None:
    table = pa.table({"total": cells([3, None, 9] * 5, "zoned"), "a": cells([3, None, 9] * 5, "zoned")})
    step = step_of(Sum("total", ("a",)), table)
    assert step.computed == "total"
    assert not step.kept
    require_round_trip(step, table)


def test_a_total_with_missing_cells_of_its_own_is_learnt_as_well() -> None:
    table = pa.table({"total": [3, None, 9, 7], "a": [1, 2, 4, None], "b": [2, 2, 5, 4]})
    step = step_of(Sum("total", ("a", "b")), table, needed={"a", "b"})
    assert step.kept
    require_round_trip(step, table)
    total, _, _ = step.write([pa.array([5, None, 7]), pa.array([1, 2, None]), pa.array([2, 4, 4])], Rows(0, 0, 3))
    assert total.to_pylist() == [3, None, 7]
    alike = pa.table({"total": [3, None, 9, 7], "a": [1, None, 4, 2], "b": [2, 2, 5, 5]})
    rule = Sum("total", ("a", "b"))
    assert not step_of(rule, alike, needed={"a", "b"}).kept
    assert step_of(rule, alike, needed={"a", "b"}, groups=[("total", "x")]).kept
    assert not step_of(rule, alike, needed={"a", "b"}, groups=[("total", "x", "a")]).kept


def test_rows_that_do_not_add_up_are_counted() -> None:
    step = step_of(RULE, bills())
    columns = {
        "total": cells([5, 5, None], "decimal"),
        "a": cells([7, 8, 9], "decimal"),
        "b": cells([2] * 3, "decimal"),
    }
    with pytest.raises(CellsError, match=r"got other cells in 2 rows, first in row 1"):
        step.restate([columns[name] for name in step.sources])


def test_bounds_of_the_computed_term_narrow_the_others() -> None:
    table = bills()
    step = step_of(RULE, table, needed={"total"})
    want = {"a": Wanted(low=np.array([50.0]), high=np.array([60.0]))}
    before = step.narrow(want, {})
    assert before["total"].high.tolist() == [60.0]
    assert before["total"].low[0] == pytest.approx(50 - 8.99, abs=0.02)
    after = step.narrow(want, {"b": cells([100, 500, None], "decimal")})
    assert after["total"].low[:2].tolist() == [49.0, 45.0]
    assert after["total"].high[:2].tolist() == [59.0, 55.0]
    assert "b" not in after
    assert step.narrow({"b": Wanted(high=np.array([3.0]))}, {})["b"].high.tolist() == [3.0]


@settings(max_examples=40, deadline=None)
@given(low=st.integers(-100, 100), width=st.integers(0, 60), signs=st.sampled_from([(1, 1), (1, -1), (-1, -1)]))
def test_rows_that_come_out_as_wanted_are_never_ruled_out(low, width, signs) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 50, 60), rng.integers(0, 30, 60)
    table = pa.table({"total": signs[0] * a + signs[1] * b, "a": a, "b": b})
    step = step_of(Sum("total", ("a", "b"), signs), table, needed={"a", "b"})
    want = {"total": Wanted(low=np.array([low]), high=np.array([low + width]))}
    learnt = shuffled(step.restate(chunks(table, step)), 200)
    total = arrays.numbers(written(step, learnt)["total"])
    good = (total >= low) & (total <= low + width)
    for known in ({}, {"a": learnt[0]}):
        for name, found in step.narrow(want, known).items():
            numbers = arrays.numbers(learnt[["a", "b"].index(name)])
            allowed = np.ones(len(numbers), np.bool_)
            allowed &= True if found.low is None else numbers >= found.low
            allowed &= True if found.high is None else numbers <= found.high
            assert (allowed | ~good).all()
            assert allowed.sum() == good.sum() or not known or good.sum() == 0 or (allowed >= good).all()


def test_a_term_whose_sum_may_be_missing_can_be_anything() -> None:
    a = pa.array([1, 2, 3, 4] * 5)
    b = pa.array([5, None, 7, 8] * 5)
    table = pa.table({"total": pc.add(a, b), "a": a, "b": b})
    step = step_of(Sum("total", ("a", "b")), table, needed={"a", "b"})
    want = Wanted(low=np.array([12]), missing=np.array([True]))
    found = step.narrow({"total": want}, {})
    assert found["a"].low is None  # in the rows without b
    assert found["b"].low.tolist() == [8]
    found = step.narrow({"total": replace(want, missing=np.array([True, False]))}, {})
    assert found["a"].low.tolist() == [1, 4]


def test_a_total_beyond_all_that_there_were_is_told_at_once() -> None:
    table = pa.table({"a": [1, 2, 5], "b": [4, 3, 5], "t": [5, 5, 10]})
    step = step_of(Sum("t", ("a", "b")), table)
    assert step is not None
    for bounds in ({"low": np.array([11])}, {"high": np.array([4])}):
        told = step.narrow({step.computed: Wanted(missing=np.array([False]), **bounds)}, {})
        assert any(not own.holds(pa.array([1, 5, None])).any() for own in told.values())
    told = step.narrow({step.computed: Wanted(missing=np.array([False]), low=np.array([10]))}, {})
    assert all(own.holds(pa.array([5])).all() for own in told.values())
