from dataclasses import asdict

import pytest

from tabgan.gan.config import TrainingConfig
from tabgan.gan.monitor import HEALTHY, STATES
from tabgan.gan.presets import OBJECTIVES
from tabgan.gan.remedies import advise

SICK = [state for state in STATES if state not in HEALTHY]
IN_USE: list[dict[str, object]] = [
    {},
    {"generator_rate": 0.05, "critic_rate": 1e-5, "critic_steps": 1},
    {"critic_rate": 0.05, "critic_steps": 20, "generator_rate": 1e-5},
    {"pac": 4},
    {"minibatch_std": 4},
    {"critic_norm": "layer", "freeze_above": 0.8, "instance_noise": 0.1},
    {"unrolled_steps": 3, "generator_clip": 0.0, "averaging": 0.5, "generator_width": 8, "stage_width": 8},
    {"weight_decay": 0.0, "patience": 0.0, "generator_dropout": 0.5},
]


@pytest.mark.parametrize("likelihood", [0.0, 1.0])
@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("state", SICK)
def test_advice_can_be_followed_whatever_is_in_use_and_as_often_as_it_is_given(
    state: str, objective: str, likelihood: float
) -> None:
    for used in IN_USE:
        config = TrainingConfig.from_mapping(used | {"objective": objective, "likelihood_weight": likelihood})
        for _ in range(2):
            change = advise(state, config.resolved())
            assert bool(change.advice) == bool(change.settings)
            followed = TrainingConfig.from_mapping(asdict(config) | dict(change.settings))
            assert not change.settings or followed.resolved() != config.resolved()
            config = followed


@pytest.mark.parametrize("objective", ["nsgan", "lsgan"])
def test_another_objective_comes_without_what_it_cannot_have(objective: str) -> None:
    wanting = {"likelihood_weight": 0.0, "penalty_weight": 0.0, "label_smoothing": 0.1, "critic_norm": "batch"}
    config = TrainingConfig.from_mapping({**wanting, "objective": objective, "pac": 4})
    change = advise("collapsing", config.resolved())
    assert change.settings["objective"] == "wgan-gp"
    followed = TrainingConfig.from_mapping(asdict(config) | dict(change.settings))
    assert (followed.label_smoothing, followed.critic_norm) == (0.0, "layer")


def test_advice_depends_on_what_is_in_use() -> None:
    alone = {"likelihood_weight": 0.0, "objective": "nsgan"}
    first = advise("collapsing", TrainingConfig(**alone).resolved())
    assert first.settings == {"pac": 4}
    assert "pac 4" in first.advice
    second = advise("collapsing", TrainingConfig(**alone, pac=4).resolved())
    assert second.settings["objective"] == "wgan-gp"
    third = advise("collapsing", TrainingConfig(likelihood_weight=0.0, pac=4).resolved())
    assert third.settings["likelihood_weight"] == 1.0
    clip = advise("vanishing gradient", TrainingConfig(likelihood_weight=0.0, objective="wgan-clip").resolved())
    assert clip.settings["objective"] == "wgan-gp"
    strong = TrainingConfig(likelihood_weight=0.0, critic_steps=10, freeze_above=0.8).resolved()
    assert advise("critic too strong", strong).settings == {"critic_steps": None, "instance_noise": 0.2}
    assert "penalty_weight" in advise("diverged", TrainingConfig(penalty_weight=0.0).resolved()).settings
    heart = advise("memorising", TrainingConfig().resolved()).settings
    assert heart["weight_decay"] > TrainingConfig().weight_decay
    assert heart["generator_width"] < TrainingConfig().generator_width


@pytest.mark.parametrize("state", [*HEALTHY, "unheard of"])
def test_where_all_is_well_there_is_nothing_to_do(state: str) -> None:
    assert advise(state, TrainingConfig().resolved()) == ("", {})
