"""Rows from a trained generator, in blocks of a fixed size.

Block b of a sample depends on the seed, on b and on the condition alone, and the networks always run on whole blocks.
So the same seed gives the same rows whatever the number of rows asked for or the size of the chunks they are taken in.
"""

from collections.abc import Iterator

from tabgan import rng
from tabgan.gan.conditions import GivenRows
from tabgan.gan.drawing import BLOCK, block_noise, draw_block
from tabgan.gan.filling import fill_blocks
from tabgan.gan.generator import Generator
from tabgan.gan.guided import finish_guided
from tabgan.layout import EncodedTable, GivenCells, Guide


def sample_blocks(
    generator: Generator,
    n: int,
    *,
    seed: int,
    given: GivenCells | None = None,
    guide: Guide | None = None,
    candidates: int = 1,
) -> Iterator[EncodedTable]:
    """`n` encoded rows, at most `BLOCK` at a time.

    Args:
        generator: a trained one.
        n: number of rows, at least 1.
        seed: of the noise.
        given: cells that every row shall have.
        guide: what else is wanted of the rows; it must go by its `columns` alone, and is the same for all rows.
        candidates: with given cells or a guide, how many rows to draw for each one, of which one is chosen by weight;
            from 1 to `BLOCK`. With 1, cells follow what the generator says when it is told the given ones from the
            start. The more candidates, the nearer they come to what rows with such cells are like among rows drawn
            without a condition, which the generator knows better. A candidate takes twice as long as a plain row.

    Raises:
        ConditionError: when a block is asked for, and none of very many rows came out as the guide wants them.
    """
    for index, start in enumerate(range(0, n, BLOCK)):
        left = n - start
        for block in _blocks(generator, index, seed, given, guide, candidates):
            yield block[:left]
            left -= len(block)
            if left <= 0:
                break


def _blocks(
    generator: Generator, index: int, seed: int, given: GivenCells | None, guide: Guide | None, candidates: int
) -> Iterator[EncodedTable]:
    """The `BLOCK` rows of the block `index`, in as many parts as there are candidates."""
    rows = None
    if given is not None or guide is not None:
        rows = GivenRows.of(generator.plan.layout, BLOCK, given)
        if guide is not None:
            rows = finish_guided(generator, guide, rows, seed=seed, index=index, corrected=candidates > 1)
    own = rng.derive_seed(seed, "sample", index)
    if rows is None or candidates == 1:
        yield draw_block(generator, block_noise(generator, own), rows)
    else:
        yield from (filled.rows for filled in fill_blocks(generator, rows, seed=own, candidates=candidates))
