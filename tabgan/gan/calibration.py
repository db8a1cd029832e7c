"""Margins that are known exactly, matched without training.

The biases of a generator are set so that each category is as likely, on average over the rows of a table, as it is
frequent there: one step of iterative scaling (Deming and Stephan 1940). At the end of a run this takes out what the
noise of the last batches left in the margins; at the beginning of one that goes on from another table it puts in how
that table differs. How columns go together is left as it is.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.gan.blocks import block_rows, blocks
from tabgan.gan.generator import Generator

BLOCK = 8_192
"""So many rows say how likely categories are on average to within a hundredth, but for rare ones."""
MAX_ROWS, MAX_FEATURES = 8 * BLOCK, 64_000_000
"""More rows, and more features of all rows together, would only take longer."""
_SMOOTHING = 0.5  # rows, so that no category becomes impossible


def rows_for_margins(n_features: int) -> int:
    """How many rows, each of so many features, margins are fitted to at most: at least `BLOCK`."""
    return min(max(MAX_FEATURES // n_features, BLOCK), MAX_ROWS)


@torch.no_grad()
def fit_margins(generator: Generator, codes: NDArray[np.unsignedinteger], *, most: int = MAX_ROWS) -> None:
    """Shift the biases so that each category is about as likely as it is frequent in rows, given the cells before.

    Args:
        generator: to be changed.
        codes: real rows in the order of its plan, shape (n, k).
        most: of more rows, so many evenly spaced ones are looked at.
    """
    learns = generator.training
    generator.eval()  # what dropout leaves out is no part of what the generator says of rows
    rows = np.linspace(0, len(codes) - 1, min(len(codes), most)).astype(np.int64)
    likely = [torch.zeros(part.size, device=generator.device) for part in generator.plan.parts]
    counts = [torch.zeros_like(sums) for sums in likely]
    for block in blocks(len(rows), block_rows(generator.plan.n_features)):
        real = torch.from_numpy(codes[rows[block]].astype(np.int64)).to(generator.device)

        def look(place: int, logits: Tensor, real: Tensor = real) -> Tensor:
            likely[place] += logits.softmax(1).sum(0)
            counts[place] += torch.bincount(real[:, place], minlength=logits.shape[1])
            return real[:, place]

        generator.make(len(real), look)
    for head, stage in zip(generator.stage_heads(), generator.plan.stage_parts, strict=True):
        found, expected = torch.cat(counts[stage]), torch.cat(likely[stage])
        head.exit.bias.add_(((found + _SMOOTHING) / (expected + _SMOOTHING)).log())
    generator.train(learns)
