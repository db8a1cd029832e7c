from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from tabgan.evaluation.samples import draw_samples, share_estimate, with_interval


@pytest.fixture
def numbered(columns):
    """Real rows 0 to 999, held-out rows 2000 to 2399, synthetic rows 5000 to 5999."""

    def build(n_held_out):
        cells = np.concatenate([np.arange(1000), 2000 + np.arange(400)])
        column = columns(x=("continuous", cells, 5000 + np.arange(1000)))[0]
        return [replace(column, real=column.real[:1000], held_out=column.real[1000 : 1000 + n_held_out])]

    return build


def values(samples):
    return [samples.columns[0].numbers[codes] for codes in samples.cells[0]]


def test_without_held_out_rows_the_real_ones_are_split(numbered):
    real, second, synthetic = values(draw_samples(numbered(0), np.random.default_rng(0), 10_000, 10))
    assert len(real) == len(second) == len(synthetic) == 500
    assert set(real) | set(second) == set(range(1000))
    assert len(set(synthetic)) == 500
    assert min(synthetic) >= 5000


def test_held_out_rows_are_the_second_sample_unless_they_are_very_few(numbered):
    real, second, _ = values(draw_samples(numbered(300), np.random.default_rng(0), 10_000, 10))
    assert len(real) == len(second) == 300
    assert (second >= 2000).all()
    assert (second < 2300).all()
    assert max(real) < 1000
    _, second, _ = values(draw_samples(numbered(20), np.random.default_rng(0), 10_000, 10))
    assert len(second) == 500
    assert max(second) < 1000


def test_the_rows_are_capped_and_drawn_by_the_generator(numbered):
    drawn = [draw_samples(numbered(0), np.random.default_rng(seed), 50, 10) for seed in (1, 1, 2)]
    assert drawn[0].n == 50
    assert [caveat.code for caveat in drawn[0].caveats()] == ["few_rows"]
    np.testing.assert_array_equal(drawn[0].cells[0], drawn[1].cells[0])
    assert (drawn[0].cells[0] != drawn[2].cells[0]).any()
    assert drawn[0].points(100).shape == (3, 50, 1)


def test_too_few_rows_are_refused_in_words(columns):
    with pytest.raises(ValueError, match="at least one column"):
        draw_samples([], np.random.default_rng(0), 10, 1)
    with pytest.raises(ValueError, match=r"needs 10 synthetic rows.* got 50, 19 and 0"):
        draw_samples(columns(x=("continuous", np.arange(19), np.arange(50))), np.random.default_rng(0), 100, 10)


@pytest.mark.parametrize(("hits", "n"), [(0, 20), (3, 20), (20, 20), (411, 1000)])
def test_the_interval_of_independent_rows_is_wilsons(hits, n):
    share = hits / n
    found = share_estimate(share, np.sqrt(share * (1 - share) / n), n)
    oracle = binomtest(hits, n).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=1e-6)


def test_a_larger_error_widens_the_interval_and_a_smaller_one_does_not_narrow_it():
    plain, wide, narrow = (share_estimate(0.3, error, 100) for error in (np.sqrt(0.21 / 100), 0.1, 0.001))
    assert wide.high - wide.low > 2 * (plain.high - plain.low)
    assert (narrow.low, narrow.high) == (plain.low, plain.high)


def test_a_normal_interval_is_cut_at_what_is_possible():
    found = with_interval(0.1, 0.1, most=0.2)
    assert (found.low, found.high) == (0.0, 0.2)
    assert with_interval(5.0, 1.0).high == pytest.approx(6.96, abs=0.001)
