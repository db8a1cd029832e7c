"""Beginnings are as long as they repeat, and no rare one is known."""

import numpy as np
import pyarrow as pa

from tabgan.table.beginnings import learn_beginnings, rare_texts
from tabgan.table.patterns import Patterns

RNG = np.random.default_rng(0)


def learn(texts: list[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    cells = pa.array(texts)
    return learn_beginnings(cells, Patterns.learn(cells))


def test_area_codes() -> None:
    codes = [f"{area}-{i:06}" for area in ("030", "040", "089") for i in RNG.permutation(10**6)[:100]]
    lengths, starts = learn(codes)
    assert lengths == (4,)
    assert starts == ("030-", "040-", "089-")


def test_more_rows_make_longer_beginnings() -> None:
    digits = [f"{i:05}" for i in RNG.integers(0, 10**5, 20_000)]
    assert learn(digits[:300])[0] == (1,)
    assert learn(digits)[0] == (3,)


def test_rare_beginnings_are_not_known() -> None:
    texts = [f"A{i:05}" for i in RNG.permutation(10**5)[:2_000]] + [f"Z{i:05}" for i in range(4)]
    assert not [start for start in learn(texts)[1] if start.startswith("Z")]


def test_nothing_that_varies() -> None:
    assert learn([f"CUST-{i:06}" for i in RNG.permutation(10**6)[:30]]) == ((0,), ())
    assert learn(["same"] * 50) == ((0,), ())


def test_rare_texts() -> None:
    cells = pa.array(["a"] * 5 + ["b"] * 4 + [None] * 2 + ["c"])
    assert sorted(rare_texts(cells).to_pylist()) == ["b", "c"]
