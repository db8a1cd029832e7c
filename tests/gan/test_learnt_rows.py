from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.gan.learnt_rows import LearntRows


@given(st.integers(1, 60), st.data())
def test_rows_are_those_that_are_not_held_out(n: int, data: st.DataObject) -> None:
    held_out = np.array(sorted(data.draw(st.sets(st.integers(0, n - 1), max_size=n - 1))), np.int64)
    codes = np.arange(2 * n, dtype=np.uint16).reshape(n, 2)
    rows, expected = LearntRows(codes, held_out), np.delete(codes, held_out, 0)
    assert (len(rows), rows.n_codes) == (len(expected), 2)
    wanted = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=20)), np.int64)
    taken = rows.take(wanted)
    assert taken.dtype == np.uint16
    assert np.array_equal(taken, expected[wanted])
    assert np.array_equal(np.concatenate(list(rows.blocks())), expected)


def test_blocks_are_all_rows_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tabgan.gan.learnt_rows._BLOCK", 7)
    blocks = list(LearntRows(np.arange(20, dtype=np.uint8)[:, None], np.array([0, 8, 19])).blocks())
    assert [len(block) for block in blocks] == [7, 7, 3]
    assert np.concatenate(blocks).ravel().tolist() == [*range(1, 8), *range(9, 19)]


def test_some_rows_are_spread_from_the_first_to_the_last() -> None:
    rows = LearntRows(np.arange(101, dtype=np.uint8)[:, None], np.array([100]))
    assert rows.spread(4).ravel().tolist() == [0, 33, 66, 99]
    assert rows.spread(1_000).ravel().tolist() == list(range(100))


def test_a_file_is_read_where_rows_are_asked_for(tmp_path: Path) -> None:
    codes = np.random.default_rng(0).integers(200, size=(1_000, 3)).astype(np.uint8)
    codes.tofile(tmp_path / "codes")
    mapped = np.memmap(tmp_path / "codes", np.uint8, "r", shape=(1_000, 3))
    rows, held_out = np.random.default_rng(1).integers(997, size=300), np.array([1, 500, 999])
    taken = LearntRows(mapped, held_out).take(rows)
    assert np.array_equal(taken, LearntRows(codes, held_out).take(rows))
    assert taken.flags.writeable
    assert np.shares_memory(LearntRows(mapped, held_out)._codes, mapped)  # no copy of the file
