"""Patterns are learnt from texts, and texts drawn from them look like those."""

import json
import re
import time
import uuid
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.errors import SchemaError
from tabgan.table import shapes
from tabgan.table.patterns import Patterns, is_length

RNG = np.random.default_rng(0)
HEX = "[0-9a-f]"


def drawn(patterns: Patterns, n: int = 300) -> list[str]:
    return [
        text
        for template in patterns.templates
        for text in shapes.from_matrix(template.draw(RNG.random((n, len(template.parts)))))
    ]


def learn(texts: list[str]) -> Patterns:
    return Patterns.learn(pa.array(texts, pa.string()))


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        ([f"CUST-{i:06}" for i in range(0, 9_000, 7)], r"CUST-00\d{4}"),
        ([f"({area}) 555-{i:04}" for area in (212, 917) for i in range(300)], r"\((212|917)\) 555-0[0-2]\d\d"),
        ([f"+49 {area} {i * 997 % 10**6:06}" for area in (30, 89) for i in range(900)], r"\+49 (30|89) \d{6}"),
        (
            [str(uuid.UUID(bytes=RNG.bytes(16), version=4)) for _ in range(400)],
            f"{HEX}{{8}}-{HEX}{{4}}-4{HEX}{{3}}-[89ab]{HEX}{{3}}-{HEX}{{12}}",
        ),
        ([f"{a}{i % 10}{a} {i % 7}XY" for i in range(400) for a in "AB"], r"[AB]\d[AB] [0-6]XY"),
        ([f"978-3-16-{i:06}-{'0123456789X'[i % 11]}" for i in range(900)], r"978-3-16-000\d{3}-[\dX]"),
        (["".join(RNG.choice(list("ACGT0123"), 8)) for _ in range(400)], "[ACGT0123]{8}"),
        ([f"東{chr(0x4E00 + i % 9)}{i % 10}" for i in range(400)], "東[\u4e00-\u4e08][0-9]"),
    ],
)
def test_drawn_texts_follow_the_pattern(texts: list[str], pattern: str) -> None:
    patterns = learn(texts)
    made = drawn(patterns)
    assert all(re.fullmatch(pattern, text) for text in made)
    assert (patterns.match(pa.array(made)) >= 0).all()
    assert (patterns.match(pa.array(texts)) >= 0).all()
    assert patterns.covered() == 1.0
    assert Patterns.from_json(json.loads(json.dumps(patterns.to_json()))) == patterns
    assert learn(texts) == patterns


def test_shares_and_frequencies_of_characters() -> None:
    letters = RNG.choice(list("XYZ"), 5_000, p=[0.7, 0.2, 0.1])
    texts = [f"{letter}{i % 100:02}" for i, letter in enumerate(letters)] + ["99-99"] * 1_000
    patterns = learn(texts)
    assert patterns.names == ("A99", "99-99")
    assert patterns.shares.round(2).tolist() == [0.83, 0.17]
    made = shapes.from_matrix(patterns.templates[0].draw(RNG.random((5_000, 3))))
    assert abs(np.mean([text[0] == "X" for text in made]) - 0.7) < 0.03


def test_words_stay_whole() -> None:
    made = drawn(learn([f"{word}-{i:04}" for word in ("CUST", "SUPP", "PROD") for i in range(400)]))
    assert {text[:4] for text in made} == {"CUST", "SUPP", "PROD"}


def test_a_few_rare_texts_are_not_kept() -> None:
    patterns = learn(["AB-12"] * 500 + ["Secret7!", "Hidden8?"])
    document = json.dumps(patterns.to_json())
    assert "Secret" not in document
    assert not {"Secret7!", "Hidden8?"} & set(drawn(patterns))
    assert patterns.match(pa.array(["Secret7!", "AB-99", "", None])).tolist() == [1, 0, -1, -1]
    assert patterns.nearest(pa.array(["", "A" * 99, None])).tolist() == [0, 1, -1]


def test_templates_are_bounded() -> None:
    texts = ["".join(RNG.choice(list("aB3-_. "), RNG.integers(1, 90))) for _ in range(3_000)]
    patterns = learn(texts)
    assert len(patterns.templates) <= 64
    assert sum(not is_length(name) for name in patterns.names) <= 32
    assert (patterns.nearest(pa.array(texts)) >= 0).all()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), min_size=1, max_size=30))
def test_any_texts(texts: list[str]) -> None:
    patterns = learn(texts)
    assert (patterns.nearest(pa.array(texts, pa.string())) >= 0).all()
    assert {len(text) for text in drawn(patterns, 3)} <= {len(text) for text in texts}
    assert Patterns.from_json(json.loads(json.dumps(patterns.to_json()))) == patterns


def test_nothing_to_learn() -> None:
    with pytest.raises(SchemaError, match="at least one template"):
        Patterns.learn(pa.nulls(3, pa.string()))


@pytest.mark.parametrize("change", [lambda data: data * 2, lambda data: [], lambda data: [{**data[0], "share": 0}]])
def test_documents_that_are_no_patterns(change: Any) -> None:
    with pytest.raises(SchemaError):
        Patterns.from_json(change(learn(["A1"] * 9).to_json()))


@pytest.mark.slow
def test_a_million_long_texts_take_little_time_and_memory() -> None:
    n = 1_000_000
    texts = pa.array([f"{i * 2_654_435_761 % 2**32:08x}-{'lorem ipsum ' * 8}{i}" for i in range(n)])
    before, started = psutil.Process().memory_info().rss, time.perf_counter()
    patterns = Patterns.learn(texts)
    assert (patterns.nearest(texts) >= 0).mean() == 1
    assert time.perf_counter() - started < 60
    assert psutil.Process().memory_info().rss - before < 1 << 30
    assert len(patterns.templates) <= 64
