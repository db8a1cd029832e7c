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
from collections.abc import Callable, Iterator
from typing import TypeAlias, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.conditions import Condition
from tabgan.gan.config import TrainingConfig
from tabgan.gan.features import Features
from tabgan.gan.layers import Linear, dropout, initialise, normalisation
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable

MAX_DIRECT = 16_000_000
"""Weights of the direct map: it grows with the square of a row's width, and wide rows do without."""
_SPREAD = 0.3
Choose: TypeAlias = Callable[[int, Tensor], Tensor]
"""Given a part's place in the plan and its logits (n, u): the categories (n,) that rows get."""


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
        for head, stage in zip(self.stage_heads(), self.plan.stage_parts, strict=True):
            parts = self.plan.parts[stage]
            head.exit.weight *= _SPREAD
            counts = [np.bincount(table.codes[:, part.code], minlength=part.size) + 0.5 for part in parts]
            shares = np.concatenate([count / count.sum() for count in counts])
            head.exit.bias.copy_(torch.from_numpy(shares).log())

    @torch.no_grad()
    def draw(self, noise: Tensor, condition: Condition | None = None) -> Tensor:
        """Codes (n, k), int64, in the order of the plan."""
        return self.make(len(noise), lambda place, logits: invert(logits.softmax(1), noise[:, place]), condition)

    @torch.no_grad()
    def make(self, n: int, choose: Choose, condition: Condition | None = None) -> Tensor:
        """Codes (n, k), int64, in the order of the plan, with categories that are chosen as rows are being made.

        Args:
            n: number of rows.
            choose: asked for each part in the order of the plan; what it says of given cells is of no account.
            condition: the given cells.
        """
        walk = _Walk(self, n, condition)
        codes = torch.empty(n, len(self.plan.parts), dtype=torch.int64, device=self.device)
        for place, logits in walk:
            codes[:, place] = walk.or_given(place, choose(place, logits))
            walk.finish(place, F.one_hot(codes[:, place], logits.shape[1]).float())
        return codes

    def draw_with_gradient(self, noise: Tensor, condition: Condition | None, temperature: float) -> Tensor:
        """The features (n, f) of drawn rows, with a straight-through gradient (Bengio et al. 2013, section 4).

        Args:
            noise: shape (n, k), uniform.
            condition: the given cells; they have no gradient.
            temperature: of the probabilities that the gradient goes through.
        """
        walk = _Walk(self, len(noise), condition)
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
        onehots, features = self.features.of_codes(codes)
        walk = _Walk(self, len(codes), condition, whole=features)
        total = torch.zeros(len(codes), device=codes.device)
        for place, logits in walk:
            surprise = F.cross_entropy(logits, codes[:, place], reduction="none")
            total = total + walk.unless_given(place, surprise)
            walk.finish(place, onehots[place])
        return total


class _Walk:
    """One pass through the stages: yields each part's place with its logits, and wants it finished before the next.

    Args:
        generator: whose stages to go through.
        n: rows of the batch.
        condition: the given cells; None if there are none.
        whole: shape (n, f), the features of rows that are known from the start; None if they are being drawn.
    """

    def __init__(
        self,
        generator: Generator,
        n: int,
        condition: Condition | None,
        *,
        whole: Tensor | None = None,
    ) -> None:
        self._generator, self._condition = generator, condition
        self._known = None if condition is None else generator.features.of_given(condition.codes, condition.given)
        self._whole = whole
        self._room = None
        if whole is None and not torch.is_grad_enabled():
            self._room = torch.zeros(n, generator.plan.n_features, device=generator.device)
        self._onehots: list[Tensor] = []
        self._blocks: list[Tensor] = []
        hidden = torch.zeros(n, generator.entries[0].shape[1], device=generator.device)
        self._hidden = hidden if self._known is None else self._known @ torch.cat(list(generator.entries))

    def __iter__(self) -> Iterator[tuple[int, Tensor]]:
        generator, plan = self._generator, self._generator.plan
        for head, stage in zip(generator.stage_heads(), plan.stage_parts, strict=True):
            sizes = [part.size for part in plan.parts[stage]]
            context = None if head.direct is None else self._context(plan.parts[stage.start].features.start)
            logits = head(self._hidden, context)
            for place, own in zip(range(stage.start, stage.stop), logits.split(sizes, 1), strict=True):
                yield place, generator.features.within_window(place, own, self._onehots)
            for place in range(stage.start, stage.stop):
                # What was given is in the hidden layer already.
                self._hidden = self._hidden + self.unless_given(place, self._blocks[place]) @ generator.entries[place]

    def finish(self, place: int, onehot: Tensor) -> None:
        """Take the one-hot vectors (n, u) of the part at `place` as its cells."""
        self._onehots.append(onehot)
        own = self._generator.plan.parts[place].features
        if self._whole is not None:
            self._blocks.append(self._whole[:, own])
            return
        self._blocks.append(self._generator.features.block(place, self._onehots))
        if self._room is not None:
            self._room[:, own] = self._blocks[place]

    def unless_given(self, place: int, tensor: Tensor) -> Tensor:
        """`tensor` (n, ...), zero in the rows where the part at `place` is given."""
        if self._condition is None:
            return tensor
        return tensor.masked_fill(self._condition.given[:, place].view(-1, *[1] * (tensor.ndim - 1)), 0)

    def or_given(self, place: int, codes: Tensor) -> Tensor:
        """The codes (n,) of the part at `place`, those that are given in place of the drawn ones."""
        if self._condition is None:
            return codes
        return torch.where(self._condition.given[:, place], self._condition.codes[:, place], codes)

    def features(self) -> Tensor:
        """The features (n, f) of the finished rows."""
        return torch.cat(self._blocks, 1)

    def _context(self, end: int) -> Tensor:
        """The features of the finished parts, the first `end`, and behind them what is given of the others."""
        if not end:
            finished = self._hidden.new_zeros(len(self._hidden), 0)
        elif self._whole is not None:
            finished = self._whole[:, :end]
        else:
            finished = torch.cat(self._blocks, 1) if self._room is None else self._room[:, :end]
        return finished if self._known is None else torch.cat([finished, self._known[:, end:]], 1)


def invert(probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Categories (n,) drawn from `probabilities` (n, u) by inversion; one of probability 0 is never drawn."""
    ends = probabilities.cumsum(1)
    aim = uniform.clamp(1e-7, 1 - 1e-7) * ends[:, -1]
    return (ends < aim.unsqueeze(1)).sum(1)
