"""The settings of training: the only home of their defaults, ranges and explanations."""

import difflib
import math
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self, get_type_hints

from tabgan.errors import ConfigError, listing

MIN_STEPS, MAX_STEPS = 300, 2_000
"""Fewer steps leave margins unlearnt; the millions of rows of a large table are known well before an epoch ends."""
MAX_DECAY = 100.0
MANY_ROWS = 15_000
"""With fewer rows weights decay more, by the root of how few: otherwise a small table is learnt by heart."""
ROWS_PER_BATCH, MIN_BATCH = 16, 16
"""A batch is at most one in so many rows, so that a small table is not seen whole in every step."""


EFFORTS: Mapping[str, Mapping[str, Any]] = types.MappingProxyType(
    {
        "quick": {"steps": 150, "batch_size": 512, "adversarial_share": 0.0, "text_minutes": 0.25},
        "balanced": {},
        "best": {"epochs": 40.0, "generator_width": 192, "stage_width": 96},
    }
)
"""The settings of each preset that differ from the defaults."""


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

    epochs: float = _setting(15.0, "passes over the table, where no steps are given", low=0.01, high=1e6)
    steps: int = _setting(0, "generator steps; 0 for as many as the epochs take, 300 to 2,000", low=0, high=10_000_000)
    max_minutes: float = _setting(0.0, "end training in this time, in order; 0 for no limit", low=0.0, high=1e6)
    text_minutes: float = _setting(0.0, "learn free text for no longer; 0 for no limit", low=0.0, high=1e6)
    batch_size: int = _setting(1_024, "rows drawn for each step; of small tables fewer", low=2, high=1_000_000)
    generator_width: int = _setting(128, "width of the generator's shared layer", low=1, high=65_536)
    stages: int = _setting(64, "at most so many stages in which a row is made", low=1, high=10_000)
    stage_width: int = _setting(64, "width of each stage's own layer", low=1, high=65_536)
    generator_rate: float = _setting(8e-3, "Adam learning rate of the generator", low=0.0, high=1.0)
    weight_decay: float = _setting(
        0.5, "decay of the generator's weights (AdamW); of small tables more", low=0.0, high=MAX_DECAY
    )
    adversarial_weight: float = _setting(0.05, "weight of the critic's verdict in the loss", low=0.0, high=1e6)
    adversarial_share: float = _setting(0.25, "share of the steps, the last ones, with a critic", low=0.0, high=1.0)
    critic_width: int = _setting(256, "width of the critic's layers", low=1, high=65_536)
    critic_blocks: int = _setting(1, "residual blocks of the critic", low=0, high=64)
    critic_rate: float = _setting(1e-3, "Adam learning rate of the critic", low=0.0, high=1.0)
    critic_steps: int = _setting(2, "critic steps before each generator step", low=1, high=100)
    penalty_weight: float = _setting(3.0, "weight of the gradient penalty (WGAN-GP)", low=0.0, high=1e6)
    temperature: float = _setting(1.0, "of the gradient through drawn categories", low=1e-3, high=100.0)
    pac: int = _setting(1, "rows that the critic judges together (PacGAN)", low=1, high=64)
    averaging: float = _setting(0.99, "decay of the generator's moving average", low=0.0, high=0.999999)
    condition_share: float = _setting(0.3, "share of the batches with some cells given", low=0.0, high=1.0)
    balance: float = _setting(
        0.0,
        "share of those batches drawn with rare categories balanced (training by sampling)",
        low=0.0,
        high=1.0,
    )
    holdout: float = _setting(0.05, "share of the rows that training is watched on", low=0.0, high=0.5)
    patience: float = _setting(0.1, "rise of the surprise of those rows that ends training", low=0.0, high=100.0)

    def __post_init__(self) -> None:
        problems = [problem for name, value in asdict(self).items() if (problem := _problem(name, value))]
        if problems:
            raise ConfigError(listing("training settings", problems))

    @classmethod
    def for_effort(cls, effort: str, settings: Mapping[str, object] | None = None) -> Self:
        """A preset, "quick" for a first look, "balanced" or "best", with these fields changed.

        Raises:
            ConfigError: if there is no such preset, or as `from_mapping` does.
        """
        if effort not in EFFORTS:
            raise ConfigError(f"effort must be one of {', '.join(EFFORTS)}, got {effort!r}")
        preset, settings = dict(EFFORTS[effort]), settings or {}
        if "epochs" in settings:  # they would be of no account beside the steps of a preset
            preset.pop("steps", None)
        return cls.from_mapping(preset | dict(settings))

    def for_table(self, n_rows: int) -> Self:
        """The same settings with the steps, batch size and weight decay for a table of `n_rows` rows."""
        batch_size = min(self.batch_size, max(n_rows // ROWS_PER_BATCH, MIN_BATCH))
        epochs_take = round(self.epochs * n_rows / batch_size)
        return replace(
            self,
            steps=self.steps or min(max(epochs_take, MIN_STEPS), MAX_STEPS),
            batch_size=batch_size,
            weight_decay=min(self.weight_decay * max(math.sqrt(MANY_ROWS / max(n_rows, 1)), 1.0), MAX_DECAY),
        )

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
