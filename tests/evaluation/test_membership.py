import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from tabgan.evaluation.detection import auc_error
from tabgan.evaluation.membership import by_chance, caught, membership


@pytest.mark.parametrize("digits", [1, 6])
def test_the_figures_are_those_of_scikit_learn(digits):
    draw = np.random.default_rng(0)
    train, held_out = np.round(draw.exponential(0.6, 400), digits), np.round(draw.exponential(size=300), digits)
    labels, scores = np.repeat([1, 0], [400, 300]), -np.concatenate([train, held_out])
    found = membership(train, held_out, draw)
    assert found.auc.value == pytest.approx(roc_auc_score(labels, scores))
    assert found.auc.standard_error == auc_error(found.auc.value, 400, 300)
    curve = roc_curve(labels, scores, drop_intermediate=False)
    best = curve[1][curve[0] <= 0.01].max()
    assert found.caught.value == pytest.approx(best) if digits == 6 else found.caught.value >= best
    assert found.caught.low <= found.caught.value <= found.caught.high
    assert (found.auc.floor, found.caught.floor, found.n_train, found.n_held_out) == (0.5, 4 / 301, 400, 300)


def test_equally_near_rows_are_drawn_by_lot():
    assert caught(np.zeros(50), np.zeros(80)) == pytest.approx(1 / 81)
    assert caught(np.zeros(50), np.ones(80)) == 1.0
    assert caught(np.ones(50), np.zeros(80)) == 0.0
    assert caught(np.zeros(3), np.ones(1)) == 1.0


@pytest.mark.parametrize("size", [50, 700, 1000])
def test_harmless_distances_are_caught_as_often_as_chance_gives(size):
    draw = np.random.default_rng(1)
    shares = [caught(draw.random(400), draw.random(size)) for _ in range(400)]
    assert np.mean(shares) == pytest.approx(by_chance(size), abs=0.003)
    assert by_chance(100_000) == pytest.approx(0.01, abs=1e-4)


def test_the_interval_of_the_auc_covers_at_its_rate():
    draw = np.random.default_rng(0)
    found = [membership(draw.random(100), draw.random(100), draw).auc for _ in range(150)]
    assert 0.9 < np.mean([auc.low <= 0.5 <= auc.high for auc in found]) <= 1
