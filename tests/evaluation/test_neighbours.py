import numpy as np
import pytest
from scipy.spatial.distance import cdist

from tabgan.evaluation import neighbours
from tabgan.evaluation.neighbours import affordable, nearest


def test_the_nearest_are_those_of_all_distances():
    draw = np.random.default_rng(0)
    points, reference = (draw.normal(size=(n, 7)).astype(np.float32) for n in (50, 300))
    every = cdist(points.astype(float), reference.astype(float))
    distances, places = nearest(points, reference, 3)
    np.testing.assert_array_equal(places, np.argsort(every, axis=1)[:, :3])
    np.testing.assert_allclose(distances, np.sort(every, axis=1)[:, :3], atol=1e-6)


def test_a_copy_has_no_distance_however_far_from_the_origin():
    points = (1000 + np.random.default_rng(0).normal(size=(200, 30))).astype(np.float32)
    distances, places = nearest(points, points[::-1], 1)
    assert (distances == 0).all()
    assert (places[:, 0] == np.arange(200)[::-1]).all()


def test_chunks_do_not_change_the_result(monkeypatch):
    draw = np.random.default_rng(0)
    points, reference = (draw.normal(size=(n, 4)).astype(np.float32) for n in (23, 90))
    whole = nearest(points, reference, 2)
    monkeypatch.setattr(neighbours, "_MAX_CELLS", 40)
    for one, other in zip(nearest(points, reference, 2), whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_few_rows_and_no_features():
    point = np.zeros((2, 3), np.float32)
    assert nearest(point, point[:1], 5)[0].shape == (2, 1)
    distances, places = nearest(point[:, :0], point[:, :0], 2)
    assert distances.tolist() == [[0, 0], [0, 0]]
    assert places.tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("most", "work", "expected"), [(5000, 1e9, 1000), (500, 1e9, 500), (5000, 1e3, 200), (50, 1e3, 50)]
)
def test_the_rows_that_can_be_afforded(most, work, expected):
    assert affordable(np.zeros((10_000, 100), np.float32), most, work) == expected
