"""The weights of all stages side by side, so that one operation serves them all.

Parts with about as many categories make a class, in which each is filled up to as many units as the largest has, with
margins of minus infinity: a softmax over a class is one operation, and few units are wasted. The weights are copied
for it and not stored so: a model file holds each stage's own, and copies are small beside what they are used for.

Letters: n rows, k codes, m items of a row, s stages, f features; c parts of a class with at most u categories each,
p = all c * u.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.features import Items, add_rows
from tabgan.gan.stages import Part, StagePlan

_GROWTH = 4


class Weights(NamedTuple):
    """A generator's weights, side by side; also their gradients.

    Attributes:
        entries: shape (f + 1, h), what each feature adds to the shared layer; the last row is nobody's.
        shifts: shape (s, h).
        middles: shape (s, w, h), the stages' own layers.
        biases: shape (s, w), theirs.
        exits: shape (p, w), the last layers.
        margins: shape (p,), their biases, minus infinity for units of no category.
        direct: shape (f, p), the direct maps, or (0, 0).
    """

    entries: Tensor
    shifts: Tensor
    middles: Tensor
    biases: Tensor
    exits: Tensor
    margins: Tensor
    direct: Tensor


class SizeClass(nn.Module):
    """Parts with about as many categories, and which of those may follow which.

    Args:
        plan: of the rows.
        places: of the parts, c of them.
        start: of their units among all p.
    """

    places: Tensor
    stages: Tensor
    before: Tensor
    starts: Tensor
    barred: Tensor

    def __init__(self, plan: StagePlan, places: Sequence[int], start: int) -> None:
        super().__init__()
        self.order = sorted(places, key=lambda place: plan.parts[place].window is not None)
        parts = [plan.parts[place] for place in self.order]
        self.shape = (len(parts), max(part.size for part in parts))
        self.units = slice(start, start + math.prod(self.shape))
        self.first_windowed = sum(part.window is None for part in parts)
        stage_of = [number for number, stage in enumerate(plan.stage_parts) for _ in range(stage.start, stage.stop)]
        bars = [_barred(part, self.shape[1]) for part in parts]
        ends = torch.tensor([len(bar) for bar in bars[self.first_windowed :]], dtype=torch.int64).cumsum(0)
        own = {
            "places": torch.tensor(self.order),
            "stages": torch.tensor([stage_of[place] for place in self.order]),
            "before": torch.tensor([part.previous or 0 for part in parts]),
            "starts": F.pad(ends, (1, 0))[:-1],
            "barred": torch.cat(bars),
        }
        for name, tensor in own.items():
            self.register_buffer(name, tensor, persistent=False)

    def bar(self, logits: Tensor, codes: Tensor) -> Tensor:
        """`logits` (c, n, u), in place minus infinity where a category may not follow what the rows (n, k) have."""
        first = self.first_windowed
        if first < len(logits):
            rows = codes[:, self.before[first:]] + self.starts
            logits[first:] += F.embedding(rows.T, self.barred)
        return logits


def _barred(part: Part, size: int) -> Tensor:
    """Minus infinity where a category may not follow, a row for each code before, else 0."""
    bars = torch.full((len(part.window or ()), size), -math.inf)
    for row, (low, high) in zip(bars, part.window or (), strict=True):
        row[low:high] = 0
    return bars


class SideBySide(nn.Module):
    """What a plan implies for looking at all its stages at once, kept on the device of the networks.

    Args:
        plan: of the rows.
    """

    slots: Tensor
    score_slots: Tensor
    ends: Tensor
    sums: Tensor
    reach: Tensor

    def __init__(self, plan: StagePlan) -> None:
        super().__init__()
        self._plan = plan
        grouped: dict[int, list[int]] = {}
        for place, part in enumerate(plan.parts):
            grouped.setdefault(math.ceil(math.log(max(part.size, 2), _GROWTH)), []).append(place)
        self.classes = nn.ModuleList()
        start = 0
        for _, places in sorted(grouped.items()):
            self.classes.append(SizeClass(plan, places, start))
            start = self.size_classes()[-1].units.stop
        self._starts = {
            place: own.units.start + number * own.shape[1]
            for own in self.size_classes()
            for number, place in enumerate(own.order)
        }
        slots, self._n_code_slots = _slots(plan)
        self.register_buffer("slots", slots, persistent=False)
        ends = torch.tensor([part.features.stop - 1 for part in plan.parts if part.scored], dtype=torch.int64)
        stages, columns = (slots[:, self._n_code_slots :] < len(plan.parts) + len(ends)).nonzero(as_tuple=True)
        columns = columns + self._n_code_slots
        self.register_buffer("score_slots", torch.stack([columns, stages]), persistent=False)
        self.register_buffer("ends", ends[slots[stages, columns] - len(plan.parts)], persistent=False)
        before = torch.ones(len(plan.stages), len(plan.stages)).tril(-1)[:, :-1]
        self.register_buffer("sums", before, persistent=False)
        reach = torch.zeros(len(plan.parts), dtype=torch.int64)
        for stage in plan.stage_parts:
            reach[stage] = plan.parts[stage.start].features.start
        own = [reach[own.places].repeat_interleave(own.shape[1]) for own in self.size_classes()]
        self.register_buffer("reach", torch.cat(own), persistent=False)

    def size_classes(self) -> list[SizeClass]:
        """Of all parts."""
        return [own for own in self.classes if isinstance(own, SizeClass)]

    def gather(self, parameters: Sequence[Tensor]) -> Weights:
        """Copies of a generator's weights, side by side.

        Args:
            parameters: the entries of the k parts, and then of the s heads each their shifts, weights and biases of
                their own layer, weights and biases of their last one, and their direct maps, if there are any.
        """
        k, s = len(self._plan.parts), len(self._plan.stages)
        shifts, middles, biases, exits, margins, direct = (parameters[k + i * s : k + (i + 1) * s] for i in range(6))
        entries = [*parameters[:k], parameters[0].new_zeros(1, parameters[0].shape[1])]
        return Weights(
            torch.cat(entries),
            torch.stack(list(shifts)),
            torch.stack(list(middles)),
            torch.stack(list(biases)),
            self._filled(exits, 0),
            self._filled(margins, 0, -math.inf),
            self._filled(direct, 1) if direct else parameters[0].new_zeros(0, 0),
        )

    def spread(self, weights: Weights) -> list[Tensor]:
        """The inverse of `gather`."""
        parts = self._plan.parts
        entries = torch.split(weights.entries[:-1], [part.features.stop - part.features.start for part in parts])
        spread = [*entries, *weights.shifts, *weights.middles, *weights.biases]
        sides = [(weights.exits, 0), (weights.margins, 0), *([(weights.direct, 1)] if len(weights.direct) else [])]
        for side, dim in sides:
            own = [side.narrow(dim, self._starts[place], part.size) for place, part in enumerate(parts)]
            spread += [
                torch.cat(own[stage], dim) if len(own[stage]) > 1 else own[stage.start]
                for stage in self._plan.stage_parts
            ]
        return spread

    def _filled(self, heads: Sequence[Tensor], dim: int, fill: float = 0.0) -> Tensor:
        """What heads have for their categories along `dim`, in classes, with so much for units of no category."""
        own = [
            piece
            for head, stage in zip(heads, self._plan.stage_parts, strict=True)
            for piece in torch.split(head, [part.size for part in self._plan.parts[stage]], dim)
        ]
        pieces = []
        for group in self.size_classes():
            for place in group.order:
                shape = list(own[place].shape)
                shape[dim] = group.shape[1] - shape[dim]
                pieces += [own[place], own[place].new_full(shape, fill)] if shape[dim] else [own[place]]
        return torch.cat(pieces, dim)

    def deal(self, items: Items, known: Tensor | None) -> Items:
        """The items of each stage but the last, shape (s - 1, n, most that a stage has): codes, then scores.

        Args:
            items: of rows (n, m).
            known: the weights of those that are given, else 0; they are left out.
        """
        nobodys = self._plan.n_features
        weights = items.weights if known is None else items.weights - known
        places = items.places if known is None else items.places.masked_fill(weights == 0, nobodys)
        dealt = (F.pad(places, (0, 1), value=nobodys), F.pad(weights, (0, 1)))
        return Items(*(side.T[self.slots].transpose(1, 2).contiguous() for side in dealt))

    def collect(self, entries: Tensor, dealt: Items, added: Tensor) -> None:
        """Add to the gradient of the entries (f + 1, h) what follows from that of what they added (s - 1, n, h)."""
        for slot in range(self._n_code_slots):
            add_rows(entries, dealt.places[..., slot].flatten(), added.flatten(0, 1))
        slots, stages = self.score_slots
        scores = dealt.weights[stages, :, slots].unsqueeze(1)
        sums = torch.bmm(scores, added.index_select(0, stages)).squeeze(1)
        entries.index_add_(0, self.ends, sums)


def _slots(plan: StagePlan) -> tuple[Tensor, int]:
    """Which items the parts of each stage but the last have, shape (s - 1, most): codes, then scores; and most codes.

    What is filled up is the number of items.
    """
    scored = [place for place, part in enumerate(plan.parts) if part.scored]
    n_items = len(plan.parts) + len(scored)
    codes = [list(range(stage.start, stage.stop)) for stage in plan.stage_parts]
    scores = [[len(plan.parts) + scored.index(place) for place in own if place in scored] for own in codes]
    filled = []
    for items in (codes, scores):
        most = max(map(len, items))
        filled.append(torch.tensor([own + [n_items] * (most - len(own)) for own in items], dtype=torch.int64)[:-1])
    return torch.cat(filled, 1), filled[0].shape[1]
