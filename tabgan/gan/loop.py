"""What a loop of training keeps between its steps: how far it is, and what it has gathered for its next report."""

import math
import time
from dataclasses import dataclass, field, fields

import torch
from torch import Tensor

from tabgan.gan.run_state import RunState, to_array, to_tensor

_ROUNDING = 1e-9


class Clock:
    """How far a run is, by its work or by its time, whichever is further; and when it is to report.

    The time of a run that goes on from a state counts from where that one stood.

    Args:
        work: what there is to do: steps, or tokens to see.
        limit_s: end in this time; 0 for no limit.
        reports: how many times to report, as evenly as the steps allow.

    Attributes:
        progress: from 0 to 1.
        elapsed_s: seconds that the run has taken.

    Example:
        >>> clock = Clock(10, 0.0, 5)
        >>> clock.tick(1), clock.tick(3), clock.progress
        (False, True, 0.3)
        >>> clock.report()
        >>> clock.tick(3)
        False
    """

    def __init__(self, work: int, limit_s: float, reports: int) -> None:
        self._work, self._limit_s, self._reports = work, limit_s or math.inf, reports
        self._reported = 0
        self.progress = self.elapsed_s = 0.0
        self.start()

    def start(self) -> None:
        """Time counts from here on."""
        self._started = time.perf_counter() - self.elapsed_s

    def tick(self, done: int) -> bool:
        """Take note that so much work is done in all; whether a report is due."""
        self.elapsed_s = time.perf_counter() - self._started
        self.progress = min(max(done / self._work, self.elapsed_s / self._limit_s), 1.0)
        return self._due > self._reported

    def report(self) -> None:
        """Take note that the report is given."""
        self._reported = self._due

    @property
    def _due(self) -> int:
        """Reports that there should be by now."""
        return int(self.progress * self._reports + _ROUNDING)

    @property
    def left_s(self) -> float:
        """Seconds that are about to come, at the pace so far."""
        return self.elapsed_s * (1 - self.progress) / self.progress

    def state(self) -> RunState:
        """How far the run is."""
        values = {"progress": self.progress, "elapsed_s": self.elapsed_s, "reported": self._reported}
        return RunState(values, {})

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        self.progress, self.elapsed_s = state.values["progress"], state.values["elapsed_s"]
        self._reported = state.values["reported"]
        self.start()


@dataclass
class Tally:
    """What the steps since the last report gave.

    Attributes:
        device: of the figures.
        surprises: of the batches to the generator.
        judged: what `Adversary.learn` gave.
        heard: norms of the generator's gradient from the critic.
    """

    device: torch.device
    surprises: list[Tensor] = field(default_factory=list)
    judged: list[Tensor] = field(default_factory=list)
    heard: list[Tensor] = field(default_factory=list)

    def clear(self) -> None:
        """Begin anew, after a report."""
        for own in self._lists().values():
            own.clear()

    def sound(self) -> bool:
        """Whether all losses are numbers."""
        losses = [own.flatten() for own in (*self.surprises, *self.judged)]
        return not losses or bool(torch.cat(losses).isfinite().all())

    def state(self) -> RunState:
        """Each list as one array."""
        return RunState({}, {name: to_array(torch.stack(own)) for name, own in self._lists().items() if own})

    def resume(self, state: RunState) -> None:
        """Go on with what there was."""
        for name, own in self._lists().items():
            own[:] = list(to_tensor(state.tensors[name], self.device)) if name in state.tensors else []

    def _lists(self) -> dict[str, list[Tensor]]:
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "device"}
