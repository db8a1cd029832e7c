"""Text columns from fitting to writing."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import torch

from tabgan.gan.language_settings import LanguageConfig
from tabgan.table.columns import ColumnSpec
from tabgan.table.texts.columns import TextColumns
from tabgan.table.texts.corpus import learn_corpus
from tabgan.text_part import TextPart

CPU = torch.device("cpu")
NAMES = np.array(["Ann", "Bob", "Cleo", "Dan"])


def fit(cells: list[pa.Array], features: torch.Tensor, tokens: int = 3_000) -> TextPart:
    specs = [ColumnSpec(name=f"t{i}", kind="text", dtype=str(c.type), nullable=True) for i, c in enumerate(cells)]
    columns = TextColumns.fit(specs, cells, lambda name, part: f"{name} [{part}]")
    corpus = learn_corpus(cells, 0)
    known = features[torch.from_numpy(corpus.rows)]
    config = LanguageConfig(tokens=tokens, least_tokens=tokens, most_epochs=1e4, batch_tokens=400)

    def contexts(rows: np.ndarray) -> torch.Tensor:
        return known[torch.from_numpy(rows)]

    return TextPart.fit(columns, corpus, contexts, features.shape[1], config, seed=0, device=CPU)


def write(part: TextPart, features: torch.Tensor, rows: np.ndarray, seed: int) -> list[list[str | None]]:
    """Texts for rows of which none is to be missing."""
    last = [pa.array(np.full(len(rows), max(len(c.edges) - 2, 0)), pa.int16()) for c in part.columns.columns]
    return [cells.to_pylist() for cells in part.write(features, last, rows, seed)]


def invoices(n: int = 600) -> tuple[pa.Array, torch.Tensor]:
    random = np.random.default_rng(0)
    kinds = random.integers(2, size=n)
    texts = [
        f"{('Invoice', 'Refund')[kind]} {number} for customer {name}."
        for kind, number, name in zip(
            kinds, random.integers(1000, 9999, n), NAMES[random.integers(4, size=n)], strict=True
        )
    ]
    return pa.array(texts), torch.eye(2)[torch.from_numpy(kinds)]


@pytest.mark.slow
def test_templates_come_out_grammatical_fitting_the_row_and_new() -> None:
    cells, features = invoices()
    part = fit([cells], features, tokens=120_000)
    (texts,) = write(part, features[:200], np.arange(200), 1)
    pattern = pc.match_substring_regex(pa.array(texts), r"^(Invoice|Refund) \d{4} for customer (Ann|Bob|Cleo|Dan)\.$")
    assert sum(pattern.to_pylist()) > 180
    fits = [
        text.startswith(("Invoice", "Refund")[int(kind)]) for text, kind in zip(texts, features[:200, 1], strict=True)
    ]
    assert sum(fits) > 190
    assert not set(texts) & set(cells.to_pylist())
    assert len(set(texts)) > 150


def test_a_row_has_the_same_texts_whatever_the_number_of_rows() -> None:
    cells, features = invoices(80)
    part = fit([cells, cells], features, tokens=1_500)
    whole = write(part, features[:12], np.arange(12), 3)
    later = write(part, features[8:12], np.arange(8, 12), 3)
    assert [column[8:] for column in whole] == later
    assert write(part, features[:12], np.arange(12), 4) != whole
    assert write(part, features[:0], np.arange(0), 3) == [[], []]


@pytest.mark.slow
def test_no_text_is_a_copy_even_where_all_is_learnt_by_heart() -> None:
    cells = pa.array(["the one and only text of this little table is this one here"] * 3)
    part = fit([cells], torch.zeros(3, 1), tokens=8_000)
    (texts,) = write(part, torch.zeros(6, 1), np.arange(6), 0)
    assert not part.speech.guard.copied(texts).any()


def test_the_same_template_everywhere_is_free() -> None:
    cells = pa.array(["n/a"] * 60)
    part = fit([cells], torch.zeros(60, 1), tokens=12_000)
    (texts,) = write(part, torch.zeros(30, 1), np.arange(30), 0)
    assert texts.count("n/a") > 20


@pytest.mark.parametrize(
    "cells",
    [
        [None] * 4,
        [""],
        ["one"],
        ["👗😍 日本語のテキスト"] * 6,
        ["word " * 3_000],
        ['line\n"quoted"\r\n', None, ""] * 5,
    ],
    ids=["missing", "empty", "one row", "no spaces", "very long", "quotes"],
)
def test_odd_columns(cells: list[str | None]) -> None:
    array = pa.array(cells, pa.large_string())
    part = fit([array], torch.zeros(len(array), 0), tokens=200)
    classes = part.columns.restate([array.take(pa.array([0, 0, 0]))])
    (filled,) = part.write(torch.zeros(3, 0), classes, np.arange(3), 0)
    assert filled.type == array.type
    assert filled.is_null().to_pylist() == [cells[0] is None] * 3
    assert not part.speech.guard.copied([text or "" for text in filled.to_pylist()]).any()


def test_texts_are_there_where_their_length_says_so() -> None:
    cells = pa.array([None, "", "yes", "no", "perhaps"] * 20)
    part = fit([cells], torch.zeros(100, 1), tokens=1_000)
    classes = part.columns.restate([cells])
    (written,) = part.write(torch.zeros(100, 1), classes, np.arange(100), 0)
    assert [None if text is None else bool(text) for text in written.to_pylist()] == [
        None,
        False,
        True,
        True,
        True,
    ] * 20


def test_what_is_kept_writes_the_same_texts() -> None:
    cells, features = invoices(80)
    part = fit([cells], features, tokens=1_000)
    again = TextPart.restore(part.columns, json.loads(json.dumps(part.to_json())), part.tensors(), CPU)
    assert again.columns == part.columns
    assert again.speech == part.speech
    assert write(again, features[:5], np.arange(5), 0) == write(part, features[:5], np.arange(5), 0)
    tensors = part.tensors()
    assert {array.dtype.name for array in tensors.values()} == {"float16", "uint8"}


def test_what_does_not_fit_together_is_refused() -> None:
    cells, features = invoices(30)
    part = fit([cells], features, tokens=300)
    data, tensors = part.to_json(), part.tensors()
    broken = {**tensors, "texts.bias": np.full_like(tensors["texts.bias"], np.inf)}
    with pytest.raises(ValueError, match="finite"):
        TextPart.restore(part.columns, data, broken, CPU)
    with pytest.raises(ValueError, match="as many tokens"):
        TextPart.restore(part.columns, {**data, "shape": {**data["shape"], "n_tokens": 7}}, tensors, CPU)
    with pytest.raises(KeyError):
        TextPart.restore(part.columns, data, {}, CPU)
