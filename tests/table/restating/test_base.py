"""What rows draw from while they are written."""

import numpy as np

from tabgan.table.restating.base import Rows

WHOLE = Rows(7, 4_096, 100)


def test_fewer_rows_get_the_first_numbers() -> None:
    assert np.array_equal(Rows(7, 4_096, 30).uniforms("a", 2), WHOLE.uniforms("a", 2)[:30])


def test_numbers_differ_by_name_seed_and_first_row() -> None:
    first = WHOLE.uniforms("a")
    for other in (WHOLE.uniforms("b"), Rows(8, 4_096, 100).uniforms("a"), Rows(7, 0, 100).uniforms("a")):
        assert not np.isin(first, other).any()
    assert first.shape == (100, 1)
    assert ((first >= 0) & (first < 1)).all()


def test_rows_that_are_kept_keep_their_numbers_and_are_counted_without_gaps() -> None:
    chosen = np.array([2, 5, 40])
    kept = WHOLE.keep(chosen, 11)
    assert np.array_equal(kept.uniforms("a", 3), WHOLE.uniforms("a", 3)[chosen])
    assert kept.numbers.tolist() == [4_098, 4_101, 4_136]
    assert kept.ranks.tolist() == [11, 12, 13]
    assert WHOLE.ranks[:2].tolist() == [4_096, 4_097]
    none = WHOLE.keep(np.zeros(0, np.intp), 11)
    assert none.uniforms("a", 3).shape == (0, 3)
    assert not len(none.numbers)


def test_rows_that_are_written_again_draw_anew_and_stay_the_same_rows() -> None:
    some = np.array([1, 2])
    again = WHOLE.again(some, 0)
    assert again.numbers.tolist() == [4_097, 4_098]
    assert not np.isin(again.uniforms("a"), WHOLE.uniforms("a")).any()
    assert not np.isin(WHOLE.again(some, 1).uniforms("a"), again.uniforms("a")).any()
    of_kept = WHOLE.keep(np.array([0, 1, 2]), 0).again(some, 0)
    assert np.array_equal(of_kept.uniforms("a"), again.uniforms("a"))
    assert of_kept.numbers.tolist() == again.numbers.tolist()
