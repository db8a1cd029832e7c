"""From compact codes to what the networks see, one batch at a time.

A row is seen as *features*: the one-hot vectors of its codes side by side, in the order in which they are made, and
after the last code of a column with an order the *score* of its number: the standard normal quantile of its rank in the
table, halved. So linear layers see categories as they are and numbers as numbers. The same features are computed from
real rows, and from drawn ones through which a gradient flows.

Letters: n rows, k codes, w one-hot units, f features.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.stages import Part, StagePlan
from tabgan.layout import EncodedTable


class Features(nn.Module):
    """The tables that a plan and the ranks of its numbers imply, kept on the device of the networks.

    Shape: codes (n, k), in the order of the plan -> (n, f).
    """

    sizes: Tensor

    def __init__(self, plan: StagePlan) -> None:
        super().__init__()
        self.parts = plan.parts
        sizes = torch.tensor([part.features.stop - part.features.start for part in plan.parts])
        self.register_buffer("sizes", sizes, persistent=False)
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
        return self.of_codes(codes)[1]

    def of_codes(self, codes: Tensor) -> tuple[list[Tensor], Tensor]:
        """The one-hot vectors of each part (n, u), and the features (n, f)."""
        onehots = [F.one_hot(codes[:, place], part.size).float() for place, part in enumerate(self.parts)]
        return onehots, torch.cat([self.block(place, onehots) for place in range(len(self.parts))], 1)

    def of_given(self, codes: Tensor, given: Tensor) -> Tensor:
        """The features (n, f) of rows of which only some codes are `given` (n, k), zero elsewhere."""
        clean = torch.where(given, codes, 0)
        return self.of_codes(clean)[1] * given.float().repeat_interleave(self.sizes, 1)

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

    @torch.no_grad()
    def set_scores(self, plan: StagePlan, table: EncodedTable) -> None:
        """Learn the ranks of numbers from a table."""
        codes = plan.arrange(table.codes)
        for place, part in enumerate(self.parts):
            if part.scored:
                before = None if part.previous is None else codes[:, part.previous]
                scores = self.get_buffer(f"scores_{place}")
                ordered = plan.layout.columns[part.column].ordered
                scores.copy_(_scores(before, codes[:, place], ordered, *scores.shape))


def _score_shape(plan: StagePlan, part: Part) -> tuple[int, int]:
    return (1 if part.previous is None else plan.parts[part.previous].size), part.size


def _scores(before: NDArray[Any] | None, codes: NDArray[Any], ordered: int, n_before: int, size: int) -> Tensor:
    """The halved normal quantile of the middle rank of each cell, shape (n_before, size); 0 outside of the order."""
    cells = codes.astype(np.int64) if before is None else before.astype(np.int64) * size + codes
    numbers = np.zeros((n_before, size), bool)
    if before is None:
        numbers[:, :ordered] = True
    else:
        numbers[:ordered] = True
    counts = np.where(numbers.ravel(), np.bincount(cells, minlength=n_before * size), 0).astype(np.float64)
    total = max(counts.sum(), 1.0)
    ranks = torch.from_numpy(((np.cumsum(counts) - counts / 2) / total).reshape(n_before, size))
    edge = 0.25 / total  # no rank is nearer to the ends than half a row
    scores = math.sqrt(2) * torch.erfinv(2 * ranks.clamp(edge, 1 - edge) - 1) / 2
    return torch.where(torch.from_numpy(numbers), scores, 0.0).float()
