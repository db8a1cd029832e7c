"""What several completions of the same rows agree on."""

import numpy as np
import pyarrow as pa

from tabgan import TabGAN
from tabgan.settling import linked, settled


def marks(*rows: list[int]) -> np.ndarray:
    return np.array(rows)


def tables(**columns: list[list[object]]) -> list[pa.Table]:
    rows = zip(*columns.values(), strict=True)
    return [pa.table(dict(zip(columns, draws, strict=True))) for draws in rows]


def empty(like: pa.Table) -> pa.Table:
    return pa.table([pa.nulls(like.num_rows, field.type) for field in like.schema], schema=like.schema)


GOOD = np.full((3, 2), 2)


def test_numbers_take_the_median_and_others_what_is_commonest() -> None:
    draws = tables(a=[[1, 9], [5, 8], [90, 7]], b=[["x", "y"], ["z", "y"], ["z", "w"]])
    assert settled(draws, empty(draws[0]), [], GOOD).to_pydict() == {"a": [5, 8], "b": ["z", "y"]}


def test_known_cells_stay() -> None:
    draws = tables(a=[[1, 9], [1, 8], [1, 7]])
    assert settled(draws, pa.table({"a": pa.array([None, 100])}), [], GOOD)["a"].to_pylist() == [1, 100]


def test_columns_of_a_group_come_from_one_draw() -> None:
    draws = tables(a=[[1], [5], [9]], b=[[9], [1], [5]], total=[[10], [6], [14]])
    made = settled(draws, empty(draws[0]), [{"a", "b", "total"}], GOOD[:, :1]).to_pydict()
    assert made["a"][0] + made["b"][0] == made["total"][0]


def test_a_single_choice_is_the_commonest_choice() -> None:
    choices = np.eye(3, dtype=int)[[0, 1, 2, 2, 1, 2, 0]]
    draws = [pa.table({name: [int(cell)] for name, cell in zip("xyz", row, strict=True)}) for row in choices]
    made = settled(draws, empty(draws[0]), [{"x", "y", "z"}], np.full((7, 1), 2))
    assert made.to_pydict() == {"x": [0], "y": [0], "z": [1]}


def test_only_the_best_draws_of_a_row_count() -> None:
    draws = tables(a=[[1, 9], [5, 8], [90, 7]], b=[["x", "y"], ["z", "y"], ["z", "w"]])
    made = settled(draws, empty(draws[0]), [], marks([2, 0], [0, 0], [0, 2]))
    assert made.to_pydict() == {"a": [1, 7], "b": ["x", "w"]}


def test_missing_cells_are_counted_like_others() -> None:
    draws = [pa.table({"a": pa.array(cells, pa.int64())}) for cells in ([None, 4], [None, None], [3, 4])]
    assert settled(draws, empty(draws[0]), [], GOOD)["a"].to_pylist() == [None, 4]


def test_dictionaries_and_booleans_are_settled_in_their_types() -> None:
    sizes = pa.array(["S", "M", "L"])
    draws = [
        pa.table({"a": pa.DictionaryArray.from_arrays(pa.array([i], pa.int8()), sizes, ordered=True), "b": [i == 1]})
        for i in (1, 2, 1)
    ]
    made = settled(draws, empty(draws[0]), [], GOOD[:, :1])
    assert made.schema == draws[0].schema
    assert made.to_pydict() == {"a": ["M"], "b": [True]}


def test_what_rules_and_restatements_hold_together_is_linked(shop_model: TabGAN) -> None:
    groups = linked(shop_model._fitted().coding)
    names = [name for group in groups for name in group]
    assert len(names) == len(set(names))
    for own in ({"red", "green", "blue"}, {"product", "department"}, {"net", "tax", "gross"}, {"ordered", "sent"}):
        (group,) = (group for group in groups if group & own)
        assert own <= group
    assert {"member"} in groups
