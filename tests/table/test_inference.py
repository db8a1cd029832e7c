"""Kinds, as a person would choose them, and the reasons given."""

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.inference import infer_kind, names_identifier
from tabgan.table.summaries import ColumnSummary


def infer(array: Any, name: str = "x", remark: str | None = None) -> tuple[str, str]:
    array = array if isinstance(array, pa.Array) else pa.array(array)
    return infer_kind(name, array.type, ColumnSummary.of(array), remark)[:2]


def kind(array: Any, name: str = "x") -> str:
    return infer(array, name)[0]


RNG = np.random.default_rng(0)
WORDS = ["".join(RNG.choice(list("abcdefghij"), i % 9 + 2)) + "k" * (i // 9) for i in range(200)]
SENTENCES = [f"I like dress {i} very much indeed" for i in range(500)]


@pytest.mark.parametrize(
    ("array", "name", "expected"),
    [
        ([True, False] * 50, "x", "categorical"),
        (["a", "b"] * 50, "x", "categorical"),
        ([f"p{i % 300}" for i in range(3000)], "x", "high_cardinality"),
        ([f"p{i:05}" for i in range(500)], "x", "key"),
        (SENTENCES, "x", "text"),
        (SENTENCES[:300] + SENTENCES[:100], "x", "text"),
        ([f"{i % 460}" for i in range(500)], "x", "pattern"),
        ([f"name{i % 425}@example.org" for i in range(500)], "email", "personal"),
        ([f"c{i % 300}" for i in range(500)], "customer_id", "pattern"),
        ([f"p{i % 251}" for i in range(500)], "x", "pattern"),
        ([f"{word}{word}" for word in WORDS] * 2 + WORDS, "x", "text"),
        ([f"p{i % 250}" for i in range(500)], "x", "categorical"),
        ([f"p{i % 12}" for i in range(19)], "x", "categorical"),
        ([f"p{i % 11}" for i in range(20)], "x", "text"),
        ([f"p{i % 251}" for i in range(500)] + [None] * 500, "x", "pattern"),
        ([f"+49 {i:06} {i % 7}" for i in range(500)], "x", "pattern"),
        ([f"order {i:06} of 2024" for i in range(500)], "x", "key"),
        (WORDS, "x", "key"),
        (["x"] * 100, "x", "constant"),
        ([None] * 100, "x", "constant"),
        (["x"] * 99 + [None], "x", "categorical"),
        ([1, 2, 3, 4, 5] * 20, "rating", "categorical"),
        ([i % 70 for i in range(1000)], "age", "continuous"),
        ([1000 + i * i for i in range(500)], "product_id", "key"),
        ([i % 400 for i in range(4000)], "product_id", "high_cardinality"),
        ([i % 60 for i in range(4000)], "storeId", "categorical"),
        ([i % 400 for i in range(4000)], "paid", "continuous"),
        (range(100), "x", "key"),
        ([float(i % 70) for i in range(1000)], "x", "continuous"),
        ([0.5, 1.5] * 100, "x", "categorical"),
        (RNG.normal(size=200), "x", "continuous"),
        ([dt.datetime(2020, 1, 1), dt.datetime(2021, 1, 1)] * 30, "x", "datetime"),
        ([dt.date(2020, 1, 1), dt.date(2021, 1, 1)] * 30, "x", "datetime"),
        ([dt.timedelta(1), dt.timedelta(2)] * 30, "x", "continuous"),
        ([dt.time(1), dt.time(2)] * 30, "x", "continuous"),
        ([Decimal("1.5"), Decimal("2.5")] * 30, "x", "continuous"),
        (pa.array([1, 2] * 30).dictionary_encode(), "x", "categorical"),
        (pa.array([f"p{i}" for i in range(300)]).dictionary_encode(), "x", "high_cardinality"),
        (pa.array(list(range(70)) * 9).dictionary_encode(), "x", "categorical"),
    ],
)
def test_kinds(array: Any, name: str, expected: str) -> None:
    found, reason = infer(array, name)
    assert found == expected
    assert reason.endswith(f": {expected.replace('_', ' ')}")


@pytest.mark.parametrize("array", [["a", "b"], [1, 2], [1.5, 2.5], ["a long text of words", "another one of them"]])
def test_two_rows_make_categories(array: list[Any]) -> None:
    assert kind(array) == "categorical"


def test_short_tables_have_no_keys() -> None:
    assert kind([f"p{i}" for i in range(19)]) == "categorical"
    assert kind([f"p{i}" for i in range(20)]) == "key"
    assert kind([5 * i for i in range(19)], "id") == "categorical"
    assert kind([5 * i for i in range(20)], "id") == "key"


def test_reasons_say_what_was_seen() -> None:
    assert infer([1, 2, 3, 4, 5] * 20)[1] == "integer, 5 values: categorical"
    assert infer(["a", "b", None, "a"] * 25)[1] == "text, 2 values, 25 % missing: categorical"
    assert infer(["a"] * 999 + ["b", None])[1] == "text, 2 values, 1 missing: categorical"
    assert infer([7] * 5)[1] == "integer, 1 value: constant"
    assert infer([1000 + i * i for i in range(500)], "product_id")[1].startswith("integer, 500 values, all different")
    assert infer([f"p{i % 300}" for i in range(500)])[1] == (
        "text, 300 values, built alike, mostly different (made up by their pattern): pattern"
    )
    assert infer((WORDS * 2)[:300])[1] == (
        "text, 200 values, single words, mostly different (reproducing them would copy real values): text"
    )
    assert infer([f"me{i}@example.org" for i in range(500)])[1] == (
        "text, 500 values, e-mail addresses (fakes in their place, they are not learnt): personal"
    )
    assert "mostly numbers" in infer(["a", "b"] * 20, remark="mostly numbers but 3 are none")[1]
    assert infer([None] * 3)[1] == "empty, 0 values, all cells missing: constant"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("id", "ID", "product_id", "productId", "Clothing ID", "zip code", "userid", "SKU")),
        *((name, True) for name in ("customerIDs", "EAN", "store-id", "orderID", "UUID")),
        *((name, False) for name in ("paid", "width", "humid", "idea", "video", "decode", "age", "")),
    ],
)
def test_names_of_identifiers(name: str, expected: bool) -> None:
    assert names_identifier(name) is expected


def test_personal_columns_that_repeat_are_consistent() -> None:
    emails = [f"me{i}@example.org" for i in range(40)]
    once = infer_kind("x", pa.string(), ColumnSummary.of(pa.array(emails)))
    often = infer_kind("x", pa.string(), ColumnSummary.of(pa.array(emails * 10)))
    assert (once.kind, once.fake, once.consistent) == ("personal", "email", False)
    assert (often.kind, often.fake, often.consistent) == ("personal", "email", True)


def test_declared_categories_are_never_personal() -> None:
    emails = pa.array([f"me{i}@example.org" for i in range(40)]).dictionary_encode()
    assert kind(emails, "email") == "categorical"


@pytest.mark.slow
def test_more_texts_than_can_be_counted() -> None:
    emails = pa.chunked_array(
        [
            [f"{i:x}-{'y' * 40}{i % 7}@example.org" for i in range(start, start + 250_000)]
            for start in range(0, 1_250_000, 250_000)
        ]
    )
    found = infer_kind("x", emails.type, ColumnSummary.of(emails), cells=emails)
    assert (found.kind, found.fake, found.consistent) == ("personal", "email", False)
