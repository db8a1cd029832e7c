from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy import stats

from tabgan.evaluation.ks import bridge_p, critical, exact_p, ks_rows, ks_test


def gap_of(real: np.ndarray, synthetic: np.ndarray) -> int:
    return int(np.abs(np.cumsum(real) * synthetic.sum() - np.cumsum(synthetic) * real.sum()).max())


def by_brute_force(sizes: list[int], gap: int, n: int) -> float:
    """The share of all ways to pick the n real ones among the cells that have at least this gap."""
    values = np.repeat(np.arange(len(sizes)), sizes)
    hits = 0
    for picked in combinations(range(len(values)), n):
        real = np.bincount(values[list(picked)], minlength=len(sizes))
        hits += gap_of(real, np.asarray(sizes) - real) >= gap
    return hits / comb(len(values), n)


@pytest.mark.parametrize(
    ("sizes", "n"), [([1] * 9, 4), ([3, 3, 3], 5), ([5, 1, 4], 3), ([1, 1, 6, 1, 2], 6), ([2, 9], 4), ([4, 4], 4)]
)
def test_p_is_that_of_all_permutations(sizes, n):
    total = sum(sizes)
    drawn = np.random.default_rng(total).multivariate_hypergeometric(sizes, n, size=6)
    for real in drawn:
        synthetic = np.asarray(sizes) - real
        gap = gap_of(real, synthetic)
        expected = by_brute_force(sizes, gap, n)
        assert ks_test(real, synthetic).p_value == pytest.approx(expected, abs=1e-9)
        if gap:
            assert exact_p(np.asarray(sizes), gap, n, total - n) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("n", "m"), [(5, 7), (40, 60), (300, 200), (900, 900)])
def test_without_ties_the_recursion_is_scipys_exact_p(n, m):
    real = np.zeros(n + m, np.int64)
    real[np.random.default_rng(n).permutation(n + m)[:n]] = 1
    truth = stats.ks_2samp(np.flatnonzero(real), np.flatnonzero(1 - real), method="exact")
    found = exact_p(np.ones(n + m, np.int64), gap_of(real, 1 - real), n, m)
    assert found == pytest.approx(truth.pvalue, rel=1e-9)
    assert ks_test(real, 1 - real).p_value == pytest.approx(truth.pvalue, rel=1e-9)


def test_exact_p_keeps_its_digits_where_it_is_tiny():
    # all real cells below all synthetic ones: 2 of all orders
    assert exact_p(np.ones(40, np.int64), 400, 20, 20) == pytest.approx(2 / comb(40, 20), rel=1e-9)
    assert exact_p(np.asarray([20, 20]), 400, 20, 20) == pytest.approx(2 / comb(40, 20), rel=1e-9)


SHARES = {
    "two values": [0.5, 0.5],
    "three values": [0.2, 0.5, 0.3],
    "geometric": 0.6 ** np.arange(20),
    "sixty values": np.ones(60),
    "half zeros": np.r_[0.5, np.full(2000, 0.00025)],
    "zipf": 1 / np.arange(1, 301),
    "two thousand values": np.ones(2000),
    "no ties": np.ones(10**6),
}


@pytest.mark.parametrize("name", SHARES)
@pytest.mark.parametrize(("n", "m"), [(2000, 2000), (1500, 1300), (3000, 500)])
def test_the_bridge_is_close_to_the_exact_p(name, n, m):
    share = np.asarray(SHARES[name])
    pool = np.random.default_rng(0).multinomial(n + m, share / share.sum())
    pool = pool[pool > 0]
    i = int(np.cumsum(pool)[np.abs(np.cumsum(pool)[:-1] - (n + m) / 2).argmin()])
    for bound in (0.5, 0.8, 1.0, 1.3, 1.6):
        a = round((bound * np.sqrt((n + m) * n * m) + i * n) / (n + m))
        gap = abs(a * (n + m) - i * n)  # one that occurs
        exact = exact_p(pool, gap, n, m)
        if exact > 1e-5:
            assert -0.01 < bridge_p(pool, gap, n, m) / exact - 1 < 0.12, (bound, exact)


def test_far_out_p_is_an_upper_bound_of_the_exact_one():
    for sizes in (np.asarray([1000, 1000]), np.full(50, 40)):
        gap = 400 * 1000
        exact = exact_p(sizes, gap, 1000, 1000)
        assert 0 < exact < 1e-30
        assert exact < bridge_p(sizes, gap, 1000, 1000) < 1e-25


def test_ties_make_p_smaller_than_scipys():
    real, synthetic = np.asarray([5200, 4800]), np.asarray([5000, 5000])
    cells = [np.repeat([0, 1], side) for side in (real, synthetic)]
    found, naive = ks_test(real, synthetic), stats.ks_2samp(*cells)
    assert found.statistic == pytest.approx(naive.statistic)
    # two values: the test of two proportions
    two_sided = 2 * stats.norm.sf((100 - 0.5) / np.sqrt(10_000 * 0.51 * 0.49 / 2))
    assert found.p_value == pytest.approx(two_sided, rel=0.02)
    assert naive.pvalue > 5 * found.p_value


def test_p_does_not_jump_where_the_way_to_it_changes():
    real, synthetic = np.r_[np.full(15, 180), np.full(15, 166)], np.full(30, 180)
    n, m = int(real.sum()), int(synthetic.sum())
    assert n + m > 10_000
    exact = exact_p(real + synthetic, gap_of(real, synthetic), n, m)
    assert 0.001 < exact < 0.2
    assert ks_test(real, synthetic).p_value == pytest.approx(exact, rel=0.03)


def test_equal_tables_and_one_value_give_one():
    assert ks_test(np.asarray([3, 4]), np.asarray([6, 8])).p_value == 1.0
    assert ks_test(np.asarray([3]), np.asarray([800])).statistic == 0.0


def test_a_table_without_cells_is_refused():
    with pytest.raises(ValueError, match="cells in both"):
        ks_test(np.asarray([0, 0]), np.asarray([1, 2]))


def test_values_that_never_occur_change_nothing():
    real, synthetic = np.asarray([3, 0, 4, 9]), np.asarray([5, 0, 2, 2])
    assert ks_test(real, synthetic) == ks_test(real[[0, 2, 3]], synthetic[[0, 2, 3]])


def test_large_counts_are_tested_without_their_cells():
    real, synthetic = np.asarray([10**8, 2 * 10**8]), np.asarray([10**8 + 20_000, 2 * 10**8 - 20_000])
    expected = 2 * stats.norm.sf(20_000 / 3e8 / np.sqrt(2 * (1 / 3) * (2 / 3) / 3e8))
    assert ks_test(real, synthetic).p_value == pytest.approx(expected, rel=1e-3)


def test_critical_values():
    assert critical(np.linspace(0.0, 1.0, 5001)[1:]) == pytest.approx(1.3581, abs=1e-3)
    assert critical(np.asarray([0.5, 1.0])) == pytest.approx(1.96 * 0.5, abs=2e-3)
    assert critical(np.asarray([0.1, 1.0])) == pytest.approx(1.96 * 0.3, abs=2e-3)
    assert 0.98 < critical(np.arange(1, 31) / 30) < 1.3581
    assert critical(np.asarray([1.0])) == pytest.approx(1.3581, abs=1e-3)


def test_no_rows_tell_apart_what_lies_at_its_floor():
    assert ks_rows(np.asarray([50, 50]), np.asarray([51, 49]), 0.05, np.random.default_rng(0)) is None


def test_half_the_difference_takes_four_times_the_rows():
    real, draw = np.asarray([500_000, 500_000]), np.random.default_rng
    large = ks_rows(real, np.asarray([520_000, 480_000]), 0.0, draw(0))
    small = ks_rows(real, np.asarray([510_000, 490_000]), 0.0, draw(0))
    # two proportions: n = ((1.96 + 0.84) / 0.02)² / 2
    assert large == pytest.approx((2.8016 / 0.02) ** 2 / 2, rel=0.1)
    assert small == pytest.approx(4 * large, rel=0.01)
