"""The schema as a user meets it: infer, read, edit, check, conform."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from tabgan.errors import InputError, OutputError, SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations, OneHot, Order, Range
from tabgan.table.files import read_table
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rating": [1, 2, 3, 4] * 10,
            "size": pd.Categorical(["S", "L", None, "S"] * 10, categories=["S", "M", "L"], ordered=True),
            7: [0.5 * i for i in range(40)],
            "review": [f"number {i} is a very good dress" for i in range(40)],
        }
    )


def test_infer_explains_every_column(frame: pd.DataFrame) -> None:
    schema = Schema.infer(read_table(frame))
    assert [spec.kind for spec in schema.columns] == ["categorical", "categorical", "continuous", "text"]
    assert schema.names == ("rating", "size", "7", "review")
    assert [spec.name for spec in schema.modelled] == ["rating", "size", "7"]
    assert [spec.name for spec in schema.made] == ["rating", "size", "7", "review"]
    assert schema["size"].categories == ("S", "M", "L")
    assert schema["size"].ordered
    assert schema["size"].nullable
    assert schema["7"].label == 7
    assert "review" in schema
    assert "other" not in schema
    assert schema["rating"].reason == "integer, 4 values: categorical"
    with pytest.raises(KeyError):
        schema["other"]


def test_ready_summaries_are_used(frame: pd.DataFrame) -> None:
    table = read_table(frame)
    assert Schema.infer(table, summarize(table)) == Schema.infer(table)


def test_keys_have_no_categories() -> None:
    table = pa.table({"k": pa.array([f"p{i}" for i in range(30)]), "x": [1, 2] * 15})
    frame = table.to_pandas().astype({"k": "category"})
    schema = Schema.infer(read_table(frame))
    edited = schema.to_json()
    edited["columns"][0]["kind"] = "key"
    assert schema["k"].kind == "categorical"
    with pytest.raises(SchemaError, match="column 'k': a key column declares no categories"):
        Schema.from_json(edited)
    edited["columns"][0] |= {"dtype": "string", "categories": None, "pandas_dtype": None}
    assert Schema.from_json(edited).modelled == (schema["x"],)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"a": [1]}), "the table cannot be learnt from: expected at least 2 rows, got 1 row"),
        (pa.table({"a": [[1], [2]]}), "column 'a' has the type list"),
        (pa.table({"a": [1.0, float("inf")]}), "column 'a' has 1 infinite value"),
    ],
)
def test_tables_that_cannot_be_learnt_from(table: pa.Table, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        Schema.infer(table)


def test_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("a,b\n1,inf\n")
    with pytest.raises(SchemaError, match=r"one\.csv cannot be learnt from, 2 problems"):
        Schema.infer(read_table(path))


def test_check_lists_all_problems(frame: pd.DataFrame) -> None:
    table = read_table(frame)
    schema = Schema.infer(table)
    schema.check(table)
    without = Schema(tuple(replace(spec, kind="left_out") if spec.kind == "text" else spec for spec in schema.columns))
    without.check(table.drop_columns(["review"]))
    worse = table.drop_columns(["size"]).append_column("sise", table["size"]).slice(0, 1)
    worse = worse.set_column(0, "rating", pa.array([None], pa.int64()))
    with pytest.raises(SchemaError) as caught:
        schema.check(worse)
    message = str(caught.value)
    assert "the frame does not fit the schema, 4 problems" in message
    for part in (
        "at least 2 rows",
        "'size' is missing; is it now called 'sise'?",
        "'sise' is not in",
        "1 missing cell",
    ):
        assert part in message


def test_one_row_is_enough_where_nothing_is_learnt(frame: pd.DataFrame) -> None:
    table = read_table(frame)
    schema = Schema.infer(table)
    schema.check(table.slice(0, 1), min_rows=1)
    with pytest.raises(SchemaError, match="at least 2 rows"):
        schema.check(table.slice(0, 1))


def test_conform_gives_the_promised_table(frame: pd.DataFrame) -> None:
    schema = Schema.infer(read_table(frame))
    shuffled = pa.table(
        {"7": list(range(40)), "size": ["L"] * 40, "rating": pa.array([1] * 40, pa.uint8()), "review": ["a"] * 40}
    )
    found = schema.conform(shuffled)
    assert found.schema == schema.arrow_schema
    assert found.column_names == ["rating", "size", "7", "review"]
    assert found["size"].to_pylist() == ["L"] * 40
    assert found["size"].chunk(0).dictionary.to_pylist() == ["S", "M", "L"]
    with pytest.raises(SchemaError, match="'size' is missing"):
        schema.conform(shuffled.drop_columns(["size"]))


def test_a_conformed_table_can_be_concatenated_with_its_source() -> None:
    source = pa.table({"a": [0.5, 1.5, 2.25] * 20, "b": ["x", "y", None] * 20})
    schema = Schema.infer(source)
    assert [spec.nullable for spec in schema.modelled] == [False, True]
    assert pa.concat_tables([source, schema.conform(source)]).num_rows == 120


def test_a_constant_must_be_constant() -> None:
    schema = Schema.infer(pa.table({"a": [1, 1], "b": [1, 2]}))
    assert schema["a"].kind == "constant"
    with pytest.raises(SchemaError, match="declared constant"):
        schema.check(pa.table({"a": [1, 2], "b": [1, 2]}))


def test_written_and_edited_by_hand(tmp_path: Path, frame: pd.DataFrame) -> None:
    schema = Schema.infer(read_table(frame))
    path = tmp_path / "schema.json"
    schema.write(path)
    assert Schema.read(path) == schema
    text = path.read_text(encoding="utf-8").replace('"kind": "continuous"', '"kind": "categorical"')
    path.write_text("\ufeff" + text, encoding="utf-8")
    assert Schema.read(path)["7"].kind == "categorical"


def test_files_that_hold_no_schema(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="could not be read"):
        Schema.read(tmp_path / "none.json")
    path = tmp_path / "bad.json"
    path.write_text("{]")
    with pytest.raises(SchemaError, match="expected a schema as JSON"):
        Schema.read(path)
    path.write_text(json.dumps({"columns": [{"name": "a"}]}))
    with pytest.raises(SchemaError, match=r"bad\.json: .*2 problems"):
        Schema.read(path)


def test_a_schema_that_cannot_be_written(tmp_path: Path) -> None:
    schema = Schema.infer(pa.table({"a": [1, 2]}))
    with pytest.raises(OutputError, match="cannot write the schema"):
        schema.write(tmp_path / "nowhere" / "schema.json")


def test_an_older_schema_stays_where_a_new_one_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text("older")
    with pytest.raises(UnicodeEncodeError):
        Schema((ColumnSpec(name="half a pair \ud83d", kind="key", dtype="string", nullable=False),)).write(path)
    assert path.read_text() == "older"
    assert [entry.name for entry in tmp_path.iterdir()] == ["schema.json"]


def test_no_half_made_schemas() -> None:
    good = ColumnSpec(name="a", kind="categorical", dtype="int64", nullable=False)
    with pytest.raises(SchemaError, match="no columns"):
        Schema(())
    with pytest.raises(SchemaError, match="columns 1, 2 are all called 'a'"):
        Schema((good, good))
    with pytest.raises(SchemaError, match="column 'b': expected timestamps"):
        Schema((good, ColumnSpec(name="b", kind="datetime", dtype="string", nullable=False)))


def test_a_table_with_holes_conforms_where_this_is_allowed() -> None:
    schema = Schema.infer(pa.table({"x": range(40), "y": ["a", "b"] * 20}))
    holes = pa.table({"y": pa.array([None, "b"])})
    with pytest.raises(SchemaError, match="2 problems"):
        schema.conform(holes)
    conformed = schema.conform(holes, with_holes=True)
    assert conformed.schema == schema.arrow_schema
    assert conformed.to_pydict() == {"x": [None, None], "y": [None, "b"]}


SDV = {
    "METADATA_SPEC_VERSION": "V1",
    "tables": {
        "guests": {
            "primary_key": "guest",
            "columns": {
                "guest": {"sdtype": "id"},
                "email": {"sdtype": "email", "pii": True},
                "stars": {"sdtype": "numerical"},
            },
        },
        "hotels": {"columns": {"hotel": {"sdtype": "id"}}},
    },
}


@pytest.fixture
def guests() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "guest": [f"G{i:03}" for i in range(40)],
            "email": [f"g{i % 3}@example.org" for i in range(40)],
            "stars": [1, 2, 3, 4] * 10,
        }
    )


def test_metadata_of_other_tools_overrules_what_is_inferred(guests: pd.DataFrame) -> None:
    table = read_table(guests)
    schema = Schema.from_metadata(SDV, table, name="guests")
    assert [spec.kind for spec in schema.columns] == ["key", "personal", "continuous"]
    assert schema["email"].fake == "email"
    assert schema["guest"].dtype == Schema.infer(table)["guest"].dtype
    assert Schema.from_json(schema.to_json()) == schema
    with pytest.raises(SchemaError, match="say which one"):
        Schema.from_metadata(SDV, table)


def test_the_table_of_a_document_of_several_is_told_by_the_name_of_the_file(
    guests: pd.DataFrame, tmp_path: Path
) -> None:
    guests.to_csv(tmp_path / "guests.csv.gz", index=False)
    (tmp_path / "metadata.json").write_text(json.dumps(SDV), encoding="utf-8")
    table = read_table(tmp_path / "guests.csv.gz")
    assert Schema.read(tmp_path / "metadata.json", table).names == ("guest", "email", "stars")
    assert Schema.from_metadata(str(tmp_path / "metadata.json"), table)["guest"].kind == "key"


def test_metadata_needs_the_table_and_names_the_file_when_it_does_not_fit(guests: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps({"fields": [{"name": "guest", "type": "integer"}]}), encoding="utf-8")
    with pytest.raises(SchemaError, match=r"metadata of Frictionless.*--from"):
        Schema.read(path)
    with pytest.raises(SchemaError, match=r"(?s)metadata\.json: .*2 problems.*'email'.*whole numbers"):
        Schema.read(path, read_table(guests))
    with pytest.raises(SchemaError, match="expected SDV metadata"):
        Schema.from_metadata([1], read_table(guests))
    path.write_text('{"fields": [', encoding="utf-8")
    with pytest.raises(SchemaError, match="as JSON"):
        Schema.from_metadata(path, read_table(guests))


def test_a_schema_of_tabgan_is_read_with_a_table_too(guests: pd.DataFrame, tmp_path: Path) -> None:
    table = read_table(guests)
    Schema.infer(table).write(tmp_path / "schema.json")
    assert Schema.read(tmp_path / "schema.json", table) == Schema.infer(table)


def test_constraints_are_found_unless_they_are_not_asked_for() -> None:
    table = pa.table({"low": [i % 37 for i in range(120)], "high": [i % 37 + 1 + i % 11 for i in range(120)]})
    assert Schema.infer(table).constraints
    assert Schema.infer(table, constraints=False).constraints == ()
    assert Schema.infer(table, constraints=False).columns == Schema.infer(table).columns


def dresses() -> pa.Table:
    ids = [i % 12 for i in range(400)]
    low = [i * 7 % 31 for i in range(400)]
    return pa.table(
        {
            "id": [f"p{i}" for i in ids],
            "class": [i % 3 for i in ids],
            "low": low,
            "high": [x + i * 11 % 17 for i, x in enumerate(low)],
            "red": [i % 3 == 0 for i in range(400)],
            "blue": [i % 3 != 0 for i in range(400)],
        }
    )


def test_what_holds_in_every_row_is_found_kept_and_may_be_dropped(tmp_path: Path) -> None:
    schema = Schema.infer(dresses())
    assert schema.constraints == (
        OneHot(("red", "blue")),
        Combinations(("id", "class"), determines=True),
        Order("low", "high"),
    )
    path = tmp_path / "schema.json"
    schema.write(path)
    assert Schema.read(path) == schema
    document = schema.to_json()
    assert document["format"] == 1
    assert document["constraints"][2] == {"kind": "order", "low": "low", "high": "high", "strict": False}
    del document["constraints"][0]
    document["constraints"].append({"kind": "range", "column": "low", "low": 0})
    edited = Schema.from_json(document)
    assert edited.constraints == (*schema.constraints[1:], Range("low", 0))
    assert replace(schema, constraints=()).to_json() == {"format": 1, "columns": document["columns"]}


def test_a_document_without_constraints_opens() -> None:
    document = {key: value for key, value in Schema.infer(dresses()).to_json().items() if key != "constraints"}
    assert Schema.from_json(document).constraints == ()


def test_constraints_that_cannot_hold_are_in_the_one_error() -> None:
    schema = Schema.infer(dresses())
    with pytest.raises(SchemaError) as caught:
        replace(schema, constraints=(Order("high", "low", strict=True), Order("low", "high"), OneHot(("blue", "reed"))))
    message = str(caught.value)
    assert "The schema is not valid, 2 problems" in message
    assert "there is no column 'reed'; is 'red' meant?" in message
    assert "the orders high <= low <= high lead back" in message
    document = schema.to_json()
    document["constraints"] = [{"kind": "order", "low": 1}, {"kind": "equal"}]
    document["columns"][0]["kind"] = "odd"
    with pytest.raises(SchemaError, match="3 problems") as caught:
        Schema.from_json(document)
    assert "constraint 1: expected a name as 'low', got 1" in str(caught.value)
    document = schema.to_json() | {"constraints": {"kind": "order"}}
    with pytest.raises(SchemaError, match="expected a list of constraints"):
        Schema.from_json(document)
