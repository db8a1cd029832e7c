"""The tree of the plane: balanced, tight, and the same points in the same leaves."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.errors import SchemaError
from tabgan.table.restating.place_tree import PlaneTree


def test_leaves_hold_equally_many_points() -> None:
    points = np.random.default_rng(0).normal(size=(4_000, 2)) * [1.0, 20.0]
    tree = PlaneTree.of(points, 6)
    counts = np.bincount(tree.leaves(points), minlength=64)
    assert tree.n_leaves == 64
    assert counts.min() >= 62
    assert counts.max() <= 63


def test_leaves_that_follow_each_other_are_near() -> None:
    points = np.random.default_rng(1).random((4_096, 2))
    tree = PlaneTree.of(points, 8)
    leaves = tree.leaves(points)
    middles = np.stack([points[leaves == leaf].mean(axis=0) for leaf in range(256)])
    steps = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    assert np.median(steps) < 0.1  # the side of a leaf is a sixteenth


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=60),
    st.integers(0, 5),
)
def test_places_that_coincide_share_a_leaf(places: list[tuple[int, int]], depth: int) -> None:
    points = np.array(places, float)
    tree = PlaneTree.of(points, depth)
    leaves = tree.leaves(points)
    assert leaves.min() >= 0
    assert leaves.max() < tree.n_leaves == 2**depth
    assert len(np.unique(np.column_stack([points, leaves]), axis=0)) == len(np.unique(points, axis=0))
    assert PlaneTree.from_json(json.loads(json.dumps(tree.to_json()))) == tree


def test_different_places_are_parted_if_there_is_room() -> None:
    points = np.array([[0.0, 0.0]] * 50 + [[1.0, 0.0]] + [[1.0, 1.0]])
    assert len(np.unique(PlaneTree.of(points, 3).leaves(points))) == 3


@pytest.mark.parametrize(("axes", "cuts"), [((0, 0), (0.0, 0.0)), ((2,), (0.0,)), ((0,), (float("nan"),)), ((0,), ())])
def test_what_is_no_tree(axes: tuple[int, ...], cuts: tuple[float, ...]) -> None:
    with pytest.raises(SchemaError, match="expected"):
        PlaneTree(axes, cuts)
