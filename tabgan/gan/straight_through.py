"""Rows drawn with a gradient, written out by hand.

Forward it is the walk through the stages, in place: the features of the row fill up in one matrix and the shared layer
in another. Backward the stages are gone through from the last to the first, and what reaches the features of a cell
goes on through the probabilities that it was drawn from, as if it were them (Bengio et al. 2013, section 4).

Not for generators with normalised stages or dropout, which the walk serves.

Letters: n rows, k codes, s stages, h units of the shared layer, w of each stage's own, f features, u units of a part.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tabgan.gan.conditions import Condition
from tabgan.gan.features import Features
from tabgan.gan.stages import Part, StagePlan
from tabgan.gan.walk import invert

_SLOPE = 0.2


@dataclass(frozen=True)
class Asked:
    """What rows to draw.

    Attributes:
        plan: of the rows.
        features: of the plan.
        noise: shape (n, k), uniform.
        condition: the given cells; None if there are none.
        temperature: of the probabilities that the gradient goes through.
    """

    plan: StagePlan
    features: Features
    noise: Tensor
    condition: Condition | None
    temperature: float


class _Parameters:
    """A generator's parameters, or their gradients, by what they are for.

    Args:
        tensors: the entries of the k parts, and then of the s heads each their shifts, weights and biases of their own
            layer, weights and biases of their last one, and their direct maps, if there are any.
        plan: of the rows.
    """

    def __init__(self, tensors: Sequence[Tensor], plan: StagePlan) -> None:
        k, s = len(plan.parts), len(plan.stages)
        self.entries = tensors[:k]
        sides = [tensors[k + i * s : k + (i + 1) * s] for i in range(6)]
        self.shifts, self.middles, self.biases, self.exits, self.margins, self.direct = sides


class _Drawing:
    """What drawing leaves behind for the way back.

    Args:
        asked: what to draw.
        own: the parameters.
    """

    def __init__(self, asked: Asked, own: _Parameters) -> None:
        self.asked = asked
        n, s, device = len(asked.noise), len(asked.plan.stages), asked.noise.device
        width, between = own.entries[0].shape[1], own.middles[0].shape[0]
        condition = asked.condition
        known = (
            None
            if condition is None
            else asked.features.items(torch.where(condition.given, condition.codes, 0)).only(
                condition.given[:, asked.features.owners]
            )
        )
        self.known = None if known is None else known.dense(asked.features.width)
        self.rows = torch.zeros(n, asked.features.width, device=device) if self.known is None else self.known.clone()
        self.codes = torch.empty(n, len(asked.plan.parts), dtype=torch.int64, device=device)
        self.activated = torch.empty(s, n, width, device=device)
        self.between = torch.empty(s, n, between, device=device)
        self.soft: list[Tensor] = []
        self._hidden = torch.zeros(n, width, device=device)
        if self.known is not None:
            torch.mm(self.known, torch.cat(list(own.entries)), out=self._hidden)
        for number in range(s):
            self._draw(number, own)

    def unless_given(self, place: int, tensor: Tensor) -> Tensor:
        """`tensor` (n, u), zero in the rows where the part at `place` is given."""
        condition = self.asked.condition
        return tensor if condition is None else tensor.masked_fill(condition.given[:, place : place + 1], 0)

    def _draw(self, number: int, own: _Parameters) -> None:
        """One stage."""
        plan, stage = self.asked.plan, self.asked.plan.stage_parts[number]
        activated, between = self.activated[number], self.between[number]
        F.leaky_relu_(torch.add(self._hidden, own.shifts[number], out=activated), _SLOPE)
        F.leaky_relu_(torch.addmm(own.biases[number], activated, own.middles[number].T, out=between), _SLOPE)
        logits = torch.addmm(own.margins[number], between, own.exits[number].T)
        if own.direct:
            end = plan.parts[stage.start].features.start if self.known is None else self.rows.shape[1]
            logits.addmm_(self.rows[:, :end], own.direct[number][:end])
        places = range(stage.start, stage.stop)
        for place, of_part in zip(
            places, torch.split(logits, [part.size for part in plan.parts[stage]], 1), strict=True
        ):
            self._draw_part(place, plan.parts[place], of_part)
        for place in places:
            block = self.unless_given(place, self.rows[:, plan.parts[place].features])
            self._hidden.addmm_(block, own.entries[place])

    def _draw_part(self, place: int, part: Part, logits: Tensor) -> None:
        asked, condition = self.asked, self.asked.condition
        logits = asked.features.barred(place, logits, self.codes)
        probabilities = logits.softmax(1)
        drawn = invert(probabilities, asked.noise[:, place])
        if condition is not None:
            drawn = torch.where(condition.given[:, place], condition.codes[:, place], drawn)
        if asked.temperature != 1:
            probabilities = (logits / asked.temperature).softmax(1)
        self.soft.append(probabilities)
        self.codes[:, place] = drawn
        asked.features.fill(place, self.codes, self.rows)


class StraightThrough(torch.autograd.Function):
    """The features (n, f) of drawn rows, differentiable in the weights."""

    @staticmethod
    def forward(ctx: Any, asked: Asked, *parameters: Tensor) -> Tensor:
        """The rows that are asked for, given the parameters of the generator."""
        drawing = _Drawing(asked, _Parameters(parameters, asked.plan))
        ctx.drawing = drawing
        ctx.save_for_backward(*parameters)
        return drawing.rows.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Of the parameters."""
        parameters = ctx.saved_tensors
        gradients = [torch.zeros_like(parameter) for parameter in parameters]
        way = _WayBack(ctx.drawing, gradient.clone(), parameters, gradients)
        for number in reversed(range(len(ctx.drawing.asked.plan.stages))):
            way.through(number)
        way.finish()
        return None, *gradients


drawn_with_gradient: Callable[..., Tensor] = StraightThrough.apply


class _WayBack:
    """The gradient on its way from the features of drawn rows through the stages.

    Args:
        drawing: how the rows were drawn.
        of_rows: shape (n, f), the gradient of the features; it grows.
        parameters: of the generator.
        gradients: of these, zero; they are filled.
    """

    def __init__(
        self, drawing: _Drawing, of_rows: Tensor, parameters: Sequence[Tensor], gradients: Sequence[Tensor]
    ) -> None:
        self._drawing, self._of_rows, plan = drawing, of_rows, drawing.asked.plan
        self._own, self._gradients = _Parameters(parameters, plan), _Parameters(gradients, plan)
        self._of_hidden = torch.zeros_like(drawing.activated[0])

    def through(self, number: int) -> None:
        """One stage."""
        drawing, own, gradients = self._drawing, self._own, self._gradients
        stage = drawing.asked.plan.stage_parts[number]
        of_logits = torch.cat([self._of_part(place) for place in range(stage.start, stage.stop)], 1)
        if own.direct:
            self._through_direct(number, of_logits)
        between, activated = drawing.between[number], drawing.activated[number]
        torch.mm(of_logits.T, between, out=gradients.exits[number])
        torch.sum(of_logits, 0, out=gradients.margins[number])
        of_between = _bend_back(of_logits @ own.exits[number], between)
        torch.mm(of_between.T, activated, out=gradients.middles[number])
        torch.sum(of_between, 0, out=gradients.biases[number])
        of_activated = _bend_back(of_between @ own.middles[number], activated)
        torch.sum(of_activated, 0, out=gradients.shifts[number])
        self._of_hidden.add_(of_activated)

    def finish(self) -> None:
        """What was given had its say in the shared layer from the start."""
        known = self._drawing.known
        if known is None:
            return
        for part, gradient in zip(self._drawing.asked.plan.parts, self._gradients.entries, strict=True):
            gradient.addmm_(known[:, part.features].T, self._of_hidden)

    def _of_part(self, place: int) -> Tensor:
        """The gradient (n, u) of the logits of one part."""
        drawing, asked = self._drawing, self._drawing.asked
        part, entries = asked.plan.parts[place], self._own.entries[place]
        block = drawing.unless_given(place, drawing.rows[:, part.features])
        torch.mm(block.T, self._of_hidden, out=self._gradients.entries[place])
        self._of_rows[:, part.features].addmm_(self._of_hidden, entries.T)
        asked.features.score_back(place, drawing.codes, self._of_rows)
        soft = drawing.soft[place]
        of_soft = self._of_rows[:, part.features.start : part.features.start + part.size]
        of_logits = torch.ops.aten._softmax_backward_data(of_soft, soft, 1, soft.dtype)
        return drawing.unless_given(place, of_logits if asked.temperature == 1 else of_logits / asked.temperature)

    def _through_direct(self, number: int, of_logits: Tensor) -> None:
        drawing, plan = self._drawing, self._drawing.asked.plan
        end = plan.parts[plan.stage_parts[number].start].features.start
        direct, gradient = self._own.direct[number], self._gradients.direct[number]
        torch.mm(drawing.rows[:, :end].T, of_logits, out=gradient[:end])
        if drawing.known is not None:
            torch.mm(drawing.known[:, end:].T, of_logits, out=gradient[end:])
        self._of_rows[:, :end].addmm_(of_logits, direct[:end].T)


def _bend_back(gradient: Tensor, activated: Tensor) -> Tensor:
    """The gradient of an activated layer turned into that of the layer, in place."""
    torch.ops.aten.leaky_relu_backward.grad_input(gradient, activated, _SLOPE, True, grad_input=gradient)
    return gradient
