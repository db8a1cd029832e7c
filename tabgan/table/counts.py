"""Exact counts of the distinct values of a column, and what its strings look like."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes

_TEXT_SAMPLE = 50_000


@dataclass(frozen=True, eq=False)
class ValueCounts:
    """Distinct values in ascending order and how often each occurs.

    Attributes:
        values: plain values (see `arrays.plain`) without nulls, shape (d,).
        counts: int64, shape (d,), all at least 1.
    """

    values: pa.Array
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, array: pa.Array) -> "ValueCounts":
        """The counts of a plain array; nulls are left out."""
        array = array.drop_null()
        if arrays.has_order(array.type) and not pa.types.is_decimal(array.type):
            values, counts = np.unique(arrays.numbers(array), return_counts=True)
            return cls(dtypes.from_numeric(values, None, array.type), counts.astype(np.int64))
        if pa.types.is_null(array.type):
            return cls(array, np.zeros(0, np.int64))
        counted = pc.value_counts(array)
        return cls._sorted(counted.field("values"), counted.field("counts").to_numpy())

    @classmethod
    def gathered(cls, values: pa.Array, counts: NDArray[np.int64]) -> "ValueCounts":
        """The counts of plain values without nulls, which may come several times; shapes (n,)."""
        encoded = values.dictionary_encode()
        totals = np.zeros(len(encoded.dictionary), np.int64)
        np.add.at(totals, encoded.indices.to_numpy(), counts)
        return cls._sorted(encoded.dictionary, totals)

    @classmethod
    def _sorted(cls, values: pa.Array, counts: NDArray[np.int64]) -> "ValueCounts":
        values, order = arrays.sort(values)
        return cls(values, counts[order].astype(np.int64))

    def merge(self, other: "ValueCounts") -> "ValueCounts":
        """The counts of both parts."""
        if not len(self) or not len(other):
            return self if len(self) else other
        values = pa.concat_arrays([self.values, other.values])
        counts = np.concatenate([self.counts, other.counts])
        return self.gathered(values, counts)

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ValueCounts):
            return NotImplemented
        return bool(self.values.equals(other.values) and np.array_equal(self.counts, other.counts))

    __hash__ = None  # type: ignore[assignment]  # arrays inside


@dataclass(frozen=True)
class TextShape:
    """What the distinct strings of a column look like.

    Attributes:
        mean_length: characters per distinct string.
        mean_words: words per distinct string, measured on at most 50,000 of them, evenly spaced in ascending order.
        max_length: characters of the longest.
    """

    mean_length: float
    mean_words: float
    max_length: int

    @classmethod
    def of(cls, values: pa.Array) -> "TextShape":
        """The shape of distinct strings in ascending order."""
        if not len(values):
            return cls(0.0, 0.0, 0)
        lengths = pc.utf8_length(values).to_numpy()
        sample = values.take(pa.array(np.linspace(0, len(values) - 1, min(len(values), _TEXT_SAMPLE)).astype(np.int64)))
        words = pc.count_substring_regex(sample, r"\S+").to_numpy()
        return cls(float(lengths.mean()), float(words.mean()), int(lengths.max()))

    def merge(self, n: int, other: "TextShape", m: int) -> "TextShape":
        """The shape of `n` strings like this and `m` like `other`; exact where they share none."""
        share = n / max(n + m, 1)
        return TextShape(
            share * self.mean_length + (1 - share) * other.mean_length,
            share * self.mean_words + (1 - share) * other.mean_words,
            max(self.max_length, other.max_length),
        )
