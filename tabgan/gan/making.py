"""Rows on their way through the stages of a generator, without a gradient, as quickly as the processor allows.

What a finished cell adds to the layer that all stages share is a row of a table, so it is looked up, and no one-hot
vector is multiplied. Buffers are used again by all stages and by the rows that come after, since fresh memory costs
more than most of what is computed in it, and activations are computed in place.

Rows with a gradient, and real rows, go through `Walk`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.conditions import Condition
from tabgan.gan.direct import DirectMap, direct_map
from tabgan.gan.stages import Part

if TYPE_CHECKING:
    from tabgan.gan.generator import Generator, Head

Choose: TypeAlias = Callable[[int, Tensor], Tensor]
"""Given a part's place in the plan and its logits (n, u): the categories (n,) that rows get. The logits are gone after
that."""


class Tables:
    """What is looked up of a generator's weights.

    Attributes:
        generator: whose.
        shift: shape (h,), of the first stage.
        steps: the weights of the stages.
        cells: what follows from the codes of the parts.
    """

    def __init__(self, generator: "Generator") -> None:
        self.generator = generator
        heads = generator.stage_heads()
        self.shift = heads[0].shift.detach()
        self.steps = [_Step(head) for head in heads]
        self.cells = [_Cell.of(generator, place) for place in range(len(generator.plan.parts))]
        # With the last cell of a stage comes the shift of the next one, in place of its own.
        for stage, head, following in zip(generator.plan.stage_parts, heads, heads[1:], strict=False):
            self.cells[stage.stop - 1].table.add_(following.shift.detach() - head.shift.detach())


class _Step:
    """The weights of a stage's own layer, as products want them."""

    def __init__(self, head: "Head") -> None:
        self.middle = head.middle.weight.detach().T, head.middle.bias.detach()
        self.exit = head.exit.weight.detach().T, head.exit.bias.detach()
        self.norm = None if isinstance(head.norm, nn.Identity) else head.norm
        self.dropout = None if isinstance(head.dropout, nn.Identity) else head.dropout
        self.direct = None if head.direct is None else head.direct.detach()


class _Cell(NamedTuple):
    """What follows from the code of a part.

    Attributes:
        part: the part.
        table: shape (u + 1, h), what each category adds to the shared layer; last what a cell adds that is in it.
        scores: the scores by the code before and the code, flat; None if the part has none.
        score: shape (h,), what a score of 1 adds to the shared layer.
        mask: shape (u', u), minus infinity for categories that may not follow the code before; None if any may.
    """

    part: Part
    table: Tensor
    scores: Tensor | None
    score: Tensor
    mask: Tensor | None

    @classmethod
    def of(cls, generator: "Generator", place: int) -> "_Cell":
        part, entry = generator.plan.parts[place], generator.entries[place].detach()
        scores = generator.features.get_buffer(f"scores_{place}").flatten() if part.scored else None
        mask = None
        if part.window is not None:
            mask = torch.where(generator.features.get_buffer(f"window_{place}") > 0.5, 0.0, -math.inf)
        return cls(part, F.pad(entry[: part.size], (0, 0, 0, 1)), scores, entry[-1], mask)


class Room:
    """Memory for `n` rows on their way."""

    def __init__(self, generator: "Generator", n: int) -> None:
        plan, device, heads = generator.plan, generator.device, generator.stage_heads()
        width = generator.entries[0].shape[1]
        self.codes = torch.zeros(len(plan.parts), n, dtype=torch.int64, device=device)
        self.hidden, self.active = (torch.empty(n, width, device=device) for _ in range(2))
        self.middle = torch.empty(n, heads[0].middle.out_features, device=device)
        units = max(head.exit.out_features for head in heads)
        self.logits, self.found = (torch.empty(n * units, device=device) for _ in range(2))
        self.direct: DirectMap | None = None
        if heads[0].direct is not None:
            self.direct = direct_map(generator.features, n)


class Making:
    """Rows on their way through the stages.

    Args:
        tables: of the generator.
        room: to make them in.
        condition: the given cells, which are finished from the start.
    """

    def __init__(self, tables: Tables, room: Room, condition: Condition | None) -> None:
        self._tables, self._plan, self._room, self._condition = tables, tables.generator.plan, room, condition
        self._known = 0
        room.hidden.copy_(tables.shift.expand_as(room.hidden))
        if room.direct is not None:
            room.direct.clear()
        if condition is not None:
            self._give(condition)

    @property
    def codes(self) -> Tensor:
        """The codes (n, k) of the finished rows; the next rows are made in their place."""
        return self._room.codes.T

    def _give(self, condition: Condition) -> None:
        """Finish given cells before the first stage."""
        room, entries = self._room, self._tables.generator.entries
        room.codes.copy_(torch.where(condition.given, condition.codes, 0).T)
        for place in _places_given(condition.given):
            given, codes = condition.given[:, place], room.codes[place]
            absent = ~given
            room.hidden += entries[place].index_select(0, codes).masked_fill_(absent.unsqueeze(1), 0)
            score = self._score(place, codes)
            if score is not None:
                room.hidden.addr_(score.masked_fill_(absent, 0), entries[place][-1])
            if room.direct is not None:
                room.direct.see(place, codes, score, given)
            self._known = place + 1

    def stages(self, first: int = 0) -> Iterator[tuple[int, Tensor]]:
        """Each part's place with its logits, from the stage `first` on; wants it finished before the next."""
        for step, stage in zip(self._tables.steps[first:], self._plan.stage_parts[first:], strict=True):
            logits = self._logits(step, stage.start)
            sizes = [part.size for part in self._plan.parts[stage]]
            for place, own in zip(range(stage.start, stage.stop), torch.split(logits, sizes, 1), strict=True):
                yield place, self._within_window(self._tables.cells[place], own)

    def _logits(self, step: "_Step", finished: int) -> Tensor:
        """The logits (n, u) of a stage before which so many parts are finished."""
        room = self._room
        torch._C._nn.leaky_relu(room.hidden, 0.2, out=room.active)
        middle = torch.addmm(step.middle[1], room.active, step.middle[0], out=room.middle)
        middle = F.leaky_relu_(middle if step.norm is None else step.norm(middle), 0.2)
        middle = middle if step.dropout is None else step.dropout(middle)
        n, u = len(middle), len(step.exit[1])
        logits = torch.addmm(step.exit[1], middle, step.exit[0], out=room.logits[: n * u].view(n, u))
        seen = max(finished, self._known)
        if room.direct is not None and step.direct is not None and seen:
            room.direct.add_to(logits, step.direct, seen, whole=seen == finished)
        return logits

    def _within_window(self, cell: "_Cell", logits: Tensor) -> Tensor:
        if cell.mask is None or cell.part.previous is None:
            return logits
        return logits.add_(self.looked_up(cell.mask, self._room.codes[cell.part.previous]))

    def looked_up(self, table: Tensor, rows: Tensor) -> Tensor:
        """Rows (n, u) of a table, which are gone once others are looked up."""
        n, u = len(rows), table.shape[1]
        return torch.index_select(table, 0, rows, out=self._room.found[: n * u].view(n, u))

    def _score(self, place: int, codes: Tensor) -> Tensor | None:
        """The scores (n,) of the numbers that end with the part at `place`; None if none does."""
        cell = self._tables.cells[place]
        if cell.scores is None:
            return None
        before = 0 if cell.part.previous is None else self._room.codes[cell.part.previous] * cell.part.size
        return cell.scores.index_select(0, before + codes)

    def resume(self, hidden: Tensor, rows: Tensor) -> None:
        """Take rows of a table (b, h) for what the shared layer holds so far."""
        torch.index_select(hidden, 0, rows, out=self._room.hidden)

    def finish(self, place: int, codes: Tensor, *, added: bool = True) -> None:
        """Take the codes (n,) as the cells of the part at `place`, but for the given ones.

        Args:
            place: of the part.
            codes: its categories.
            added: whether to add to the shared layer what follows from them.
        """
        room, cell, adding = self._room, self._tables.cells[place], codes
        given = None if self._condition is None else self._condition.given[:, place]
        if given is not None:
            codes = torch.where(given, room.codes[place], codes)
            adding = torch.where(given, cell.part.size, codes)
        room.codes[place] = codes
        if place + 1 == len(room.codes):
            return
        score = self._score(place, codes)
        if room.direct is not None:
            room.direct.see(place, codes, score)
        if added:
            room.hidden += torch.index_select(cell.table, 0, adding, out=room.active)
        if added and score is not None:
            room.hidden.addr_(score if given is None else score.masked_fill(given, 0), cell.score)


def _places_given(given: Tensor) -> Sequence[int]:
    """The places that some rows (n, k) have given; all of them where asking would mean to wait for a device."""
    if given.device.type != "cpu":
        return range(given.shape[1])
    places: list[int] = given.any(0).nonzero().flatten().tolist()
    return places
