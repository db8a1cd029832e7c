"""Rows that break rules are left out, and too few that keep them are an error that counts."""

import itertools
import time
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import ConditionError, SchemaError
from tabgan.rejecting import MOST_TRIED, Rejection
from tabgan.table.constraints import Combinations, Order, Predicate, Unique

ORDER = Order("a", "b")


def tables(rows: int = 100, seed: int = 0) -> Iterator[pa.Table]:
    random = np.random.default_rng(seed)
    while True:
        yield pa.table({"a": random.integers(0, 10, rows), "b": random.integers(0, 10, rows)})


def kept(rejection: Rejection, n: int, source: Iterator[pa.Table], **options: float) -> pa.Table:
    mine, other = itertools.tee(source)
    parts = [table.take(pa.array(rows)) for rows, table in zip(rejection.kept(mine, n, **options), other, strict=False)]
    return pa.concat_tables(parts)


def test_only_rules_that_rows_can_be_checked_for_count() -> None:
    assert Rejection.of([]) is None
    assert Rejection.of([Combinations(("a", "b"))]) is None
    found = Rejection.of([Combinations(("a", "b")), ORDER, Unique(("a", "b")), Unique(("b",))])
    assert found == Rejection((ORDER,), (Unique(("a", "b")), Unique(("b",))))
    assert found.names == ("a", "b")


def test_what_is_done_with_rows_meanwhile_does_not_count_as_drawing() -> None:
    found = Rejection.of([ORDER])
    assert found is not None
    n = 0
    for rows in found.kept(tables(), 200, limit_s=0.2):
        time.sleep(0.15)
        n += len(rows)
    assert n == 200


def test_of_a_function_it_cannot_be_told_which_columns_it_needs() -> None:
    assert Rejection((Predicate("p", lambda frame: frame["a"] > 1),), ()).names is None


def test_rows_that_hold_are_kept_in_order_and_no_more_than_asked_for() -> None:
    found = kept(Rejection((ORDER,), ()), 777, tables())
    everything = pa.concat_tables(itertools.islice(tables(), 30)).to_pandas()
    expected = everything[everything["a"] <= everything["b"]].head(777)
    assert found.to_pandas().to_dict("list") == expected.to_dict("list")


def test_several_rules_hold_together() -> None:
    rules = (ORDER, Predicate("a is even", lambda frame: frame["a"] % 2 == 0))
    found = kept(Rejection(rules, ()), 200, tables()).to_pandas()
    assert len(found) == 200
    assert ((found["a"] <= found["b"]) & (found["a"] % 2 == 0)).all()


def test_no_row_is_like_one_of_an_earlier_table() -> None:
    found = kept(Rejection((), (Unique(("a", "b")),)), 100, tables(30))
    assert len(set(map(tuple, found.to_pandas().to_numpy().tolist()))) == 100


def test_each_of_several_unique_rules_counts_alone() -> None:
    found = kept(Rejection((), (Unique(("a",)), Unique(("b",)))), 5, tables(7)).to_pandas()
    assert found["a"].is_unique
    assert found["b"].is_unique
    assert len(found) == 5


def test_a_rejected_row_does_not_count_as_seen() -> None:
    table = pa.table({"a": [9, 1, 1], "b": [1, 9, 9]})
    found = kept(Rejection((ORDER,), (Unique(("b",)),)), 2, iter([table, pa.table({"a": [0], "b": [1]})]))
    assert found.to_pydict() == {"a": [1, 0], "b": [9, 1]}


def test_a_row_with_a_missing_cell_is_like_no_other() -> None:
    rule = Unique(("a", "b"))
    table = pa.table({"a": [1, 1, 1, None, None], "b": pa.array([None, None, 2.0, 2.0, 2.0])})
    assert not rule.broken(table).any()
    assert kept(Rejection((), (rule,)), 5, iter([table])).num_rows == 5


def test_nan_is_a_missing_cell_and_zeros_are_equal() -> None:
    table = pa.table({"a": [float("nan"), float("nan"), 0.0, -0.0]})
    found = kept(Rejection((), (Unique(("a",)),)), 3, iter([table]))
    assert [str(cell) for cell in found["a"].to_pylist()] == ["nan", "nan", "0.0"]


def test_rows_that_hardly_ever_hold_are_found() -> None:
    rule = Predicate("rare", lambda frame: (frame["a"] == 3) & (frame["b"] == 7))
    found = kept(Rejection((rule,), ()), 40, tables()).to_pandas()
    assert len(found) == 40
    assert set(zip(found["a"], found["b"], strict=True)) == {(3, 7)}


def test_a_rule_that_no_row_meets_ends_with_counts() -> None:
    rule = Predicate("a is 12", lambda frame: frame["a"] == 12)
    tried = -(-MOST_TRIED // 50_000) * 50_000
    with pytest.raises(ConditionError, match=rf"none of {tried:,} rows meets a is 12 .*: loosen the rule"):
        kept(Rejection((rule,), ()), 1, tables(50_000))


def test_the_limit_says_how_many_there_were() -> None:
    rejection = Rejection((), (Unique(("a",)),))
    with pytest.raises(
        ConditionError, match=r"expected 11 rows, got 10 out of .* in 0.05 s .*no two rows have the same"
    ):
        kept(rejection, 11, tables(), limit_s=0.05)


def test_the_limit_counts_without_any_row_too() -> None:
    with pytest.raises(ConditionError, match=r"none of 100 rows in 0 s meets never"):
        kept(Rejection((Predicate("never", lambda frame: frame["a"] < 0),), ()), 1, tables(), limit_s=0)


def test_enough_rows_are_no_error_however_long_they_took() -> None:
    assert kept(Rejection((ORDER,), ()), 3, tables(), limit_s=0).num_rows == 3


@pytest.mark.parametrize("function", [None, lambda frame: 1 / 0, lambda frame: True])
def test_predicates_that_fail_are_named(function) -> None:
    with pytest.raises(SchemaError, match="the predicate 'mine'"):
        kept(Rejection((Predicate("mine", function),), ()), 1, tables())
