from collections.abc import Callable

import numpy as np
import pytest

from tabgan.gan.cells import MAX_CELLS, MAX_COLUMNS, MAX_POINT, Cells
from tabgan.gan.figures import distances
from tabgan.layout import ColumnSlots, EncodedTable, Layout

from .kinds import KINDS

Tables = Callable[..., EncodedTable]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_has_cells_and_points(kind: str, layouts: dict[str, Layout], random_table: Tables) -> None:
    layout = layouts[kind]
    codes = random_table(layout, 50).codes
    before = codes.copy()
    cells = Cells(layout, codes[:1] if kind == "wide code" else codes)
    made = cells.of(codes)
    assert made.shape == (50, len(layout.columns))
    assert made.min() >= 0
    assert made.max() < MAX_CELLS
    points = cells.points(codes)
    assert np.isfinite(points).all()
    assert np.array_equal(points * 16, np.round(points * 16))
    assert np.array_equal(codes, before)


def test_numbers_fall_into_cells_of_as_many_rows_and_missing_ones_into_one_of_their_own() -> None:
    layout = Layout((ColumnSlots("x", (17, 4), ordered=16, windows=(((0, 4),) * 17,)),))
    random = np.random.default_rng(0)
    coarse = np.concatenate([random.integers(16, size=800), np.full(50, 16)])
    codes = np.stack([coarse, random.integers(4, size=850)], 1)
    made = Cells(layout, codes).of(codes)[:, 0]
    numbers = np.bincount(made[:800])
    assert len(numbers[numbers > 0]) == 8
    assert numbers[numbers > 0].min() > 70
    assert len(set(made[800:])) == 1
    assert not set(made[800:]) & set(made[:800])


def test_rare_categories_share_a_cell_and_frequent_ones_have_their_own() -> None:
    layout = Layout((ColumnSlots("c", (40,)),))
    codes = np.repeat(np.arange(40), np.arange(40, 0, -1))[:, None]
    cells = Cells(layout, codes)
    made = cells.of(np.arange(40)[:, None])[:, 0]
    assert len(set(made[:15])) == 15
    assert set(made[15:]) == {MAX_CELLS - 1}
    seen_alone = Cells(layout, codes[:1]).of(np.array([[0], [39]]))[:, 0]
    assert seen_alone[0] != seen_alone[1]  # a category that was not learnt is another one


def test_equal_rows_have_no_distance_and_nearer_numbers_less_of_it(shop: Layout, random_table: Tables) -> None:
    codes = random_table(shop, 200).codes
    points = Cells(shop, codes).points(codes)
    apart = distances(points, points)
    same = (codes[:, None] == codes[None]).all(2)
    assert (apart[same] == 0).all()
    assert (apart >= 0).all()
    one = Layout((ColumnSlots("x", (10,), ordered=10),))
    numbers = Cells(one, np.arange(10)[:, None]).points(np.array([[0], [1], [9]]))
    first = distances(numbers[:1], numbers)[0]
    assert 0 == first[0] < first[1] < first[2]


def test_a_wide_table_takes_no_more_room() -> None:
    layout = Layout(tuple(ColumnSlots(f"c{i}", (500,)) for i in range(300)))
    codes = np.random.default_rng(0).integers(500, size=(30, 300))
    cells = Cells(layout, codes)
    assert cells.n_columns == MAX_COLUMNS
    assert cells.points(codes).shape[1] <= MAX_POINT
    assert cells.of(codes).shape == (30, MAX_COLUMNS)
