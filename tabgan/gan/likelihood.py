"""How surprising real rows are, all stages at once.

A walk goes from stage to stage, because a stage may ask for what was drawn before it. Of a real row all cells are
known, so nothing has to wait: what each cell adds to the shared layer is a row of a matrix, running sums over the
stages give what each stage knows, the stages' own layers are one batch of products, and the logits of cells with about
as many categories stand side by side, filled up to the same number, for one softmax. It says the same as the walk does.

The time goes into memory and not into products. So rows are taken in blocks that stay near the processor, gradients
are written out by hand, and a mean is learnt from in the same pass that finds it.

Not for generators with normalised stages or dropout, which the walk serves.

Letters: n rows, k codes, s stages, h units of the shared layer, w of each stage's own, f features; c parts of a class
with at most u categories each, p = all c * u.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from tabgan.gan.conditions import Condition
from tabgan.gan.features import Features, Items, add_rows
from tabgan.gan.precision import coarse_products
from tabgan.gan.side_by_side import SideBySide, SizeClass, Weights

BLOCK = 2**19
"""On a processor, so many units of the stages' shared layers are looked at in one go."""
LOOKED_AT = 2**22
"""Where nothing is learnt, rows are looked at in pieces whose stages' own layers have so many units in all."""
_SLOPE = 0.2


class Rows(NamedTuple):
    """What is known of rows.

    Attributes:
        codes: shape (n, k), int64.
        items: their features.
        given: which codes (n, k) are given; None if none is.
        known: the given ones of the items, others with weight 0; None if none is.
    """

    codes: Tensor
    items: Items
    given: Tensor | None
    known: Items | None

    @classmethod
    def of(cls, features: Features, codes: Tensor, condition: Condition | None) -> "Rows":
        """Rows of which some codes may be given."""
        if condition is None:
            return cls(codes, features.items(codes), None, None)
        codes = torch.where(condition.given, condition.codes, codes)
        items = features.items(codes)
        return cls(codes, items, condition.given, items.only(condition.given[:, features.owners]))


class Likelihood:
    """Surprise and its gradient.

    Args:
        plan: what the plan implies.
        weights: of the generator, side by side.
        rows: to look at.
        coarse: whether the large products may round their factors.
    """

    def __init__(self, plan: SideBySide, weights: Weights, rows: Rows, *, coarse: bool = False) -> None:
        self._coarse = coarse
        self._plan, self._weights, self._rows = plan, weights, rows
        n, (stages, width) = len(rows.codes), weights.shifts.shape
        self._dealt = plan.deal(rows.items, None if rows.known is None else rows.known.weights)
        self._given = None if rows.known is None else rows.known.through(weights.entries)
        size = n if rows.codes.device.type != "cpu" else max(BLOCK // (stages * width), 1)
        self._blocks = [slice(start, min(start + size, n)) for start in range(0, n, size)]

    def look(self) -> Tensor:
        """How surprising the rows are, shape (n,)."""
        middle, _ = self._stages(keep=False)
        straight = self._straight()
        total = torch.zeros(len(self._rows.codes), device=middle.device)
        for own in self._plan.size_classes():
            logits = self._logits(own, middle.index_select(0, own.stages), straight)
            total += self._surprise(own, logits.log_softmax(2))
        return total

    def learn(self, scales: Tensor) -> tuple[Tensor, Weights]:
        """The same, and the gradient of the sum of it times `scales` (n,)."""
        plan, weights = self._plan, self._weights
        gradient = Weights(*map(torch.zeros_like, weights))
        middle, hidden = self._stages(keep=True)
        straight = self._straight()
        of_middle, of_straight = torch.zeros_like(middle), torch.empty_like(straight)
        total = torch.zeros(len(scales), device=scales.device)
        for own in plan.size_classes():
            x, exits = middle.index_select(0, own.stages), weights.exits[own.units].view(*own.shape, -1)
            said = self._logits(own, x, straight).log_softmax(2)
            total += self._surprise(own, said)
            of_logits = self._of_logits(own, said, scales)
            add_rows(of_middle.flatten(1), own.stages, torch.bmm(of_logits, exits).flatten(1))
            gradient.exits[own.units].view(*own.shape, -1).copy_(torch.bmm(of_logits.mT, x))
            gradient.margins[own.units].view(own.shape).copy_(of_logits.sum(1))
            if len(of_straight):
                of_straight[:, own.units].view(-1, *own.shape).copy_(of_logits.transpose(0, 1))
        _bend_back(of_middle, middle)
        self._learn_stages(gradient, hidden, of_middle)
        self._learn_straight(gradient, of_straight)
        return total, gradient

    def _product(self, left: Tensor, right: Tensor) -> Tensor:
        """Of a batch of matrices."""
        with coarse_products(left.device) if self._coarse else nullcontext():
            return torch.bmm(left, right)

    def _stages(self, *, keep: bool) -> tuple[Tensor, list[Tensor]]:
        """The stages' own layers, activated (s, n, w), and what they see of each block (s, b, h), if so asked."""
        plan, weights = self._plan, self._weights
        stages, width = weights.shifts.shape
        middle = weights.biases.new_empty(stages, len(self._rows.codes), weights.biases.shape[1])
        kept = []
        for block in self._blocks:
            added = Items(*(side[:, block].flatten(0, 1) for side in self._dealt)).through(weights.entries)
            hidden = (plan.sums @ added.view(stages - 1, (block.stop - block.start) * width)).view(stages, -1, width)
            hidden.add_(weights.shifts.unsqueeze(1))
            if self._given is not None:
                hidden.add_(self._given[block])
            F.leaky_relu_(hidden, _SLOPE)
            own = self._product(hidden, weights.middles.mT).add_(weights.biases.unsqueeze(1))
            middle[:, block] = F.leaky_relu_(own, _SLOPE)
            kept += [hidden] if keep else []
        return middle, kept

    def _straight(self) -> Tensor:
        """What the direct maps make of finished and of given cells, shape (n, p), or (0, 0)."""
        rows, direct = self._rows, self._weights.direct
        if not len(direct):
            return direct
        finished = rows.items.through(direct.where(self._before(), 0))
        return finished if rows.known is None else finished.add_(rows.known.through(direct.where(~self._before(), 0)))

    def _before(self) -> Tensor:
        """Which features (f, p) belong to cells that are finished before a unit's stage."""
        return torch.arange(len(self._weights.direct), device=self._plan.reach.device)[:, None] < self._plan.reach

    def _logits(self, own: SizeClass, x: Tensor, straight: Tensor) -> Tensor:
        """Of a class (c, n, u), given what its stages' own layers say (c, n, w)."""
        weights = self._weights
        logits = torch.bmm(x, weights.exits[own.units].view(*own.shape, -1).mT)
        logits.add_(weights.margins[own.units].view(own.shape).unsqueeze(1))
        if len(straight):
            logits.add_(straight[:, own.units].view(-1, *own.shape).transpose(0, 1))
        return own.bar(logits, self._rows.codes)

    def _surprise(self, own: SizeClass, said: Tensor) -> Tensor:
        """At the codes of a class, (n,), given the logarithms of the probabilities (c, n, u)."""
        given = self._rows.given
        surprise = said.gather(2, self._rows.codes.T[own.places].unsqueeze(2)).squeeze(2)
        return -(surprise if given is None else surprise.masked_fill(given.T[own.places], 0)).sum(0)

    def _of_logits(self, own: SizeClass, said: Tensor, scales: Tensor) -> Tensor:
        """The gradient of the logits, in place of the logarithms of the probabilities."""
        given, targets = self._rows.given, self._rows.codes.T[own.places].unsqueeze(2)
        said.exp_().scatter_add_(2, targets, said.new_full((1, 1, 1), -1.0).expand(targets.shape))
        return said.mul_((scales if given is None else scales * ~given.T[own.places]).unsqueeze(-1))

    def _learn_stages(self, gradient: Weights, kept: list[Tensor], of_middle: Tensor) -> None:
        """Note the gradient of the stages' own layers and of the shared one.

        Args:
            gradient: to be filled.
            kept: what the stages saw of each block (s, b, h).
            of_middle: the gradient of the own layers before they are activated, (s, n, w).
        """
        plan, known = self._plan, self._rows.known
        torch.sum(of_middle, 1, out=gradient.biases)
        of_given = []
        for block, hidden in zip(self._blocks, kept, strict=True):
            of_own = of_middle[:, block].contiguous()
            gradient.middles.add_(self._product(of_own.mT, hidden))
            of_hidden = self._product(of_own, self._weights.middles)
            _bend_back(of_hidden, hidden)
            gradient.shifts.add_(of_hidden.sum(1))
            of_added = torch.mm(plan.sums.T, of_hidden.flatten(1)).view(-1, *hidden.shape[1:])
            plan.collect(gradient.entries, Items(*(side[:, block] for side in self._dealt)), of_added)
            of_given += [] if known is None else [of_hidden.sum(0)]
        if known is not None:
            gradient.entries.add_(known.back(torch.cat(of_given), len(gradient.entries)))

    def _learn_straight(self, gradient: Weights, of_straight: Tensor) -> None:
        """Note the gradient of the direct maps, given that (n, p) of what they make of rows."""
        f, known = len(gradient.direct), self._rows.known
        if not f:
            return
        before = self._before()
        gradient.direct.copy_(self._rows.items.back(of_straight, f).masked_fill_(~before, 0))
        if known is not None:
            gradient.direct.add_(known.back(of_straight, f).masked_fill_(before, 0))


def _bend_back(gradient: Tensor, activated: Tensor) -> None:
    """Turn the gradient of an activated layer into that of the layer, in place."""
    torch.ops.aten.leaky_relu_backward.grad_input(gradient, activated, _SLOPE, True, grad_input=gradient)


@torch.no_grad()
def surprise_alone(
    plan: SideBySide, features: Features, parameters: Sequence[Tensor], codes: Tensor, condition: Condition | None
) -> Tensor:
    """How surprising rows are (n,), without a gradient, so any number of rows may be asked for."""
    weights = plan.gather(parameters)
    size = max(LOOKED_AT // weights.biases.numel(), 1)
    found = [torch.zeros(0, device=codes.device)]
    for start in range(0, len(codes), size):
        block = slice(start, start + size)
        given = None if condition is None else Condition(condition.given[block], condition.codes[block])
        found.append(Likelihood(plan, weights, Rows.of(features, codes[block], given)).look())
    return torch.cat(found)


class Surprise(torch.autograd.Function):
    """How surprising rows are (n,): differentiable in the weights, for which everything is found anew."""

    @staticmethod
    def forward(ctx: Any, plan: SideBySide, rows: Rows, *parameters: Tensor) -> Tensor:
        """Of the rows, given the parameters as `SideBySide.gather` takes them."""
        ctx.plan, ctx.rows = plan, rows
        ctx.save_for_backward(*parameters)
        return Likelihood(plan, plan.gather(parameters), rows).look()

    @staticmethod
    def backward(ctx: Any, scales: Tensor) -> tuple[Tensor | None, ...]:
        """Of the parameters."""
        _, gradient = Likelihood(ctx.plan, ctx.plan.gather(ctx.saved_tensors), ctx.rows).learn(scales)
        return None, None, *ctx.plan.spread(gradient)


class MeanSurprise(torch.autograd.Function):
    """The mean of how surprising rows are, whose gradient is found in the same pass."""

    @staticmethod
    def forward(ctx: Any, plan: SideBySide, rows: Rows, *parameters: Tensor) -> Tensor:
        """Of the rows, given the parameters as `SideBySide.gather` takes them."""
        n = len(rows.codes)
        look = Likelihood(plan, plan.gather(parameters), rows, coarse=True)
        found, gradient = look.learn(torch.full((n,), 1 / n, device=rows.codes.device))
        ctx.plan, ctx.gradient = plan, gradient
        return found.mean()

    @staticmethod
    def backward(ctx: Any, scale: Tensor) -> tuple[Tensor | None, ...]:
        """Of the parameters."""
        return None, None, *ctx.plan.spread(Weights(*(part * scale for part in ctx.gradient)))


surprise_of: Callable[..., Tensor] = Surprise.apply
mean_surprise_of: Callable[..., Tensor] = MeanSurprise.apply
