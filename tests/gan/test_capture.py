"""What a replayed step comes to, beside the same step as it is written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch

from tabgan.gan.capture import WARM_UP, Replayed, Values, capturable, plain, rounding, runner_for
from tabgan.gan.config import TrainingConfig
from tabgan.gan.loop import Clock
from tabgan.gan.training import Trainer
from tabgan.layout import EncodedTable, Layout

CPU = torch.device("cpu")
Tables = Callable[..., EncodedTable]
Configs = Callable[..., TrainingConfig]
NUMBERS_THAT_CHANGE = (
    {"instance_noise": 0.3},
    {"curriculum": 0.6},
    {"penalty_end": 1.0},
    {"freeze_above": 0.8},
    {"unrolled_steps": 1},
)


class Frozen(Replayed):
    """Replays with the numbers of Python as they were at the recording, as a graph has them.

    Args:
        clock: of the run, which knows how much of it is over.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.replays = 0

    def _record(self, run: Callable[[], Values]) -> Callable[[], Values]:
        progress = self.clock.progress

        def replay() -> Values:
            self.replays += 1
            with self._at(progress):
                return run()

        return replay

    @contextmanager
    def _at(self, progress: float) -> Iterator[None]:
        now, self.clock.progress = self.clock.progress, progress
        yield
        self.clock.progress = now


def _weights(trainer: Trainer) -> torch.Tensor:
    trainer.fit()
    networks = (trainer._generator, trainer._average, trainer._adversary.critic)
    return torch.cat([parameter.detach().flatten() for network in networks for parameter in network.parameters()])


def _both(table: EncodedTable, layout: Layout, config: TrainingConfig) -> tuple[torch.Tensor, torch.Tensor, Frozen]:
    """All weights of a run as it is written, and of one that is replayed; what replayed it."""
    written, replayed = (Trainer(table, layout, config, seed=2, device=CPU) for _ in range(2))
    runner = replayed._run_step = Frozen(replayed._clock)
    return _weights(written), _weights(replayed), runner


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"balance": 0.5, "pac": 2, "adversarial_share": 1.0},
        {"generator_steps": 2, "critic_clip": 0.5, "weight_decay": 3.0},
        {"objective": "hinge", "critic_dropout": 0.2, "generator_norm": "batch"},
        {"objective": "relativistic", "minibatch_std": 4, "critic_norm": "layer"},
        {"spectral_norm": True, "penalty_weight": 0.0},
        {"likelihood_weight": 0.0, "adversarial_weight": 1.0, "adversarial_share": 1.0},
    ],
    ids=str,
)
def test_replayed_and_plain_steps_come_to_the_same_weights(
    changes: dict[str, object], shop: Layout, random_table: Tables, small: Configs
) -> None:
    config = small(**{"steps": 30, "penalty_weight": None, "critic_rate": None} | changes)
    assert capturable(config)
    written, replayed, runner = _both(random_table(shop, 200), shop, config)
    assert runner.replays > 20
    assert torch.equal(written, replayed)


@pytest.mark.parametrize("changes", NUMBERS_THAT_CHANGE, ids=str)
def test_settings_that_compute_with_numbers_that_change_are_not_captured(
    changes: dict[str, float], small: Configs
) -> None:
    assert capturable(small())
    assert not capturable(small(**changes))


def test_a_step_that_reads_a_number_that_changes_would_be_found(
    shop: Layout, random_table: Tables, small: Configs
) -> None:
    """Were they captured all the same, the weights would differ."""
    config = small(steps=30, adversarial_share=1.0, instance_noise=0.3)
    written, replayed, _ = _both(random_table(shop, 200), shop, config)
    assert not torch.equal(written, replayed)


def test_each_kind_of_step_has_buffers_of_its_own() -> None:
    runner, seen = Replayed(), list[tuple[int, ...]]()

    def step(values: torch.Tensor, other: torch.Tensor | None, marked: bool) -> Values:
        seen.append((values.data_ptr(), 0 if other is None else other.data_ptr(), marked))
        return values + 1 if marked else values * 2, other

    inputs = [(torch.full((3,), float(i)), None if i % 2 else torch.ones(1), i % 4 > 1) for i in range(40)]
    given = [runner(step, *own) for own in inputs]
    for i, (first, second) in enumerate(given):
        assert first is not None
        assert first.tolist() == [i + 1.0 if i % 4 > 1 else 2.0 * i] * 3
        assert (second is None) == (i % 2 == 1)
    replays = seen[4 * WARM_UP :]
    assert len(set(replays)) == 4
    assert {own[0] for own in replays}.isdisjoint(values.data_ptr() for values, *_ in inputs)


def test_what_a_replay_gave_stays_as_it_is() -> None:
    runner, kept = Replayed(), torch.zeros(2)

    def step(value: torch.Tensor) -> Values:
        kept.copy_(value)
        return (kept,)

    given = [runner(step, torch.full((2,), float(i)))[0] for i in range(WARM_UP + 3)]
    assert [own.tolist() for own in given[WARM_UP:] if own is not None] == [[i] * 2 for i in (3.0, 4.0, 5.0)]


def test_a_cpu_runs_steps_as_they_are_written(small: Configs) -> None:
    assert runner_for(small(), CPU, torch.Generator()) is plain


def test_rounding_leaves_a_cpu_and_the_settings_of_torch_alone() -> None:
    before = torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32
    with rounding(CPU, tf32=True):
        assert (torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32) == before
    with rounding(torch.device("cuda"), tf32=not before[1]):
        assert torch.backends.cuda.matmul.allow_tf32 != before[1]
    assert (torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32) == before
