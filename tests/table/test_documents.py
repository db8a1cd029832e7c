"""Schemas as JSON: pleasant to read, and refused with all that is wrong."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.documents import from_json, spec_problems, spec_to_json


def column(**changes: Any) -> dict[str, Any]:
    return {"name": "x", "kind": "categorical", "dtype": "int64", "nullable": False, **changes}


def test_what_is_usual_is_left_out() -> None:
    spec = ColumnSpec(name="x", kind="categorical", dtype="int64", nullable=False, reason="integer, 5 values")
    assert spec_to_json(spec) == {
        "name": "x",
        "kind": "categorical",
        "dtype": "int64",
        "nullable": False,
        "reason": "integer, 5 values",
    }


@pytest.mark.parametrize(
    "categories",
    [
        pa.array(["b", "a"]),
        pa.array([3, 1], pa.int16()),
        pa.array([2**63], pa.uint64()),
        pa.array([0.1, 2.0]),
        pa.array([True, False]),
        pa.array([dt.date(2020, 1, 1)]),
        pa.array([1, 2], pa.timestamp("ns")),
        pa.array([1, 2], pa.timestamp("us", "Europe/Berlin")),
        pa.array([dt.time(1, 2, 3)], pa.time32("s")),
        pa.array([dt.time(1, 2, 3, 4)]),
        pa.array([1, 2], pa.duration("ns")),
        pa.array([Decimal("1.50")]),
        pa.nulls(0),
    ],
    ids=lambda array: str(array.type),
)
def test_categories_of_every_type_survive(categories: pa.Array) -> None:
    dtype = pa.dictionary(pa.int8(), categories.type)
    spec = ColumnSpec(
        name="x",
        kind="constant",
        dtype=str(dtype),
        nullable=True,
        categories=tuple(categories.to_pylist()),
        ordered=True,
    )
    text = json.dumps({"columns": [spec_to_json(spec)]})
    ((found,), _) = from_json(json.loads(text))
    assert found == spec
    assert found.category_array is not None
    assert found.category_array.equals(categories)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"kind": "category"}, "expected one of categorical, high_cardinality"),
        ({"kind": ["key"]}, "expected one of categorical"),
        ({"dtype": "integer"}, "expected the name of an Arrow type"),
        ({"nullable": "yes"}, "expected true or false as 'nullable', got 'yes'"),
        ({"encoding": "onehot"}, "expected one of quantile, modes"),
        ({"categories": "a"}, "expected a list, or null as 'categories'"),
        ({"label": float("inf")}, "expected text, a finite number, or null as 'label', got inf"),
        ({"pandas_dtype": "nonsense"}, "expected a pandas dtype for int64, got 'nonsense'; leave it out"),
        ({"dtype": "string", "pandas_dtype": "int64"}, "expected a pandas dtype for string, got 'int64'"),
        ({"pandas_dtype": "category[nonsense]"}, "got 'category[nonsense]'"),
        ({"pandas_dtype": "nonsense[pyarrow]"}, "got 'nonsense[pyarrow]'"),
        ({"knd": "x"}, "unknown key 'knd'; known are name, kind"),
        ({"categories": ["a"], "dtype": "dictionary<values=int64, indices=int8, ordered=0>"}, "column 'x': "),
    ],
)
def test_wrong_columns_are_explained(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        from_json({"format": 1, "columns": [column(**changed)]})
    assert message in str(caught.value)
    assert "column 'x'" in str(caught.value)


def test_all_problems_are_in_one_error() -> None:
    document = {"format": 2, "colums": [], "columns": [column(kind="a", nullable=3), 5, {"name": "y"}]}
    with pytest.raises(SchemaError) as caught:
        from_json(document)
    message = str(caught.value)
    assert "7 problems" in message
    for part in ("'colums'", "format 1", "'kind'", "'nullable'", "expected an object, got 5", "'dtype' is lacking"):
        assert part in message


@pytest.mark.parametrize("document", [None, [], {}, {"columns": {}}, "x"])
def test_what_is_no_schema_at_all(document: Any) -> None:
    with pytest.raises(SchemaError, match="expected a schema"):
        from_json(document)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (ColumnSpec(name="x", kind="continuous", dtype="string", nullable=True), "choose categorical"),
        (ColumnSpec(name="x", kind="continuous", dtype="bool", nullable=True), "choose categorical"),
        (ColumnSpec(name="x", kind="datetime", dtype="int64", nullable=True), "expected timestamps"),
        (ColumnSpec(name="x", kind="categorical", dtype="null", nullable=True), "can only be constant"),
        (ColumnSpec(name="x", kind="categorical", dtype="int64", nullable=True, categories=(1,)), "no dictionary"),
        (
            ColumnSpec(
                name="x",
                kind="categorical",
                dtype="dictionary<values=int64, indices=int8, ordered=0>",
                nullable=True,
                categories=(1, 1),
            ),
            "different from each other",
        ),
    ],
)
def test_fields_that_contradict_each_other(spec: ColumnSpec, message: str) -> None:
    problems = spec_problems(spec)
    assert len(problems) == 1
    assert message in problems[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "key", "dtype": "bool"}, "expected text or whole numbers for a key column, got boolean"),
        ({"kind": "key", "dtype": "date32[day]"}, "expected text or whole numbers for a key column, got date"),
        ({"kind": "pattern", "dtype": "int64"}, "expected text for a pattern column, got integer"),
        ({"kind": "personal", "dtype": "double", "fake": "name"}, "expected text for a personal column, got number"),
        ({"kind": "personal", "dtype": "string"}, "as 'fake', got none"),
        ({"kind": "personal", "dtype": "string", "fake": "emial"}, "'emial'; did you mean email"),
        ({"kind": "personal", "dtype": "string", "fake": "email", "locale": "xx"}, "a locale of Faker"),
    ],
)
def test_columns_that_cannot_be_made_anew(changes: dict[str, Any], message: str) -> None:
    (problem,) = spec_problems(ColumnSpec(**column(**changes)))
    assert message in problem


@pytest.mark.parametrize(
    "changes",
    [
        *({"kind": "key", "dtype": dtype} for dtype in ("string", "uint64", "double", "decimal128(9, 0)")),
        {"kind": "pattern", "dtype": "large_string"},
        {"kind": "personal", "dtype": "string", "fake": "iban", "locale": "de_DE", "consistent": True},
    ],
)
def test_columns_that_can_be_made_anew(changes: dict[str, Any]) -> None:
    spec = ColumnSpec(**column(**changes))
    assert spec_problems(spec) == []
    assert from_json({"columns": [spec_to_json(spec)]})[0] == (spec,)
