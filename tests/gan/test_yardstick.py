from collections.abc import Callable

import numpy as np
import pytest

from tabgan.gan.yardstick import SPLIT, Figures, Floor, Yardstick, distance
from tabgan.layout import ColumnSlots, EncodedTable, Layout

from .kinds import KINDS

Tables = Callable[..., EncodedTable]


def _yardstick(layout: Layout, learnt: np.ndarray, held_out: np.ndarray, drawn: int = 500) -> Yardstick:
    return Yardstick(layout, learnt, held_out, drawn=drawn, random=np.random.default_rng(0))


def test_fresh_rows_of_the_same_distribution_lie_at_the_floors(
    planted_layout: Layout, planted_table: EncodedTable
) -> None:
    codes = planted_table.codes
    stick = _yardstick(planted_layout, codes[:2_000], codes[2_000:2_500])
    measured, floors = stick.measure(codes[3_000:3_500])._asdict(), stick.floors
    for name, value in measured.items():
        assert abs(value - floors[name].mean) < 5 * floors[name].error + 0.02, name
    assert distance(Figures(**measured), floors) == pytest.approx(1, abs=0.3)
    assert floors["distance"].mean == 1
    assert 0 < floors["distance"].error < 0.2


def test_each_fault_moves_its_own_figure(planted_layout: Layout, planted_table: EncodedTable) -> None:
    codes = planted_table.codes
    learnt, held_out, fresh = codes[:400], codes[2_000:2_400], codes[3_000:3_500]
    stick = _yardstick(planted_layout, learnt, held_out)
    floors, good = stick.floors, stick.measure(fresh)
    random = np.random.default_rng(1)
    shuffled = stick.measure(np.stack([column[random.permutation(500)] for column in fresh.T], 1))
    assert shuffled.held_out_shape == pytest.approx(good.held_out_shape, abs=1e-9)
    assert shuffled.held_out_trend > good.held_out_trend + 5 * floors["held_out_trend"].error
    assert shuffled.detection > 0.7
    collapsed = stick.measure(np.repeat(fresh[:5], 100, 0))
    assert collapsed.distinct < 0.1
    assert collapsed.entropy < 0.8
    assert collapsed.coverage < 0.5 * floors["coverage"].mean
    assert distance(collapsed, floors) > 3


def test_the_surprise_of_independent_cells_is_the_sum_of_their_entropies() -> None:
    layout = Layout((ColumnSlots("a", (2,)), ColumnSlots("b", (4,))))
    random = np.random.default_rng(0)
    codes = np.stack([random.integers(2, size=5_000), random.integers(4, size=5_000)], 1).astype(np.uint8)
    assert _yardstick(layout, codes, codes[:100]).floors["surprise"].mean == pytest.approx(np.log(8), abs=0.01)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "m"), [(1, 16), (20, 1), (40, 16)])
def test_every_kind_of_table_and_a_few_rows_can_be_measured(
    kind: str, n: int, m: int, layouts: dict[str, Layout], random_table: Tables
) -> None:
    layout = layouts[kind]
    learnt, held_out, made = (random_table(layout, size, seed).codes for seed, size in ((0, n), (1, m), (2, 60)))
    before = made.copy()
    stick = _yardstick(layout, learnt, held_out, drawn=60)
    measured = stick.measure(made)
    known = [value for value in measured if value is not None]
    assert np.isfinite(known).all()
    assert all(np.isfinite(floor).all() for floor in stick.floors.values())
    assert (measured.held_out_trend is None) == (len(layout.columns) == 1)
    assert measured == stick.measure(made)
    assert np.array_equal(made, before)


def test_a_wide_table_is_measured_in_little_memory() -> None:
    layout = Layout(tuple(ColumnSlots(f"c{i}", (200,)) for i in range(400)))
    codes = np.random.default_rng(0).integers(200, size=(300, 400)).astype(np.uint8)
    stick = _yardstick(layout, codes[:200], codes[200:], drawn=100)
    assert stick._points.shape[1] <= 1_024
    assert stick.measure(codes[:100]).held_out_trend is not None


def test_the_distance_is_the_mean_of_what_is_known() -> None:
    floors = {"held_out_shape": Floor(0.1, 0.01), "held_out_trend": Floor(0.2, 0.01)}
    assert distance(Figures(held_out_shape=0.2, held_out_trend=0.2), floors) == pytest.approx(1.5)
    assert distance(Figures(held_out_shape=0.2), floors) == pytest.approx(2)
    assert distance(Figures(), floors) is None
    assert distance(Figures(held_out_shape=0.0), {"held_out_shape": Floor(0.0, 0.0)}) == 0


def test_that_other_rows_might_be_held_out_is_more_than_the_noise_of_drawing(
    planted_layout: Layout, planted_table: EncodedTable
) -> None:
    """Of few rows held out, the distance of a good generator hangs on which rows these are; of many, hardly."""
    codes = planted_table.codes
    few, many = (_yardstick(planted_layout, codes[:2_000], codes[2_000 : 2_000 + n]).floors for n in (20, 2_000))
    assert few[SPLIT].error > 2 * few["distance"].error
    assert many[SPLIT].error < 2 * many["distance"].error
