import numpy as np
import pytest
from scipy.stats import binomtest

from tabgan.evaluation.proportions import around, mean, proportion, quantile, residual_risk


def test_a_proportion_has_wilsons_interval():
    found = proportion(7, 50)
    interval = binomtest(7, 50).proportion_ci(method="wilson")
    assert (found.value, found.low, found.high) == (0.14, interval.low, interval.high)
    assert found.standard_error == pytest.approx(np.sqrt(0.14 * 0.86 / 50))
    assert (proportion(0, 50).low, proportion(50, 50).high) == (0.0, 1.0)


def test_the_risk_by_hand():
    found = residual_risk(proportion(600, 1000), proportion(200, 1000))
    assert found.value == pytest.approx((0.6 - 0.2) / (1 - 0.2))
    assert found.low < 0.5 < found.high
    assert found.standard_error == pytest.approx((found.high - found.low) / 3.92)
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
    assert found.standard_error == pytest.approx(63 / 3.92)
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
    assert (found.low, found.high) == (pytest.approx(0.75 - 1.96 * 0.25), 1.0)
    assert mean(np.asarray([0.3])).standard_error is None
    assert around(0.5, 0.1, 0.0, 1.0, floor=0.5).floor_error == 0.0
