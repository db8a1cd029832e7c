"""Cells of numbers as intervals: which may hold what is wanted, and where in them it lies."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table import arrays
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import ModesEncoder, QuantileEncoder
from tabgan.table.intervals import Intervals, are_near, settled
from tabgan.table.summaries import summarize
from tabgan.table.wanted import Wanted


def intervals(cells: pa.Array, encoder: type = QuantileEncoder) -> Intervals:
    spec = ColumnSpec(name="x", kind="continuous", dtype=str(cells.type), nullable=True)
    made = encoder.from_summary(summarize(pa.table({"x": cells}))["x"], spec)
    slots = made.slots("x")
    windows = slots.windows[0][: slots.ordered] if slots.windows else [(0, 1)] * slots.ordered
    return Intervals(made, tuple(high - low for low, high in windows))


def prices() -> pa.Array:
    return pa.array(np.round(np.random.default_rng(0).lognormal(3, 1, 3_000), 2))


def test_ends_are_what_comes_out_at_the_ends() -> None:
    own = intervals(prices())
    least, most = own.ends
    assert (least <= most).all()
    assert least[0] == min(prices().to_pylist())
    assert most[-1] == max(prices().to_pylist())
    assert (np.round(least, 2) == least).all()


@pytest.mark.parametrize("encoder", [QuantileEncoder, ModesEncoder])
@pytest.mark.parametrize(
    "cells",
    [
        prices(),
        pa.array(np.random.default_rng(1).integers(0, 10**6, 2_000).astype("datetime64[m]").astype("datetime64[us]")),
        pa.array(np.random.default_rng(2).integers(2**63, 2**64 - 1, 500, np.uint64)),
        pa.array(np.random.default_rng(3).normal(size=900).astype(np.float32)),
    ],
)
def test_places_are_exactly_those_within_the_bounds(cells: pa.Array, encoder: type) -> None:
    own = intervals(cells, encoder)
    numbers = np.sort(arrays.numbers(cells))
    low, high = numbers[len(numbers) // 3], numbers[len(numbers) // 2]
    wanted = Wanted(low=np.array([low]), high=np.array([high]))
    mask = own.mask(wanted, None)[0]
    n = sum(own.sizes)
    random = np.random.default_rng(0)
    steps = random.integers(0, 2**24 + 1, (n, 200))
    first, last, _ = own.places(wanted, None, np.arange(n))
    assert ((first <= last) == mask).all()
    for cell in range(n):
        made = own.numbers(np.full(200, cell), steps[cell])
        within = (made >= low) & (made <= high)
        places = steps[cell] / 2**23 - 1
        assert (within == ((places >= first[cell]) & (places <= last[cell]))).all()


def test_a_gap_within_a_cell_allows_nothing() -> None:
    cells = pa.array([0] * 500 + [1_000] * 500 + list(range(5_000, 5_060)) * 2)
    own = intervals(cells)
    assert not own.mask(Wanted(low=np.array([10]), high=np.array([900])), None).any()
    assert own.mask(Wanted(low=np.array([10]), high=np.array([1_000])), None).sum() == 1


def test_bounds_may_differ_from_row_to_row() -> None:
    own = intervals(prices())
    least, most = own.ends
    low, high = np.array([0.0, 20.0, 1e9, 30.0]), np.array([1e9, 30.0, 2e9, 29.0])
    mask = own.mask(Wanted(low=low, high=high), None)
    assert mask[0].all()
    assert not mask[2:].any()
    assert (mask[1] == ((most >= 20) & (least <= 30))).all()
    cell = int(np.flatnonzero((least < 20) & (most >= 20))[0])
    first, last, _ = own.places(Wanted(low=low, high=high), None, np.full(4, cell))
    assert first[0] == -1
    assert -1 < first[1] <= last[1] <= 1
    assert first[2] > last[2]


def test_numbers_of_a_list_take_turns_in_a_cell() -> None:
    own = intervals(prices())
    least, most = own.ends
    cell = int(np.argmax((most - least) * (most < 60)))
    chosen = [float(np.round(least[cell] + share * (most[cell] - least[cell]), 2)) for share in (0.25, 0.5, 0.75)]
    cells = pa.array(chosen)
    points = own.points(cells, nearly=False)
    assert (own.mask(Wanted(cells=cells), points)[0] == np.isin(np.arange(sum(own.sizes)), points.cells)).all()
    low, high, ways = own.places(Wanted(cells=cells), points, np.full(3_000, cell))
    assert (ways == 3).all()
    middles = ((low + high) / 2 + 1) * 2**23
    made = own.numbers(np.full(3_000, cell), middles.astype(np.int64))
    values, counts = np.unique(made, return_counts=True)
    assert values.tolist() == chosen
    assert counts / 3_000 == pytest.approx([1 / 3] * 3, abs=0.01)
    for place, step, beyond in ((low, -1, np.less), (high, 1, np.greater)):  # all that the number holds of the cell
        outside = own.numbers(np.full(3_000, cell), ((place + 1) * 2**23).astype(np.int64) + step)
        assert beyond(outside, made).all()


def test_numbers_that_no_place_makes_are_taken_nearly() -> None:
    cells = pa.array(np.random.default_rng(0).normal(size=5_000))
    own = intervals(cells)
    wanted = cells.take(pa.array([3, 77, 500]))
    assert not len(own.points(pa.array([0.123456789]), nearly=False).cells)
    points = own.points(wanted, nearly=True)
    assert set(points.points) == {0, 1, 2}
    assert 0 < points.reach < 0.01
    low = own.places(Wanted(cells=wanted), points, points.cells)[0]
    made = pa.array(own.numbers(points.cells, ((low + 1) * 2**23).astype(np.int64)))
    assert are_near(made, wanted, points.reach).all()
    assert np.isin(settled(made, wanted).to_pylist(), wanted.to_pylist()).all()
    assert not are_near(pa.array([1e3]), wanted, points.reach).any()


@pytest.mark.parametrize(
    ("array", "cells", "expected"),
    [
        (pa.array([1, 4, 6, None, 99]), pa.array([9, 5, 1]), [1, 5, 5, None, 9]),
        (pa.array([2**64 - 1, 0], pa.uint64()), pa.array([2**64 - 2, 2**63], pa.uint64()), [2**64 - 2, 2**63]),
        (pa.array([-(2**63), 2**63 - 1]), pa.array([0, 2**63 - 2]), [0, 2**63 - 2]),
        (pa.array([dt.date(2020, 1, 2)]), pa.array([dt.date(2020, 1, 9), dt.date(2020, 1, 1)]), [dt.date(2020, 1, 1)]),
        (pa.array([], pa.float64()), pa.array([1.0]), []),
    ],
)
def test_settled(array: pa.Array, cells: pa.Array, expected: list[object]) -> None:
    found = settled(array, cells)
    assert found.type == array.type
    assert found.to_pylist() == expected
