import numpy as np
import pytest
from scipy.stats import binomtest

from tabgan.evaluation.proportions import around, mean, proportion, quantile, residual_risk, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (3, 20), (20, 20), (411, 1000)])
def test_a_proportion_has_wilsons_interval(hits, n):
    found = proportion(hits, n)
    oracle = binomtest(hits, n).proportion_ci(method="wilson")
    assert found.value == hits / n
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    assert found.standard_error == pytest.approx(np.sqrt(hits / n * (1 - hits / n) / n))


def test_a_larger_error_widens_wilsons_interval_and_a_smaller_one_does_not_narrow_it():
    plain, wide, narrow = (wilson(0.3, error, 100) for error in (np.sqrt(0.21 / 100), 0.1, 0.001))
    assert wide.high - wide.low > 2 * (plain.high - plain.low)
    assert (narrow.low, narrow.high) == (plain.low, plain.high)


def test_a_normal_interval_is_cut_at_the_ends_of_the_scale():
    found = around(0.1, 0.1, 0.0, 0.2)
    assert (found.low, found.high) == (0.0, 0.2)
    assert around(5.0, 1.0).high == pytest.approx(6.96, abs=0.001)
    assert around(0.5, 0.1, 0.0, 1.0, floor=0.5).floor_error == 0.0


def test_the_risk_by_hand():
    found = residual_risk(proportion(600, 1000), proportion(200, 1000))
    assert found.value == pytest.approx((0.6 - 0.2) / (1 - 0.2))
    assert found.low < 0.5 < found.high
    assert found.standard_error == pytest.approx((found.high - found.low) / 3.92, rel=1e-4)
    equal = residual_risk(proportion(200, 1000), proportion(200, 1000))
    assert equal.value == 0
    assert equal.low < 0 < equal.high


def test_the_risks_interval_at_the_ends():
    every = residual_risk(proportion(1000, 1000), proportion(0, 1000))
    assert (every.value, every.high) == (1.0, 1.0)
    assert 0.99 < every.low < 1
    none = residual_risk(proportion(0, 1000), proportion(0, 1000))
    assert none.value == 0
    assert -0.01 < none.low < 0 < none.high < 0.01
    nothing_left = residual_risk(proportion(10, 10), proportion(10, 10))
    assert (nothing_left.value, nothing_left.standard_error, nothing_left.low) == (0.0, None, None)
    hardly = residual_risk(proportion(60, 1000), proportion(999, 1000))
    assert (hardly.value, hardly.low) == (-1.0, -1.0)
    assert -1.0 <= hardly.high < 0 <= hardly.standard_error


@pytest.mark.parametrize(
    ("train", "control", "n"), [(0.5, 0.2, 300), (0.03, 0.02, 500), (0.98, 0.9, 200), (0.1, 0.5, 80)]
)
def test_the_risks_interval_covers_at_its_rate(train, control, n):
    draw = np.random.default_rng(0)
    true = (train - control) / (1 - control)
    found = [
        residual_risk(proportion(int(draw.binomial(n, train)), n), proportion(int(draw.binomial(n, control)), n))
        for _ in range(800)
    ]
    covered = np.mean([risk.low <= true <= risk.high for risk in found if risk.low is not None])
    assert 0.93 < covered < 0.985


def test_a_quantile_lies_between_its_order_statistics():
    found = quantile(np.arange(1000.0), 0.5)
    assert found.value == 500
    assert (found.low, found.high) == (468, 531)
    assert found.standard_error == pytest.approx(63 / 3.92, rel=1e-4)
    assert quantile(np.asarray([3.0]), 0.05).value == 3.0


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_the_quantiles_interval_covers_at_its_rate(share):
    draw = np.random.default_rng(0)
    found = [quantile(draw.exponential(size=400), share) for _ in range(800)]
    true = -np.log(1 - share)
    assert 0.93 < np.mean([part.low <= true <= part.high for part in found]) < 0.98


def test_a_mean_and_its_interval_stay_on_the_scale():
    values = np.asarray([0.0, 1.0, 1.0, 1.0])
    found = mean(values, 0.0, 1.0)
    assert found.value == 0.75
    assert found.standard_error == pytest.approx(0.25)
    assert (found.low, found.high) == (pytest.approx(0.75 - 1.959964 * 0.25), 1.0)
    assert mean(np.asarray([0.3])).standard_error is None
