"""Rows from a trained synthesizer, in blocks of a fixed size.

Block b of a sample depends on the seed, on b and on the condition alone, and the networks always run on whole blocks.
So the same seed gives the same rows whatever the number of rows asked for or the size of the chunks they are taken in.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan import rng
from tabgan.gan.conditions import Condition
from tabgan.gan.features import gumbel_like
from tabgan.gan.synthesizer import Synthesizer
from tabgan.layout import EncodedTable

BLOCK = 4_096
"""Rows made at a time."""


@dataclass(frozen=True)
class GivenCells:
    """Cells that every row of a sample shall have.

    Attributes:
        mask: shape (m,), True where the column is given.
        cells: one encoded row; what stands in the other columns is of no account.
    """

    mask: NDArray[np.bool_]
    cells: EncodedTable


def sample_blocks(
    synthesizer: Synthesizer, n: int, *, seed: int, given: GivenCells | None = None
) -> Iterator[EncodedTable]:
    """`n` encoded rows, at most `BLOCK` at a time.

    Args:
        synthesizer: a trained one.
        n: number of rows, at least 1.
        seed: of the noise.
        given: cells that every row shall have.
    """
    condition = _condition(synthesizer, given)
    for index, start in enumerate(range(0, n, BLOCK)):
        yield _block(synthesizer, condition, rng.derive_seed(seed, "sample", index))[: min(BLOCK, n - start)]


@torch.no_grad()
def _block(synthesizer: Synthesizer, condition: Condition, seed: int) -> EncodedTable:
    device = synthesizer.logit_shift.device
    random = torch.Generator(device).manual_seed(seed)
    noise = torch.randn(BLOCK, synthesizer.generator.noise_width, generator=random, device=device)
    gumbel = gumbel_like(condition.rows.onehots, random)
    rows = synthesizer.draw(noise, gumbel, condition)
    values = rows.values * synthesizer.features.live(rows.onehots)
    codes = synthesizer.features.codes(rows.onehots).cpu().numpy()
    return EncodedTable(codes.astype(synthesizer.layout.code_dtype), values.cpu().numpy())


def _condition(synthesizer: Synthesizer, given: GivenCells | None) -> Condition:
    """The same condition for every row of a block."""
    free = synthesizer.free_condition(BLOCK)
    if given is None:
        return free
    device = free.mask.device
    codes = torch.from_numpy(given.cells.codes.astype("int64")).to(device)
    rows = synthesizer.features.expand(codes, torch.from_numpy(given.cells.values).to(device))
    mask = torch.from_numpy(given.mask.astype("float32")).to(device)
    return Condition(mask.expand_as(free.mask), type(rows)(*(part.expand(BLOCK, -1) for part in rows)))
