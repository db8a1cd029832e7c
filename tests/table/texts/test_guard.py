"""The guard against copies."""

import json
import math

import numpy as np
import pytest

from tabgan.errors import SchemaError
from tabgan.table.patterns import MIN_ROWS
from tabgan.table.texts.guard import RUN, STRIDE, Guard

SALT = b"0123456789abcdef"


def words(n: int, prefix: str = "w") -> str:
    return " ".join(f"{prefix}{i}" for i in range(n))


def guard(texts: list[str]) -> Guard:
    return Guard.of(texts, [[text] for text in texts], SALT)


def test_a_whole_text_is_known_again_whatever_its_case_and_white_space() -> None:
    known = guard(["Cute dress", "So  lovely!"])
    assert known.copied(["cute DRESS", " cute\n dress ", "so lovely!"]).all()
    assert not known.copied(["Cute dresses", "Cute", "", "  ", "so lovely?"]).any()


def test_what_enough_rows_hold_is_free() -> None:
    assert not guard(["Love it!"] * MIN_ROWS).copied(["Love it!"])[0]
    assert guard(["Love it!"] * (MIN_ROWS - 1)).copied(["Love it!"])[0]
    shared = [f"{words(12)} {words(3, f'r{i}x')}" for i in range(MIN_ROWS)]
    assert not guard(shared).copied([f"other {words(12)} other"])[0]
    assert guard(shared[1:]).copied([f"other {words(12)} other"])[0]


def test_the_same_run_twice_in_a_row_is_one_row() -> None:
    assert guard([f"{words(9)}. " * MIN_ROWS]).copied([f"so {words(9)} so"])[0]


@pytest.mark.parametrize("start", range(12))
def test_every_run_of_ten_words_is_known_wherever_it_begins(start: int) -> None:
    known = guard([words(40)])
    run = words(40).split()[start : start + RUN + STRIDE - 1]
    assert known.copied([f"a, b, {', '.join(run).upper()}! c"])[0]
    assert not known.copied([f"a b {' '.join(run[: RUN - 1])} c"])[0]


def test_it_says_where_the_copy_begins() -> None:
    known = guard([words(30)])
    text = f"this is new: {words(30)}"
    assert known.first_copied(text) == text.index("w0")
    assert known.first_copied(words(30)) == 0
    assert known.first_copied("new") is None


def test_a_cut_text_is_no_copy() -> None:
    known = guard([words(30), "only", "two words"])
    cut = known.without_copies(f"this is new: {words(30)}")
    assert cut == f"this is new: {words(RUN - 1)}"
    assert known.without_copies("only") == ""
    assert known.without_copies("two words") == "two"
    assert known.without_copies("fine as it is.") == "fine as it is."
    assert not known.copied([known.without_copies(words(30))])[0]


def test_scripts_without_spaces_have_a_word_for_each_character() -> None:
    known = guard(["とても素敵なドレスで毎日着ています"])
    assert known.copied(["新しい素敵なドレスで毎日着てよ"])[0]
    assert not known.copied(["素敵なドレス"])[0]


def test_symbols_alone_are_known_as_a_whole() -> None:
    known = guard(["👗👗😍"])
    assert known.copied(["👗👗😍"])[0]
    assert not known.copied(["👗"])[0]
    assert known.without_copies("👗👗😍") == ""


def test_few_texts_are_refused_for_nothing_and_the_rate_is_what_it_says() -> None:
    known = Guard.of((f"text {i}" for i in range(5_000)), [], SALT)
    assert known.n_kept == 5_000
    assert len(known.bits) <= 3 * known.n_kept
    assert known.false_positive_rate < 1e-4
    assert known.copied([f"text {i}" for i in range(5_000)]).all()
    assert known.copied([f"other {i}" for i in range(5_000)]).mean() <= 1e-3


def test_the_rate_of_a_crowded_filter_is_right() -> None:
    crowded = guard([f"t{i}" for i in range(400)])
    small = Guard(crowded.salt, crowded.bits[:1] * 2 + b"\xff" * 62, 40)
    assert small.false_positive_rate == pytest.approx((1 - math.exp(-13 * 40 / 512)) ** 13)


def test_another_salt_gives_other_bits() -> None:
    assert guard(["a b c"]).bits != Guard.of(["a b c"], [], b"fedcba9876543210").bits


def test_nothing_known() -> None:
    empty = Guard.of([], [], SALT)
    assert empty.n_kept == 0
    assert empty.false_positive_rate == 0
    assert not empty.copied(["anything", ""]).any()
    assert empty.copied([]).shape == (0,)
    assert empty.copied([]).dtype == np.bool_


def test_json_round_trip_without_words() -> None:
    known = guard(["secretword in a text", words(20)])
    data = json.loads(json.dumps(known.to_json()))
    assert Guard.from_json(data, known.bits) == known
    assert b"secretword" not in known.bits


@pytest.mark.parametrize(("salt", "bits", "n"), [("00", b"\0", 0), (SALT.hex(), b"", 0), (SALT.hex(), b"\0", -1)])
def test_a_guard_that_cannot_be_is_refused(salt: str, bits: bytes, n: int) -> None:
    with pytest.raises(SchemaError):
        Guard(salt, bits, n)
