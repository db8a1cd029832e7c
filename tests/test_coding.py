"""A table's way to codes and back."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import Schema, TabGAN, TrainingConfig
from tabgan.coding import Coding
from tabgan.errors import InputError, SchemaError
from tabgan.table.constraints import Predicate
from tabgan.table.files import read_table
from tabgan.table.restating.base import Rows

from .small_shop import broken_rules, spec_of

RULE = "a and b are not both 0"


@pytest.fixture(scope="module")
def schema(shop: pa.Table) -> Schema:
    return Schema.infer(shop)


@pytest.fixture(scope="module")
def coding(shop: pa.Table, schema: Schema) -> Coding:
    return Coding.fit(schema, schema.conform(shop), 3)[0]


def back(coding: Coding, encoded: Any) -> pa.Table:
    learnt = coding.codec.decode(encoded)
    columns = {name: learnt[name].combine_chunks() for name in learnt.column_names}
    return coding.recast.write(columns, Rows(0, 0, len(encoded)))


def test_codes_lead_back_to_the_table(shop: pa.Table, schema: Schema) -> None:
    coding, encoded = Coding.fit(schema, schema.conform(shop), 3)
    table = back(coding, encoded)
    assert coding.schema == schema
    assert table.schema == schema.arrow_schema
    for name in set(shop.column_names) - {"id"}:
        assert table[name].to_pylist() == shop[name].to_pylist(), name
    assert broken_rules(table) == {}


def test_the_seed_decides_where_in_their_cells_numbers_lie(shop: pa.Table, schema: Schema) -> None:
    one, same, other = (Coding.fit(schema, schema.conform(shop), seed)[1] for seed in (1, 1, 2))
    assert (one.codes == other.codes).all()
    assert (one.values == same.values).all()
    assert (one.values != other.values).any()


def test_fitting_changes_nothing(shop: pa.Table, schema: Schema) -> None:
    table = schema.conform(shop)
    before = table.to_pylist()
    Coding.fit(schema, table, 0)
    assert table.to_pylist() == before


def test_json_round_trip(coding: Coding, shop: pa.Table, schema: Schema) -> None:
    again = Coding.from_json(json.loads(json.dumps(coding.to_json())))
    assert again.recast == coding.recast
    assert again.codec.layout == coding.codec.layout
    encoded = Coding.fit(schema, schema.conform(shop), 3)[1]
    assert back(again, encoded).equals(back(coding, encoded))


@pytest.mark.parametrize("part", ["schema", "restatements", "codec"])
def test_parts_that_do_not_fit_each_other_are_refused(coding: Coding, part: str) -> None:
    data = json.loads(json.dumps(coding.to_json()))
    for damaged in (data | {part: None}, data | {part: {}}, {name: own for name, own in data.items() if name != part}):
        with pytest.raises((SchemaError, LookupError, TypeError)):
            Coding.from_json(damaged)


def test_restatements_that_were_taken_away_are_noticed(coding: Coding) -> None:
    data = json.loads(json.dumps(coding.to_json()))
    data["restatements"]["steps"] = data["restatements"]["steps"][:-1]
    with pytest.raises(SchemaError):
        Coding.from_json(data)


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        (pa.table({"a": [1, 1, 1], "b": ["x", "x", "x"]}), ("constant", "constant")),
        (pa.table({"a": [1, 2, 3]}), ("key",)),
        (pa.table({"a": [1, 2, 3], "b": [7, 7, 7]}), ("key", "constant")),
    ],
)
def test_where_nothing_varies_there_is_nothing_to_learn(table: pa.Table, kinds: tuple[str, ...]) -> None:
    pairs = zip(table.schema, kinds, strict=True)
    schema = Schema(tuple(spec_of(field.name, str(field.type), kind) for field, kind in pairs))
    with pytest.raises(InputError, match="nothing to learn: expected a column that varies"):
        Coding.fit(schema, table, 0)


def test_columns_that_cannot_be_encoded_are_all_named() -> None:
    table = pa.table({"a": [1.5, 2.5], "b": [0.5, 1.25], "c": np.arange(2)})
    schema = Schema((spec_of("a", "double", "key"), spec_of("b", "double", "key"), spec_of("c", "int64")))
    with pytest.raises(SchemaError, match="2 problems"):
        Coding.fit(schema, table, 0)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"a": random.integers(0, 3, 400), "b": random.integers(0, 3, 400)})
    frame = frame[frame.sum(axis=1) > 0]
    schema = Schema(Schema.infer(read_table(frame)).columns, (Predicate(RULE, not_both),))
    path = tmp_path_factory.mktemp("rules") / "rules.tabgan"
    model = TabGAN(TrainingConfig(steps=20), seed=1).fit(frame, schema=schema)
    assert not_both(model.sample(500)).all()
    model.save(path)
    return path


def not_both(frame: pd.DataFrame) -> "pd.Series[bool]":
    return frame["a"] + frame["b"] > 0


def test_a_file_keeps_the_name_alone(path: Path) -> None:
    with pytest.raises(SchemaError, match=r"expected a function.*TabGAN\.load"):
        TabGAN.load(path).sample(5)


def test_the_function_can_be_given_again_or_dropped(path: Path) -> None:
    assert not_both(TabGAN.load(path, predicates={RULE: not_both}).sample(500)).all()
    assert len(TabGAN.load(path, predicates={RULE: None}).sample(500)) == 500


def test_an_unknown_predicate_is_refused(path: Path) -> None:
    with pytest.raises(InputError, match="not both 0"):
        TabGAN.load(path, predicates={"other": None})
