"""What is measured of rows that a generator drew, beside rows that training never saw.

Pure functions of cells and points (see `gan.cells`), quick enough to be asked for a dozen times in a run. They tell
whether something goes wrong and which weights are best; how good a finished model is, `tabgan.evaluation` says with
more care.

Letters: n and m rows, c columns.
"""

import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.int64]
Points = NDArray[np.float32]
NEIGHBOURS = 5
"""How many rows a neighbourhood holds (Naeem et al. 2020, section 5)."""
MIN_DETECTED = 32
"""Rows of each side from which on a classifier is asked."""
_PRIOR = 2.0


def onehot(cells: Cells, size: int) -> NDArray[np.float32]:
    """The one-hot vectors (n, c * size) of cells (n, c) below `size`."""
    n, c = cells.shape
    vectors = np.zeros((n, c * size), np.float32)
    vectors[np.arange(n)[:, None], cells + size * np.arange(c)] = 1
    return vectors


def pair_shares(cells: Cells, size: int) -> NDArray[np.float32]:
    """The share of rows in each pair of cells of each pair of columns, shape (c * size, c * size)."""
    vectors = onehot(cells, size)
    shares: NDArray[np.float32] = (vectors.T @ vectors / np.float32(len(cells))).astype(np.float32)
    return shares


def trend_distance(one: NDArray[np.float32], other: NDArray[np.float32], size: int) -> float | None:
    """The total variation distance between tables of two columns, in [0, 1], as the mean over pairs of columns.

    Args:
        one: as from `pair_shares`.
        other: likewise.
        size: of the cells of a column.

    Returns:
        None for a single column.
    """
    c = len(one) // size
    if c < 2:
        return None
    blocks = np.abs(one - other).reshape(c, size, c, size).sum((1, 3)) / 2
    return float(blocks[np.triu_indices(c, 1)].mean())


def detection_auc(real: Cells, made: Cells, size: int) -> float | None:
    """The area under the ROC curve of a quick classifier of real and made rows; 0.5 where it cannot tell.

    The classifier adds up, over all pairs of columns, how much more frequent the row's pair of cells is among real rows
    than among made ones (a naive Bayes classifier of pairs, smoothed). It learns from one half of the rows and is asked
    about the other, in turn; it sees no more than two columns at once.

    Args:
        real: shape (n, c).
        made: shape (m, c).
        size: of the cells of a column.

    Returns:
        None for fewer than `MIN_DETECTED` rows of a kind.
    """
    if min(len(real), len(made)) < MIN_DETECTED:
        return None
    scores: list[list[NDArray[np.float32]]] = [[], []]
    for half in (0, 1):
        own, others = ([rows[half::2] for rows in (real, made)], [rows[1 - half :: 2] for rows in (real, made)])
        counts = [pair_shares(rows, size) * len(rows) for rows in others]
        priors = [_PRIOR * len(rows) / len(others[0]) for rows in others]
        weights = np.log((counts[0] + priors[0]) / (counts[1] + priors[1]))
        for kind, rows in enumerate(own):
            vectors = onehot(rows, size)
            scores[kind].append(((vectors @ weights) * vectors).sum(1))
    return float(np.mean([area(*halves) for halves in zip(*scores, strict=True)]))


def area(high: NDArray[np.floating], low: NDArray[np.floating]) -> float:
    """The chance that one of the `high` numbers exceeds one of the `low`, ties counting half."""
    ascending = np.sort(low)
    below = np.searchsorted(ascending, high) + np.searchsorted(ascending, high, side="right")
    return float(below.mean()) / (2 * len(low))


def detection_error(n: int, m: int) -> float:
    """The standard error of an area of 0.5 (Hanley and McNeil 1982)."""
    return float(np.sqrt((n + m + 1) / (12 * n * m)))


def distinct_share(codes: NDArray[np.integer]) -> float:
    """How many of the rows (n, k) are different, as a share."""
    return float(len(np.unique(codes, axis=0)) / len(codes))


def entropy(codes: NDArray[np.integer]) -> float:
    """The entropy of single codes, in nats, as the mean over the codes (n, k)."""
    found: float = 0.0
    for code in codes.T:
        counts = np.bincount(code)
        shares = counts[counts > 0] / len(code)
        found -= float((shares * np.log(shares)).sum())
    return float(found / codes.shape[1])


def distances(one: Points, other: Points) -> NDArray[np.float32]:
    """Squared distances (n, m); exact, since coordinates are multiples of 1/16."""
    squares = [np.square(points).sum(1) for points in (one, other)]
    found: NDArray[np.float32] = squares[0][:, None] + squares[1] - 2 * (one @ other.T)
    return found


def coverage(real: Points, made: Points) -> float:
    """The share of real rows (n) that have a made row (m) as near as their fifth neighbour (Naeem et al. 2020, eq. 6).

    About 0.97 for as many made rows from the distribution of the real ones; more where rows are often equal.
    """
    within = distances(real, real)
    np.fill_diagonal(within, np.inf)
    k = min(NEIGHBOURS, len(real) - 1)
    radius = np.partition(within, k - 1, axis=1)[:, k - 1] if k else np.zeros(len(real), np.float32)
    return float((distances(real, made).min(1) <= radius).mean())


def nearer_to_learnt(made: Points, learnt: Points, held_out: Points) -> float:
    """The chance that a made row is nearer to rows learnt than to as many rows held out, ties counting half.

    It is the mean over all choices of as many of the rows learnt. 0.5 where nothing is learnt by heart.

    Args:
        made: shape (n, p).
        learnt: at least as many rows as are held out.
        held_out: shape (m, p).
    """
    border = distances(made, held_out).min(1)[:, None]
    apart = distances(made, learnt)
    nearer, as_near = ((apart < border).sum(1), (apart <= border).sum(1))
    return float(np.mean([_any_chosen(near, len(learnt), len(held_out)).mean() for near in (nearer, as_near)]))


def _any_chosen(marked: NDArray[np.integer], n: int, chosen: int) -> NDArray[np.float64]:
    """The chance that any of `marked` rows of n is among `chosen` ones drawn without replacement."""
    none = np.ones(len(marked))
    for taken in range(chosen):
        none *= np.maximum(n - marked - taken, 0) / (n - taken)
    return 1 - none
