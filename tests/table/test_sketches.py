"""The sketches that stand in for exact counts."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.sketches import COUNT_ERROR, Distinct, FrequentNumbers, FrequentTexts, Quantiles, Sketches

_DIGEST = """
import hashlib, pyarrow as pa, numpy as np
from tabgan.table.sketches import Sketches
counts = np.random.default_rng(0).integers(1, 50, 30_000)
texts = Sketches.of_texts(pa.array([f"t{i}" for i in range(30_000)]), counts)
numbers = Sketches.of_numbers(np.arange(30_000.0), counts)
blobs = [texts.frequent.blob, texts.distinct.blob, numbers.frequent.blob, numbers.quantiles.blob]
print(hashlib.sha256(b"".join(blobs)).hexdigest())
"""


def test_two_processes_make_the_same_bytes() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_quantiles_of_few_values_are_exact_at_the_ends() -> None:
    digest = Quantiles.of(np.array([1.0, 2.0, 5.0]), np.array([1, 7, 2]))
    assert digest.at(np.array([0.0, 1.0])).tolist() == [1.0, 5.0]


def test_heavy_values_come_back_over_their_whole_share() -> None:
    values = np.concatenate([[-1000.0], np.linspace(1000, 2000, 9)])
    digest = Quantiles.of(values, np.array([90, *[1] * 9]))
    p = np.array([0.01, 0.5, 0.9])
    assert digest.at(p, [(-1000.0, 90 / 99)]).tolist() == [-1000.0] * 3


@pytest.mark.parametrize(
    "values",
    [
        np.array([0, 2**64 - 1], np.uint64),
        np.array([-(2**63), -1, 2**63 - 1], np.int64),
        np.array([-1e300, -0.5, 5e-324, 1.7e308]),
    ],
)
def test_frequent_numbers_keep_every_bit(values: np.ndarray) -> None:
    found = FrequentNumbers.of(values, np.full(len(values), 3, np.int64)).above(3)
    assert found == [(value, 3) for value in values.tolist()]
    assert FrequentNumbers.of(values, np.full(len(values), 3, np.int64)).above(4) == []


def test_frequent_counts_are_short_by_no_more_than_stated() -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(1, 4, 100_000)
    counts[::5_000] = 10_000
    for sketch in (
        FrequentNumbers.of(np.arange(100_000), counts),
        FrequentTexts.of(pa.array([f"{i:06d}" for i in range(100_000)]), counts),
    ):
        found = {int(value): count for value, count in sketch.above(9_000)}
        assert sorted(found) == list(range(0, 100_000, 5_000))
        assert all(0 <= 10_000 - count <= COUNT_ERROR * counts.sum() for count in found.values())


def test_texts_merge() -> None:
    one = FrequentTexts.of(pa.array(["a", "b"]), np.array([5, 1]))
    two = FrequentTexts.of(pa.array(["b", "c"]), np.array([6, 2]))
    assert one.merge(two).above(5) == [("a", 5), ("b", 7)]


def test_distinct_values_are_counted_within_four_standard_errors() -> None:
    texts = pa.array([f"id-{i}" for i in range(200_000)])
    whole = Distinct.of(texts.slice(0, 150_000)).merge(Distinct.of(texts.slice(50_000)))
    assert whole.estimate() == pytest.approx(200_000, rel=0.035)


def test_sketches_of_parts_merge() -> None:
    one = Sketches.of_numbers(np.arange(10.0), np.full(10, 2))
    both = one.merge(Sketches.of_numbers(np.arange(5.0, 15.0), np.full(10, 2)))
    assert both.distinct.estimate() == 15
    assert dict(both.frequent.above(4)) == {float(i): 4 for i in range(5, 10)}
