"""What a run of training tells of itself: how its losses went, how it ended, and rows that it drew on the way.

Plain data and words; nothing here trains or measures anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tabgan.gan.generator import Generator

EndedBy = Literal["steps", "time", "patience", "callback", "keyboard"]

_REASONS: dict[str, str] = {
    "steps": "all that were planned",
    "time": "the time limit was reached",
    "patience": "rows held out became more surprising",
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
        critic_loss: minus the critic's estimate of the Wasserstein distance, near 0 when it cannot tell; None until it
            joins in.
        penalty: the gradient penalty, unweighted; None until then.
        real_score: what the critic gave real rows; None until then. Only the distance to `made_score` has a meaning.
        made_score: what it gave rows that the generator drew; None until then.
        held_out_shape: how far rows drawn by the moving average lie from the rows held out, in [0, 1] (see
            `Probe.shape`); None if none are held out, and at most reports, since it is measured at every fifth.
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


Callback = Callable[[TrainingStats], object]
"""Called at each report; returning True ends training in order."""


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
        ended_by: the last step, the time limit, rows held out that became more surprising (patience), the callback or
            the keyboard.
        kept_step: the step whose averaged weights are in `generator`: the last one, but after patience ended the run
            the one where the rows held out surprised least.
        shape_floor: the `held_out_shape` of a generator that knew the rows it learnt from exactly; None if no rows are
            held out.
        snapshots: in the order of their steps; one is of `kept_step`.
    """

    generator: Generator
    history: tuple[TrainingStats, ...]
    ended_by: EndedBy
    kept_step: int
    shape_floor: float | None = None
    snapshots: tuple[CodeSnapshot, ...] = ()

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
    if history:
        done = history[-1].step if ended_by == "patience" or kept_step is None else kept_step
        of = "" if ended_by == "time" else f" of {history[-1].steps:,}"
        said = f"ended after {done:,}{of} steps"
    if ended_by in _REASONS:
        said += f": {_REASONS[ended_by]}"
    return said if kept_step is None else f"{said}; the weights of step {kept_step:,} are kept"
