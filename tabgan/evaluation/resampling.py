"""What noise alone does to the Shape and the Trend error, and how sure the two are.

The noise floor of two real samples: the real table is split into random halves, the errors between the halves are
measured, and scaled from the halves' sizes to the sizes that were compared (both errors shrink as the root of 1/n + 1/m
while they are small, and by less when they are near 1). Scaling is slightly optimistic where categories are so rare
that a half misses many, so the true floor can lie a little higher. The standard errors come from a bootstrap of the
rows of both tables. Of a large table each draw takes `MAX_ROWS` rows, fewer if there are very many pairs, and the
result is scaled in the same way. Every draw cuts numeric columns anew, since the edges are as uncertain as the rows.

Letters used for shapes: P pairs, R repeats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.distances import ks_distance, total_variation
from tabgan.evaluation.pairs import PairErrors, pair_errors
from tabgan.evaluation.results import Estimate

N_SPLITS = 5
N_BOOTSTRAPS = 20
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


def errors_between(columns: Sequence[AlignedColumn], *, associations: bool = True) -> Errors:
    """The Shape and Trend errors between the two tables.

    Args:
        columns: of both tables.
        associations: whether to say of each pair how strongly the columns go together, too.
    """
    pairs = pair_errors(columns, associations=associations)
    distances = [column_distance(column) for column in columns]
    return Errors(float(np.mean(distances)) if columns else float("nan"), pairs.mean, pairs.mean_separate, pairs)


def column_distance(column: AlignedColumn) -> float:
    """KS D of a numeric column, total variation of any other, missing cells counted."""
    measure = ks_distance if column.is_numeric else total_variation
    few = len(column.real) + len(column.synthetic) < len(column.support)
    return float(measure(*(_occurring(column) if few else column.counts())))


def _occurring(column: AlignedColumn) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What `counts` gives, without the values that do not occur: quicker where there are few rows among many values."""
    sides = column.real, column.synthetic
    marked = np.sort(np.concatenate([2 * side.astype(np.int64) + i for i, side in enumerate(sides)]))
    values, is_synthetic = marked >> 1, marked & 1
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    synthetic = np.add.reduceat(is_synthetic, starts)
    real = np.diff(starts, append=len(values)) - synthetic
    missing = values[-1:] == len(column.support)
    return (real, synthetic) if missing else (np.append(real, 0), np.append(synthetic, 0))


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
    floors = [_halves(columns, most, streams.generator(seed, "floor", i)) for i in range(splits)]
    bootstraps = [_boot(columns, most, streams.generator(seed, "boot", i)) for i in range(boots)]
    return Noise(tuple(floors), tuple(bootstraps))


def _halves(columns: Sequence[AlignedColumn], most: int, draw: np.random.Generator) -> Errors:
    n, m = len(columns[0].real), len(columns[0].synthetic)
    half = min(n, most) // 2
    order = draw.permutation(n)[: 2 * half]
    first, second = np.sort(order[:half]), np.sort(order[half:])  # rows in order are read faster
    halves = [column.with_cells(column.real[first], column.real[second]) for column in columns]
    found, factor = errors_between(halves, associations=False), float(np.sqrt((1 / n + 1 / m) / (2 / half)))
    shape, errors, separate = (
        _rescaled(part, factor) for part in (found.shape, found.pairs.errors, found.pairs.separate)
    )
    pairs = replace(found.pairs, errors=errors, separate=separate)
    return Errors(float(shape), pairs.mean, pairs.mean_separate, pairs)


def _rescaled(error: Any, factor: float) -> Any:
    """An error of chance alone at other sizes: it shrinks with the root of the rows, but stays close to 1 if it is.

    Where categories are so rare that two samples hardly share any, the distance is near 1 at any of these sizes.
    """
    return 1 - (1 - np.minimum(error, 1.0)) ** factor


def _boot(columns: Sequence[AlignedColumn], most: int, draw: np.random.Generator) -> Errors:
    n, m = len(columns[0].real), len(columns[0].synthetic)
    kept = min(n, most), min(m, most)
    rows = np.sort(draw.integers(0, n, kept[0])), np.sort(draw.integers(0, m, kept[1]))
    drawn = [column.with_cells(column.real[rows[0]], column.synthetic[rows[1]]) for column in columns]
    return _scaled(drawn, float(np.sqrt((1 / n + 1 / m) / (1 / kept[0] + 1 / kept[1]))))


def _scaled(columns: Sequence[AlignedColumn], factor: float) -> Errors:
    """The errors of drawn rows, scaled to the rows that were compared."""
    found = errors_between(columns, associations=False)
    pairs = replace(found.pairs, errors=found.pairs.errors * factor, separate=found.pairs.separate * factor)
    return Errors(found.shape * factor, found.trend * factor, found.trend_separate * factor, pairs)
