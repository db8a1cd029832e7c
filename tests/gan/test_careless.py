"""Careless fakes keep what they should, break what they should, and stay within the layout."""

import numpy as np
import pytest

from tabgan.gan.careless import MAKES, makes_for
from tabgan.layout import ColumnSlots, Layout


@pytest.mark.parametrize("make", MAKES)
def test_all_cells_are_ones_that_the_layout_allows(layouts, random_table, in_windows, make):
    for layout in layouts.values():
        rows, others = random_table(layout, 60, seed=1).codes, random_table(layout, 90, seed=2).codes
        made = MAKES[make](rows, others, layout, np.random.default_rng(0))
        assert made.shape == rows.shape
        assert made.dtype == rows.dtype
        assert in_windows(layout, made)


@pytest.mark.parametrize("make", MAKES)
def test_the_seed_decides_and_nothing_is_changed(planted_layout, planted_table, make):
    codes = planted_table.codes[:300]
    before = codes.copy()
    one, again, other = (MAKES[make](codes, codes, planted_layout, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert np.array_equal(codes, before)


def test_shuffled_columns_keep_their_margins_and_lose_what_goes_together(planted_layout, planted_table):
    codes = planted_table.codes
    made = MAKES["shuffled"](codes, codes, planted_layout, np.random.default_rng(0))
    assert np.bincount(made[:, 0]) / len(made) == pytest.approx([0.5, 0.3, 0.2], abs=0.03)
    assert (codes[:, 0] == codes[:, 3]).mean() > 0.88
    assert (made[:, 0] == made[:, 3]).mean() == pytest.approx(0.38, abs=0.03)  # 0.5² + 0.3² + 0.2²


def test_one_cell_up_to_half_of_them_are_replaced_as_a_whole():
    layout = Layout(tuple(ColumnSlots(f"c{i}", (50, 50), windows=(((0, 50),) * 50,)) for i in range(6)))
    rows = np.zeros((2_000, 12), np.uint8)
    others = np.repeat(np.arange(1, 50, dtype=np.uint8), 12).reshape(-1, 12)
    made = MAKES["replaced"](rows, others, layout, np.random.default_rng(0))
    assert np.array_equal(made[:, ::2], made[:, 1::2])
    assert np.bincount((made[:, ::2] > 0).sum(1)) / 2_000 == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3], abs=0.05)


def test_uniform_cells_are_rare_as_often_as_frequent():
    layout = Layout((ColumnSlots("c", (4,)),))
    made = MAKES["uniform"](
        np.zeros((4_000, 1), np.uint8), np.zeros((1, 1), np.uint8), layout, np.random.default_rng(0)
    )
    assert np.bincount(made[:, 0]) / 4_000 == pytest.approx([0.25] * 4, abs=0.03)


def test_numbers_move_and_all_else_stays(planted_layout, planted_table):
    codes = planted_table.codes
    made = MAKES["moved"](codes, codes, planted_layout, np.random.default_rng(0))
    assert np.array_equal(made[:, [0, 3]], codes[:, [0, 3]])
    apart = np.abs(made[:, 1].astype(int) - codes[:, 1])
    assert apart.max() <= 3
    assert ((apart > 0) | np.isin(codes[:, 1], [0, 3])).all()  # only at an end may a number stay in its cell


def test_missing_numbers_do_not_move():
    layout = Layout((ColumnSlots("x", (5,), ordered=4),))
    rows = np.array([[4], [1]], np.uint8).repeat(200, 0)
    made = MAKES["moved"](rows, rows, layout, np.random.default_rng(0))
    assert (made[:200] == 4).all()
    assert (made[200:] < 4).all()
    assert (made[200:] != 1).all()


def test_numbers_are_moved_only_where_there_are_some(planted_layout):
    assert makes_for(planted_layout) == ("shuffled", "replaced", "uniform", "moved")
    assert makes_for(Layout((ColumnSlots("a", (3,)),))) == ("shuffled", "replaced", "uniform")
