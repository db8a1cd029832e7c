"""Rows from a trained generator, in blocks of a fixed size.

Block b of a sample depends on the seed, on b and on the condition alone, and the networks always run on whole blocks.
So the same seed gives the same rows whatever the number of rows asked for, the size of the chunks they are taken in, or
who makes which block: several threads may ask the same `BlockSampler`.
"""

from collections.abc import Iterator

from tabgan import rng
from tabgan.gan.conditions import GivenRows
from tabgan.gan.drawing import BLOCK, block_noise, draw_block
from tabgan.gan.filling import fill_blocks
from tabgan.gan.generator import Generator
from tabgan.gan.guided import finish_guided
from tabgan.gan.maker import Maker
from tabgan.layout import EncodedTable, GivenCells, Guide


class BlockSampler:
    """The blocks of a sample, by their numbers.

    Args:
        generator: a trained one.
        seed: of the noise.
        given: cells that every row shall have.
        guide: what else is wanted of the rows; it must go by its `columns` alone, and is the same for all rows.
        candidates: with given cells or a guide, how many rows to draw for each one, of which one is chosen by weight;
            from 1 to `BLOCK`. With 1, cells follow what the generator says when it is told the given ones from the
            start. The more candidates, the nearer they come to what rows with such cells are like among rows drawn
            without a condition, which the generator knows better. A candidate takes twice as long as a plain row.
    """

    def __init__(
        self,
        generator: Generator,
        *,
        seed: int,
        given: GivenCells | None = None,
        guide: Guide | None = None,
        candidates: int = 1,
    ) -> None:
        self._generator, self._seed, self._given, self._guide = generator, seed, given, guide
        self._candidates = candidates
        self._conditioned = given is not None or guide is not None
        self._maker = Maker(generator, beginnings=not self._conditioned)

    def parts(self, index: int) -> Iterator[EncodedTable]:
        """The `BLOCK` rows of the block `index`, in as many parts as there are candidates.

        Raises:
            ConditionError: if none of very many rows came out as the guide wants them.
        """
        own = rng.derive_seed(self._seed, "sample", index)
        rows = self._rows(index) if self._conditioned else None
        if rows is None or self._candidates == 1:
            yield draw_block(self._maker, block_noise(self._generator, own), rows)
        else:
            filled = fill_blocks(self._generator, rows, seed=own, candidates=self._candidates)
            yield from (part.rows for part in filled)

    def _rows(self, index: int) -> GivenRows:
        """What is given of the rows of a block, with what the guide wants."""
        rows = GivenRows.of(self._generator.plan.layout, BLOCK, self._given)
        if self._guide is None:
            return rows
        corrected = self._candidates > 1
        return finish_guided(self._generator, self._guide, rows, seed=self._seed, index=index, corrected=corrected)


def sample_blocks(
    generator: Generator,
    n: int,
    *,
    seed: int,
    given: GivenCells | None = None,
    guide: Guide | None = None,
    candidates: int = 1,
) -> Iterator[EncodedTable]:
    """The first `n` encoded rows, at least 1, at most `BLOCK` at a time; for the others see `BlockSampler`."""
    sampler = BlockSampler(generator, seed=seed, given=given, guide=guide, candidates=candidates)
    left = n
    for index in range(-(-n // BLOCK)):
        for block in sampler.parts(index):
            yield block[:left]
            left -= len(block)
            if left <= 0:
                break
