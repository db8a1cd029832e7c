"""Has the synthesizer collapsed onto few kinds of rows?

Whole rows first: how many differ, how often does the commonest occur? That sees a generator that repeats itself to the
last digit. Then the cells of each column: their entropy, numbers cut at the real deciles. Last the kinds of rows:
k-means finds clusters of real rows (as points, see `embedding`), and synthetic rows are counted in each. Every number
is beside that of a second real sample of the same size. Clusters are a coarse map and no truth of nature: other seeds
draw other borders, and a kind of row that is rarer than a cluster can be lost unseen.

Letters used for shapes: n rows of each sample, c clusters.
"""

import warnings
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.clusters import describe
from tabgan.evaluation.embedding import middle_ranks
from tabgan.evaluation.proportions import around, proportion, wilson
from tabgan.evaluation.results import Beside, Cluster, CollapseResult, Estimate
from tabgan.evaluation.samples import Samples, draw_samples, sample_stream

MAX_ROWS = 20_000
MIN_ROWS = 10
N_CLUSTERS = 20
ENOUGH = 0.1
_FEATURES = 200
_ROWS_PER_CLUSTER = 25
_MIN_CLUSTER = 10
_DRAWS = 1000

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]


def collapse(columns: Sequence[AlignedColumn], seed: int, max_rows: int = MAX_ROWS) -> CollapseResult:
    """Repeated rows, entropy and lost clusters, of synthetic rows and of second real ones.

    Args:
        columns: at least one.
        seed: of the rows that are drawn and of k-means.
        max_rows: at most as many rows of each kind are used.

    Raises:
        ValueError: if there are no columns, or too few rows.
    """
    samples = draw_samples(columns, sample_stream(seed, "collapse"), max_rows, MIN_ROWS)
    rows = [np.stack([codes[side] for codes in samples.cells], axis=1) for side in range(3)]
    coarse = [coarse_cells(column, codes) for column, codes in zip(samples.columns, samples.cells, strict=True)]
    found = _clusters(samples, seed)
    n_clusters = int(found.max()) + 1
    counts = np.stack([np.bincount(side, minlength=n_clusters) for side in found])
    draw = streams.generator(seed, "collapse", "coverage")
    return CollapseResult(
        distinct=_beside(lambda side: distinct(rows[side])),
        most_repeated=_beside(lambda side: most_repeated(rows[side])),
        entropy=_beside(lambda side: entropy([codes[side] for codes in coarse])),
        cluster_entropy=_beside(lambda side: entropy([found[side]])),
        coverage=_beside(lambda side: coverage(counts[0], counts[side], draw)),
        clusters=_described(samples, found[0], counts),
        n_per_side=samples.n,
        caveats=samples.caveats(),
    )


def _beside(measure: Callable[[int], Estimate]) -> Beside:
    return Beside(synthetic=measure(2), real=measure(1))


def distinct(rows: Codes) -> Estimate:
    """The share of rows that differ, with the jackknife's error: leaving out a row counts only if it has no like.

    Args:
        rows: shape (n, columns).
    """
    counts = np.unique(rows, axis=0, return_counts=True)[1]
    n, single = len(rows), float((counts == 1).sum()) / len(rows)
    return wilson(len(counts) / n, float(np.sqrt(single * (1 - single) / n)), n)


def most_repeated(rows: Codes) -> Estimate:
    """The share of the row that occurs most often.

    Args:
        rows: shape (n, columns).
    """
    return proportion(int(np.unique(rows, axis=0, return_counts=True)[1].max()), len(rows))


def coarse_cells(column: AlignedColumn, cells: Codes) -> Codes:
    """Cells as categories: numbers by the tenth of the real ones in which they lie, 10 where missing.

    Numbers beyond the real ones lie in the first or the last tenth.

    Args:
        column: whose real side gives the tenths.
        cells: positions in its support, of any shape.

    Returns:
        The shape of `cells`.
    """
    if not column.is_numeric:
        return cells
    tenths = np.minimum((middle_ranks(column) * 10).astype(np.int64), 9)
    return np.asarray(np.append(tenths, 10)[cells])


def entropy(columns: Sequence[Codes]) -> Estimate:
    """The mean over the columns of the entropy of their cells, in bits, with the error of the delta method.

    Args:
        columns: categories, shape (n,) each.
    """
    surprise = np.zeros(len(columns[0]))
    for codes in columns:
        _, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
        surprise -= np.log2(counts / len(codes))[inverse] / len(columns)
    return around(abs(float(surprise.mean())), float(surprise.std() / np.sqrt(len(surprise))), 0.0)


def _clusters(samples: Samples, seed: int) -> Codes:
    """The cluster of each row of the three samples, the largest one of the real rows first; shape (3, n).

    Clusters of a few real rows are given up, since by chance alone a second sample may have none of them.
    """
    points = samples.points(_FEATURES)
    k = int(np.clip(samples.n // _ROWS_PER_CLUSTER, 2, N_CLUSTERS))
    state = streams.derive_seed(seed, "collapse", "clusters") % 2**32
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct points than clusters
        model = KMeans(k, n_init=1, max_iter=50, random_state=state).fit(points[0])
    counts = np.bincount(model.labels_, minlength=k)
    centres = model.cluster_centers_[counts >= min(_MIN_CLUSTER, counts.max())]
    found = np.stack([nearest(side, centres) for side in points])
    place = np.argsort(np.argsort(-np.bincount(found[0]), kind="stable"))
    return np.asarray(place[found])


def nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> Codes:
    """The nearest centre of each point, shape (n,)."""
    scores = points @ centres.T - (centres**2).sum(axis=1) / 2
    return np.asarray(scores.argmax(axis=1))


def coverage(real: Codes, others: Codes, draw: np.random.Generator) -> Estimate:
    """The share of clusters that hold enough of the other rows, with the spread of redrawn rows about it.

    Args:
        real: the real rows in each cluster, shape (c,).
        others: as many other rows, shape (c,).
        draw: redraws both.
    """
    n = int(real.sum())
    value = float(_covered(real, others))
    redrawn = _covered(draw.multinomial(n, real / n, _DRAWS), draw.multinomial(n, others / n, _DRAWS))
    low, high = np.quantile(redrawn, [0.025, 0.975])
    return Estimate(
        value=value, standard_error=float(redrawn.std()), low=min(float(low), value), high=max(float(high), value)
    )


def _covered(real: Codes, others: Codes) -> Floats:
    return np.asarray((others >= ENOUGH * np.maximum(real, 1)).mean(axis=-1))


def _described(samples: Samples, found: Codes, counts: Codes) -> tuple[Cluster, ...]:
    words = describe(samples.columns, [codes[0] for codes in samples.cells], found)
    return tuple(
        Cluster(
            real=proportion(int(counts[0, i]), samples.n),
            synthetic=proportion(int(counts[2, i]), samples.n),
            described=text,
        )
        for i, text in enumerate(words)
    )
