import numpy as np
import pytest
from scipy import stats

from tabgan.evaluation.chi_square import chi_square, chi_square_rows


def counts(*cells: int) -> np.ndarray:
    return np.asarray(cells, np.int64)


def test_chi_square_sees_the_sample_size():
    assert chi_square(counts(60, 40), counts(50, 50)).p_value == pytest.approx(0.155, abs=1e-3)
    assert chi_square(counts(6000, 4000), counts(5000, 5000)).p_value < 1e-40


def test_sparse_categories_are_merged_and_counted():
    found = chi_square(counts(500, 400, 3, 2, 1, 1), counts(480, 420, 2, 3, 2, 0))
    assert found.n_merged == 4
    assert found.degrees_of_freedom == 2
    assert "4 sparse" in found.caveats[0].text


def test_merging_is_the_test_of_the_merged_table():
    found = chi_square(counts(500, 400, 3, 2, 1, 1), counts(480, 420, 2, 3, 2, 0))
    truth = stats.chi2_contingency([[500, 400, 7], [480, 420, 7]], correction=False)
    assert (found.statistic, found.p_value) == pytest.approx((truth.statistic, truth.pvalue))


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


@pytest.mark.parametrize(("real", "synthetic"), [((5, 0), (7, 0)), ((0, 0), (0, 0)), ((3,), (4,))])
def test_one_category_is_not_tested(real, synthetic):
    assert chi_square(counts(*real), counts(*synthetic)).p_value is None


def test_counts_are_not_changed():
    real, synthetic = counts(500, 400, 3, 2), counts(480, 420, 2, 3)
    chi_square(real, synthetic)
    assert (real.tolist(), synthetic.tolist()) == ([500, 400, 3, 2], [480, 420, 2, 3])


def test_rows_are_those_of_two_proportions():
    table = np.asarray([[500_000, 500_000], [520_000, 480_000]])
    found = chi_square(*table)
    # (1.96 + 0.84)² = 7.849 over the noncentrality of one row of each table
    assert found.rows == pytest.approx(7.849 / (2 * 0.02**2), rel=0.01)


def test_rows_are_the_noncentrality_that_the_power_needs():
    real, synthetic = counts(*[100_000] * 10), counts(*[102_000, 98_000] * 5)
    found = chi_square(real, synthetic)
    noncentrality = found.rows * (found.statistic - 9) / 1_000_000
    assert stats.ncx2.sf(stats.chi2.isf(0.05, 9), 9, noncentrality) == pytest.approx(0.8, abs=0.001)


def test_what_is_no_larger_than_noise_needs_no_number_of_rows():
    assert chi_square_rows(np.asarray([[50, 50], [51, 49]]), 0.02) is None


@pytest.mark.parametrize("freedom", [1, 5, 200, 20_000])
def test_rows_are_found_for_any_number_of_categories(freedom):
    table = np.stack([np.full(freedom + 1, 40), np.where(np.arange(freedom + 1) % 2, 30, 50)])
    statistic = stats.chi2_contingency(table, correction=False).statistic
    assert chi_square_rows(table, statistic) > 0
