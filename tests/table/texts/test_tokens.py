"""Text as tokens and back."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.errors import SchemaError
from tabgan.table.texts.tokens import END, LONGEST, N_BYTES, Tokens, chunks

TOKENS = Tokens((" the", "The", " dress", ".", "...", " ", "a", "b", "ab", "日", "\n"))
TEXTS = [
    "The dress...",
    "",
    " ",
    "a  b\n\tc",
    '"quoted", it\'s',
    "日本語のテキスト",
    "👗🏽 nice",
    "x_1 2.50",
    "é\u0301",
    "\x00\r\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert TOKENS.decode(TOKENS.encode(text, 10_000)) == text
    assert "".join(chunks(text)) == text


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_any_text_comes_back_as_it_was(text: str) -> None:
    codes = TOKENS.encode(text, 10_000)
    assert TOKENS.decode(codes) == text
    assert END not in codes
    assert not len(codes) or codes.max() < len(TOKENS)


def test_frequent_chunks_are_one_token_and_others_are_spelt_by_the_longest_pieces() -> None:
    assert TOKENS.encode("The dress...", 99).tolist() == [2, 3, 5]
    assert TOKENS.encode("abba", 99).tolist() == [9, 8, 7]
    first_byte = 1 + len(TOKENS.pieces)
    assert TOKENS.encode("aé", 99).tolist() == [7, first_byte + 0xC3, first_byte + 0xA9]
    assert len(TOKENS) == 1 + 11 + N_BYTES


def test_numbers_are_digits_and_marks_are_runs() -> None:
    assert chunks("paid 2024-01-03!!!") == ["paid", " 2", "0", "2", "4", "-", "0", "1", "-", "0", "3", "!!!"]
    assert chunks("it's  so_so") == ["it's", " ", " so", "_", "so"]


def test_a_long_text_is_cut_at_the_limit() -> None:
    assert TOKENS.decode(TOKENS.encode("a" * 10_000, 7)) == "a" * 7
    assert len(TOKENS.encode("é", 1)) == 1
    assert TOKENS.decode(TOKENS.encode("é", 1)) == ""


def test_the_texts_of_a_row_end_with_a_token_each() -> None:
    row = TOKENS.encode_row(["a", None, "The dress"], 99)
    assert row.tolist() == [7, END, END, 2, 3, END]
    assert TOKENS.decode_row(row, 3) == ("a", "", "The dress")


def test_a_row_that_was_cut_short_has_empty_texts() -> None:
    assert TOKENS.decode_row(np.array([7]), 3) == ("a", "", "")
    assert TOKENS.decode_row(np.array([], np.int64), 2) == ("", "")
    assert TOKENS.decode_row(np.array([7, END, END, END, 7]), 2) == ("a", "")


def test_sizes_are_characters() -> None:
    assert TOKENS.sizes[:6] == [0, 4, 3, 6, 1, 3]
    assert TOKENS.sizes[-N_BYTES:] == [1] * N_BYTES
    assert len(TOKENS.sizes) == len(TOKENS)


def test_json_round_trip() -> None:
    assert Tokens.from_json(json.loads(json.dumps(TOKENS.to_json()))) == TOKENS


@pytest.mark.parametrize("pieces", [("a", "a"), ("",), (1,), ("x" * (LONGEST + 1),)])
def test_pieces_that_cannot_be_are_refused(pieces: tuple[str, ...]) -> None:
    with pytest.raises(SchemaError, match="pieces"):
        Tokens(pieces)
