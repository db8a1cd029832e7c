"""A run that goes on from a state is the rest of the run that the state was taken of, at whichever step that was."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch

from tabgan.errors import ArtifactError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingResult
from tabgan.gan.objectives import OBJECTIVES
from tabgan.gan.run_state import RunState
from tabgan.gan.training import Trainer
from tabgan.layout import EncodedTable, Layout

from .sameness import TIMES, differences
from .test_run_state import as_kept

CPU = torch.device("cpu")
Configs = Callable[..., TrainingConfig]
Tables = Callable[..., EncodedTable]
ALONE: dict[str, Any] = {"steps": 8, "likelihood_weight": 0.0, "adversarial_weight": 1.0, "adversarial_share": 1.0}
OWN: dict[str, Any] = dict.fromkeys(("penalty_weight", "critic_steps", "critic_rate"))
KINDS_OF_RUNS: dict[str, dict[str, Any]] = {
    "as usual": {"steps": 12},
    "steps between reports": {"steps": 54, "balance": 0.7},
    "nothing held out": {"steps": 8, "holdout": 0.0},
    "ended by patience": {"steps": 300, "averaging": 0.5, "adversarial_share": 0.0, "patience": 0.0},
    "ended by stagnation": {"steps": 60, "stagnation": 0.1, "generator_rate": 0.0},
    "diverging": {"steps": 12, "generator_rate": 1.0, "critic_rate": 1.0, "recoveries": 100, "patience": 100.0},
    "rounds and pac": {"steps": 12, "adversarial_share": 1.0, "generator_steps": 3, "pac": 4, "critic_steps": 3},
    "no averaging": {"steps": 6, "averaging": 0.0, "weight_decay": 3.0},
    "one network rests": ALONE | {"freeze_above": 0.55, "critic_rate": 0.01},
    "unrolled": ALONE | {"unrolled_steps": 2, "critic_clip": 0.5},
    "spectral": ALONE | {"spectral_norm": True, "initialisation": "orthogonal", "penalty_weight": 0.0},
    "batch norm, dropout": ALONE
    | OWN
    | {
        "objective": "hinge",
        "penalty_weight": 0.0,
        "critic_norm": "batch",
        "generator_norm": "batch",
        "critic_dropout": 0.2,
    },
    "layer norm, dropout": {"steps": 8, "critic_norm": "layer", "generator_norm": "layer", "generator_dropout": 0.3},
    "noise and curriculum": ALONE | {"instance_noise": 0.3, "curriculum": 0.6, "penalty_end": 1.0},
    "standard deviations": ALONE | OWN | {"objective": "nsgan", "minibatch_std": 4, "label_smoothing": 0.1},
}
"""Every remedy is in some of them."""
SLOW = {"steps between reports", "ended by patience", "ended by stagnation"}


def outcome(result: TrainingResult) -> dict[str, Any]:
    """All of a result but for times."""
    history = [{k: v for k, v in asdict(stats).items() if k not in TIMES} for stats in result.history]
    return {**vars(result), "history": history}


@pytest.fixture
def make(shop: Layout, random_table: Tables, small: Configs) -> Callable[..., Trainer]:
    def make(**changes: object) -> Trainer:
        return Trainer(random_table(shop, 200), shop, small(**changes), seed=4, device=CPU)

    return make


def check(make: Callable[..., Trainer], changes: dict[str, Any]) -> None:
    """After each step, a new run that is given the state holds the same as the old one, all the way down."""
    run, states = make(**changes), list[RunState]()

    def keep(state: Callable[[], RunState]) -> None:
        states.append(as_kept(state()))
        if len(states) > 8 and len(states) % 5:
            return
        other = make(**changes)
        other._resume(states[-1])
        assert list(differences(run, other)) == []

    expected = outcome(run.fit(keeper=keep))
    assert len(states) >= 5
    for state in states[:: max(len(states) // 3, 1)]:
        assert list(differences(expected, outcome(make(**changes).fit(resume=state)))) == []


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) if kind in SLOW else kind for kind in KINDS_OF_RUNS]
)
def test_every_step_can_be_gone_on_from(kind: str, make: Callable[..., Trainer]) -> None:
    check(make, KINDS_OF_RUNS[kind])


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_step_under_every_objective_can_be_gone_on_from(objective: str, make: Callable[..., Trainer]) -> None:
    check(make, {"steps": 6, "adversarial_share": 1.0, "objective": objective} | OWN)


@pytest.mark.parametrize(
    "forgotten", ["generator", "optimiser", "adversary", "draws", "noise", "course", "probe", "tally", "clock"]
)
def test_a_part_that_is_forgotten_is_seen(forgotten: str, make: Callable[..., Trainer]) -> None:
    """What `check` would say of a trainer that does not put back one of its parts."""
    changes, found = {"steps": 60, "adversarial_share": 1.0}, set[str]()
    run = make(**changes)

    def keep(state: Callable[[], RunState]) -> None:
        kept, other = as_kept(state()), make(**changes)
        fresh = other._state()
        tensors = {name: array for name, array in kept.tensors.items() if not name.startswith(f"{forgotten}.")}
        tensors |= {name: array for name, array in fresh.tensors.items() if name.startswith(f"{forgotten}.")}
        parts = kept.values["parts"] | {forgotten: fresh.values["parts"][forgotten]}
        other._resume(RunState({"step": kept.values["step"], "parts": parts}, tensors))
        found.update(differences(run, other))
        if found:
            raise KeyboardInterrupt

    run.fit(keeper=keep)
    assert found


def test_keeping_states_changes_nothing(make: Callable[..., Trainer]) -> None:
    kept = make(steps=10).fit(keeper=lambda state: state())
    assert list(differences(outcome(kept), outcome(make(steps=10).fit()))) == []


def test_reports_of_before_are_in_the_history_and_are_not_told_again(make: Callable[..., Trainer]) -> None:
    states: list[RunState] = []
    make(steps=10).fit(keeper=lambda state: states.append(as_kept(state())))
    told: list[int] = []
    result = make(steps=10).fit(lambda stats: told.append(stats.step), resume=states[5])
    assert told == [7, 8, 9, 10]
    assert [stats.step for stats in result.history] == list(range(1, 11))
    assert result.history[5].elapsed_s < result.history[6].elapsed_s


def test_a_time_limit_counts_the_time_before_the_break(make: Callable[..., Trainer]) -> None:
    states: list[RunState] = []

    def keep(state: Callable[[], RunState]) -> None:
        states.append(as_kept(state()))
        if states[-1].values["parts"]["clock"]["progress"] > 0.4:
            raise KeyboardInterrupt

    make(steps=10_000_000, max_minutes=0.02).fit(keeper=keep)
    before = states[-1].values["parts"]["clock"]["elapsed_s"]
    trainer, started = make(steps=10_000_000, max_minutes=0.02), time.perf_counter()
    result = trainer.fit(resume=states[-1])
    assert result.ended_by == "time"
    assert 0 < before < result.history[-1].elapsed_s
    assert result.history[-1].elapsed_s >= 1.2
    assert time.perf_counter() - started < result.history[-1].elapsed_s


def test_a_state_holds_no_rows_of_the_table(shop: Layout, random_table: Tables, small: Configs) -> None:
    """Two tables of very different size have states of the same size."""
    sizes = []
    for n in (400, 6_000):
        states: list[RunState] = []
        trainer = Trainer(random_table(shop, n), shop, small(steps=3, batch_size=16), seed=4, device=CPU)
        trainer.fit(keeper=lambda state, states=states: states.append(state()))
        sizes.append(sum(array.nbytes for array in states[-1].tensors.values()))
    assert sizes[0] == sizes[1]


def test_a_state_of_another_run_is_refused(make: Callable[..., Trainer]) -> None:
    states: list[RunState] = []
    make(steps=2).fit(keeper=lambda state: states.append(state()))
    with pytest.raises(ArtifactError, match="not the state of such a run"):
        make(steps=2, generator_width=17).fit(resume=states[0])
    with pytest.raises(ArtifactError, match="lacks 'step'"):
        make(steps=2).fit(resume=RunState({}, {}))
    lacking = {name: array for name, array in states[0].tensors.items() if not name.startswith("adversary")}
    with pytest.raises(ArtifactError, match="not the state of such a run"):
        make(steps=2).fit(resume=RunState(states[0].values, lacking))


def test_an_interrupt_while_a_state_is_kept_ends_training_in_order(make: Callable[..., Trainer]) -> None:
    def keep(state: Callable[[], RunState]) -> None:
        raise KeyboardInterrupt

    result = make(steps=5).fit(keeper=keep)
    assert (result.ended_by, result.kept_step) == ("keyboard", 1)
    assert np.isfinite([p.sum().item() for p in result.generator.parameters()]).all()
