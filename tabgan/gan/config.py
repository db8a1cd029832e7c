"""The settings of training: the only home of their defaults, ranges and explanations."""

import difflib
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self, get_type_hints

from tabgan.errors import ConfigError, listing


def _setting(default: Any, help: str, *, low: float | None = None, high: float | None = None) -> Any:
    """A field with its explanation and its allowed range, both ends included."""
    return field(default=default, metadata={"help": help, "low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """How the networks are built and taught.

    The defaults suit tables of a few columns to a few hundred, on a CPU. Every field can be set from Python, from a
    TOML file and from the command line; each carries its explanation and range as metadata.

    Raises:
        ConfigError: if any field has a wrong type or lies outside its range; it names all of them at once.
    """

    steps: int = _setting(2_500, "generator steps; more is better and slower", low=1, high=10_000_000)
    batch_size: int = _setting(256, "rows drawn for each step", low=2, high=1_000_000)
    noise_width: int = _setting(128, "width of the noise vector", low=1, high=65_536)
    generator_width: int = _setting(256, "width of the generator's layers", low=1, high=65_536)
    generator_blocks: int = _setting(2, "residual blocks of the generator", low=0, high=64)
    stages: int = _setting(8, "stages in which a row is made; each sees the cells of those before", low=1, high=1_000)
    stage_width: int = _setting(128, "width of each stage's own layer", low=1, high=65_536)
    critic_width: int = _setting(256, "width of the critic's layers", low=1, high=65_536)
    critic_blocks: int = _setting(1, "residual blocks of the critic", low=0, high=64)
    generator_rate: float = _setting(2e-3, "Adam learning rate of the generator", low=0.0, high=1.0)
    critic_rate: float = _setting(1e-3, "Adam learning rate of the critic", low=0.0, high=1.0)
    critic_steps: int = _setting(2, "critic steps before each generator step", low=1, high=100)
    penalty_weight: float = _setting(3.0, "weight of the gradient penalty (WGAN-GP)", low=0.0, high=1e6)
    adversarial_weight: float = _setting(
        8.0, "weight of the critic's verdict in the generator's loss", low=0.0, high=1e6
    )
    moment_weight: float = _setting(4.0, "weight of the pairwise moments in the generator's loss", low=0.0, high=1e6)
    hats: int = _setting(10, "knots of the piecewise-linear basis of a continuous column", low=2, high=1_000)
    temperature: float = _setting(0.4, "Gumbel-softmax temperature of the gradient", low=1e-3, high=100.0)
    pac: int = _setting(1, "rows that the critic judges together (PacGAN)", low=1, high=64)
    averaging: float = _setting(0.995, "decay of the generator's moving average", low=0.0, high=0.999999)
    condition_share: float = _setting(0.3, "share of training rows with some cells given", low=0.0, high=1.0)
    balance: float = _setting(
        0.0,
        "share of the conditional rows drawn with rare categories balanced (training by sampling)",
        low=0.0,
        high=1.0,
    )
    calibrate: bool = _setting(True, "match the margins after training")

    def __post_init__(self) -> None:
        problems = [problem for name, value in asdict(self).items() if (problem := _problem(name, value))]
        if problems:
            raise ConfigError(listing("training settings", problems))

    @classmethod
    def from_mapping(cls, settings: Mapping[str, object]) -> Self:
        """The configuration with these fields changed from their defaults.

        Raises:
            ConfigError: naming every unknown field (with the nearest known one) and every wrong value.
        """
        if not isinstance(settings, Mapping):
            raise ConfigError(f"training settings must map names to values, got {settings!r}")
        known = [item.name for item in fields(cls)]
        problems = [f"{name!r} is not a setting{_suggestion(name, known)}" for name in settings if name not in known]
        problems += [p for name, value in settings.items() if name in known and (p := _problem(name, value))]
        if problems:
            raise ConfigError(listing("training settings", problems))
        return cls(**settings)  # type: ignore[arg-type]  # every value was checked against its field just above

    def to_dict(self) -> dict[str, Any]:
        """All settings as plain values, fit for JSON and TOML."""
        return asdict(self)


def _suggestion(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(str(name), known, n=1)
    return f", did you mean {near[0]!r}?" if near else f"; known settings are {', '.join(known)}"


def _problem(name: str, value: object) -> str | None:
    """What is wrong with one value, or None."""
    kind = get_type_hints(TrainingConfig)[name]
    accepted: types.UnionType | type = int | float if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        return f"{name} must be {'a number' if kind is float else f'of type {kind.__name__}'}, got {value!r}"
    limits = TrainingConfig.__dataclass_fields__[name].metadata
    low, high = limits["low"], limits["high"]
    if low is not None and not low <= value <= high:
        return f"{name} must lie between {low:,} and {high:,}, got {value!r}"
    return None
