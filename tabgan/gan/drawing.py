"""One block of rows: its noise, and what becomes of it.

The networks always run on whole blocks of `BLOCK` rows, so that rounding is the same whatever is asked for. Where in
its cell a number lies has nothing to do with anything else, so the values are drawn here, and not learnt.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from tabgan.gan.conditions import GivenRows
from tabgan.gan.generator import Generator
from tabgan.gan.maker import Maker
from tabgan.layout import EncodedTable

BLOCK = 4_096
"""Rows made at a time."""


class Noise(NamedTuple):
    """What a block is made of.

    Attributes:
        codes: shape (n, k), uniform on [0, 1], in the order of the plan.
        values: shape (n, v), uniform on [-1, 1].
    """

    codes: Tensor
    values: Tensor


def block_noise(generator: Generator, seed: int) -> Noise:
    """The noise of one block, on the device of the generator."""
    plan, device = generator.plan, generator.device
    random = torch.Generator(device).manual_seed(seed)
    codes = torch.rand(BLOCK, len(plan.parts), generator=random, device=device)
    return Noise(codes, 2 * torch.rand(BLOCK, plan.layout.n_values, generator=random, device=device) - 1)


def draw_block(maker: Maker, noise: Noise, given: GivenRows | None = None) -> EncodedTable:
    """The rows that noise makes; given cells are copied, with their values."""
    plan = maker.generator.plan
    condition = None if given is None else given.condition(plan, maker.generator.device)
    codes = plan.restore(maker.draw(noise.codes, condition).cpu().numpy())
    values = noise.values.cpu().numpy().astype(np.float32)
    if given is not None:
        values = np.where(given.values_given(plan.layout), given.cells.values, values)
    return EncodedTable(codes, values)
