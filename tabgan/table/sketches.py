"""What stands in for exact counts once a column has too many distinct values: three sketches from Apache DataSketches.

- Quantiles: a t-digest (Dunning & Ertl 2019, arXiv 1902.04023) with k = 5,000. Its rank error is measured, not
  guaranteed: 0.0002 on smooth columns, up to 5/k = 0.001 beside a wide gap, and less towards the ends. It computes in
  float64, so that integers beyond 2**53 lose their low bits here (the frequent values and the extremes keep them).
- Frequent values: a Misra-Gries sketch (Misra & Gries 1982; Anderson et al. 2017, arXiv 1705.07001). A count is short
  by at most 3.5 / 2**14 = 0.02 % of the rows, guaranteed; a value above a share asked for is missed only within that.
- Distinct values: HyperLogLog (Flajolet et al. 2007; Ertl 2017, arXiv 1702.01284) with 2**14 registers, a standard
  error of about 0.8 %.

The sketches are kept as bytes, so that a summary compares by value and cannot be changed; each merge gives a new one.
Values are fed in ascending order with their counts, so that the rows' order within a block makes no difference.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import datasketches
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TDIGEST_K = 5_000
RANK_ERROR = 5 / TDIGEST_K
FREQUENT_LG = 14
COUNT_ERROR = 3.5 / 2**FREQUENT_LG
DISTINCT_LG = 14
_FEED = 1 << 20
_SUPPORT = 8_193

Number = int | float


@dataclass(frozen=True)
class Quantiles:
    """A t-digest of numbers."""

    blob: bytes

    @classmethod
    def of(cls, values: NDArray[np.generic], counts: NDArray[np.int64]) -> "Quantiles":
        """The digest of ascending `values`, each as often as `counts` says; shapes (d,)."""
        digest = datasketches.tdigest_double(TDIGEST_K)
        numbers, ends = values.astype(np.float64), np.cumsum(counts)
        for start in range(0, int(ends[-1]) if len(ends) else 0, _FEED):
            rows = np.arange(start, min(start + _FEED, int(ends[-1])))
            digest.update(numbers[np.searchsorted(ends, rows, side="right")])
        return cls(digest.serialize())

    def merge(self, other: "Quantiles") -> "Quantiles":
        """The digest of both parts."""
        digest = datasketches.tdigest_double.deserialize(self.blob)
        digest.merge(datasketches.tdigest_double.deserialize(other.blob))
        return Quantiles(digest.serialize())

    def at(self, p: NDArray[np.float64], heavy: Sequence[tuple[Number, float]] = ()) -> NDArray[np.float64]:
        """The quantiles at the ranks `p` in [0, 1], same shape, never descending where `p` ascends.

        Args:
            p: ranks.
            heavy: values that are known to hold a share of the rows; they come back exactly over that share.
        """
        values, ranks = self._support
        for (value, share), middle in zip(heavy, self.ranks([value for value, _ in heavy]), strict=True):
            outside = (np.abs(ranks - middle) >= share / 2) & (values != value)
            values = np.concatenate([values[outside], [value, value]])
            ranks = np.concatenate([ranks[outside], [middle - share / 2, middle + share / 2]])
        order = np.lexsort((ranks, values))
        return np.interp(p, np.maximum.accumulate(ranks[order]), values[order])

    def ranks(self, values: Sequence[Number]) -> NDArray[np.float64]:
        """The share of rows below each value, half of its own rows counted in."""
        digest = datasketches.tdigest_double.deserialize(self.blob)
        return np.array([digest.get_rank(float(value)) for value in values], np.float64)

    @cached_property
    def _support(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Ascending values, closer together towards the ends, and their ranks.

        DIFF: quantiles are found by inverting ranks, since `get_quantile` of datasketches 5.2 interpolates backwards
        between two centroids: it is not monotone, and ten times less exact than `get_rank`.
        """
        digest = datasketches.tdigest_double.deserialize(self.blob)
        grid = (1 - np.cos(np.linspace(0, np.pi, _SUPPORT))) / 2
        values = np.unique([digest.get_quantile(min(max(float(rank), 0.0), 1.0)) for rank in grid])
        ranks = self.ranks(values.tolist())
        ranks[0], ranks[-1] = 0.0, 1.0
        return values, ranks


@dataclass(frozen=True)
class FrequentNumbers:
    """The values of a numeric view that hold many rows: int64, uint64 or float64, kept by their 64 bits."""

    blob: bytes
    dtype: str

    @classmethod
    def of(cls, values: NDArray[np.generic], counts: NDArray[np.int64]) -> "FrequentNumbers":
        """The sketch of distinct `values` with their `counts`; shapes (d,)."""
        sketch = datasketches.frequent_items_sketch(FREQUENT_LG)
        deque(map(sketch.update, values.view(np.int64).tolist(), counts.tolist()), maxlen=0)
        return cls(sketch.serialize(datasketches.PyLongsSerDe()), str(values.dtype))

    def _open(self) -> datasketches.frequent_items_sketch:
        return datasketches.frequent_items_sketch.deserialize(self.blob, datasketches.PyLongsSerDe())

    def merge(self, other: "FrequentNumbers") -> "FrequentNumbers":
        """The sketch of both parts."""
        sketch = self._open()
        sketch.merge(other._open())
        return FrequentNumbers(sketch.serialize(datasketches.PyLongsSerDe()), self.dtype)

    def above(self, threshold: int) -> list[tuple[Number, int]]:
        """Values with at least `threshold` rows and their (lowest possible) counts, in ascending order."""
        kind = datasketches.frequent_items_error_type.NO_FALSE_NEGATIVES
        found = self._open().get_frequent_items(kind, max(threshold - 1, 0))
        bits = np.array([item for item, *_ in found], np.int64).view(self.dtype)
        return sorted((value, lower) for value, (_, _, lower, _) in zip(bits.tolist(), found, strict=True))


@dataclass(frozen=True)
class FrequentTexts:
    """The strings that hold many rows."""

    blob: bytes

    @classmethod
    def of(cls, values: pa.Array, counts: NDArray[np.int64]) -> "FrequentTexts":
        """The sketch of distinct strings with their `counts`."""
        sketch = datasketches.frequent_strings_sketch(FREQUENT_LG)
        deque(map(sketch.update, values.to_pylist(), counts.tolist()), maxlen=0)
        return cls(sketch.serialize())

    def merge(self, other: "FrequentTexts") -> "FrequentTexts":
        """The sketch of both parts."""
        sketch = datasketches.frequent_strings_sketch.deserialize(self.blob)
        sketch.merge(datasketches.frequent_strings_sketch.deserialize(other.blob))
        return FrequentTexts(sketch.serialize())

    def above(self, threshold: int) -> list[tuple[str, int]]:
        """Strings with at least `threshold` rows and their (lowest possible) counts, in ascending order."""
        kind = datasketches.frequent_items_error_type.NO_FALSE_NEGATIVES
        found = datasketches.frequent_strings_sketch.deserialize(self.blob).get_frequent_items(
            kind, max(threshold - 1, 0)
        )
        return sorted((item, lower) for item, _, lower, _ in found)


@dataclass(frozen=True)
class Distinct:
    """A HyperLogLog sketch of how many different values there are."""

    blob: bytes

    @classmethod
    def of(cls, values: NDArray[np.generic] | pa.Array) -> "Distinct":
        """The sketch of distinct numbers (int64, uint64, float64) or strings."""
        sketch = datasketches.hll_sketch(DISTINCT_LG, datasketches.tgt_hll_type.HLL_8)
        items = values.to_pylist() if isinstance(values, pa.Array) else values.view(np.int64).tolist()
        deque(map(sketch.update, items), maxlen=0)
        return cls(sketch.serialize_compact())

    def merge(self, other: "Distinct") -> "Distinct":
        """The sketch of both parts."""
        union = datasketches.hll_union(DISTINCT_LG)
        for part in (self, other):
            union.update(datasketches.hll_sketch.deserialize(part.blob))
        return Distinct(union.get_result(datasketches.tgt_hll_type.HLL_8).serialize_compact())

    def estimate(self) -> int:
        """The estimated number of different values."""
        return round(float(datasketches.hll_sketch.deserialize(self.blob).get_estimate()))


@dataclass(frozen=True)
class Sketches:
    """All that is kept of a column with too many distinct values; `quantiles` for numbers alone."""

    frequent: FrequentNumbers | FrequentTexts
    distinct: Distinct
    quantiles: Quantiles | None

    @classmethod
    def of_numbers(cls, values: NDArray[np.generic], counts: NDArray[np.int64]) -> "Sketches":
        """From distinct ascending values of a numeric view and their counts; shapes (d,)."""
        return cls(FrequentNumbers.of(values, counts), Distinct.of(values), Quantiles.of(values, counts))

    @classmethod
    def of_texts(cls, values: pa.Array, counts: NDArray[np.int64]) -> "Sketches":
        """From distinct strings and their counts."""
        return cls(FrequentTexts.of(values, counts), Distinct.of(values), None)

    def merge(self, other: "Sketches") -> "Sketches":
        """The sketches of both parts."""
        quantiles = self.quantiles.merge(other.quantiles) if self.quantiles and other.quantiles else None
        frequent = self.frequent.merge(other.frequent)  # type: ignore[arg-type]  # both parts are of one column
        return Sketches(frequent, self.distinct.merge(other.distinct), quantiles)
