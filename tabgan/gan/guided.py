"""Rows that come out as a guide wants them, with the frequencies that such rows have in the model.

*Pilots* are drawn under the masks of the guide and weighed, until they are worth enough rows without weights (the
effective sample size of Kong, Liu and Wong 1994). Then rows are chosen among them by weight, and what these hold in the
guided columns is given from the start to a second draw, which makes all other cells afresh. So a pilot that is chosen
twice gives two different rows.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tabgan import rng
from tabgan.errors import ConditionError
from tabgan.gan.conditions import GivenRows
from tabgan.gan.drawing import BLOCK, block_noise
from tabgan.gan.generator import Generator
from tabgan.gan.weighing import draw_weighed
from tabgan.layout import EncodedTable, Guide, Layout, concatenate

ENOUGH = BLOCK // 2
"""Effective pilots that end the drawing of pilots for a block."""
TRIES = 16
"""Batches of pilots after which `FEW` effective ones will do."""
FEW = BLOCK // 64
MOST_TRIES = 64
"""Batches of pilots after which any will do."""


def finish_guided(
    generator: Generator, guide: Guide, given: GivenRows, *, seed: int, index: int, corrected: bool
) -> GivenRows:
    """What is given of the rows of a block, and the guided columns besides, finished as the guide wants them.

    Args:
        generator: a trained one.
        guide: what is wanted.
        given: cells of `BLOCK` rows that need no guide.
        seed: of the sample.
        index: of the block.
        corrected: see `draw_weighed`.

    Raises:
        ConditionError: if none of very many rows came out as wanted.
    """
    pilots, log_weights = draw_pilots(generator, guide, given, seed=seed, index=index, corrected=corrected)
    chosen = resample(log_weights, BLOCK, rng.generator(seed, "resampling", index))
    return given.finishing(generator.plan.layout, guide.columns, pilots[chosen])


def draw_pilots(
    generator: Generator, guide: Guide, given: GivenRows, *, seed: int, index: int, corrected: bool
) -> tuple[EncodedTable, NDArray[np.float64]]:
    """The pilots of a block that have any weight, and the logarithms of their weights.

    Raises:
        ConditionError: if there are none.
    """
    tables: list[EncodedTable] = []
    weights: list[NDArray[np.float64]] = []
    failures = np.zeros(len(generator.plan.layout.columns), np.int64)
    for tries in range(1, MOST_TRIES + 1):
        noise = block_noise(generator, rng.derive_seed(seed, "pilots", index, tries))
        drawn = draw_weighed(generator, noise, given, guide, corrected=corrected)
        alive = np.flatnonzero(drawn.log_weights > -math.inf)
        tables.append(drawn.rows[alive])
        weights.append(drawn.log_weights[alive])
        failures += np.bincount(drawn.failed_at[drawn.failed_at >= 0], minlength=len(failures))
        if effective_size(np.concatenate(weights)) >= (ENOUGH if tries < TRIES else FEW):
            break
    if not any(map(len, tables)):
        raise ConditionError(_none_met(generator.plan.layout, failures))
    return concatenate(tables), np.concatenate(weights)


def _none_met(layout: Layout, failures: NDArray[np.int64]) -> str:
    where = f", most of them for what column {layout.names[failures.argmax()]!r} is to be" if failures.any() else ""
    return (
        f"expected rows that meet the condition, got none: all of {MOST_TRIES * BLOCK:,} tries failed{where}; "
        "ask for what goes together in the table"
    )


def effective_size(log_weights: NDArray[np.float64]) -> float:
    """How many rows without weights are worth as much, the square of the sum by the sum of squares; 0 if none is."""
    if not len(log_weights):
        return 0.0
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights**2).sum())


def resample(log_weights: NDArray[np.float64], n: int, random: np.random.Generator) -> NDArray[np.intp]:
    """`n` rows chosen by weight, systematically (Douc and Cappé 2005, section 2.4), in random order.

    Args:
        log_weights: shape (p,), all finite.
        n: number of rows.
        random: draws where the choice starts, and the order.
    """
    sums = np.exp(log_weights - log_weights.max()).cumsum()
    points = (np.arange(n) + random.random()) / n * sums[-1]
    chosen = np.minimum(np.searchsorted(sums, points, side="right"), len(sums) - 1)
    return random.permutation(chosen)
