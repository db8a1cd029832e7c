"""What a run of training tells of itself: how its losses went, how it ended, and rows that it drew on the way.

Plain data and words; nothing here trains or measures anything.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tabgan.gan.generator import Generator
from tabgan.gan.yardstick import Floors

EndedBy = Literal["steps", "time", "patience", "stagnation", "callback", "keyboard"]

_REASONS: dict[str, str] = {
    "steps": "all that were planned",
    "time": "the time limit was reached",
    "patience": "rows held out became more surprising",
    "stagnation": "generated rows came no nearer to rows held out",
    "callback": "a callback ended it",
    "keyboard": "it was interrupted",
}


@dataclass(frozen=True)
class TrainingStats:
    """Where a run stands; losses and scores are means since the last report.

    Attributes:
        step: generator steps done.
        steps: generator steps planned.
        elapsed_s: seconds since training began.
        remaining_s: seconds left at the pace so far.
        surprise: of the batches to the generator: minus the log likelihood of a row, in nats.
        held_out: the same of rows held out, to the moving average; None if none are.
        critic_loss: of the objective, without the penalty; with the default one minus the critic's estimate of the
            Wasserstein distance, near 0 when it cannot tell. None until the critic joins in.
        penalty: the gradient penalty, unweighted; None until then.
        real_score: what the critic gave real rows; None until then. A probability where the objective has a sigmoid;
            else only the distance to `made_score` has a meaning.
        made_score: what it gave rows that the generator drew; None until then.
        held_out_shape: how far the columns of rows drawn by the moving average lie from those of the rows held out, in
            [0, 1] (see `gan.yardstick`); None if no rows are held out, and like all others up to `nearest` at most
            reports, since it is measured at every fifth.
        held_out_trend: the same of pairs of columns.
        detection: area under the ROC curve of a classifier of drawn rows and rows held out; 0.5 is best.
        distinct: of the drawn rows, how many are different, over the same of the rows held out; 1 is best.
        coverage: share of the rows held out that have a drawn row in their neighbourhood (Naeem et al. 2020).
        entropy: of the single codes of drawn rows, over that of the rows held out; 1 is best.
        nearest: share of the drawn rows that lie nearer to rows learnt than to as many rows held out; 0.5 is best.
        held_out_score: what the critic gives rows held out; None without a critic.
        accuracy: the chance that the critic gives a real row a higher score than a drawn one; 0.5 at equilibrium. Like
            the next two None where there is no critic, or nothing of the kind.
        generator_gradient: norm of the generator's gradient from the critic, before clipping.
        critic_gradient: norm of the critic's gradient, before clipping.
        rate: share of the configured learning rates that is used now.
        state: what the monitor makes of all this, see `gan.monitor`.
        evidence: the figures that say so, in words.
        advice: what to do about it, in words; None or empty where all is well.
        rolled_back: why the run went back to its last good state since the last report, and to which step, in words;
            None where it did not.
    """

    step: int
    steps: int
    elapsed_s: float
    remaining_s: float
    surprise: float
    held_out: float | None
    critic_loss: float | None
    penalty: float | None
    real_score: float | None = None
    made_score: float | None = None
    held_out_shape: float | None = None
    held_out_trend: float | None = None
    detection: float | None = None
    distinct: float | None = None
    coverage: float | None = None
    entropy: float | None = None
    nearest: float | None = None
    held_out_score: float | None = None
    accuracy: float | None = None
    generator_gradient: float | None = None
    critic_gradient: float | None = None
    rate: float | None = None
    state: str | None = None
    evidence: str | None = None
    advice: str | None = None
    rolled_back: str | None = None

    def without_infinities(self) -> "TrainingStats":
        """The same with None for figures that are no finite numbers, for which JSON and charts have no place.

        The surprise stays as it is: a run goes back before it reports one that is no number.
        """
        figures = {name: value for name, value in asdict(self).items() if isinstance(value, float)}
        wrong: list[str] = [name for name, value in figures.items() if not math.isfinite(value) and name != "surprise"]
        nothing: dict[str, Any] = dict.fromkeys(wrong)
        return replace(self, **nothing)


Callback = Callable[[TrainingStats], object]
"""Called at each report; returning True ends training in order."""


@dataclass(frozen=True)
class Event:
    """Something to know about a run: it has come to another state, or was rolled back.

    Attributes:
        step: generator steps done.
        state: the state that it came to, or "recovered" after a roll-back.
        evidence: the figures that say so, in words.
        advice: what to do about it, in words; empty where all is well.
        settings: the same as settings to change.
    """

    step: int
    state: str
    evidence: str
    advice: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class CodeSnapshot:
    """Rows that the moving average drew at one step.

    Attributes:
        step: generator steps done.
        codes: shape (n, k), in the order and the type of the layout; row i has the same noise in every snapshot.
    """

    step: int
    codes: NDArray[np.unsignedinteger]


@dataclass(frozen=True)
class TrainingResult:
    """What a run leaves behind.

    Attributes:
        generator: with averaged weights.
        history: what was reported.
        ended_by: the last step, the time limit, rows held out that became more surprising (patience), rows that came no
            nearer to them (stagnation), the callback or the keyboard.
        kept_step: the step whose averaged weights are in `generator`: the latest at which generated rows lay about as
            near to rows held out as at best (see `gan.watching`), and after patience ended the run the one where these
            surprised least.
        shape_floor: the `held_out_shape` of a generator that knew the rows it learnt from exactly; None if no rows are
            held out.
        snapshots: in the order of their steps; one is of `kept_step`.
        events: what there is to know, in the order of their steps.
        floors: what real rows get in the place of generated ones for each figure; nothing if no rows are held out.
        held_out: which rows of the table were held out, ascending; there may be none.
    """

    generator: Generator
    history: tuple[TrainingStats, ...]
    ended_by: EndedBy
    kept_step: int
    shape_floor: float | None = None
    snapshots: tuple[CodeSnapshot, ...] = ()
    events: tuple[Event, ...] = ()
    floors: Floors = field(default_factory=dict)
    held_out: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def interrupted(self) -> bool:
        """Whether the callback or the keyboard ended the run before its end."""
        return self.ended_by in ("callback", "keyboard")


def ending(history: Sequence[TrainingStats], ended_by: str | None, kept_step: int | None) -> str:
    """How a run ended and which weights are kept, in words.

    Args:
        history: what was reported.
        ended_by: as in `TrainingResult`; None where it is not known.
        kept_step: likewise.

    Example:
        >>> ending([], "keyboard", 12)
        'ended before its first report: it was interrupted; the weights of step 12 are kept'
    """
    said = "ended before its first report"
    last = max(history[-1].step, kept_step or 0) if history else kept_step
    if history:
        of = "" if ended_by == "time" else f" of {history[-1].steps:,}"
        said = f"ended after {last:,}{of} steps"
    if ended_by in _REASONS:
        said += f": {_REASONS[ended_by]}"
    if kept_step is None:
        return said
    return f"{said}; the weights of step {kept_step:,} are kept{_why_kept(ended_by) if kept_step != last else ''}"


def _why_kept(ended_by: str | None) -> str:
    """What speaks for weights that are not the last ones."""
    if ended_by == "patience":
        return ", to which these surprised least"
    return ", the latest whose rows lay about as near to rows held out as at best"
