import math
import re
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.gan.stages import Part, StagePlan, mutual_information, plan_stages
from tabgan.layout import ColumnSlots, EncodedTable, Layout

WINDOWS = (((0, 2), (1, 3)),)
MIXED = Layout(
    (
        ColumnSlots("city", (3,)),
        ColumnSlots("price", (2, 3), has_value=True, ordered=2, windows=WINDOWS),
        ColumnSlots("rating", (4,), ordered=3),
    )
)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    columns = []
    for index in range(draw(st.integers(1, 9))):
        sizes = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
        ordered = draw(st.integers(0, sizes[0]))
        columns.append(ColumnSlots(f"c{index}", sizes, bool(ordered) and draw(st.booleans()), ordered))
    return Layout(tuple(columns))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Layout, EncodedTable]:
    layout = draw(layouts())
    random = np.random.default_rng(draw(st.integers(0, 99)))
    n = draw(st.integers(1, 40))
    codes = random.integers(0, layout.cardinalities, (n, layout.n_codes)).astype(layout.code_dtype)
    return layout, EncodedTable(codes, np.zeros((n, layout.n_values), np.float32))


def _plan(table: EncodedTable, layout: Layout, max_stages: int = 64, seed: int = 0) -> StagePlan:
    return plan_stages(table, layout, max_stages, np.random.default_rng(seed))


def test_the_parts_of_a_plan_by_hand() -> None:
    plan = StagePlan(MIXED, ((3, 1), (0,), (2,)))
    assert plan.parts == (
        Part(3, 2, 4, None, None, True, slice(0, 4), slice(0, 5)),
        Part(1, 1, 2, None, None, False, slice(4, 6), slice(5, 7)),
        Part(0, 0, 3, None, None, False, slice(6, 9), slice(7, 10)),
        Part(2, 1, 3, 1, WINDOWS[0], True, slice(9, 12), slice(10, 14)),
    )
    assert plan.stage_parts == (slice(0, 2), slice(2, 3), slice(3, 4))
    assert plan.n_features == 14


@given(tables(), st.integers(1, 40))
def test_each_code_is_made_once_and_after_the_one_before_it(drawn: tuple[Layout, EncodedTable], most: int) -> None:
    layout, table = drawn
    plan = _plan(table, layout, most)
    stage_of = {code: number for number, stage in enumerate(plan.stages) for code in stage}
    assert sorted(code for stage in plan.stages for code in stage) == list(range(layout.n_codes))
    for codes in layout.code_slices:
        numbers = [stage_of[code] for code in range(codes.start, codes.stop)]
        assert all(earlier < later for earlier, later in pairwise(numbers))


@given(tables(), st.integers(1, 40))
def test_there_are_as_many_stages_as_may_be(drawn: tuple[Layout, EncodedTable], most: int) -> None:
    layout, table = drawn
    deepest = max(len(slots.cardinalities) for slots in layout.columns)
    n_stages = len(_plan(table, layout, most).stages)
    assert deepest <= n_stages <= max(most, deepest)
    if most >= layout.n_codes:
        assert n_stages == layout.n_codes


@given(tables())
def test_parts_describe_their_codes(drawn: tuple[Layout, EncodedTable]) -> None:
    layout, table = drawn
    plan = _plan(table, layout, 3)
    assert [part.size for part in plan.parts] == [layout.cardinalities[part.code] for part in plan.parts]
    assert [part.column for part in plan.parts] == [layout.code_columns[part.code] for part in plan.parts]
    for part in plan.parts:
        first = layout.code_slices[part.column].start
        assert (part.previous is None) == (part.code == first)
        assert part.previous is None or plan.parts[part.previous].code == part.code - 1
        ends = part.code + 1 == layout.code_slices[part.column].stop
        assert part.scored == (ends and layout.columns[part.column].ordered > 0)
        assert part.features.stop - part.features.start == part.size + part.scored
        assert part.units.stop - part.units.start == part.size
    assert [part.features.start for part in plan.parts[1:]] == [part.features.stop for part in plan.parts[:-1]]
    assert plan.parts[-1].units.stop == layout.width


@given(tables())
def test_restoring_undoes_arranging(drawn: tuple[Layout, EncodedTable]) -> None:
    layout, table = drawn
    plan = _plan(table, layout, 3)
    arranged = plan.arrange(table.codes)
    assert [arranged[0, place] for place in range(layout.n_codes)] == [table.codes[0, p.code] for p in plan.parts]
    restored = plan.restore(arranged.astype(np.int64))
    assert np.array_equal(restored, table.codes)
    assert restored.dtype == layout.code_dtype


def test_the_type_of_restored_codes_is_that_of_the_layout() -> None:
    layout = Layout((ColumnSlots("a", (2,)), ColumnSlots("b", (300,))))
    assert StagePlan(layout, ((1,), (0,))).restore(np.array([[299, 1]])).tolist() == [[1, 299]]
    assert StagePlan(layout, ((1,), (0,))).restore(np.array([[299, 1]])).dtype == np.uint16


@pytest.mark.parametrize(
    "stages",
    [(), ((0, 1),), ((0, 1, 2, 3), (4,)), ((0, 1), (1, 2), (3,)), ((0, 1), (2, 3), ()), ((-1, 0), (1, 2, 3))],
    ids=["none", "missing", "too many", "twice", "an empty stage", "negative"],
)
def test_plans_that_do_not_make_each_code_once_are_refused(stages: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match=f"each code must stand in one stage.*{re.escape(str(stages))}"):
        StagePlan(MIXED, stages)


@pytest.mark.parametrize("stages", [((0, 1, 2), (3,)), ((0, 2), (1, 3)), ((0, 1, 2, 3),)])
def test_plans_that_make_a_column_at_once_or_backwards_are_refused(stages: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match="the codes of a column must be made one after the other, got stages"):
        StagePlan(MIXED, stages)


def _columns(*columns: np.ndarray) -> EncodedTable:
    return EncodedTable(np.stack(columns, 1).astype(np.uint8), np.zeros((len(columns[0]), 0), np.float32))


def test_numbers_of_several_codes_come_after_categories_and_the_most_telling_first() -> None:
    """a, group and the number n are the same, b is nearly so, and d tells nothing."""
    random = np.random.default_rng(0)
    a = random.integers(2, size=2_000)
    b = np.where(random.random(2_000) < 0.8, a, 1 - a)
    d = random.integers(2, size=2_000)
    layout = Layout(
        (
            ColumnSlots("n", (2, 2), ordered=2),
            ColumnSlots("d", (2,)),
            ColumnSlots("b", (2,)),
            ColumnSlots("a", (2,), ordered=2),
            ColumnSlots("group", (2, 2)),
        )
    )
    # The codes are n 0 and 1, d 2, b 3, a 4, and group 5 and 6, of which the first counts; it is a once more.
    table = _columns(a, d, d, b, a, a, d)
    order = [code for stage in _plan(table, layout).stages for code in stage]
    assert order[-2:] == [0, 1]
    assert order.index(4) < order.index(3) < order.index(2)
    assert order.index(5) + 1 == order.index(6)
    assert order.index(2) == len(order) - 3


@pytest.mark.parametrize("most", [2, 4])
def test_columns_that_tell_much_about_each_other_are_kept_apart(most: int) -> None:
    """Five families of alike columns in a random order: two stages that are dealt out together share each fairly."""
    random = np.random.default_rng(0)
    families = random.permutation(np.repeat(np.arange(5), most))
    parents = random.integers(2, size=(5, 3_000))
    table = _columns(*(np.where(random.random(3_000) < 0.9, parents[f], 1 - parents[f]) for f in families))
    layout = Layout(tuple(ColumnSlots(f"c{index}", (2,)) for index in range(len(families))))
    stages = _plan(table, layout, most).stages
    assert [len(stage) for stage in stages] == [5] * most
    for one, other in zip(stages[::2], stages[1::2], strict=True):
        counts = [np.bincount(families[list(stage)], minlength=5) for stage in (one, other)]
        assert np.abs(counts[0] - counts[1]).max() <= 1


def test_columns_of_several_codes_share_their_stages_level_by_level() -> None:
    layout = Layout(tuple(ColumnSlots(f"c{index}", sizes) for index, sizes in enumerate([(2, 2, 2), (2, 2), (2,)])))
    random = np.random.default_rng(0)
    stages = _plan(_columns(*random.integers(2, size=(6, 500))), layout, 1).stages
    assert [set(stage) for stage in stages] == [{0, 3, 5}, {1, 4}, {2}]


def test_the_plan_of_a_long_table_is_made_from_rows_drawn_at_random() -> None:
    """In the first 20,000 rows a tells about b; in the whole table it tells more about c."""
    random = np.random.default_rng(0)
    n = 200_000
    a, b, c = random.integers(2, size=(3, n))
    b[:20_000] = a[:20_000]
    c[20_000:] = a[20_000:]
    layout = Layout(tuple(ColumnSlots(name, (2,)) for name in "bca"))
    assert _plan(_columns(b, c, a), layout).stages in (((1,), (2,), (0,)), ((2,), (1,), (0,)))


def test_the_same_stream_makes_the_same_plan(shop: Layout, random_table: Callable[..., EncodedTable]) -> None:
    table = random_table(shop, 30_000)
    assert _plan(table, shop, 5) == _plan(table, shop, 5)


def _direct(x: np.ndarray, y: np.ndarray) -> float:
    """Mutual information less its bias, cell by cell."""
    n, total = len(x), 0.0
    for i in set(x):
        for j in set(y):
            both = ((x == i) & (y == j)).sum() / n
            if both:
                total += both * math.log(both / ((x == i).mean() * (y == j).mean()))
    return max(total - (len(set(x)) - 1) * (len(set(y)) - 1) / (2 * n), 0)


@given(st.integers(0, 1_000), st.integers(1, 60))
def test_information_is_that_of_a_direct_computation(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    sizes = [3, 1, 4, 2]
    codes = random.integers(0, sizes, (n, 4)).astype(np.uint8)
    codes[:, 3] = codes[:, 0] > 1
    found = mutual_information(codes, sizes)
    expected = [[0.0 if i == j else _direct(codes[:, i], codes[:, j]) for j in range(4)] for i in range(4)]
    assert np.allclose(found, expected, atol=1e-6)


def test_information_of_equal_columns_is_their_entropy_and_of_independent_ones_nothing() -> None:
    random = np.random.default_rng(0)
    a, b = random.integers(0, 8, (2, 20_000))
    found = mutual_information(np.stack([a, b, a], 1).astype(np.uint8), [8, 8, 8])
    assert found[0, 2] == pytest.approx(math.log(8), abs=0.01)
    assert found[0, 1] == pytest.approx(0, abs=0.002)
    assert (np.diag(found) == 0).all()
