import math

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from tabgan.gan import figures

RANDOM = np.random.default_rng(0)


def _linked(n: int, strength: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    a = random.integers(4, size=n)
    b = np.where(random.random(n) < strength, a, random.integers(4, size=n))
    return np.stack([a, b, random.integers(4, size=n)], 1)


def test_trend_is_the_mean_total_variation_distance_of_the_tables_of_two_columns() -> None:
    one, other = _linked(300, 0.9, 1), _linked(200, 0.1, 2)
    shares = [figures.pair_shares(cells, 5) for cells in (one, other)]
    expected = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        tables = [np.histogram2d(cells[:, i], cells[:, j], bins=range(6))[0] / len(cells) for cells in (one, other)]
        expected.append(np.abs(tables[0] - tables[1]).sum() / 2)
    assert figures.trend_distance(*shares, 5) == pytest.approx(np.mean(expected), abs=1e-6)
    assert figures.trend_distance(shares[0], shares[0], 5) == 0
    assert figures.trend_distance(figures.pair_shares(one[:, :1], 5), figures.pair_shares(one[:, :1], 5), 5) is None


def test_the_classifier_sees_pairs_of_columns_and_is_at_a_loss_where_there_is_nothing_to_see() -> None:
    real = _linked(1_000, 0.9, 1)
    error = figures.detection_error(1_000, 1_000)
    assert figures.detection_auc(real, _linked(1_000, 0.9, 2), 4) == pytest.approx(0.5, abs=4 * error)
    assert figures.detection_auc(real, _linked(1_000, 0.0, 2), 4) > 0.7
    halfway = figures.detection_auc(real, _linked(1_000, 0.6, 2), 4)
    assert 0.5 + 3 * error < halfway < 0.7
    assert figures.detection_auc(real[:20], real, 4) is None


def test_the_error_of_detection_is_that_of_two_equal_samples() -> None:
    areas = [
        figures.area(random.normal(size=60), random.normal(size=90))
        for random in map(np.random.default_rng, range(400))
    ]
    assert np.std(areas) == pytest.approx(figures.detection_error(60, 90), rel=0.15)


def test_the_area_counts_ties_half() -> None:
    high, low = RANDOM.integers(5, size=40).astype(float), RANDOM.integers(5, size=30).astype(float)
    expected = mannwhitneyu(high, low).statistic / (40 * 30)
    assert figures.area(high, low) == pytest.approx(expected)


def test_distinct_rows_and_entropy() -> None:
    codes = np.array([[0, 0], [0, 0], [1, 0], [1, 0]])
    assert figures.distinct_share(codes) == 0.5
    assert figures.entropy(codes) == pytest.approx(math.log(2) / 2)
    assert figures.entropy(codes[:1]) == 0


def test_coverage_is_the_share_of_real_rows_with_a_made_one_among_their_neighbours() -> None:
    real = (np.round(RANDOM.normal(size=(400, 3)) * 16) / 16).astype(np.float32)
    again = np.random.default_rng(9).normal(size=(400, 3)).astype(np.float32)
    assert figures.coverage(real, real) == 1
    assert figures.coverage(real, again) == pytest.approx(0.97, abs=0.04)
    half = again[again[:, 0] > 0]
    assert figures.coverage(real, half) == pytest.approx(0.55, abs=0.1)
    assert figures.coverage(real, np.full((10, 3), 50, np.float32)) == 0
    assert figures.coverage(real[:1], real[:1]) == 1


def test_distances_are_squared_and_exact() -> None:
    one = (RANDOM.integers(-40, 40, size=(20, 6)) / 16).astype(np.float32)
    other = (RANDOM.integers(-40, 40, size=(30, 6)) / 16).astype(np.float32)
    assert np.array_equal(figures.distances(one, other), np.square(one[:, None] - other[None]).sum(2))


def test_rows_that_copy_those_learnt_are_found_and_others_are_not() -> None:
    learnt, held_out, fresh = (
        (np.random.default_rng(seed).integers(-64, 64, size=(n, 4)) / 16).astype(np.float32)
        for seed, n in ((1, 200), (2, 100), (3, 2_000))
    )
    assert figures.nearer_to_learnt(fresh, learnt, held_out) == pytest.approx(0.5, abs=0.06)
    assert figures.nearer_to_learnt(learnt, learnt, held_out) == pytest.approx(0.75, abs=0.06)
    assert figures.nearer_to_learnt(held_out, learnt, held_out) < 0.1
    assert figures.nearer_to_learnt(fresh, held_out, held_out) == 0.5


def test_the_mean_over_choices_of_rows_learnt_is_what_choices_give() -> None:
    learnt, held_out, made = (
        (np.random.default_rng(seed).integers(-64, 64, size=(n, 3)) / 16).astype(np.float32)
        for seed, n in ((1, 60), (2, 20), (3, 50))
    )
    random = np.random.default_rng(4)
    chosen = [
        figures.nearer_to_learnt(made, learnt[random.choice(60, 20, replace=False)], held_out) for _ in range(2_000)
    ]
    assert figures.nearer_to_learnt(made, learnt, held_out) == pytest.approx(np.mean(chosen), abs=0.01)
