"""How often the categories of two columns occur together, how far two such tables lie apart, and how strong they are.

The strength is Cramér's V, with the correction of Bergsma (A bias-correction for Cramér's V and Tschuprow's T, Journal
of the Korean Statistical Society 42, 2013): without it, two columns that have nothing to do with each other look the
more associated the more categories they have. Tables of many cells, most of them empty, are never made: the rows are
sorted and equal ones counted.

Letters used for shapes: n rows, a and b categories of the two columns, c cells that are not empty.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[Any]
Counts = NDArray[Any]

MAX_CELLS = 100_000
_CHUNK = 1 << 15


@dataclass(frozen=True, eq=False)
class Sparse:
    """The cells of a contingency table that are not empty.

    Attributes:
        keys: first category times b plus second category, ascending, shape (c,).
        counts: how often each occurs, shape (c,).
        size: the number b of categories of the second column.
    """

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]
    size: int


def is_small(first: int, second: int, rows: int) -> bool:
    """Whether a table of so many categories of two columns is made in full, for so many rows of both tables."""
    return first * second <= max(MAX_CELLS, rows)


def joint_counts(first: Codes, second: Codes, sizes: tuple[int, int]) -> NDArray[np.int64]:
    """The contingency table of two columns.

    Args:
        first: the category of each row, shape (n,).
        second: likewise.
        sizes: the number of categories of each, a and b.

    Returns:
        Shape (a, b).
    """
    cells = sizes[0] * sizes[1]
    dtype = np.int32 if cells <= np.iinfo(np.int32).max else np.int64
    counts = np.zeros(cells, np.int64)
    chunk = max(_CHUNK, 4 * cells)  # few enough rows to stay close to the processor
    for start in range(0, len(first), chunk):
        keys = np.multiply(first[start : start + chunk], sizes[1], dtype=dtype)
        keys += second[start : start + chunk]
        counts += np.bincount(keys, minlength=cells)
    return counts.reshape(sizes)


def sparse_counts(first: Codes, second: Codes, size: int) -> Sparse:
    """The contingency table of two columns with b = `size` categories of the second; shapes as in `joint_counts`."""
    keys = np.sort(first.astype(np.int64) * size + second)
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    return Sparse(keys[starts], np.diff(starts, append=len(keys)), size)


def table_distance(real: Counts | Sparse, synthetic: Counts | Sparse) -> float:
    """Total variation distance between two contingency tables, both in full or both sparse."""
    if not isinstance(real, Sparse) and not isinstance(synthetic, Sparse):
        return float(np.abs(real / real.sum() - synthetic / synthetic.sum()).sum() / 2)
    if not isinstance(real, Sparse) or not isinstance(synthetic, Sparse):
        raise TypeError("expected two tables of one kind, got a sparse one and one in full")
    _, inverse = np.unique(np.concatenate([real.keys, synthetic.keys]), return_inverse=True)
    shares = real.counts / real.counts.sum(), -synthetic.counts / synthetic.counts.sum()
    return float(np.abs(np.bincount(inverse, np.concatenate(shares))).sum() / 2)


def cramers_v(table: Counts | Sparse) -> float:
    """Cramér's V of the columns of a contingency table, bias-corrected, in [0, 1]; NaN if one of them is constant."""
    if isinstance(table, Sparse):
        first, second = np.divmod(table.keys, table.size)
        counts, rows, columns = table.counts, *(_margin(codes, table.counts) for codes in (first, second))
        square = float((counts / rows[first] * (counts / columns[second])).sum())
    else:
        rows, columns = table.sum(axis=1), table.sum(axis=0)
        square = float((table / np.maximum(rows, 1)[:, None] * (table / np.maximum(columns, 1))).sum())
    n, a, b = int(rows.sum()), np.count_nonzero(rows), np.count_nonzero(columns)
    if min(a, b) < 2 or n < 2:
        return float("nan")
    corrected = max(0.0, square - 1 - (a - 1) * (b - 1) / (n - 1))
    least = min(size - (size - 1) ** 2 / (n - 1) for size in (a, b)) - 1
    return float(min(1.0, np.sqrt(corrected / least))) if least > 0 else float("nan")


def _margin(codes: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.bincount(codes, counts).astype(np.float64)
