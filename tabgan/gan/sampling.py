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
from tabgan.gan.features import Rows, gumbel_like
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
    noise = torch.randn(BLOCK, synthesizer.trunk.noise_width, generator=random, device=device)
    rows = synthesizer(noise, gumbel_like(condition.rows.onehots, random), condition).rows
    values = (rows.values * synthesizer.features.live(rows.onehots)).cpu().numpy()
    codes = synthesizer.features.codes(rows.onehots).cpu().numpy()
    plan = synthesizer.plan
    return plan.restore(EncodedTable(codes.astype(plan.layout.code_dtype), values))


def _condition(synthesizer: Synthesizer, given: GivenCells | None) -> Condition:
    """The same condition for every row of a block."""
    free = synthesizer.free_condition(BLOCK)
    if given is None:
        return free
    row = synthesizer.features.rows_of(synthesizer.plan.arrange(given.cells))
    mask = torch.from_numpy(given.mask.astype(np.float32)).to(free.mask.device)
    return Condition(mask.expand_as(free.mask), Rows(*(part.expand(BLOCK, -1) for part in row)))
