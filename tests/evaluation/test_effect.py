import numpy as np
import pytest

from tabgan.evaluation import effect
from tabgan.evaluation.distances import (
    KS,
    TOTAL_VARIATION,
    cramers_v_measure,
    ks_distance,
    total_variation,
    wasserstein_measure,
)
from tabgan.evaluation.effect import coarsen, community, estimates, moved
from tabgan.evaluation.results import Estimate


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_floor_is_what_two_real_samples_give():
    draw = rng()
    share = np.asarray([0.4, 0.3, 0.2, 0.1, 0.0])
    pairs = [(draw.multinomial(800, share), draw.multinomial(500, share)) for _ in range(300)]
    truth = np.mean([total_variation(a, b) for a, b in pairs])
    (found,) = estimates((TOTAL_VARIATION,), *pairs[0], draw, sparse=True)
    assert found.floor == pytest.approx(truth, rel=0.1)


def test_the_floor_knows_of_categories_that_the_sample_has_missed():
    draw = rng()
    share = np.append(np.full(2000, 1 / 2000), 0.0)
    pairs = [(draw.multinomial(300, share), draw.multinomial(300, share)) for _ in range(50)]
    truth = np.mean([total_variation(a, b) for a, b in pairs])
    floors = [estimates((TOTAL_VARIATION,), *pair, draw, sparse=True)[0].floor for pair in pairs[:10]]
    assert np.mean(floors) == pytest.approx(truth, rel=0.06)


def test_the_community_behind_a_sample():
    draw = rng()
    found = community(np.append(draw.multinomial(300, np.full(500, 1 / 500)), 0))
    assert found.sum() == pytest.approx(1.0)
    assert (found >= 0).all()
    assert 400 < (found > 0).sum() < 620
    complete = np.asarray([50, 40, 10, 0])
    np.testing.assert_allclose(community(complete), complete / 100)
    assert community(np.asarray([1])).tolist() == [1.0]
    assert community(np.ones(50, np.int64)).sum() == pytest.approx(1.0)


def test_the_standard_error_is_the_spread_over_fresh_samples():
    draw = rng()
    p, q = [0.5, 0.3, 0.2, 0.0], [0.3, 0.3, 0.4, 0.0]
    fresh = [(draw.multinomial(900, p), draw.multinomial(900, q)) for _ in range(400)]
    truth = np.std([total_variation(a, b) for a, b in fresh])
    (found,) = estimates((TOTAL_VARIATION,), *fresh[0], draw, sparse=True)
    assert found.standard_error == pytest.approx(truth, rel=0.2)
    assert abs(found.value - 0.2) < 4 * truth


def test_intervals_hold_the_value_and_stay_inside_their_range():
    draw = rng()
    for real, synthetic in ([[9, 1, 0], [0, 3, 6]], [[5, 0], [7, 0]], [[1, 0], [0, 1]], [[80, 20, 1], [81, 19, 1]]):
        sides = np.asarray(real), np.asarray(synthetic)
        measures = (KS, TOTAL_VARIATION, cramers_v_measure(*sides))
        for found in estimates(measures, *sides, draw, sparse=True):
            assert 0 <= found.low <= found.value <= found.high <= 1


def test_what_two_rows_show_is_next_to_nothing():
    (found,) = estimates((TOTAL_VARIATION,), np.asarray([1, 0, 0]), np.asarray([0, 1, 0]), rng(), sparse=True)
    assert (found.low, found.high) == (0.0, 1.0)
    (found,) = estimates((KS,), np.asarray([1, 0]), np.asarray([1, 0]), rng(), sparse=False)
    assert found.high > 0.5


def test_intervals_shrink_as_tables_grow():
    share = np.asarray([5, 3, 2, 0])
    small, large = (estimates((KS,), share * n, share[::-1] * n + share, rng(), sparse=False)[0] for n in (20, 2000))
    assert (large.high - large.low) < (small.high - small.low) / 5


def test_the_same_draws_give_the_same_estimates():
    sides = np.asarray([50, 40, 10, 0]), np.asarray([50, 30, 15, 5])
    assert estimates((KS,), *sides, rng(), sparse=False) == estimates((KS,), *sides, rng(), sparse=False)


def test_very_many_categories_are_resampled_less_often(monkeypatch):
    monkeypatch.setattr(effect, "_MAX_DRAWN", 2000)
    (found,) = estimates((TOTAL_VARIATION,), *np.full((2, 101), 30), rng(), sparse=True)
    assert found.low == 0 < found.floor


def test_a_wasserstein_interval_is_in_the_unit_of_the_numbers():
    sides = np.asarray([50, 40, 10, 3]), np.asarray([30, 40, 30, 1])
    one, thousand = (
        estimates((wasserstein_measure(np.asarray([0.0, 1.0, 2.0]) * scale),), *sides, rng(), sparse=False)[0]
        for scale in (1, 1000)
    )
    for field in ("value", "low", "high", "standard_error", "floor"):
        assert getattr(thousand, field) == pytest.approx(1000 * getattr(one, field))


def test_coarsening_barely_moves_the_distance():
    draw = rng()
    real, synthetic = draw.poisson(1.0, 20_001), draw.poisson(1.0 + np.linspace(0, 0.2, 20_001))
    real[77] = 50_000
    *cells, starts = coarsen(real, synthetic)
    assert len(cells[0]) == len(starts) + 1 <= effect.MAX_CELLS + 130
    assert [part.sum() for part in cells] == [real.sum(), synthetic.sum()]
    assert ks_distance(*cells) == pytest.approx(ks_distance(real, synthetic), abs=1 / effect.MAX_CELLS)
    assert starts[:60].tolist() == list(range(60))
    assert starts[-1] == 19_999


def test_an_estimate_is_moved_with_an_interval_that_holds_both_values():
    found = moved(Estimate(value=0.5, low=0.4, high=0.95), 0.6, 1.0)
    assert (found.value, found.low, found.high) == (0.6, 0.4, 1.0)
    found = moved(Estimate(value=0.5, low=0.05, high=0.6), 0.4, 1.0)
    assert (found.value, found.low, found.high) == (0.4, 0.0, 0.6)
