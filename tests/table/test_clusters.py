"""Clusters: categories that occur with the same cells come together, in clusters of equal size."""

import numpy as np
import pytest

from tabgan.table import clusters
from tabgan.table.relations import Coded


def planted(n: int, d: int, n_kinds: int) -> tuple[np.ndarray, np.ndarray, list[Coded]]:
    """A column of d categories of some kinds, the kinds, and three columns that depend on the kind."""
    rng = np.random.default_rng(0)
    kinds = rng.permutation(np.arange(d) % n_kinds)
    column = np.concatenate([np.arange(d), rng.integers(0, d, n - d)])
    others = []
    for _ in range(3):
        usual = rng.integers(0, 12, n_kinds)[kinds[column]]
        cells = np.where(rng.random(n) < 0.7, usual, rng.integers(0, 12, n))
        others.append(Coded(cells.astype(np.int32), 12))
    return column, kinds, others


def test_planted_kinds_are_found() -> None:
    column, kinds, others = planted(40_000, 400, 8)
    points = clusters.describe(column, 400, others)
    found = clusters.split(points, np.bincount(column), 8)
    kept = [np.bincount(kinds[found == cluster]).max() for cluster in range(8)]
    assert sum(kept) > 0.8 * 400  # at random it is about 90


@pytest.mark.parametrize(("d", "n_clusters"), [(1, 1), (5, 5), (10, 3), (1_000, 32), (1_000, 7)])
def test_clusters_are_of_nearly_equal_size_and_all_there(d: int, n_clusters: int) -> None:
    points = np.random.default_rng(0).normal(size=(d, 4))
    found = clusters.split(points, np.ones(d, np.int64), n_clusters)
    sizes = np.bincount(found, minlength=n_clusters)
    assert len(sizes) == n_clusters
    assert sizes.min() >= 1
    assert sizes.max() <= -(-d // n_clusters) + 1


def test_nothing_is_random_and_equal_points_are_split_too() -> None:
    column, _, others = planted(5_000, 300, 4)
    one, two = (clusters.describe(column, 300, others) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    weights = np.bincount(column)
    np.testing.assert_array_equal(clusters.split(one, weights, 9), clusters.split(two, weights, 9))
    assert np.bincount(clusters.split(np.zeros((300, 1)), weights, 3)).tolist() == [100, 100, 100]


def test_without_other_columns_there_is_nothing_to_tell_apart() -> None:
    assert not clusters.describe(np.arange(10) % 5, 5, []).any()


def test_memory_is_bounded_however_many_categories_and_columns_there_are() -> None:
    rng = np.random.default_rng(0)
    d = 200_000
    column = np.arange(d)
    others = [Coded(rng.integers(0, 50, d).astype(np.int32), 50) for _ in range(60)]
    assert clusters.features_each(d, len(others)) == 2
    assert clusters.describe(column, d, others).shape == (d, 16)


def test_features_are_shared_out_among_the_columns() -> None:
    assert clusters.features_each(1_000, 4) == 64
    assert clusters.features_each(1_000, 0) == 256
    assert clusters.features_each(100_000, 10) == 8
