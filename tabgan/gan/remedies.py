"""What to do about each state that a run can be in, given its settings: in words, and as settings to change.

Settings that are far from what the objective takes of its own go back to that first; then comes the remedy that the
field knows for the state, the mildest that is not in use yet. Settings to change can be had together with those in use.
"""

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from tabgan.gan.config import TrainingConfig
from tabgan.gan.presets import ALONE, BESIDE_LIKELIHOOD, OBJECTIVES, contradictions

LEFT_TO_THE_OBJECTIVE = (
    "generator_rate",
    "critic_rate",
    "critic_beta1",
    "critic_beta2",
    "critic_steps",
    "penalty_weight",
    "penalty_end",
    "weight_clip",
)
"""Settings that another objective decides anew."""


class Change(NamedTuple):
    """One thing to do.

    Attributes:
        advice: in words, as in "lower generator_rate to 0.001".
        settings: the same; None leaves a setting to the objective.
    """

    advice: str
    settings: Mapping[str, Any]


def advise(state: str, config: TrainingConfig) -> Change:
    """What to do about a state; nothing where all is well, or nothing is left to do.

    Args:
        state: as in `gan.monitor.STATES`.
        config: resolved settings of the run.
    """
    changed: dict[str, Any] = {}
    said: list[str] = []
    for change in _ADVICE.get(state, _nothing)(config):
        if _allowed(config, changed | dict(change.settings)):
            changed |= change.settings
            said.append(change.advice)
    return Change("; ".join(said), changed)


def _collapsing(config: TrainingConfig) -> Iterator[Change]:
    yield from _balanced(config, generator_at_most=True, critic_at_most=False)
    if config.likelihood_weight:
        yield _to(config, "adversarial_weight", (config.adversarial_weight or 0.0) / 4, "lower")
    elif config.pac == 1 and not config.minibatch_std:
        yield Change("let the critic judge 4 rows together (pac 4), so that it sees that they are alike", {"pac": 4})
    elif config.objective != "wgan-gp":
        yield _objective(config, "wgan-gp")
    else:
        yield _likelihood()


def _diverged(config: TrainingConfig) -> Iterator[Change]:
    unbounded = config.objective == "wgan-gp" and not config.penalty_weight and not config.spectral_norm
    if unbounded:
        yield Change("give penalty_weight back to the objective: nothing bounds the critic", {"penalty_weight": None})
    for name in ("generator_rate", "critic_rate"):
        now, own = getattr(config, name) or 0.0, _own(config, name)
        target = own if unbounded else min(now / 3, own)
        if now > target:
            yield _to(config, name, target, "lower")
    if not config.critic_clip and not unbounded:
        yield Change("set critic_clip to 1", {"critic_clip": 1.0})
    if not config.generator_clip or config.generator_clip > 1:
        yield Change("set generator_clip to 1", {"generator_clip": 1.0})


def _critic_too_strong(config: TrainingConfig) -> Iterator[Change]:
    yield from _balanced(config, generator_at_most=False, critic_at_most=True)
    if config.freeze_above == 1:
        yield Change("let the critic rest while it is far ahead (freeze_above 0.8)", {"freeze_above": 0.8})
    elif not config.instance_noise:
        yield Change("blur what the critic sees (instance_noise 0.2)", {"instance_noise": 0.2})
    else:
        yield _to(config, "critic_rate", (config.critic_rate or 0.0) / 3, "lower")


def _vanishing_gradient(config: TrainingConfig) -> Iterator[Change]:
    if config.objective != "wgan-gp":
        yield _objective(config, "wgan-gp")
        return
    yield from _balanced(config, generator_at_most=False, critic_at_most=False)
    if config.penalty_weight != _own(config, "penalty_weight"):
        yield Change("give penalty_weight back to the objective", {"penalty_weight": None})
    if config.spectral_norm:
        yield Change("leave out spectral_norm beside the gradient penalty", {"spectral_norm": False})
    if not config.instance_noise:
        yield Change("blur what the critic sees (instance_noise 0.2)", {"instance_noise": 0.2})


def _oscillating(config: TrainingConfig) -> Iterator[Change]:
    for name in ("generator_rate", "critic_rate"):
        yield _to(config, name, min((getattr(config, name) or 0.0) / 3, _own(config, name)), "lower")
    if config.generator_beta1 and not config.likelihood_weight:
        yield Change("leave out momentum (generator_beta1 0)", {"generator_beta1": 0.0})
    penalty = _own(config, "penalty_weight")
    if (config.penalty_weight or 0.0) < penalty:
        yield Change("give penalty_weight back to the objective", {"penalty_weight": None})
    if config.averaging < 0.99:
        yield Change("average over more steps (averaging 0.99)", {"averaging": 0.99})


def _memorising(config: TrainingConfig) -> Iterator[Change]:
    if config.weight_decay < 25:
        yield _to(config, "weight_decay", max(4 * config.weight_decay, 1.0), "raise")
    if config.patience > 0.05:
        yield _to(config, "patience", 0.05, "lower")
    for name in ("generator_width", "stage_width"):
        if getattr(config, name) >= 32:
            yield _to(config, name, getattr(config, name) // 2, "lower")
    if not config.generator_dropout:
        yield Change("leave out units at random (generator_dropout 0.2)", {"generator_dropout": 0.2})


def _nothing(config: TrainingConfig) -> Iterator[Change]:
    yield from ()


_ADVICE: Mapping[str, Callable[[TrainingConfig], Iterator[Change]]] = types.MappingProxyType(
    {
        "collapsing": _collapsing,
        "diverged": _diverged,
        "critic too strong": _critic_too_strong,
        "vanishing gradient": _vanishing_gradient,
        "oscillating": _oscillating,
        "memorising": _memorising,
    }
)


def _balanced(config: TrainingConfig, *, generator_at_most: bool, critic_at_most: bool) -> Iterator[Change]:
    """Back to the objective's own rates and rounds, where one network has more, or less, than it should."""
    for name, at_most in (
        ("generator_rate", generator_at_most),
        ("critic_rate", critic_at_most),
        ("critic_steps", critic_at_most),
    ):
        own, now = _own(config, name), getattr(config, name) or 0
        if now > own if at_most else now < own:
            yield Change(f"{'lower' if at_most else 'raise'} {name} to {own:g}", {name: None})


def _own(config: TrainingConfig, name: str) -> float:
    """What the objective takes for a setting that is left to it."""
    beside = BESIDE_LIKELIHOOD if config.likelihood_weight else ALONE
    return float((OBJECTIVES[config.objective] | beside)[name])


def _to(config: TrainingConfig, name: str, value: float, verb: str) -> Change:
    return Change(f"{verb} {name} from {getattr(config, name):g} to {value:.3g}", {name: _rounded(value)})


def _rounded(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.3g}")


def _objective(config: TrainingConfig, name: str) -> Change:
    settings: dict[str, Any] = {"objective": name} | dict.fromkeys(LEFT_TO_THE_OBJECTIVE)
    if config.label_smoothing:
        settings["label_smoothing"] = 0.0
    if config.critic_norm == "batch":
        settings["critic_norm"] = "layer"
    return Change(f"choose the objective {name} with settings of its own", settings)


def _likelihood() -> Change:
    settings = {"likelihood_weight": 1.0, "adversarial_weight": None, "adversarial_share": None, "generator_rate": None}
    return Change("let the likelihood teach, too (likelihood_weight 1): it cannot collapse", settings)


def _allowed(config: TrainingConfig, settings: Mapping[str, Any]) -> bool:
    """Whether settings can be had together with those in use."""
    return not contradictions(asdict(config) | dict(settings))
