"""Fewer rows of large tables, such that a row and its copy are both kept or both dropped.

A random sample of a fiftieth of each table would keep a row and its copy once in 2,500 times, so that no copying could
be seen in it. Here every value of some columns has a weight (a number its rank, times a random factor; a category a
random number), the score of a row is the sum over these cells, and what is kept is a slice: the rows whose scores lie
in a narrow window. A copy has the score of its row; a near copy nearly so, if its noise is small beside the window. The
rule looks at a row's cells and not at its table, so rows of the same source remain comparable; but they are those of a
slice and not of the whole table, and ranks are those among them. The score uses a quarter of the columns, or one of
few, since within a slice its columns can be guessed from one another.

Letters used for shapes: n rows of one side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.embedding import middle_ranks

FEW_ROWS = 50
_EDGE = 0.05

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Thinned:
    """The columns with the rows that are kept, in random order, and the values that occur in them.

    Attributes:
        columns: in the order in which they were given.
        is_slice: whether the rows were chosen by their scores.
    """

    columns: tuple[AlignedColumn, ...]
    is_slice: bool = False


def thin(columns: Sequence[AlignedColumn], seed: int, most: int) -> Thinned:
    """The rows to look at, in random order.

    Args:
        columns: at least one.
        seed: of the weights, the window and the order of the rows.
        most: all rows are kept where neither the real nor the synthetic side has more; else at most as many of each
            side are kept. They are drawn at random where the slice would have too few rows of a side.
    """
    draw = streams.generator(seed, "thinning")
    first = columns[0]
    kept = [np.arange(len(side)) for side in (first.real, first.synthetic, first.held_out)]
    share = most / max(len(first.real), len(first.synthetic), 1)
    is_slice = False
    if share < 1:
        scores = row_scores(columns, draw)
        low, high = _window(np.concatenate([scores[0], scores[2]]), share, draw)
        inside = [np.flatnonzero((low <= side) & (side <= high)) for side in scores]
        is_slice = all(len(rows) >= min(FEW_ROWS, len(side)) for rows, side in zip(inside, kept, strict=True))
        kept = inside if is_slice else kept
    chosen = [draw.permutation(rows)[:most] for rows in kept]
    rows = (
        column.over_own_values(column.real[chosen[0]], column.synthetic[chosen[1]], column.held_out[chosen[2]])
        for column in columns
    )
    return Thinned(tuple(rows), is_slice)


def _window(scores: NDArray[np.float64], share: float, draw: np.random.Generator) -> tuple[float, float]:
    start = draw.uniform(_EDGE * (1 - share), (1 - _EDGE) * (1 - share))
    low, high = np.quantile(scores, [start, start + share])
    return float(low), float(high)


def row_scores(
    columns: Sequence[AlignedColumn], draw: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The score of each row of the real, the synthetic and the held-out side, shape (n,) each.

    The columns with the most distinct values are used: they cut the sharpest slices.

    Args:
        columns: at least one.
        draw: for the weights.
    """
    first = columns[0]
    scores = [np.zeros(len(side)) for side in (first.real, first.synthetic, first.held_out)]
    sharpest = sorted(columns, key=lambda column: -len(column.support))[: max(1, len(columns) // 4)]
    for column in sharpest:
        if column.is_numeric:
            weights = np.append(middle_ranks(column) * draw.normal(), draw.normal())
        else:
            weights = draw.normal(size=len(column.support) + 1)
        for sums, cells in zip(scores, (column.real, column.synthetic, column.held_out), strict=True):
            sums += weights[cells]
    return scores[0], scores[1], scores[2]
