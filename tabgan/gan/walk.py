"""One pass through the stages of a generator, cell by cell.

A stage is asked for the logits of its cells once all cells before it are finished, whoever finishes them: real rows
whose cells are known, a draw, or a choice from outside. Given cells are finished from the start.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tabgan.gan.conditions import Condition

if TYPE_CHECKING:
    from tabgan.gan.generator import Generator


class Walk:
    """One pass through the stages: yields each part's place with its logits, and wants it finished before the next.

    Args:
        generator: whose stages to go through.
        n: rows of the batch.
        condition: the given cells; None if there are none.
        whole: shape (n, f), the features of rows that are known from the start; None if they are being drawn.
    """

    def __init__(
        self,
        generator: "Generator",
        n: int,
        condition: Condition | None,
        *,
        whole: Tensor | None = None,
    ) -> None:
        self._generator, self._condition = generator, condition
        self._known = None if condition is None else generator.features.of_given(condition.codes, condition.given)
        self._whole = whole
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
            finished = torch.cat(self._blocks, 1)
        return finished if self._known is None else torch.cat([finished, self._known[:, end:]], 1)


def invert(probabilities: Tensor, uniform: Tensor) -> Tensor:
    """Categories (n,) drawn from `probabilities` (n, u) by inversion; one of probability 0 is never drawn."""
    ends = probabilities.cumsum(1)
    aim = uniform.clamp(1e-7, 1 - 1e-7) * ends[:, -1]
    return (ends < aim.unsqueeze(1)).sum(1)
