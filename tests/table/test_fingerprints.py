"""Fingerprints know real texts again, and many others as well."""

import json

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.fingerprints import Refused, fingerprints, salt_of

REAL = pa.array([f"real {i}" for i in range(1_000)])
OTHER = pa.array([f"other {i}" for i in range(10_000)])


def test_real_texts_are_refused_and_a_fifth_of_all_others() -> None:
    refused = Refused.of(REAL, "salt")
    assert refused.holds(REAL).all()
    assert 0.18 < refused.holds(OTHER).mean() < 0.26
    assert Refused.from_json(json.loads(json.dumps(refused.to_json()))) == refused


def test_the_document_holds_no_text() -> None:
    assert "real" not in json.dumps(Refused.of(REAL, salt_of(REAL)).to_json())


def test_salts_differ_and_change_fingerprints() -> None:
    assert salt_of(REAL) == salt_of(REAL)
    assert salt_of(REAL) != salt_of(OTHER)
    assert salt_of(pa.array(["a", None])) != salt_of(pa.array(["a"]))
    one, two = (fingerprints(REAL, salt, 1 << 20) for salt in ("a", "b"))
    assert np.mean(one == two) < 0.01
    assert one.min() >= 0
    assert one.max() < 1 << 20


def test_none_are_refused() -> None:
    refused = Refused.of(REAL.slice(0, 0), "salt")
    assert not refused.holds(OTHER).any()
    assert Refused.from_json(refused.to_json()) == refused


@pytest.mark.parametrize("fields", [("salt", 100, "AA=="), ("salt", -1, ""), ("s" * 99, 0, ""), ("salt", 1.5, "AA==")])
def test_what_is_none(fields: tuple[str, int, str]) -> None:
    with pytest.raises(SchemaError):
        Refused(*fields)
