from dataclasses import replace

import numpy as np
import pytest

from tabgan.evaluation.copies import copies, row_keys


@pytest.fixture
def coded(columns):
    """Columns of categories whose codes on the three sides are given, shape (n, columns) each."""

    def build(real, synthetic, held_out):
        return [
            replace(
                columns(c=("categorical", [str(code) for code in range(10)], ["0"]))[0],
                name=f"c{j}",
                **{
                    side: np.asarray(codes)[:, j]
                    for side, codes in (("real", real), ("synthetic", synthetic), ("held_out", held_out))
                },
            )
            for j in range(np.shape(real)[1])
        ]

    return build


@pytest.mark.parametrize("dtype", [np.int64, np.int32])
def test_row_keys_tell_all_rows_apart(coded, dtype):
    draw = np.random.default_rng(0)
    sides = [draw.integers(0, 4, (n, 5)).astype(dtype) for n in (300, 200, 100)]
    keys, rows = np.concatenate(row_keys(coded(*sides), 0)), np.concatenate(sides)
    same = (rows[:, None] == rows[None]).all(axis=2)
    assert ((keys[:, None] == keys[None]) == same).all()


def test_cells_count_in_their_columns(coded):
    real, synthetic, _ = row_keys(coded([[1, 2], [3, 3]], [[2, 1], [4, 4]], np.empty((0, 2), int)), 0)
    assert len(np.unique(np.concatenate([real, synthetic]))) == 4


def test_copies_beside_held_out_rows_by_hand(coded):
    found = copies(coded([[1, 2], [1, 2], [3, 4]], [[1, 2], [1, 4], [3, 4], [3, 4]], [[1, 2], [9, 9]]), 0)
    assert (found.synthetic.value, found.real.value) == (0.75, 0.5)
    assert found.synthetic.low < 0.75 < found.synthetic.high


def test_without_held_out_rows_the_real_rows_that_repeat_stand_beside(coded):
    found = copies(coded([[1, 2], [1, 2], [3, 4], [5, 6]], [[5, 6], [0, 0]], np.empty((0, 2), int)), 0)
    assert (found.synthetic.value, found.real.value) == (0.5, 0.5)


def test_the_seed_does_not_change_the_shares(coded):
    draw = np.random.default_rng(0)
    table = coded(*(draw.integers(0, 5, (n, 4)) for n in (400, 300, 200)))
    assert copies(table, 0) == copies(table, 1)


def test_missing_cells_are_alike(columns):
    found = copies(columns(x=("continuous", [1.0, None], [None, 2.0]), c=("categorical", ["a", None], [None, "a"])), 0)
    assert found.synthetic.value == 0.5
