"""Schemas of pandera: its JSON in both forms of checks, and objects with the attributes of its classes."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tabgan.errors import SchemaError
from tabgan.table.metadata import pandera

OLDER = {
    "schema_type": "dataframe",
    "version": "0.20.4",
    "columns": {
        "age": {"dtype": "int64", "nullable": False, "checks": {"in_range": {"min_value": 0, "max_value": 120}}},
        "pay": {"dtype": "float64", "nullable": True, "checks": {"greater_than": 0, "less_than_or_equal_to": 9e6}},
        "sex": {"dtype": "object", "nullable": True, "checks": {"isin": ["f", "m"]}, "required": False},
        "born": {"dtype": "datetime64[ns]", "nullable": True, "checks": None, "unique": True},
        "code": {"dtype": "object", "nullable": True, "checks": {"str_matches": "[A-Z]+", "own_check": {"x": 1}}},
        "kind": {"dtype": "category", "nullable": True, "checks": None},
        "any": {"dtype": None, "nullable": True, "checks": None},
    },
    "unique": ["age", "born"],
}
NEWER_CHECKS = [
    {"min_value": 0, "max_value": 120, "include_max": False, "options": {"check_name": "in_range"}},
    {"value": ["f", "m"], "options": {"check_name": "isin", "raise_warning": False}},
]


@dataclass
class Check:
    name: str
    statistics: dict[str, Any] | None = None


@dataclass
class Column:
    dtype: Any = None
    checks: list[Check] = field(default_factory=list)
    nullable: bool = False
    unique: bool = False
    required: bool = True
    regex: bool = False


def schema_object(columns):
    """An object whose class says that it comes from pandera."""
    made = type("DataFrameSchema", (), {"columns": columns, "unique": None})
    made.__module__ = "pandera.api.pandas.container"
    return made()


def by_name(document):
    return {hint.name: hint for hint in pandera.hints_of(document)}


def test_dtypes_and_checks():
    hints = by_name(OLDER)
    age, pay = hints["age"], hints["pay"]
    assert (age.cells, age.required, age.minimum, age.maximum) == ("integer", True, 0, 120)
    assert (pay.cells, pay.minimum, pay.open_minimum, pay.maximum, pay.open_maximum) == ("number", 0, True, 9e6, False)
    assert (hints["sex"].categories, hints["sex"].optional) == (("f", "m"), True)
    assert (hints["born"].cells, hints["born"].unique, hints["born"].unique_with) == ("time", True, ("age",))
    assert hints["code"].pattern == "[A-Z]+"
    assert hints["kind"].kind == "categorical"
    assert (hints["any"].cells, hints["any"].said) == (None, "no dtype")


def test_checks_of_the_newer_form():
    columns = {"a": {"dtype": "str", "checks": NEWER_CHECKS}}
    hint = by_name({"schema_type": "dataframe", "columns": columns})["a"]
    assert (hint.minimum, hint.maximum, hint.open_maximum, hint.open_minimum) == (0, 120, True, False)
    assert hint.categories == ("f", "m")


def test_a_schema_object_says_what_its_json_says():
    schema = schema_object(
        {
            "age": Column("int64", [Check("in_range", {"min_value": 0, "max_value": 120})]),
            "sex": Column("object", [Check("isin", {"allowed_values": {"m", "f"}})], nullable=True),
            "own": Column(None, [Check("my_check")]),
        }
    )
    assert pandera.recognises(schema)
    hints = by_name(schema)
    assert (hints["age"].minimum, hints["age"].required) == (0, True)
    assert hints["sex"].categories == ("f", "m")
    assert hints["own"].cells is None


def test_what_is_not_of_pandera_is_not_recognised():
    assert not pandera.recognises({"columns": {}})
    assert not pandera.recognises(Column())
    assert pandera.recognises(OLDER)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"schema_type": "dataframe", "columns": None}, 'expected "columns"'),
        ({"schema_type": "dataframe", "columns": {"a": 1, "b.*": {"regex": True}}}, "(?s)2 problems.*'a'.*'b"),
    ],
)
def test_schemas_that_cannot_be_read_say_why(document, says):
    with pytest.raises(SchemaError, match=says):
        pandera.hints_of(document)
