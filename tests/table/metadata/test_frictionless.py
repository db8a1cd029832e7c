"""Table schemas of Frictionless, alone, in a resource, in a package; both versions."""

import pytest

from tabgan.errors import SchemaError
from tabgan.table.metadata import frictionless

CAMERAS = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "fields": [
        {"name": "deployment_id", "type": "string", "constraints": {"required": True, "unique": True}},
        {"name": "latitude", "type": "number", "constraints": {"minimum": -90, "maximum": 90}},
        {"name": "start", "type": "datetime", "format": "%Y-%m-%dT%H:%M:%S%z"},
        {"name": "height", "type": "number", "constraints": {"exclusiveMinimum": 0}},
        {"name": "size", "type": "string", "categories": ["S", "M", "L"], "categoriesOrdered": True},
        {"name": "grade", "type": "integer", "categories": [{"value": 0, "label": "bad"}, {"value": 1}]},
        {"name": "type", "type": "string", "constraints": {"enum": ["animal", "vehicle"]}},
        {"name": "contact", "type": "string", "format": "email"},
        {"name": "code", "constraints": {"pattern": "[A-Z]{3}-[0-9]+"}},
    ],
    "primaryKey": "deployment_id",
    "missingValues": ["", "NA", {"value": "-", "label": "not seen"}],
}


def by_name(document, table=None):
    return {hint.name: hint for hint in frictionless.hints_of(document, table)}


def test_types_constraints_and_key():
    hints = by_name(CAMERAS)
    key = hints["deployment_id"]
    assert (key.key, key.unique, key.required, key.said) == (True, True, True, "primary key, type string")
    assert (hints["latitude"].cells, hints["latitude"].minimum, hints["latitude"].maximum) == ("number", -90, 90)
    assert (hints["start"].cells, hints["start"].time_format) == ("time", "%Y-%m-%dT%H:%M:%S%z")
    assert (hints["height"].minimum, hints["height"].open_minimum, hints["height"].maximum) == (0, True, None)
    assert (hints["size"].kind, hints["size"].categories, hints["size"].ordered) == (
        "categorical",
        ("S", "M", "L"),
        True,
    )
    assert hints["grade"].categories == (0, 1)
    assert hints["type"].categories == ("animal", "vehicle")
    assert (hints["contact"].kind, hints["contact"].fake) == ("personal", "email")
    assert (hints["code"].pattern, hints["code"].cells, hints["code"].said) == ("[A-Z]{3}-[0-9]+", None, "")


def test_missing_values_are_those_of_the_schema_or_of_the_field():
    fields = [{"name": "a", "type": "string"}, {"name": "b", "type": "string", "missingValues": ["?"]}]
    hints = by_name({"fields": fields, "missingValues": ["", "NA", {"value": "-"}]})
    assert hints["a"].missing_values == ("NA", "-")
    assert hints["b"].missing_values == ("?",)


def test_a_resource_and_a_package_hold_a_schema():
    resource = {"name": "cameras", "path": "cameras.csv", "schema": CAMERAS}
    other = {"name": "lenses", "path": "lenses.csv", "schema": {"fields": [{"name": "f"}]}}
    assert by_name(resource) == by_name(CAMERAS)
    assert by_name({"resources": [resource]}) == by_name(CAMERAS)
    assert by_name({"resources": [other, resource]}, "cameras") == by_name(CAMERAS)
    assert frictionless.tables_of({"resources": [other, resource]}) == ("lenses", "cameras")
    assert frictionless.tables_of(resource) == ()


@pytest.mark.parametrize(
    ("document", "table", "says"),
    [
        ({"resources": [{"name": "a"}, {"name": "b"}]}, None, "2 tables, 'a', 'b'; say which"),
        ({"resources": [{"name": "a"}, {"name": "b"}]}, "c", "no resource 'c'; it describes 'a', 'b'"),
        ({"resources": []}, None, r'expected "resources"'),
        ({"resources": ["a"]}, None, r'expected "resources"'),
        ({"resources": [{"name": "a"}]}, None, "expected a table schema"),
        ({"schema": "schema.json"}, None, "lies in 'schema.json'"),
        ({"fields": []}, None, r'expected "fields".*got \[\]'),
        ({"fields": {"a": 1}}, None, r'expected "fields"'),
        ({"fields": [{"name": "a"}, {"type": "x"}, {"name": "a"}]}, None, "(?s)2 problems.*field 2.*called 'a'"),
        ({"fields": [{"name": "a"}], "primaryKey": ["z"]}, None, "'primaryKey' names the column 'z'"),
    ],
)
def test_documents_that_cannot_be_read_say_what_was_expected(document, table, says):
    with pytest.raises(SchemaError, match=says):
        frictionless.hints_of(document, table)


def test_unknown_and_nested_types_are_remarked_on():
    hints = by_name({"fields": [{"name": "a", "type": "colour"}, {"name": "b", "type": "array"}]})
    assert "'colour'" in hints["a"].remark
    assert "nested" in hints["b"].remark
    assert (hints["a"].cells, hints["b"].cells) == (None, None)


def test_a_key_of_several_columns_is_unique_as_a_whole():
    hints = by_name({"fields": [{"name": "a"}, {"name": "b"}], "primaryKey": ["a", "b"]})
    assert hints["a"].unique_with == ("b",)
    assert (hints["a"].unique, hints["a"].key, hints["a"].said) == (False, False, "part of the primary key")


def test_constraints_of_a_wrong_shape_say_nothing():
    fields = [{"name": "a", "constraints": "none"}, {"name": "b", "constraints": {"enum": "x", "pattern": 7}}]
    hints = by_name({"fields": fields})
    assert (hints["a"].categories, hints["b"].categories, hints["b"].pattern) == (None, None, None)
