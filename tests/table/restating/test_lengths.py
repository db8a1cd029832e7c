"""Lengths between two columns."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.restating.lengths import beside, is_sharper, length_cells, length_scale, shortest
from tabgan.table.ticks import Scale

NONE = np.zeros(2, np.bool_)


@pytest.mark.parametrize(
    ("digits", "dtype", "expected"),
    [
        (2, pa.decimal128(8, 2), pa.array([150, 3], pa.int64())),
        (0, pa.date32(), pa.array([150, 3], pa.duration("s"))),
        (6, pa.timestamp("us"), pa.array([150, 3], pa.duration("us"))),
        (None, pa.float32(), pa.array([150.0, 3.0], pa.float64())),
    ],
)
def test_lengths_are_counts_durations_or_floats_and_are_read_back(digits, dtype, expected) -> None:
    scale, units = Scale(digits), np.array([150, 3], np.int64 if digits is not None else np.float64)
    made = length_cells(units, NONE, scale, dtype)
    assert made.equals(expected)
    again, missing = length_scale(scale, dtype).read(made)
    assert again.tolist() == [150, 3]
    assert not missing.any()
    assert length_cells(units, np.array([True, False]), scale, dtype).null_count == 1


def test_a_length_is_sharper_that_varies_less_or_is_often_nothing() -> None:
    random = np.random.default_rng(0)
    ends = random.uniform(0, 100, 2_000)
    assert is_sharper(random.uniform(0, 40, 2_000), ends)
    assert not is_sharper(random.uniform(0, 90, 2_000), ends)
    often = random.uniform(0, 90, 2_000) * (random.random(2_000) > 0.1)
    assert is_sharper(often, ends)


def test_the_shortest_lengths_are_ascending_and_from_the_shortest_tenth() -> None:
    lengths = np.random.default_rng(0).permutation(1_001)
    found = shortest(lengths)
    assert found[0] == 0
    assert found[-1] == 100
    assert list(found) == sorted(found)
    assert shortest(np.array([7])) == (7,) * len(found)


@pytest.mark.parametrize("dtype", [pa.float16(), pa.float32(), pa.float64()])
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("strict", [True, False])
def test_floats_are_rounded_away_from_the_other_end(dtype, side, strict) -> None:
    random = np.random.default_rng(0)
    end = np.asarray(random.normal(size=500), np.float16).astype(np.float64)
    units = end + side * random.choice([0.0, 1e-9, 1e-3, 1.0], 500)
    made = beside(units, end, random.random(500) < 0.1, dtype, side, strict)
    assert made.type == dtype
    apart = side * (made.to_numpy(zero_copy_only=False).astype(np.float64) - end)
    there = made.is_valid().to_numpy(zero_copy_only=False)
    assert (apart[there] > 0 if strict else apart[there] >= 0).all()
    assert 0 < made.null_count < 100
