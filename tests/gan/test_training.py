import random as python_random
import signal
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tabgan.errors import ConfigError, TrainingError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.sampling import sample_blocks
from tabgan.gan.training import Trainer, TrainingResult, TrainingStats, resolve_device
from tabgan.layout import ColumnSlots, EncodedTable, Layout, concatenate

Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
CPU = torch.device("cpu")
KINDS = [
    "all kinds",
    "value first and last",
    "one code",
    "codes alone",
    "one value",
    "values alone",
    "one gated value",
    "cardinality one",
    "cardinality one alone",
    "wide codes",
]


def _train(table: EncodedTable, layout: Layout, config: TrainingConfig, seed: int = 0, **fit: object) -> TrainingResult:
    return Trainer(table, layout, config, seed=seed, device=CPU).fit(**fit)  # type: ignore[arg-type]


def _weights(result: TrainingResult) -> torch.Tensor:
    return torch.cat([tensor.flatten() for tensor in result.synthesizer.state_dict().values()])


@pytest.mark.parametrize("balance", [0.0, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_trains(
    kind: str, balance: float, layouts: dict[str, Layout], random_table: Tables, small: Configs
) -> None:
    layout = layouts[kind]
    table = random_table(layout, 40)
    weights = [_weights(_train(table, layout, small(balance=balance, steps=steps))) for steps in (1, 4)]
    assert all(torch.isfinite(part).all() for part in weights)
    assert kind == "cardinality one alone" or not torch.equal(*weights)


@pytest.mark.parametrize("n", [1, 2])
def test_a_table_of_one_or_two_rows_trains(n: int, shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, n), shop, small(balance=0.5, condition_share=1.0))
    assert torch.isfinite(_weights(result)).all()


@pytest.mark.parametrize(("batch_size", "pac"), [(16, 1), (16, 4), (10, 4), (2, 8)])
def test_any_pac_fits_any_batch(batch_size: int, pac: int, shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 30), shop, small(batch_size=batch_size, pac=pac))
    assert torch.isfinite(_weights(result)).all()
    assert len(result.history) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"generator_blocks": 0, "critic_blocks": 0},
        {"hats": 2},
        {"noise_width": 1, "generator_width": 1, "critic_width": 1},
        {"condition_share": 1.0, "balance": 1.0},
        {"condition_share": 0.0},
        {"averaging": 0.0},
        {"penalty_weight": 0.0, "adversarial_weight": 0.0, "moment_weight": 0.0},
    ],
)
def test_the_ends_of_the_ranges_train(
    changes: dict[str, object], shop: Layout, random_table: Tables, small: Configs
) -> None:
    assert torch.isfinite(_weights(_train(random_table(shop, 30), shop, small(**changes)))).all()


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    table = random_table(shop, 40)
    first = _train(table, shop, small(balance=0.3), seed=1)
    torch.manual_seed(99)
    second, other = (_train(table, shop, small(balance=0.3), seed=seed) for seed in (1, 2))
    assert torch.equal(_weights(first), _weights(second))
    assert not torch.equal(_weights(first), _weights(other))
    assert [stats.critic_loss for stats in first.history] == [stats.critic_loss for stats in second.history]


def test_numpy_and_python_random_state_are_left_alone(shop: Layout, random_table: Tables, small: Configs) -> None:
    before = np.random.get_state()[1].copy(), python_random.getstate()  # noqa: NPY002
    _train(random_table(shop, 40), shop, small(balance=0.5))
    assert np.array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
    assert python_random.getstate() == before[1]


def test_the_random_state_of_torch_is_left_alone(shop: Layout, random_table: Tables, small: Configs) -> None:
    before = torch.get_rng_state()
    _train(random_table(shop, 40), shop, small())
    assert torch.equal(torch.get_rng_state(), before)


def test_the_table_is_not_changed(shop: Layout, random_table: Tables, small: Configs) -> None:
    table, copy = random_table(shop, 40), random_table(shop, 40)
    _train(table, shop, small(balance=0.5))
    assert np.array_equal(table.codes, copy.codes)
    assert np.array_equal(table.values, copy.values)


def test_the_memory_order_of_the_table_does_not_matter(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 40)
    wide = concatenate([EncodedTable(table.codes[[row, row]], table.values[[row, row]]) for row in range(40)])
    fortran = EncodedTable(np.asfortranarray(table.codes), np.asfortranarray(table.values))
    expected = _weights(_train(table, shop, small()))
    for same in (wide[::2], fortran):
        assert torch.equal(_weights(_train(same, shop, small())), expected)


def test_a_reversed_view_trains(shop: Layout, random_table: Tables, small: Configs) -> None:
    _train(random_table(shop, 40)[::-1], shop, small())


@pytest.mark.filterwarnings("error")
def test_a_read_only_table_trains_without_a_warning(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 40)
    table.values.setflags(write=False)
    table.codes.setflags(write=False)
    _train(table, shop, small())


@pytest.mark.parametrize("steps", [1, 99, 250])
def test_reports_cover_the_run(steps: int, random_table: Tables, small: Configs) -> None:
    layout = Layout((ColumnSlots("a", (3,)),))
    seen: list[TrainingStats] = []
    result = _train(random_table(layout, 20), layout, small(steps=steps, batch_size=2), callback=seen.append)
    assert tuple(seen) == result.history
    numbers = [stats.step for stats in seen]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == steps
    assert min(100, steps) <= len(numbers) <= 200
    assert {stats.steps for stats in seen} == {steps}
    elapsed = [stats.elapsed_s for stats in seen]
    assert elapsed == sorted(elapsed)
    assert seen[-1].remaining_s == 0
    assert all(stats.remaining_s > 0 for stats in seen[:-1])
    assert all(stats.penalty >= 0 and stats.moment_loss >= 0 for stats in seen)
    assert not result.ended_early


def test_a_callback_ends_training_in_order(shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 40), shop, small(), callback=lambda stats: stats.step == 3)
    assert result.ended_early
    assert [stats.step for stats in result.history] == [1, 2, 3]


def test_ending_at_the_last_step_is_not_early(shop: Layout, random_table: Tables, small: Configs) -> None:
    result = _train(random_table(shop, 40), shop, small(), callback=lambda stats: stats.step == stats.steps)
    assert not result.ended_early


def test_an_interrupt_from_the_keyboard_ends_training_in_order(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    def press(stats: TrainingStats) -> None:
        if stats.step == 3:
            signal.raise_signal(signal.SIGINT)

    table = random_table(shop, 40)
    interrupted = _train(table, shop, small(), callback=press)
    stopped = _train(table, shop, small(), callback=lambda stats: stats.step == 3)
    assert interrupted.ended_early
    assert len(interrupted.history) == 3
    assert torch.equal(_weights(interrupted), _weights(stopped))
    assert sum(map(len, sample_blocks(interrupted.synthesizer, 10, seed=0))) == 10


def test_an_error_of_the_callback_is_not_swallowed(shop: Layout, random_table: Tables, small: Configs) -> None:
    def fail(stats: TrainingStats) -> None:
        raise ZeroDivisionError(stats.step)

    with pytest.raises(ZeroDivisionError, match="1"):
        _train(random_table(shop, 40), shop, small(), callback=fail)


HUGE = {"generator_rate": 1.0, "critic_rate": 1.0, "critic_blocks": 16, "critic_width": 64}


@pytest.mark.parametrize("steps", [4, 400])
def test_losses_that_are_no_numbers_end_training_with_advice(
    steps: int, layouts: dict[str, Layout], random_table: Tables, small: Configs
) -> None:
    layout = layouts["codes alone"]
    with pytest.raises(TrainingError, match=r"diverged by step \d+; lower generator_rate and critic_rate"):
        _train(random_table(layout, 40), layout, small(steps=steps, **HUGE))


def test_values_that_are_no_numbers_end_training_with_advice(
    layouts: dict[str, Layout], random_table: Tables, small: Configs
) -> None:
    layout = layouts["value first and last"]
    with pytest.raises(TrainingError, match=r"diverged by step \d+; lower"):
        _train(random_table(layout, 40), layout, small(steps=400, **HUGE))


@pytest.mark.parametrize("kind", ["all kinds", "value first and last", "one code", "codes alone", "cardinality one"])
def test_an_untrained_generator_already_has_the_frequencies(
    kind: str, layouts: dict[str, Layout], random_table: Tables, small: Configs
) -> None:
    layout = layouts[kind]
    table = random_table(layout, 2_000)
    config = small(generator_rate=0.0, critic_rate=0.0, steps=1, noise_width=64, generator_width=64)
    rows = concatenate(list(sample_blocks(_train(table, layout, config).synthesizer, 8_192, seed=0)))
    for code, size in enumerate(layout.cardinalities):
        real, made = (np.bincount(part.codes[:, code], minlength=size) / len(part) for part in (table, rows))
        assert np.abs(real - made).sum() / 2 < 0.15


def test_an_untrained_generator_already_has_uniform_values(random_table: Tables, small: Configs) -> None:
    layout = Layout(tuple(ColumnSlots(f"x{index}", has_value=True) for index in range(20)))
    config = small(generator_rate=0.0, critic_rate=0.0, steps=1, noise_width=64, generator_width=64)
    synthesizer = _train(random_table(layout, 50), layout, config).synthesizer
    values = np.sort(next(sample_blocks(synthesizer, 4_096, seed=0)).values, axis=0)
    uniform = (2 * (np.arange(4_096) + 0.5) / 4_096 - 1)[:, None]
    assert np.abs(values - uniform).max() / 2 < 0.1


def test_rates_of_zero_change_nothing(shop: Layout, random_table: Tables, small: Configs) -> None:
    frozen = [
        _weights(_train(random_table(shop, 40), shop, small(generator_rate=0.0, critic_rate=0.0, steps=steps)))
        for steps in (1, 5)
    ]
    assert torch.allclose(*frozen, atol=1e-6)


def test_averaging_keeps_the_result_nearer_to_the_start(shop: Layout, random_table: Tables, small: Configs) -> None:
    table = random_table(shop, 40)
    start = _weights(_train(table, shop, small(generator_rate=0.0, steps=1)))
    averaged, last = (_weights(_train(table, shop, small(steps=30, averaging=a))) for a in (0.999, 0.0))
    assert 0 < (averaged - start).norm() < (last - start).norm()


def test_devices_are_found_by_name() -> None:
    assert resolve_device("cpu") == CPU
    assert resolve_device("auto").type in ("cpu", "cuda", "mps")


@pytest.mark.parametrize("name", ["cuda:99", "cpu:x", "cuda:-1"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"device '{name}' cannot be used here: .*try 'auto'"):
        resolve_device(name)


@pytest.mark.parametrize("name", ["nonsense", "", "CPU", "xla", "meta"])
def test_a_name_that_is_no_device_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(ConfigError, match=f"device must be 'auto' or one of cpu, cuda, mps, got '{name}'"):
        resolve_device(name)
