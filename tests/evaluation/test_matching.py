import datetime as dt

import pyarrow as pa
import pytest

from tabgan.errors import InputError, SchemaError
from tabgan.evaluation.matching import common_type, match
from tabgan.table.schema import ColumnSpec, Schema


def chunked(cells, dtype=None):
    return pa.chunked_array([pa.array(cells, dtype)])


@pytest.mark.parametrize(
    ("real", "synthetic", "dtype", "said"),
    [
        (chunked([1, 2]), chunked([1, 2], pa.int16()), pa.int64(), False),
        (chunked([1, 2]), chunked([1.0, None, float("nan")]), pa.int64(), True),
        (chunked([1, 2]), chunked([1.5, 2.0]), pa.float64(), True),
        (chunked([1, 2]), chunked(["1", "2"]), pa.int64(), True),
        (chunked(["1", "2"]), chunked([1, 2]), pa.string(), True),
        (chunked(["a"]), chunked(["b"], pa.large_string()), pa.string(), False),
        (chunked(["a"]), chunked([None, None]), pa.string(), False),
        (chunked([None, None]), chunked([1.5]), pa.float64(), False),
        (chunked([True]), chunked([1, 0]), pa.bool_(), True),
        (chunked([1.5], pa.float32()), chunked([1.1]), pa.float64(), False),
        (chunked([dt.date(2024, 1, 1)]), chunked([dt.datetime(2024, 1, 2)]), pa.date32(), True),
        (chunked([dt.date(2024, 1, 1)]), chunked([dt.datetime(2024, 1, 2, 3)]), pa.timestamp("us"), True),
    ],
)
def test_types_are_brought_together_without_loss(real, synthetic, dtype, said):
    found = common_type(real, synthetic)
    assert found.real.type == found.synthetic.type == dtype
    assert bool(found.caveats) == said


@pytest.mark.parametrize(
    ("real", "synthetic"),
    [
        (chunked([1, 2]), chunked(["a", "2"])),
        (chunked([True, False]), chunked([2, 1])),
        (chunked([dt.date(2024, 1, 1)]), chunked([19_000])),
        (chunked([1]), chunked([[1]])),
    ],
)
def test_types_that_do_not_fit(real, synthetic):
    assert common_type(real, synthetic) is None


def schema(**kinds) -> Schema:
    types = {"left_out": "string", "continuous": "double", "text": "string", "key": "string", "categorical": "string"}
    specs = [ColumnSpec(name=n, kind=k, dtype=types[k], nullable=True, reason="so") for n, k in kinds.items()]
    return Schema(tuple(specs))


def test_every_difference_is_in_one_error():
    real = pa.table({"a": [1.5], "b": [2.5], "c": ["x"], "d": ["y"]})
    synthetic = pa.table({"a": ["one"], "c": ["x"], "e": [1], "f": [1]})
    with pytest.raises(SchemaError) as caught:
        match(real, synthetic, schema(a="continuous", b="continuous", c="categorical", d="categorical"))
    message = str(caught.value)
    assert "missing from the synthetic table: 'b', 'd'" in message
    assert "in the synthetic table only: 'e', 'f'" in message
    assert "column 'a': expected number as in the real table, got text" in message


def test_free_text_and_keys_may_be_left_out():
    real = pa.table({"a": [1.5], "note": ["some words"], "id": ["k1"]})
    found = match(real, pa.table({"id": ["k2"], "a": [2.5]}), schema(a="continuous", note="text", id="key"))
    assert [column.name for column in found.columns] == ["a"]
    reasons = {entry.what: entry.reason for entry in found.not_computed}
    assert "free text" in reasons["column 'note'"]
    assert "does not have it" in reasons["column 'note'"]
    assert list(reasons) == ["column 'note'"]
    assert [(column.name, column.kind) for column in found.written] == [("id", "key")]


def test_written_columns_are_text_in_the_same_words():
    real = pa.table(
        {"id": pa.array([1, 2, None], pa.int32()), "x": ["7", "8", "9"], "f": pa.array([1.0, 2.0, float("nan")])}
    )
    made = pa.table({"id": [3.0, 4.0], "x": [7, 8], "f": pa.array([1, 2], pa.float16())})
    held_out = pa.table({"id": pa.array([5], pa.uint64()), "x": ["7"], "f": [2.5]})
    found = {column.name: column for column in match(real, made, schema(id="key", x="key", f="key"), held_out).written}
    assert found["id"].real.to_pylist() == ["1", "2", None]
    assert found["id"].synthetic.to_pylist() == ["3", "4"]
    assert found["id"].held_out.to_pylist() == ["5"]
    assert found["x"].synthetic.to_pylist() == ["7", "8"]
    assert found["f"].real.null_count == 1
    (caveat,) = found["x"].caveats
    assert caveat.code == "cast"


def test_held_out_rows_may_lack_written_columns_and_left_out_ones_are_named():
    real = pa.table({"a": [1.5], "note": ["some words"], "z": ["q"]})
    found = match(real, real, schema(a="continuous", note="text", z="left_out"), pa.table({"a": [2.5]}))
    assert found.written[0].held_out is None
    assert [(entry.what, entry.reason) for entry in found.not_computed] == [
        ("column 'z'", "left out by the schema (so)")
    ]


def test_held_out_rows_are_laid_beside_the_others():
    kinds = schema(a="continuous", c="categorical")
    real, synthetic = pa.table({"a": [1.5, 2.5], "c": ["x", "y"]}), pa.table({"c": ["z"], "a": [2.5]})
    held_out = pa.table({"c": ["y", "q", None], "a": [2.0, None, 1.5]})
    number, letter = match(real, synthetic, kinds, held_out).columns
    assert number.support.to_pylist() == [1.5, 2.0, 2.5]
    assert [side.tolist() for side in (number.real, number.synthetic, number.held_out)] == [[0, 2], [2], [1, 3, 0]]
    assert letter.held_out.tolist() == [2, 0, 4]


def test_differences_of_both_tables_are_in_one_error():
    real, held_out = pa.table({"a": [1.5], "c": ["x"]}), pa.table({"a": [1.5], "c": ["x"], "d": [1]})
    with pytest.raises(SchemaError) as caught:
        match(real, pa.table({"a": [1.5]}), schema(a="continuous", c="categorical"), held_out)
    message = str(caught.value)
    assert "missing from the synthetic table: 'c'" in message
    assert "in the held-out table only: 'd'" in message


def test_held_out_cells_must_fit_the_others():
    real = pa.table({"a": [1.5]})
    with pytest.raises(SchemaError, match="got text in the held-out one"):
        match(real, real, schema(a="continuous"), pa.table({"a": ["one"]}))
    with pytest.raises(InputError, match="the held-out table"):
        match(real, real, schema(a="continuous"), real.slice(0, 0))


@pytest.mark.parametrize("side", ["real", "synthetic"])
def test_an_empty_table_is_refused_by_name(side):
    tables = {"real": pa.table({"a": [1.5]}), "synthetic": pa.table({"a": [1.5]})}
    tables[side] = tables[side].slice(0, 0)
    with pytest.raises(InputError, match=f"the {side} table"):
        match(**tables, schema=schema(a="continuous"))


@pytest.mark.parametrize(
    ("real", "synthetic", "held_out", "dtype"),
    [
        (chunked([None]), chunked([None]), chunked([1.5]), pa.float64()),
        (chunked([None]), chunked(["a"]), chunked(["b"]), pa.string()),
        (chunked([None]), chunked([1]), chunked([1.5]), pa.float64()),
        (chunked([1]), chunked([2]), chunked([1.5]), pa.float64()),
        (chunked([1]), chunked([2.5]), chunked([None]), pa.float64()),
        (chunked(["1"]), chunked(["2"]), chunked([1]), pa.string()),
    ],
)
def test_three_types_are_brought_to_one(real, synthetic, held_out, dtype):
    tables = [pa.table({"a": cells}) for cells in (real, synthetic, held_out)]
    (column,) = match(tables[0], tables[1], schema(a="categorical"), tables[2]).columns
    assert column.support.type == dtype
    assert [len(side) for side in (column.real, column.synthetic, column.held_out)] == [1, 1, 1]
