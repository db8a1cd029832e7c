"""Whatever JSON is given as metadata, it is read or refused in words; nothing else is ever raised."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.errors import SchemaError
from tabgan.table.metadata import format_of, hints_of, tables_of
from tabgan.table.schema import Schema

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(
        ["a", "b", "id", "email", "numerical", "categorical", "integer", "string", "V1", "SINGLE_TABLE_V1", "in_range"]
    )
    | st.text(max_size=3)
)
KEYS = st.sampled_from(
    [
        *("columns", "tables", "sdtype", "pii", "primary_key", "alternate_keys", "METADATA_SPEC_VERSION", "order"),
        *(
            "fields",
            "name",
            "type",
            "format",
            "constraints",
            "enum",
            "minimum",
            "primaryKey",
            "missingValues",
            "schema",
        ),
        *("resources", "pandas_version", "schema_type", "checks", "options", "check_name", "dtype", "unique", "a", "b"),
    ]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
HEADS = st.sampled_from(
    [
        {},
        {"METADATA_SPEC_VERSION": "SINGLE_TABLE_V1"},
        {"METADATA_SPEC_VERSION": "V1"},
        {"schema_type": "dataframe"},
        {"pandas_version": "1.4.0"},
    ]
)
ENTRY = st.dictionaries(KEYS, VALUES, max_size=5)
BODIES = (
    st.builds(lambda entries: {"columns": entries}, st.dictionaries(st.sampled_from(["a", "b"]), ENTRY, max_size=2))
    | st.builds(lambda entries: {"fields": entries}, st.lists(ENTRY, max_size=2))
    | ENTRY
)


@settings(deadline=None, max_examples=150)
@given(HEADS, BODIES, ENTRY)
def test_any_document_is_read_or_refused(head, body, more):
    document = more | body | head
    before = json.dumps(document)
    tables_of(document)
    try:
        hints = hints_of(document)
    except SchemaError:
        hints = ()
    assert format_of(document) is not None or not hints
    assert len({hint.name for hint in hints}) == len(hints)
    assert json.dumps(document) == before


@pytest.mark.filterwarnings("ignore::tabgan.errors.DataWarning")
@settings(deadline=None, max_examples=30)
@given(st.dictionaries(KEYS, VALUES, max_size=5), st.dictionaries(KEYS, VALUES, max_size=5))
def test_any_description_of_a_table_makes_a_schema_or_is_refused(first, second):
    table = pa.table({"a": [1, 2, 3] * 10, "b": [f"x{i}" for i in range(30)]})
    for document in (
        {"columns": {"a": {"sdtype": "numerical"} | first, "b": {"sdtype": "id"} | second}},
        {"fields": [first | {"name": "a"}, second | {"name": "b"}]},
        {"schema_type": "dataframe", "columns": {"a": first, "b": second}},
    ):
        try:
            schema = Schema.from_metadata(document, table)
        except SchemaError:
            continue
        assert schema.names == ("a", "b")
        assert Schema.from_json(json.loads(json.dumps(schema.to_json()))) == schema
