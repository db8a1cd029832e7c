"""How many rows networks look at together when nothing is learnt: fewer of wide ones, for the sake of memory.

It hangs on the width of a row alone, and not on how many rows there are, so that rounding is the same for each row.
"""

from collections.abc import Iterator

BLOCK = 4_096
"""Rows of a block, unless they are wide."""
MAX_FEATURES = 8_000_000
"""Of a block of rows: 32 MB, of which several are alive at once."""
_LEAST = 64


def block_rows(n_features: int) -> int:
    """The rows of a block, each of so many features: a power of two.

    Example:
        >>> block_rows(300), block_rows(30_000)
        (4096, 256)
    """
    most = max(MAX_FEATURES // max(n_features, 1), _LEAST)
    return min(1 << (most.bit_length() - 1), BLOCK)


def blocks(n: int, size: int) -> Iterator[slice]:
    """The places of n rows, in blocks of at most `size`."""
    return (slice(start, start + size) for start in range(0, n, size))
