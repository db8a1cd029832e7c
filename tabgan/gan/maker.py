"""Whoever draws rows without a gradient: by inversion of uniform noise, or as somebody chooses.

Rows that begin alike have the same logits, so those of the first stages can be computed once for all beginnings that
there may be, and are then looked up. Rows are drawn in portions that stay in the processor's cache.

A `Maker` holds what the weights were when it was made, so it is of no use once they have changed.
"""

import math
import threading
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tabgan.gan.conditions import Condition
from tabgan.gan.making import Choose, Making, Room, Tables

if TYPE_CHECKING:
    from tabgan.gan.generator import Generator

PORTION = 2_048
"""Rows drawn at a time on a CPU."""
MOST_BEGINNINGS = 4_096
_MOST_ENDS = 1 << 20
_SMALLEST = 1e-7
_LEAST = -60.0


class Maker:
    """What is looked up of a generator's weights, and for each thread that draws, room to make rows in.

    Args:
        generator: whose weights.
        beginnings: whether to compute the logits of the first stages beforehand, which pays for more than some
            thousand rows without a condition.
    """

    @torch.no_grad()
    def __init__(self, generator: "Generator", *, beginnings: bool = False) -> None:
        self.generator = generator
        self._tables = Tables(generator)
        self._rooms = _Rooms()
        self._beginnings = _Beginnings(self._tables) if beginnings else None

    @torch.no_grad()
    def draw(self, noise: Tensor, condition: Condition | None = None) -> Tensor:
        """Codes (n, k), int64, in the order of the plan, by inversion of the uniform noise (n, k)."""
        # A layer that looks at the batch while it learns shall see all of it.
        whole = self.generator.training or noise.device.type != "cpu"
        size = max(len(noise), 1) if whole else PORTION
        codes = torch.empty(noise.shape, dtype=torch.int64, device=noise.device)
        for start in range(0, len(noise), size):
            rows = slice(start, start + size)
            own = None if condition is None else Condition(condition.given[rows], condition.codes[rows])
            uniform = noise[rows].clamp(min=_SMALLEST).T.contiguous().unsqueeze(2)
            making = self._begin(uniform.shape[1], own)
            begun = 0
            if self._beginnings is not None and own is None:
                begun = self._beginnings.draw(making, uniform)
            for place, logits in making.stages(begun):
                making.finish(place, _reached(_ends_(logits.contiguous()), uniform[place]))
            codes[rows] = making.codes
        return codes

    @torch.no_grad()
    def make(self, n: int, choose: Choose, condition: Condition | None = None) -> Tensor:
        """Codes (n, k), int64, in the order of the plan, with categories that are chosen as rows are being made."""
        making = self._begin(n, condition)
        for place, logits in making.stages():
            making.finish(place, choose(place, logits))
        return making.codes.contiguous()

    def _begin(self, n: int, condition: Condition | None) -> Making:
        rooms = self._rooms.of_size
        if n not in rooms:
            rooms[n] = Room(self.generator, n)
        return Making(self._tables, rooms[n], condition)


def drawn_from(logits: Tensor, uniform: Tensor) -> Tensor:
    """Categories (n,) by inversion of `uniform` (n,); one whose logit is minus infinity is never drawn."""
    return _reached(
        _ends_(logits.clone(memory_format=torch.contiguous_format)), uniform.clamp(min=_SMALLEST).unsqueeze(1)
    )


def _ends_(logits: Tensor) -> Tensor:
    """Where the interval of each category ends (n, u), up to a factor for each row; in place of the logits."""
    # The largest weight is 1. What is this far below it is lost in the sums, and would be a slow denormal number.
    return logits.sub_(logits.amax(1, keepdim=True)).clamp_(min=_LEAST).exp_().cumsum_(1)


def _reached(ends: Tensor, uniform: Tensor) -> Tensor:
    """The first category (n,) whose end reaches its share `uniform` (n, 1) of the whole: one that has a weight."""
    # Of networks that have diverged nothing is a number, and any category will do.
    return torch.searchsorted(ends, ends[:, -1:] * uniform).squeeze(1).clamp_(max=ends.shape[1] - 1)


class _Rooms(threading.local):
    """The rooms of one thread, by their number of rows."""

    def __init__(self) -> None:
        self.of_size: dict[int, Room] = {}


class _Beginnings:
    """What holds after each beginning that rows may have, for as many stages as there are few enough of them.

    A beginning's place in a table is its codes read as one number, the first part's code being the highest digit.

    Args:
        tables: of the generator.
    """

    def __init__(self, tables: Tables) -> None:
        self._plan = tables.generator.plan
        self._ends: list[list[Tensor]] = []  # of each stage and each of its parts, shape (b, u)
        rows = torch.zeros(1, 0, dtype=torch.int64, device=tables.generator.device)
        for stage in self._plan.stage_parts:
            sizes = [part.size for part in self._plan.parts[stage]]
            if self._ends and len(rows) * sum(sizes) > _MOST_ENDS:
                break
            room = Room(tables.generator, len(rows))
            self._ends.append(self._ends_of(stage, Making(tables, room, None), rows))
            self._hidden = room.hidden  # before the last of these stages
            if len(rows) * math.prod(sizes) > MOST_BEGINNINGS:
                break
            new = torch.cartesian_prod(*(torch.arange(size, device=rows.device) for size in sizes))
            new = new.view(-1, len(sizes))
            rows = torch.cat([rows.repeat_interleave(len(new), 0), new.repeat(len(rows), 1)], 1)

    @staticmethod
    def _ends_of(stage: slice, making: Making, rows: Tensor) -> list[Tensor]:
        ends = []
        for place, logits in making.stages():
            if place < stage.start:
                making.finish(place, rows[:, place])
                continue
            ends.append(_ends_(logits.clone(memory_format=torch.contiguous_format)))
            if place + 1 == stage.stop:
                break
        return ends

    def draw(self, making: Making, uniform: Tensor) -> int:
        """Finish the cells of these stages by inversion of `uniform` (k, n, 1); the number of the stages."""
        beginning = torch.zeros(uniform.shape[1], dtype=torch.int64, device=uniform.device)
        last = len(self._ends) - 1
        for number, (stage, ends_of_parts) in enumerate(zip(self._plan.stage_parts, self._ends, strict=False)):
            if number == last:
                making.resume(self._hidden, beginning)
            following = beginning
            for place, ends in zip(range(stage.start, stage.stop), ends_of_parts, strict=True):
                codes = _reached(making.looked_up(ends, beginning), uniform[place])
                following = following * ends.shape[1] + codes
                making.finish(place, codes, added=number == last)
            beginning = following
        return len(self._ends)
