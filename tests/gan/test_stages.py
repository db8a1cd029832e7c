import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.gan.stages import Part, StagePlan, one_stage, plan_stages, split
from tabgan.layout import ColumnSlots, EncodedTable, Layout

MIXED = Layout(
    (
        ColumnSlots("city", (3,)),
        ColumnSlots("price", has_value=True),
        ColumnSlots("score", (4,), has_value=True, live=2),
        ColumnSlots("product", (5, 7)),
        ColumnSlots("odd", (2, 3), has_value=True, live=1),
    )
)


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    columns = []
    for index in range(draw(st.integers(1, 7))):
        sizes = tuple(draw(st.lists(st.integers(1, 9), max_size=3)))
        has_value = not sizes or draw(st.booleans())
        live = draw(st.integers(1, sizes[0])) if sizes and has_value else 0
        columns.append(ColumnSlots(f"c{index}", sizes, has_value, live))
    return Layout(tuple(columns))


@st.composite
def plans(draw: st.DrawFn) -> StagePlan:
    """Any order, any cut."""
    layout = draw(layouts())
    parts = draw(st.permutations(range(len(split(layout)))))
    cuts = sorted(draw(st.sets(st.integers(1, len(parts) - 1)))) if len(parts) > 1 else []
    edges = [0, *cuts, len(parts)]
    return StagePlan(layout, tuple(tuple(parts[a:b]) for a, b in pairwise(edges)))


@st.composite
def informed(draw: st.DrawFn) -> tuple[Layout, np.ndarray, int]:
    """A layout, a symmetric matrix of information with zeros and ties in it, and a number of stages."""
    layout = draw(layouts())
    n = len(split(layout))
    numbers = draw(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.5, 2.0]), min_size=n * n, max_size=n * n))
    half = np.triu(np.array(numbers).reshape(n, n), 1)
    return layout, half + half.T, draw(st.integers(1, 12))


def _table(layout: Layout, n: int = 9) -> EncodedTable:
    """Each cell differs from every other of its row."""
    codes = np.arange(layout.n_codes) + 20 * np.arange(n)[:, None]
    values = -1.0 - np.arange(layout.n_values) - 20 * np.arange(n)[:, None]
    return EncodedTable(codes.astype(np.uint8), values.astype(np.float32))


def test_the_parts_of_a_layout_by_hand() -> None:
    assert split(MIXED) == (
        Part(0, 0, None, ColumnSlots("city[0]", (3,))),
        Part(1, None, 0, ColumnSlots("price", has_value=True)),
        Part(2, 1, 1, ColumnSlots("score[0]", (4,), has_value=True, live=2)),
        Part(3, 2, None, ColumnSlots("product[0]", (5,))),
        Part(3, 3, None, ColumnSlots("product[1]", (7,))),
        Part(4, 4, 2, ColumnSlots("odd[0]", (2,), has_value=True, live=1)),
        Part(4, 5, None, ColumnSlots("odd[1]", (3,))),
    )


@given(layouts())
def test_parts_tile_the_layout(layout: Layout) -> None:
    parts = split(layout)
    assert [part.code for part in parts if part.code is not None] == list(range(layout.n_codes))
    assert [part.value for part in parts if part.value is not None] == list(range(layout.n_values))
    assert Layout(tuple(part.slots for part in parts)).cardinalities == layout.cardinalities
    for part in parts:
        if part.code is not None:
            assert layout.code_columns[part.code] == part.column
        if part.value is not None:
            assert layout.value_columns[part.value] == part.column
            assert layout.value_gates[part.value] == part.code
            assert layout.value_live[part.value] == part.slots.live


@given(plans())
def test_restoring_undoes_arranging(plan: StagePlan) -> None:
    table = _table(plan.layout)
    for there, back in ((plan.arrange, plan.restore), (plan.restore, plan.arrange)):
        again = back(there(table))
        assert np.array_equal(again.codes, table.codes)
        assert np.array_equal(again.values, table.values)
        assert (again.codes.dtype, again.values.dtype) == (np.uint8, np.float32)


@given(plans())
def test_arranged_cells_stand_where_the_staged_layout_has_them(plan: StagePlan) -> None:
    table = _table(plan.layout, 1)
    arranged, staged = plan.arrange(table), plan.staged
    assert len(staged.columns) == len(plan.parts)
    for part, codes, values in zip(plan.parts, staged.code_slices, staged.value_slices, strict=True):
        assert arranged.codes[0, codes].tolist() == ([] if part.code is None else [table.codes[0, part.code]])
        assert arranged.values[0, values].tolist() == ([] if part.value is None else [table.values[0, part.value]])
        if part.code is not None:
            assert staged.cardinalities[codes] == (plan.layout.cardinalities[part.code],)


@given(plans())
def test_stages_are_spans_of_the_staged_layout(plan: StagePlan) -> None:
    columns = [column for layout in plan.stage_layouts for column in layout.columns]
    assert tuple(columns) == plan.staged.columns
    assert [len(layout.columns) for layout in plan.stage_layouts] == [len(stage) for stage in plan.stages]
    assert plan.part_stages == tuple(np.repeat(np.arange(len(plan.stages)), [len(stage) for stage in plan.stages]))


@given(plans())
def test_gates_go_with_their_values(plan: StagePlan) -> None:
    """A value is live in the arranged row exactly where it is in the table's."""
    layout, staged = plan.layout, plan.staged
    order = [part.value for part in plan.parts if part.value is not None]
    codes = [part.code for part in plan.parts if part.code is not None]
    for place, value in enumerate(order):
        gate = staged.value_gates[place]
        assert (None if gate is None else codes[gate]) == layout.value_gates[value]
        assert staged.value_live[place] == layout.value_live[value]


def test_a_table_is_not_changed_by_arranging_a_view_of_it() -> None:
    table = _table(MIXED)
    table.codes.setflags(write=False)
    table.values.setflags(write=False)
    plan = StagePlan(MIXED, ((6, 0), (5, 2, 1), (4, 3)))
    arranged = plan.arrange(table[::-2])
    assert arranged.codes.flags.writeable
    assert arranged.values.flags.writeable
    assert arranged.codes[0].tolist() == [165, 160, 164, 161, 163, 162]
    assert arranged.values[0].tolist() == [-163, -162, -161]


@given(informed())
def test_plans_deal_each_part_out_once(drawn: tuple[Layout, np.ndarray, int]) -> None:
    layout, information, n_stages = drawn
    plan = plan_stages(layout, information, n_stages)
    parts = split(layout)
    assert sorted(part for stage in plan.stages for part in stage) == list(range(len(parts)))
    kinds = len({part.value is None for part in parts})
    assert 1 <= len(plan.stages) <= max(n_stages, kinds)
    assert len(plan.stages) == len(parts) or len(plan.stages) >= min(n_stages, len(parts)) / 2
    assert plan_stages(layout, information, n_stages) == plan


@given(informed())
def test_a_columns_codes_are_made_in_order(drawn: tuple[Layout, np.ndarray, int]) -> None:
    layout = drawn[0]
    plan = plan_stages(*drawn)
    made = list(zip(plan.parts, plan.part_stages, strict=True))
    for column in range(len(layout.columns)):
        own = [(part.code, stage) for part, stage in made if part.column == column]
        assert [code for code, _ in own] == sorted(code for code, _ in own) if own[0][0] is not None else len(own) == 1
        assert [stage for _, stage in own] == sorted(stage for _, stage in own)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 14))
def test_categories_are_made_before_numbers(n_codes: int, n_values: int, n_stages: int) -> None:
    values = tuple(ColumnSlots(f"x{index}", has_value=True) for index in range(n_values))
    codes = tuple(ColumnSlots(f"c{index}", (2,)) for index in range(n_codes))
    plan = plan_stages(Layout(values + codes), np.ones((n_values + n_codes,) * 2), n_stages)
    kinds = [{part < n_values for part in stage} for stage in plan.stages]
    assert all(len(kind) == 1 for kind in kinds)
    assert kinds == sorted(kinds, key=lambda kind: kind == {True})


@given(st.integers(1, 40), st.integers(1, 12), st.booleans())
def test_stages_of_one_kind_are_about_equal(n_parts: int, n_stages: int, valued: bool) -> None:
    slots = {"has_value": True} if valued else {"cardinalities": (2,)}
    layout = Layout(tuple(ColumnSlots(f"c{index}", **slots) for index in range(n_parts)))
    plan = plan_stages(layout, np.zeros((n_parts, n_parts)), n_stages)
    sizes = [len(stage) for stage in plan.stages]
    assert len(sizes) == min(n_stages, n_parts)
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("n_stages", [2, 3, 4])
def test_parts_that_tell_much_about_each_other_are_kept_apart(n_stages: int) -> None:
    """Groups of columns that know each other well, hidden in a random order: no two of a group share a stage."""
    random = np.random.default_rng(0)
    groups = random.permutation(np.repeat(np.arange(5), n_stages))
    information = 0.01 * random.random((len(groups),) * 2) + 2.0 * (groups[:, None] == groups[None, :])
    information = (information + information.T) / 2
    np.fill_diagonal(information, 0)
    layout = Layout(tuple(ColumnSlots(f"c{index}", (2,)) for index in range(len(groups))))
    plan = plan_stages(layout, information, n_stages)
    assert len(plan.stages) == n_stages
    for stage in plan.stages:
        assert sorted(groups[list(stage)]) == list(range(5))


def test_the_most_telling_part_is_made_first() -> None:
    layout = Layout(tuple(ColumnSlots(name, (2,)) for name in "abcd"))
    information = np.array([[0, 0, 0.5, 0], [0, 0, 0.4, 0], [0.5, 0.4, 0, 0.3], [0, 0, 0.3, 0]])
    assert plan_stages(layout, information, 4).stages == ((2,), (0,), (1,), (3,))
    # Of two stages, what c tells most about goes to the other one.
    assert plan_stages(layout, information, 2).stages == ((2, 3), (0, 1))


def test_a_position_follows_its_group_even_where_it_tells_more() -> None:
    layout = Layout((ColumnSlots("city", (3,)), ColumnSlots("product", (5, 7))))
    information = np.array([[0, 0.1, 0.9], [0.1, 0, 0], [0.9, 0, 0]])
    assert plan_stages(layout, information, 3).stages == ((0,), (1,), (2,))


def test_one_stage_makes_all_at_once_in_the_order_of_the_layout() -> None:
    plan = one_stage(MIXED)
    assert plan.stages == (tuple(range(7)),)
    table = _table(MIXED)
    assert np.array_equal(plan.arrange(table).codes, table.codes)


@pytest.mark.parametrize(
    "stages",
    [
        (),
        ((0, 1),),
        ((0, 1, 2, 3),),
        ((0, 1), (1, 2)),
        ((0, 1, 2), ()),
        ((-1, 0, 1),),
        ((0, 1), (3,)),
    ],
    ids=["none", "one missing", "one too many", "one twice", "an empty stage", "negative", "unknown"],
)
def test_plans_that_do_not_deal_each_part_out_once_are_refused(stages: tuple[tuple[int, ...], ...]) -> None:
    layout = Layout((ColumnSlots("city", (3,)), ColumnSlots("product", (5, 7))))
    with pytest.raises(ValueError, match=f"each part must stand in one stage.*{re.escape(str(stages))}"):
        StagePlan(layout, stages)
