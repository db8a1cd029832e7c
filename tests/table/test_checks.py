"""Encoders of a model file are checked when they are read, and not when rows are made."""

import copy
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import encoder_from_json
from tabgan.table.encoders.checks import are_numbers, ascend
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize

KINDS = {"category": "categorical", "id": "high_cardinality", "number": "continuous", "mode": "continuous"}


def _codec() -> TableCodec:
    rng = np.random.default_rng(0)
    numbers = np.where(rng.random(200) < 0.3, 0.0, rng.normal(size=200))
    table = pa.table(
        {
            "category": pa.array([1, 2, 3, 4] * 50),
            "id": [f"p{i % 90}" for i in range(200)],
            "number": numbers,
            "mode": pa.array(rng.integers(0, 99, 200), pa.int8()),
            "constant": ["x"] * 200,
        }
    )
    specs = [
        ColumnSpec(
            name=field.name,
            kind=KINDS.get(field.name, "constant"),  # type: ignore[arg-type]
            dtype=str(field.type),
            nullable=False,
            encoding="modes" if field.name == "mode" else "quantile",
        )
        for field in table.schema
    ]
    return TableCodec.from_summaries(Schema(tuple(specs)), summarize(table))


CODEC = _codec()
WRONG: list[tuple[str, tuple[str, ...], Any]] = [
    ("category", ("kind",), "one-hot"),
    ("category", ("kind",), []),
    ("category", ("nullable",), "no"),
    ("category", ("nullable",), True),
    ("category", ("categories",), None),
    ("category", ("categories", "cells"), ["a", "b"]),
    ("category", ("categories", "cells"), [1, 1]),
    ("category", ("categories", "cells"), [1, None]),
    ("category", ("categories", "cells"), []),
    ("category", ("categories", "cells"), 5),
    ("category", ("categories", "dtype"), "nonsense"),
    ("category", ("categories", "dtype"), "int32"),
    ("category", ("categories", "declared"), [1, 2, 3, 4]),
    ("id", ("sizes",), [91]),
    ("id", ("sizes",), [10.0] * 9),
    ("id", ("sizes",), [0, *[10] * 9]),
    ("id", ("sizes",), []),
    ("number", ("edges",), []),
    ("number", ("edges",), ["a"]),
    ("number", ("edges",), [0.0, math.inf]),
    ("number", ("edges",), [0.0, 0.5, 0.5, 1.0]),
    ("number", ("edges",), [0.0, 0.5]),
    ("number", ("sizes",), []),
    ("number", ("sizes",), [1.0]),
    ("number", ("sizes",), [0, 1]),
    ("number", ("nullable",), None),
    ("number", ("dtype",), "string"),
    ("number", ("dtype",), "int64"),
    ("number", ("map",), {}),
    ("number", ("map", "ranks"), []),
    ("number", ("map", "ranks"), 0.5),
    ("number", ("map", "ranks"), [0.5]),
    ("number", ("map", "values"), []),
    ("number", ("map", "dtype"), "int64"),
    ("number", ("map", "dtype"), "object"),
    ("number", ("map", "unit"), 0),
    ("number", ("map", "decimals"), 1.5),
    ("mode", ("means",), []),
    ("mode", ("means",), 3),
    ("mode", ("scale",), 0.0),
    ("mode", ("scale",), math.nan),
    ("mode", ("low",), 1000),
    ("mode", ("low",), "1"),
    ("mode", ("unit",), None),
    ("constant", ("categories", "cells"), ["x", "y"]),
]


def _changed(name: str, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(json.loads(json.dumps(CODEC.to_json())))
    change(document["columns"][name])
    return document


@pytest.mark.parametrize(("name", "path", "value"), WRONG, ids=[f"{n}-{'.'.join(p)}-{v!r:.12}" for n, p, v in WRONG])
def test_wrong_encoders_are_refused_by_name(name: str, path: tuple[str, ...], value: Any) -> None:
    def change(column: dict[str, Any]) -> None:
        for key in path[:-1]:
            column = column[key]
        column[path[-1]] = value

    with pytest.raises(SchemaError, match=f"column '{name}'"):
        TableCodec.from_json(CODEC.schema, _changed(name, change))


@pytest.mark.parametrize("which", ["ranks", "values"])
def test_knots_that_descend_are_refused(which: str) -> None:
    with pytest.raises(SchemaError, match="ascending"):
        TableCodec.from_json(CODEC.schema, _changed("number", lambda column: column["map"][which].reverse()))


@pytest.mark.parametrize("name", list(CODEC.schema.names))
def test_a_key_that_is_lacking_is_named(name: str) -> None:
    for key in CODEC.to_json()["columns"][name]:
        with pytest.raises(SchemaError, match=f"column '{name}'"):
            TableCodec.from_json(CODEC.schema, _changed(name, lambda column, key=key: column.pop(key)))


def test_an_encoder_of_another_kind_is_refused() -> None:
    document = CODEC.to_json()
    document["columns"]["number"] = document["columns"]["mode"]
    document["columns"]["id"] = None
    with pytest.raises(SchemaError, match="2 problems"):
        TableCodec.from_json(CODEC.schema, document)


@pytest.mark.parametrize("document", [None, [], {}, {"columns": None}, {"columns": []}])
def test_a_codec_that_is_none_is_refused(document: Any) -> None:
    with pytest.raises(SchemaError, match="expected a list of hierarchies"):
        TableCodec.from_json(CODEC.schema, document)
    if isinstance(document, dict):
        with pytest.raises(SchemaError, match="expected encoders of the columns"):
            TableCodec.from_json(CODEC.schema, document | {"hierarchies": []})
    with pytest.raises(SchemaError):
        encoder_from_json(document)


def test_numbers_fit_their_type() -> None:
    assert are_numbers((1, 2.5))
    assert not are_numbers((True,))
    assert not are_numbers((float("nan"),))
    assert are_numbers((2**64 - 1,), "uint64")
    assert not are_numbers((2**64,), "uint64")
    assert not are_numbers((1.0,), "int64")


def test_ascending() -> None:
    assert ascend([1, 1, 2])
    assert not ascend([1, 1, 2], strictly=True)
    assert not ascend([2, 1])
    assert ascend([])
