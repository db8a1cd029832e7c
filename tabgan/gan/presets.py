"""Settings that are chosen together: presets, what each objective takes, and what contradicts each other."""

import types
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

EFFORTS: Mapping[str, Mapping[str, Any]] = types.MappingProxyType(
    {
        "quick": {"steps": 150, "batch_size": 512, "adversarial_share": 0.0, "text_minutes": 0.25},
        "balanced": {},
        "best": {"epochs": 40.0, "generator_width": 192, "stage_width": 96},
    }
)
"""The settings of each preset that differ from the defaults."""

_COMMON: dict[str, Any] = {
    "critic_rate": 1e-3,
    "critic_steps": 2,
    "penalty_weight": 0.0,
    "weight_clip": 0.0,
    "critic_beta1": 0.5,
}
OBJECTIVES: Mapping[str, dict[str, Any]] = types.MappingProxyType(
    {
        "wgan-gp": _COMMON | {"penalty_weight": 3.0, "critic_beta2": 0.9},
        "wgan-clip": _COMMON | {"weight_clip": 0.01, "critic_steps": 5, "critic_beta1": 0.0, "critic_beta2": 0.9},
        "nsgan": _COMMON | {"penalty_weight": 0.3, "critic_beta2": 0.99},
        "lsgan": _COMMON | {"penalty_weight": 1.0, "critic_beta2": 0.99},
        "hinge": _COMMON | {"penalty_weight": 0.3, "critic_beta2": 0.99},
        "relativistic": _COMMON | {"penalty_weight": 1.0, "critic_beta2": 0.99},
    }
)
"""What each adversarial objective takes of the settings that are left to it.

Without a penalty, critics that are trained alone with the generator soon know real rows from made ones by so much that
what the generator learns is worse than what it starts with, so all but one have one. That of the sigmoid, of least
squares and of the hinge, R1 and R2, is no part of their papers; with `penalty_weight` 0 they are as published.
"""
BESIDE_LIKELIHOOD: dict[str, Any] = {"adversarial_weight": 0.05, "adversarial_share": 0.25, "generator_rate": 8e-3}
ALONE: dict[str, Any] = {"adversarial_weight": 1.0, "adversarial_share": 1.0, "generator_rate": 1e-3}
"""Likewise of settings that hang on whether the likelihood teaches the generator, too."""


def left_open(objective: str, likelihood_weight: float) -> dict[str, Any]:
    """The settings that an objective decides on, where they are left to it."""
    return OBJECTIVES[objective] | (BESIDE_LIKELIHOOD if likelihood_weight else ALONE)


class _Rule(NamedTuple):
    """What must not be: the settings that say so, whether it is, and the same in words."""

    settings: tuple[str, ...]
    broken: bool
    said: str


def contradictions(settings: Mapping[str, Any], doubtful: Collection[str] = ()) -> list[str]:
    """Which settings cannot be had together, in words.

    Args:
        settings: all of them, each in its range; None where the objective decides.
        doubtful: settings whose values are only stand-ins: what they contradict is not told.
    """
    open_ones = left_open(settings["objective"], settings["likelihood_weight"])
    used = {name: open_ones.get(name) if value is None else value for name, value in settings.items()}
    rules = (*_rules_of_objectives(used), *_rules_of_remedies(used))
    return [rule.said for rule in rules if rule.broken and not set(rule.settings) & set(doubtful)]


def _rules_of_objectives(used: Mapping[str, Any]) -> tuple[_Rule, ...]:
    objective, penalty = used["objective"], used["penalty_weight"]
    return (
        _Rule(
            ("likelihood_weight", "adversarial_weight", "adversarial_share"),
            not (used["likelihood_weight"] or (used["adversarial_weight"] and used["adversarial_share"])),
            "likelihood_weight 0 leaves nothing to learn from where adversarial_weight or adversarial_share is 0",
        ),
        _Rule(
            ("label_smoothing", "objective"),
            used["label_smoothing"] > 0 and objective not in ("nsgan", "lsgan"),
            f"label_smoothing needs a target for real rows, which {objective} has not; choose nsgan or lsgan",
        ),
        _Rule(
            ("penalty_weight", "objective"),
            objective == "wgan-clip" and penalty > 0,
            "penalty_weight is for objectives without weight clipping; leave it out, or choose wgan-gp",
        ),
        _Rule(
            ("penalty_end", "penalty_weight", "objective"),
            used["penalty_end"] is not None and not penalty,
            "penalty_end needs a penalty_weight above 0",
        ),
        _Rule(
            ("critic_norm", "penalty_weight", "objective"),
            used["critic_norm"] == "batch" and penalty > 0,
            "critic_norm batch cannot be had with a gradient penalty, which needs each row's score to depend on that "
            "row alone; choose layer",
        ),
    )


def _rules_of_remedies(used: Mapping[str, Any]) -> tuple[_Rule, ...]:
    return (
        _Rule(
            ("weight_clip", "spectral_norm", "objective"),
            used["weight_clip"] > 0 and used["spectral_norm"],
            "weight_clip and spectral_norm both bound the critic; choose one",
        ),
        _Rule(
            ("critic_norm", "spectral_norm"),
            used["critic_norm"] != "none" and used["spectral_norm"],
            "spectral_norm bounds the critic, which critic_norm undoes; choose one",
        ),
        _Rule(
            ("minibatch_std", "pac"),
            used["minibatch_std"] > 0 and used["pac"] > 1,
            "minibatch_std and pac both show the critic several rows; choose one",
        ),
        _Rule(("minibatch_std",), used["minibatch_std"] == 1, "minibatch_std must be 0 or at least 2 rows"),
        _Rule(
            ("instance_noise", "instance_noise_share"),
            used["instance_noise"] > 0 and not used["instance_noise_share"],
            "instance_noise needs an instance_noise_share above 0, over which it falls",
        ),
    )
