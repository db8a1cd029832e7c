import numpy as np
import pytest

from benchmarks.performance.laws import Quality, equal_quality, law


def test_a_planted_exponent_comes_back_with_its_error():
    rng, xs = np.random.default_rng(0), np.logspace(3, 7, 9)
    found = law(xs, 3.0 * xs**0.5 * np.exp(0.1 * rng.normal(size=9)))
    assert found.n == 9
    assert found.exponent == pytest.approx(0.5, abs=3 * found.standard_error)
    assert law(xs, 3.0 * xs**0.5).exponent == pytest.approx(0.5)


def test_the_error_is_that_of_least_squares():
    xs, ys = [1.0, 10.0, 100.0, 1000.0], [1.0, 4.0, 8.0, 40.0]
    _, covariance = np.polyfit(np.log(xs), np.log(ys), 1, cov=True)
    assert law(xs, ys).standard_error == pytest.approx(covariance[0, 0] ** 0.5)


def test_segments_and_too_few_points():
    xs, ys = [1e3, 1e4, 1e5, 1e6, 1e7], [1.0, 1.0, 1.0, 10.0, 100.0]
    assert law(xs, ys, 1e5, 1e7).exponent == pytest.approx(1.0)
    assert law(xs, ys, 1e3, 1e5).exponent == pytest.approx(0.0)
    assert law(xs, ys, 1e6, 1e7).standard_error is None
    assert law(xs, ys, 1e7, 1e9) is None
    assert law([5, 5], [1, 2]) is None


def test_quality_is_equal_while_errors_do_not_grow():
    points = [Quality(10_000, 1.0, 2.0, 0.8, 1.5), Quality(1_000, 3.0, 5.0, 2.0, 4.0)]
    assert equal_quality(points)
    assert equal_quality([*points, Quality(100_000, 1.05, 2.0, 0.3, 0.5)])  # within the slack
    assert not equal_quality([*points, Quality(100_000, 0.5, 2.5, 0.3, 0.5)])
    seeds = [Quality(100_000, shape, 2.0, 0.3, 0.5) for shape in (0.9, 1.6, 0.8)]
    assert equal_quality([*points, *seeds])  # noise between seeds is no growth
    assert not equal_quality([*points, *(Quality(100_000, shape, 2.0, 0.3, 0.5) for shape in (1.5, 1.6, 1.4))])
    assert points[0].excess == pytest.approx((1.25, 4 / 3))
