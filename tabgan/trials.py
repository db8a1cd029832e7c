"""What a search for settings tried, what came of it, and whether that is a gain. Plain data; nothing here searches."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tabgan.errors import TrainingError
from tabgan.gan.comparing import Comparison
from tabgan.gan.config import TrainingConfig

_CLEAR = 2.0
"""How many standard deviations of the differences make a gain."""


@dataclass(frozen=True)
class Trial:
    """One trial of a search.

    Attributes:
        number: from 0 on; the first has the settings that the search begins with.
        settings: those that were searched.
        figures: of its generator on rows held out; None if it was pruned.
        pruned: why it was, in words; None if it came to its end.
        elapsed_s: seconds that it took.
    """

    number: int
    settings: Mapping[str, Any]
    figures: Comparison | None
    pruned: str | None
    elapsed_s: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Trial":
        """The inverse of `dataclasses.asdict`."""
        figures = data["figures"]
        return cls(**{**data, "figures": None if figures is None else Comparison(**figures)})

    @property
    def distance(self) -> float:
        """That of its figures; infinity without any."""
        return math.inf if self.figures is None else self.figures.distance


@dataclass(frozen=True)
class Refit:
    """The first and the best settings, fitted again with one fresh seed and compared on rows of its own.

    Attributes:
        seed: of both.
        first: figures of the settings that the search began with.
        best: of the best ones.
        error: standard error of each distance by the chance of what was drawn.
    """

    seed: int
    first: Comparison
    best: Comparison
    error: float

    @property
    def gain(self) -> float:
        """By how much the best settings come nearer."""
        return self.first.distance - self.best.distance


@dataclass(frozen=True)
class TuningResult:
    """What a search found.

    Attributes:
        trials: in order, those of earlier sessions too.
        config: the best settings, whole.
        base: the settings that the search began with.
        refits: the proof; empty where there was no need, or no time left.
        importance: the share of the differences that each setting accounts for; empty with few trials.
        ended_by: "trials", "time", "callback" or "keyboard".
        seed: of the search.
        n_rows: of the table.
    """

    trials: tuple[Trial, ...]
    config: TrainingConfig
    base: TrainingConfig
    refits: tuple[Refit, ...]
    importance: Mapping[str, float] = field(default_factory=dict)
    ended_by: str = "trials"
    seed: int = 0
    n_rows: int = 0

    @property
    def best(self) -> Trial:
        """The trial with the least distance, the first of equals."""
        return best_of(self.trials)

    @property
    def verdict(self) -> Literal["defaults", "gain", "luck", "unproved"]:
        """Whether the search gained anything.

        "defaults" if no trial beat the first; "unproved" without refits; "gain" if the best settings came nearer in all
        refits, and on average by more than twice the standard deviation of the differences and twice the error that
        the rows drawn leave (with two refits, chance alone does the former once in nine times); else "luck".
        """
        if self.best.number == 0:
            return "defaults"
        if len(self.refits) < 2:
            return "unproved"
        gains = [refit.gain for refit in self.refits]
        drawn = math.sqrt(2 * sum(refit.error**2 for refit in self.refits)) / len(gains)
        clear = min(gains) > 0 and float(np.mean(gains)) > _CLEAR * max(float(np.std(gains, ddof=1)), drawn)
        return "gain" if clear else "luck"


def best_of(trials: Collection[Trial]) -> Trial:
    """The trial with the least distance, the first of equals.

    Raises:
        TrainingError: if none came to its end.
    """
    found = min(trials, key=lambda trial: trial.distance, default=None)
    if found is None or found.figures is None:
        reasons = "; ".join(f"trial {trial.number}: {trial.pruned}" for trial in list(trials)[:5])
        raise TrainingError(f"no trial came to its end; give the search more time{': ' if reasons else ''}{reasons}")
    return found
