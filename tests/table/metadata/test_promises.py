"""Ranges and unique cells of metadata, as constraints that hold in the table."""

import math

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.constraints import Range, Unique
from tabgan.table.metadata.hints import ColumnHint
from tabgan.table.metadata.promises import promises_of, refuse_broken
from tabgan.table.schema import Schema


def promised(array, **hint):
    specs = Schema.infer(pa.table({"a": array})).columns
    return promises_of([ColumnHint(name="a", **hint)], specs)


NUMBERS = pa.array(np.linspace(1, 9, 60))
WHOLE = pa.array(np.arange(60) * 3 % 71)
DAYS = pa.array(np.arange(60) % 50, pa.int32()).cast(pa.date32())
NEXT = math.nextafter(0, 1)


@pytest.mark.parametrize(
    ("array", "hint", "found"),
    [
        (NUMBERS, {"minimum": 0, "maximum": 10}, [Range("a", 0, 10)]),
        (NUMBERS, {"minimum": 0, "open_minimum": True}, [Range("a", NEXT, None)]),
        (NUMBERS, {"maximum": 10.0, "open_maximum": True}, [Range("a", None, math.nextafter(10.0, 0))]),
        (WHOLE, {"minimum": 0, "open_minimum": True, "maximum": 99, "open_maximum": True}, [Range("a", 1, 98)]),
        (WHOLE, {"minimum": -0.5, "maximum": 71.5, "open_maximum": True}, [Range("a", 0, 71)]),
        (DAYS, {"minimum": "1970-01-01", "maximum": "1980-01-01"}, [Range("a", "1970-01-01", "1980-01-01")]),
        (NUMBERS, {"minimum": math.inf, "maximum": math.nan}, []),
        (NUMBERS, {"minimum": True, "maximum": [1]}, []),
        (NUMBERS, {"unique": True}, [Unique(("a",))]),
        (pa.array(["x", "y"] * 30), {"minimum": "a", "maximum": "z"}, []),
        (pa.array([1] * 60), {"unique": True}, []),
        (pa.array([f"K{i:03}" for i in range(60)]), {"unique": True, "minimum": "A"}, []),
        (NUMBERS, {}, []),
    ],
    ids=str,
)
def test_ranges_and_unique_cells(array, hint, found):
    assert list(promised(array, **hint)) == found


def test_a_key_of_several_columns_is_promised_once_in_the_order_of_the_table():
    table = pa.table({"a": [1, 1, 2], "b": [1, 2, 1], "c": [5, 5, 5]})
    hints = [ColumnHint(name="b", unique_with=("a",)), ColumnHint(name="a", unique_with=("b",)), ColumnHint(name="z")]
    assert promises_of(hints, Schema.infer(table).columns) == (Unique(("a", "b")),)


def test_broken_promises_are_counted_and_named_in_one_error():
    table = pa.table({"a": [1.0, 20.0, 30.0], "b": [1, 1, 2]})
    refuse_broken(table, [Range("a", 0, 30), Unique(("a",))])
    with pytest.raises(SchemaError) as caught:
        refuse_broken(table, [Range("a", 0, 10), Unique(("b",)), Range("b", "early", None)])
    text = str(caught.value)
    assert "3 problems" in text
    assert "2 rows break '0 <= a <= 10', row 2 first" in text
    assert "1 row breaks" in text
    assert "early" in text


def test_constraints_of_metadata_are_part_of_the_schema():
    rng = np.random.default_rng(0)
    table = pa.table(
        {"a": rng.normal(50, 9, 200).round(2), "start": np.arange(200) % 90, "end": np.arange(200) % 90 + 7}
    )
    fields = [{"name": "a", "type": "number", "constraints": {"minimum": 0, "maximum": 100}}]
    document = {"fields": [*fields, {"name": "start", "type": "integer"}, {"name": "end", "type": "integer"}]}
    schema = Schema.from_metadata(document, table)
    assert Range("a", 0, 100) in schema.constraints
    assert set(Schema.infer(table).constraints) <= set(schema.constraints)
    assert Schema.from_json(schema.to_json()) == schema
    fields[0]["constraints"]["maximum"] = 40
    with pytest.raises(SchemaError, match="rows break '0 <= a <= 40'"):
        Schema.from_metadata(document, table)
