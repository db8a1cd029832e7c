"""Holes are filled so that known cells stay, rules hold and nothing depends on what follows."""

import datetime as dt
import warnings
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from tabgan import TabGAN
from tabgan.errors import DataWarning
from tabgan.filling import ROWS, completed
from tabgan.table import dtypes
from tabgan.table.constraints import Predicate

from .small_shop import COLOURS, DEPARTMENTS, broken_rules, hidden, ruled


def fill(model: TabGAN, table: pa.Table, seed: int = 5, missing: bool = False, draws: int = 1) -> pa.Table:
    holes = model.schema.conform(table, with_holes=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parts = list(completed(model._fitted(), holes, seed=seed, missing=missing, draws=draws))
    made = pa.concat_tables(parts)
    assert made.schema == holes.schema
    for name in holes.column_names:
        known = pa.array(~dtypes.missing(dtypes.flatten(holes[name])))
        assert made[name].filter(known).to_pylist() == holes[name].filter(known).to_pylist(), name
        assert missing or not made[name].null_count, name
    return made


def without(table: pa.Table, names: Sequence[str]) -> pa.Table:
    return table.drop_columns(list(names))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_known_cells_stay_all_holes_are_filled_and_rules_hold(shop_model: TabGAN, shop: pa.Table, share: float) -> None:
    assert broken_rules(fill(shop_model, hidden(shop.slice(0, 150), share))) == {}


@pytest.mark.parametrize(
    "names",
    [
        ["net"],
        ["gross"],
        ["net", "tax"],
        ["tax", "gross"],
        ["red"],
        ["red", "blue"],
        ["ordered"],
        ["sent"],
        ["ordered", "sent", "gross"],
        ["product"],
        ["department"],
        ["id"],
        list(COLOURS),
    ],
    ids="+".join,
)
def test_of_columns_that_go_together_some_are_hidden(shop_model: TabGAN, shop: pa.Table, names: list[str]) -> None:
    assert broken_rules(fill(shop_model, without(shop.slice(0, 60), names))) == {}


def test_the_likeliest_rows_keep_the_rules_too(shop_model: TabGAN, shop: pa.Table) -> None:
    assert broken_rules(fill(shop_model, hidden(shop.slice(0, 40), 0.4), draws=3)) == {}


@pytest.mark.slow
def test_the_likeliest_cells_are_right_more_often(shop_model: TabGAN, shop: pa.Table) -> None:
    holes = without(shop.slice(0, 250), ["member"])
    real = shop["member"].to_pylist()[:250]
    right = [
        sum(a == b for a, b in zip(fill(shop_model, holes, draws=d)["member"].to_pylist(), real, strict=True))
        for d in (1, 7)
    ]
    assert right[1] >= right[0]


def test_the_seed_decides_and_nothing_is_changed(shop_model: TabGAN, shop: pa.Table) -> None:
    holes = hidden(shop.slice(0, 80), 0.3)
    before = pa.table(holes.columns, schema=holes.schema)
    one, same, other = (fill(shop_model, holes, seed) for seed in (1, 1, 2))
    assert one.equals(same)
    assert not one.equals(other)
    assert holes.equals(before)


def test_rows_do_not_depend_on_how_many_follow(shop_model: TabGAN, shop: pa.Table) -> None:
    holes = without(hidden(pa.concat_tables([shop, shop]), 0.3), ["id"])
    assert holes.num_rows > 2 * ROWS
    many = fill(shop_model, holes)
    for n in (5, ROWS + 3):
        assert fill(shop_model, holes.slice(0, n)).equals(many.slice(0, n).combine_chunks())


def test_a_table_without_holes_comes_back(shop_model: TabGAN, shop: pa.Table) -> None:
    whole = shop.filter(shop["sent"].is_valid()).slice(0, 20)
    whole = whole.filter(whole["weight"].is_valid())
    assert fill(shop_model, whole).equals(shop_model.schema.conform(whole))


def test_a_table_of_one_row_with_nothing_in_it_is_filled(shop_model: TabGAN, shop: pa.Table) -> None:
    nothing = pa.table([pa.nulls(1, field.type) for field in shop.schema], schema=shop.schema)
    assert broken_rules(fill(shop_model, nothing)) == {}


def test_cells_may_stay_missing_where_this_is_asked_for(shop_model: TabGAN, shop: pa.Table) -> None:
    made = fill(shop_model, without(shop.slice(0, 300), ["sent", "weight"]), missing=True)
    assert 0 < made["sent"].null_count < 150
    assert 0 < made["weight"].null_count < 100
    assert broken_rules(made) == {}


def test_a_department_gets_its_products_and_a_product_its_department(shop_model: TabGAN) -> None:
    names = list(DEPARTMENTS)
    made = fill(
        shop_model, pa.table({"department": ["tools"] * 50 + [None] * 50, "product": [None] * 50 + [names[1]] * 50})
    )
    assert {DEPARTMENTS[name] for name in made["product"].to_pylist()[:50]} == {"tools"}
    assert set(made["department"].to_pylist()[50:]) == {"games"}


def test_what_goes_with_known_cells_is_learnt(shop_model: TabGAN, shop: pa.Table) -> None:
    names = list(DEPARTMENTS)
    made = fill(shop_model, pa.table({"product": [names[1]] * 150 + [names[11]] * 150}))
    weights = np.array(made["weight"].to_pylist())
    assert weights[150:].mean() - weights[:150].mean() > 3


def test_an_end_is_near_the_start_that_is_found_for_it(shop_model: TabGAN, shop: pa.Table) -> None:
    ends = [dt.datetime(2021, 6, day, 12) for day in range(1, 25)]
    made = fill(shop_model, pa.table({"sent": pa.array(ends, pa.timestamp("s"))}))
    days = [
        (end - start).days for start, end in zip(made["ordered"].to_pylist(), made["sent"].to_pylist(), strict=True)
    ]
    assert min(days) >= 0
    assert max(days) <= 9 + 16


def test_keys_that_are_filled_in_are_in_no_other_row(shop_model: TabGAN, shop: pa.Table) -> None:
    taken = shop_model.sample(300, seed=5)["id"].to_list()
    ids = [None if i % 2 else taken[i] for i in range(300)]
    made = fill(shop_model, pa.table({"id": ids}))
    assert len(made["id"].unique()) == 300


@pytest.mark.filterwarnings("ignore:in 1 rows")
def test_foreign_cells_are_warned_of_and_stay(shop_model: TabGAN, shop: pa.Table) -> None:
    table = pa.table({"member": [True, None], "product": ["product 99", "product 01"], "net": [10**6, 20]})
    holes = shop_model.schema.conform(table, with_holes=True)
    for draws in (2,):
        with pytest.warns(DataWarning, match=r"never seen .*in columns .*'product' \(1\)") as caught:
            made = pa.concat_tables(completed(shop_model._fitted(), holes, seed=0, missing=False, draws=draws))
        assert len([each for each in caught if "never seen" in str(each.message)]) == 1
        assert made["product"].to_pylist() == ["product 99", "product 01"]
        assert made["net"].to_pylist() == [10**6, 20]
        assert made["department"].to_pylist()[1] == "games"
        assert not made["department"].null_count


def test_rows_that_go_together_nowhere_are_counted_once(shop_model: TabGAN) -> None:
    table = pa.table({"red": [1, 1, 0], "green": [1, 0, 0], "blue": pa.array([None, None, None], pa.int64())})
    holes = shop_model.schema.conform(table, with_holes=True)
    for draws in (2,):
        with pytest.warns(DataWarning, match="in 1 rows the known cells go together in no row"):
            made = pa.concat_tables(completed(shop_model._fitted(), holes, seed=0, missing=False, draws=draws))
        assert made["blue"].to_pylist()[1:] == [0, 1]
        assert made["red"].to_pylist() == [1, 1, 0]


def test_a_predicate_is_kept_by_drawing_again(shop_model: TabGAN) -> None:
    rule = Predicate("members pay little", lambda frame: ~frame["member"] | (frame["gross"] < 350))
    learnt = ruled(shop_model, rule)
    holes = shop_model.schema.conform(pa.table({"department": ["tools"] * 120}), with_holes=True)
    made = pa.concat_tables(completed(learnt, holes, seed=1, missing=True))
    assert not rule.broken(made).any()
    assert broken_rules(made) == {}
    free = pa.concat_tables(completed(shop_model._fitted(), holes, seed=1, missing=True))
    assert rule.broken(free).any()
