"""Where a generator begins that goes on from another one: its stages, and margins that fit the new table."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingResult
from tabgan.gan.stages import StagePlan
from tabgan.gan.training import Trainer
from tabgan.gan.warm import plan_after, warm_start
from tabgan.layout import ColumnSlots, EncodedTable, Layout, Partners

from .test_transfer import mapped, same

CPU = torch.device("cpu")
Configs = Callable[..., TrainingConfig]
Untrained = Callable[..., Generator]
Tables = Callable[..., EncodedTable]


def test_codes_that_are_new_stand_beside_their_column_or_at_the_end() -> None:
    before = Layout((ColumnSlots("a", (3,)), ColumnSlots("x", (4,), ordered=4), ColumnSlots("gone", (2,))))
    deep = ColumnSlots("x", (4, 2), ordered=4, windows=(((0, 2),) * 4,))
    now = Layout((ColumnSlots("new", (2, 2)), ColumnSlots("a", (3,)), deep))
    plan = StagePlan(before, ((1,), (2,), (0,)))
    partners = (None, None, mapped(0, [0, 1, 2]), mapped(1, [0, 1, 2, 3]), None)
    assert plan_after(plan, now, partners).stages == ((3,), (4,), (2,), (0,), (1,))


def test_a_first_code_that_is_new_stands_before_the_known_ones_of_its_column() -> None:
    before = Layout((ColumnSlots("x", (4,)), ColumnSlots("a", (3,))))
    now = Layout((ColumnSlots("a", (3,)), ColumnSlots("x", (2, 4))))
    plan = StagePlan(before, ((1,), (0,)))
    partners = (mapped(1, [0, 1, 2]), None, mapped(0, [0, 1, 2, 3]))
    assert plan_after(plan, now, partners).stages == ((0,), (1,), (2,))


def test_a_generator_that_fits_is_hardly_changed(planted_result: TrainingResult, planted_table: EncodedTable) -> None:
    other = planted_result.generator
    layout = other.plan.layout
    start = warm_start(other, layout, same(layout), planted_table)
    made = Generator(start.plan, TrainingConfig(generator_width=64, stage_width=32))
    made.start(planted_table, torch.Generator().manual_seed(0))
    start.transfer(made)
    codes = torch.from_numpy(other.plan.arrange(planted_table.codes).astype(np.int64))
    with torch.no_grad():
        theirs, own = other.surprise(codes).mean(), made.surprise(codes).mean()
    assert own <= theirs + 1e-3
    assert own == pytest.approx(theirs.item(), abs=0.03)


def test_a_few_steps_after_a_warm_start_teach_more_than_the_same_from_scratch(
    planted_result: TrainingResult, planted_table: EncodedTable, brisk: Configs
) -> None:
    """The new table holds two of three categories of `a` swapped, with other shares."""
    swap = np.array([1, 0, 2])
    codes = planted_table.codes.copy()
    codes[:, 0] = swap[codes[:, 0]]
    kept = np.flatnonzero((codes[:, 0] != 1) | (np.arange(len(codes)) % 3 == 0))
    table = EncodedTable(codes[kept], planted_table.values[kept])
    layout = planted_result.generator.plan.layout
    partners: list[Partners | None] = list(same(layout))
    partners[0] = mapped(0, swap.tolist())
    start = warm_start(planted_result.generator, layout, partners, table)
    config = brisk(steps=20)
    warm, cold, again = (
        Trainer(table, layout, config, seed=1, device=CPU, start=each).fit() for each in (start, None, start)
    )
    assert warm.history[-1].held_out is not None
    assert cold.history[-1].held_out is not None
    assert warm.history[-1].held_out < cold.history[-1].held_out - 0.05
    assert [stats.surprise for stats in warm.history] == [stats.surprise for stats in again.history]
