"""Which settings a search may change, and within what limits.

The limits of `DEFAULT` lie about the defaults as far as experience with tables of a few columns to a few hundred goes.
Settings that say what a model is compared by, or how long it may take, are never searched. Nothing here searches.
"""

import math
import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from tabgan.errors import ConfigError, listing
from tabgan.gan.config import TrainingConfig
from tabgan.gan.settings import kind_of, problems

NEVER = ("holdout", "max_minutes", "text_minutes")
_DIGITS = 4
_OF_THE_CRITIC = ("adversarial_weight", "critic_rate", "critic_steps", "critic_width", "penalty_weight")


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; `log` if factors matter and not differences, `whole` if whole."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def including(self, value: float) -> "Range":
        """The range made wider so that it holds `value`."""
        return Range(min(self.low, value), max(self.high, value), self.log and value > 0, self.whole)

    def ends(self) -> tuple[float, float]:
        """Its least and its greatest number."""
        return self.low, self.high

    def rounded(self, value: float) -> float:
        """The value with as many digits as matter, and still in the range."""
        return int(value) if self.whole else min(max(float(f"{value:.{_DIGITS}g}"), self.low), self.high)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"low": self.low, "high": self.high, "log": self.log}


@dataclass(frozen=True)
class OneOf:
    """One of several values, each once."""

    values: tuple[Any, ...]

    def including(self, value: object) -> "OneOf":
        """The same with `value` among them."""
        return self if value in self.values else OneOf((*self.values, value))

    def ends(self) -> tuple[Any, ...]:
        """All values."""
        return self.values

    def rounded(self, value: Any) -> Any:
        """The value as it is."""
        return value

    def to_json(self) -> list[Any]:
        """Plain JSON values."""
        return list(self.values)


Limits: TypeAlias = Range | OneOf
SearchSpace: TypeAlias = Mapping[str, Limits]

DEFAULT: SearchSpace = types.MappingProxyType(
    {
        "epochs": Range(8.0, 40.0, log=True),
        "batch_size": OneOf((256, 512, 1_024, 2_048)),
        "generator_rate": Range(2e-3, 2e-2, log=True),
        "generator_width": OneOf((64, 128, 192, 256)),
        "stage_width": OneOf((32, 64, 96, 128)),
        "weight_decay": Range(0.1, 3.0, log=True),
        "generator_dropout": Range(0.0, 0.3),
        "averaging": OneOf((0.98, 0.99, 0.995, 0.998)),
        "adversarial_share": Range(0.0, 0.5),
        "adversarial_weight": Range(0.01, 0.3, log=True),
        "critic_rate": Range(2e-4, 5e-3, log=True),
        "critic_steps": Range(1, 4, whole=True),
        "penalty_weight": Range(0.5, 10.0, log=True),
    }
)
"""What is searched where the user says nothing."""


def space_for(
    base: TrainingConfig,
    wanted: SearchSpace | None = None,
    *,
    only: Collection[str] = (),
    fixed: Collection[str] = (),
) -> SearchSpace:
    """The settings to search around `base`, each with limits that hold its value there.

    Of the default space, settings are left out that `base` gives no part to play or that contradict it; what the user
    wants is never left out.

    Args:
        base: the settings that the search begins with.
        wanted: what to search and within what limits; None takes `DEFAULT`.
        only: of these settings alone; empty for all.
        fixed: settings that stay as they are in `base`.

    Raises:
        ConfigError: naming all that is wrong: settings that are unknown or never searched, limits outside of a
            setting's range, and whether nothing is left.
    """
    chosen = dict(DEFAULT if wanted is None else wanted)
    named = {*chosen, *only, *fixed}
    known = {item.name for item in fields(TrainingConfig)}
    wrong = [f"{name!r} is not a setting" for name in sorted(named - known)]
    wrong += [f"{name} is never searched; give it to all trials instead" for name in NEVER if name in {*chosen, *only}]
    wrong += [f"{name} has no limits; say between what to search" for name in sorted((set(only) & known) - {*chosen})]
    for name in sorted(set(chosen) & known):
        wrong += [said for end in chosen[name].ends() for said in problems(TrainingConfig, {name: end})]
    if wrong:
        raise ConfigError(listing("settings to search", list(dict.fromkeys(wrong))))
    chosen = {name: own for name, own in chosen.items() if name not in fixed and (not only or name in only)}
    if wanted is None:
        chosen = {name: own for name, own in chosen.items() if only or _matters(base, name, chosen)}
    resolved = base.resolved()
    space: dict[str, Limits] = {}
    for name, own in chosen.items():
        value = getattr(resolved, name)
        space[name] = own if value is None else own.including(value)
    if not space:
        raise ConfigError("expected settings to search, got none: all are fixed, or of no account beside the others")
    return types.MappingProxyType(space)


def limits_of(name: str, written: object) -> Limits:
    """Limits as they stand in TOML: a list of values, or a table of `low` and `high`, perhaps with `log = true`.

    Raises:
        ConfigError: if it is neither.
    """
    if isinstance(written, list) and written:
        return OneOf(tuple(dict.fromkeys(written)))
    if isinstance(written, Mapping) and {"low", "high"} <= set(written) <= {"low", "high", "log"}:
        low, high, log = written["low"], written["high"], written.get("log", False)
        if _is_number(low) and _is_number(high) and isinstance(log, bool) and low < high and (low > 0 or not log):
            known = {item.name for item in fields(TrainingConfig)}
            return Range(low, high, log, whole=name in known and kind_of(TrainingConfig, name).type is int)
    raise ConfigError(
        f"expected limits of {name} such as [1, 2, 4] or {{low = 0.001, high = 0.02, log = true}} with low below "
        f"high and, with log, above 0, got {written!r}"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def start_of(base: TrainingConfig, space: SearchSpace) -> dict[str, Any]:
    """The values of `base` for the settings of a space; those that are None where something else decides."""
    resolved = base.resolved()
    return {name: getattr(resolved, name) for name in space}


def _matters(base: TrainingConfig, name: str, chosen: SearchSpace) -> bool:
    """Whether changing a setting of `base` alone changes anything, and never makes a contradiction."""
    resolved = base.resolved()
    if name == "epochs" and base.steps:
        return False
    without_critic = not resolved.adversarial_share and "adversarial_share" not in chosen
    if name in _OF_THE_CRITIC and (without_critic or resolved.adversarial_weight == 0):
        return False
    try:
        for end in chosen[name].ends():
            TrainingConfig.from_mapping(base.to_dict() | {name: end})
    except ConfigError:
        return False
    return True
