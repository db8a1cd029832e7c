"""What is wanted of cells: checked exactly, cell by cell, and joined."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table.wanted import Wanted

YES, NO = np.array([True]), np.array([False])


def test_nothing_asked_is_always_there() -> None:
    assert Wanted().holds(pa.array([1, None, 3])).tolist() == [True, True, True]
    assert Wanted().holds(pa.array([], pa.int64())).tolist() == []


@pytest.mark.parametrize(
    ("wanted", "held"),
    [
        (Wanted(cells=pa.array([1, 3])), [True, False, True, True]),
        (Wanted(cells=pa.array([1, 3]), missing=NO), [True, False, True, False]),
        (Wanted(excluded=pa.array([1])), [False, True, True, True]),
        (Wanted(low=np.array([2])), [False, True, True, True]),
        (Wanted(low=np.array([2]), high=np.array([2]), missing=NO), [False, True, False, False]),
        (Wanted(present=NO), [False, False, False, True]),
        (Wanted(cells=pa.array([], pa.int64())), [False, False, False, True]),
        (Wanted(low=np.array([0, 3, 4, 0])), [True, False, False, True]),
        (Wanted(missing=np.array([True, True, True, False])), [True, True, True, False]),
        (Wanted(cells=pa.array([3, 1]), allowed=np.array([[False, True]])), [True, False, False, True]),
        (
            Wanted(cells=pa.array([1, 2]), allowed=np.array([[True, False]] * 2 + [[True, True]] * 2)),
            [True, False, False, True],
        ),
    ],
)
def test_cells_are_checked_one_by_one(wanted: Wanted, held: list[bool]) -> None:
    assert wanted.holds(pa.array([1, 2, 3, None])).tolist() == held


@pytest.mark.parametrize(
    ("array", "cells", "held"),
    [
        (pa.array(["a", "b", None]).dictionary_encode(), pa.array(["b"]), [False, True, True]),
        (pa.array([2**64 - 1, 2**64 - 2], pa.uint64()), pa.array([2**64 - 1], pa.uint64()), [True, False]),
        (pa.array([0.0, -0.0, float("nan")]), pa.array([0.0]), [True, True, True]),
        (
            pa.array(np.array([0.1, 2], np.float16)),
            pa.array(np.array([0.1], np.float16).astype(np.float32)),
            [True, False],
        ),
        (pa.array([Decimal("1.10"), Decimal("1.11")]), pa.array([Decimal("1.10")]), [True, False]),
        (pa.array([dt.date(2020, 1, 1), None]), pa.array([dt.date(2020, 1, 2)]), [False, True]),
        (pa.nulls(2), pa.array([1]), [True, True]),
        (pa.array([1, 2], pa.int8()), pa.array([1_000, 2]), [False, True]),
        (pa.chunked_array([["ä"], ["\N{GRINNING FACE}"]]), pa.array(["\N{GRINNING FACE}"]), [False, True]),
    ],
)
def test_cells_of_every_type(array: pa.Array, cells: pa.Array, held: list[bool]) -> None:
    assert Wanted(cells=cells).holds(array).tolist() == held


def test_bounds_tell_whole_numbers_apart_that_floats_cannot() -> None:
    numbers = pa.array([2**63 + 1, 2**63 + 2, 5], pa.uint64())
    assert Wanted(low=np.array([2**63 + 2], np.uint64)).holds(numbers).tolist() == [False, True, False]
    signed = pa.array([2**53, 2**53 + 1])
    assert Wanted(high=np.array([2**53])).holds(signed).tolist() == [True, False]


def test_of_says_the_same_of_categories() -> None:
    wanted = Wanted(
        cells=pa.array([1, 2, 3]),
        allowed=np.array([[True, True, False], [False, True, True]]),
        low=np.array([2]),
        present=np.array([True, False]),
    )
    assert wanted.of(pa.array([2, 1, 3, 9])).tolist() == [[True, False, False, False], [False] * 4]


SMALL = st.integers(0, 5)


@st.composite
def wishes(draw: st.DrawFn, n: int) -> Wanted:
    cells = draw(st.none() | st.lists(SMALL, unique=True))
    rows = draw(st.sampled_from([1, n]))

    def mask(width: tuple[int, ...]) -> np.ndarray:
        flat = draw(st.lists(st.booleans(), min_size=int(np.prod(width)), max_size=int(np.prod(width))))
        return np.array(flat, bool).reshape(width)

    def bound() -> np.ndarray:
        return np.array(draw(st.lists(SMALL, min_size=rows, max_size=rows)))

    return Wanted(
        None if cells is None else pa.array(cells, pa.int64()),
        mask((rows, len(cells))) if cells is not None and draw(st.booleans()) else None,
        bound() if draw(st.booleans()) else None,
        bound() if draw(st.booleans()) else None,
        mask((rows,)) if draw(st.booleans()) else None,
        mask((rows,)) if draw(st.booleans()) else None,
        pa.array([draw(SMALL)]) if draw(st.booleans()) else None,
    )


@given(wishes(4), wishes(4), st.lists(st.none() | SMALL, min_size=4, max_size=4))
def test_both_hold_where_each_holds(a: Wanted, b: Wanted, cells: list[int | None]) -> None:
    array = pa.array(cells, pa.int64())
    assert ((a & b).holds(array) == (a.holds(array) & b.holds(array))).all()


@given(wishes(6))
def test_of_and_holds_agree(wanted: Wanted) -> None:
    array = pa.array(range(6))
    of = np.broadcast_to(wanted.of(array), (6, 6))
    assert (wanted.holds(array) == np.diag(of)).all()


@pytest.mark.parametrize(
    ("wanted", "equality"),
    [
        (Wanted(cells=pa.array([1]), missing=NO), True),
        (Wanted(cells=pa.array([1])), False),
        (Wanted(cells=pa.array([1]), missing=YES), False),
        (Wanted(cells=pa.array([1, 2]), missing=NO), False),
        (Wanted(present=NO, missing=YES), True),
        (Wanted(cells=pa.array([1]), missing=np.array([False, False])), False),
        (Wanted(cells=pa.array([1]), low=np.array([2]), missing=NO), False),
        (Wanted(), False),
    ],
)
def test_one_and_the_same_cell(wanted: Wanted, equality: bool) -> None:
    assert wanted.is_equality is equality
