from typing import Any

import pytest

from tabgan.errors import ConfigError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.presets import ALONE, BESIDE_LIKELIHOOD, EFFORTS, OBJECTIVES, contradictions, left_open

OPEN = {name for name, value in TrainingConfig().to_dict().items() if value is None}
CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"likelihood_weight": 0.0, "adversarial_share": 0.0}, "likelihood_weight 0 leaves nothing to learn from"),
    ({"likelihood_weight": 0.0, "adversarial_weight": 0.0}, "likelihood_weight 0 leaves nothing to learn from"),
    ({"label_smoothing": 0.1}, "label_smoothing needs a target for real rows, which wgan-gp has not"),
    ({"label_smoothing": 0.1, "objective": "hinge"}, "which hinge has not; choose nsgan or lsgan"),
    ({"objective": "wgan-clip", "penalty_weight": 1.0}, "penalty_weight is for objectives without weight clipping"),
    ({"objective": "nsgan", "penalty_weight": 0.0, "penalty_end": 1.0}, "penalty_end needs a penalty_weight above 0"),
    ({"penalty_weight": 0.0, "penalty_end": 1.0}, "penalty_end needs a penalty_weight above 0"),
    ({"critic_norm": "batch"}, "critic_norm batch cannot be had with a gradient penalty"),
    ({"weight_clip": 0.1, "spectral_norm": True}, "weight_clip and spectral_norm both bound the critic"),
    ({"objective": "wgan-clip", "spectral_norm": True}, "weight_clip and spectral_norm both bound the critic"),
    ({"critic_norm": "layer", "spectral_norm": True}, "spectral_norm bounds the critic, which critic_norm undoes"),
    ({"minibatch_std": 4, "pac": 2}, "minibatch_std and pac both show the critic several rows"),
    ({"minibatch_std": 1}, "minibatch_std must be 0 or at least 2 rows"),
    ({"instance_noise": 0.1, "instance_noise_share": 0.0}, "instance_noise needs an instance_noise_share above 0"),
]
ALLOWED: list[dict[str, Any]] = [
    {"likelihood_weight": 0.0},
    {"adversarial_share": 0.0},
    {"objective": "nsgan", "label_smoothing": 0.1, "penalty_weight": 1.0, "penalty_end": 0.0},
    {"objective": "lsgan", "label_smoothing": 0.1},
    {"objective": "hinge", "spectral_norm": True, "critic_norm": "none"},
    {"objective": "nsgan", "penalty_weight": 0.0, "critic_norm": "batch"},
    {"objective": "wgan-gp", "penalty_weight": 0.0, "critic_norm": "batch"},
    {"objective": "wgan-clip", "weight_clip": 0.0, "spectral_norm": True},
    {"pac": 4},
    {"minibatch_std": 4},
]


def test_the_objective_decides_on_all_that_is_left_open_but_the_end_of_the_penalty() -> None:
    for name in OBJECTIVES:
        for likelihood_weight in (0.0, 1.0):
            assert set(left_open(name, likelihood_weight)) == OPEN - {"penalty_end"}


def test_every_objective_can_be_had_as_it_decides() -> None:
    for name in OBJECTIVES:
        for likelihood_weight in (0.0, 1.0):
            config = TrainingConfig(objective=name, likelihood_weight=likelihood_weight).resolved()
            assert config.to_dict() == config.to_dict() | left_open(name, likelihood_weight)
            assert TrainingConfig.from_mapping(config.to_dict()) == config


def test_without_the_likelihood_the_critic_is_there_from_the_start() -> None:
    assert set(ALONE) == set(BESIDE_LIKELIHOOD)
    assert ALONE["adversarial_share"] == 1.0


def test_every_effort_can_be_had() -> None:
    for effort, settings in EFFORTS.items():
        assert TrainingConfig.for_effort(effort) == TrainingConfig.from_mapping(settings)


@pytest.mark.parametrize(("settings", "said"), CONTRADICTIONS, ids=lambda value: str(value)[:40])
def test_what_cannot_be_had_together_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig(**settings)
    assert said in str(caught.value)
    assert "problems" not in str(caught.value)


@pytest.mark.parametrize("settings", ALLOWED, ids=str)
def test_what_can_be_had_together_is_allowed(settings: dict[str, Any]) -> None:
    assert contradictions(TrainingConfig().to_dict() | settings) == []


def test_all_contradictions_and_wrong_values_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.from_mapping(
            {"minibatch_std": 4, "pac": 2, "label_smoothing": 0.1, "steps": -1, "nonsense": 1, "critic_norm": "batch"}
        )
    said = str(caught.value)
    assert "5 problems" in said
    for part in ("both show the critic", "label_smoothing needs", "steps must lie", "'nonsense'", "critic_norm batch"):
        assert part in said


def test_a_wrong_value_contradicts_nothing() -> None:
    """What would stand in its place is not what was asked for."""
    with pytest.raises(ConfigError) as caught:
        TrainingConfig.from_mapping({"objective": "nsgann", "label_smoothing": 0.1})
    assert str(caught.value).count("label_smoothing") == 0
    assert "did you mean 'nsgan'?" in str(caught.value)
