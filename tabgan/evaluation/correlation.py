"""Pearson's r of all pairs of many columns, each over the rows where both are present.

The cells are read twice, in chunks of rows: once to bring each column to mean 0 and variance 1, so that no unit, no far
origin and no huge value costs digits, and once for the products. So a large table never stands there as floats in
whole. The products take one thread, so that the last digits never depend on how many there are.

Letters used for shapes: n rows, q columns.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

Floats = NDArray[np.float64]
Cells = Callable[[slice], Floats]

_CHUNK = 1 << 14
_LEAST_VARIANCE = 1e-12
_MAX_HELD = 1 << 22


@dataclass(frozen=True)
class Scale:
    """What brings the present cells of a column to mean 0 and variance 1; a constant column to 0 alone."""

    shift: float
    largest: float
    mean: float
    deviation: float

    def apply(self, values: Floats) -> Floats:
        """The cells on the common scale, NaN where they are missing; constant columns become all 0."""
        scaled = values - self.shift
        scaled /= self.largest
        scaled -= self.mean
        scaled /= self.deviation
        return scaled


def pearson(columns: Sequence[Cells], n: int) -> tuple[Floats, NDArray[np.int64]]:
    """Pearson's r of all pairs of columns, each over the rows where both are present.

    Args:
        columns: q functions; each gives the cells of some rows as floats, NaN where missing, never infinite.
        n: the number of rows.

    Returns:
        r, shape (q, q), NaN where a column is constant over those rows, and the number of rows, shape (q, q).
    """
    totals = np.zeros((4, len(columns), len(columns)))
    with threadpool_limits(1, user_api="blas"):  # so small that more would only wait for each other
        if n * len(columns) <= _MAX_HELD:
            columns = [cells(slice(0, n)).__getitem__ for cells in columns]
        scales = [_scale(cells(slice(0, n))) for cells in columns]
        for start in range(0, n if columns else 0, _CHUNK):
            totals += _moments(columns, scales, slice(start, min(start + _CHUNK, n)))
    count, sums, squares, products = totals
    safe = np.maximum(count, 1)
    covariance = products / safe - sums * sums.T / safe**2
    variance = squares / safe - (sums / safe) ** 2
    variance = np.where(variance > _LEAST_VARIANCE, variance, np.nan)
    r = np.clip(covariance / np.sqrt(variance * variance.T), -1.0, 1.0)
    return r, count.astype(np.int64)


def _scale(values: Floats) -> Scale:
    present = values if not np.isnan(values).any() else values[~np.isnan(values)]
    if not len(present):
        return Scale(0.0, 1.0, 0.0, 1.0)
    shift = float(present[0])
    shifted = present - shift
    largest = max(float(shifted.max()), -float(shifted.min()), float(np.finfo(np.float64).tiny))
    shifted /= largest
    mean = float(shifted.mean())
    shifted -= mean
    deviation = float(np.sqrt(shifted @ shifted / len(shifted)))
    return Scale(shift, largest, mean, deviation if deviation > 0 else 1.0)


def _moments(columns: Sequence[Cells], scales: Sequence[Scale], rows: slice) -> Floats:
    """Over some rows where both columns are present: how many, the first's sum and squares, and the products."""
    x = np.stack([scale.apply(cells(rows)) for cells, scale in zip(columns, scales, strict=True)])  # (q, rows)
    missing = np.isnan(x)
    if missing.any():
        x[missing] = 0.0
        mask = (~missing).astype(np.float64)
        return np.stack([mask @ mask.T, x @ mask.T, (x * x) @ mask.T, x @ x.T])
    products = x @ x.T
    sums, squares = (np.broadcast_to(part[:, None], products.shape) for part in (x.sum(axis=1), products.diagonal()))
    return np.stack([np.full_like(products, x.shape[1]), sums, squares, products])
