"""The generator: noise to rows, stage by stage.

What a stage knows of a row are the features of the finished cells. They enter twice: through a hidden layer that all
stages share, to which each finished cell adds its part once (Larochelle and Murray 2011, the NADE estimator, section
2), with a small layer of the stage's own behind it; and through a direct linear map to the logits, which can hold the
contingency tables of pairs of columns as they are. The codes are drawn from the logits by inversion: each takes one
uniform number of the noise.

Because rows are made this way, the generator can do a second thing: say how likely a real row is, cell by cell, given
the cells before. Training uses both. Nothing here holds rows of the table: the state is the weights, and the ranks of
the borders of cells.
"""

import math
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.conditions import Condition
from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import Features
from tabgan.gan.layers import Linear, dropout, initialise, normalisation
from tabgan.gan.likelihood import Rows, mean_surprise_of, surprise_alone, surprise_of
from tabgan.gan.maker import Maker
from tabgan.gan.making import Choose
from tabgan.gan.occurrences import occurrences
from tabgan.gan.side_by_side import SideBySide
from tabgan.gan.stages import StagePlan
from tabgan.gan.straight_through import Asked, drawn_with_gradient
from tabgan.gan.walk import Walk, invert
from tabgan.layout import EncodedTable

MAX_DIRECT = 16_000_000
"""Weights of the direct map: it grows with the square of a row's width, and wide rows do without."""
AT_ONCE = 500_000
"""With more weights in the direct maps than this, real rows are looked at stage by stage: copying the maps for all
stages at once takes longer than it saves."""
_SPREAD = 0.3


class Head(nn.Module):
    """A stage's own layer: what the shared layer holds and the features of the finished cells to logits.

    Args:
        hidden: width of the shared layer.
        width: of the own one.
        n_features: of a row.
        n_units: of the stage's parts.
        direct: whether there is a direct map from features to logits.
        norm: of the own layer: none, layer or batch.
        left_out: share of its units left out while learning.
        random: the source of what is left out.

    Shape: hidden (n, h) and context (n, f'), f' <= f -> (n, u).

    Example:
        >>> head = Head(8, 4, n_features=7, n_units=3, direct=True)
        >>> initialise(head, torch.Generator().manual_seed(0))
        >>> head(torch.randn(2, 8), torch.zeros(2, 5)).shape
        torch.Size([2, 3])
    """

    def __init__(
        self,
        hidden: int,
        width: int,
        *,
        n_features: int,
        n_units: int,
        direct: bool,
        norm: str = "none",
        left_out: float = 0.0,
        random: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(hidden))
        self.middle = Linear(hidden, width)
        self.norm, self.dropout = normalisation(norm, width), dropout(left_out, random)
        self.exit = Linear(width, n_units)
        self.direct = nn.Parameter(torch.zeros(n_features, n_units)) if direct else None

    def forward(self, hidden: Tensor, context: Tensor | None) -> Tensor:
        """The logits of the stage's parts; `context` holds the first f' features, None if there is no direct map."""
        middle = F.leaky_relu(self.norm(self.middle(F.leaky_relu(hidden + self.shift, 0.2))), 0.2)
        logits: Tensor = self.exit(self.dropout(middle))
        return (
            logits
            if self.direct is None or context is None
            else torch.addmm(logits, context, self.direct[: context.shape[1]])
        )

    @property
    def plain(self) -> bool:
        """Whether the own layer is neither normalised nor left out in part."""
        return isinstance(self.norm, nn.Identity) and isinstance(self.dropout, nn.Identity)


class Generator(nn.Module):
    """The shared layer, the heads of the stages, and the features of a plan.

    Shape: noise (n, k), uniform on [0, 1], and a condition of n rows -> codes (n, k), in the order of the plan.

    Args:
        plan: of the rows.
        config: the settings.
        random: the source of what dropout leaves out; None for a generator that does not learn.
    """

    def __init__(self, plan: StagePlan, config: TrainingConfig, random: torch.Generator | None = None) -> None:
        super().__init__()
        self.plan = plan
        self._initialisation = config.initialisation
        self.features = Features(plan)
        self._side_by_side = SideBySide(plan)
        n_features = plan.n_features
        direct = n_features * plan.layout.width <= MAX_DIRECT
        self.entries = nn.ParameterList(
            torch.zeros(part.features.stop - part.features.start, config.generator_width) for part in plan.parts
        )
        self.heads = nn.ModuleList(
            Head(
                config.generator_width,
                config.stage_width,
                n_features=n_features,
                n_units=sum(part.size for part in plan.parts[stage]),
                direct=direct,
                norm=config.generator_norm,
                left_out=config.generator_dropout,
                random=random,
            )
            for stage in plan.stage_parts
        )

    def stage_heads(self) -> list[Head]:
        """The heads, in the order of the stages."""
        return cast("list[Head]", list(self.heads))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @torch.no_grad()
    def start(self, table: EncodedTable, random: torch.Generator) -> None:
        """Set the weights that training starts with: cells are independent and have the frequencies of `table`.

        Args:
            table: the encoded table, in the order of its layout.
            random: the source of the weights.
        """
        initialise(self, random, self._initialisation)
        self.features.set_scores(self.plan, table)
        for entry in self.entries:
            entry.copy_(torch.randn(entry.shape, generator=random) / math.sqrt(len(self.entries)))
        cells = [(None, part.code) for part in self.plan.parts]
        found = occurrences(table.codes, cells, self.plan.layout.cardinalities)
        for head, stage in zip(self.stage_heads(), self.plan.stage_parts, strict=True):
            head.exit.weight *= _SPREAD
            counts = [own[0] + 0.5 for own in found[stage]]
            shares = np.concatenate([count / count.sum() for count in counts])
            head.exit.bias.copy_(torch.from_numpy(shares).log())

    def draw(self, noise: Tensor, condition: Condition | None = None) -> Tensor:
        """Codes (n, k), int64, in the order of the plan; whoever draws many times keeps a `Maker`."""
        return Maker(self).draw(noise, condition)

    def make(self, n: int, choose: Choose, condition: Condition | None = None) -> Tensor:
        """Codes (n, k), int64, in the order of the plan, with categories that are chosen as rows are being made.

        Args:
            n: number of rows.
            choose: asked for each part in the order of the plan; what it says of given cells is of no account.
            condition: the given cells.
        """
        return Maker(self).make(n, choose, condition)

    def draw_with_gradient(self, noise: Tensor, condition: Condition | None, temperature: float) -> Tensor:
        """The features (n, f) of drawn rows, with a straight-through gradient (Bengio et al. 2013, section 4).

        Args:
            noise: shape (n, k), uniform.
            condition: the given cells; they have no gradient.
            temperature: of the probabilities that the gradient goes through.
        """
        if self._plain:
            asked = Asked(self.plan, self.features, noise, condition, temperature)
            return drawn_with_gradient(asked, *self._in_order())
        walk = Walk(self, len(noise), condition)
        for place, logits in walk:
            drawn = walk.or_given(place, invert(logits.detach().softmax(1), noise[:, place]))
            soft = walk.unless_given(place, (logits / temperature).softmax(1))
            walk.finish(place, F.one_hot(drawn, logits.shape[1]).float() + soft - soft.detach())
        return walk.features()

    def surprise(self, codes: Tensor, condition: Condition | None = None) -> Tensor:
        """Minus the log likelihood of real rows, in nats, shape (n,); given codes count as certain.

        Args:
            codes: shape (n, k), int64, in the order of the plan.
            condition: which of the codes are given; None if none is.
        """
        if not self._at_once:
            return self._surprise_by_stages(codes, condition)
        if not torch.is_grad_enabled():
            return surprise_alone(self._side_by_side, self.features, self._in_order(), codes, condition)
        rows = Rows.of(self.features, codes, condition)
        return surprise_of(self._side_by_side, rows, *self._in_order())

    def mean_surprise(self, codes: Tensor, condition: Condition | None = None) -> Tensor:
        """The mean of `surprise`, a tensor of one number, to learn from: quicker, and products may be rounded."""
        if not self._at_once or not torch.is_grad_enabled():
            return self.surprise(codes, condition).mean()
        rows = Rows.of(self.features, codes, condition)
        return mean_surprise_of(self._side_by_side, rows, *self._in_order())

    @property
    def _at_once(self) -> bool:
        """Whether real rows are looked at in all stages at once."""
        direct = sum(0 if head.direct is None else head.direct.numel() for head in self.stage_heads())
        return self._plain and direct <= AT_ONCE

    @property
    def _plain(self) -> bool:
        """Whether what a stage says of a row hangs on its weights alone."""
        return all(head.plain for head in self.stage_heads())

    def _in_order(self) -> list[Tensor]:
        """The weights as `SideBySide.gather` wants them."""
        heads = self.stage_heads()
        own = [
            *(head.shift for head in heads),
            *(head.middle.weight for head in heads),
            *(head.middle.bias for head in heads),
            *(head.exit.weight for head in heads),
            *(head.exit.bias for head in heads),
        ]
        return [*self.entries, *own, *(head.direct for head in heads if head.direct is not None)]

    def _surprise_by_stages(self, codes: Tensor, condition: Condition | None) -> Tensor:
        """`surprise`, walking from stage to stage."""
        onehots, features = self.features.of_codes(codes)
        walk = Walk(self, len(codes), condition, whole=features)
        total = torch.zeros(len(codes), device=codes.device)
        for place, logits in walk:
            surprise = F.cross_entropy(logits, codes[:, place], reduction="none")
            total = total + walk.unless_given(place, surprise)
            walk.finish(place, onehots[place])
        return total
