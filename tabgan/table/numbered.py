"""Random numbers that belong to the number of a row, so that it makes no difference in which portions rows are made.

A stream of random numbers has to be drawn from its start; here the number of a row itself is scrambled, as
counter-based generators do (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), by the finaliser of
SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). For keys there is a
permutation of the numbers below any size: a Feistel network on a power of four, and whoever lands outside walks on
until inside (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). None of it is cryptography.
"""

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams

MAX_SIZE = 1 << 62
_ROUNDS = 6
_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1

Words = NDArray[np.uint64]


def mixed(words: Words) -> Words:
    """Each word scrambled, one to one; same shape."""
    words = words ^ (words >> np.uint64(30))
    words = words * np.uint64(0xBF58476D1CE4E5B9)
    words = words ^ (words >> np.uint64(27))
    words = words * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def words(seed: int, path: tuple[str | int, ...], numbers: NDArray[np.int64], width: int = 1) -> Words:
    """Random words, shape (n, width).

    Args:
        seed: of the sample.
        path: names the stream, as in `rng.generator`.
        numbers: of the rows, shape (n,).
        width: how many words each row needs; a row's first words do not depend on it.
    """
    key = np.uint64(streams.derive_seed(seed, *path))
    rows = mixed(numbers.astype(np.uint64) * np.uint64(_GOLDEN) + key)
    steps = np.arange(1, width + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    return mixed(rows[:, None] + steps)


def uniforms(seed: int, path: tuple[str | int, ...], numbers: NDArray[np.int64], width: int = 1) -> NDArray[np.float64]:
    """Random numbers in [0, 1), shape (n, width); see `words`."""
    return (words(seed, path, numbers, width) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permuted(ranks: NDArray[np.int64], size: int, key: int) -> NDArray[np.int64]:
    """Where a permutation of 0..size-1 takes each rank, shape (n,); every `key` is another permutation.

    Raises:
        ValueError: if a rank is not below the size, or the size is above 2**62.
    """
    if not 1 <= size <= MAX_SIZE or (len(ranks) and not 0 <= int(ranks.min()) <= int(ranks.max()) < size):
        raise ValueError(f"expected ranks within 0..{size - 1} and a size of at most 2**62")
    half = max(((size - 1).bit_length() + 1) // 2, 1)
    places = _feistel(ranks.astype(np.uint64), half, key)
    outside = np.flatnonzero(places >= size)
    while len(outside):
        places[outside] = _feistel(places[outside], half, key)
        outside = outside[places[outside] >= size]
    return places.astype(np.int64)


def _feistel(places: Words, half: int, key: int) -> Words:
    mask, shift = np.uint64((1 << half) - 1), np.uint64(half)
    left, right = places >> shift, places & mask
    for i in range(1, _ROUNDS + 1):
        step = np.uint64((key + i * _GOLDEN) & _WORD)
        left, right = right, left ^ (mixed(mixed(right) + step) & mask)
    return (left << shift) | right
