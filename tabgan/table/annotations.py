"""What Arrow cannot say about a column or a table, kept in the metadata of its Arrow schema.

A field may carry the pandas dtype and label it came with and a remark of the reader on it; a table may carry the name
of its source, so that messages can name the file. Metadata of other tools is dropped on the way in: it describes a
table as it was, not as it will be sampled.
"""

import json

import pyarrow as pa

from tabgan.table.columns import Label

_DTYPE, _LABEL, _REMARK, _SOURCE = b"tabgan.pandas_dtype", b"tabgan.label", b"tabgan.remark", b"tabgan.source"


def annotated(
    field: pa.Field, pandas_dtype: str | None = None, label: Label | None = None, remark: str | None = None
) -> pa.Field:
    """The field with these annotations and no other metadata."""
    notes: dict[bytes, str] = {}
    if pandas_dtype is not None:
        notes[_DTYPE] = pandas_dtype
    if label is not None:
        notes[_LABEL] = json.dumps(label)
    if remark is not None:
        notes[_REMARK] = remark
    return field.with_metadata(notes or None)


def own_metadata(field: pa.Field) -> pa.Field:
    """The field with the annotations of this module alone."""
    kept = {key: text for key, text in (field.metadata or {}).items() if key in (_DTYPE, _LABEL, _REMARK)}
    return field.with_metadata(kept or None)


def pandas_dtype(field: pa.Field) -> str | None:
    """The pandas dtype to restore, None where nothing is known of it."""
    return _text(field.metadata, _DTYPE)


def label(field: pa.Field) -> Label | None:
    """The pandas label where it differs from the field's name."""
    text = _text(field.metadata, _LABEL)
    found: Label | None = None if text is None else json.loads(text)
    return found


def remark(field: pa.Field) -> str | None:
    """What the reader noticed about the column, for the schema's reasons."""
    return _text(field.metadata, _REMARK)


def sourced(table: pa.Table, source: str) -> pa.Table:
    """The table with the name of its source."""
    return table.replace_schema_metadata({_SOURCE: source.encode(errors="backslashreplace")})


def source(table: pa.Table) -> str:
    """The name of a table's source, "the table" where it has none."""
    return _text(table.schema.metadata, _SOURCE) or "the table"


def _text(metadata: dict[bytes, bytes] | None, key: bytes) -> str | None:
    found = (metadata or {}).get(key)
    return None if found is None else found.decode()
