"""Numbers to ranks and back, without tables."""

import json

import numpy as np
import pytest

from tabgan.table.encoders.quantile_map import QuantileMap


def fitted(sample: np.ndarray, **options: int | None) -> QuantileMap:
    values, counts = np.unique(sample, return_counts=True)
    return QuantileMap.of_points(values, counts.astype(np.float64), **options)  # type: ignore[arg-type]


def rank(curve: QuantileMap, x: np.ndarray) -> np.ndarray:
    """Any of the ranks of each number."""
    low, high = curve.interval(x)
    return np.random.default_rng(0).uniform(low, high)


def back(curve: QuantileMap, x: np.ndarray) -> np.ndarray:
    """Through ranks of float32."""
    low, high = curve.interval(x)
    p = low + np.random.default_rng(0).uniform(0.1, 0.9, len(x)) * (high - low)
    return curve.value(p.astype(np.float32).astype(np.float64), 2.0**-24)


def test_shared_values_are_exact_and_nothing_is_made_in_the_gaps() -> None:
    sample = np.repeat([1, 5, 6, 1000], [2, 30, 8, 10])
    curve = fitted(sample)
    np.testing.assert_array_equal(back(curve, sample), sample)
    assert set(curve.value(np.random.default_rng(0).random(5_000)).tolist()) == {1, 5, 6, 1000}


def test_the_share_of_each_shared_value_is_its_share_of_ranks() -> None:
    sample = np.repeat([0.0, 2.0, 9.0], [50, 30, 20])
    made = fitted(sample).value((np.arange(1000) + 0.5) / 1000)
    assert [(made == value).sum() for value in (0.0, 2.0, 9.0)] == [500, 300, 200]


def test_single_values_are_interpolated_between_the_true_extremes() -> None:
    sample = np.array([1.0, 2.0, 4.0, 8.0])
    made = fitted(sample).value(np.linspace(0, 1, 101))
    assert (made[0], made[-1]) == (1.0, 8.0)
    assert len(set(made.tolist())) > 50
    assert (np.diff(made) >= 0).all()


def test_no_slope_between_a_shared_value_and_its_neighbour() -> None:
    sample = np.concatenate([np.zeros(50), [100.0, 101.0]])
    made = fitted(sample).value(np.linspace(0, 1, 10_001))
    assert not ((made > 0) & (made < 100)).any()


def test_no_slope_beside_heavy_values_of_a_long_column() -> None:
    rng = np.random.default_rng(0)
    sample = np.concatenate([np.zeros(30), 1_000 + rng.random(2_000)])
    made = fitted(sample).value(np.linspace(0, 1, 100_001))
    assert (made == 0).mean() == pytest.approx(30 / 2_030, rel=0.01)
    assert not ((made > 0) & (made < 1_000)).any()


@pytest.mark.parametrize("n", [300, 40_000])
def test_even_ranks_give_the_distribution_back(n: int) -> None:
    sample = np.sort(np.random.default_rng(0).lognormal(0, 2, n))
    made = np.sort(fitted(sample).value((np.arange(n) + 0.5) / n))
    distance = np.abs(np.searchsorted(sample, made, "right") / n - (np.arange(n) + 1) / n).max()
    assert distance < 1 / 1_024 + 1 / n


@pytest.mark.parametrize("levels", [40, 5_000])
def test_ranks_of_the_sample_are_even(levels: int) -> None:
    sample = np.random.default_rng(0).integers(0, levels, 50_000)
    p = np.sort(rank(fitted(sample), sample))
    assert np.abs(p - (np.arange(50_000) + 0.5) / 50_000).max() < 0.01


def test_integers_beyond_float64_are_exact_on_knots() -> None:
    sample = np.repeat(np.array([-(2**63), 2**53 + 1, 2**53 + 2, 2**63 - 1]), 3)
    np.testing.assert_array_equal(back(fitted(sample), sample), sample)
    unsigned = np.repeat(np.array([0, 2**63 + 1, 2**64 - 1], np.uint64), 3)
    np.testing.assert_array_equal(back(fitted(unsigned), unsigned), unsigned)


def test_the_widest_integers_interpolate_without_overflow() -> None:
    curve = fitted(np.array([-(2**63), 2**63 - 1]))
    made = curve.value(np.linspace(0, 1, 1_001))
    assert (np.diff(made.astype(object)) >= 0).all()
    assert abs(float(made[500])) < 2**54


def test_extreme_floats_do_not_overflow() -> None:
    sample = np.array([-1.7e308, -5e-324, 0.0, 5e-324, 1.7e308])
    curve = fitted(sample)
    made = curve.value(np.linspace(0, 1, 1_001))
    assert np.isfinite(made).all()
    p = rank(curve, np.array([-1e308, 1e-320, 1e300]))
    assert ((p >= 0) & (p <= 1)).all()


def test_units_and_decimals_are_kept() -> None:
    hundreds = fitted(np.array([100, 700, 1300, 9000]), unit=100)
    assert (hundreds.value(np.random.default_rng(0).random(500)) % 100 == 0).all()
    cents = fitted(np.array([0.01, 5.55, 7.5]), decimals=2)
    made = cents.value(np.random.default_rng(0).random(500))
    np.testing.assert_array_equal(made, np.round(made, 2))


def test_numbers_beyond_the_extremes_count_as_those() -> None:
    curve = fitted(np.array([1, 1, 2, 2]))
    assert back(curve, np.array([-50, 50])).tolist() == [1, 2]


def test_one_value() -> None:
    curve = fitted(np.array([3.5]))
    assert back(curve, np.array([3.5, 1.0])).tolist() == [3.5, 3.5]


def test_integers_beyond_float64_that_occur_once_are_exact() -> None:
    sample = np.array([-(2**63), 2**60, 2**60 + 1, 2**60 + 2, 2**63 - 1])
    np.testing.assert_array_equal(back(fitted(sample), sample), sample)


def test_a_rank_close_to_a_knot_is_the_knot() -> None:
    curve = fitted(np.array([0, 2**62, 2**63 - 1]))
    p = np.array([0.5 - 1e-8, 0.5, 0.5 + 1e-8])
    assert curve.value(p, 1e-7).tolist() == [2**62] * 3
    assert len(set(curve.value(p).tolist())) == 3


def test_the_values_beside_a_border_are_flat_and_what_lies_within_is_not_kept() -> None:
    sample = np.repeat(np.arange(2_000), 2)
    values, counts = np.unique(sample, return_counts=True)
    curve = QuantileMap.of_points(values, counts.astype(float), borders=np.array([0, 701, 2_000]))
    for value in (0, 700, 701, 1_999):
        low, high = (ends[0] for ends in curve.interval(np.array([value])))
        assert (low, high) == (value / 2_000, (value + 1) / 2_000)
    assert curve.value(np.nextafter([701 / 2_000], 0)).tolist() == [700]
    assert curve.value(np.array([701 / 2_000])).tolist() == [701]
    assert 1_024 <= len(curve.ranks) < 1_100


def test_a_long_column_keeps_a_bounded_number_of_knots() -> None:
    sample = np.concatenate([np.arange(60_000), np.repeat(np.arange(500), 300)])
    assert len(fitted(sample).ranks) < 5_000


@pytest.mark.parametrize("sample", [np.array([2**63 - 1, -5]), np.array([0.1, 1e300, 0.1])])
def test_json(sample: np.ndarray) -> None:
    curve = fitted(sample)
    assert QuantileMap.from_json(json.loads(json.dumps(curve.to_json(), allow_nan=False))) == curve
