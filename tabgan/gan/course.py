"""What a run makes of its own reports: its state, its events, the weights to keep, and when to stop.

The trainer teaches and measures; here the measurements are followed. Weights are kept by how near generated rows lie to
rows held out. A run of the likelihood that becomes worse at rows held out is ended (patience), and one that comes no
nearer may be (stagnation). A run that diverges goes back to its last good state.
"""

from collections.abc import Mapping
from dataclasses import replace

from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import EndedBy, Event, TrainingResult, TrainingStats
from tabgan.gan.monitor import diagnose
from tabgan.gan.probing import Probe
from tabgan.gan.recovery import Recovery
from tabgan.gan.remedies import advise
from tabgan.gan.run_state import Part, Records, RunState, put_back, take
from tabgan.gan.watching import BestLook, BestWeights
from tabgan.gan.yardstick import SPLIT, Figures, distance


class Course:
    """The history and the events of one run, its best weights and its last good state.

    Args:
        average: the weights to keep.
        learning: all that learns, the average included.
        probe: looks at the average.
        config: of the run, as it was asked for.

    Attributes:
        history: the reports so far.
        events: changes of state and roll-backs so far.
    """

    def __init__(self, average: Generator, learning: Mapping[str, Part], probe: Probe, config: TrainingConfig) -> None:
        self._average, self._config, self._probe = average, config.resolved(), probe
        self._floors = probe.floors
        noise = self._floors[SPLIT].error if SPLIT in self._floors else 0.0
        self._calm = BestWeights(average, config.patience)
        self._near = BestLook(average, noise, config.stagnation)
        self._recovery = Recovery(learning, config.recoveries)
        self.history = Records(TrainingStats)
        self.events = Records(Event)

    @property
    def rate(self) -> float:
        """What roll-backs have left of the rates that were asked for."""
        return self._recovery.rate

    def hear(self, stats: TrainingStats) -> TrainingStats:
        """Take a report, and give it back with the state of the run, why, and what to do or what was done.

        Raises:
            TrainingError: if the run has diverged once too often.
        """
        diagnosis = diagnose([*self.history, stats], self._config, self._floors)
        before = self.events[-1].state if self.events else None  # or a roll-back since the last report
        stats = stats.without_infinities()
        stats = replace(stats, state=diagnosis.state, evidence=diagnosis.evidence, advice=diagnosis.advice)
        if diagnosis.state == "diverged":
            self.recover(stats.step, diagnosis.evidence)
            stats = replace(stats, evidence=self.events[-1].evidence)
        else:
            if diagnosis.state != before:
                self.events.append(diagnosis.at(stats.step))
            self._recovery.keep(stats.step)
        stats = replace(stats, rolled_back=self._rolled_back())
        self.history.append(stats)
        self._probe.follow(stats)
        return stats

    def recover(self, step: int, evidence: str) -> None:
        """Go back to the last good state.

        Raises:
            TrainingError: if the run has gone back as often as it may.
        """
        advice, settings = advise("diverged", self._config)
        self.events.append(Event(step, "diverged", evidence, advice, settings))
        done = self._recovery.back(step, evidence, advice)
        self.events.append(Event(step, "recovered", done, advice, settings))

    def judge(self, stats: TrainingStats) -> EndedBy | None:
        """Keep the weights that the report is of if they are the best; what ends the run now, if anything does."""
        if stats.state == "diverged":
            return None
        stagnates = self._see(stats, stats.step / stats.steps)
        if stats.held_out is not None and self._config.likelihood_weight and self._calm.see(stats.held_out, stats.step):
            return "patience"
        return "stagnation" if stagnates else None

    def finish(self, ended_by: EndedBy, step: int) -> int:
        """Put the weights to keep into the average; the step that they are of.

        Args:
            ended_by: what ended the run.
            step: the last one.
        """
        if self._recovery.times and self.events[-1].step == step and self.events[-1].state == "recovered":
            step = self._recovery.step
        if ended_by == "patience":
            self._calm.restore()
            return self._calm.step
        measured = self._probe.measure() if not self._looked_at(step) else None
        state = self.history[-1].state if self.history else None
        if measured is not None:
            self._near.see(distance(measured, self._floors), step, 1.0, eligible=state != "memorising")
        if not self._near.step:
            return step
        self._near.restore()
        return self._near.step

    def result(self, ended_by: EndedBy, kept_step: int) -> TrainingResult:
        """What the run leaves behind, with the weights that are in the average now."""
        return TrainingResult(
            generator=self._average,
            history=tuple(self.history),
            ended_by=ended_by,
            kept_step=kept_step,
            shape_floor=self._floors["held_out_shape"].mean if self._floors else None,
            snapshots=self._probe.finish(kept_step),
            events=tuple(self.events),
            floors=self._floors,
        )

    def state(self) -> RunState:
        """All that was heard and kept so far."""
        return take(self._parts())

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        put_back(self._parts(), state)

    def _parts(self) -> dict[str, Part]:
        return {
            "calm": self._calm,
            "near": self._near,
            "recovery": self._recovery,
            "history": self.history,
            "events": self.events,
        }

    def _rolled_back(self) -> str | None:
        """What is to be told of roll-backs since the last report."""
        last = self.history[-1].step if self.history else 0
        told = [event.evidence for event in self.events if event.state == "recovered" and event.step > last]
        return "; ".join(told) or None

    def _looked_at(self, step: int) -> bool:
        """Whether the last report is of the last step, with a look."""
        return any(stats.step == step and stats.held_out_shape is not None for stats in self.history[-1:])

    def _see(self, stats: TrainingStats, progress: float) -> bool:
        if stats.held_out_shape is None:
            return False
        own = Figures(held_out_shape=stats.held_out_shape, held_out_trend=stats.held_out_trend)
        apart = distance(own, self._floors)
        return self._near.see(apart, stats.step, progress, eligible=stats.state != "memorising")
