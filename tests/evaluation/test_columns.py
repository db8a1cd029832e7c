from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tabgan.evaluation import columns as tested
from tabgan.evaluation.columns import (
    adjust,
    chi_square,
    coarsen,
    compare_categories,
    compare_numeric,
    cramers_v,
    ks_distance,
    total_variation,
)


def counts(*cells: int) -> np.ndarray:
    return np.asarray(cells, np.int64)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


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


def test_measures_keep_leading_axes():
    many = np.stack([counts(1, 2, 1, 0), counts(3, 0, 0, 1)])
    for measure in (ks_distance, total_variation, cramers_v):
        assert measure(many, many).shape == (2,)
        np.testing.assert_allclose(measure(many, many), 0.0, atol=1e-7)


def test_chi_square_sees_the_sample_size():
    assert chi_square(counts(60, 40), counts(50, 50)).p_value == pytest.approx(0.155, abs=1e-3)
    assert chi_square(counts(6000, 4000), counts(5000, 5000)).p_value < 1e-40


def test_sparse_categories_are_merged_and_counted():
    found = chi_square(counts(500, 400, 3, 2, 1, 1), counts(480, 420, 2, 3, 2, 0))
    assert found.n_merged == 4
    assert found.degrees_of_freedom == 2
    assert "4 sparse" in found.caveats[0].text


def test_a_merged_category_takes_the_next_smallest_until_it_is_large_enough():
    found = chi_square(counts(500, 30, 1, 0), counts(500, 30, 0, 1))
    assert found.n_merged == 3
    assert found.degrees_of_freedom == 1


def test_expected_counts_are_those_of_the_smaller_table():
    # 42 pooled cells: 40 expected in the real table, but only 2 in the synthetic one
    found = chi_square(counts(1000, 1000, 40), counts(50, 50, 2))
    assert (found.n_merged, found.degrees_of_freedom) == (2, 1)


def test_too_few_rows_for_a_test_are_said():
    found = chi_square(counts(1, 1), counts(2, 0))
    assert found.p_value is None
    assert found.caveats[0].code == "no_test"


def test_equal_distributions_give_uniform_p_values_for_categories():
    draw = rng()
    share = [0.5, 0.3, 0.15, 0.04, 0.01]
    p = [chi_square(draw.multinomial(2000, share), draw.multinomial(1500, share)).p_value for _ in range(400)]
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_equal_distributions_give_uniform_p_values_for_numbers(columns):
    draw = rng()
    p = []
    for _ in range(150):
        (column,) = columns(x=("continuous", draw.normal(size=300), draw.normal(size=200)))
        p.append(compare_numeric("x", "continuous", *column.counts(), draw).p_value)
    assert stats.kstest(p, "uniform").pvalue > 0.001


def test_the_floor_is_what_two_real_samples_give():
    draw = rng()
    share = np.asarray([0.4, 0.3, 0.2, 0.1, 0.0])
    pairs = [(draw.multinomial(800, share), draw.multinomial(500, share)) for _ in range(300)]
    truth = np.mean([total_variation(a, b) for a, b in pairs])
    found = compare_categories("c", "categorical", *pairs[0], draw).distance
    assert found.floor == pytest.approx(truth, rel=0.1)


def test_the_ks_floor_is_kolmogorovs_mean(columns):
    draw = rng()
    (column,) = columns(x=("continuous", draw.normal(size=6000), draw.normal(size=3000)))
    found = compare_numeric("x", "continuous", *column.counts(), draw).distance
    assert found.floor == pytest.approx(0.8687 * np.sqrt(1 / 6000 + 1 / 3000), rel=0.08)


def test_the_standard_error_is_the_spread_over_fresh_samples():
    draw = rng()
    p, q = [0.5, 0.3, 0.2, 0.0], [0.3, 0.3, 0.4, 0.0]
    fresh = [(draw.multinomial(900, p), draw.multinomial(900, q)) for _ in range(400)]
    truth = np.std([total_variation(a, b) for a, b in fresh])
    found = compare_categories("c", "categorical", *fresh[0], draw).distance
    assert found.standard_error == pytest.approx(truth, rel=0.2)
    assert abs(found.value - 0.2) < 4 * truth


def test_coarsening_barely_moves_the_distance():
    draw = rng()
    real, synthetic = draw.poisson(1.0, 20_001), draw.poisson(1.0 + np.linspace(0, 0.2, 20_001))
    real[77] = 50_000
    cells = coarsen(real, synthetic)
    assert len(cells[0]) <= tested.MAX_KS_CELLS + 1
    assert [part.sum() for part in cells] == [real.sum(), synthetic.sum()]
    assert ks_distance(*cells) == pytest.approx(ks_distance(real, synthetic), abs=1 / tested.MAX_KS_CELLS)


def test_invented_and_lost_categories():
    found = compare_categories("c", "categorical", counts(50, 40, 10, 0, 0), counts(50, 30, 0, 15, 5), rng())
    assert (found.n_invented, found.n_lost, found.n_categories) == (1, 1, 4)
    assert found.invented_share == pytest.approx(0.15)
    assert found.lost_share == pytest.approx(0.1)
    assert (found.missing_real, found.missing_synthetic) == (0, 5)


def test_a_missing_share_that_differs_is_tested():
    found = compare_numeric("x", "continuous", counts(*[2] * 100, 0), counts(*[1] * 100, 100), rng())
    assert found.distance_present == pytest.approx(0.0)
    assert found.distance.value == pytest.approx(0.5)
    assert found.p_value > 0.9
    assert found.p_missing < 1e-20
    assert adjust([found])[0].p_adjusted == pytest.approx(2 * found.p_missing, rel=1e-9, abs=0)


def test_adjusted_p_values_by_hand():
    plain = compare_categories("c", "categorical", counts(60, 40, 0), counts(50, 50, 0), rng())
    results = [replace(plain, p_value=p) for p in (0.01, None, 0.04, 0.03)]
    assert [r.p_adjusted for r in adjust(results)] == [
        pytest.approx(0.03),
        None,
        pytest.approx(0.04),
        pytest.approx(0.04),
    ]


@pytest.mark.parametrize("compare", [compare_numeric, compare_categories])
@pytest.mark.parametrize(
    ("real", "synthetic", "code"),
    [
        ((7,), (5,), "all_missing"),
        ((0, 0, 7), (2, 3, 0), "all_missing"),
        ((9, 0), (8, 0), "constant"),
        ((1, 0), (50, 0), "few_rows"),
    ],
)
def test_poor_columns_get_a_caveat_and_finite_numbers(compare, real, synthetic, code):
    found = compare("x", "continuous", counts(*real), counts(*synthetic), rng())
    assert code in {caveat.code for caveat in found.caveats}
    assert np.isfinite(found.distance.value)
    assert np.isfinite(found.distance.floor)
