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
