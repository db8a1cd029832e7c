"""Each kind of string goes to its restatement."""

import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.restating.strings import RESTATEMENTS, restatement_of


@pytest.mark.parametrize("kind", RESTATEMENTS)
def test_by_kind(kind: str) -> None:
    spec = ColumnSpec(name="x", kind=kind, dtype="string", nullable=False, fake="email")  # type: ignore[arg-type]
    made = restatement_of(spec, pa.chunked_array([["a1", "b2"], ["c3"]]), lambda name, part: f"{name} {part}")
    assert type(made) is RESTATEMENTS[kind]
    assert made.sources == ("x",)


def test_other_kinds_are_refused() -> None:
    spec = ColumnSpec(name="x", kind="categorical", dtype="string", nullable=False)
    with pytest.raises(SchemaError, match="column 'x': expected one of key, pattern, personal, got categorical"):
        restatement_of(spec, pa.array(["a"]), lambda name, part: name)
