"""Weights that go over: what units have in common does, and nothing else changes."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.stages import StagePlan
from tabgan.gan.transfer import transfer_weights
from tabgan.gan.warm import plan_after
from tabgan.layout import ColumnSlots, EncodedTable, Layout, Partners

from .kinds import KINDS

Configs = Callable[..., TrainingConfig]
Untrained = Callable[..., Generator]
Tables = Callable[..., EncodedTable]
Rows = Callable[[Layout], np.ndarray]


def same(layout: Layout) -> tuple[Partners | None, ...]:
    """Every code is its own partner."""
    found: list[Partners | None] = []
    for slots, codes in zip(layout.columns, layout.code_slices, strict=True):
        for level, size in enumerate(slots.cardinalities):
            before = slots.cardinalities[level - 1] if level else 1
            windows = slots.windows[level - 1] if level and slots.windows else ((0, size),) * before
            nodes = np.array([(b, own) for b, window in enumerate(windows) for own in range(*window)]).T
            found.append(Partners(codes.start + level, nodes[0], nodes[1], nodes[0].copy(), nodes[1].copy()))
    return tuple(found)


def mapped(code: int, there: list[int]) -> Partners:
    """Partners of the categories of a first code."""
    other = np.array(there)
    return Partners(code, np.zeros_like(other), np.arange(len(there)), np.where(other < 0, -1, 0), other)


def fresh(layout: Layout, plan: StagePlan, config: TrainingConfig, table: EncodedTable, seed: int = 9) -> Generator:
    generator = Generator(plan, config)
    generator.start(table, torch.Generator().manual_seed(seed))
    return generator.eval()


def codes(generator: Generator, rows: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(generator.plan.arrange(rows).astype(np.int64))


@torch.no_grad()
def surprise(generator: Generator, rows: np.ndarray) -> np.ndarray:
    return generator.surprise(codes(generator, rows)).numpy()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "wide code"])
def test_equal_layouts_give_an_equal_distribution(
    kind: str, layouts: dict[str, Layout], small: Configs, untrained: Untrained, random_table: Tables, every_row: Rows
) -> None:
    layout = layouts[kind]
    other = untrained(layout, small(), noise=0.5)
    partners = same(layout)
    plan = plan_after(other.plan, layout, partners)
    assert plan.stages == tuple(tuple(sorted(stage)) for stage in other.plan.stages)
    table = random_table(layout, 300, seed=5)
    made = fresh(layout, plan, small(), table)
    rows = every_row(layout)
    assert not np.allclose(surprise(made, rows), surprise(other, rows), atol=1e-2) or len(rows) == 1
    transfer_weights(made, other, partners, plan.arrange(table.codes))
    np.testing.assert_allclose(surprise(made, rows), surprise(other, rows), atol=1e-4)


def test_permuted_categories_keep_their_probabilities(
    small: Configs, untrained: Untrained, random_table: Tables, every_row: Rows
) -> None:
    city, rating = ColumnSlots("city", (4,)), ColumnSlots("rating", (3,), ordered=3)
    other_layout, layout = Layout((city, rating)), Layout((rating, city))
    other = untrained(other_layout, small(), noise=0.7)
    turned = [2, 0, 3, 1]
    partners = (mapped(1, [0, 1, 2]), mapped(0, turned))
    plan = plan_after(other.plan, layout, partners)
    table = random_table(layout, 200)
    made = fresh(layout, plan, small(), table)
    transfer_weights(made, other, partners, plan.arrange(table.codes))
    rows = every_row(layout)
    theirs = np.stack([np.array(turned)[rows[:, 1]], rows[:, 0]], 1)
    np.testing.assert_allclose(surprise(made, rows), surprise(other, theirs), atol=1e-4)


def test_a_new_category_begins_as_the_average_and_leaves_the_others_as_they_are(
    small: Configs, untrained: Untrained, every_row: Rows
) -> None:
    before, now = (
        Layout((ColumnSlots("a", (3,)), ColumnSlots("b", (2,)))),
        Layout((ColumnSlots("a", (4,)), ColumnSlots("b", (2,)))),
    )
    other = untrained(before, small(), noise=0.7, plan=StagePlan(before, ((0,), (1,))))
    partners = (mapped(0, [0, -1, 1, 2]), mapped(1, [0, 1]))
    plan = plan_after(other.plan, now, partners)
    random = np.random.default_rng(0)
    rows = np.stack([random.choice(4, 400, p=[0.5, 0.1, 0.2, 0.2]), random.integers(0, 2, 400)], 1).astype(np.uint8)
    made = fresh(now, plan, small(), EncodedTable(rows, np.zeros((400, 0), np.float32)))
    transfer_weights(made, other, partners, plan.arrange(rows))
    known = np.array([[0, 0], [0, 1], [2, 0], [2, 1], [3, 0], [3, 1]])
    theirs = np.stack([np.array([0, -1, 1, 2])[known[:, 0]], known[:, 1]], 1)
    odds = surprise(made, known) - surprise(other, theirs)
    np.testing.assert_allclose(odds, odds[0], atol=1e-4)  # the new category takes from all alike
    shares = np.array([(rows[:, 0] == a).sum() for a in (0, 2, 3)])
    mean = shares / shares.sum() @ other.entries[0].detach().numpy()
    np.testing.assert_allclose(made.entries[0][1].detach().numpy(), mean, atol=1e-5)


def test_a_new_column_has_no_say_in_the_others(small: Configs, untrained: Untrained, every_row: Rows) -> None:
    before = Layout((ColumnSlots("a", (3,)), ColumnSlots("b", (2,))))
    now = Layout((ColumnSlots("new", (2,)), *before.columns))
    other = untrained(before, small(), noise=0.7)
    partners = (None, mapped(0, [0, 1, 2]), mapped(1, [0, 1]))
    plan = plan_after(other.plan, now, partners)
    assert plan.stages[-1] == (0,)
    rows = np.random.default_rng(0).integers(0, 2, (300, 3)).astype(np.uint8)
    made = fresh(now, plan, small(), EncodedTable(rows, np.zeros((300, 0), np.float32)))
    transfer_weights(made, other, partners, plan.arrange(rows))
    all_rows = every_row(now)
    likely = np.exp(-surprise(made, all_rows))
    margin = [likely[(all_rows[:, 1:] == row).all(1)].sum() for row in every_row(before)]
    np.testing.assert_allclose(margin, np.exp(-surprise(other, every_row(before))), atol=1e-4)


def test_categories_that_no_row_holds_any_more_are_left_out(
    small: Configs, untrained: Untrained, every_row: Rows
) -> None:
    before, now = Layout((ColumnSlots("a", (4,)),)), Layout((ColumnSlots("a", (2,)),))
    other = untrained(before, small(), noise=0.7)
    partners = (mapped(0, [1, 3]),)
    rows = np.array([[0], [1], [1]], np.uint8)
    made = fresh(now, plan_after(other.plan, now, partners), small(), EncodedTable(rows, np.zeros((3, 0), np.float32)))
    transfer_weights(made, other, partners, rows)
    own, theirs = surprise(made, np.array([[0], [1]])), surprise(other, np.array([[1], [3]]))
    assert own[0] - own[1] == pytest.approx(theirs[0] - theirs[1], abs=1e-5)
    assert np.exp(-own).sum() == pytest.approx(1, abs=1e-5)


def test_pairs_of_codes_go_over_where_positions_mean_different_things(small: Configs, untrained: Untrained) -> None:
    """Positions under two parents are swapped under one of them alone: what the direct map knows of pairs stays."""
    slots = ColumnSlots("tree", (2, 3), windows=(((0, 3), (0, 3)),))
    layout = Layout((slots,))
    other = untrained(layout, small(), plan=StagePlan(layout, ((0,), (1,))))
    with torch.no_grad():
        other.stage_heads()[1].direct[:2] = 3 * torch.randn(2, 3, generator=torch.Generator().manual_seed(1))
    own = np.array(list(itertools.product(range(2), range(3))))
    there = own.copy()
    there[3:, 1] = [2, 0, 1]
    partners = (mapped(0, [0, 1]), Partners(1, own[:, 0], own[:, 1], there[:, 0], there[:, 1]))
    rows = np.repeat(own, [30, 30, 30, 5, 5, 5], axis=0).astype(np.uint8)
    made = fresh(
        layout, plan_after(other.plan, layout, partners), small(), EncodedTable(rows, np.zeros((105, 0), np.float32))
    )
    transfer_weights(made, other, partners, rows)
    hidden = [head.exit.weight.abs().sum().item() for head in other.stage_heads()]
    assert min(hidden) > 0
    with torch.no_grad():
        for generator in (made, other):
            for head in generator.stage_heads():
                head.exit.weight.zero_()
    np.testing.assert_allclose(surprise(made, own), surprise(other, there), atol=1e-4)


@pytest.mark.parametrize(("there", "beyond"), [([1, 2, 3, 3, 3], slice(3, 5)), ([0, 0, 0, 1, 2], slice(0, 2))])
def test_scores_go_on_beyond_the_known_numbers(
    there: list[int], beyond: slice, small: Configs, untrained: Untrained
) -> None:
    before, now = Layout((ColumnSlots("x", (4,), ordered=4),)), Layout((ColumnSlots("x", (5,), ordered=5),))
    other = untrained(before, small())
    partners = (mapped(0, there),)
    rows = np.repeat(np.arange(5), [10, 20, 30, 20, 10])[:, None].astype(np.uint8)
    made = fresh(now, plan_after(other.plan, now, partners), small(), EncodedTable(rows, np.zeros((90, 0), np.float32)))
    own = made.features.get_buffer("scores_0").clone()[0]
    transfer_weights(made, other, partners, rows)
    scores, known = made.features.get_buffer("scores_0")[0], other.features.get_buffer("scores_0")[0]
    assert (scores.diff() > 0).all()
    inside = [i for i in range(5) if i not in range(5)[beyond]]
    torch.testing.assert_close(scores[inside], known[[there[i] for i in inside]])
    first, last = beyond.start, beyond.stop
    edges = slice(first - 1, last) if first else slice(first, last + 1)
    torch.testing.assert_close(scores[edges].diff(), own[edges].diff())


@pytest.mark.parametrize(("end", "sign"), [(3, 1), (0, -1)])
def test_scores_of_numbers_that_all_lie_beyond_go_on_from_the_end(
    end: int, sign: int, small: Configs, untrained: Untrained
) -> None:
    layout = Layout((ColumnSlots("x", (4,), ordered=4),))
    other = untrained(layout, small())
    partners = (mapped(0, [end] * 4),)
    rows = np.repeat(np.arange(4), 10)[:, None].astype(np.uint8)
    made = fresh(
        layout, plan_after(other.plan, layout, partners), small(), EncodedTable(rows, np.zeros((40, 0), np.float32))
    )
    transfer_weights(made, other, partners, rows)
    scores, known = made.features.get_buffer("scores_0")[0], other.features.get_buffer("scores_0")[0]
    assert (scores.diff() > 0).all()
    torch.testing.assert_close((sign * scores).min(), sign * known[end])


def test_the_other_generator_is_not_changed(
    layouts: dict[str, Layout], small: Configs, untrained: Untrained, random_table: Tables
) -> None:
    layout = layouts["all kinds"]
    other = untrained(layout, small(), noise=0.5)
    kept = {name: tensor.clone() for name, tensor in other.state_dict().items()}
    partners, table = same(layout), random_table(layout, 100)
    made = fresh(layout, plan_after(other.plan, layout, partners), small(), table)
    transfer_weights(made, other, partners, made.plan.arrange(table.codes))
    assert all(torch.equal(tensor, kept[name]) for name, tensor in other.state_dict().items())


def test_wide_rows_without_a_direct_map_go_over(
    layouts: dict[str, Layout], small: Configs, untrained: Untrained, random_table: Tables, every_row: Rows
) -> None:
    layout = layouts["all kinds"]
    other = untrained(layout, small(), noise=0.5)
    for head in other.stage_heads():
        head.direct = None
    partners, table = same(layout), random_table(layout, 100)
    made = fresh(layout, plan_after(other.plan, layout, partners), small(), table)
    transfer_weights(made, other, partners, made.plan.arrange(table.codes))
    np.testing.assert_allclose(surprise(made, every_row(layout)), surprise(other, every_row(layout)), atol=1e-4)
