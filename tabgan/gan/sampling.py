"""Rows from a trained synthesizer, in blocks of a fixed size.

Block b of a sample depends on the seed, on b and on the condition alone, and the networks always run on whole blocks.
So the same seed gives the same rows whatever the number of rows asked for or the size of the chunks they are taken in.
"""

from collections.abc import Iterator

import numpy as np
import torch

from tabgan import rng
from tabgan.gan.conditions import Condition
from tabgan.gan.features import gumbel_like
from tabgan.gan.synthesizer import Synthesizer
from tabgan.layout import EncodedTable, GivenCells

BLOCK = 4_096
"""Rows made at a time."""


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
    for index, start in enumerate(range(0, n, BLOCK)):
        condition = _condition(synthesizer, given, rng.generator(seed, "choices", index))
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


def _condition(synthesizer: Synthesizer, given: GivenCells | None, random: np.random.Generator) -> Condition:
    """The condition of the rows of a block."""
    free = synthesizer.free_condition(BLOCK)
    if given is None:
        return free
    layout = synthesizer.plan.layout
    codes, values = given.cells.codes.repeat(BLOCK, axis=0), given.cells.values.repeat(BLOCK, axis=0)
    for choices in given.choices:
        drawn = random.choice(len(choices.shares), size=BLOCK, p=choices.shares)
        codes[:, layout.code_slices[choices.column]] = choices.codes[drawn]
    rows = synthesizer.features.rows_of(synthesizer.plan.arrange(EncodedTable(codes, values)))
    whole = [max(len(column.cardinalities), 1) for column in layout.columns]
    mask = torch.from_numpy((given.depths >= whole).astype(np.float32)).to(free.mask.device)
    return Condition(mask.expand_as(free.mask), rows)
