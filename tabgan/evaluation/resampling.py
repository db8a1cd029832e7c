"""What noise alone does to the Shape and the Trend error, and how sure the two are.

The noise floor of two real samples: the real table is split into random halves, the errors between the halves are
measured, and scaled from the halves' sizes to the sizes that were compared (both errors shrink as the root of
1/n + 1/m). Scaling is slightly optimistic where categories are so rare that a half misses many, so the true floor can
lie a little higher. The standard errors come from a bootstrap of the rows of both tables. Large tables are thinned to
`MAX_ROWS` rows first, fewer if there are very many pairs, and the result scaled in the same way.

Letters used for shapes: P pairs, R repeats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.distances import ks_distance, total_variation
from tabgan.evaluation.pairs import PairErrors, pair_errors, with_separate_edges
from tabgan.evaluation.results import Estimate

N_SPLITS = 5
N_BOOTSTRAPS = 10
MAX_ROWS = 50_000
MAX_WORK = 50_000_000
MIN_ROWS = 8

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors between two tables, as fractions.

    Attributes:
        shape: the mean distance over the columns, missing cells counted.
        trend: the mean error over the pairs at common edges, NaN without pairs.
        trend_separate: likewise with separate edges.
        pairs: the errors of all pairs at common edges.
    """

    shape: float
    trend: float
    trend_separate: float
    pairs: PairErrors


@dataclass(frozen=True, eq=False)
class Noise:
    """What resampling found; empty where it was not possible."""

    floors: tuple[Errors, ...]
    bootstraps: tuple[Errors, ...]

    def estimate(self, value: float, field: str) -> Estimate | None:
        """The error `field` of `Errors` with its floor and its standard error; None where it is undefined."""
        if np.isnan(value):
            return None
        floors = np.asarray([getattr(errors, field) for errors in self.floors])
        boots = np.asarray([getattr(errors, field) for errors in self.bootstraps])
        return _estimate(value, floors, boots)

    def pair_estimates(self, values: NDArray[np.float64]) -> list[Estimate | None]:
        """Each pair's error with its floor and its standard error; None where it is undefined."""
        floors = np.asarray([errors.pairs.errors for errors in self.floors]).reshape(len(self.floors), len(values))
        boots = np.asarray([errors.pairs.errors for errors in self.bootstraps]).reshape(
            len(self.bootstraps), len(values)
        )
        return [
            None if np.isnan(value) else _estimate(float(value), floors[:, i], boots[:, i])
            for i, value in enumerate(values)
        ]


def _estimate(value: float, floors: NDArray[np.float64], boots: NDArray[np.float64]) -> Estimate:
    floors, boots = floors[~np.isnan(floors)], boots[~np.isnan(boots)]
    found = Estimate(value=value)
    if len(floors) > 1:
        error = float(floors.std(ddof=1) / np.sqrt(len(floors)))
        found = replace(found, floor=float(floors.mean()), floor_error=error)
    return replace(found, standard_error=float(boots.std(ddof=1))) if len(boots) > 1 else found


def errors_between(columns: Sequence[AlignedColumn]) -> Errors:
    """The Shape and Trend errors between the two tables."""
    pairs = pair_errors(columns)
    return Errors(
        float(np.mean([column_distance(column) for column in columns])) if columns else float("nan"),
        pairs.mean,
        with_separate_edges(columns, pairs).mean,
        pairs,
    )


def column_distance(column: AlignedColumn) -> float:
    """KS D of a numeric column, total variation of any other, missing cells counted."""
    measure = ks_distance if column.is_numeric else total_variation
    return float(measure(*column.counts()))


def noise(columns: Sequence[AlignedColumn], seed: int) -> Noise:
    """The floors and the bootstrap of all errors; no floors for a real table under `MIN_ROWS` rows.

    Args:
        columns: of both tables.
        seed: of every draw.
    """
    if not columns:
        return Noise((), ())
    n, m = len(columns[0].real), len(columns[0].synthetic)
    n_pairs = len(columns) * (len(columns) - 1) // 2
    most = int(np.clip(MAX_WORK // max(n_pairs, 1), MAX_ROWS // 10, MAX_ROWS))
    splits, boots = N_SPLITS if n >= MIN_ROWS else 0, N_BOOTSTRAPS if min(n, m) >= 2 else 0
    floors = [_halves(columns, n, m, most, streams.generator(seed, "floor", i)) for i in range(splits)]
    bootstraps = [_boot(columns, n, m, most, streams.generator(seed, "boot", i)) for i in range(boots)]
    return Noise(tuple(floors), tuple(bootstraps))


def _halves(columns: Sequence[AlignedColumn], n: int, m: int, most: int, draw: np.random.Generator) -> Errors:
    half = min(n, most) // 2
    order = draw.permutation(n)
    first, second = order[:half], order[half : 2 * half]
    halves = [replace(column, real=column.real[first], synthetic=column.real[second]) for column in columns]
    return _scaled(errors_between(halves), float(np.sqrt((1 / n + 1 / m) / (2 / half))))


def _boot(columns: Sequence[AlignedColumn], n: int, m: int, most: int, draw: np.random.Generator) -> Errors:
    kept = min(n, most), min(m, most)
    rows = draw.integers(0, n, kept[0]), draw.integers(0, m, kept[1])
    drawn = [replace(column, real=column.real[rows[0]], synthetic=column.synthetic[rows[1]]) for column in columns]
    return _scaled(errors_between(drawn), float(np.sqrt((1 / n + 1 / m) / (1 / kept[0] + 1 / kept[1]))))


def _scaled(errors: Errors, factor: float) -> Errors:
    pairs = replace(errors.pairs, errors=errors.pairs.errors * factor)
    return Errors(errors.shape * factor, errors.trend * factor, errors.trend_separate * factor, pairs)
