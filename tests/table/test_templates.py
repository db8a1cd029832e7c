"""Templates make texts with the frequencies that were seen, and count them one by one."""

import json
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.errors import SchemaError
from tabgan.table import shapes
from tabgan.table.templates import ENOUGH, Part, Template


def part(options: str | list[str], weights: list[int] | None = None) -> Part:
    return Part(tuple(options), tuple(weights or [1] * len(options)))


WORD = part(["CUST", "SUPP"], [9, 1])
CODE = Template("AAAA-99", 1.0, (WORD, part("-"), part("01"), part("0123456789")))


def numbered(template: Template, ranks: np.ndarray, key: int = 5) -> list[str]:
    return shapes.from_matrix(template.numbered(ranks, key))


def test_counted_texts_are_all_that_there_are() -> None:
    assert CODE.capacity == CODE.countable == 40
    made = numbered(CODE, np.arange(40))
    assert sorted(made) == sorted(f"{word}-{i:02}" for word in ("CUST", "SUPP") for i in range(20))
    assert made != sorted(made)
    assert numbered(CODE, np.array([7, 3])) == [made[7], made[3]]
    assert numbered(CODE, np.arange(40), key=6) != made


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.integers(0, 2**62))
def test_counting_is_one_to_one(sizes: list[int], key: int) -> None:
    template = Template("t", 1.0, tuple(part("abcd"[:size]) for size in sizes))
    made = numbered(template, np.arange(prod(sizes)), key)
    assert len(set(made)) == prod(sizes)


def test_huge_templates_are_counted_by_some_of_their_parts() -> None:
    places = (part("ab", [1, 999]), *[part("0123456789abcdef")] * 32)
    template = Template("x" * 33, 1.0, places)
    assert template.capacity == 2 * 16**32
    assert ENOUGH <= template.countable < ENOUGH * 16
    made = numbered(template, np.arange(50_000))
    assert len(set(made)) == 50_000
    assert 0.99 < np.mean([text[0] == "b" for text in made]) < 1


def test_drawing_follows_the_weights() -> None:
    uniforms = np.random.default_rng(0).random((20_000, 4))
    made = shapes.from_matrix(CODE.draw(uniforms))
    assert abs(np.mean([text.startswith("CUST") for text in made]) - 0.9) < 0.01
    assert len(set(made)) == 40


def test_beyond_makes_what_is_left_of_the_shape() -> None:
    template = Template("A-999", 1.0, (part("K"), part("-"), part("0"), part("01"), part("0123456789")))
    more = template.beyond()
    made = [text for one in (template, *more) for text in numbered(one, np.arange(one.countable))]
    assert sorted(made) == sorted(f"K-{i:03}" for i in range(1_000))
    assert numbered(more[0], np.arange(1))[0].startswith("K-0")
    assert CODE.beyond()[0].capacity == 2 * 8 * 10


def test_nothing_beyond_whole_classes_and_literals() -> None:
    assert Template("9", 1.0, (part("0123456789"),)).beyond() == ()
    assert Template("A-", 1.0, (part("A"), part("-"))).beyond() == ()


@pytest.mark.parametrize("template", [CODE, Template("", 0.5, ()), Template("文", 1.0, (part("東京", [3, 1]),))])
def test_json(template: Template) -> None:
    assert Template.from_json(json.loads(json.dumps(template.to_json()))) == template


def test_the_empty_text() -> None:
    empty = Template("", 1.0, ())
    assert empty.capacity == 1
    assert numbered(empty, np.arange(1)) == [""]
    assert shapes.from_matrix(empty.draw(np.zeros((3, 0)))) == ["", "", ""]


@pytest.mark.parametrize(
    ("options", "weights"),
    [(("a", "bc"), (1, 1)), (("a", "a"), (1, 1)), (("a",), (0,)), (("a",), (1, 2)), ((), ()), (("a",), (1.5,))],
)
def test_parts_that_are_none(options: tuple[str, ...], weights: tuple[int, ...]) -> None:
    with pytest.raises(SchemaError):
        Part(options, weights)
