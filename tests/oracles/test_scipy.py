"""KS and chi-square against SciPy on the cells themselves."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tabgan.evaluation.aligned import align
from tabgan.evaluation.columns import chi_square, compare_numeric, cramers_v


@pytest.mark.parametrize("decimals", [0, 1, 9])
@pytest.mark.parametrize("sizes", [(40, 60), (300, 200), (12_000, 9_000)])
def test_ks_equals_scipy_with_and_without_ties(decimals, sizes):
    draw = np.random.default_rng(sizes[0] + decimals)
    real, synthetic = (np.round(draw.normal(size=n), decimals) for n in sizes)
    column = align("x", "continuous", pa.array(real), pa.array(np.append(synthetic, np.nan)))
    found = compare_numeric("x", "continuous", *column.counts(), draw)
    truth = stats.ks_2samp(real, synthetic)
    assert found.statistic == pytest.approx(truth.statistic, abs=1e-12)
    assert found.p_value == pytest.approx(truth.pvalue, rel=1e-9, abs=0)


def test_ks_is_exact_beyond_the_integers_of_a_float():
    base = 2**60
    column = align("x", "continuous", pa.array([base, base + 1]), pa.array([base + 2, base + 3]))
    assert compare_numeric("x", "continuous", *column.counts(), np.random.default_rng(0)).statistic == 1.0


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
