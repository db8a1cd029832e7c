"""Shapes say which kind of character stands where."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabgan.table import shapes

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@pytest.mark.parametrize(
    ("text", "exact", "loose"),
    [
        ("(212) 555-0187", "(999) 999-9999", "(xxx) xxx-xxxx"),
        ("AB12 3cd", "AA99 9aa", "xxxx xxx"),
        ("Äß東京-1", "Aa文文-9", "xxxx-x"),
        ("\x00🦆 \n", "\x00🦆 \n", "\x00🦆 \n"),
        ("", "", ""),
    ],
)
def test_shapes(text: str, exact: str, loose: str) -> None:
    found = shapes.exact(pa.array([text, None]))
    assert found.to_pylist() == [exact, None]
    assert shapes.loose(found).to_pylist() == [loose, None]


@given(st.lists(TEXTS, max_size=5))
def test_shapes_are_as_long_as_their_texts(texts: list[str]) -> None:
    found = shapes.exact(pa.array(texts, pa.string()))
    assert [len(shape) for shape in found.to_pylist()] == [len(text) for text in texts]


@given(st.integers(0, 6).flatmap(lambda n: st.lists(TEXTS.map(lambda text: f"{text:\x00<{n}}"[:n]), max_size=4)))
def test_matrices_come_back(texts: list[str]) -> None:
    length = len(texts[0]) if texts else 0
    matrix = shapes.to_matrix(pa.array(texts, pa.string()), length)
    assert matrix.shape == (len(texts), length)
    assert shapes.from_matrix(matrix) == texts


@pytest.mark.parametrize(
    ("characters", "symbol", "expected"),
    [
        ("07", "9", "0123456789"),
        ("a1", "x", "0123456789abcdef"),
        ("A1", "x", "0123456789ABCDEF"),
        ("AZ", "A", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("a", "a", "abcdefghijklmnopqrstuvwxyz"),
        ("zq1", "?", "0123456789abcdefghijklmnopqrstuvwxyz"),
        ("ä", "a", "own"),
        ("-", "-", "own"),
    ],
)
def test_classes(characters: str, symbol: str, expected: str) -> None:
    assert shapes.narrowest_class(characters, symbol, "own") == expected


def test_common_symbols() -> None:
    assert [shapes.common_symbol(text) for text in ("01", "AB", "ab", "ab1", "東京", "-", "é")] == list("9Aax文-a")


def test_long_texts_are_cut() -> None:
    assert shapes.cut(pa.array(["ä" * 300])).to_pylist() == ["ä" * 256]
