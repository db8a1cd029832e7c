from collections import Counter

import numpy as np
import pytest

from tabgan.gan.occurrences import occurrences


@pytest.mark.parametrize("block", [1, 10, 4_000_000])
@pytest.mark.parametrize("n", [0, 1, 1_000])
def test_counts_are_those_of_plain_counting(n: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tabgan.gan.occurrences._NUMBERS", block)
    sizes = [3, 300, 1]
    codes = np.random.default_rng(0).integers(sizes, size=(n, 3)).astype(np.uint16)
    alone, together, one = occurrences(codes, [(None, 1), (0, 1), (1, 2)], sizes)
    expected, pairs = Counter(codes[:, 1].tolist()), Counter(map(tuple, codes[:, :2].tolist()))
    assert alone.tolist() == [[expected[category] for category in range(300)]]
    assert together.tolist() == [[pairs[a, b] for b in range(300)] for a in range(3)]
    assert one.shape == (300, 1)
    assert one.sum() == n


def test_nothing_to_count_gives_nothing() -> None:
    assert occurrences(np.zeros((5, 2), np.uint8), [], [1, 1]) == []
