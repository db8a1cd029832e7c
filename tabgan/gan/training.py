"""The training loop: a generator that learns rows by their likelihood and against a critic.

First each stage learns the cells of real rows given the cells before (teacher forcing), with some cells given, so that
conditions are learnt at the same time. In the last part of the run a critic joins in: WGAN-GP (Gulrajani et al. 2017)
judges rows that the generator drew on its own, as it will when it is used, which the likelihood never sees. This order
is that of SeqGAN (Yu et al. 2017, section 3). What is kept is the moving average of the weights,
and a run that learns its rows by heart is ended.
"""

import copy
import math
import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from tabgan import rng
from tabgan.errors import ConfigError, InputError, TrainingError
from tabgan.gan.conditions import Condition, ConditionSampler
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import Callback, EndedBy, TrainingResult, TrainingStats
from tabgan.gan.losses import critic_loss, gradient_penalty
from tabgan.gan.networks import Critic, initialise
from tabgan.gan.probing import Probe
from tabgan.gan.stages import plan_stages
from tabgan.gan.watching import BestWeights, hold_out
from tabgan.layout import EncodedTable, Layout

REPORTS = 50
"""How many times a run reports, as evenly as its steps allow."""
_ROUNDING = 1e-9
MAX_NORM = 5.0
"""Gradients are no longer than this: one odd batch must not undo what was learnt."""


DEVICES = ("cpu", "cuda", "mps")
MAX_UNITS = 100_000
"""Categories of all columns of a row: a batch of expanded rows takes 0.4 GB then, and training holds several."""


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


class Trainer:
    """Owns the networks, the optimisers, the random streams and the device of one run."""

    def __init__(
        self, table: EncodedTable, layout: Layout, config: TrainingConfig, *, seed: int, device: torch.device
    ) -> None:
        _require_room(layout)
        config = config.for_table(len(table))
        self._config, self._device = config, device
        self._batch_size = math.ceil(config.batch_size / config.pac) * config.pac
        self._draws = rng.generator(seed, "training rows")
        plan = plan_stages(table, layout, config.stages, rng.generator(seed, "rows for the plan"))
        learnt, held_out = hold_out(len(table), config.holdout, rng.generator(seed, "rows held out"))
        self._sampler = ConditionSampler(table[learnt], plan, share=config.condition_share, balance=config.balance)
        weights = torch.Generator().manual_seed(rng.derive_seed(seed, "weights"))
        self._noise = torch.Generator(device).manual_seed(rng.derive_seed(seed, "training noise"))

        self._generator = Generator(plan, config)
        self._generator.start(table, weights)
        self._generator.to(device)
        self._average = copy.deepcopy(self._generator).eval()
        self._critic = Critic(
            plan.n_features + len(plan.parts), hidden=config.critic_width, blocks=config.critic_blocks, pac=config.pac
        )
        initialise(self._critic, weights)
        self._critic.to(device)
        codes = torch.from_numpy(plan.arrange(table.codes).astype(np.int32)).to(device)
        self._codes, self._held_out = (codes[torch.from_numpy(rows).to(device)] for rows in (learnt, held_out))
        self._probe = Probe(self._average, self._codes, self._held_out, seed=seed)
        self._step = 0
        self._generator_optimiser = _adam(self._generator, config.generator_rate, (0.9, 0.99), config.weight_decay)
        self._critic_optimiser = _adam(self._critic, config.critic_rate, (0.5, 0.9))

    def fit(self, callback: Callback | None = None) -> TrainingResult:
        """Train until the last step, the time limit, or no progress; or until the callback or the keyboard ends it.

        Raises:
            TrainingError: if a loss stops being a number.
        """
        history: list[TrainingStats] = []
        best = BestWeights(self._average, self._config.patience)
        try:
            ended_by = self._follow(history, best, callback)
        except KeyboardInterrupt:
            # The moving average is whole after every parameter's update, so it can be kept as it is.
            ended_by = "keyboard"
        if not all(bool(parameter.isfinite().all()) for parameter in self._average.parameters()):
            raise _diverged(history[-1].step if history else 0)
        kept = best.step if ended_by == "patience" else self._step
        return TrainingResult(
            self._average, tuple(history), ended_by, kept, self._probe.floor, self._probe.finish(kept)
        )

    def _follow(self, history: list[TrainingStats], best: BestWeights, callback: Callback | None) -> EndedBy:
        """Run, with each report put into `history` and the best weights back if patience ends it; what ended it."""
        for stats in self._run():
            history.append(stats)
            losses = (stats.surprise, stats.held_out, stats.critic_loss, stats.penalty)
            if not all(math.isfinite(loss) for loss in losses if loss is not None):
                raise _diverged(stats.step)
            self._probe.follow(stats)
            if callback is not None and callback(stats) is True:
                if stats.step < stats.steps:
                    return "callback"
                break
            if stats.held_out is not None and best.see(stats.held_out, stats.step):
                best.restore()
                return "patience"
        return "steps" if self._step >= self._config.steps else "time"

    def _run(self) -> Iterator[TrainingStats]:
        """The loop; yields at each report."""
        config = self._config
        started = time.perf_counter()
        limit_s = 60 * config.max_minutes or math.inf
        surprises: list[Tensor] = []
        judged: list[Tensor] = []
        reports, progress = 0, 0.0
        while progress < 1:
            step = self._step + 1
            self._set_rates(progress)
            adversarial = config.adversarial_weight > 0 and progress >= 1 - config.adversarial_share
            if adversarial:
                judged += [self._critic_step() for _ in range(config.critic_steps)]
            surprises.append(self._generator_step(adversarial=adversarial))
            self._update_average(step)
            self._step = step
            elapsed = time.perf_counter() - started
            progress = min(max(step / config.steps, elapsed / limit_s), 1.0)
            if progress * REPORTS + _ROUNDING >= reports + 1:
                reports = int(progress * REPORTS + _ROUNDING)
                left = elapsed * (1 - progress) / progress
                losses = torch.stack(judged).mean(0).tolist() if judged else [None] * 4
                surprise = float(torch.stack(surprises).mean())
                looks = self._look(), *losses, self._probe.shape(progress)
                yield TrainingStats(step, round(step / progress), elapsed, left, surprise, *looks)
                surprises.clear()
                judged.clear()

    def _generator_step(self, *, adversarial: bool) -> Tensor:
        """One step of the generator: how surprising the batch was to it."""
        config = self._config
        codes, condition = self._draw()
        surprise = self._generator.surprise(codes, condition).mean()
        loss = surprise
        if adversarial:
            seen = self._seen(
                self._generator.draw_with_gradient(self._uniform(), condition, config.temperature), condition
            )
            loss = loss - config.adversarial_weight * self._critic_without_gradient(seen).mean()
        self._generator_optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self._generator.parameters(), MAX_NORM)
        self._generator_optimiser.step()
        return surprise.detach()

    def _critic_step(self) -> Tensor:
        """One step of the critic: its loss, the penalty, and its mean scores of real and of made rows."""
        config = self._config
        codes, condition = self._draw()
        with torch.no_grad():
            features = self._generator.features
            made = self._seen(features(self._generator.draw(self._uniform(), condition)), condition)
            real = self._seen(features(codes), condition)
        scores = self._critic(torch.cat([real, made])).chunk(2)
        distance = critic_loss(*scores)
        mix = torch.rand(len(real) // config.pac, 1, generator=self._noise, device=self._device)
        penalty = gradient_penalty(self._critic, real, made, mix, config.pac)
        self._critic_optimiser.zero_grad()
        torch.autograd.backward(distance + config.penalty_weight * penalty)
        self._critic_optimiser.step()
        return torch.stack([number.detach() for number in (distance, penalty, *(side.mean() for side in scores))])

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

    def _critic_without_gradient(self, seen: Tensor) -> Tensor:
        """Scores through which the generator learns while the critic's own gradients are not computed."""
        parameters = {name: tensor.detach() for name, tensor in self._critic.named_parameters()}
        scores: Tensor = torch.func.functional_call(self._critic, parameters, (seen,))
        return scores

    @torch.no_grad()
    def _look(self) -> float | None:
        """How surprising the rows held out are to the moving average; None if there are none."""
        return float(self._average.surprise(self._held_out.long()).mean()) if len(self._held_out) else None

    def _set_rates(self, progress: float) -> None:
        """Cosine decay of the rates to nearly zero over the run; the critic's over the part that it takes part in."""
        late = 1 - self._config.adversarial_share
        shares = (progress, max(progress - late, 0) / max(1 - late, 1e-9))
        rates = (self._config.generator_rate, self._config.critic_rate)
        optimisers = (self._generator_optimiser, self._critic_optimiser)
        for optimiser, rate, share in zip(optimisers, rates, shares, strict=True):
            for group in optimiser.param_groups:
                group["lr"] = rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share)))

    @torch.no_grad()
    def _update_average(self, step: int) -> None:
        """The moving average, warmed up so that the first steps are soon forgotten."""
        decay = min(self._config.averaging, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self._average.parameters()), list(self._generator.parameters()), 1 - decay)


def _adam(network: nn.Module, rate: float, betas: tuple[float, float], decay: float = 0.0) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019), which lets matrices decay and leaves biases, and with them the margins."""
    fused = next(network.parameters()).device.type != "mps"
    matrices = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    biases = [parameter for parameter in network.parameters() if parameter.ndim == 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=betas, fused=fused)


def _require_room(layout: Layout) -> None:
    """Refuse a row so wide that training would not fit into memory.

    Raises:
        InputError: naming the widest columns.
    """
    if layout.width <= MAX_UNITS:
        return
    widest = sorted(layout.columns, key=lambda column: -sum(column.cardinalities))[:5]
    named = ", ".join(f"{column.name!r} ({sum(column.cardinalities):,} categories)" for column in widest)
    raise InputError(
        f"expected columns with at most {MAX_UNITS:,} categories in all, got {layout.width:,}; give the widest ones "
        f"the kind high_cardinality in the schema, or leave some out: {named}"
    )


def _diverged(step: int) -> TrainingError:
    return TrainingError(f"training diverged by step {step}; lower generator_rate and critic_rate, now too high")
