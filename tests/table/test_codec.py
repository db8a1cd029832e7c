"""The codec: a table to compact rows and back, conditions to one encoded row."""

import datetime as dt
import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.errors import ConditionError, SchemaError
from tabgan.layout import EncodedTable, GivenCells
from tabgan.table import arrays
from tabgan.table.codec import TableCodec, _zeros
from tabgan.table.columns import ColumnSpec
from tabgan.table.conditions import condition_of
from tabgan.table.files import read_table
from tabgan.table.given import Literal
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

SIZES = pa.dictionary(pa.int8(), pa.string(), ordered=True)


def table(n: int = 600) -> pa.Table:
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "product": pa.array([f"p{i % 300:03d}" for i in range(n)]),
            "rating": pa.array(rng.integers(1, 6, n), pa.int8()),
            "shop": pa.array(["main"] * n),
            "spent": pa.array(np.where(rng.random(n) < 0.4, 0.0, np.round(rng.lognormal(3, 1, n), 2))),
            "when": pa.array(rng.integers(-9_000, 9_000, n).astype(np.int32)).view(pa.date32()),
            "note": pa.array(["left out"] * n),
            "size": pa.DictionaryArray.from_arrays(
                pa.array(rng.integers(0, 2, n), pa.int8()), pa.array(["S", "M", "XL"]), ordered=True
            ),
            "visits": pa.array(rng.integers(0, 10**6, n), mask=rng.random(n) < 0.2),
        }
    )


def schema() -> Schema:
    return Schema(
        (
            ColumnSpec(name="product", kind="high_cardinality", dtype="string", nullable=False),
            ColumnSpec(name="rating", kind="categorical", dtype="int8", nullable=False),
            ColumnSpec(name="shop", kind="constant", dtype="string", nullable=False),
            ColumnSpec(name="spent", kind="continuous", dtype="double", nullable=False),
            ColumnSpec(name="when", kind="datetime", dtype="date32[day]", nullable=False),
            ColumnSpec(name="note", kind="text", dtype="string", nullable=False),
            ColumnSpec(
                name="size",
                kind="categorical",
                dtype=str(SIZES),
                nullable=False,
                categories=("S", "M", "XL"),
                ordered=True,
            ),
            ColumnSpec(name="visits", kind="continuous", dtype="int64", nullable=True, encoding="modes"),
        )
    )


def modelled_schema(codec: TableCodec) -> pa.Schema:
    return pa.schema([(spec.name, spec.arrow_type) for spec in codec.schema.modelled])


@pytest.fixture(scope="module")
def codec() -> TableCodec:
    return TableCodec.from_summaries(schema(), summarize(table()))


def encoded(codec: TableCodec, seed: int = 0) -> pa.Table:
    return codec.encode(table(), np.random.default_rng(seed))


def test_the_layout_holds_the_modelled_columns_but_constants(codec: TableCodec) -> None:
    assert codec.layout.names == ("product", "rating", "spent", "when", "size", "visits")
    slots = dict(zip(codec.layout.names, codec.layout.columns, strict=True))
    assert slots["product"].cardinalities == (18, 17)
    assert slots["rating"].cardinalities == (5,)
    assert {name: part.has_value for name, part in slots.items()} == {
        "product": False,
        "rating": False,
        "spent": True,
        "when": True,
        "size": False,
        "visits": True,
    }
    for name in ("spent", "when"):
        coarse, fine = slots[name].cardinalities
        assert slots[name].ordered == coarse
        assert 10 <= coarse <= 36
        assert fine <= 16
    assert (slots["size"].cardinalities, slots["size"].ordered) == ((2,), 2)
    assert (slots["rating"].ordered, slots["visits"].ordered) == (5, slots["visits"].cardinalities[0] - 1)


def test_codes_take_the_smallest_type_and_lie_within_their_slots(codec: TableCodec) -> None:
    rows = codec.encode(table(), np.random.default_rng(0))
    assert rows.codes.dtype == np.uint8
    assert rows.values.dtype == np.float32
    assert (rows.codes < np.array(codec.layout.cardinalities)).all()
    assert (np.abs(rows.values) <= 1).all()


def test_a_table_comes_back_in_its_schema(codec: TableCodec) -> None:
    back = codec.decode(codec.encode(table(), np.random.default_rng(0)))
    back.validate(full=True)
    assert back.schema.equals(modelled_schema(codec))
    for name in ("product", "rating", "shop", "size"):
        assert arrays.plain(back[name]).equals(arrays.plain(table()[name]))
    assert back["size"].chunk(0).dictionary.to_pylist() == ["S", "M", "XL"]
    assert back["visits"].is_null().equals(table()["visits"].is_null())
    zero = np.equal(table()["spent"].to_numpy(), 0)
    np.testing.assert_array_equal(back["spent"].to_numpy()[zero], 0)


def test_the_stream_decides_the_rows(codec: TableCodec) -> None:
    one, again, other = (codec.encode(table(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.values, again.values)
    assert not np.array_equal(one.values, other.values)


def test_blocks_and_chunks_make_no_difference_to_categories(codec: TableCodec) -> None:
    whole = table()
    chunked = pa.concat_tables([whole.slice(0, 7), whole.slice(7, 0), whole.slice(7)])
    np.testing.assert_array_equal(
        codec.encode(chunked, np.random.default_rng(0)).codes[:, :3],
        codec.encode(whole, np.random.default_rng(0)).codes[:, :3],
    )


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no system that gives files their room before")
def test_a_matrix_on_disk_has_its_room_before_it_is_written(tmp_path: Path) -> None:
    """A disk that fills up later kills whoever writes to a map without it."""
    matrix = _zeros((1_000, 700), np.dtype(np.int16), tmp_path, "codes")
    assert (tmp_path / "codes").stat().st_blocks * 512 >= matrix.nbytes == 1_400_000
    assert not matrix.any()


def test_an_empty_table_is_encoded_and_decoded(codec: TableCodec) -> None:
    none = codec.encode(table().slice(0, 0), np.random.default_rng(0))
    assert len(none) == 0
    assert codec.decode(none).schema.equals(modelled_schema(codec))


def test_a_table_of_constants_has_an_empty_layout() -> None:
    small = pa.table({"a": ["x", "x"]})
    only = Schema((ColumnSpec(name="a", kind="constant", dtype="string", nullable=False),))
    made = TableCodec.from_summaries(only, summarize(small))
    assert made.layout.columns == ()
    assert made.decode(made.encode(small, np.random.default_rng(0))).equals(small.cast(only.arrow_schema))


def test_all_columns_that_cannot_be_encoded_are_named_at_once(codec: TableCodec) -> None:
    bad = table().drop_columns(["when"])
    bad = bad.set_column(0, "product", pa.array(["new"] * len(bad)))
    bad = bad.set_column(1, "rating", pa.array([9] * len(bad)))
    with pytest.raises(SchemaError, match="3 problems") as caught:
        codec.encode(bad, np.random.default_rng(0))
    for text in ("'product'", "'new'", "'rating'", "got 9", "'when'", "got it 0 times"):
        assert text in str(caught.value)


def test_all_columns_that_do_not_fit_the_schema_are_named_at_once() -> None:
    summaries = summarize(table().drop_columns(["rating", "shop"]).append_column("shop", pa.array(["a", "b"] * 300)))
    with pytest.raises(SchemaError, match="2 problems") as caught:
        TableCodec.from_summaries(schema(), summaries)
    assert "'rating'" in str(caught.value)
    assert "'shop'" in str(caught.value)


def test_json(codec: TableCodec) -> None:
    text = json.dumps(codec.to_json(), allow_nan=False)
    again = TableCodec.from_json(schema(), json.loads(text))
    assert again == codec
    assert again.layout == codec.layout
    with pytest.raises(SchemaError, match="expected encoders of the columns"):
        TableCodec.from_json(Schema(schema().columns[:2]), json.loads(text))


def given_cells(codec: TableCodec, cells: Mapping[Any, object]) -> GivenCells:
    given = condition_of(codec, (), cells).given
    if given is not None:
        return given
    codes = np.zeros((1, codec.layout.n_codes), np.uint8)
    values = np.zeros((1, codec.layout.n_values), np.float32)
    return GivenCells(np.zeros(len(codec.layout.columns), np.int64), EncodedTable(codes, values))


def literals(codec: TableCodec, cells: Mapping[Any, object]) -> Mapping[str, Literal]:
    return condition_of(codec, (), cells).literals


GIVEN: dict[str, object] = {
    "product": "p007",
    "rating": "5",
    "shop": "main",
    "spent": 0,
    "when": "1970-01-01",
    "size": "M",
    "visits": None,
}


@pytest.mark.parametrize("name", list(GIVEN))
def test_a_given_cell_sets_its_column_and_no_other(codec: TableCodec, name: str) -> None:
    given = given_cells(codec, {name: GIVEN[name]})
    row = given.cells
    assert len(row) == 1
    whole = [len(slots.cardinalities) * (slots.name == name) for slots in codec.layout.columns]
    assert given.depths.tolist() == whole
    if name in codec.layout.names:
        back = codec.decode(row)[name][0].as_py()
        expected = literals(codec, {name: GIVEN[name]})[name].as_py()
        assert back == expected
        others = [i for i, j in enumerate(codec.layout.code_columns) if codec.layout.names[j] != name]
        assert (row.codes[:, others] == 0).all()


def test_given_cells_fill_every_row_exactly(codec: TableCodec) -> None:
    rows = codec.encode(table(), np.random.default_rng(0))
    cells = {**GIVEN, "spent": "12.34", "size": "S"}
    back = codec.decode(rows, given=literals(codec, cells))
    assert back.schema.equals(modelled_schema(codec))
    expected = {**cells, "rating": 5, "spent": 12.34, "when": dt.date(1970, 1, 1)}
    for name, value in expected.items():
        assert set(back[name].to_pylist()) == {value}, name
    assert back["size"].chunk(0).dictionary.to_pylist() == ["S", "M", "XL"]


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ({"ratng": 5}, ["'ratng'", "did you mean rating"]),
        ({"note": "x"}, ["'note'", "text", "not modelled"]),
        ({"rating": 7}, ["'rating'", "got 7", "closest: 3, 4, 5"]),
        ({"rating": "good"}, ["'rating'", "int8", "'good'"]),
        ({"product": "P007"}, ["'product'", "'P007'", "p007"]),
        ({"spent": "1e9"}, ["'spent'", "from 0.0 to", "1000000000.0"]),
        ({"when": "2999-01-01"}, ["'when'", "2999-01-01", "from 19"]),
        ({"visits": 10**9}, ["'visits'", "1000000000"]),
        ({"rating": None}, ["'rating'", "missing"]),
        ({"size": "XL"}, ["'size'", "'XL'", "closest: ", "S", "M"]),
        ({"shop": "other"}, ["'shop'", "'other'", "main"]),
        ({"rating": 7, "nope": 1}, ["2 problems", "'rating'", "'nope'"]),
    ],
)
def test_impossible_conditions_are_explained(codec: TableCodec, cells: dict[str, object], texts: list[str]) -> None:
    with pytest.raises(ConditionError) as caught:
        given_cells(codec, cells)
    for text in texts:
        assert text in str(caught.value)


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT, np.datetime64("NaT"), Decimal("nan"), ""])
def test_every_marker_of_a_missing_cell_means_missing(codec: TableCodec, value: object) -> None:
    assert not literals(codec, {"visits": value})["visits"].is_valid
    with pytest.raises(ConditionError, match=r"'product': .*missing"):
        literals(codec, {"product": value})


@pytest.mark.parametrize("value", [{"a": 1}, pd.DataFrame({"a": [1]}), np.array([[1, 2]]), [], [[1, 2]]])
@pytest.mark.parametrize("name", ["rating", "product", "visits"])
def test_what_is_neither_a_value_nor_a_list_is_refused(codec: TableCodec, name: str, value: object) -> None:
    with pytest.raises(ConditionError, match=f"column '{name}': expected .* {type(value).__name__}"):
        given_cells(codec, {name: value})


@pytest.fixture(scope="module")
def labelled() -> TableCodec:
    frame = pd.DataFrame({7: ["a", "b"] * 10, "": [1, 2] * 10, "8": ["c", "d"] * 10, 9: [f"w {i}" for i in range(20)]})
    learnt = read_table(frame)
    return TableCodec.from_summaries(Schema.infer(learnt), summarize(learnt))


@pytest.mark.parametrize("key", [7, "7", np.int64(7)])
def test_a_column_answers_to_its_label_and_to_its_name(labelled: TableCodec, key: object) -> None:
    assert literals(labelled, {key: "a"})["7"].as_py() == "a"
    assert given_cells(labelled, {key: "a"}).depths.tolist() == [1, 0, 0]


def test_a_nameless_column_answers_to_the_empty_label(labelled: TableCodec) -> None:
    assert literals(labelled, {"": 1}) == literals(labelled, {"column_2": 1})


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({8: "c"}, "expected a column of the table, got 8; did you mean '8'"),
        ({7: "a", "7": "a"}, "column '7': expected it once, got it by its name and by its label"),
        ({9: "w 1"}, "column '9' is of kind key, which is not modelled"),
        ({None: 1}, "expected a column of the table, got None"),
    ],
)
def test_labels_that_fit_no_column_are_explained(
    labelled: TableCodec, cells: dict[object, object], message: str
) -> None:
    with pytest.raises(ConditionError, match=message):
        literals(labelled, cells)


def test_the_empty_text_is_a_value_where_it_is_a_category() -> None:
    small = pa.table({"a": ["", "x", None]})
    spec = ColumnSpec(name="a", kind="categorical", dtype="string", nullable=True)
    made = TableCodec.from_summaries(Schema((spec,)), summarize(small))
    assert literals(made, {"a": ""})["a"].as_py() == ""
    assert literals(made, {"a": None})["a"].as_py() is None
