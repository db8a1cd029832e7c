"""After training: make the margins of an unconditional sample equal to the table's.

The margins are the one thing that is known exactly, so they need not be left to the networks. Each logit is shifted by
a small constant until every category has its frequency in the table, and each value is pushed through its own
distribution function and then the table's quantile function. Both change little where training went well, and leave the
dependence between columns as it was learnt. Since later stages see what earlier ones made, it takes a few rounds.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan import rng
from tabgan.gan.features import gumbel_like
from tabgan.gan.synthesizer import CURVE_KNOTS, Made, Synthesizer
from tabgan.layout import EncodedTable

ROUNDS = 5
BLOCKS = 8
BLOCK = 4_096
QUANTILES = 1_025
LARGEST_SHIFT = math.log(2)
"""No round changes the odds of a category by more than this, so that one rare category cannot run away."""


@torch.no_grad()
def calibrate(synthesizer: Synthesizer, table: EncodedTable, *, seed: int) -> None:
    """Fit the calibration of `synthesizer` to the margins of `table`, in place.

    Args:
        synthesizer: a trained one.
        table: the encoded table that it was trained on.
        seed: of the noise that the margins of the synthesizer are estimated with.
    """
    arranged = synthesizer.plan.arrange(table)
    target = _frequencies(synthesizer, arranged)
    quantiles = [_live_quantiles(synthesizer, arranged, value) for value in range(synthesizer.features.n_values)]
    for _ in range(ROUNDS):
        reached = torch.zeros_like(target)
        plain, live = [], []
        for made in _sample(synthesizer, seed):
            probabilities = synthesizer.features.probabilities(made.logits)
            reached += probabilities.mean(0) / BLOCKS
            plain.append(made.plain)
            live.append(synthesizer.features.live(probabilities))
        change = (target / reached.clamp_min(1e-12)).log()
        synthesizer.logit_shift += change.clamp(-LARGEST_SHIFT, LARGEST_SHIFT)
        values, weights = torch.cat(plain), torch.cat(live)
        for value, heights in enumerate(quantiles):
            synthesizer.value_curves[value] = _curve(values[:, value], weights[:, value], heights)


def _sample(synthesizer: Synthesizer, seed: int) -> Iterator[Made]:
    """Unconditional rows, of the same noise each time."""
    device = synthesizer.logit_shift.device
    random = torch.Generator(device).manual_seed(rng.derive_seed(seed, "calibration noise"))
    free = synthesizer.free_condition(BLOCK)
    for _ in range(BLOCKS):
        noise = torch.randn(BLOCK, synthesizer.trunk.noise_width, generator=random, device=device)
        yield synthesizer(noise, gumbel_like(free.rows.onehots, random), free)


def _frequencies(synthesizer: Synthesizer, arranged: EncodedTable) -> Tensor:
    """The smoothed frequency of each unit, (w,)."""
    sizes = synthesizer.plan.staged.cardinalities
    counts = [np.bincount(arranged.codes[:, code], minlength=size) + 0.5 for code, size in enumerate(sizes)]
    shares = np.concatenate([np.zeros(0), *(count / count.sum() for count in counts)])
    return torch.from_numpy(shares.astype(np.float32)).to(synthesizer.logit_shift.device)


def _live_quantiles(synthesizer: Synthesizer, arranged: EncodedTable, value: int) -> Tensor:
    """Evenly spaced quantiles of the live cells of one value, shape (q,); uniform ones if none is live."""
    staged = synthesizer.plan.staged
    cells: NDArray[np.float32] = arranged.values[:, value]
    gate = staged.value_gates[value]
    if gate is not None:
        cells = cells[arranged.codes[:, gate] < staged.value_live[value]]
    levels = np.linspace(0, 1, QUANTILES)
    heights = np.quantile(cells, levels) if len(cells) else 2 * levels - 1
    return torch.from_numpy(heights.astype(np.float32)).to(synthesizer.logit_shift.device)


def _curve(values: Tensor, weights: Tensor, quantiles: Tensor) -> Tensor:
    """The monotone curve that gives `values` (n,), weighted, the distribution with these quantiles.

    Returns:
        Its heights at `CURVE_KNOTS` evenly spaced knots on [-1, 1].
    """
    ordered, order = values.sort()
    mass = torch.cat([weights.new_zeros(1), weights[order].cumsum(0)])
    knots = torch.linspace(-1, 1, CURVE_KNOTS, device=values.device)
    share = mass[torch.searchsorted(ordered, knots, right=True)] / mass[-1].clamp_min(1e-12)
    share[0], share[-1] = 0, 1
    position = share * (len(quantiles) - 1)
    left = position.floor().clamp_max(len(quantiles) - 2).long()
    return torch.lerp(quantiles[left], quantiles[left + 1], position - left)
