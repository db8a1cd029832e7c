"""Training is driven into each bad state, the monitor names it, and what it suggests cures it."""

import pytest

from tabgan.errors import TrainingError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import Event, TrainingResult, TrainingStats
from tabgan.gan.monitor import HEALTHY
from tabgan.gan.symptoms import away_from, seen
from tabgan.gan.training import Trainer

from .planted import ALONE, CPU, linked, pair, train, unrelated

pytestmark = pytest.mark.slow


def _first(result: TrainingResult, state: str) -> Event:
    return next(event for event in result.events if event.state == state)


def _told(result: TrainingResult) -> set[str | None]:
    return {stats.state for stats in result.history}


def _away(result: TrainingResult) -> float:
    distance = away_from(seen(result.history)[-1], result.floors)
    assert distance is not None
    return distance


def _followed(settings: dict[str, object], event: Event) -> dict[str, object]:
    """The settings of a run with those changed that an event suggests."""
    assert event.advice
    return TrainingConfig.from_mapping(settings | dict(event.settings)).to_dict()


def test_a_generator_that_chases_a_slow_critic_collapses() -> None:
    settings = ALONE | {"generator_rate": 0.03, "critic_rate": 1e-4, "critic_steps": 1}
    sick = train(linked(), settings)
    event = _first(sick, "collapsing")
    assert "entropy" in event.evidence
    cured = train(linked(), _followed(settings, event))
    assert cured.history[-1].state in HEALTHY
    assert "collapsing" not in _told(cured)
    before, after = (seen(result.history)[-1] for result in (sick, cured))
    assert after.entropy > 2 * before.entropy
    assert after.coverage > 3 * before.coverage
    assert _away(cured) < _away(sick) / 3


def test_networks_that_are_too_quick_oscillate() -> None:
    quick = {"objective": "nsgan", "generator_rate": 0.03, "critic_rate": 3e-3, "critic_steps": 1, "steps": 400}
    settings = ALONE | quick | {"critic_beta1": 0.9, "averaging": 0.0}
    sick = train(pair(), settings)
    event = _first(sick, "oscillating")
    assert "to and fro" in event.evidence
    cured = train(pair(), _followed(settings, event))
    assert cured.history[-1].state in HEALTHY
    assert "oscillating" not in _told(cured)
    swings = [_range([s.accuracy for s in result.history[10:] if s.accuracy]) for result in (sick, cured)]
    assert swings[1] < swings[0] / 3
    assert _away(cured) < 0.8 * _away(sick)


def _range(values: list[float]) -> float:
    return max(values) - min(values)


def test_a_critic_with_many_quick_steps_is_too_strong() -> None:
    settings = ALONE | {"objective": "nsgan", "critic_rate": 0.01, "critic_steps": 10, "generator_rate": 1e-4}
    sick = train(linked(), settings)
    event = _first(sick, "critic too strong")
    assert "the critic is right" in event.evidence
    cured = train(linked(), _followed(settings, event))
    assert cured.history[-1].state in HEALTHY
    assert cured.history[-1].accuracy < sick.history[-1].accuracy - 0.1
    assert _away(cured) < 0.9 * _away(sick)


def test_a_critic_of_tiny_weights_lets_the_gradient_vanish() -> None:
    settings = ALONE | {"objective": "wgan-clip", "weight_clip": 0.001}
    sick = train(linked(), settings)
    event = _first(sick, "vanishing gradient")
    assert event.settings["objective"] == "wgan-gp"
    cured = train(linked(), _followed(settings, event))
    assert cured.history[-1].state in HEALTHY
    assert "vanishing gradient" not in _told(cured)
    assert cured.history[-1].generator_gradient > 1_000 * sick.history[-1].generator_gradient
    assert _away(cured) < 0.95 * _away(sick)


def test_a_critic_that_nothing_bounds_diverges() -> None:
    settings = ALONE | {"penalty_weight": 0.0, "critic_rate": 0.03, "critic_steps": 5}
    heard: list[TrainingStats] = []
    trainer = Trainer(*linked(), TrainingConfig.from_mapping(settings), seed=0, device=CPU)
    with pytest.raises(TrainingError, match="the critic's loss has run away") as caught:
        trainer.fit(heard.append)
    assert [stats.state for stats in heard].count("diverged") == 3
    event = [event for event in trainer._course.events if event.state == "diverged"][-1]
    assert event.advice in str(caught.value)
    cured = train(linked(), _followed(settings, event))
    assert cured.history[-1].state in HEALTHY
    assert not {"diverged", "recovered"} & {event.state for event in cured.events}
    assert abs(cured.history[-1].critic_loss) < 1 < abs(heard[-1].critic_loss)


def test_a_few_rows_are_learnt_by_heart() -> None:
    changes = {"likelihood_weight": 1.0, "adversarial_share": 0.0, "holdout": 0.4, "batch_size": 16, "patience": 100.0}
    settings = ALONE | changes | {"generator_width": 64, "weight_decay": 0.0}
    sick = train(unrelated(), settings)
    event = _first(sick, "memorising")
    assert sick.history[-1].state == "memorising"
    cured = train(unrelated(), _followed(settings, event))
    assert cured.history[-1].state in HEALTHY
    assert "memorising" not in _told(cured)
    assert cured.history[-1].held_out < sick.history[-1].held_out / 2
    assert seen(cured.history)[-1].nearest < seen(sick.history)[-1].nearest - 0.15


@pytest.mark.parametrize("n", [400, 4_000])
def test_a_run_with_the_likelihood_is_healthy_from_its_first_report_to_its_last(n: int) -> None:
    result = train(linked(n), {**ALONE, "likelihood_weight": 1.0, "condition_share": 0.3})
    assert _told(result) <= set(HEALTHY)
    assert result.history[-1].state == "converged"
    assert all(not event.advice and not event.settings for event in result.events)


@pytest.mark.parametrize("objective", ["wgan-gp", "wgan-clip", "nsgan", "lsgan", "hinge", "relativistic"])
def test_a_critic_beside_the_likelihood_is_healthy_with_every_objective(objective: str) -> None:
    result = train(linked(), {**ALONE, "likelihood_weight": 1.0, "objective": objective})
    assert _told(result) <= set(HEALTHY)
    assert result.history[-1].state == "converged"
