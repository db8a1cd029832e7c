from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align


def test_cells_are_positions_in_the_sorted_common_support():
    column = align("c", "categorical", pa.array(["b", None, "a"]), pa.array(["c", "b"]))
    assert column.support.to_pylist() == ["a", "b", "c"]
    assert column.real.tolist() == [1, 3, 0]
    assert column.synthetic.tolist() == [2, 1]
    real, synthetic = column.counts()
    assert real.tolist() == [1, 1, 0, 1]
    assert synthetic.tolist() == [0, 1, 1, 0]


def test_nan_is_missing_and_zeros_are_one_value():
    column = align("x", "continuous", pa.array([0.0, float("nan"), None]), pa.array([-0.0]))
    assert [side.tolist() for side in column.counts()] == [[1, 2], [1, 0]]


def test_the_text_nan_is_a_category():
    column = align("c", "categorical", pa.array(["nan", None]), pa.array(["nan"]))
    assert column.support.to_pylist() == ["nan"]
    assert column.real.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ([3, 1, 2], [1, 2, 3]),
        ([date(1970, 1, 3), date(1970, 1, 2)], [1, 2]),
        ([Decimal("1.50"), Decimal("-2.25")], [-2.25, 1.5]),
        ([True, False], [0, 1]),
    ],
)
def test_numbers_of_the_support_ascend(cells, numbers):
    column = align("x", "continuous", pa.array(cells), pa.array(cells))
    np.testing.assert_array_equal(column.numbers, numbers)


def test_chunks_dictionaries_and_empty_types():
    chunked = pa.chunked_array([pa.array(["a", "b"]).dictionary_encode(), pa.array(["b", None]).dictionary_encode()])
    column = align("c", "categorical", chunked, pa.chunked_array([], pa.string()))
    assert column.real.tolist() == [0, 1, 1, 2]
    nothing = align("c", "constant", pa.nulls(3), pa.nulls(2))
    assert [side.tolist() for side in nothing.counts()] == [[3], [2]]


def test_text_is_never_compared_as_numbers():
    assert not align("c", "continuous", pa.array(["a"]), pa.array(["b"])).is_numeric


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([2**63 - 1, 2**63 - 2, None, -(2**63), 2**63 - 1]),
        pa.array([2**64 - 1, 2**64 - 2, 0, None, 2**64 - 1], pa.uint64()),
        pa.array([7, 1, None], pa.timestamp("ns", "Asia/Tokyo")),
        pa.array([7, -1, 7], pa.date32()),
        pa.array([86_400_000, None, 0], pa.date64()),
        pa.array([5, 1, 5], pa.time32("s")),
        pa.array([5, 1, None], pa.duration("us")),
        pa.array([Decimal("10000000000000000000000000000.01"), Decimal("10000000000000000000000000000.02"), None]),
        pa.array([True, None, False]),
        pa.array([0.1, -0.0, 0.0, float("nan"), None, float("inf"), -float("inf"), 5e-324]),
        pa.array(np.asarray([1.5, -2.0, np.nan], np.float16)),
        pa.array([None, None], pa.float64()),
        pa.array([], pa.int64()),
    ],
    ids=str,
)
def test_every_cell_can_be_read_back_from_its_position(cells):
    column = align("x", "continuous", cells, cells.slice(1), cells.slice(2))
    values = column.support.to_pylist()
    assert values == sorted(set(values))
    for codes, start in ((column.real, 0), (column.synthetic, 1), (column.held_out, 2)):
        assert codes.dtype == np.int32
        found = [None if code == len(values) else values[code] for code in codes]
        expected = [None if cell is None or cell != cell else cell for cell in cells.to_pylist()[start:]]
        assert found == expected
    assert column.support.type == (pa.float32() if pa.types.is_float16(cells.type) else cells.type)


def test_held_out_values_have_a_place_but_no_count():
    column = align("x", "continuous", pa.array([1.0, 3.0]), pa.array([3.0]), pa.array([2.0, None, 1.0]))
    assert column.support.to_pylist() == [1.0, 2.0, 3.0]
    assert column.held_out.tolist() == [1, 3, 0]
    assert [side.tolist() for side in column.counts()] == [[1, 0, 1, 0], [0, 0, 1, 0]]


def test_other_cells_over_the_same_values():
    column = align("x", "continuous", pa.array([1.0, 3.0, 2.0]), pa.array([3.0]), pa.array([5.0]))
    numbers = column.numbers
    drawn = column.with_cells(column.real[[2, 2]], column.real[:1])
    assert (drawn.real.tolist(), drawn.synthetic.tolist(), drawn.held_out.tolist()) == ([1, 1], [0], [])
    assert drawn.numbers is numbers
    assert column.real.tolist() == [0, 2, 1]


def test_numbers_beyond_the_largest_are_clipped():
    column = align("x", "continuous", pa.array([-1.7e308, 1.0]), pa.array([1.7e308, float("inf")]))
    assert column.numbers.tolist() == [-1e300, 1.0, 1e300, float("inf")]


def test_other_rows_bring_only_their_own_values():
    column = align("x", "categorical", pa.array(["a", "c", None, "b"]), pa.array(["c", "d"]), pa.array(["e", "a"]))
    found = column.over_own_values(column.real[1:3], column.synthetic, column.held_out[:1])
    assert found.support.to_pylist() == ["c", "d", "e"]
    assert [side.tolist() for side in (found.real, found.synthetic, found.held_out)] == [[0, 3], [0, 1], [2]]


def test_without_held_out_rows_a_column_is_as_if_there_were_none():
    real, synthetic = pa.array([1.5, None, 2.5]), pa.array([2.5, 4.5])
    found = align("x", "continuous", real, synthetic, pa.array([9.5, 2.0])).without_held_out()
    alone = align("x", "continuous", real, synthetic)
    assert found.support.equals(alone.support)
    assert (found.real.tolist(), found.synthetic.tolist()) == (alone.real.tolist(), alone.synthetic.tolist())
    assert alone.without_held_out() is alone


@pytest.mark.parametrize(
    ("dtype", "unit"),
    [
        (pa.int64(), ("", 1.0)),
        (pa.date32(), ("days", 1.0)),
        (pa.date64(), ("days", 86_400_000.0)),
        (pa.timestamp("s"), ("s", 1.0)),
        (pa.timestamp("ns", "UTC"), ("s", 1e9)),
        (pa.duration("ms"), ("s", 1e3)),
    ],
)
def test_differences_of_times_have_a_unit(dtype, unit):
    cells = pa.array([0, 86_400_000]).cast(dtype) if dtype != pa.date32() else pa.array([0, 1], dtype)
    assert align("x", "datetime", cells, cells).unit == unit
