import numpy as np
import pytest
from scipy.stats import contingency as scipy_contingency

from tabgan.evaluation import contingency as tested
from tabgan.evaluation.contingency import cramers_v, joint_counts, sparse_counts, table_distance


def codes(n, seed, sizes=(5, 7)):
    draw = np.random.default_rng(seed)
    first = draw.integers(0, sizes[0], n)
    return first.astype(np.uint8), ((first + draw.integers(0, 3, n)) % sizes[1]).astype(np.int32)


@pytest.mark.parametrize("chunk", [1 << 15, 1])
def test_counts_are_those_of_scipy(monkeypatch, chunk):
    monkeypatch.setattr(tested, "_CHUNK", chunk)
    first, second = codes(1000, 0)
    table = joint_counts(first, second, (5, 7))
    np.testing.assert_array_equal(table, scipy_contingency.crosstab(first, second).count)


def test_narrow_codes_do_not_overflow():
    first, second = np.full(3, 255, np.uint8), np.full(3, 70_000, np.int32)
    found = sparse_counts(first, second, 70_001)
    assert (found.keys.tolist(), found.counts.tolist()) == ([255 * 70_001 + 70_000], [3])
    assert joint_counts(first, np.full(3, 200, np.uint8), (256, 201))[255, 200] == 3


def test_sparse_tables_say_the_same():
    sides = [codes(n, seed) for n, seed in ((1000, 0), (700, 1))]
    whole = [joint_counts(*side, (5, 7)) for side in sides]
    sparse = [sparse_counts(*side, 7) for side in sides]
    shares = [table / table.sum() for table in whole]
    assert table_distance(*whole) == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)
    assert table_distance(*sparse) == pytest.approx(table_distance(*whole))
    assert cramers_v(sparse[0]) == pytest.approx(cramers_v(whole[0]))
    with pytest.raises(TypeError, match="one kind"):
        table_distance(whole[0], sparse[1])


def test_v_is_that_of_scipy_but_for_the_correction():
    table = joint_counts(*codes(200_000, 3), (5, 7))
    assert cramers_v(table) == pytest.approx(scipy_contingency.association(table, method="cramer"), abs=1e-3)
    # Bergsma's formula by hand, for a small table
    small = np.asarray([[10, 2], [3, 9]])
    n, square = 24, scipy_contingency.association(small, method="cramer") ** 2
    corrected = max(0, square - 1 / (n - 1)) / (2 - 1 / (n - 1) - 1)
    assert cramers_v(small) == pytest.approx(np.sqrt(corrected))


def test_columns_that_have_nothing_to_do_with_each_other_have_no_v():
    draw = np.random.default_rng(0)
    table = joint_counts(draw.integers(0, 30, 1000), draw.integers(0, 30, 1000), (30, 30))
    assert scipy_contingency.association(table, method="cramer") > 0.15
    assert cramers_v(table) < 0.07


def test_a_copy_has_v_1_and_a_constant_none():
    assert cramers_v(np.diag([5, 4, 3, 0])) == pytest.approx(1.0)
    assert np.isnan(cramers_v(np.asarray([[3, 4], [0, 0]])))
    assert np.isnan(cramers_v(np.asarray([[1, 0], [0, 0]])))
    assert np.isnan(cramers_v(np.eye(3, dtype=int)))  # as many rows as categories: nothing is left after the correction
