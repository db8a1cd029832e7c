"""What training leaves behind: the generator with all that it needs to make rows, as one module.

Its state is small and holds no rows of the table: the generator's weights, and the calibration found after training (a
shift of each logit, and a monotone curve for each value).
"""

import torch
from torch import Tensor, nn

from tabgan.gan.conditions import Condition, ConditionMap
from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import Features, Rows, uncap
from tabgan.gan.networks import Generator, initialise
from tabgan.layout import Layout

CURVE_KNOTS = 129
"""Knots of a value's calibration curve, evenly spaced on [-1, 1]."""


class Synthesizer(nn.Module):
    """Generator, features, condition map and calibration.

    Shape: noise (n, z) and a condition of n rows -> logits (n, w) and values (n, v) in [-1, 1].
    """

    logit_shift: Tensor
    value_curves: Tensor

    def __init__(self, layout: Layout, config: TrainingConfig) -> None:
        super().__init__()
        self.layout = layout
        self.features = Features(layout, config.hats)
        self.conditions = ConditionMap(layout)
        self.generator = Generator(
            config.noise_width,
            self.conditions.width,
            layout.width,
            layout.n_values,
            hidden=config.generator_width,
            blocks=config.generator_blocks,
        )
        self.register_buffer("logit_shift", torch.zeros(layout.width))
        self.register_buffer("value_curves", torch.linspace(-1, 1, CURVE_KNOTS).repeat(layout.n_values, 1))

    def forward(self, noise: Tensor, condition: Condition) -> tuple[Tensor, Tensor]:
        """Calibrated logits and values."""
        logits, values = self.generator(noise, self.conditions(condition))
        return logits + self.logit_shift, self._bend(values)

    def draw(self, noise: Tensor, gumbel: Tensor, condition: Condition) -> Rows:
        """Hard rows with the given cells in place."""
        logits, values = self(noise, condition)
        return self.conditions.fill(Rows(self.features.draw(logits, gumbel), values), condition)

    def free_condition(self, n: int) -> Condition:
        """The condition of `n` rows that gives nothing."""
        shapes = ((n, len(self.layout.columns)), (n, self.layout.width), (n, self.layout.n_values))
        mask, onehots, values = (torch.zeros(shape, device=self.logit_shift.device) for shape in shapes)
        return Condition(mask, Rows(onehots, values))

    @torch.no_grad()
    def start_at_margins(self, frequencies: Tensor, random: torch.Generator) -> None:
        """Initialise the weights so that untrained rows already have the table's margins.

        The bias of each unit becomes the logarithm of its category's frequency, and the weights of the logits start
        small; values are uniform by the design of `Generator`. So the critic starts on the joint structure.

        Args:
            frequencies: shape (w,), positive, summing to one within each code.
            random: the source of the weights.
        """
        initialise(self.generator, random)
        units = self.layout.width
        self.generator.exit.weight[:units] *= 0.3
        self.generator.exit.bias[:units] = uncap(frequencies.log().clamp_min(-0.95 * 30))

    def _bend(self, values: Tensor) -> Tensor:
        """Each value through its curve, by linear interpolation."""
        if not values.shape[1]:
            return values
        position = (values.clamp(-1, 1) + 1) * ((CURVE_KNOTS - 1) / 2)
        left = position.floor().clamp_max(CURVE_KNOTS - 2)
        columns = torch.arange(values.shape[1], device=values.device)
        low, high = (self.value_curves[columns, (left + shift).long()] for shift in (0, 1))
        return torch.lerp(low, high, position - left)
