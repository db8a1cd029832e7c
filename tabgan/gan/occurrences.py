"""How often categories occur, counted block by block, so that codes may lie in a file that is larger than memory."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_NUMBERS = 4_000_000
"""Codes of a block."""


def occurrences(
    codes: NDArray[np.unsignedinteger], cells: Sequence[tuple[int | None, int]], sizes: Sequence[int]
) -> list[NDArray[np.int64]]:
    """The counts of the categories of some codes, alone or together with those of another code.

    Args:
        codes: shape (n, k).
        cells: what to count: a code, and the code to count it together with, or None.
        sizes: the number of categories of each of the k codes.

    Returns:
        For each of `cells` the counts, shape (categories of the other code, categories), (1, categories) if alone.

    Example:
        >>> rows = np.array([[0, 1], [1, 1], [1, 1]], np.uint8)
        >>> [counts.tolist() for counts in occurrences(rows, [(None, 0), (0, 1)], [2, 2])]
        [[[1, 2]], [[0, 1], [0, 2]]]
    """
    shapes = [(1 if other is None else sizes[other], sizes[code]) for other, code in cells]
    counts = [np.zeros(first * second, np.int64) for first, second in shapes]
    rows = max(_NUMBERS // max(codes.shape[1], 1), 1)
    for start in range(0, len(codes), rows):
        block = codes[start : start + rows]
        for found, (other, code) in zip(counts, cells, strict=True):
            own = block[:, code].astype(np.int64)
            place = own if other is None else block[:, other].astype(np.int64) * sizes[code] + own
            if len(found) > len(block):
                np.add.at(found, place, 1)
            else:
                found += np.bincount(place, minlength=len(found))
    return [found.reshape(shape) for found, shape in zip(counts, shapes, strict=True)]
