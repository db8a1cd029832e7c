"""From compact codes to what the networks see, one batch at a time.

A row is seen as *features*: the one-hot vectors of its codes side by side, in the order in which they are made, and
after the last code of a column with an order the *score* of its number: the standard normal quantile of its rank in the
table, halved. So linear layers see categories as they are and numbers as numbers. The same features are computed from
real rows, and from drawn ones through which a gradient flows.

Letters: n rows, k codes, w one-hot units, f features.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.occurrences import occurrences
from tabgan.gan.stages import Part, StagePlan
from tabgan.layout import EncodedTable

_SPARSE = 30
"""Rows with so many times as many features as items are quicker gone through item by item than as a product."""


class Items(NamedTuple):
    """Rows as where their features are not zero.

    Attributes:
        places: shape (n, m), int64, below f; no two of a row are equal.
        weights: shape (n, m), the features there.
    """

    places: Tensor
    weights: Tensor

    def dense(self, width: int) -> Tensor:
        """The features (n, width)."""
        return self.weights.new_zeros(len(self.weights), width).scatter_(1, self.places, self.weights)

    def only(self, owned: Tensor) -> "Items":
        """The same, with weight 0 where not `owned` (n, m)."""
        return Items(self.places, self.weights.masked_fill(~owned, 0))

    def through(self, table: Tensor) -> Tensor:
        """What a linear layer makes of the features: the weighted sums (n, h) of rows of `table` (f, h)."""
        return F.embedding_bag(self.places, table, mode="sum", per_sample_weights=self.weights)

    def back(self, gradient: Tensor, width: int) -> Tensor:
        """The gradient (width, h) of the table that rows went through, given that (n, h) of what came out."""
        if width <= _SPARSE * self.places.shape[1]:
            return self.dense(width).T @ gradient
        table = gradient.new_zeros(width, gradient.shape[1])
        for places, weights in zip(self.places.T, self.weights.T, strict=True):
            add_rows(table, places, gradient * weights.unsqueeze(1))
        return table


def add_rows(table: Tensor, rows: Tensor, added: Tensor) -> None:
    """Add to some rows of a table (f, h), in place, the sums coming out the same in every run.

    Args:
        table: to add to.
        rows: which ones, (n,); they may repeat.
        added: to each, (n, h).
    """
    if table.device.type == "cpu":
        table.index_add_(0, rows, added)
    else:  # on a GPU that adds in whatever order its threads come
        table.add_(summed_by_row(rows, added, len(table)))


def summed_by_row(rows: Tensor, added: Tensor, n: int) -> Tensor:
    """The sums (n, h) of what is `added` (m, h) to each of `rows` (m,), in an order of their own on any device."""
    sums: Tensor = torch.ops.aten.embedding_dense_backward(added, rows, n, -1, False)
    return sums


class Features(nn.Module):
    """The tables that a plan and the ranks of its numbers imply, kept on the device of the networks.

    Shape: codes (n, k), in the order of the plan -> (n, f).
    """

    sizes: Tensor
    starts: Tensor
    owners: Tensor
    ends: Tensor

    def __init__(self, plan: StagePlan) -> None:
        super().__init__()
        self.parts = plan.parts
        self.width = plan.n_features
        self._scored = [place for place, part in enumerate(plan.parts) if part.scored]
        sizes = torch.tensor([part.features.stop - part.features.start for part in plan.parts])
        self.register_buffer("sizes", sizes, persistent=False)
        starts = torch.tensor([part.features.start for part in plan.parts])
        self.register_buffer("starts", starts, persistent=False)
        # Whose each item is: all codes, then the scores.
        owners = torch.tensor([*range(len(plan.parts)), *self._scored])
        self.register_buffer("owners", owners, persistent=False)
        ends = torch.tensor([plan.parts[place].features.stop - 1 for place in self._scored], dtype=torch.int64)
        self.register_buffer("ends", ends, persistent=False)
        for place, part in enumerate(plan.parts):
            if part.scored:
                self.register_buffer(f"scores_{place}", torch.zeros(_score_shape(plan, part)))
            if part.window is not None:
                allowed = torch.zeros(len(part.window), part.size)
                for category, (low, high) in enumerate(part.window):
                    allowed[category, low:high] = 1
                self.register_buffer(f"window_{place}", allowed, persistent=False)

    def forward(self, codes: Tensor) -> Tensor:
        """The features (n, f) of real rows."""
        return self.items(codes).dense(self.width)

    def items(self, codes: Tensor) -> Items:
        """Where the features of real rows are not zero."""
        places, weights = codes + self.starts, torch.ones(codes.shape, device=codes.device)
        if not self._scored:
            return Items(places, weights)
        scores = [self._score(place, codes) for place in self._scored]
        ends = self.ends.expand(len(codes), -1)
        return Items(torch.cat([places, ends], 1), torch.cat([weights, torch.stack(scores, 1)], 1))

    def _score(self, place: int, codes: Tensor) -> Tensor:
        """The scores (n,) of the numbers that end at `place`."""
        scores, previous = self.get_buffer(f"scores_{place}"), self.parts[place].previous
        own = codes[:, place]
        return scores.flatten()[own if previous is None else codes[:, previous] * scores.shape[1] + own]

    def of_codes(self, codes: Tensor) -> tuple[list[Tensor], Tensor]:
        """The one-hot vectors of each part (n, u), and the features (n, f)."""
        onehots = [F.one_hot(codes[:, place], part.size).float() for place, part in enumerate(self.parts)]
        return onehots, torch.cat([self.block(place, onehots) for place in range(len(self.parts))], 1)

    def of_given(self, codes: Tensor, given: Tensor) -> Tensor:
        """The features (n, f) of rows of which only some codes are `given` (n, k), zero elsewhere."""
        clean = torch.where(given, codes, 0)
        return self.of_codes(clean)[1] * given.float().repeat_interleave(self.sizes, 1, output_size=self.width)

    def block(self, place: int, onehots: list[Tensor]) -> Tensor:
        """The features of the part at `place`, given the one-hot vectors of all parts up to it."""
        part, own = self.parts[place], onehots[place]
        if not part.scored:
            return own
        before = own.new_ones(len(own), 1) if part.previous is None else onehots[part.previous]
        score = ((before @ self.get_buffer(f"scores_{place}")) * own).sum(1, keepdim=True)
        return torch.cat([own, score], 1)

    def within_window(self, place: int, logits: Tensor, onehots: list[Tensor]) -> Tensor:
        """The logits (n, u) of the part at `place`, minus infinity where it may not follow what was made before."""
        part = self.parts[place]
        if part.window is None or part.previous is None:
            return logits
        allowed = onehots[part.previous].detach() @ self.get_buffer(f"window_{place}") > 0.5
        return torch.where(allowed, logits, -math.inf)

    def barred(self, place: int, logits: Tensor, codes: Tensor) -> Tensor:
        """The same, of codes (n, k) that are known up to `place`."""
        part = self.parts[place]
        if part.window is None or part.previous is None:
            return logits
        allowed = F.embedding(codes[:, part.previous], self.get_buffer(f"window_{place}")) > 0.5
        return torch.where(allowed, logits, -math.inf)

    def fill(self, place: int, codes: Tensor, rows: Tensor) -> None:
        """Write the features of the part at `place` into `rows` (n, f), whose own are zero or the same already."""
        part = self.parts[place]
        rows.scatter_(1, (codes[:, place] + part.features.start).unsqueeze(1), 1.0)
        if part.scored:
            rows[:, part.features.stop - 1] = self._score(place, codes)

    def score_back(self, place: int, codes: Tensor, gradient: Tensor) -> None:
        """Hand the gradient of a score on to the units that it is computed from.

        Args:
            place: of the part with the score.
            codes: shape (n, k).
            gradient: of the features (n, f).
        """
        part = self.parts[place]
        if not part.scored:
            return
        scores, of_score = self.get_buffer(f"scores_{place}"), gradient[:, part.features.stop - 1].unsqueeze(1)
        before = scores if part.previous is None else F.embedding(codes[:, part.previous], scores)
        gradient[:, part.features.start : part.features.stop - 1].addcmul_(of_score, before)
        if part.previous is not None:
            of_before = self.parts[part.previous]
            units = slice(of_before.features.start, of_before.features.start + of_before.size)
            gradient[:, units].addcmul_(of_score, F.embedding(codes[:, place], scores.T))

    @torch.no_grad()
    def set_scores(self, plan: StagePlan, table: EncodedTable) -> None:
        """Learn the ranks of numbers from a table."""
        scored = [(place, part) for place, part in enumerate(self.parts) if part.scored]
        cells = [(None if part.previous is None else part.code - 1, part.code) for _, part in scored]
        counts = occurrences(table.codes, cells, plan.layout.cardinalities)
        for (place, part), own in zip(scored, counts, strict=True):
            ordered = plan.layout.columns[part.column].ordered
            self.get_buffer(f"scores_{place}").copy_(_scores(own, ordered, alone=part.previous is None))


def _score_shape(plan: StagePlan, part: Part) -> tuple[int, int]:
    return (1 if part.previous is None else plan.parts[part.previous].size), part.size


def _scores(found: NDArray[np.int64], ordered: int, *, alone: bool) -> Tensor:
    """The halved normal quantile of the middle rank of each cell, from their counts; 0 outside of the order.

    Args:
        found: shape (n_before, size), of how many rows hold a cell.
        ordered: how many categories of the column's first code stand in the order.
        alone: whether the column has no other code.
    """
    numbers = np.zeros(found.shape, bool)
    if alone:
        numbers[:, :ordered] = True
    else:
        numbers[:ordered] = True
    counts = np.where(numbers, found, 0).astype(np.float64).ravel()
    total = max(counts.sum(), 1.0)
    ranks = torch.from_numpy(((np.cumsum(counts) - counts / 2) / total).reshape(found.shape))
    edge = 0.25 / total  # no rank is nearer to the ends than half a row
    scores = math.sqrt(2) * torch.erfinv(2 * ranks.clamp(edge, 1 - edge) - 1) / 2
    return torch.where(torch.from_numpy(numbers), scores, 0.0).float()
