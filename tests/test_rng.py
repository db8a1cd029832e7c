import random

import numpy as np
import pytest

from tabgan import rng

PATHS: list[tuple[str | int, ...]] = [
    (),
    (0,),
    (1,),
    (0, 0),
    ("encode",),
    ("encode", 0),
    ("encode", 1),
    (0, "encode"),
    ("weights",),
    ("training noise",),
]


def test_the_same_name_gives_the_same_stream() -> None:
    first, second = (rng.generator(7, "encode", 3).random(100) for _ in range(2))
    assert np.array_equal(first, second)
    assert rng.derive_seed(7, "encode", 3) == rng.derive_seed(7, "encode", 3)


def test_streams_stay_what_they_were_in_earlier_versions() -> None:
    """The rows of a saved model depend on these numbers."""
    assert rng.derive_seed(0, "weights") == 8_123_138_349_646_949_767
    assert rng.derive_seed(5, "sample", 3) == 6_218_903_758_443_670_579
    assert rng.generator(0, "encode").integers(1_000_000) == 114_311


def test_every_path_and_every_seed_has_a_stream_of_its_own() -> None:
    seeds = [rng.derive_seed(seed, *path) for seed in (0, 1, 2**40) for path in PATHS]
    assert len(set(seeds)) == len(seeds)
    draws = [rng.generator(seed, *path).integers(2**63) for seed in (0, 1, 2**40) for path in PATHS]
    assert len(set(draws)) == len(draws)


def test_streams_of_neighbours_are_not_correlated() -> None:
    streams = np.stack([rng.generator(0, "sample", block).standard_normal(20_000) for block in range(8)])
    correlation = np.corrcoef(streams) - np.eye(8)
    assert np.abs(correlation).max() < 5 / np.sqrt(20_000)


def test_derived_seeds_fit_a_signed_64_bit_integer_and_use_its_bits() -> None:
    seeds = [rng.derive_seed(seed) for seed in range(2_000)]
    assert all(0 <= seed < 2**63 for seed in seeds)
    bits = np.array([[seed >> bit & 1 for bit in range(63)] for seed in seeds])
    assert np.abs(bits.mean(0) - 0.5).max() < 5 * 0.5 / np.sqrt(2_000)


@pytest.mark.parametrize("path", [(-1,), ("encode", -3)])
def test_a_negative_number_names_no_stream(path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValueError, match="non-negative"):
        rng.generator(0, *path)


def test_global_random_state_is_left_alone() -> None:
    numpy_before, python_before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    rng.generator(0, "encode").random(10)
    rng.derive_seed(0, "weights")
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002
    assert random.getstate() == python_before
