"""Rows drawn under conditions and rules."""

from multiprocessing import active_children

import numpy as np
import pyarrow as pa
import pytest
import torch

from tabgan import TabGAN, TrainingConfig
from tabgan.errors import ConditionError, InputError, SchemaError
from tabgan.gan.drawing import BLOCK
from tabgan.learnt import Learnt
from tabgan.rows import rows_where
from tabgan.table.constraints import Predicate, Range, Unique

from .small_shop import broken_rules, ruled


def rows(learnt: Learnt, n: int, where: object = None, seed: int = 3, limit_s: float = 60) -> pa.Table:
    parts = list(rows_where(learnt, n, where, seed=seed, limit_s=limit_s))
    assert all(part.num_rows for part in parts)
    return pa.concat_tables(parts)


def test_rows_keep_the_rules_that_were_found(shop_model: TabGAN) -> None:
    made = rows(shop_model._fitted(), 3_000)
    assert made.num_rows == 3_000
    assert broken_rules(made) == {}


def test_fewer_rows_are_the_first_ones(shop_model: TabGAN) -> None:
    learnt = ruled(shop_model, Predicate("p", lambda frame: frame["weight"].fillna(0) < 6))
    assert rows(learnt, 5_000).slice(0, 40).equals(rows(learnt, 40).combine_chunks())


def test_rules_that_hold_anyway_change_nothing(shop_model: TabGAN) -> None:
    assert rows(shop_model._fitted(), 60).equals(rows(ruled(shop_model, found=False), 60))


def test_a_predicate_holds_in_every_row(shop_model: TabGAN) -> None:
    learnt = ruled(
        shop_model, Predicate("light books", lambda frame: (frame["department"] == "books") & frame["member"])
    )
    made = rows(learnt, 500)
    assert set(made["department"].to_pylist()) == {"books"}
    assert all(made["member"].to_pylist())
    assert broken_rules(made) == {}


def test_a_predicate_holds_beside_a_condition(shop_model: TabGAN) -> None:
    learnt = ruled(shop_model, Predicate("cheap", lambda frame: frame["gross"] < 300))
    made = rows(learnt, 200, ["gross >= 100", "red=1"])
    assert min(made["gross"].to_pylist()) >= 100
    assert max(made["gross"].to_pylist()) < 300
    assert set(made["red"].to_pylist()) == {1}


def test_a_predicate_that_no_row_meets_is_an_error_that_counts(shop_model: TabGAN) -> None:
    learnt = ruled(shop_model, Predicate("a fourth colour", lambda frame: frame["red"] > 1))
    with pytest.raises(ConditionError, match=r"none of 4,096 rows in 0 s meets .*a fourth colour"):
        rows(learnt, 5, limit_s=0)


def test_rows_differ_in_several_columns_over_blocks(shop_model: TabGAN) -> None:
    names = ("product", "net", "member")
    made = rows(ruled(shop_model, Unique(names)), 4_000).select(list(names))
    assert made.group_by(list(names)).aggregate([]).num_rows == 4_000


def test_more_different_rows_than_there_can_be_end_at_the_limit(shop_model: TabGAN) -> None:
    with pytest.raises(ConditionError, match=r"expected 20 rows, got 12 out of"):
        rows(ruled(shop_model, Unique(("product",))), 20, limit_s=0.5)


def test_keys_are_counted_among_rows_that_are_kept() -> None:
    n = 200
    random = np.random.default_rng(0)
    low = random.integers(0, 100, n)
    table = pa.table(
        {
            "key": [f"R{i:03}" for i in random.permutation(999)[:n]],
            "low": low,
            "high": low + random.integers(0, 9, n),
            "kind": random.choice(["a", "b"], n),
        }
    )
    model = TabGAN(TrainingConfig(steps=20), device="cpu").fit(table)
    learnt = ruled(model, Predicate("a", lambda frame: frame["kind"] == "a"))
    capacity = learnt.coding.recast.keys[0].capacity
    assert capacity < 4_096
    made = rows(learnt, capacity)
    assert len(made["key"].unique()) == capacity
    assert rows(learnt, 10).equals(made.slice(0, 10).combine_chunks())
    with pytest.raises(InputError, match=f"expected at most {capacity:,} rows"):
        rows(learnt, capacity + 1)


def test_a_predicate_that_a_file_has_lost_is_an_error(shop_model: TabGAN) -> None:
    with pytest.raises(SchemaError, match="the predicate 'mine': expected a function"):
        rows(ruled(shop_model, Predicate("mine")), 5)


def test_a_number_of_rows_must_be_that_of_the_latent_vectors(shop_model: TabGAN) -> None:
    points = np.zeros((3, len(shop_model.latent_space.dimensions)))
    assert len(shop_model.sample(3, latent=points)) == len(shop_model.sample(latent=points)) == 3
    with pytest.raises(InputError, match="n must be the 3 rows of the latent vectors, or be left out, got 4"):
        shop_model.sample(4, latent=points)


@pytest.mark.parametrize("where", [None, {"department": "tools"}, ["gross >= 100", "red=1"]])
def test_rows_are_the_same_whatever_the_threads_and_the_chunks(where: object, shop_model: TabGAN) -> None:
    expected = pa.concat_tables(shop_model.sample_batches(9_000, where=where, workers=1)).combine_chunks()
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        for batch_rows in (1_000, 4_096, 65_536):
            made = list(shop_model.sample_batches(9_000, where=where, batch_rows=batch_rows))
            assert [part.num_rows for part in made[:-1]] == [batch_rows] * (len(made) - 1)
            assert pa.concat_tables(made).combine_chunks().equals(expected)
    finally:
        torch.set_num_threads(threads)
    single = list(shop_model.sample_batches(9, where=where, batch_rows=1))
    assert len(single) == 9
    assert pa.concat_tables(single).combine_chunks().equals(expected.slice(0, 9).combine_chunks())


def test_rows_that_are_checked_are_the_same_whatever_the_threads(shop_model: TabGAN) -> None:
    rules = Predicate("cheap", lambda frame: frame["gross"] < 300), Unique(("product", "net", "member"))
    learnt = ruled(shop_model, *rules)
    expected = rows(learnt, 2_000)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert rows(learnt, 2_000).equals(expected)
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("broken_from", [0, 1, 2])
def test_rows_move_up_from_the_first_one_that_breaks_a_rule(broken_from: int, shop_model: TabGAN) -> None:
    """A rule that no restatement keeps, and that is broken in few rows, here and there."""
    net = rows(shop_model._fitted(), 3 * BLOCK)["net"].to_numpy()
    most = int(np.sort(net[broken_from * BLOCK :])[-3])
    learnt = ruled(shop_model, Range("net", high=most))
    made, checked = (
        rows(learnt, 2 * BLOCK + 500),
        rows(ruled(shop_model, Predicate("p", lambda f: f["net"] <= most)), 2 * BLOCK + 500),
    )
    assert max(made["net"].to_pylist()) <= most
    assert made.combine_chunks().equals(checked.combine_chunks())


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "two"])
def test_the_number_of_processes_must_be_one(workers: object, shop_model: TabGAN) -> None:
    with pytest.raises(InputError, match="workers must be a positive whole number"):
        shop_model.sample_batches(5, workers=workers)  # type: ignore[arg-type]


@pytest.mark.slow
def test_processes_end_as_soon_as_rows_are_checked_here(shop_model: TabGAN) -> None:
    net = rows(shop_model._fitted(), BLOCK)["net"].to_numpy()
    learnt = ruled(shop_model, Range("net", high=int(np.sort(net)[-3])))
    made = rows_where(learnt, 3 * BLOCK, None, seed=3, limit_s=60, config=shop_model.config, workers=2)
    parts = [next(made)]
    assert active_children() == []
    parts += made
    assert pa.concat_tables(parts).combine_chunks().equals(rows(learnt, 3 * BLOCK).combine_chunks())
