"""Do synthetic rows lie where real rows lie, and everywhere there?

Density and coverage (Naeem et al., Reliable fidelity and diversity metrics for generative models, ICML 2020) draw a
ball around each real row that reaches to its k-th nearest real row. Density counts in how many balls a synthetic row
lies, coverage in how many balls lies a synthetic row. Real rows in place of the synthetic ones get a density of about 1
and a coverage of about 1 - 2^-k. Where rows repeat, as in tables of few categories, balls are single points: a row
lies in the ball of every real row that equals it, so density can be far above 1, for real rows too; only beside theirs
does it say something. Distances are those of `embedding`, in which every column counts the same: kinds of rows that
differ in one column of many are not seen here, but by detection.

The Fréchet distance compares the means and covariances of the points: it sees shifts and changed dependence between
any two columns, and nothing beyond.

Letters used for shapes: n rows of each sample, f features, b rows of a block, g groups of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics.pairwise import euclidean_distances

from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.embedding import MAX_FEATURES
from tabgan.evaluation.proportions import around, wilson
from tabgan.evaluation.results import Beside, Caveat, Estimate, FrechetResult, SupportResult
from tabgan.evaluation.samples import draw_samples, sample_stream
from tabgan.evaluation.terms import percent

MAX_ROWS = 5_000
MAX_WORK = 3_000_000_000
MIN_ROWS = 10
K = 5
FRECHET_FEATURES = 300
_GROUPS = 20
_BLOCK = 500
_EQUAL = 1e-11  # squared distances as close as this are the same: rounding alone sets them apart
_MANY_REPEATS = 0.1

Floats = NDArray[np.float64]


def support(columns: Sequence[AlignedColumn], seed: int, max_rows: int = MAX_ROWS) -> SupportResult:
    """Density and coverage of synthetic rows and of second real ones, about the same real rows.

    Args:
        columns: at least one.
        seed: of the rows that are drawn.
        max_rows: at most as many rows of each kind are used; fewer where points are so wide that it would take long.

    Raises:
        ValueError: if there are no columns, or too few rows.
    """
    samples = draw_samples(columns, sample_stream(seed, "support"), max_rows, MIN_ROWS)
    points = samples.points(MAX_FEATURES).astype(np.float64)
    points = points[:, : max(int(np.sqrt(MAX_WORK / points.shape[2])), MIN_ROWS)]
    real, second, synthetic = points
    radii = neighbourhoods(real, K)
    found, reference = inside(real, radii, synthetic), inside(real, radii, second)
    return SupportResult(
        density=Beside(synthetic=found.density(K), real=reference.density(K)),
        coverage=Beside(synthetic=found.coverage(), real=reference.coverage()),
        k=K,
        n_per_side=len(real),
        caveats=(*samples.caveats(), *_repeats(radii)),
    )


def _repeats(radii: Floats) -> tuple[Caveat, ...]:
    share = float((radii <= _EQUAL).mean())
    if share < _MANY_REPEATS:
        return ()
    text = (
        f"{percent(share)} of the real rows equal {K} others or more, so density counts repeated rows and can be far "
        "above 1: compare it with the second real rows'"
    )
    return (Caveat("repeated_rows", text),)


def neighbourhoods(real: Floats, k: int) -> Floats:
    """The squared distance of each real row to its k-th nearest other real row, shape (n,); all of them if n <= k.

    Args:
        real: shape (n, f).
        k: at least 1.
    """
    nth = min(k, len(real) - 1)  # the row itself comes first
    blocks = [np.partition(_squared(block, real), nth, axis=1)[:, nth] for block in _blocks(real)]
    return np.concatenate(blocks)


@dataclass(frozen=True, eq=False)
class Inside:
    """How rows lie in the neighbourhoods of real rows.

    Attributes:
        balls: in how many neighbourhoods each row lies, shape (n,).
        rows: how many rows lie in each real row's neighbourhood, shape (n,).
        alone: in how many neighbourhoods each row is the only one, shape (n,).
    """

    balls: NDArray[np.int64]
    rows: NDArray[np.int64]
    alone: NDArray[np.int64]

    def density(self, k: int) -> Estimate:
        """The density; its error is that of a mean over both samples (Hoeffding 1948).

        It leaves out that radii adapt to the real rows, so in simulations it was 0.7 (many repeated rows) to 2.3 times
        (narrow synthetic rows) the spread of repeated draws, and within 1.3 times for like samples.
        """
        error = np.sqrt((self.balls.var() / len(self.balls) + self.rows.var() / len(self.rows)) / k**2)
        return around(float(self.balls.mean()) / k, float(error), 0.0)

    def coverage(self) -> Estimate:
        """The coverage; its error adds what the jackknife finds over the rows to that over the neighbourhoods."""
        covered = self.rows > 0
        over_rows = self.alone.var() * len(self.alone) / len(covered) ** 2
        error = np.sqrt(covered.var() / len(covered) + over_rows)
        return wilson(float(covered.mean()), float(error), len(covered))


def inside(real: Floats, radii: Floats, others: Floats) -> Inside:
    """How some rows lie in the neighbourhoods of the real rows; a row at the edge is inside.

    Args:
        real: shape (n, f).
        radii: squared, shape (n,).
        others: shape (m, f).
    """
    balls, alone = np.zeros(len(others), np.int64), np.zeros(len(others), np.int64)
    rows = []
    for block, reach in zip(_blocks(real), _blocks(radii), strict=True):
        within = _squared(block, others) <= reach[:, None] + _EQUAL
        balls += within.sum(axis=0)
        rows.append(within.sum(axis=1))
        alone += within[rows[-1] == 1].sum(axis=0)
    return Inside(balls, np.concatenate(rows), alone)


def _blocks(values: Floats) -> list[Floats]:
    return [values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK)]


def _squared(block: Floats, others: Floats) -> Floats:
    """Shape (b, m)."""
    distances: Floats = euclidean_distances(block, others, squared=True)
    return distances


def frechet(columns: Sequence[AlignedColumn], seed: int, max_rows: int = MAX_ROWS) -> FrechetResult:
    """The Fréchet distance between real and synthetic rows, with that to second real rows as its floor.

    It is never 0 at a finite number of rows, and its floor grows with the number of features, so only the excess over
    the floor says something. The standard errors are those of a jackknife over groups of rows.

    Args:
        columns: at least one.
        seed: of the rows that are drawn.
        max_rows: at most as many rows of each kind are used.

    Raises:
        ValueError: if there are no columns, or too few rows.
    """
    samples = draw_samples(columns, sample_stream(seed, "frechet"), max_rows, MIN_ROWS)
    points = samples.points(FRECHET_FEATURES).astype(np.float64)
    points -= points[0].mean(axis=0)
    real, second, synthetic = (_without_groups(side) for side in points)
    distances = np.asarray(
        [[squared_frechet(a, other) for other in (b, c)] for a, b, c in zip(real, second, synthetic, strict=True)]
    )
    (floor, value), left_out = distances[0], distances[1:]
    errors = left_out.std(axis=0) * np.sqrt(len(left_out) - 1)
    found = around(float(value), float(errors[1]), 0.0)
    n, n_features = points.shape[1:]
    text = f"{n} rows for {n_features} features, so most of the distance is noise, as its floor shows"
    return FrechetResult(
        distance=replace(found, floor=float(floor), floor_error=float(errors[0])),
        n_features=n_features,
        n_per_side=n,
        caveats=(*samples.caveats(), *((Caveat("few_rows_for_width", text),) if n < 2 * n_features else ())),
    )


@dataclass(frozen=True, eq=False)
class Moments:
    """The mean of points, shape (f,), and their covariance, shape (f, f)."""

    mean: Floats
    covariance: Floats


def _without_groups(points: Floats) -> list[Moments]:
    """The moments of all points, then those that are left without each of g groups."""
    groups = np.array_split(points, min(_GROUPS, len(points)))
    sizes = [len(points), *(len(points) - len(group) for group in groups)]
    total, products = points.sum(axis=0), points.T @ points
    sums = [total, *(total - group.sum(axis=0) for group in groups)]
    squares = [products, *(products - group.T @ group for group in groups)]
    return [
        Moments(part / size, (square - np.outer(part, part) / size) / (size - 1))
        for part, square, size in zip(sums, squares, sizes, strict=True)
    ]


def squared_frechet(first: Moments, second: Moments) -> float:
    """The squared Fréchet distance of two normal distributions (Dowson and Landau, J. Multivariate Analysis 12, 1982).

    |m - m'|² + tr(C + C' - 2 (C^½ C' C^½)^½); only symmetric matrices are decomposed, so singular covariances do no
    harm.
    """
    values, vectors = np.linalg.eigh(first.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    crossed = np.linalg.eigvalsh(root @ second.covariance @ root)
    spread = np.trace(first.covariance) + np.trace(second.covariance) - 2 * np.sqrt(np.maximum(crossed, 0.0)).sum()
    return max(float(((first.mean - second.mean) ** 2).sum() + spread), 0.0)
