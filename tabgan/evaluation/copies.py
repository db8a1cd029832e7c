"""Rows that occur twice: in the learnt rows and in another table, or twice among the learnt rows.

Every row of both tables is looked at. Each value of each column gets a random 64-bit number, and the key of a row is
the sum of its cells' numbers (Zobrist hashing). Rows that are equal in every cell have equal keys; two given rows that
are not have equal keys once in 2^64, so a table of n rows beside one of m has a false copy with odds of less than
n m / 2^64: once in 18 million evaluations for a million rows of each.

Letters used for shapes: n rows of one side.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.proportions import proportion
from tabgan.evaluation.results import Beside, Estimate

Keys = NDArray[np.uint64]


def copies(columns: Sequence[AlignedColumn], seed: int) -> Beside:
    """The share of rows that equal a learnt row in every cell.

    Args:
        columns: at least one, with a row on the real and on the synthetic side.
        seed: of the random numbers that stand for the values.

    Returns:
        Of the synthetic rows, beside the held-out rows; without such, beside the share of real rows that occur more
        than once.
    """
    real, synthetic, held_out = row_keys(columns, seed)
    learnt, counts = np.unique(real, return_counts=True)
    repeated = proportion(int(counts[counts > 1].sum()), len(real))
    beside = _share_among(held_out, learnt) if len(held_out) else repeated
    return Beside(synthetic=_share_among(synthetic, learnt), real=beside)


def _share_among(keys: Keys, ordered: Keys) -> Estimate:
    keys = np.sort(keys)  # neighbours in memory are then looked up one after another
    places = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return proportion(int((ordered[places] == keys).sum()), len(keys))


def row_keys(columns: Sequence[AlignedColumn], seed: int) -> tuple[Keys, Keys, Keys]:
    """A number for each row, the same for rows that are equal in every cell and, but for odds of 2^-64, for no others.

    Args:
        columns: at least one.
        seed: of the random numbers that stand for the values.

    Returns:
        Of the real, the synthetic and the held-out rows, shape (n,) each.
    """
    first = columns[0]
    keys = [np.zeros(len(side), np.uint64) for side in (first.real, first.synthetic, first.held_out)]
    for place, column in enumerate(columns):
        draw = streams.generator(seed, "row keys", place)
        numbers = draw.integers(0, 2**64, len(column.support) + 1, np.uint64)
        for sums, cells in zip(keys, (column.real, column.synthetic, column.held_out), strict=True):
            sums += numbers[cells]
    return keys[0], keys[1], keys[2]
