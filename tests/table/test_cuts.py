"""Where cells end, without tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table.encoders.cuts import COARSE_ROWS, FINE_ROWS, MAX_COARSE, MAX_FINE, MAX_PLAIN, cut


def masses(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The shares of the coarse cells, the rows of the fine ones, and how many values each of those holds."""
    borders, sizes = cut(weights)
    rows = np.add.reduceat(weights, borders[:-1])
    coarse = np.add.reduceat(rows, np.cumsum([0, *sizes])[:-1]) / weights.sum()
    return coarse, rows, np.diff(borders)


def test_cells_hold_a_twentieth_in_the_middle_and_ever_less_towards_the_ends() -> None:
    coarse, _, _ = masses(np.ones(100_000))
    middles = np.cumsum(coarse) - coarse / 2
    inner = np.abs(middles - 0.5) < 0.4
    assert ((coarse[inner] > 0.045) & (coarse[inner] < 0.056)).all()
    assert coarse[[0, -1]].max() < 0.0011
    grows = coarse[1:6] / coarse[:5]
    assert (grows[1:] > 1.8).all()
    assert (grows < 2.4).all()
    shrinks = coarse[-6:-1] / coarse[-5:]
    assert (shrinks[1:-1] > 1.8).all()
    assert (shrinks < 2.4).all()
    assert 25 <= len(coarse) <= 36


def test_fine_cells_of_a_coarse_one_are_about_equal() -> None:
    weights = np.ones(100_000)
    _, sizes = cut(weights)
    coarse, rows, _ = masses(weights)
    middle = int(np.searchsorted(np.cumsum(coarse), 0.5))
    first = sum(sizes[:middle])
    fine = rows[first : first + sizes[middle]]
    assert len(fine) in (15, 16)
    assert fine[:-1].max() < 1.1 * coarse[middle] * 100_000 / 16 + 1
    assert fine[:-1].min() > coarse[middle] * 100_000 / 16 / 1.1


def test_few_values_are_a_coarse_cell_each() -> None:
    borders, sizes = cut(np.arange(1.0, MAX_PLAIN + 1))
    assert borders.tolist() == list(range(MAX_PLAIN + 1))
    assert sizes == (1,) * MAX_PLAIN


def test_a_heavy_value_stands_alone_and_its_neighbours_do_not_join_it() -> None:
    weights = np.ones(600)
    weights[3] = 95_000
    borders, sizes = cut(weights)
    starts = borders[np.cumsum([0, *sizes])]
    place = int(np.searchsorted(starts, 3))
    assert (starts[place], starts[place + 1], sizes[place]) == (3, 4, 1)


def test_few_rows_make_few_cells() -> None:
    coarse, rows, _ = masses(np.ones(200))
    assert len(coarse) in (9, 10, 11)
    assert 200 * coarse[:-1].min() >= COARSE_ROWS
    assert rows.min() >= FINE_ROWS
    assert len(rows) <= 40


@pytest.mark.parametrize("period", [2, 3, 7, 50])
def test_heaped_values_do_not_make_too_many_cells(period: int) -> None:
    weights = np.where(np.arange(2_000) % period == 0, 400.0, 1.0)
    _, sizes = cut(weights)
    assert len(sizes) <= MAX_COARSE


@given(st.lists(st.sampled_from([1, 2, 3, 9, 40, 300, 5_000]), min_size=1, max_size=400))
def test_cells_tile_the_values_within_their_limits(counts: list[int]) -> None:
    weights = np.array(counts, np.float64)
    borders, sizes = cut(weights)
    assert (borders[0], borders[-1]) == (0, len(weights))
    assert (np.diff(borders) > 0).all()
    assert sum(sizes) == len(borders) - 1
    assert min(sizes) >= 1
    if len(weights) > MAX_PLAIN:
        assert len(sizes) <= MAX_COARSE
        assert max(sizes) <= MAX_FINE
    again = cut(weights)
    assert np.array_equal(again[0], borders)
    assert again[1] == sizes


def test_a_million_values_are_cut_without_walking_through_each() -> None:
    _, sizes = cut(np.random.default_rng(0).integers(1, 4, 1_000_000).astype(np.float64))
    assert len(sizes) <= 36
