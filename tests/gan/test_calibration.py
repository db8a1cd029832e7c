"""Margins that are matched without training."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.gan import calibration
from tabgan.gan.calibration import fit_margins
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.stages import plan_stages
from tabgan.layout import EncodedTable, Layout

Configs = Callable[..., TrainingConfig]
Untrained = Callable[..., Generator]
Tables = Callable[..., EncodedTable]


def test_margins_are_those_of_the_rows(
    layouts: dict[str, Layout], small: Configs, untrained: Untrained, random_table: Tables
) -> None:
    layout = layouts["all kinds"]
    generator = untrained(layout, small(), noise=0.3)
    table = random_table(layout, 2_000, seed=7)
    codes = generator.plan.arrange(table.codes)
    real = torch.from_numpy(codes.astype(np.int64))

    def gaps() -> list[float]:
        found: list[float] = []

        def look(place: int, logits: torch.Tensor) -> torch.Tensor:
            counts = torch.bincount(real[:, place], minlength=logits.shape[1])
            found.append(float((logits.softmax(1).mean(0) - counts / len(real)).abs().max()))
            return real[:, place]

        generator.make(len(real), look)
        return found

    before = gaps()
    fit_margins(generator, codes)
    assert max(gaps()) < 0.05 < max(before)
    assert sum(gaps()) < 0.15 * sum(before)


def test_blocks_change_nothing_and_the_most_rows_are_kept_to(
    monkeypatch: pytest.MonkeyPatch,
    layouts: dict[str, Layout],
    small: Configs,
    untrained: Untrained,
    random_table: Tables,
) -> None:
    layout = layouts["all kinds"]
    table = random_table(layout, 500, seed=7)
    made = []
    for block, most in ((1_000, 1_000), (64, 1_000), (64, 50)):
        monkeypatch.setattr(calibration, "BLOCK", block)
        generator = untrained(layout, small(), noise=0.3)
        fit_margins(generator, generator.plan.arrange(table.codes), most=most)
        made.append(torch.cat([head.exit.bias.detach() for head in generator.stage_heads()]))
    torch.testing.assert_close(made[0], made[1], atol=1e-4, rtol=0)
    assert (made[0] - made[2]).abs().max() > 0.01


def test_how_columns_go_together_is_left_as_it_is(
    layouts: dict[str, Layout], small: Configs, untrained: Untrained, random_table: Tables
) -> None:
    layout = layouts["all kinds"]
    generator = untrained(layout, small(), noise=0.3)
    kept = {name: tensor.clone() for name, tensor in generator.state_dict().items()}
    fit_margins(generator, generator.plan.arrange(random_table(layout, 300).codes))
    changed = {name for name, tensor in generator.state_dict().items() if not torch.equal(tensor, kept[name])}
    assert {name.rpartition("exit.")[2] for name in changed} == {"bias"}


def test_what_is_random_while_a_generator_learns_has_no_part_in_its_margins(
    layouts: dict[str, Layout], small: Configs, random_table: Tables
) -> None:
    layout = layouts["all kinds"]
    table = random_table(layout, 300)
    plan = plan_stages(table, layout, 64, np.random.default_rng(0))
    biases = []
    for config in (small(), small(generator_dropout=0.5)):
        noise = torch.Generator().manual_seed(1)
        generator = Generator(plan, config, noise)
        generator.start(table, torch.Generator().manual_seed(2))
        before = noise.get_state()
        fit_margins(generator, plan.arrange(table.codes))
        assert generator.training
        assert torch.equal(noise.get_state(), before)
        biases.append(torch.cat([head.exit.bias for head in generator.stage_heads()]))
    assert torch.equal(*biases)
