import numpy as np
import pytest
from sklearn.metrics import f1_score, r2_score, roc_auc_score, root_mean_squared_error

from tabgan.evaluation.weighted import (
    RESAMPLES,
    estimate,
    macro_f1,
    r_squared,
    resample,
    root_mean_square,
    weighted_auc,
)


def test_measures_agree_with_scikit_learn_on_weighted_rows():
    draw = np.random.default_rng(0)
    weights = draw.integers(0, 4, 200).astype(float)
    labels, chosen = draw.integers(0, 3, 200), draw.integers(0, 4, 200)
    scores = draw.integers(0, 9, 200)  # many ties
    ranks = np.unique(scores, return_inverse=True)[1]
    auc = roc_auc_score(labels == 1, scores, sample_weight=weights)
    assert weighted_auc(labels == 1, ranks, weights) == pytest.approx(auc)
    f1 = f1_score(labels, chosen, labels=[0, 1, 2], average="macro", sample_weight=weights, zero_division=0)
    assert macro_f1(labels, chosen, weights) == pytest.approx(f1)
    true, said = labels * 1.0, scores * 1.0
    assert r_squared(true, said, weights) == pytest.approx(r2_score(true, said, sample_weight=weights))
    expected = root_mean_squared_error(true, said, sample_weight=weights)
    assert root_mean_square(true, said, weights) == pytest.approx(expected)


def test_what_is_undefined_is_nan():
    ranks, ones = np.arange(4), np.ones(4)
    assert np.isnan(weighted_auc(np.zeros(4, bool), ranks, ones))
    assert np.isnan(r_squared(ones, ones, ones))


def test_the_draws_give_the_error_of_a_mean():
    draw = np.random.default_rng(0)
    values = draw.normal(size=400)
    drawn = resample([lambda w: float(np.average(values, weights=w)), lambda w: 1.0], 400, draw)
    assert drawn.shape == (RESAMPLES, 2)
    found = estimate(float(values.mean()), drawn[:, 0])
    error = values.std(ddof=1) / 20
    assert found.standard_error == pytest.approx(error, rel=0.2)
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.02
    )
    assert estimate(1.0, drawn[:, 1]).standard_error == 0


def test_intervals_cover_at_their_rate():
    draw = np.random.default_rng(1)
    hits = 0
    for _ in range(200):
        values = draw.normal(size=60)
        drawn = resample([lambda w, v=values: float(np.average(v, weights=w))], 60, draw)[:, 0]
        found = estimate(float(values.mean()), drawn)
        hits += found.low <= 0 <= found.high
    assert 180 <= hits <= 199  # 95 % of 200 is 190; the percentile interval is a little short


def test_undefined_draws_are_left_out_until_too_few_remain():
    drawn = np.linspace(0, 1, 200)
    drawn[:50] = np.nan
    found = estimate(0.9, drawn)
    assert found.standard_error == pytest.approx(drawn[50:].std(ddof=1))
    assert found.low == pytest.approx(np.quantile(drawn[50:], 0.025))
    drawn[:101] = np.nan
    assert estimate(0.9, drawn).standard_error is None


def test_the_interval_holds_the_value():
    found = estimate(2.0, np.linspace(0, 1, 200))
    assert found.high == 2.0
