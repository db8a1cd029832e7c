import numpy as np
import pytest

from tabgan.evaluation import resampling as tested
from tabgan.evaluation.resampling import errors_between, noise


def table(columns, n, m, seed):
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=n), draw.normal(size=m)
    real, synthetic = np.round(x + draw.normal(size=n)), np.round(y + draw.normal(size=m))
    return columns(
        x=("continuous", x, y), z=("continuous", x + real, y + synthetic), c=("categorical", real, synthetic)
    )


@pytest.mark.parametrize(("n", "m"), [(1200, 1200), (1200, 400)])
def test_the_floors_are_what_two_real_samples_give(columns, n, m):
    fresh = [errors_between(table(columns, n, m, seed)) for seed in range(40)]
    found = [noise(table(columns, n, m, seed), seed) for seed in range(100, 103)]
    for field in ("shape", "trend"):
        truth = np.mean([getattr(errors, field) for errors in fresh])
        floor = np.mean([sample.estimate(0.0, field).floor for sample in found])
        assert floor == pytest.approx(truth, rel=0.15), field


def test_the_standard_error_is_the_spread_over_fresh_tables(columns):
    fresh = [errors_between(table(columns, 800, 800, seed)) for seed in range(60)]
    found = [noise(table(columns, 800, 800, seed), seed).estimate(0.0, "shape") for seed in range(200, 208)]
    truth = np.std([errors.shape for errors in fresh])
    assert 0.5 < np.mean([estimate.standard_error for estimate in found]) / truth < 2


def test_thinning_a_large_table_keeps_the_floor(columns, monkeypatch):
    real = table(columns, 4000, 4000, 0)
    whole = noise(real, 0).estimate(0.0, "shape").floor
    monkeypatch.setattr(tested, "MAX_ROWS", 1000)
    assert noise(real, 0).estimate(0.0, "shape").floor == pytest.approx(whole, rel=0.35)


def test_few_rows_have_no_floor(columns):
    found = noise(table(columns, 5, 5, 0), 0).estimate(0.1, "shape")
    assert found.floor is None
    assert found.standard_error > 0
    assert noise(table(columns, 1, 1, 0), 0).estimate(0.1, "shape").standard_error is None


def test_an_undefined_error_has_no_estimate(columns):
    sample = noise(columns(c=("categorical", ["a"] * 20, ["a"] * 20)), 0)
    assert sample.estimate(float("nan"), "trend") is None
    assert noise([], 0).estimate(float("nan"), "shape") is None


def test_few_rows_among_many_values_have_the_same_distance(columns):
    draw = np.random.default_rng(0)
    cells = [np.where(draw.random(3000) < share, np.nan, draw.normal(size=3000)) for share in (0.1, 0.0)]
    for rows in ((slice(0, 40), slice(0, 30)), (slice(0, 40), slice(40, 40 + 30))):
        for kind in ("continuous", "categorical"):
            (whole,) = columns(x=(kind, cells[0], cells[1]))
            drawn = whole.with_cells(whole.real[rows[0]], whole.synthetic[rows[1]])
            (alone,) = columns(x=(kind, cells[0][rows[0]], cells[1][rows[1]]))
            assert tested.column_distance(drawn) == pytest.approx(tested.column_distance(alone), abs=1e-12)


def test_the_same_seed_gives_the_same_noise(columns):
    found = [noise(table(columns, 300, 200, 0), 5) for _ in range(2)]
    assert len(found[0].bootstraps) >= 20
    for field in ("shape", "trend", "trend_separate"):
        assert found[0].estimate(0.1, field) == found[1].estimate(0.1, field)
    assert noise(table(columns, 300, 200, 0), 6).estimate(0.1, "shape") != found[0].estimate(0.1, "shape")
