"""After training: make the margins of an unconditional sample equal to the table's.

The margins are the one thing that is known exactly, so they need not be left to the networks. Each logit is shifted by
a small constant until every category has its frequency in the table, and each value is pushed through its own
distribution function and then the table's quantile function. Both change little where training went well, and leave the
dependence between columns as it was learnt.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan import rng
from tabgan.gan.synthesizer import CURVE_KNOTS, Synthesizer
from tabgan.gan.training import frequencies
from tabgan.layout import EncodedTable, Layout

ROUNDS = 4
SAMPLE = 32_768
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
    layout, device = synthesizer.layout, synthesizer.logit_shift.device
    random = torch.Generator(device).manual_seed(rng.derive_seed(seed, "calibration noise"))
    noise = torch.randn(SAMPLE, synthesizer.generator.noise_width, generator=random, device=device)
    given_nothing = synthesizer.conditions(synthesizer.free_condition(SAMPLE))
    logits, values = synthesizer.generator(noise, given_nothing)
    if layout.n_codes:
        target = frequencies(table, layout).to(device)
        for _ in range(ROUNDS):
            reached = synthesizer.features.probabilities(logits + synthesizer.logit_shift).mean(0)
            change = (target / reached.clamp_min(1e-12)).log().clamp(-LARGEST_SHIFT, LARGEST_SHIFT)
            synthesizer.logit_shift += change
    live = synthesizer.features.live(synthesizer.features.probabilities(logits + synthesizer.logit_shift))
    for column in range(layout.n_values):
        quantiles = torch.from_numpy(_live_quantiles(table, layout, column)).to(device)
        synthesizer.value_curves[column] = _curve(values[:, column], live[:, column], quantiles)


def _live_quantiles(table: EncodedTable, layout: Layout, column: int) -> NDArray[np.float32]:
    """Evenly spaced quantiles of the live values of one value column, shape (q,); uniform ones if none is live."""
    gate = layout.value_gates[column]
    values = table.values[:, column]
    if gate is not None:
        values = values[table.codes[:, gate] < layout.value_live[column]]
    if not len(values):
        return np.linspace(-1, 1, QUANTILES, dtype=np.float32)
    return np.quantile(values, np.linspace(0, 1, QUANTILES)).astype(np.float32)


def _curve(values: Tensor, weights: Tensor, quantiles: Tensor) -> Tensor:
    """The monotone curve that gives `values` (n,), weighted, the distribution with these quantiles.

    Returns:
        Its heights at `CURVE_KNOTS` evenly spaced knots on [-1, 1].
    """
    order = values.argsort()
    mass = torch.cat([weights.new_zeros(1, dtype=torch.float64), weights[order].double().cumsum(0)])
    knots = torch.linspace(-1, 1, CURVE_KNOTS, device=values.device)
    share = mass[torch.searchsorted(values[order], knots, right=True)] / mass[-1].clamp_min(1e-12)
    share[0], share[-1] = 0, 1
    position = share * (len(quantiles) - 1)
    left = position.floor().clamp_max(len(quantiles) - 2).long()
    return torch.lerp(quantiles[left], quantiles[left + 1], (position - left).float())
