"""Numbers to ranks and back, without tables."""

import json

import numpy as np
import pytest

from tabgan.table.encoders.quantile_map import QuantileMap


def fitted(sample: np.ndarray, **options: int | None) -> QuantileMap:
    values, counts = np.unique(sample, return_counts=True)
    return QuantileMap.of_points(values, counts.astype(np.float64), **options)  # type: ignore[arg-type]


def back(curve: QuantileMap, x: np.ndarray, seed: int = 0) -> np.ndarray:
    """Through float32, as encoded tables hold it."""
    p = curve.rank(x, np.random.default_rng(seed))
    return curve.value(((2 * p - 1).astype(np.float32).astype(np.float64) + 1) / 2)


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
    p = np.sort(fitted(sample).rank(sample, np.random.default_rng(1)))
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
    p = curve.rank(np.array([-1e308, 1e-320, 1e300]), np.random.default_rng(0))
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


def test_a_long_column_keeps_a_bounded_number_of_knots() -> None:
    sample = np.concatenate([np.arange(60_000), np.repeat(np.arange(500), 300)])
    assert len(fitted(sample).ranks) < 5_000


@pytest.mark.parametrize("sample", [np.array([2**63 - 1, -5]), np.array([0.1, 1e300, 0.1])])
def test_json(sample: np.ndarray) -> None:
    curve = fitted(sample)
    assert QuantileMap.from_json(json.loads(json.dumps(curve.to_json(), allow_nan=False))) == curve
