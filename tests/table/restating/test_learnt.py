"""What restatements make: the kinds of learnt columns, grids, and intervals of what is wanted."""

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.restating.learnt import Grid, Interval, learnt_spec
from tabgan.table.restating.lengths import is_sharper, length_cells, shortest
from tabgan.table.ticks import Scale
from tabgan.table.wanted import Wanted


@pytest.mark.parametrize(
    ("cells", "nullable", "kind"),
    [
        (pa.array(range(100)), False, "continuous"),
        (pa.array([0, 1, 2] * 30), False, "categorical"),
        (pa.array([5] * 30), False, "constant"),
        (pa.array([5] * 30), True, "categorical"),
        (pa.array(np.linspace(0, 1, 90)), False, "continuous"),
    ],
)
def test_kinds_of_learnt_columns(cells: pa.Array, nullable: bool, kind: str) -> None:
    spec = learnt_spec("id [length]", cells, nullable)
    assert (spec.name, spec.kind, spec.nullable, spec.arrow_type) == ("id [length]", kind, nullable, cells.type)


def test_grids() -> None:
    column = pa.array([0.5, None, 2.25])
    grid = Grid.of(column, Scale(3))
    assert grid == Grid(500, 2_250, 10)
    assert grid.up(np.array([501, 510])).tolist() == [510, 510]
    assert grid.down(np.array([-1, 519])).tolist() == [-10, 510]
    assert grid.clip(np.array([0, 600, 9_999])).tolist() == [500, 600, 2_250]
    assert Grid.from_json(grid.to_json()) == grid
    rough = Grid.of(pa.array([1 / 3, 2.0]), Scale(None))
    assert rough.up(np.array([0.4])).tolist() == [0.4]
    with pytest.raises(SchemaError, match="bounds in ascending order"):
        Grid(2, 1, 1)


def test_intervals_of_what_is_wanted() -> None:
    grid, scale, dtype = Grid(0, 1_000, 1), Scale(2), pa.float64()
    assert Interval.of(grid, None, dtype, scale).low.tolist() == [0]
    found = Interval.of(grid, Wanted(low=np.array([0.29, 3.0]), high=np.array([7.005])), dtype, scale)
    assert found.low.tolist() == [29, 300]
    assert found.high.tolist() == [701]
    fields = found.wanted(grid, dtype, scale)
    assert fields["low"].tolist() == [0.29, 3.0]
    assert fields["high"].tolist() == [7.01]
    far = Wanted(low=np.array([-np.inf]), high=np.array([np.inf]))
    assert Interval.of(grid, far, dtype, scale).wanted(grid, dtype, scale) == {}
    huge = Wanted(low=np.array([0], np.uint64), high=np.array([2**64 - 1], np.uint64))
    assert Interval.of(grid, huge, pa.uint64(), Scale(0)).high.tolist() == [1_000]
    assert Interval.of(grid, Wanted(low=np.array([-(10**18)])), pa.int64(), scale).low.tolist() == [0]
    assert Interval(np.array([0]), np.array([1_000])).wanted(grid, dtype, scale) == {}


def test_lengths() -> None:
    lengths = np.arange(1_000)
    assert shortest(lengths)[0] == 0
    assert shortest(lengths)[-1] == 99
    assert is_sharper(lengths, lengths * 3)
    assert not is_sharper(lengths, lengths)
    assert is_sharper(np.where(lengths < 100, 0, lengths), lengths)
    gone = np.array([False, True])
    made = length_cells(np.array([90, 5]), gone, Scale(0), pa.date32())
    assert made.equals(pa.array([90, None], pa.duration("s")))
    assert length_cells(np.array([90, 5]), gone, Scale(2), pa.float64()).equals(pa.array([90, None]))
    assert length_cells(np.array([0.5, 1]), gone, Scale(None), pa.float64()).equals(pa.array([0.5, None]))
