"""Rows of which each has its own given cells, and gets the others drawn: for missing cells, and for tables to complete.

A row is drawn several times, and one of these *candidates* is chosen by weight (Rubin 1988, sampling importance
resampling). A few candidates follow the wanted frequencies only nearly: with a guide that is the same for all rows and
the same given cells everywhere, `sample_blocks` is the better way.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tabgan import rng
from tabgan.gan.conditions import GivenRows
from tabgan.gan.drawing import BLOCK, block_noise
from tabgan.gan.generator import Generator
from tabgan.gan.weighing import draw_weighed
from tabgan.layout import EncodedTable, Guide


class Filled(NamedTuple):
    """Some rows, filled.

    Attributes:
        rows: n of them, in the order in which they came.
        met: shape (n,), whether a candidate was as the guide wants it; where none was, the row breaks the guide.
    """

    rows: EncodedTable
    met: NDArray[np.bool_]


def fill_blocks(
    generator: Generator, given: GivenRows, *, seed: int, guide: Guide | None = None, candidates: int = 8
) -> Iterator[Filled]:
    """The rows with their given cells and all others drawn, `BLOCK // candidates` at a time.

    What row i gets depends on the seed, i and what is wanted of it, not on how many rows follow.

    Args:
        generator: a trained one.
        given: the n rows.
        seed: of the noise.
        guide: what is wanted of the rows, made for these n rows.
        candidates: drawn for each row, from 1 to `BLOCK`.
    """
    size = BLOCK // candidates
    for index, start in enumerate(range(0, len(given), size)):
        n = min(size, len(given) - start)
        # The last block is made whole with rows that nobody sees.
        which = np.minimum(start + np.arange(BLOCK, dtype=np.intp) // candidates, len(given) - 1)
        noise = block_noise(generator, rng.derive_seed(seed, "filling", index))
        own = None if guide is None else guide.for_rows(which)
        drawn, log_weights, _ = draw_weighed(generator, noise, given[which], own, corrected=candidates > 1)
        weights = log_weights[: size * candidates].reshape(size, candidates)
        # The largest of the logarithms of the weights plus Gumbel noise is a choice by weight.
        best = (weights + rng.generator(seed, "candidates", index).gumbel(size=weights.shape)).argmax(1)
        chosen = (np.arange(size) * candidates + best)[:n]
        yield Filled(drawn[chosen], log_weights[chosen] > -math.inf)
