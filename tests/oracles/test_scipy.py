"""KS, chi-square, Wasserstein and Cramér's V against SciPy on the cells themselves."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tabgan.evaluation.aligned import align
from tabgan.evaluation.chi_square import chi_square
from tabgan.evaluation.columns import compare_numeric
from tabgan.evaluation.distances import cramers_v


def compared(real, synthetic):
    column = align("x", "continuous", pa.array(real), pa.array(np.append(synthetic, np.nan)))
    return compare_numeric(column, np.random.default_rng(0))


@pytest.mark.parametrize("sizes", [(40, 60), (300, 200), (5_000, 5_000), (12_000, 9_000)])
def test_ks_equals_scipy_without_ties(sizes):
    draw = np.random.default_rng(sizes[0])
    real, synthetic = draw.normal(size=sizes[0]), draw.normal(0.02, 1.0, sizes[1])
    found, truth = compared(real, synthetic), stats.ks_2samp(real, synthetic)
    assert found.statistic == pytest.approx(truth.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(truth.pvalue, rel=1e-9, abs=0)


@pytest.mark.parametrize("decimals", [0, 1])
@pytest.mark.parametrize("sizes", [(40, 60), (300, 200), (12_000, 9_000)])
def test_d_equals_scipys_with_ties_and_p_is_never_larger(decimals, sizes):
    draw = np.random.default_rng(sizes[0] + decimals)
    real, synthetic = (np.round(draw.normal(size=n), decimals) for n in sizes)
    found, truth = compared(real, synthetic), stats.ks_2samp(real, synthetic)
    assert found.statistic == pytest.approx(truth.statistic, abs=1e-12)
    assert found.p_value < truth.pvalue


def test_p_with_ties_is_that_of_scipys_permutation_test():
    draw = np.random.default_rng(1)
    real, synthetic = draw.integers(0, 4, 60), draw.integers(0, 4, 45) + (draw.random(45) < 0.25)

    def statistic(x, y):
        edges = np.arange(5)
        return np.abs((x[:, None] <= edges).mean(0) - (y[:, None] <= edges).mean(0)).max() + 1e-9

    truth = stats.permutation_test(
        (real, synthetic), statistic, n_resamples=9999, alternative="greater", rng=np.random.default_rng(0)
    ).pvalue
    found = compared(real.astype(float), synthetic.astype(float)).p_value
    assert 0.02 < truth < 0.8
    assert found == pytest.approx(truth, abs=4 * np.sqrt(truth * (1 - truth) / 9999))


def test_ks_is_exact_beyond_the_integers_of_a_float():
    base = 2**60
    column = align("x", "continuous", pa.array([base, base + 1]), pa.array([base + 2, base + 3]))
    assert compare_numeric(column, np.random.default_rng(0)).statistic == 1.0


@pytest.mark.parametrize("decimals", [0, 9])
def test_wasserstein_equals_scipy(decimals):
    draw = np.random.default_rng(0)
    real, synthetic = np.round(draw.normal(size=3000), decimals), np.round(draw.standard_t(2, 2000), decimals)
    assert compared(real, synthetic).wasserstein.value == pytest.approx(stats.wasserstein_distance(real, synthetic))


def test_chi_square_equals_scipy():
    draw = np.random.default_rng(0)
    real, synthetic = draw.integers(20, 90, 12), draw.integers(20, 90, 12)
    truth = stats.chi2_contingency([real, synthetic], correction=False)
    found = chi_square(real, synthetic)
    assert found.statistic == pytest.approx(truth.statistic)
    assert (found.degrees_of_freedom, found.n_merged) == (truth.dof, 0)
    assert found.p_value == pytest.approx(truth.pvalue)
    association = stats.contingency.association(np.asarray([real, synthetic]), method="cramer")
    assert cramers_v(real, synthetic) == pytest.approx(association)
