"""A model's schema on a new table: what grows, what stays, what is refused."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import MissingTogether, Order
from tabgan.table.extending import extended
from tabgan.table.files import read_table
from tabgan.table.schema import Schema


def people(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "city": ["Ulm", "Jena"] * 30,
            "size": pd.Categorical(["S", "M", "L"] * 20, categories=["S", "M", "L"], ordered=True),
            "colour": pd.Categorical(["red", "blue"] * 30, categories=["red", "blue", "green"]),
            "height": np.linspace(150, 200, 60),
            "visits": np.arange(60),
            "land": ["D"] * 60,
        }
    )
    return frame.assign(**changes)


def schema_of(frame: pd.DataFrame) -> Schema:
    return Schema.infer(read_table(frame), constraints=False)


def on(frame: pd.DataFrame, before: pd.DataFrame | None = None) -> Schema:
    return extended(schema_of(people() if before is None else before), read_table(frame))


def test_the_same_table_leaves_the_schema_as_it_is():
    assert on(people()) == schema_of(people())


def test_new_categories_are_declared_behind_the_known_ones_and_none_is_lost():
    spec = on(people(colour=pd.Categorical(["red", "pink"] * 30)))["colour"]
    assert spec.categories == ("red", "blue", "green", "pink")
    assert not spec.ordered


@pytest.mark.parametrize(
    ("given", "merged"),
    [
        (["XS", "S", "M", "L", "XL"], ("XS", "S", "M", "L", "XL")),
        (["S", "ML", "L"], ("S", "ML", "M", "L")),
        (["XXL", "XXXL"], ("XXL", "XXXL", "S", "M", "L")),
        (["S", "M"], ("S", "M", "L")),
    ],
)
def test_two_orders_become_one(given, merged):
    size = pd.Categorical(np.resize(given, 60), categories=given, ordered=True)
    spec = on(people(size=size))["size"]
    assert spec.categories == merged
    assert spec.ordered


def test_a_new_category_without_a_place_in_the_order_is_the_last(tmp_path):
    people(size=np.resize(["S", "XL"], 60)).to_csv(tmp_path / "more.csv", index=False)
    schema = schema_of(people())
    spec = extended(schema, read_table(tmp_path / "more.csv", text_columns=schema.text_columns))["size"]
    assert spec.categories == ("S", "M", "L", "XL")
    assert spec.ordered


def test_missing_cells_may_come_and_go():
    holed = people(height=np.where(np.arange(60) % 7, 170.0, np.nan))
    assert not schema_of(people())["height"].nullable
    assert on(holed)["height"].nullable
    assert not on(people(), holed)["height"].nullable


def test_whole_numbers_with_holes_stay_whole():
    schema = on(people(visits=np.where(np.arange(60) % 7, np.arange(60.0), np.nan)))
    assert schema["visits"].dtype == "int64"
    assert schema["visits"].nullable
    frame = schema.to_pandas(schema.conform(read_table(people(visits=[np.nan, *range(59)]))))
    assert str(frame["visits"].dtype) == "Int64"


def test_a_constant_that_varies_gets_a_kind_and_one_that_changed_stays_constant():
    assert on(people(land=["D", "F"] * 30))["land"].kind == "categorical"
    assert on(people(land=["F"] * 60))["land"].kind == "constant"


def test_a_column_that_was_empty_gets_the_type_of_its_cells():
    empty = people(land=pd.Series([None] * 60))
    assert schema_of(empty)["land"].dtype == "null"
    spec = on(people(land=np.linspace(0, 1, 60)), empty)["land"]
    assert (spec.dtype, spec.kind, spec.nullable) == ("double", "continuous", False)
    spec = on(people(land=pd.Categorical(["a", "b"] * 30)), empty)["land"]
    assert (spec.kind, spec.categories) == ("categorical", ("a", "b"))
    assert on(empty, empty)["land"] == schema_of(empty)["land"]


def test_more_categories_than_the_index_can_count_widen_it():
    many = [f"c{i:03d}" for i in range(200)]
    frame = pd.DataFrame({"x": pd.Categorical(np.resize(many, 400), categories=many), "y": np.arange(400)})
    few = pd.DataFrame({"x": pd.Categorical(np.resize(many[:100], 400), categories=many[:100]), "y": np.arange(400)})
    assert "indices=int8" in schema_of(few)["x"].dtype
    schema = on(frame, few)
    assert "indices=int16" in schema["x"].dtype
    assert schema.conform(read_table(frame))["x"].type.index_type == pa.int16()


def test_kinds_encodings_and_constraints_stay():
    frame = pd.DataFrame({"a": np.arange(60.0), "b": np.arange(60.0) + 1, "c": ["x", "y"] * 30})
    specs = (
        ColumnSpec(name="a", kind="continuous", dtype="double", nullable=False, encoding="modes"),
        ColumnSpec(name="b", kind="continuous", dtype="double", nullable=False),
        ColumnSpec(name="c", kind="left_out", dtype="string", nullable=False),
    )
    schema = Schema(specs, (Order("a", "b"),))
    assert extended(schema, read_table(frame)) == schema
    assert extended(schema, read_table(frame.drop(columns="c"))) == schema


def test_columns_that_were_missing_together_may_be_there_in_all_rows():
    gaps = np.arange(60) % 3 == 0
    specs = tuple(ColumnSpec(name=name, kind="continuous", dtype="double", nullable=True) for name in "ab")
    schema = Schema(specs, (MissingTogether(("a", "b")),))
    numbers = pd.DataFrame({"a": np.arange(60.0), "b": np.arange(60.0)})
    assert extended(schema, read_table(numbers.where(pd.DataFrame({"a": ~gaps, "b": ~gaps})))) == schema
    assert not extended(schema, read_table(numbers))["a"].nullable


def test_everything_that_does_not_fit_is_told_at_once():
    frame = people(
        height=["tall"] * 60,
        size=pd.Categorical(["L", "S"] * 30, categories=["L", "M", "S"], ordered=True),
        visits=dt.datetime(2020, 1, 1),
        weight=1.0,
    ).drop(columns="city")
    with pytest.raises(SchemaError) as caught:
        on(frame)
    said = str(caught.value)
    assert "does not fit the model, 5 problems" in said
    for text in (
        "column 'city' is missing",
        "column 'weight' is not in the schema",
        "column 'height' has the type",
        "column 'visits' has the type",
        "column 'size' has the categories ['L', 'M', 'S'] in this order; expected an order that agrees with",
        "fit it anew, without the model",
    ):
        assert text in said


def test_one_row_is_too_few_and_the_schema_is_not_changed():
    schema = schema_of(people())
    before = schema.to_json()
    with pytest.raises(SchemaError, match="at least 2 rows"):
        extended(schema, read_table(people().head(1)))
    extended(schema, read_table(people(colour=pd.Categorical(["pink"] * 60))))
    assert schema.to_json() == before
