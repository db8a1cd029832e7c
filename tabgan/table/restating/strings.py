"""The restatement of a column of strings that is not learnt as it is: keys, patterns and personal data."""

import pyarrow as pa

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.restating.base import FreeName
from tabgan.table.restating.fake import Fake
from tabgan.table.restating.key import Key
from tabgan.table.restating.pattern import Pattern

RESTATEMENTS: dict[str, type[Key] | type[Pattern] | type[Fake]] = {"key": Key, "pattern": Pattern, "personal": Fake}
"""By the kind of the column; each class has the name that it bears in JSON as `kind`."""


def restatement_of(spec: ColumnSpec, cells: pa.Array | pa.ChunkedArray, free: FreeName) -> Key | Pattern | Fake:
    """What writes a column of the kind "key", "pattern" or "personal".

    Args:
        spec: of the column.
        cells: all its cells, of its Arrow type.
        free: names learnt columns.

    Raises:
        SchemaError: if the column is of another kind, or its cells do not suit it.
    """
    if spec.kind not in RESTATEMENTS:
        raise SchemaError(f"column {spec.name!r}: expected one of {', '.join(RESTATEMENTS)}, got {spec.kind}")
    return RESTATEMENTS[spec.kind].fit(spec, cells, free)
