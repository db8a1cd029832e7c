"""Keys by patterns: templates take turns by their shares, and none is used beyond what it can make."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table.pattern_keys import PatternKeys
from tabgan.table.patterns import Patterns
from tabgan.table.templates import Part, Template


def keys(sizes: list[int], shares: list[float]) -> PatternKeys:
    templates = []
    for i, (size, share) in enumerate(zip(sizes, shares, strict=True)):
        options = tuple(f"{chr(97 + i)}{place:04}!" for place in range(size))
        templates.append(Template(chr(97 + i), share, (Part(options, (1,) * size),)))
    return PatternKeys(Patterns(tuple(templates)))


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0.001, 1)), min_size=1, max_size=5), st.integers(0, 99))
def test_every_text_once(parts: list[tuple[int, float]], seed: int) -> None:
    made = keys([size for size, _ in parts], [share for _, share in parts])
    total = sum(size for size, _ in parts)
    assert made.capacity == total
    texts = made.make(np.arange(total), seed)
    assert len(texts.unique()) == total
    order = np.random.default_rng(seed).permutation(total)
    assert made.make(order, seed).equals(texts.take(pa.array(order)))


def test_shares_hold_until_a_template_is_used_up() -> None:
    texts = keys([10_000, 500], [0.8, 0.2]).make(np.arange(10_500), 0).to_pylist()
    first = [text[0] for text in texts]
    assert abs(first[:2_000].count("b") - 400) < 30
    assert set(first[3_000:]) == {"a"}


def test_texts_that_two_templates_could_make_are_made_once() -> None:
    mixed = ["A1-B2"] * 3 + ["AB-12"] * 3 + [f"{i:02}-{i:02}" for i in range(50)] + ["?", "!"]
    made = PatternKeys(Patterns.learn(pa.array(mixed)))
    n = min(made.capacity, 30_000)
    assert len(made.make(np.arange(n), 1).unique()) == n
