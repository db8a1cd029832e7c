"""Numbers that belong to rows: no portion changes them, and permutations are permutations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tabgan.table import numbered


def test_portions_change_nothing() -> None:
    rows = np.arange(1_000)
    whole = numbered.uniforms(3, ("write", "x"), rows, 4)
    parts = [numbered.uniforms(3, ("write", "x"), part, 4) for part in np.array_split(rows, 7)]
    assert np.array_equal(whole, np.concatenate(parts))
    assert np.array_equal(whole[:, :2], numbered.uniforms(3, ("write", "x"), rows, 2))


def test_uniform_and_different_by_seed_path_and_place() -> None:
    rows = np.arange(20_000)
    drawn = numbered.uniforms(0, ("a",), rows, 2)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert all(stats.kstest(column, "uniform").pvalue > 1e-4 for column in drawn.T)
    others = [numbered.uniforms(1, ("a",), rows), numbered.uniforms(0, ("b",), rows), drawn[:, 1:], drawn[1:, :1]]
    for other in others:
        assert abs(np.corrcoef(drawn[: len(other), 0], other[:, 0])[0, 1]) < 0.03


@given(st.integers(1, 3_000), st.integers(0, 2**63 - 1))
def test_permutations(size: int, key: int) -> None:
    places = numbered.permuted(np.arange(size), size, key)
    assert np.array_equal(np.sort(places), np.arange(size))


def test_permutations_shuffle_and_differ_by_key() -> None:
    one, two = (numbered.permuted(np.arange(10_000), 10_000, key) for key in (1, 2))
    assert abs(np.corrcoef(one, np.arange(10_000))[0, 1]) < 0.05
    assert np.mean(one == two) < 0.01


def test_huge_sizes() -> None:
    size = 10**18
    places = numbered.permuted(np.arange(100_000), size, 5)
    assert len(np.unique(places)) == 100_000
    assert places.min() >= 0
    assert places.max() < size
    assert stats.kstest(places / size, "uniform").pvalue > 1e-4
    assert numbered.permuted(np.array([size - 1]), size, 5) < size


@pytest.mark.parametrize(("rank", "size"), [(5, 5), (-1, 5), (0, 0), (0, 2**62 + 1)])
def test_ranks_outside_are_refused(rank: int, size: int) -> None:
    with pytest.raises(ValueError, match="expected ranks"):
        numbered.permuted(np.array([rank]), size, 0)
