"""Says what is happening in a run: pure functions from what was reported so far to a named state.

A state comes with the figures that say so, and with what to do about it. It rests on several reports or on a look at
generated rows, never on one loss; where no rows are held out, only what losses and the critic show can be told.
"""

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tabgan.gan import symptoms
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import Event
from tabgan.gan.remedies import advise
from tabgan.gan.symptoms import History
from tabgan.gan.yardstick import Floors

Symptom = Callable[[History, TrainingConfig, Floors, bool], str | None]
SYMPTOMS: Mapping[str, Symptom] = types.MappingProxyType(
    {
        "diverged": symptoms.diverged,
        "oscillating": symptoms.oscillating,
        "collapsing": symptoms.collapsing,
        "vanishing gradient": symptoms.vanishing_gradient,
        "critic too strong": symptoms.critic_too_strong,
        "memorising": symptoms.memorising,
        "converged": symptoms.converged,
    }
)
"""What shows that a run is in a state; the first that does counts, the worst comes first."""
HEALTHY = ("learning", "converged")
STATES = (*SYMPTOMS, "learning")


@dataclass(frozen=True)
class Diagnosis:
    """What is happening, why one thinks so, and what to do about it.

    Attributes:
        state: one of `STATES`.
        evidence: the figures that say so, in words.
        advice: what to do, in words; empty where all is well.
        settings: the same as fields of `TrainingConfig` to change; None leaves one to the objective.
    """

    state: str
    evidence: str
    advice: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def at(self, step: int) -> Event:
        """This as something that happened at a step."""
        return Event(step, self.state, self.evidence, self.advice, self.settings)


def diagnose(history: History, config: TrainingConfig, floors: Floors) -> Diagnosis:
    """The state of a run.

    Args:
        history: what was reported so far, at least once; the states of earlier reports count, too.
        config: the settings of the run, resolved.
        floors: what real rows get in the place of generated ones; empty if no rows are held out.
    """
    before = history[-2].state if len(history) > 1 else None
    for state, symptom in SYMPTOMS.items():
        evidence = symptom(history, config, floors, state == before)
        if evidence is not None:
            advice, settings = advise(state, config)
            return Diagnosis(state, evidence, advice, settings)
    return Diagnosis("learning", _progress(history, floors))


def _progress(history: History, floors: Floors) -> str:
    """Where a run stands that learns."""
    known = [away for stats in history if (away := symptoms.away_from(stats, floors)) is not None]
    if known:
        return f"generated rows lie {known[-1]:.2f} times as far from rows held out as real rows do"
    surprise = history[-1].surprise if history[-1].held_out is None else history[-1].held_out
    rows = "rows learnt" if history[-1].held_out is None else "rows held out"
    return f"the surprise of {rows} is {surprise:.4g} nats" if math.isfinite(surprise) else "nothing is known yet"
