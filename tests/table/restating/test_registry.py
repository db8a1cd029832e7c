"""Restatements read from JSON by their kind."""

import json

import pytest

from tabgan.errors import SchemaError
from tabgan.table.restating.one_hot import OneHotChoice
from tabgan.table.restating.registry import RESTATEMENTS, restatement_from_json

STEP = OneHotChoice(("a", "b"), ("int8", "bool"), "choice", nullable=False)


def test_a_restatement_is_read_by_its_kind() -> None:
    assert restatement_from_json(json.loads(json.dumps(STEP.to_json()))) == STEP


def test_every_kind_has_a_name_of_its_own() -> None:
    assert all(made.kind == kind for kind, made in RESTATEMENTS.items())
    assert len(RESTATEMENTS) == 10


@pytest.mark.parametrize("data", [None, [], {}, {"kind": 3}, {"kind": ["key"]}, {"kind": "magic"}])
def test_what_is_of_no_kind_is_refused(data) -> None:
    with pytest.raises(SchemaError, match=r"expected a restatement of kind calendar, .*, got"):
        restatement_from_json(data)


@pytest.mark.parametrize("kind", RESTATEMENTS)
def test_what_lacks_its_parts_is_refused(kind: str) -> None:
    with pytest.raises(SchemaError, match=rf"a restatement \({kind}\) is not valid"):
        restatement_from_json({"kind": kind})


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(SchemaError, match="two columns or more"):
        restatement_from_json(STEP.to_json() | {"columns": ["a", "a"]})
