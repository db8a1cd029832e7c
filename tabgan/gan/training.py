"""The training loop: a generator that learns rows by their likelihood and against a critic.

First each stage learns the cells of real rows given the cells before (teacher forcing), with some cells given, so that
conditions are learnt at the same time. In the last part of the run a critic joins in: it judges rows that the generator
drew on its own, as it will when it is used, which the likelihood never sees. What both play for is the objective. This
order is that of SeqGAN (Yu et al. 2017, section 3). What is kept is the moving average of the weights; of which step,
and when a run ends or goes back, `gan.course` says.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan import rng
from tabgan.errors import ArtifactError
from tabgan.gan.adversary import Adversary
from tabgan.gan.batches import Order, batches_of
from tabgan.gan.blocks import block_rows, blocks
from tabgan.gan.calibration import fit_margins, rows_for_margins
from tabgan.gan.capture import Input, Step, rounding, runner_for
from tabgan.gan.conditions import ConditionSampler
from tabgan.gan.config import TrainingConfig
from tabgan.gan.course import Course
from tabgan.gan.generator import Generator
from tabgan.gan.history import Callback, EndedBy, TrainingResult, TrainingStats
from tabgan.gan.learnt_rows import LearntRows
from tabgan.gan.loop import Clock, Tally
from tabgan.gan.optimisers import Adam, cosine
from tabgan.gan.probing import Probe
from tabgan.gan.recovery import finite
from tabgan.gan.reporting import report
from tabgan.gan.room import n_features
from tabgan.gan.run_state import Keeper, Part, RunState, put_back, take
from tabgan.gan.stages import plan_stages
from tabgan.gan.steps import Steps
from tabgan.gan.threads import threads, threads_for
from tabgan.gan.warm import WarmStart
from tabgan.gan.watching import rows_to_hold_out
from tabgan.gan.yardstick import drawn_from_most
from tabgan.layout import EncodedTable, Layout

REPORTS = 50
"""How many times a run reports, as evenly as its steps allow."""
CHECKED = 8
"""Losses are checked every so many steps: each time the device is waited for."""


class Trainer:
    """Owns the networks, the optimisers, the random streams and the device of one run.

    Args:
        table: to learn, encoded.
        layout: of the table.
        config: the settings.
        seed: names the random streams.
        device: where to train.
        split_seed: names the split into rows learnt and rows held out; None takes the seed.
        start: what the generator begins with; None for a fresh one.
    """

    def __init__(
        self,
        table: EncodedTable,
        layout: Layout,
        config: TrainingConfig,
        *,
        seed: int,
        device: torch.device,
        split_seed: int | None = None,
        start: WarmStart | None = None,
    ) -> None:
        asked, config = config, config.for_table(len(table), n_features(layout))
        if device.type == "cuda":
            config = config.with_room(len(table), layout.width)
        self._config, self._device = config, device
        planning = rng.generator(seed, "rows for the plan")
        plan = plan_stages(table, layout, config.stages, planning) if start is None else start.plan
        split = rng.generator(seed if split_seed is None else split_seed, "rows held out")
        self._rows_held_out = rows_to_hold_out(len(table), config.holdout, split)
        self._rows = LearntRows(table.codes, self._rows_held_out)
        weights = torch.Generator().manual_seed(rng.derive_seed(seed, "weights"))
        self._noise = torch.Generator(device).manual_seed(rng.derive_seed(seed, "training noise"))

        self._generator = Generator(plan, config, self._noise)
        self._generator.start(table, weights)
        if start is not None:
            start.transfer(self._generator)
        self._generator.to(device)
        self._average = Generator(plan, config).to(device).eval()
        self._average.load_state_dict(self._generator.state_dict())
        self._adversary = Adversary(plan, config, weights=weights, noise=self._noise, device=device)
        known = self._codes(self._rows.spread(drawn_from_most(layout.n_codes)))
        self._held_out = self._codes(table.codes[self._rows_held_out])
        self._probe = Probe(self._average, known, self._held_out, seed=seed)
        self._batches = batches_of(self._order(seed), rng.generator(seed, "training rows"), self._noise)
        self._run_step = runner_for(config, device, self._noise)
        self._threads = threads_for(config.batch_size * plan.n_features, device)
        self._tally = Tally(device)
        self._clock = Clock(config.steps, 60 * config.max_minutes, REPORTS)
        self._step = 0
        betas = (config.generator_beta1, config.generator_beta2)
        self._optimiser = Adam(self._generator, config.generator_rate or 0.0, betas, config.weight_decay)
        self._steps = Steps(
            config,
            generator=self._generator,
            average=self._average,
            optimiser=self._optimiser,
            adversary=self._adversary,
            clock=self._clock,
            noise=self._noise,
        )
        nets: dict[str, Part] = {"generator": self._generator, "average": self._average}
        learning = nets | {"optimiser": self._optimiser, "adversary": self._adversary}
        self._course = Course(self._average, learning, self._probe, asked)
        others: dict[str, Part] = {"draws": self._batches, "noise": self._noise, "probe": self._probe}
        self._parts = learning | others | {"tally": self._tally, "clock": self._clock, "course": self._course}

    def fit(
        self, callback: Callback | None = None, *, keeper: Keeper | None = None, resume: RunState | None = None
    ) -> TrainingResult:
        """Train until the last step, the time limit, or no progress; or until the callback or the keyboard ends it.

        Args:
            callback: called at each report.
            keeper: called after every step; it may keep the state of the run.
            resume: the state of a run of the same table, settings, seed and device, of which this one is the rest; on
                the same machine and with as many threads it comes to the same weights, bit for bit.

        Raises:
            TrainingError: if the run has diverged once too often.
            ArtifactError: if `resume` is no state of such a run.
        """
        if resume is not None:
            self._resume(resume)
        self._clock.start()
        try:
            with rounding(self._device, self._config.tf32), threads(self._threads):
                ended_by = self._follow(callback, keeper)
        except KeyboardInterrupt:
            # The moving average is whole after every parameter's update, so it can be looked at and kept as it is.
            ended_by = "keyboard"
        if not finite(self._average):
            self._course.recover(self._step, "a weight is no number any more")
        kept = self._course.finish(ended_by, self._step)
        if self._config.likelihood_weight:  # the last steps leave noise in the margins
            plan = self._average.plan
            fit_margins(self._average, plan.arrange(self._rows.spread(rows_for_margins(plan.n_features))))
        return replace(self._course.result(ended_by, kept), held_out=self._rows_held_out)

    def _state(self) -> RunState:
        """The run after a step."""
        state = take(self._parts)
        return RunState({"step": self._step, "parts": state.values}, state.tensors)

    def _resume(self, state: RunState) -> None:
        try:
            self._step, parts = state.values["step"], state.values["parts"]
        except LookupError as error:
            raise ArtifactError(f"this is not the state of such a run: it lacks {error}; begin anew") from error
        put_back(self._parts, RunState(parts, state.tensors))

    def _follow(self, callback: Callback | None, keeper: Keeper | None) -> EndedBy:
        """Run, with each report heard; what ended it."""
        for reported in self._run(keeper):
            stats = self._course.hear(reported)
            ended_by = self._course.judge(stats)  # first, so that weights count whatever the callback says
            if callback is not None and callback(stats) is True:
                if stats.step < stats.steps:
                    return "callback"
                break
            if ended_by is not None:
                return ended_by
        return "steps" if self._step >= self._config.steps else "time"

    def _run(self, keeper: Keeper | None) -> Iterator[TrainingStats]:
        """The loop; yields at each report."""
        config, clock, tally = self._config, self._clock, self._tally
        while clock.progress < 1:
            step = self._step + 1
            self._steps.set_rates(self._course.rate)
            judged = self._steps.share is not None
            if judged and self._adversary.next_turn():
                for _ in range(config.critic_steps or 1):
                    tally.judged += self._outcome(self._steps.critic_step, *self._batches.draw())
            decay = min(config.averaging, (1 + step) / (10 + step))  # the first steps are soon forgotten
            moved = torch.full((), 1 - decay, device=self._device)
            surprise, *heard = self._outcome(self._steps.generator_step, *self._batches.draw(), moved, judged)
            tally.surprises.append(surprise)
            tally.heard += heard
            self._step = step
            due = clock.tick(step)
            if (due or step % CHECKED == 0) and not (tally.sound() and finite(self._average)):
                self._course.recover(step, "a loss is no number any more")
                tally.clear()
            elif due:
                clock.report()
                yield self._report()
                tally.clear()
            if keeper is not None:
                keeper(self._state)

    def _report(self) -> TrainingStats:
        """Where the run stands after a step."""
        return report(
            self._clock,
            self._tally,
            step=self._step,
            held_out=self._look(),
            held_out_score=self._held_out_score() if self._tally.judged else None,
            rate=cosine(self._clock.progress) * self._course.rate,
            figures=self._probe.look(self._clock.progress),
        )

    @torch.no_grad()
    def _held_out_score(self) -> float | None:
        """What the critic gives rows held out; None if there are too few for it."""
        together = max(self._config.pac, self._config.minibatch_std, 1)
        rows = self._held_out[: len(self._held_out) // together * together]
        if not len(rows):
            return None
        size = max(block_rows(self._generator.plan.n_features) // together, 1) * together
        seen = (self._steps.seen(rows[block], None) for block in blocks(len(rows), size))
        return float(torch.cat([self._adversary.scores(each) for each in seen]).mean())

    def _outcome(self, step: Step, *inputs: Input) -> list[Tensor]:
        """Run a step, as a graph or not; what it gives of all that it may give."""
        return [value for value in self._run_step(step, *inputs) if value is not None]

    def _order(self, seed: int) -> Order:
        """What batches are made of."""
        config, plan, rows = self._config, self._generator.plan, self._rows
        together = max(config.pac, config.minibatch_std, 1)
        size = math.ceil(config.batch_size / together) * together
        random = rng.generator(seed, "rows for balancing")
        sampler = ConditionSampler(rows, plan, share=config.condition_share, balance=config.balance, random=random)
        return Order(rows, sampler, plan, size, self._device)

    def _codes(self, codes: NDArray[np.unsignedinteger]) -> Tensor:
        """Codes of some rows on the device, in the order of the plan."""
        return torch.from_numpy(self._generator.plan.arrange(codes).astype(np.int64)).to(self._device)

    @torch.no_grad()
    def _look(self) -> float | None:
        """How surprising the rows held out are to the moving average; None if there are none."""
        places = blocks(len(self._held_out), block_rows(self._average.plan.n_features))
        surprises = [self._average.surprise(self._held_out[block]) for block in places]
        return float(torch.cat(surprises).mean()) if surprises else None


def reports_of(state: RunState) -> list[dict[str, Any]]:
    """What a trainer had reported when its state was taken, each report as a mapping.

    Raises:
        LookupError: if it is none of a trainer.
    """
    records: list[dict[str, Any]] = state.values["parts"]["course"]["history"]["records"]
    return records
