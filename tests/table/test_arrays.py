"""Arrow arrays in plain form and back."""

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table import arrays


def test_plain_makes_nan_null_and_minus_zero_zero() -> None:
    made = arrays.plain(pa.array([float("nan"), -0.0, None, 1.0]))
    assert made.null_count == 2
    assert not np.signbit(made.drop_null().to_numpy()).any()


def test_plain_decodes_chunked_dictionaries() -> None:
    chunks = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["c", None]).dictionary_encode()]
    assert arrays.plain(pa.chunked_array(chunks)).to_pylist() == ["a", "b", "c", None]
    empty = pa.chunked_array([], pa.dictionary(pa.int32(), pa.string()))
    assert arrays.plain(empty).type == pa.string()


def test_restore_keeps_declared_categories_in_order() -> None:
    dtype = pa.dictionary(pa.int8(), pa.string(), ordered=True)
    made = arrays.restore(pa.array(["b", None]), dtype, pa.array(["c", "b", "a"]))
    assert made.type == dtype
    assert made.dictionary.to_pylist() == ["c", "b", "a"]
    assert made.to_pylist() == ["b", None]


def test_restore_refuses_a_cell_that_is_not_declared() -> None:
    with pytest.raises(ValueError, match="declared"):
        arrays.restore(pa.array(["x"]), pa.dictionary(pa.int8(), pa.string()), pa.array(["a"]))


@pytest.mark.parametrize(
    "array",
    [
        pa.array([0.1, 1e300, 5e-324, None]),
        pa.array([2**64 - 1, 0], pa.uint64()),
        pa.array(["", "nan", "ä\x00"]),
        pa.array([True, None]),
        pa.array([Decimal("0.10"), None], pa.decimal128(30, 2)),
        pa.array([dt.date(1, 1, 1), None]),
        pa.array([-1, 10**18 + 1]).cast(pa.timestamp("ns", "UTC")),
        pa.array([dt.time(1, 2, 3)], pa.time32("s")),
        pa.array([-5], pa.duration("ns")),
        pa.nulls(2),
    ],
)
def test_cells_survive_json(array: pa.Array) -> None:
    text = json.dumps(arrays.to_cells(array), allow_nan=False)
    assert arrays.from_cells(json.loads(text), array.type).equals(array)


@pytest.mark.parametrize("dtype", [pa.int64(), pa.uint64(), pa.float64(), pa.decimal128(5, 2), pa.date32()])
def test_the_numeric_view_depends_on_the_type_alone(dtype: pa.DataType) -> None:
    assert arrays.numbers(pa.array([], dtype)).dtype == arrays.view_dtype(dtype)
    assert arrays.numbers(pa.nulls(2, dtype)).dtype == arrays.view_dtype(dtype)


def test_floats_are_clipped_to_whole_limits_without_overflow() -> None:
    low, high = -(2**63), 2**63 - 1
    made = arrays.clip_to(np.array([-1e30, 1.4, 9.3e18]), np.dtype(np.int64), low, high)
    assert made.tolist() == [low, 1, high]


def test_blocks_tile_the_rows() -> None:
    assert [len(block) for block in arrays.blocks(pa.array(range(10)), 4)] == [4, 4, 2]
    assert list(arrays.blocks(pa.array([], pa.int64()))) == []
