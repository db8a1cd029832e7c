"""The training loop: a critic and a generator, in turns, on batches of a compact table.

WGAN-GP (Gulrajani et al. 2017) with additions that were each measured to matter: rows are made in stages, training
starts from the table's margins and a dependence tree, the generator also minimises the distance between its pairwise
moments and the table's, and what is kept is the moving average of its weights. Whether a run goes well is not judged
here.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from tabgan import rng
from tabgan.errors import ConfigError, InputError, TrainingError
from tabgan.gan.conditions import Condition, ConditionSampler
from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import Features, Rows, gumbel_like
from tabgan.gan.losses import critic_loss, gradient_penalty
from tabgan.gan.moments import moment_loss, moment_target, mutual_information, table_moments
from tabgan.gan.networks import Critic, initialise
from tabgan.gan.stages import StagePlan, one_stage, plan_stages
from tabgan.gan.synthesizer import Made, Synthesizer
from tabgan.gan.warm_start import warm_start
from tabgan.layout import EncodedTable, Layout

REPORTS = 100
"""About how many times a run reports."""


@dataclass(frozen=True)
class TrainingStats:
    """Where a run stands; losses are means since the last report.

    Attributes:
        step: generator steps done.
        steps: generator steps planned.
        elapsed_s: seconds since training began.
        remaining_s: seconds left at the pace so far.
        critic_loss: minus the critic's estimate of the Wasserstein distance; near 0 when it cannot tell.
        penalty: the gradient penalty, unweighted.
        generator_loss: the adversarial and the moment term, weighted.
        moment_loss: the distance of the pairwise moments, unweighted.
    """

    step: int
    steps: int
    elapsed_s: float
    remaining_s: float
    critic_loss: float
    penalty: float
    generator_loss: float
    moment_loss: float


@dataclass(frozen=True)
class TrainingResult:
    """What a run leaves behind.

    Attributes:
        synthesizer: with averaged weights, not yet calibrated.
        history: what was reported.
        ended_early: whether the callback or the keyboard ended the run before its last step.
    """

    synthesizer: Synthesizer
    history: tuple[TrainingStats, ...]
    ended_early: bool


Callback = Callable[[TrainingStats], object]
"""Called at each report; returning True ends training in order."""


DEVICES = ("cpu", "cuda", "mps")
MAX_WIDTH = 12_000
"""Features of a row: a matrix of their pairs takes 0.6 GB then, and training holds several."""
_SAMPLE_FOR_PLAN = 50_000


def resolve_device(name: str) -> torch.device:
    """The device of that name; `auto` takes CUDA, then Apple's MPS, then the CPU.

    Raises:
        ConfigError: if the name is unknown or the device is not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if not isinstance(name, str) or name.partition(":")[0] not in DEVICES:
        raise ConfigError(f"device must be 'auto' or one of {', '.join(DEVICES)}, got {name!r}")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ConfigError(f"device {name!r} cannot be used here: {str(error).splitlines()[0]}; try 'auto'") from error
    return device


class _Batch(NamedTuple):
    """Real rows, the condition taken from them, how much each counts, and how many of them have no cell given."""

    real: Rows
    condition: Condition
    weights: Tensor
    n_free: int


class Trainer:
    """Owns the networks, the optimisers, the random streams and the device of one run."""

    def __init__(
        self, table: EncodedTable, layout: Layout, config: TrainingConfig, *, seed: int, device: torch.device
    ) -> None:
        _require_room(layout, config)
        self._config, self._device = config, device
        self._batch_size = math.ceil(config.batch_size / config.pac) * config.pac
        self._draws = rng.generator(seed, "training rows")
        self._sampler = ConditionSampler(table, layout, share=config.condition_share, balance=config.balance)
        weights = torch.Generator().manual_seed(rng.derive_seed(seed, "weights"))
        self._noise = torch.Generator(device).manual_seed(rng.derive_seed(seed, "training noise"))

        plan = _plan(table, layout, config, device, rng.generator(seed, "rows for the plan"))
        arranged = plan.arrange(table)
        synthesizer = Synthesizer(plan, config)
        moments = table_moments(arranged, Features(plan.staged, config.hats).to(device)).to("cpu")
        warm_start(synthesizer, moments, weights)
        self._target = moment_target(moments, synthesizer.features, plan).to(device)
        self._synthesizer = synthesizer.to(device)
        self._average = copy.deepcopy(self._synthesizer)
        n_inputs = synthesizer.features.width + layout.n_values + len(layout.columns)
        self._critic = Critic(n_inputs, hidden=config.critic_width, blocks=config.critic_blocks, pac=config.pac)
        initialise(self._critic, weights)
        self._critic.to(device)
        self._codes = torch.from_numpy(arranged.codes.astype(np.int32)).to(device)
        self._values = torch.from_numpy(arranged.values).to(device)
        self._generator_optimiser = _adam(synthesizer, config.generator_rate)
        self._critic_optimiser = _adam(self._critic, config.critic_rate)

    def fit(self, callback: Callback | None = None) -> TrainingResult:
        """Train to the end, or until the callback or an interrupt from the keyboard ends it in order.

        Raises:
            TrainingError: if a loss stops being a number.
        """
        history: list[TrainingStats] = []
        finished = False
        try:
            for stats in self._run():
                history.append(stats)
                if not math.isfinite(stats.generator_loss + stats.critic_loss):
                    raise _diverged(stats.step)
                finished = stats.step == stats.steps
                if callback is not None and callback(stats) is True:
                    break
        except KeyboardInterrupt:
            # The moving average is whole after every parameter's update, so it can be kept as it is.
            pass
        if not all(bool(parameter.isfinite().all()) for parameter in self._average.parameters()):
            raise _diverged(history[-1].step if history else 0)
        return TrainingResult(self._average.eval(), tuple(history), ended_early=not finished)

    def _run(self) -> Iterator[TrainingStats]:
        """The loop; yields at each report."""
        config = self._config
        every = max(1, config.steps // REPORTS)
        started = time.perf_counter()
        sums: list[Tensor] = []
        for step in range(1, config.steps + 1):
            self._set_rates(step)
            critics = [self._critic_step() for _ in range(config.critic_steps)]
            sums.append(torch.stack([*torch.stack(critics).mean(0), *self._generator_step()]))
            self._update_average(step)
            if step % every == 0 or step == config.steps:
                elapsed = time.perf_counter() - started
                means = torch.stack(sums).mean(0).tolist()
                sums.clear()
                yield TrainingStats(step, config.steps, elapsed, elapsed / step * (config.steps - step), *means)

    def _critic_step(self) -> Tensor:
        """One step of the critic: its loss and the penalty."""
        config = self._config
        batch = self._draw()
        with torch.no_grad():
            made = self._seen(self._make(batch.condition).rows, batch.condition)
            seen = self._seen(batch.real, batch.condition)
        scores = self._critic(torch.cat([seen, made]))
        distance = critic_loss(*scores.chunk(2))
        mix = torch.rand(len(seen) // config.pac, 1, generator=self._noise, device=self._device)
        penalty = gradient_penalty(self._critic, seen, made, mix, config.pac)
        self._critic_optimiser.zero_grad()
        torch.autograd.backward(distance + config.penalty_weight * penalty)
        self._critic_optimiser.step()
        return torch.stack([distance.detach(), penalty.detach()])

    def _generator_step(self) -> Tensor:
        """One step of the generator: its loss and the moment term."""
        config, features = self._config, self._synthesizer.features
        batch = self._draw()
        made = self._make(batch.condition, config.temperature)
        verdict = -self._critic_without_gradient(self._seen(made.rows, batch.condition)).mean()
        soft = features(self._synthesizer.soft(made, batch.condition))
        moments = self._moment_loss(features(made.rows), soft, batch)
        loss = config.adversarial_weight * verdict + config.moment_weight * moments
        self._generator_optimiser.zero_grad()
        torch.autograd.backward(loss)
        self._generator_optimiser.step()
        return torch.stack([loss.detach(), moments.detach()])

    def _moment_loss(self, hard: Tensor, soft: Tensor, batch: _Batch) -> Tensor:
        """The sum over free and conditional rows: apart from the free ones, a condition not heeded stands out."""
        total = soft.new_zeros(())
        for rows in (slice(0, batch.n_free), slice(batch.n_free, len(soft))):
            if len(soft[rows]):
                total = total + moment_loss(hard[rows], soft[rows], batch.weights[rows], self._target)
        return total

    def _make(self, condition: Condition, temperature: float | None = None) -> Made:
        """Rows from fresh noise."""
        shape = (self._batch_size, self._config.noise_width)
        noise = torch.randn(shape, generator=self._noise, device=self._device)
        made: Made = self._synthesizer(noise, gumbel_like(condition.rows.onehots, self._noise), condition, temperature)
        return made

    def _draw(self) -> _Batch:
        draw = self._sampler.draw(self._batch_size, self._draws)
        index = torch.from_numpy(draw.rows).to(self._device)
        real = self._synthesizer.features.expand(self._codes[index], self._values[index])
        mask, weights = (torch.from_numpy(array).to(self._device) for array in (draw.mask, draw.weights))
        return _Batch(real, Condition(mask, real), weights, draw.n_free)

    def _seen(self, rows: Rows, condition: Condition) -> Tensor:
        """What the critic sees of rows: features, live values, and which cells were given."""
        features = self._synthesizer.features
        return torch.cat([features(rows), rows.values * features.live(rows.onehots), condition.mask], 1)

    def _critic_without_gradient(self, seen: Tensor) -> Tensor:
        """Scores through which the generator learns while the critic's own gradients are not computed."""
        parameters = {name: tensor.detach() for name, tensor in self._critic.named_parameters()}
        scores: Tensor = torch.func.functional_call(self._critic, parameters, (seen,))
        return scores

    def _set_rates(self, step: int) -> None:
        """Cosine decay of both rates to zero over the run."""
        factor = 0.5 * (1 + math.cos(math.pi * (step - 1) / self._config.steps))
        rates = (self._config.generator_rate, self._config.critic_rate)
        for optimiser, rate in zip((self._generator_optimiser, self._critic_optimiser), rates, strict=True):
            optimiser.param_groups[0]["lr"] = rate * factor

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        """The moving average, warmed up so that the first steps are soon forgotten."""
        decay = min(self._config.averaging, (1 + step) / (10 + step))
        for kept, live in zip(self._average.parameters(), self._synthesizer.parameters(), strict=True):
            kept.lerp_(live, 1 - decay)


def _adam(network: nn.Module, rate: float) -> torch.optim.Adam:
    fused = next(network.parameters()).device.type != "mps"
    return torch.optim.Adam(network.parameters(), lr=rate, betas=(0.5, 0.9), fused=fused)


def _require_room(layout: Layout, config: TrainingConfig) -> None:
    """Refuse a row so wide that the matrices of its pairs would not fit into memory.

    Raises:
        InputError: naming the widest columns.
    """
    width = layout.width + layout.n_values * config.hats
    if width <= MAX_WIDTH:
        return
    widest = sorted(layout.columns, key=lambda column: -sum(column.cardinalities))[:5]
    named = ", ".join(f"{column.name!r} ({sum(column.cardinalities):,} categories)" for column in widest)
    raise InputError(
        f"expected columns with at most {MAX_WIDTH:,} categories and knots in all, got {width:,}; give the widest ones "
        f"the kind high_cardinality in the schema, or leave some out: {named}"
    )


def _plan(
    table: EncodedTable, layout: Layout, config: TrainingConfig, device: torch.device, random: np.random.Generator
) -> StagePlan:
    """The stages of a table's parts, from what some of its rows say of their dependence."""
    plan = one_stage(layout)
    features = Features(plan.staged, config.hats)
    if len(table) > _SAMPLE_FOR_PLAN:
        table = table[random.choice(len(table), _SAMPLE_FOR_PLAN, replace=False)]
    moments = table_moments(plan.arrange(table), features.to(device)).to("cpu")
    return plan_stages(layout, mutual_information(moments, features.to("cpu")).numpy(), config.stages)


def _diverged(step: int) -> TrainingError:
    return TrainingError(f"training diverged by step {step}; lower generator_rate and critic_rate, now too high")
