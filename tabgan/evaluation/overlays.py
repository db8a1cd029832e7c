"""Small counts of both tables over common bins, for pictures; at most 40 bins or 25 categories, never rows.

A numeric column with few values gets one bin for each; with many, a histogram of equal bins with round edges between
the real column's 0.5 % and 99.5 % quantiles (or its ends, where those are near), with the cells beyond in the end bins,
so that one far value does not squeeze the picture. Categories are ordered by their real frequency, numbers and truth
values by value.
"""

from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.evaluation.aligned import AlignedColumn, float_texts
from tabgan.evaluation.results import Overlay
from tabgan.table import dtypes

TARGET_BINS = 25
MAX_BARS = 25
MAX_RANKS = 24
FEW_BARS = 7
TAIL = 0.005

Counts = NDArray[np.int64]
Places = NDArray[np.intp]
Floats = NDArray[np.float64]


def overlay(column: AlignedColumn) -> Overlay | None:
    """The picture's counts; None where no cell of either table is present.

    Missing cells are not in it, nor are values that occur in held-out rows alone.
    """
    real, synthetic = (counts[:-1] for counts in column.counts())
    seen = np.flatnonzero(real + synthetic)
    if not len(seen):
        return None
    if column.is_numeric and len(seen) > MAX_BARS:
        return _histogram(column, real, synthetic)
    return _bars(column, seen, real[seen], synthetic[seen])


def _bars(column: AlignedColumn, seen: Places, real: Counts, synthetic: Counts) -> Overlay:
    """A bar for each value; `seen` holds the places of the counted values in the support."""
    if len(real) > MAX_BARS:
        return _ranked(column, seen, real, synthetic)
    ordered = dtypes.is_numeric(column.support.type)
    shown = np.arange(len(real)) if ordered else np.lexsort((-synthetic, -real))
    kind: Literal["histogram", "bars"] = "histogram" if ordered and len(shown) > FEW_BARS else "bars"
    counts = [tuple(side[shown].tolist()) for side in (real, synthetic)]
    return Overlay(kind=kind, labels=tuple(column.labels(seen[shown])), real=counts[0], synthetic=counts[1])


def _ranked(column: AlignedColumn, seen: Places, real: Counts, synthetic: Counts) -> Overlay:
    """The most frequent real categories one by one, and all others together at the end."""
    order = np.lexsort((-synthetic, -real))
    shown, rest = order[:MAX_RANKS], order[MAX_RANKS:]
    counts = [(*side[shown].tolist(), int(side[rest].sum())) for side in (real, synthetic)]
    labels = (*column.labels(seen[shown]), f"{len(rest):,} others")
    return Overlay(kind="ranked", labels=labels, real=counts[0], synthetic=counts[1])


def _histogram(column: AlignedColumn, real: Counts, synthetic: Counts) -> Overlay:
    whole = not (pa.types.is_floating(column.support.type) or pa.types.is_decimal(column.support.type))
    low, high = _limits(column.numbers, real if real.any() else synthetic)
    edges = _edges(low, high, whole, rounded=not pa.types.is_temporal(column.support.type))
    places = np.concatenate([[0], np.searchsorted(column.numbers, edges[1:-1]), [len(real)]])
    return Overlay(
        kind="histogram",
        labels=tuple(_edge_labels(column, edges, whole, column.numbers[np.flatnonzero(real + synthetic)[[0, -1]]])),
        edges=tuple((edges + column.origin).tolist()),
        real=tuple(np.diff(np.append(0, np.cumsum(real))[places]).tolist()),
        synthetic=tuple(np.diff(np.append(0, np.cumsum(synthetic))[places]).tolist()),
    )


def _limits(numbers: Floats, counts: Counts) -> tuple[float, float]:
    """The range to draw: the tails are cut where they are more than a tenth as long as the rest."""
    finite = np.isfinite(numbers) & (counts > 0)
    values, mass = numbers[finite], np.cumsum(counts[finite])
    if not len(values):
        return 0.0, 1.0
    low, high = (float(values[np.searchsorted(mass, share * mass[-1])]) for share in (TAIL, 1 - TAIL))
    if low == high:
        low, high = float(values[0]), float(values[-1])
    slack = 0.1 * (high - low)
    low = float(values[0]) if values[0] >= low - slack else low
    high = float(values[-1]) if values[-1] <= high + slack else high
    return (low, high) if high > low else (low, low + max(1.0, float(np.spacing(abs(low)))))


def _edges(low: float, high: float, whole: bool, rounded: bool) -> Floats:
    """Edges of about `TARGET_BINS` equal bins from `low` to `high`; between whole numbers for whole columns."""
    finest = max(float(np.spacing(max(abs(low), abs(high)))), float(np.finfo(np.float64).tiny))
    step = max((high - low) / TARGET_BINS, finest)  # fewer bins where floats cannot tell as many apart
    if rounded:
        power = 10.0 ** np.floor(np.log10(step))
        step = float(power * next(nice for nice in (1, 2, 5, 10) if nice * power >= step * (1 - 1e-9)))
    step = max(float(np.ceil(step)), 1.0) if whole else step
    start = np.floor(low / step) * step if rounded else low
    count = (
        int(np.floor((high - start) / step * (1 + 1e-12))) + 1 if whole else int(np.ceil((high - start) / step - 1e-9))
    )
    edges = np.unique(start + step * np.arange(max(count, 1) + 1) - 0.5 * whole)
    return np.asarray(edges if len(edges) > 1 else [edges[0], edges[0] + finest], np.float64)


def _edge_labels(column: AlignedColumn, edges: Floats, whole: bool, ends: Floats) -> list[str]:
    """What each bin holds; the end bins say so if `ends`, the least and the greatest cell, lie beyond."""
    first, last = _ends(column, edges, whole)
    labels = [a if a == b else f"{a} to {b}" for a, b in zip(first, last, strict=True)]
    if ends[0] < edges[0]:
        labels[0] = f"{last[0]} or less"
    if ends[1] > edges[-1]:
        labels[-1] = f"{first[-1]} or more"
    return labels


def _ends(column: AlignedColumn, edges: Floats, whole: bool) -> tuple[list[str], list[str]]:
    if pa.types.is_temporal(column.support.type):
        ends = column.text_of(np.rint(edges + 0.5 * whole))
        return ends[:-1], ends[1:]
    if whole:
        first = [str(round(edge + 0.5) + column.origin) for edge in edges[:-1].tolist()]
        return first, [str(round(edge - 0.5) + column.origin) for edge in edges[1:].tolist()]
    near_zero = np.abs(edges) < 1e-9 * (edges[1] - edges[0])
    ends = float_texts(np.where(near_zero, 0.0, edges).tolist())
    return ends[:-1], ends[1:]
