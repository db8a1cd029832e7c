"""The generator with all that it needs to make rows, as one module: what training leaves behind.

Its state is small and holds no rows of the table: the weights, and the calibration found after training (a shift of
each logit, and a monotone curve for each value). Everything in it is in the order of the plan's stages.
"""

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from tabgan.gan.conditions import Condition, ConditionMap
from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import Features, Rows
from tabgan.gan.networks import Stage, Trunk
from tabgan.gan.stages import StagePlan

CURVE_KNOTS = 129
"""Knots of a value's calibration curve, evenly spaced on [-1, 1]."""


class Made(NamedTuple):
    """A batch of made rows.

    Attributes:
        logits: shape (n, w).
        plain: shape (n, v), the values before calibration.
        rows: the drawn rows, with the given cells in place.
    """

    logits: Tensor
    plain: Tensor
    rows: Rows


class Synthesizer(nn.Module):
    """Trunk, stages, features, condition map and calibration.

    Shape: noise (n, z), Gumbel noise (n, w) and a condition of n rows -> `Made`.
    """

    logit_shift: Tensor
    value_curves: Tensor
    part_columns: Tensor

    def __init__(self, plan: StagePlan, config: TrainingConfig) -> None:
        super().__init__()
        self.plan = plan
        self.features = Features(plan.staged, config.hats)
        self.conditions = ConditionMap(plan)
        self.trunk = Trunk(
            config.noise_width,
            hidden=config.generator_width,
            blocks=config.generator_blocks,
            stages=len(plan.stages),
            stage_width=config.stage_width,
        )
        self.stage_features = nn.ModuleList(Features(layout, config.hats) for layout in plan.stage_layouts)
        self.stages = nn.ModuleList(
            Stage(config.stage_width, self.features.width, layout.width, layout.n_values)
            for layout in plan.stage_layouts
        )
        columns = torch.tensor([part.column for part in plan.parts])
        self.register_buffer("part_columns", columns, persistent=False)
        self.register_buffer("logit_shift", torch.zeros(plan.staged.width))
        self.register_buffer("value_curves", torch.linspace(-1, 1, CURVE_KNOTS).repeat(plan.staged.n_values, 1))

    def pieces(self) -> list[tuple[Stage, Features]]:
        """Each stage with the features of its parts, in order."""
        return cast("list[tuple[Stage, Features]]", list(zip(self.stages, self.stage_features, strict=True)))

    def forward(self, noise: Tensor, gumbel: Tensor, condition: Condition, temperature: float | None = None) -> Made:
        """Rows made stage by stage.

        Args:
            noise: standard normal, (n, z).
            gumbel: standard Gumbel, (n, w): what the codes are drawn with.
            condition: given cells.
            temperature: of the straight-through gradient of the drawn codes; None draws without gradient.
        """
        given = self.conditions(condition)
        hidden = self.trunk(noise)
        context = self._given_features(condition)
        parts: list[tuple[Tensor, ...]] = []
        unit = value = 0
        for number, (stage, features) in enumerate(self.pieces()):
            units, values = slice(unit, unit + features.onehot_width), slice(value, value + features.n_values)
            logits, plain = stage(hidden[number], torch.cat(context, 1))
            logits = logits + self.logit_shift[units]
            if temperature is None:
                drawn = features.draw(logits, gumbel[:, units])
            else:
                drawn = features.draw_with_gradient(logits, gumbel[:, units], temperature)
            onehots = torch.where(given.onehots[:, units], condition.rows.onehots[:, units], drawn)
            bent = self._bend(plain, self.value_curves[values])
            bent = torch.where(given.values[:, values], condition.rows.values[:, values], bent)
            parts.append((logits, plain, onehots, bent))
            context[number] = features(Rows(onehots, bent))
            unit, value = units.stop, values.stop
        logits, plain, onehots, bent = (torch.cat(pieces, 1) for pieces in zip(*parts, strict=True))
        return Made(logits, plain, Rows(onehots, bent))

    def _given_features(self, condition: Condition) -> list[Tensor]:
        """The features of the given cells for each stage, (n, f'), zero where not given."""
        found = []
        unit = value = part = 0
        for _, features in self.pieces():
            units, values = slice(unit, unit + features.onehot_width), slice(value, value + features.n_values)
            # Whether a value is live is a product with all units, where NaN in a cell not given would spread.
            rows = Rows(condition.rows.onehots[:, units].nan_to_num(), condition.rows.values[:, values])
            given = condition.mask[:, self.part_columns[part + features.owners]] > 0
            found.append(torch.where(given, features(rows), 0.0))
            unit, value, part = units.stop, values.stop, part + features.n_columns
        return found

    def soft(self, made: Made, condition: Condition) -> Rows:
        """The made rows with probabilities in place of the drawn codes, and the given cells in place."""
        given = self.conditions(condition)
        probabilities = self.features.probabilities(made.logits)
        return Rows(torch.where(given.onehots, condition.rows.onehots, probabilities), made.rows.values)

    def free_condition(self, n: int) -> Condition:
        """The condition of `n` rows that gives nothing."""
        staged = self.plan.staged
        shapes = ((n, len(self.plan.layout.columns)), (n, staged.width), (n, staged.n_values))
        mask, onehots, values = (torch.zeros(shape, device=self.logit_shift.device) for shape in shapes)
        return Condition(mask, Rows(onehots, values))

    @staticmethod
    def _bend(values: Tensor, curves: Tensor) -> Tensor:
        """Each value (n, v') through its curve (v', knots), by linear interpolation; NaN counts as 0."""
        position = (values.nan_to_num(0.0).clamp(-1, 1) + 1) * ((CURVE_KNOTS - 1) / 2)
        left = position.detach().floor().clamp_max(CURVE_KNOTS - 2)
        columns = torch.arange(len(curves), device=values.device)
        low, high = (curves[columns, (left + shift).long()] for shift in (0, 1))
        return torch.lerp(low, high, position - left)
