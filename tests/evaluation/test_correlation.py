import numpy as np
import pytest

from tabgan.evaluation import correlation as tested
from tabgan.evaluation.correlation import pearson


def r_of(values):
    return pearson([lambda rows, j=j: values[rows, j] for j in range(values.shape[1])], len(values))


def test_pearson_equals_numpy_at_any_scale():
    draw = np.random.default_rng(0)
    values = draw.normal(size=(500, 4)) @ draw.normal(size=(4, 4)) * [1, 1e-8, 1e12, 1] + [0, 0, 1.7e18, 5]
    r, n = r_of(values)
    np.testing.assert_allclose(r, np.corrcoef(values, rowvar=False), atol=1e-9)
    assert (n == 500).all()


def test_each_pair_uses_the_rows_where_both_are_present():
    draw = np.random.default_rng(1)
    values = draw.normal(size=(400, 3)) + draw.normal(size=(400, 1))
    values[draw.random((400, 3)) < 0.3] = np.nan
    r, n = r_of(values)
    for i in range(3):
        for j in range(3):
            both = ~np.isnan(values[:, i] + values[:, j])
            assert n[i, j] == both.sum()
            assert r[i, j] == pytest.approx(np.corrcoef(values[both, i], values[both, j])[0, 1])


def test_chunks_change_nothing(monkeypatch):
    draw = np.random.default_rng(2)
    values = draw.normal(size=(1000, 3)) + draw.normal(size=(1000, 1))
    values[:5, 0] = np.nan
    whole = r_of(values)
    monkeypatch.setattr(tested, "_CHUNK", 64)
    monkeypatch.setattr(tested, "_MAX_HELD", 0)
    chunked = r_of(values)
    np.testing.assert_allclose(chunked[0], whole[0], rtol=1e-12)
    np.testing.assert_array_equal(chunked[1], whole[1])


def test_a_constant_column_has_no_correlation():
    draw = np.random.default_rng(0)
    r, _ = r_of(np.column_stack([np.full(300, 0.1), draw.normal(size=300)]))
    assert np.isnan(r[0, 1])


@pytest.mark.parametrize("values", [np.full((4, 2), np.nan), np.ones((1, 2)), np.asarray([[1e300, 1], [-1e300, 2]])])
def test_odd_columns_give_no_warning(values):
    with np.errstate(all="raise"):
        r, _ = r_of(values)
    assert np.isnan(r).all() or np.abs(r[0, 1]) == pytest.approx(1.0)


def test_no_columns():
    assert pearson([], 5)[0].shape == (0, 0)
