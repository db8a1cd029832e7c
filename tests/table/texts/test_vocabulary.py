"""Which pieces become tokens."""

import numpy as np

from tabgan.table.patterns import MIN_ROWS
from tabgan.table.texts.tokens import LONGEST
from tabgan.table.texts.vocabulary import MAX_CHARACTERS, MAX_CHUNKS, MAX_PARTS, learn_tokens

BACKS = ("standing", "reacting", "lapping", "taking", "holding")


def test_what_fewer_than_five_rows_hold_is_no_token() -> None:
    rows = [["good dress"]] * MIN_ROWS + [["zzyzx zzyzx zzyzx zzyzx zzyzx zzyzx"]] * (MIN_ROWS - 1)
    pieces = learn_tokens(rows).pieces
    assert {"good", " dress"} <= set(pieces)
    assert not any("z" in piece for piece in pieces)


def test_a_part_counts_once_in_each_row_however_many_words_hold_it() -> None:
    names = "quaxa quaxe quaxi quaxo quaxu quaxy"
    assert not any("quax" in piece for piece in learn_tokens([[names]] * 1 + [["hm"]] * 9).pieces)
    rows = [[f"quax{ending}"] for ending in ("mu", "ne", "pi", "ro", "sta")]
    assert "quax" in learn_tokens(rows).pieces


def test_rare_words_are_spelt_by_parts() -> None:
    words = [a + b for a in ("under", "over", "inter", "fore", "with") for b in BACKS]
    tokens = learn_tokens([[word] for word in words])
    assert max(len(tokens.encode(word, 99)) for word in words) <= 4


def test_the_most_used_come_first() -> None:
    rows = [["a a a b b c"]] * 6
    pieces = learn_tokens(rows).pieces
    assert pieces.index(" a") < pieces.index(" c")
    assert pieces.index(" b") < pieces.index(" c")


def test_the_order_of_rows_makes_no_difference() -> None:
    rows = [[f"w{i % 7} x{i % 3} {chr(97 + i % 20)}{chr(97 + i % 9)}"] for i in range(200)]
    assert learn_tokens(rows) == learn_tokens(rows[::-1])


def test_a_column_of_distinct_strings_has_a_bounded_vocabulary() -> None:
    random = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    rows = [["".join(letters[random.integers(26, size=40)])] for _ in range(2_000)]
    tokens = learn_tokens(rows)
    assert len(tokens.pieces) <= MAX_CHUNKS + MAX_PARTS + MAX_CHARACTERS
    assert max(map(len, tokens.pieces)) <= LONGEST


def test_nothing_to_learn_leaves_the_bytes() -> None:
    assert learn_tokens([]).pieces == ()
    assert learn_tokens([["once"]]).pieces == ()
    assert learn_tokens([[], [""]]).pieces == ()
