"""Rows from a trained generator, in blocks of a fixed size.

Block b of a sample depends on the seed, on b and on the condition alone, and the networks always run on whole blocks.
So the same seed gives the same rows whatever the number of rows asked for or the size of the chunks they are taken in.
"""

from collections.abc import Iterator

import numpy as np
import torch

from tabgan import rng
from tabgan.gan.conditions import Condition, condition_of
from tabgan.gan.generator import Generator
from tabgan.layout import EncodedTable, GivenCells

BLOCK = 4_096
"""Rows made at a time."""


def sample_blocks(
    generator: Generator, n: int, *, seed: int, given: GivenCells | None = None
) -> Iterator[EncodedTable]:
    """`n` encoded rows, at most `BLOCK` at a time.

    Args:
        generator: a trained one.
        n: number of rows, at least 1.
        seed: of the noise.
        given: cells that every row shall have.
    """
    for index, start in enumerate(range(0, n, BLOCK)):
        condition = None
        if given is not None:
            condition = condition_of(generator.plan, given, BLOCK, rng.generator(seed, "choices", index))
        yield _block(generator, condition, rng.derive_seed(seed, "sample", index))[: min(BLOCK, n - start)]


@torch.no_grad()
def _block(generator: Generator, condition: Condition | None, seed: int) -> EncodedTable:
    device = generator.device
    random = torch.Generator(device).manual_seed(seed)
    plan = generator.plan
    noise = torch.rand(BLOCK, len(plan.parts), generator=random, device=device)
    if condition is not None:
        condition = Condition(condition.given.to(device), condition.codes.to(device))
    codes = generator.draw(noise, condition).cpu().numpy()
    # Where in its cell a number lies has nothing to do with anything else, so it is drawn and not learnt.
    values = 2 * torch.rand(BLOCK, plan.layout.n_values, generator=random, device=device) - 1
    return EncodedTable(plan.restore(codes), values.cpu().numpy().astype(np.float32))
