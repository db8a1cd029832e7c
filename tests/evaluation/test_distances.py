import numpy as np
import pytest
from scipy import stats

from tabgan.evaluation.distances import (
    KS,
    TOTAL_VARIATION,
    cramers_v,
    cramers_v_measure,
    ks_distance,
    shares_of,
    total_variation,
    wasserstein,
    wasserstein_measure,
)


def counts(*cells: int) -> np.ndarray:
    return np.asarray(cells, np.int64)


def test_ks_distance_by_hand():
    # cumulative shares 1/4, 3/4, 1 against 0, 1/4, 1
    assert ks_distance(counts(1, 2, 1, 0), counts(0, 1, 3, 0)) == pytest.approx(0.5)


def test_missing_cells_count_in_ks_even_if_the_present_ones_agree():
    assert ks_distance(counts(5, 5, 0), counts(4, 4, 2)) == pytest.approx(0.2)


def test_ks_takes_the_worse_place_for_missing_cells():
    # present cells move up and the missing share shrinks: with missing cells below all others both add up
    real, synthetic = counts(5, 0, 5), counts(0, 10, 0)
    assert ks_distance(real, synthetic) == pytest.approx(1.0)
    assert ks_distance(counts(0, 5, 5), counts(10, 0, 0)) == pytest.approx(1.0)


def test_total_variation_by_hand():
    assert total_variation(counts(6, 4, 0), counts(5, 5, 0)) == pytest.approx(0.1)
    assert total_variation(counts(6, 4, 0), counts(0, 0, 10)) == pytest.approx(1.0)


def test_cramers_v_by_hand():
    # chi-square of [[60, 40], [50, 50]] without correction is 2.0202, over 200 cells
    assert cramers_v(counts(60, 40), counts(50, 50)) == pytest.approx(np.sqrt(2.0202020 / 200), rel=1e-6)


def test_wasserstein_by_hand():
    # half of the cells move by 3, and missing cells do not matter
    assert wasserstein(np.asarray([1.0, 4.0]), counts(2, 0, 9), counts(1, 1, 0)) == pytest.approx(1.5)


def test_wasserstein_of_huge_numbers_is_finite():
    numbers = np.asarray([-1e300, 0.0, 1e300])
    assert wasserstein(numbers, counts(5, 0, 0, 0), counts(0, 0, 5, 0)) == pytest.approx(2e300)
    assert wasserstein(np.asarray([0.0, 5e-324]), counts(5, 0, 0), counts(0, 5, 0)) == 5e-324
    assert wasserstein(np.asarray([7.0]), counts(5, 0), counts(3, 1)) == 0.0


def test_measures_keep_leading_axes():
    many = np.stack([counts(1, 2, 1, 0), counts(3, 0, 0, 1)])
    numbers = np.asarray([0.0, 1.0, 5.0])
    for measure in (ks_distance, total_variation, cramers_v, lambda a, b: wasserstein(numbers, a, b)):
        assert measure(many, many).shape == (2,)
        np.testing.assert_allclose(measure(many, many), 0.0, atol=1e-12)
        both = measure(many, many[::-1])
        assert both[0] == pytest.approx(float(measure(many[0], many[1])))


def test_each_distance_is_the_norm_of_the_difference_of_the_shares():
    real, synthetic = counts(10, 200, 31, 4), counts(30, 101, 13, 7)
    for measure in (KS, TOTAL_VARIATION, wasserstein_measure(np.asarray([0.0, 1.0, 5.0]))):
        first, second = (measure.shares(shares_of(side)) for side in (real, synthetic))
        assert measure.norm(first - second) == pytest.approx(float(measure.distance(real, synthetic)))
    large = cramers_v_measure(real * 10_000, synthetic * 10_000)
    difference = shares_of(real) - shares_of(synthetic)
    assert large.norm(difference) == pytest.approx(float(cramers_v(real, synthetic)), rel=1e-4)


@pytest.mark.parametrize(("n", "m"), [(400, 400), (900, 100)])
def test_no_standard_error_of_a_set_is_larger_than_that_of_the_measure(n, m):
    draw = np.random.default_rng(0)
    p, q = np.asarray([0.5, 0.5, 0.0]), np.asarray([0.45, 0.55, 0.0])
    drawn = [(draw.multinomial(n, p), draw.multinomial(m, q)) for _ in range(500)]
    for measure in (KS, TOTAL_VARIATION, cramers_v_measure(*drawn[0])):
        assert np.std([measure.distance(*pair) for pair in drawn]) < 1.05 * measure.error(n, m)


def test_ks_is_scipys_statistic_and_wasserstein_scipys_distance():
    draw = np.random.default_rng(0)
    numbers = np.sort(draw.normal(size=40))
    real, synthetic = draw.integers(0, 9, 40), draw.integers(0, 9, 40)
    cells = [np.repeat(numbers, side) for side in (real, synthetic)]
    sides = np.append(real, 0), np.append(synthetic, 0)
    assert ks_distance(*sides) == pytest.approx(stats.ks_2samp(*cells).statistic)
    assert wasserstein(numbers, *sides) == pytest.approx(stats.wasserstein_distance(*cells))
