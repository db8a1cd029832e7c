"""Orders that hold in every row: a column that is never larger, or later, than another one.

Two columns in different places of the scale prove nothing, so a rule counts only if independent columns with the same
values would break it in 30 rows or more. Columns that go together can still miss each other by chance: then distances
between them thin out towards nothing, like a tail that ends before it, where for a rule there are about as many there
as elsewhere. That is asked of numbers, but not of times, whose order has a meaning. Numbers of different sizes, or
whole ones and fractions, are hardly of one unit and are not compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations, Order, Sum
from tabgan.table.relations import MIN_EVIDENCE
from tabgan.table.summaries import ColumnSummary
from tabgan.table.ticks import Scale, family

_SCREENED, _FEW_SCREENED = 4_000, 64
_MIN_DISTINCT = 5
_SIZES_ALIKE = 20.0
_CLOSEST, _FEWEST = 0.05, 50
_CROWDED = 3.0
_POINTS = (np.arange(1_000) + 0.5) / 1_000


def find_orders(
    table: pa.Table,
    specs: Sequence[ColumnSpec],
    summaries: Mapping[str, ColumnSummary],
    known: Sequence[Combinations | Sum] = (),
) -> tuple[Order, ...]:
    """Orders of which each column is the larger side at most once: then the smaller one is the closest there is.

    Args:
        table: the rows.
        specs: of the columns that may take part.
        summaries: of all cells, by column.
        known: rules that columns obey already; no order is looked for between two columns of these.
    """
    names = [spec.name for spec in specs if _has_size(spec, summaries[spec.name])]
    settled = {name for rule in known for name in rule.names}
    sampled = _sampled(table, names)
    closest: dict[str, tuple[float, str]] = {}
    for high, lows in _possible(names, sampled):
        for low in lows:
            if low == high or (low in settled and high in settled) or not _screened(sampled[low], sampled[high]):
                continue
            distance = _distance(_Pair(table, low, high, summaries))
            if distance is not None and (high not in closest or distance < closest[high][0]):
                closest[high] = (distance, low)
    return tuple(Order(low, high) for high, (_, low) in closest.items() if closest.get(low, (0, ""))[1] != high)


def _has_size(spec: ColumnSpec, summary: ColumnSummary) -> bool:
    """Whether cells have an order that means something: several numbers or times."""
    return family(spec.arrow_type) is not None and summary.n_distinct >= _MIN_DISTINCT and summary.n_values > 0


def _sampled(table: pa.Table, names: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Some cells of each column, NaN where missing, of dates in seconds like those of timestamps."""
    rows = np.arange(table.num_rows)
    if len(rows) > _SCREENED:
        rows = np.sort(streams.generator(0, "orders").permutation(len(rows))[:_SCREENED])
    found = {}
    for name in names:
        scale = Scale(None) if pa.types.is_floating(table[name].type) else Scale.of([table[name]])
        units, missing = scale.read(table[name].take(pa.array(rows)))
        found[name] = np.where(missing, np.nan, units.astype(np.float64) / 10.0 ** (scale.digits or 0))
    return found


def _possible(names: Sequence[str], sampled: Mapping[str, NDArray[np.float64]]) -> Iterator[tuple[str, list[str]]]:
    """Each column with those that are never clearly larger in a few of the sampled rows, all at once."""
    few = np.array([sampled[name][:_FEW_SCREENED] for name in names])
    for high, own in zip(names, few, strict=True):
        with np.errstate(invalid="ignore"):
            larger = (few > own + 1e-9 * np.abs(own)).any(1)
        yield high, [names[place] for place in np.flatnonzero(~larger).tolist()]


def _screened(low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    """Whether no sampled row is clearly out of order; rounding of the last digits is let pass."""
    with np.errstate(invalid="ignore"):
        return not bool((low > high + 1e-9 * np.abs(high)).any())


@dataclass(frozen=True, eq=False)
class _Pair:
    """Two columns that are in order in the rows of the screen."""

    table: pa.Table
    low: str
    high: str
    summaries: Mapping[str, ColumnSummary]


def _distance(pair: _Pair) -> float | None:
    """How far apart the columns are in the middle, if their order is a rule; None if it is none."""
    own, other = pair.summaries[pair.low], pair.summaries[pair.high]
    sort = family(own.arrow_type)
    if sort != family(other.arrow_type) or (sort == "numbers" and not _alike(own, other)):
        return None
    columns = [pair.table[pair.low], pair.table[pair.high]]
    scale = Scale.of(columns)
    (low, no_low), (high, no_high) = map(scale.read, columns)
    there = ~no_low & ~no_high
    if not there.any() or (low > high)[there].any():
        return None
    if there.sum() * (1 - _by_chance(low[there], high[there])) < MIN_EVIDENCE:
        return None
    apart = np.sort((high - low)[there].astype(np.float64))
    if sort == "numbers" and not _reach_nothing(apart):
        return None
    return float(np.median(apart))


def _reach_nothing(apart: NDArray[np.float64]) -> bool:
    """Whether distances, ascending, of shape (n,), do not thin out like a tail that ends before it reaches nothing.

    Of the m closest rows, a tail that thins out like an exponential or a normal one has about m ** -0.75 in the nearest
    quarter of their distances; evenly spread ones have a quarter there.
    """
    closest = apart[: max(int(_CLOSEST * len(apart)), _FEWEST)]
    return bool((closest <= closest[-1] / 4).mean() > _CROWDED * len(closest) ** -0.75)


def _alike(one: ColumnSummary, other: ColumnSummary) -> bool:
    """Whether numbers may be of one unit: of about the same size, and whole or not whole alike."""
    sizes = [
        float(np.abs(summary.quantile(np.array([0.05, 0.95])).astype(np.float64)).max()) for summary in (one, other)
    ]
    return one.integral == other.integral and max(sizes) <= _SIZES_ALIKE * min(sizes)


def _by_chance(low: NDArray[Any], high: NDArray[Any]) -> float:
    """The share of rows in order if the columns were independent."""
    ordered = np.sort(high.astype(np.float64))
    points = np.quantile(low.astype(np.float64), _POINTS)
    return float(1 - np.searchsorted(ordered, points, side="left").mean() / len(ordered))
