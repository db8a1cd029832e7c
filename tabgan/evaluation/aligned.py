"""One column of both tables over one support: the form in which everything else is computed.

The support is every distinct present value of either table in ascending order; a cell becomes the position of its value
in it, and a missing cell the position after the last. So counts, ranks, ties, bins and categories are all integer
arithmetic, exact for 64-bit integers and for dates too.

Letters used for shapes: n rows of one table, K distinct values.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes

NUMERIC_KINDS = ("continuous", "datetime")
LARGEST = 1e300


@dataclass(frozen=True, eq=False)
class AlignedColumn:
    """One column of both tables.

    Attributes:
        name: the column.
        kind: its kind in the schema of the real table.
        support: the distinct present values of both tables, ascending, shape (K,).
        real: the position in the support of each real cell, K where it is missing, shape (n,).
        synthetic: likewise for the synthetic table.
    """

    name: str
    kind: str
    support: pa.Array
    real: NDArray[np.int64]
    synthetic: NDArray[np.int64]

    @property
    def is_numeric(self) -> bool:
        """Whether the column is compared as numbers (KS, correlation) and not as categories."""
        return self.kind in NUMERIC_KINDS and dtypes.is_numeric(self.support.type)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The support of a numeric column as floats, shape (K,); dates count from their epoch in their unit.

        Finite values stay within ±`LARGEST`, so that differences of two of them are finite too.
        """
        values = dtypes.numeric_view(self.support)[0].astype(np.float64)
        return np.where(np.isinf(values), values, np.clip(values, -LARGEST, LARGEST))

    def labels(self, positions: NDArray[np.intp]) -> list[str]:
        """The values at some positions of the support, as text."""
        return [_text(value) for value in self.support.take(pa.array(positions, pa.int64())).to_pylist()]

    def text_of(self, numbers: NDArray[np.float64]) -> list[str]:
        """Numbers of the scale of `numbers` as values of the column's own type, as text; clipped to what occurs."""
        inside = np.clip(numbers, self.numbers[0], self.numbers[-1])
        return [_text(value) for value in dtypes.from_numeric(inside, None, self.support.type).to_pylist()]

    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How often each value occurs in the real and in the synthetic table, the missing cells last: (K + 1,) each."""
        size = len(self.support) + 1
        return np.bincount(self.real, minlength=size), np.bincount(self.synthetic, minlength=size)


def align(
    name: str, kind: str, real: pa.Array | pa.ChunkedArray, synthetic: pa.Array | pa.ChunkedArray
) -> AlignedColumn:
    """Both tables' cells over their common support; NaN is missing.

    Args:
        name: the column.
        kind: its kind in the schema of the real table.
        real: the real cells, shape (n,).
        synthetic: the synthetic cells, of the same value type.
    """
    first, second = arrays.plain(real), arrays.plain(synthetic)
    if pa.types.is_null(first.type):
        return AlignedColumn(name, kind, first.slice(0, 0), _zeros(first), _zeros(second))
    encoded = pa.concat_arrays([first, second]).dictionary_encode()
    support, order = arrays.sort(encoded.dictionary)
    position = np.empty(len(order) + 1, np.int64)
    position[order] = np.arange(len(order))
    position[-1] = len(order)
    indices = encoded.indices.fill_null(len(order)).to_numpy(zero_copy_only=False)
    codes = position[indices]
    return AlignedColumn(name, kind, support, codes[: len(first)], codes[len(first) :])


def _zeros(array: pa.Array) -> NDArray[np.int64]:
    return np.zeros(len(array), np.int64)


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, time | timedelta):
        return str(value).split(".")[0]
    return str(value)
