"""What a language model learns from."""

import json

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.texts import corpus
from tabgan.table.texts.corpus import MAX_TOKENS, Corpus, Speech, learn_corpus, limit_of

TITLES = pa.array(["Nice", None, "", "Cute dress", "Nice"] * 20)
BODIES = pa.array([f"I like dress number {i}." for i in range(99)] + [None])


def test_the_texts_of_a_row_are_one_sequence() -> None:
    learnt = learn_corpus([TITLES, BODIES], 0)
    speech = learnt.speech
    assert learnt.rows.tolist() == list(range(100))
    texts = speech.decode(learnt.sequences)
    assert texts[0] == ("Nice", "I like dress number 0.")
    assert texts[1] == ("", "I like dress number 1.")
    assert texts[99] == ("Nice", "")
    assert (speech.n_columns, speech.limit, speech.row_limit) == (2, 511, 1_024)


def test_the_same_seed_gives_the_same_corpus() -> None:
    first, second = learn_corpus([TITLES, BODIES], 1), learn_corpus([TITLES, BODIES], 1)
    assert first.speech == second.speech
    assert first.speech.guard.salt != learn_corpus([TITLES, BODIES], 2).speech.guard.salt


def test_large_tables_are_sampled_but_every_text_is_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "MAX_ROWS", 30)
    learnt = learn_corpus([BODIES], 0)
    assert len(learnt.rows) == len(learnt.sequences) == 30
    assert (np.diff(learnt.rows) > 0).all()
    assert learnt.speech.guard.copied(BODIES.drop_null().to_pylist()).all()


def test_long_texts_leave_room_for_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "MAX_CHARACTERS", 1_000)
    assert len(learn_corpus([pa.array(["x" * 300] * 50)], 0).rows) == 3


def test_a_very_long_text_is_cut() -> None:
    learnt = learn_corpus([pa.array(["word " * 10_000] * 6)], 0)
    assert max(map(len, learnt.sequences)) == MAX_TOKENS + 1


@pytest.mark.parametrize("n_columns", [1, 2, 3, 40, 5_000])
def test_a_row_of_many_texts_has_a_bounded_length(n_columns: int) -> None:
    assert 1 <= limit_of(n_columns) <= MAX_TOKENS
    assert n_columns * (limit_of(n_columns) + 1) <= max(1_024, 2 * n_columns)


@pytest.mark.parametrize("cells", [pa.array([None] * 3, pa.string()), pa.array([""]), pa.array(["one"])], ids=str)
def test_hardly_anything_to_learn(cells: pa.Array) -> None:
    learnt = learn_corpus([cells], 0)
    assert isinstance(learnt, Corpus)
    assert learnt.speech.decode(learnt.sequences) == [(text or "",) for text in cells.to_pylist()]


def test_dictionaries_and_chunks_are_texts_too() -> None:
    chunked = pa.chunked_array([TITLES.dictionary_encode(), TITLES.dictionary_encode()])
    assert len(learn_corpus([chunked], 0).rows) == 120


def test_copies_are_found_in_any_column_and_mended() -> None:
    speech = learn_corpus([TITLES, BODIES], 0).speech
    rows = [("New", "All mine"), ("New", "i like dress number 7."), ("Nice", "All mine")]
    assert speech.copied(rows).tolist() == [False, True, False]
    assert speech.mended("All mine", ["Nice"], 0.5) == "All mine"
    assert speech.mended("I like dress number 7.", ["Nice"], 0.5) == "I like dress number"
    single = learn_corpus([pa.array(["unique"])], 0).speech
    assert single.mended("unique", ["Nice", "Good"], 0.7) == "Good"
    assert single.mended("unique", [], 0.7) == ""


def test_json_round_trip() -> None:
    speech = learn_corpus([TITLES, BODIES], 0).speech
    assert Speech.from_json(json.loads(json.dumps(speech.to_json())), speech.guard.bits) == speech
