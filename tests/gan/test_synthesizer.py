from collections.abc import Callable

import hypothesis
import numpy as np
import pytest
import torch
from hypothesis import strategies as st
from torch import Tensor

from tabgan.gan.conditions import Condition
from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import Rows, gumbel_like
from tabgan.gan.networks import initialise
from tabgan.gan.stages import StagePlan, one_stage
from tabgan.gan.synthesizer import CURVE_KNOTS, Made, Synthesizer
from tabgan.layout import ColumnSlots, EncodedTable, Layout

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
Plans = Callable[..., StagePlan]
Starts = Callable[..., Synthesizer]
SHOP_STAGES = ((3, 1), (4, 0), (2,))
"""product[0] and price; product[1] and city; score."""


@pytest.fixture
def plan(shop: Layout) -> StagePlan:
    """Product is split over the first two stages, score is the last, and no part stands where the layout has it."""
    return StagePlan(shop, SHOP_STAGES)


@pytest.fixture
def synthesizer(plan: StagePlan, small: Configs) -> Synthesizer:
    """With random weights everywhere, so that everything depends on everything it can."""
    made = Synthesizer(plan, small())
    initialise(made, torch.Generator().manual_seed(0))
    return made.eval()


def _noise(synthesizer: Synthesizer, n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(seed)
    noise = torch.randn(n, synthesizer.trunk.noise_width, generator=random)
    return noise, gumbel_like(torch.zeros(n, synthesizer.plan.staged.width), random)


def _rows(synthesizer: Synthesizer, table: EncodedTable) -> Rows:
    return synthesizer.features.rows_of(synthesizer.plan.arrange(table))


def _table(synthesizer: Synthesizer, rows: Rows) -> EncodedTable:
    """Back in the order of the layout."""
    codes = synthesizer.features.codes(rows.onehots).numpy().astype(np.uint8)
    return synthesizer.plan.restore(EncodedTable(codes, rows.values.detach().numpy()))


def _silent(plan: StagePlan, config: TrainingConfig) -> Synthesizer:
    """All weights zero: each logit and each value is zero but for what a test plants."""
    return Synthesizer(plan, config).eval()


@pytest.mark.parametrize("stages", [1, 2, 4])
@pytest.mark.parametrize(
    "kind",
    ["all kinds", "value first and last", "one code", "values alone", "one gated value", "cardinality one alone"],
)
def test_rows_have_the_shapes_of_the_staged_layout(
    kind: str, stages: int, layouts: dict[str, Layout], small: Configs, mixed_plan: Plans
) -> None:
    layout = layouts[kind]
    synthesizer = Synthesizer(mixed_plan(layout, stages), small())
    initialise(synthesizer, torch.Generator().manual_seed(0))
    made = synthesizer(*_noise(synthesizer, 6), synthesizer.free_condition(6))
    assert made.logits.shape == made.rows.onehots.shape == (6, layout.width)
    assert made.plain.shape == made.rows.values.shape == (6, layout.n_values)
    assert made.rows.values.abs().max() <= 1 if layout.n_values else True
    assert torch.equal(made.rows.onehots.sum(1), torch.full((6,), float(layout.n_codes)))
    assert set(made.rows.onehots.flatten().tolist()) <= {0, 1}


def test_the_same_noise_makes_the_same_rows(synthesizer: Synthesizer) -> None:
    noise, gumbel = _noise(synthesizer, 20)
    free = synthesizer.free_condition(20)
    before = torch.get_rng_state()
    first, second = (synthesizer(noise, gumbel, free) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    for one, other in zip((*first[:2], *first.rows), (*second[:2], *second.rows), strict=True):
        assert torch.equal(one, other)
    other = synthesizer(*_noise(synthesizer, 20, seed=1), free)
    assert not torch.equal(other.logits, first.logits)


def test_a_row_depends_on_its_own_noise_and_condition_alone(
    synthesizer: Synthesizer, shop: Layout, random_table: Tables
) -> None:
    (noise, gumbel), given = _noise(synthesizer, 5), _rows(synthesizer, random_table(shop, 5))
    mask = torch.zeros(5, 4)
    before = synthesizer(noise, gumbel, Condition(mask, given))
    for changed in (noise, mask):
        changed[2] += 1
        after = synthesizer(noise, gumbel, Condition(mask, given))
        assert (after.logits != before.logits).any(1).tolist() == [False, False, True, False, False]
        before = after


@pytest.mark.parametrize("column", ["city", "price", "score", "product"])
def test_given_cells_are_in_place_in_whichever_stage_they_are(
    column: str, synthesizer: Synthesizer, shop: Layout, random_table: Tables
) -> None:
    """Price is in the first stage, city in the middle one, score in the last, product in two."""
    table = random_table(shop, 200, seed=3)
    mask = torch.tensor([float(name == column) for name in shop.names]).expand(200, -1)
    noise, gumbel = _noise(synthesizer, 200)
    made = _table(synthesizer, synthesizer(noise, gumbel, Condition(mask, _rows(synthesizer, table))).rows)
    free = _table(synthesizer, synthesizer(noise, gumbel, synthesizer.free_condition(200)).rows)
    for index, name in enumerate(shop.names):
        codes, values = shop.code_slices[index], shop.value_slices[index]
        kept = [
            np.array_equal(one[:, part], other[:, part])
            for one, other, part in ((made.codes, table.codes, codes), (made.values, table.values, values))
        ]
        assert all(kept) == (name == column)
    assert not np.array_equal(made.codes, free.codes)


@st.composite
def _masked(draw: st.DrawFn) -> tuple[StagePlan, np.ndarray, int]:
    columns = []
    for index in range(draw(st.integers(1, 4))):
        sizes = tuple(draw(st.lists(st.integers(1, 4), max_size=2)))
        has_value = not sizes or draw(st.booleans())
        live = draw(st.integers(1, sizes[0])) if sizes and has_value else 0
        columns.append(ColumnSlots(f"c{index}", sizes, has_value, live))
    layout = Layout(tuple(columns))
    parts = draw(st.permutations(one_stage(layout).stages[0]))
    cut = draw(st.integers(1, len(parts)))
    plan = StagePlan(layout, tuple(tuple(stage) for stage in (parts[:cut], parts[cut:]) if stage))
    mask = draw(st.lists(st.lists(st.booleans(), min_size=len(columns), max_size=len(columns)), min_size=1, max_size=5))
    return plan, np.array(mask), draw(st.integers(0, 2**32 - 1))


@hypothesis.settings(deadline=None)
@hypothesis.given(drawn=_masked())
def test_a_condition_fixes_exactly_its_cells_row_by_row(
    drawn: tuple[StagePlan, np.ndarray, int], small: Configs, random_table: Tables
) -> None:
    plan, mask, seed = drawn
    layout, n = plan.layout, len(mask)
    synthesizer = Synthesizer(plan, small())
    initialise(synthesizer, torch.Generator().manual_seed(seed))
    table = random_table(layout, n, seed)
    condition = Condition(torch.from_numpy(mask).float(), _rows(synthesizer, table))
    noise, gumbel = _noise(synthesizer, n, seed)
    made, plain = (_table(synthesizer, synthesizer(noise, gumbel, condition, t).rows) for t in (None, 0.5))
    for result in (made, plain):
        by_code = mask[:, list(layout.code_columns)]
        assert np.array_equal(result.codes[by_code], table.codes[by_code])
        by_value = mask[:, list(layout.value_columns)]
        assert np.array_equal(result.values[by_value], table.values[by_value])
        # A value that is not given is a smooth function of random weights, so it is none of the table's by chance.
        assert not (result.values[~by_value] == table.values[~by_value]).any() or not table.values[~by_value].all()


@pytest.mark.parametrize("column", range(4))
@pytest.mark.parametrize("stages", [SHOP_STAGES, ((0, 1, 2, 3, 4),)], ids=["three stages", "one stage"])
def test_what_stands_in_cells_that_are_not_given_is_of_no_account(
    stages: tuple[tuple[int, ...], ...], column: int, small: Configs, shop: Layout, random_table: Tables
) -> None:
    synthesizer = Synthesizer(StagePlan(shop, stages), small())
    initialise(synthesizer, torch.Generator().manual_seed(0))
    noise, gumbel = _noise(synthesizer, 50)
    rows = _rows(synthesizer, random_table(shop, 50))
    condition = Condition((torch.arange(4) == column).float().expand(50, -1), rows)
    given = synthesizer.conditions(condition)
    bare = Rows(*(torch.where(mask, cells, torch.nan) for mask, cells in zip(given, rows, strict=True)))
    one, other = (synthesizer(noise, gumbel, Condition(condition.mask, cells)) for cells in (rows, bare))
    assert torch.equal(one.logits, other.logits)
    assert torch.equal(one.rows.values, other.rows.values)


def test_a_temperature_changes_the_gradient_and_not_the_rows(synthesizer: Synthesizer) -> None:
    noise, gumbel = _noise(synthesizer, 100)
    free = synthesizer.free_condition(100)
    plain = synthesizer(noise, gumbel, free)
    for temperature in (0.2, 1.0):
        made = synthesizer(noise, gumbel, free, temperature)
        assert torch.allclose(made.rows.onehots, plain.rows.onehots, atol=1e-5)
        assert torch.allclose(made.rows.values, plain.rows.values, atol=1e-4)
        assert torch.allclose(made.logits, plain.logits, atol=1e-3)


def test_with_a_temperature_later_stages_teach_earlier_ones(small: Configs) -> None:
    layout = Layout((ColumnSlots("a", (3,)), ColumnSlots("b", (4,))))
    synthesizer = Synthesizer(StagePlan(layout, ((1,), (0,))), small())
    initialise(synthesizer, torch.Generator().manual_seed(0))
    noise, gumbel = _noise(synthesizer, 50)
    (first, _), _ = synthesizer.pieces()
    for temperature in (None, 0.5):
        synthesizer.zero_grad()
        synthesizer(noise, gumbel, synthesizer.free_condition(50), temperature).logits[:, 4:].square().sum().backward()
        grad = first.exit.weight.grad
        taught = grad is not None and bool(grad.abs().max() > 1e-6)
        assert taught == (temperature is not None)


def _context(plan: StagePlan, rows: Rows, hats: int) -> tuple[Tensor, list[tuple[int, int]]]:
    """The context of a whole row by hand: of each stage its units, then its hats; and each column's (stage, part)."""
    unit = value = part = 0
    columns, where = [], []
    knots = torch.linspace(-1, 1, hats)
    for number, stage in enumerate(plan.stages):
        layout = Layout(tuple(plan.parts[part + index].slots for index in range(len(stage))))
        units = rows.onehots[:, unit : unit + layout.width]
        columns.append(units)
        owners = np.repeat(layout.code_columns, layout.cardinalities).astype(int)
        where += [(number, part + int(owner)) for owner in owners]
        for own, (gate, live) in enumerate(zip(layout.value_gates, layout.value_live, strict=True)):
            x = rows.values[:, [value + own]]
            hat = (1 - (x - knots).abs() * (hats - 1) / 2).clamp_min(0)
            if gate is not None:
                hat = hat * units[:, layout.offsets[gate] : layout.offsets[gate] + live].sum(1, keepdim=True)
            columns.append(hat)
            where += [(number, part + layout.value_columns[own])] * hats
        unit, value, part = unit + layout.width, value + layout.n_values, part + len(stage)
    return torch.cat(columns, 1), where


def _plant(synthesizer: Synthesizer, target: int, source: int, weight: float) -> None:
    """A direct weight from one place of the context to one output: the units of all stages, then their values."""
    width = synthesizer.plan.staged.width
    for stage, features in synthesizer.pieces():
        size, shift = (features.onehot_width, 0) if target < width else (features.n_values, features.onehot_width)
        local = target if target < width else target - width
        if local < size:
            stage.direct.weight.data[shift + local, source] = weight
            return
        target -= size


@pytest.mark.parametrize("source", range(19 + 2 * 5))
def test_a_direct_weight_takes_one_given_feature_to_one_unit(
    source: int, plan: StagePlan, small: Configs, shop: Layout, random_table: Tables
) -> None:
    """All cells are given, so every stage sees every feature."""
    rows = _rows(_silent(plan, small()), random_table(shop, 100))
    context, _ = _context(plan, rows, 5)
    assert context[:, source].any()
    for target in (0, 6, 13, 18):
        synthesizer = _silent(plan, small())
        _plant(synthesizer, target, source, 3.0)
        made = synthesizer(*_noise(synthesizer, 100), Condition(torch.ones(100, 4), rows))
        expected = torch.zeros(100, 19)
        expected[:, target] = 3 * context[:, source]
        assert torch.allclose(made.logits, expected, atol=1e-5)
        assert torch.count_nonzero(made.plain) == 0
    for value in range(2):
        synthesizer = _silent(plan, small())
        _plant(synthesizer, 19 + value, source, 0.5)
        made = synthesizer(*_noise(synthesizer, 100), Condition(torch.ones(100, 4), rows))
        expected = torch.zeros(100, 2)
        expected[:, value] = torch.erf(0.5 * context[:, source] / 2**0.5)
        assert torch.allclose(made.plain, expected, atol=1e-5)
        assert torch.count_nonzero(made.logits) == 0


@pytest.mark.parametrize("source", range(19 + 2 * 5))
def test_of_cells_that_are_not_given_only_those_of_earlier_stages_are_seen(
    source: int, plan: StagePlan, small: Configs
) -> None:
    for target, own in ((0, 0), (6, 1), (13, 1), (18, 2)):
        synthesizer = _silent(plan, small())
        # So that values differ from row to row without their help.
        synthesizer.value_curves.copy_(torch.linspace(-1, 1, CURVE_KNOTS).square() + 0.3)
        _plant(synthesizer, target, source, 3.0)
        made = synthesizer(*_noise(synthesizer, 100), synthesizer.free_condition(100))
        context, where = _context(plan, made.rows, 5)
        expected = torch.zeros(100, 19)
        if where[source][0] < own:
            expected[:, target] = 3 * context[:, source]
        assert torch.allclose(made.logits, expected, atol=1e-5)


@pytest.mark.parametrize("column", ["city", "price", "score", "product"])
def test_a_given_cell_is_seen_by_all_stages_and_no_other_cell_with_it(
    column: str, plan: StagePlan, small: Configs, shop: Layout, random_table: Tables
) -> None:
    silent = _silent(plan, small())
    rows = _rows(silent, random_table(shop, 60))
    mask = torch.tensor([float(name == column) for name in shop.names]).expand(60, -1)
    given, where = _context(plan, rows, 5)
    for source, (stage, part) in enumerate(where):
        _plant(silent, 0, source, 1.0)
        logits = silent(*_noise(silent, 60), Condition(mask, rows)).logits
        own = shop.names[plan.parts[part].column] == column
        assert torch.allclose(logits[:, 0], given[:, source] if own else torch.zeros(60), atol=1e-5)
        assert stage in (0, 1, 2)
        _plant(silent, 0, source, 0.0)


def test_shifts_are_added_to_their_own_logits_before_the_draw(plan: StagePlan, small: Configs) -> None:
    synthesizer = _silent(plan, small())
    synthesizer.logit_shift.copy_(torch.arange(19.0))
    made = synthesizer(*_noise(synthesizer, 4), synthesizer.free_condition(4))
    assert torch.equal(made.logits, torch.arange(19.0).expand(4, -1))
    synthesizer.logit_shift.copy_(torch.zeros(19))
    synthesizer.logit_shift[[2, 11, 12, 16]] = 1e6
    made = synthesizer(*_noise(synthesizer, 4), synthesizer.free_condition(4))
    assert made.rows.onehots.nonzero()[:, 1].reshape(4, 4).tolist() == [[2, 11, 12, 16]] * 4


def test_values_are_bent_by_their_own_curve_and_later_stages_see_them_bent(small: Configs) -> None:
    layout = Layout((ColumnSlots("x", has_value=True), ColumnSlots("a", (2,)), ColumnSlots("y", has_value=True)))
    synthesizer = _silent(StagePlan(layout, ((2,), (1, 0))), small(hats=2))
    knots = torch.linspace(-1, 1, CURVE_KNOTS)
    synthesizer.value_curves.copy_(torch.stack([knots * 0 + 0.5, knots * 0 - 0.25]))
    _plant(synthesizer, 1, 1, 1.0)
    made = synthesizer(*_noise(synthesizer, 3), synthesizer.free_condition(3))
    assert torch.count_nonzero(made.plain) == 0
    assert made.rows.values.tolist() == [[0.5, -0.25]] * 3
    # The second of two hats, of a value of 1/2.
    assert made.logits.tolist() == [[0, 0.75]] * 3


def test_nan_from_the_networks_does_not_stop_the_making(plan: StagePlan, small: Configs) -> None:
    """Training notices it by the losses."""
    synthesizer = _silent(plan, small())
    for parameter in synthesizer.parameters():
        parameter.data.fill_(torch.nan)
    made = synthesizer(*_noise(synthesizer, 5), synthesizer.free_condition(5))
    assert torch.isnan(made.logits).all()
    assert torch.isfinite(made.rows.values).all()


def test_soft_rows_have_probabilities_where_nothing_is_given(
    synthesizer: Synthesizer, shop: Layout, random_table: Tables
) -> None:
    rows = _rows(synthesizer, random_table(shop, 30))
    condition = Condition(torch.tensor([[1.0, 1, 0, 0]]).expand(30, -1), rows)
    made: Made = synthesizer(*_noise(synthesizer, 30), condition)
    soft = synthesizer.soft(made, condition)
    likely = synthesizer.features.probabilities(made.logits)
    # City has the units 12 to 14.
    assert torch.equal(soft.onehots[:, 12:15], rows.onehots[:, 12:15])
    assert torch.equal(soft.onehots[:, :12], likely[:, :12])
    assert torch.equal(soft.onehots[:, 15:], likely[:, 15:])
    assert torch.equal(soft.values, made.rows.values)


def test_what_is_saved_is_weights_and_calibration_and_no_row(
    shop: Layout, random_table: Tables, small: Configs, untrained: Starts
) -> None:
    sizes = []
    for n in (50, 5_000):
        state = untrained(random_table(shop, n), shop, small()).state_dict()
        sizes.append({name: tuple(tensor.shape) for name, tensor in state.items()})
        weights = {name for name in state if name.split(".")[0] in ("trunk", "stages")}
        assert set(state) - weights == {"logit_shift", "value_curves"}
    assert sizes[0] == sizes[1]
    assert sizes[0]["logit_shift"] == (19,)
    assert sizes[0]["value_curves"] == (2, CURVE_KNOTS)
