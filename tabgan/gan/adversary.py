"""The generator's opponent: a critic, how it learns, and what the generator hears of it.

It sees rows as features, with a mark for each cell that was given, and knows nothing of stages, tables or steps of the
generator. What it plays for is an `Objective`. While it learns, and while the generator hears it, the critic is in
training mode (dropout, normalisation by the batch); when it is only asked for scores, it is not.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor, nn

from tabgan.gan.config import TrainingConfig
from tabgan.gan.layers import initialise
from tabgan.gan.networks import Critic
from tabgan.gan.objectives import OBJECTIVES
from tabgan.gan.optimisers import Adam, clip_weights, gradient_norm
from tabgan.gan.penalties import gradient_penalty, weight_at, zero_centred_penalty
from tabgan.gan.precision import coarse_products
from tabgan.gan.run_state import Part, RunState, put_back, take
from tabgan.gan.sight import Sight
from tabgan.gan.stages import StagePlan
from tabgan.gan.unrolling import look_ahead

MAX_RESTS = 20
"""A network rests for so many of its steps running at most: one that is so far ahead that the other has no gradient to
learn from would else rest for ever."""
PENALISED, LEAST_PENALISED = 4, 128
"""The penalty between real and made rows is taken on a quarter of a batch, but on no fewer than 128 rows."""
_MEMORY = 0.9
Judge: TypeAlias = Callable[[Tensor], Tensor]
"""Rows to scores."""


class Judged(NamedTuple):
    """What steps of the critic gave on average.

    Attributes:
        loss: of the objective, without penalty.
        penalty: unweighted.
        real_score: mean of the real rows, as a probability where the objective is bounded.
        made_score: likewise of made rows.
        accuracy: the chance that a real row has a higher score than a made one.
        gradient: norm of the critic's gradient, before clipping.
    """

    loss: float
    penalty: float
    real_score: float
    made_score: float
    accuracy: float
    gradient: float

    @classmethod
    def mean(cls, steps: Sequence[Tensor]) -> "Judged":
        """Of what `Adversary.learn` gave at several steps."""
        return cls(*torch.stack(list(steps)).mean(0).tolist())


class Adversary:
    """Owns the critic, its optimiser and its random numbers.

    What resuming needs beside the source of noise: the critic's and the optimiser's state, and `memory`, plain numbers.

    Args:
        plan: of the rows.
        config: resolved settings.
        weights: the source of the critic's weights.
        noise: the source of all that is random while it learns.
        device: where it learns.
    """

    def __init__(
        self,
        plan: StagePlan,
        config: TrainingConfig,
        *,
        weights: torch.Generator,
        noise: torch.Generator,
        device: torch.device,
    ) -> None:
        self._config, self._noise, self._device = config, noise, device
        self._objective = OBJECTIVES[config.objective]
        self._sight = Sight(plan, config, random=noise, device=device)
        self.critic = Critic.for_config(plan.n_features + len(plan.parts), config, noise)
        initialise(self.critic, weights, config.initialisation)
        self.critic.to(device)
        betas = (config.critic_beta1 or 0.0, config.critic_beta2 or 0.0)
        self.optimiser = Adam(self.critic, config.critic_rate or 0.0, betas)
        self.memory: dict[str, float] = {"verdicts": 0.0, "accuracy": 0.5, "critic rests": 0.0, "generator rests": 0.0}

    def next_turn(self) -> bool:
        """Whether the critic learns before the verdict to come, as before every `generator_steps` of them."""
        self.memory["verdicts"] += 1
        return (self.memory["verdicts"] - 1) % self._config.generator_steps == 0

    def learn(self, real: Tensor, made: Tensor, share: float) -> Tensor:
        """One step of the critic: the fields of `Judged`, shape (6,). A critic that rests says them, too.

        Args:
            real: what it sees of real rows, (n, f + k).
            made: likewise of made rows, without gradient.
            share: of the adversarial part of the run that is over, from 0 to 1.
        """
        self.critic.follow_weights()
        real, made = self._sight.show(share, real, made)
        self.optimiser.zero_grad()
        with coarse_products(self._device):
            lesson = self._lesson(self.critic, real, made)
            torch.autograd.backward(lesson.loss + self._penalty_weight(share) * lesson.penalty)
        gradient = gradient_norm(self.critic)
        real_scores, made_scores = lesson.real.detach(), lesson.made.detach()
        right = accuracy(real_scores, made_scores)
        if not self._critic_rests(right):
            self._move()
        heard = (self._heard(scores).mean() for scores in (real_scores, made_scores))
        return torch.stack([number.detach() for number in (lesson.loss, lesson.penalty, *heard, right, gradient)])

    def verdict(self, made: Tensor, real: Tensor, share: float = 1.0) -> Tensor | None:
        """The generator's loss; None while the generator rests, which `freeze_above` may ask for.

        A gradient flows through `made` to the generator, and none to the critic, which stays as it is.

        Args:
            made: what the critic sees of rows that the generator drew, (n, f + k).
            real: likewise of real rows, as many.
            share: of the adversarial part of the run that is over, from 0 to 1.
        """
        if self._rests("generator", self.memory["accuracy"] < 1 - self._config.freeze_above):
            return None
        made, real = self._sight.show(share, made, real)
        judge = self._judge(self._weights_heard(real, made, share))
        if self._config.critic_norm == "batch" or self._objective.compares:
            # A batch is normalised as in the lessons of the critic: real and made rows together.
            made_scores, real_scores = judge(torch.cat([made, real])).chunk(2)
        else:
            made_scores = real_scores = judge(made)
        return self._objective.generator_loss(made_scores, real_scores)

    def state(self) -> RunState:
        """The critic, its optimiser and its memory; the source of its random numbers is the caller's."""
        state = take(self._parts())
        return RunState({"memory": dict(self.memory), "parts": state.values}, state.tensors)

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        self.memory.update(state.values["memory"])
        put_back(self._parts(), RunState(state.values["parts"], state.tensors))

    def _parts(self) -> dict[str, Part]:
        return {"critic": self.critic, "optimiser": self.optimiser}

    @torch.no_grad()
    def scores(self, seen: Tensor) -> Tensor:
        """What the critic gives whole rows, without noise or dropout; as probabilities where the objective is bounded.

        Args:
            seen: what it sees of rows, (n, f + k).

        Returns:
            Shape (n // pac,); rows at the end that fill no group are left out.
        """
        self.critic.eval()
        scores: Tensor = self.critic(seen[: len(seen) // self._config.pac * self._config.pac])
        self.critic.train()
        return self._heard(scores)

    def _lesson(self, judge: Judge, real: Tensor, made: Tensor) -> "_Lesson":
        """What a critic would learn from."""
        config, objective = self._config, self._objective
        real_scores, made_scores = judge(torch.cat([real, made])).chunk(2)
        loss = objective.critic_loss(real_scores, made_scores, 1 - config.label_smoothing)
        penalty = torch.zeros((), device=self._device)
        if objective.penalty == "between" and config.penalty_weight:
            together = max(config.pac, config.minibatch_std, 1)
            groups = penalised(len(real), together)
            mix = torch.rand(groups, 1, generator=self._noise, device=self._device)
            rows = slice(groups * together)
            penalty = gradient_penalty(judge, real[rows], made[rows], mix, config.pac)
        elif objective.penalty == "both" and config.penalty_weight:
            penalty = zero_centred_penalty(judge, real, made, config.pac)
        return _Lesson(real_scores, made_scores, loss, penalty)

    def _penalty_weight(self, share: float) -> float:
        return weight_at(share, self._config.penalty_weight or 0.0, self._config.penalty_end)

    def _move(self) -> None:
        """Take the step that the gradients point to, within the bounds."""
        if self._config.critic_clip:
            nn.utils.clip_grad_norm_(self.critic.parameters(), self._config.critic_clip)
        self.optimiser.step()
        if self._config.weight_clip:
            clip_weights(self.critic, self._config.weight_clip)

    def _judge(self, weights: Mapping[str, Tensor]) -> Judge:
        """The critic with other weights."""
        return lambda rows: torch.func.functional_call(self.critic, dict(weights), (rows,))

    def _weights_heard(self, real: Tensor, made: Tensor, share: float) -> dict[str, Tensor]:
        """The weights whose verdict the generator hears: those of now, or of some steps ahead."""
        own = dict(self.critic.named_parameters())
        if not self._config.unrolled_steps:
            return {name: weight.detach() for name, weight in own.items()}
        scales = self.optimiser.scales()
        weight_of_penalty = self._penalty_weight(share)

        def loss(weights: Mapping[str, Tensor]) -> Tensor:
            lesson = self._lesson(self._judge(weights), real, made)
            return lesson.loss + weight_of_penalty * lesson.penalty

        copies = {name: weight.detach().clone().requires_grad_(weight.requires_grad) for name, weight in own.items()}
        moving = {name: scales[weight] for name, weight in own.items() if weight.requires_grad}
        return look_ahead(copies, moving, loss, self._config.unrolled_steps)

    def _heard(self, scores: Tensor) -> Tensor:
        return scores.sigmoid() if self._objective.bounded else scores

    def _critic_rests(self, right: Tensor) -> bool:
        """Whether the critic is too far ahead, now that its accuracy in a lesson is known."""
        if self._config.freeze_above >= 1:
            return False
        memory = self.memory
        memory["accuracy"] += (1 - _MEMORY) * (float(right) - memory["accuracy"])
        return self._rests("critic", memory["accuracy"] > self._config.freeze_above)

    def _rests(self, who: str, ahead: bool) -> bool:
        """Whether a network rests, and that it did or did not."""
        rests = ahead and self.memory[f"{who} rests"] < MAX_RESTS
        self.memory[f"{who} rests"] = self.memory[f"{who} rests"] + 1 if rests else 0.0
        return rests


class _Lesson(NamedTuple):
    """The critic's scores of real and of made rows, its loss, and its penalty."""

    real: Tensor
    made: Tensor
    loss: Tensor
    penalty: Tensor


def penalised(n: int, together: int) -> int:
    """On how many groups of `together` rows of a batch of n, a multiple of it, a penalty is taken.

    Example:
        >>> [penalised(n, 1) for n in (1024, 300, 64)], penalised(1024, 3)
        ([256, 128, 64], 86)
    """
    rows = min(max(n // PENALISED, LEAST_PENALISED), n)
    return min(math.ceil(rows / together), n // together)


def accuracy(real: Tensor, made: Tensor) -> Tensor:
    """The chance that a real row has a higher score than a made one, ties counting half: the area under the ROC curve.

    Args:
        real: scores, (n,).
        made: scores, (m,).
    """
    ascending = made.sort().values
    below = torch.searchsorted(ascending, real) + torch.searchsorted(ascending, real, right=True)
    return below.float().mean() / (2 * len(made))
