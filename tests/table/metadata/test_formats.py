"""The format of a document is told from the document."""

import pytest

from tabgan.errors import SchemaError
from tabgan.table.metadata import format_of, hints_of, tables_of

FIELDS = [{"name": "a", "type": "integer"}]


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"METADATA_SPEC_VERSION": "SINGLE_TABLE_V1", "columns": {}}, "SDV"),
        ({"tables": {"a": {}}}, "SDV"),
        ({"schema_type": "dataframe", "columns": {}}, "pandera"),
        ({"fields": FIELDS, "pandas_version": "1.4.0"}, "pandas"),
        ({"schema": {"fields": FIELDS, "pandas_version": "1.4.0"}, "data": []}, "pandas"),
        ({"fields": FIELDS}, "Frictionless"),
        ({"name": "a", "schema": {"fields": FIELDS}}, "Frictionless"),
        ({"resources": []}, "Frictionless"),
        ({"format": 1, "columns": []}, None),
        ({}, None),
        ([1], None),
        ("text", None),
        (None, None),
    ],
    ids=repr,
)
def test_formats(document, name):
    assert format_of(document) == name


def test_hints_come_from_the_module_of_the_format():
    assert [hint.name for hint in hints_of({"fields": FIELDS})] == ["a"]
    with pytest.raises(SchemaError, match="expected SDV metadata, a Frictionless"):
        hints_of([1])


def test_tables_of_documents_with_several():
    assert tables_of({"tables": {"a": {}, "b": {}}}) == ("a", "b")
    assert tables_of({"fields": FIELDS, "pandas_version": "1"}) == ()
    assert tables_of(None) == ()
