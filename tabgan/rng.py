"""The one door for randomness: every random stream is named by a seed and a path, and is independent of all others.

Nothing here touches global random state. Modules that draw torch tensors seed a `torch.Generator` of their own with
`derive_seed`.
"""

import zlib

import numpy as np

from tabgan.errors import ConfigError


def _words(path: tuple[str | int, ...]) -> list[int]:
    return [zlib.crc32(part.encode()) if isinstance(part, str) else part for part in path]


def checked_seed(seed: object) -> int:
    """The seed that a user gave.

    Raises:
        ConfigError: if it is no whole number of at least 0.
    """
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or seed < 0:
        raise ConfigError(f"seed must be a whole number of at least 0, got {seed!r}")
    return int(seed)


def generator(seed: int, *path: str | int) -> np.random.Generator:
    """A NumPy generator for the stream `path` of `seed`, for example `generator(0, "encode", 3)`.

    Args:
        seed: a non-negative integer chosen by the user.
        path: strings and non-negative integers that name the stream.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=_words(path)))


def derive_seed(seed: int, *path: str | int) -> int:
    """A 63-bit seed for the stream `path` of `seed`, for generators of other libraries."""
    state = np.random.SeedSequence(seed, spawn_key=_words(path)).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))
