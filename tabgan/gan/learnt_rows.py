"""The rows of an encoded table that training learns from, wherever they lie: in memory, or mapped from a file.

All rows but those held out, by numbers of their own from 0 on. Nothing is copied but what is asked for, and no array
has as many entries as the table has rows. Rows that are asked for together are read in the order of the file: where
the file is larger than memory, a disk serves that best.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.unsignedinteger]
_BLOCK = 65_536


class LearntRows:
    """What is not held out of a table.

    Args:
        codes: shape (n, k), of the whole table, in the order of the layout; may be a read-only map of a file.
        held_out: which rows to leave out, ascending.

    Example:
        >>> rows = LearntRows(np.arange(5, dtype=np.uint8)[:, None], np.array([0, 3]))
        >>> len(rows), rows.take(np.array([2, 0])).ravel().tolist()
        (3, [4, 1])
    """

    def __init__(self, codes: Codes, held_out: NDArray[np.int64]) -> None:
        self._codes = np.asarray(codes)
        self._gaps = held_out - np.arange(len(held_out))  # how many rows learnt come before each row held out

    def __len__(self) -> int:
        return len(self._codes) - len(self._gaps)

    @property
    def n_codes(self) -> int:
        """Codes of a row, k."""
        k: int = self._codes.shape[1]
        return k

    def take(self, rows: NDArray[np.int64]) -> Codes:
        """The codes (b, k) of rows by their numbers, which may repeat, in any order."""
        order = np.argsort(rows, kind="stable")
        taken = np.empty((len(rows), self.n_codes), self._codes.dtype)
        taken[order] = self._codes[self._places(rows[order])]
        return taken

    def spread(self, most: int) -> Codes:
        """At most so many rows, evenly spaced."""
        return self.take(np.linspace(0, len(self) - 1, min(len(self), most)).astype(np.int64))

    def blocks(self) -> Iterator[Codes]:
        """All rows in their order, some ten thousand at a time."""
        for start in range(0, len(self), _BLOCK):
            yield self._codes[self._places(np.arange(start, min(start + _BLOCK, len(self))))]

    def _places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where in the table rows stand."""
        return rows + np.searchsorted(self._gaps, rows, side="right")
