"""Text columns as the lengths of their texts."""

import json
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import fit_encoder
from tabgan.table.restating.base import Rows
from tabgan.table.summaries import ColumnSummary
from tabgan.table.texts.columns import MAX_CLASSES, TextColumns
from tabgan.table.wanted import Wanted

TEXTS = ["", "a", None, "bcd", "e" * 30, "f" * 30] * 50
TYPES = [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]


def free(column: str, part: str) -> str:
    return f"{column} [{part}]"


def fit(cells: pa.Array, *, nullable: bool = True) -> TextColumns:
    return TextColumns.fit([spec(str(cells.type), nullable=nullable)], [cells], free)


def spec(dtype: str = "string", *, nullable: bool = True) -> ColumnSpec:
    return ColumnSpec(name="title", kind="text", dtype=dtype, nullable=nullable)


def cells_of(texts: list[str | None], dtype: pa.DataType) -> pa.Array:
    plain = pa.array(texts, pa.string())
    return plain.dictionary_encode() if pa.types.is_dictionary(dtype) else plain.cast(dtype)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_lengths_are_learnt_in_place_of_texts(dtype: pa.DataType) -> None:
    cells = cells_of(TEXTS, dtype)
    columns = fit(cells)
    (learnt,) = columns.learnt
    assert (learnt.name, learnt.kind, learnt.nullable) == ("title [length]", "categorical", True)
    (classes,) = columns.restate([cells])
    assert classes.type == learnt.arrow_type
    assert classes.to_pylist()[:6] == [0, 1, None, 2, 3, 3]
    assert columns.columns[0].edges == (0, 1, 3, 30, 31)
    fit_encoder(ColumnSummary.of(classes), learnt)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_texts_are_filled_in_where_their_class_says_so_in_exactly_the_type(dtype: pa.DataType) -> None:
    columns = fit(cells_of(TEXTS, dtype))
    classes = pa.array([None, 0, 1, 3], pa.int16())
    (filled,) = columns.fill([classes], [["x", "x", "y", 'z "q"\n']])
    assert filled.type == dtype
    assert filled.to_pylist() == [None, "", "y", 'z "q"\n']
    (written,) = columns.write([classes], Rows(seed=0, first=0, n=4))
    assert written.to_pylist() == [None, "", "", ""]
    assert columns.filled([classes]).tolist() == [[False], [False], [True], [True]]
    assert columns.fill([classes[:0]], [[]])[0].type == dtype


def test_classes_hold_about_as_many_texts_each_and_are_not_many() -> None:
    random = np.random.default_rng(0)
    cells = pa.array(["x" * int(n) for n in random.integers(5, 500, 4_000)])
    columns = fit(cells, nullable=False)
    counts = np.bincount(columns.restate([cells])[0].to_numpy())
    assert len(counts) == MAX_CLASSES
    assert counts.min() > 0.7 * counts.mean()


def test_a_length_that_many_texts_share_is_a_class() -> None:
    cells = pa.array(["x" * n for n in [*range(1, 300), *[500] * 300]])
    assert fit(cells).columns[0].edges[-2:] == (500, 501)


def test_lengths_count_characters_and_strange_lengths_take_the_nearest_class() -> None:
    columns = fit(pa.array(["👗", "ab", "日本語"] * 30))
    assert columns.columns[0].edges == (1, 2, 3, 4)
    assert columns.restate([pa.array(["", "x" * 99])])[0].to_pylist() == [0, 2]


@pytest.mark.parametrize(("texts", "nullable"), [([None] * 3, True), (["one"], False), (["aa", "bb", "aa"], False)])
def test_what_does_not_vary_is_a_constant(texts: list[str | None], nullable: bool) -> None:
    cells = pa.array(texts, pa.string())
    columns = fit(cells, nullable=nullable)
    (learnt,) = columns.learnt
    (classes,) = columns.restate([cells])
    assert learnt.kind == "constant"
    encoder = fit_encoder(ColumnSummary.of(classes), learnt)
    assert encoder.decode(np.zeros((2, 0), np.uint8), np.zeros((2, 0), np.float32)).type == learnt.arrow_type
    assert columns.write([classes], Rows(0, 0, len(cells)))[0].is_null().equals(cells.is_null())


def test_common_texts_are_those_of_enough_rows() -> None:
    cells = pa.array(["love it"] * 7 + ["nice"] * 5 + ["secret"] * 4 + [""] * 9 + ["x" * 500] * 9)
    assert fit(cells).columns[0].common == ("love it", "nice")


def test_nothing_to_learn_is_an_error() -> None:
    with pytest.raises(SchemaError, match="'title': expected at least one text"):
        fit(pa.array([None], pa.string()), nullable=False)
    with pytest.raises(SchemaError, match="'title': expected texts for the kind text, got int64"):
        fit(pa.array([1, 2]))


def test_a_wish_for_missing_texts_is_passed_on() -> None:
    columns = fit(pa.array(TEXTS))
    yes, no = np.array([True]), np.array([False])
    wish = columns.narrow({"title": Wanted(present=no, missing=yes), "other": Wanted(missing=yes)}, {})
    assert list(wish) == ["title [length]"]
    assert wish["title [length]"].missing is yes
    assert wish["title [length]"].present is no
    assert columns.narrow({"title": Wanted(cells=pa.array(["a"]))}, {}) == {}


@pytest.mark.parametrize(("dtype", "texts"), list(product(TYPES, (TEXTS, ["one"], [None] * 3))), ids=str)
def test_json_round_trip(dtype: pa.DataType, texts: list[str | None]) -> None:
    columns = fit(cells_of(texts, dtype))
    assert TextColumns.from_json(json.loads(json.dumps(columns.to_json()))) == columns


@pytest.mark.parametrize("edges", [[3], [3, 3], [5, 2], [-1, 4], list(range(40)), [0.5, 2]])
def test_classes_that_cannot_be_are_refused(edges: list[float]) -> None:
    data = fit(pa.array(TEXTS)).to_json()
    data["columns"][0]["edges"] = edges
    with pytest.raises(SchemaError):
        TextColumns.from_json(data)
