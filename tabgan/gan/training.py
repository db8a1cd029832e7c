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
from torch import Tensor, nn

from tabgan import rng
from tabgan.errors import ArtifactError
from tabgan.gan.adversary import Adversary
from tabgan.gan.calibration import fit_margins
from tabgan.gan.conditions import Condition, ConditionSampler
from tabgan.gan.config import TrainingConfig
from tabgan.gan.course import Course
from tabgan.gan.generator import Generator
from tabgan.gan.history import Callback, EndedBy, TrainingResult, TrainingStats
from tabgan.gan.loop import Clock, Tally
from tabgan.gan.optimisers import adam, cosine, gradient_norm, set_rate
from tabgan.gan.probing import Probe
from tabgan.gan.recovery import finite
from tabgan.gan.reporting import report
from tabgan.gan.room import require_room
from tabgan.gan.run_state import Keeper, Part, RunState, put_back, take
from tabgan.gan.stages import plan_stages
from tabgan.gan.warm import WarmStart
from tabgan.gan.watching import hold_out
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
        require_room(layout)
        asked, config = config, config.for_table(len(table))
        self._config, self._device = config, device
        together = max(config.pac, config.minibatch_std, 1)
        self._batch_size = math.ceil(config.batch_size / together) * together
        self._draws = rng.generator(seed, "training rows")
        planning = rng.generator(seed, "rows for the plan")
        plan = plan_stages(table, layout, config.stages, planning) if start is None else start.plan
        split = rng.generator(seed if split_seed is None else split_seed, "rows held out")
        learnt, self._rows_held_out = hold_out(len(table), config.holdout, split)
        self._sampler = ConditionSampler(table[learnt], plan, share=config.condition_share, balance=config.balance)
        weights = torch.Generator().manual_seed(rng.derive_seed(seed, "weights"))
        self._noise = torch.Generator(device).manual_seed(rng.derive_seed(seed, "training noise"))

        self._generator = Generator(plan, config, self._noise)
        self._generator.start(table, weights)
        self._starts_warm = start is not None
        if start is not None:
            start.transfer(self._generator)
        self._generator.to(device)
        self._average = Generator(plan, config).to(device).eval()
        self._average.load_state_dict(self._generator.state_dict())
        self._adversary = Adversary(plan, config, weights=weights, noise=self._noise, device=device)
        codes = torch.from_numpy(plan.arrange(table.codes).astype(np.int32)).to(device)
        self._codes, self._held_out = (
            codes[torch.from_numpy(rows).to(device)] for rows in (learnt, self._rows_held_out)
        )
        self._probe = Probe(self._average, self._codes, self._held_out, seed=seed)
        self._tally = Tally(device)
        self._clock = Clock(config.steps, 60 * config.max_minutes, REPORTS)
        self._step = 0
        betas = (config.generator_beta1, config.generator_beta2)
        self._optimiser = adam(self._generator, config.generator_rate or 0.0, betas, config.weight_decay)
        nets: dict[str, Part] = {"generator": self._generator, "average": self._average}
        learning = nets | {"optimiser": self._optimiser, "adversary": self._adversary}
        self._course = Course(self._average, learning, self._probe, asked)
        others: dict[str, Part] = {"draws": self._draws, "noise": self._noise, "probe": self._probe}
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
            ended_by = self._follow(callback, keeper)
        except KeyboardInterrupt:
            # The moving average is whole after every parameter's update, so it can be looked at and kept as it is.
            ended_by = "keyboard"
        if not finite(self._average):
            self._course.recover(self._step, "a weight is no number any more")
        kept = self._course.finish(ended_by, self._step)
        if self._starts_warm:  # a few steps leave noise in the margins
            fit_margins(self._average, self._codes.cpu().numpy())
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
            share = self._adversarial_share(clock.progress)
            self._set_rates(clock.progress)
            if share is not None and self._adversary.round_begins():
                tally.judged += [self._critic_step(share) for _ in range(config.critic_steps or 1)]
            surprise, gradient = self._generator_step(share)
            tally.surprises.append(surprise)
            tally.heard += [] if gradient is None else [gradient]
            self._update_average(step)
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
        rows = self._held_out[: len(self._held_out) // together * together].long()
        if not len(rows):
            return None
        return float(self._adversary.scores(self._seen(self._generator.features(rows), None)).mean())

    def _adversarial_share(self, progress: float) -> float | None:
        """How much of the part of the run with a critic is over, from 0 to 1; None where there is no critic yet."""
        weight, share = self._config.adversarial_weight or 0.0, self._config.adversarial_share or 0.0
        if not weight or progress < 1 - share or not share:
            return None
        return (progress - (1 - share)) / share

    def _generator_step(self, share: float | None) -> tuple[Tensor, Tensor | None]:
        """One step of the generator: how surprising the batch was, and the norm of the gradient from the critic.

        Args:
            share: of the part with a critic that is over; None where there is none.
        """
        config = self._config
        codes, condition = self._draw()
        with torch.set_grad_enabled(config.likelihood_weight > 0):
            surprise = self._generator.surprise(codes, condition).mean()
        self._optimiser.zero_grad()
        heard = None
        if share is not None:
            made = self._generator.draw_with_gradient(self._uniform(), condition, config.temperature)
            real = self._generator.features(codes)
            verdict = self._adversary.verdict(self._seen(made, condition), self._seen(real, condition), share)
            if verdict is not None:
                torch.autograd.backward((config.adversarial_weight or 0.0) * verdict)
                heard = gradient_norm(self._generator)
        if config.likelihood_weight:
            torch.autograd.backward(config.likelihood_weight * surprise)
        if config.generator_clip:
            nn.utils.clip_grad_norm_(self._generator.parameters(), config.generator_clip)
        self._optimiser.step()
        return surprise.detach(), heard

    def _critic_step(self, share: float) -> Tensor:
        """One step of the critic; what it gave as in `Adversary.learn`."""
        codes, condition = self._draw()
        with torch.no_grad():
            features = self._generator.features
            made = self._seen(features(self._generator.draw(self._uniform(), condition)), condition)
            real = self._seen(features(codes), condition)
        return self._adversary.learn(real, made, share)

    def _draw(self) -> tuple[Tensor, Condition | None]:
        """Real rows, as codes in the order of the plan, and which of their cells are given."""
        draw = self._sampler.draw(self._batch_size, self._draws)
        codes = self._codes[torch.from_numpy(draw.rows).to(self._device)].long()
        if draw.given is None:
            return codes, None
        given = torch.from_numpy(draw.given).to(self._device)
        return codes, Condition(given.expand(len(codes), -1), codes)

    def _uniform(self) -> Tensor:
        """Noise for a batch."""
        return torch.rand(self._batch_size, self._codes.shape[1], generator=self._noise, device=self._device)

    def _seen(self, features: Tensor, condition: Condition | None) -> Tensor:
        """What the critic sees of rows: their features, and which codes were given."""
        shape = (len(features), self._codes.shape[1])
        given = features.new_zeros(shape) if condition is None else condition.given.float()
        return torch.cat([features, given], 1)

    @torch.no_grad()
    def _look(self) -> float | None:
        """How surprising the rows held out are to the moving average; None if there are none."""
        return float(self._average.surprise(self._held_out.long()).mean()) if len(self._held_out) else None

    def _set_rates(self, progress: float) -> None:
        """Cosine decay of the rates to nearly zero over the run; the critic's over the part that it takes part in."""
        share = self._adversarial_share(progress) or 0.0
        set_rate(self._optimiser, (self._config.generator_rate or 0.0) * cosine(progress) * self._course.rate)
        set_rate(self._adversary.optimiser, (self._config.critic_rate or 0.0) * cosine(share) * self._course.rate)

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        """The moving average, warmed up so that the first steps are soon forgotten."""
        decay = min(self._config.averaging, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self._average.parameters()), list(self._generator.parameters()), 1 - decay)


def reports_of(state: RunState) -> list[dict[str, Any]]:
    """What a trainer had reported when its state was taken, each report as a mapping.

    Raises:
        LookupError: if it is none of a trainer.
    """
    records: list[dict[str, Any]] = state.values["parts"]["course"]["history"]["records"]
    return records
