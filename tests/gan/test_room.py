"""What is foreseen of training: the networks' weights to the last one, and more wherever there is more."""

from dataclasses import fields

import numpy as np
import pytest
import torch

from tabgan.gan.blocks import block_rows
from tabgan.gan.config import MAX_BATCH_FEATURES, MIN_BATCH, TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.networks import Critic
from tabgan.gan.room import (
    Demand,
    critic_size,
    demand,
    free_on,
    generator_size,
    has_direct,
    n_features,
    n_stages,
)
from tabgan.gan.stages import plan_stages
from tabgan.layout import ColumnSlots, EncodedTable, Layout


def layout(m: int = 3, categories: int = 7) -> Layout:
    """So many plain columns, a number and ids in two codes."""
    plain = tuple(ColumnSlots(f"c{place}", (categories,)) for place in range(m))
    number = ColumnSlots("x", (6, 5), has_value=True, ordered=5, windows=(((0, 5),) * 6,))
    return Layout((*plain, number, ColumnSlots("id", (10, 9), windows=(((0, 9),) * 10,))))


def rows(own: Layout, n: int = 50) -> EncodedTable:
    random = np.random.default_rng(0)
    codes = random.integers(0, own.cardinalities, size=(n, own.n_codes)).astype(own.code_dtype)
    return EncodedTable(codes, np.zeros((n, own.n_values), np.float32))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"stages": 4},
        {"generator_norm": "layer", "critic_norm": "layer"},
        {"pac": 3, "critic_blocks": 2},
        {"minibatch_std": 4},
        {"generator_width": 9, "stage_width": 5, "critic_width": 11, "critic_blocks": 0},
    ],
)
@pytest.mark.parametrize("categories", [7, 2_500])
def test_the_weights_are_counted_to_the_last(settings: dict[str, object], categories: int) -> None:
    own, config = layout(4, categories), TrainingConfig.from_mapping(settings).resolved()
    plan = plan_stages(rows(own), own, config.stages, np.random.default_rng(0))
    generator = Generator(plan, config)
    critic = Critic.for_config(plan.n_features + own.n_codes, config)
    assert has_direct(own) == (categories == 7)
    assert n_features(own) == plan.n_features
    assert n_stages(own, config) >= len(plan.stages)
    if n_stages(own, config) == len(plan.stages):
        assert generator_size(own, config) == sum(weight.numel() for weight in generator.parameters())
    assert critic_size(own, config) == sum(weight.numel() for weight in critic.parameters())


def more(one: Demand, other: Demand) -> bool:
    """Whether nothing takes less in the first, and something more."""
    pairs = [(getattr(one, item.name), getattr(other, item.name)) for item in fields(Demand)]
    return all(a >= b for a, b in pairs) and one.peak > other.peak


def test_more_of_anything_takes_more() -> None:
    config, n = TrainingConfig(batch_size=256), 50_000
    usual = demand(layout(), config, n)
    assert more(demand(layout(40), config, n), usual)
    assert more(demand(layout(3, 900), config, n), usual)
    assert more(demand(layout(), config, 10 * n), usual)
    assert more(demand(layout(), TrainingConfig(batch_size=1_024), n), usual)
    assert more(demand(layout(), TrainingConfig(batch_size=256, generator_width=512), n), usual)
    assert more(demand(layout(), TrainingConfig(batch_size=256, critic_width=2_048), n), usual)


def test_a_batch_of_very_wide_rows_is_bounded() -> None:
    config = TrainingConfig()
    assert config.for_table(50_000, 4_000).batch_size == 1_024
    wide = config.for_table(50_000, 40_000)
    assert wide.batch_size == MAX_BATCH_FEATURES // 40_000
    assert wide.steps > config.for_table(50_000).steps
    assert config.for_table(50_000, 10**9).batch_size == MIN_BATCH
    steps = [demand(layout(1, width), config, 50_000).step for width in (100_000, 200_000)]
    assert steps[1] < 1.2 * steps[0]


def test_what_is_looked_at_is_bounded_too() -> None:
    config = TrainingConfig()
    wide = [layout(1, width) for width in (100_000, 200_000)]
    assert block_rows(n_features(wide[1])) == 64
    assert all(demand(own, config, 50_000).realism < 1 << 30 for own in wide)


def test_checkpoints_take_the_state_of_the_run_once_more() -> None:
    own, config = layout(3, 30_000), TrainingConfig(batch_size=16)
    without, written = (demand(own, config, 50_000, checkpoints=asked) for asked in (False, True))
    assert (without.checkpoint, without.step) == (0, written.step)
    assert written.checkpoint > 2 * 10 * 4 * generator_size(own, config.resolved())
    assert written.peak > without.peak


def test_a_device_of_its_own_takes_the_networks_off_the_machine() -> None:
    found = demand(layout(3, 5_000), TrainingConfig(), 50_000)
    assert 0 < found.beside_device < found.peak


def test_the_processor_has_no_memory_of_its_own() -> None:
    assert free_on(torch.device("cpu")) is None
