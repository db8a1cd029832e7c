"""One step of each network of a run: what it computes, and nothing of when.

A step reads nothing that changes but its inputs and tensors that stay in their place, so that it can be captured as a
graph and replayed (`gan.capture`). What it gives stays on the device, and nobody waits for it here. The exception is
the share of the run that is over, which a few remedies compute with: their steps are not captured.
"""

import torch
from torch import Tensor, nn

from tabgan.gan.adversary import Adversary
from tabgan.gan.capture import Values
from tabgan.gan.conditions import Condition
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.loop import Clock
from tabgan.gan.optimisers import Adam, cosine, gradient_norm, set_rate

JUDGED, LEAST_JUDGED = 2, 256
"""The critic looks at half of a batch, but at no fewer than 256 rows, if there are as many."""


class Steps:
    """The steps of one run.

    Args:
        config: resolved settings.
        generator: that learns.
        average: of its weights.
        optimiser: of the generator.
        adversary: its opponent.
        clock: says how far the run is.
        noise: the source of what is drawn.

    Letters: b rows of a batch, k codes, f features.
    """

    def __init__(
        self,
        config: TrainingConfig,
        *,
        generator: Generator,
        average: Generator,
        optimiser: Adam,
        adversary: Adversary,
        clock: Clock,
        noise: torch.Generator,
    ) -> None:
        self._config, self._clock, self._noise = config, clock, noise
        self._generator = generator
        # Walking through the modules for them takes longer than what is done with them.
        self._weights: list[Tensor] = list(generator.parameters())
        self._averages: list[Tensor] = list(average.parameters())
        self._optimiser, self._adversary = optimiser, adversary

    @property
    def share(self) -> float | None:
        """How much of the part of the run with a critic is over, from 0 to 1; None where there is no critic yet."""
        weight, share = self._config.adversarial_weight or 0.0, self._config.adversarial_share or 0.0
        progress = self._clock.progress
        if not weight or progress < 1 - share or not share:
            return None
        return (progress - (1 - share)) / share

    def set_rates(self, left: float) -> None:
        """Cosine decay of the rates to nearly zero over the run; the critic's over the part that it takes part in.

        Args:
            left: what roll-backs have left of the rates that were asked for.
        """
        config = self._config
        set_rate(self._optimiser, (config.generator_rate or 0.0) * cosine(self._clock.progress) * left)
        set_rate(self._adversary.optimiser, (config.critic_rate or 0.0) * cosine(self.share or 0.0) * left)

    def generator_step(self, codes: Tensor, given: Tensor | None, moved: Tensor, judged: bool) -> Values:
        """One step of the generator and of its average.

        Args:
            codes: of real rows, (b, k), in the order of the plan.
            given: which of them are given, (k,); None if none is.
            moved: by how much the average follows, one number.
            judged: whether there is a critic.

        Returns:
            How surprising the batch was, and the norm of the gradient from the critic, None if it said nothing.
        """
        config, condition = self._config, _condition(codes, given)
        with torch.set_grad_enabled(config.likelihood_weight > 0):
            surprise = self._generator.mean_surprise(codes, condition)
        self._optimiser.zero_grad()
        heard = self._hear(*self._judged(codes, given)) if judged else None
        if config.likelihood_weight:
            torch.autograd.backward(config.likelihood_weight * surprise)
        if config.generator_clip:
            nn.utils.clip_grad_norm_(self._weights, config.generator_clip)
        self._optimiser.step()
        self._follow(moved)
        return surprise.detach(), heard

    def critic_step(self, codes: Tensor, given: Tensor | None) -> Values:
        """One step of the critic on such a batch; what it gave as in `Adversary.learn`."""
        codes, condition = self._judged(codes, given)
        with torch.no_grad():
            made = self.seen(self._generator.draw(self._uniform(codes), condition), condition)
            real = self.seen(codes, condition)
        return (self._adversary.learn(real, made, self.share or 0.0),)

    def seen(self, codes: Tensor, condition: Condition | None) -> Tensor:
        """What the critic sees of rows, (b, f + k): their features, and which codes were given."""
        return _marked(self._generator.features(codes), codes, condition)

    def _judged(self, codes: Tensor, given: Tensor | None) -> tuple[Tensor, Condition | None]:
        """The rows of a batch that the critic looks at, and what is given of them."""
        together = max(self._config.pac, self._config.minibatch_std, 1)
        rows = min(max(len(codes) // JUDGED, LEAST_JUDGED), len(codes)) // together * together
        return codes[:rows], _condition(codes[:rows], given)

    def _hear(self, codes: Tensor, condition: Condition | None) -> Tensor | None:
        """Give the generator the gradient of the critic's verdict; its norm, None if there is no verdict."""
        config = self._config
        drawn = self._generator.draw_with_gradient(self._uniform(codes), condition, config.temperature)
        made, real = _marked(drawn, codes, condition), self.seen(codes, condition)
        verdict = self._adversary.verdict(made, real, self.share or 0.0)
        if verdict is None:
            return None
        torch.autograd.backward((config.adversarial_weight or 0.0) * verdict)
        return gradient_norm(self._generator)

    def _uniform(self, codes: Tensor) -> Tensor:
        """Noise for as many rows."""
        return torch.rand(codes.shape, generator=self._noise, device=codes.device)

    @torch.no_grad()
    def _follow(self, moved: Tensor) -> None:
        """Move the average towards the generator."""
        apart = torch._foreach_sub(self._weights, self._averages)
        torch._foreach_mul_(apart, moved)
        torch._foreach_add_(self._averages, apart)


def _condition(codes: Tensor, given: Tensor | None) -> Condition | None:
    """What the generator is told of real rows, (b, k), of which some codes are given, (k,)."""
    return None if given is None else Condition(given.expand(len(codes), -1), codes)


def _marked(features: Tensor, codes: Tensor, condition: Condition | None) -> Tensor:
    """Features (b, f) with a mark for each code, (b, f + k): whether it was given."""
    given = features.new_zeros(codes.shape) if condition is None else condition.given.float()
    return torch.cat([features, given], 1)
