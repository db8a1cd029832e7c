"""Columns with many categories: a group and a position in it."""

import json

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, GroupedEncoder
from tabgan.table.encoders.base import Categories
from tabgan.table.summaries import ColumnSummary

RNG = np.random.default_rng(0)


def spec(dtype: str = "string", *, nullable: bool = False) -> ColumnSpec:
    return ColumnSpec(name="id", kind="high_cardinality", dtype=dtype, nullable=nullable)


def grouped(groups: list[pa.Array], column: ColumnSpec) -> GroupedEncoder:
    sizes = tuple(len(group) for group in groups)
    return GroupedEncoder(Categories.of(pa.concat_arrays(groups), column), sizes, column.nullable)


@pytest.mark.parametrize("k", [1, 2, 3, 10, 99, 100, 101, 1_148])
def test_about_sqrt_k_nearly_equal_groups(k: int) -> None:
    encoder = GroupedEncoder.from_summary(ColumnSummary.of(pa.array(range(k))), spec("int64"))
    assert sum(encoder.sizes) == k
    assert max(encoder.sizes) - min(encoder.sizes) <= 1
    slots = encoder.slots("id")
    assert slots is not None
    assert sum(slots.cardinalities) <= 2 * np.sqrt(k) + 3


def test_every_id_comes_back() -> None:
    ids = pa.array([f"p{i:05d}" for i in range(5_000)])
    encoder = GroupedEncoder.from_summary(ColumnSummary.of(ids), spec())
    codes, values = encoder.encode(ids, RNG)
    assert len(np.unique(codes, axis=0)) == 5_000
    assert encoder.decode(codes, values).equals(ids)


def test_groups_of_different_sizes_can_be_given() -> None:
    groups = [pa.array(["c", "a"]), pa.array(["x"]), pa.array(["b", "y", "z"])]
    encoder = grouped(groups, spec(nullable=True))
    assert encoder.sizes == (2, 1, 3)
    slots = encoder.slots("id")
    assert slots is not None
    assert slots.cardinalities == (4, 3)
    assert slots.windows == (((0, 2), (0, 1), (0, 3), (0, 1)),)
    codes, values = encoder.encode(pa.array(["a", "x", "z", None]), RNG)
    assert codes.tolist() == [[0, 1], [1, 0], [2, 2], [3, 0]]
    assert encoder.decode(codes, values).to_pylist() == ["a", "x", "z", None]
    assert GroupedEncoder.from_json(json.loads(json.dumps(encoder.to_json()))) == encoder


def test_impossible_pairs_become_ids_of_the_same_group() -> None:
    groups = [pa.array(["a", "b"]), pa.array(["x"]), pa.array(["p", "q", "r"])]
    encoder = grouped(groups, spec())
    pairs = np.array([[g, p] for g in range(3) for p in range(3)], np.uint8)
    made = encoder.decode(pairs, np.zeros((9, 0), np.float32)).to_pylist()
    assert made == ["a", "b", "a", "x", "x", "x", "p", "q", "r"]


def test_missing_is_a_group_at_any_position() -> None:
    encoder = grouped([pa.array(["a", "b"])], spec(nullable=True))
    assert encoder.decode(np.array([[1, 0], [1, 1]], np.uint8), np.zeros((2, 0), np.float32)).to_pylist() == [
        None,
        None,
    ]


def test_sizes_must_add_up() -> None:
    encoder = grouped([pa.array(["a", "b"])], spec())
    with pytest.raises(ValueError, match="do not hold 2"):
        GroupedEncoder(encoder.categories, (1,), False)


def test_unknown_ids_are_named() -> None:
    with pytest.raises(CellsError, match="'new'"):
        grouped([pa.array(["a"])], spec()).encode(pa.array(["new", "a"]), RNG)
