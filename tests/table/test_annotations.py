import pyarrow as pa

from tabgan.table import annotations


def test_annotations_are_read_back() -> None:
    field = annotations.annotated(pa.field("5", pa.int64(), metadata={"foreign": "x"}), "Int64", 5, "odd")
    assert annotations.pandas_dtype(field) == "Int64"
    assert annotations.label(field) == 5
    assert annotations.remark(field) == "odd"
    assert b"foreign" not in field.metadata


def test_a_bare_field_says_nothing() -> None:
    field = pa.field("a", pa.int64())
    assert annotations.pandas_dtype(field) is None
    assert annotations.label(field) is None
    assert annotations.remark(field) is None


def test_labels_keep_their_type() -> None:
    for label in (5, 2.5, True, ""):
        found = annotations.label(annotations.annotated(pa.field("x", pa.int8()), label=label))
        assert found == label
        assert type(found) is type(label)


def test_foreign_metadata_is_dropped_and_own_is_kept() -> None:
    field = annotations.annotated(pa.field("a", pa.int64()), "int64").with_metadata({"tabgan.label": "5", "x": "y"})
    kept = annotations.own_metadata(field)
    assert annotations.label(kept) == 5
    assert set(kept.metadata) == {b"tabgan.label"}


def test_a_table_knows_its_source() -> None:
    table = pa.table({"a": [1]})
    assert annotations.source(table) == "the table"
    assert annotations.source(annotations.sourced(table, "reviews ü.csv")) == "reviews ü.csv"
