"""Rows that may hold anything: what cannot be coded costs its column alone, and is said."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import Schema
from tabgan.coding import Coding
from tabgan.errors import SchemaError
from tabgan.table.files import read_table
from tabgan.table.foreign import LooseRows, encode_foreign, loosely, origins

N = 400


def people() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": random.integers(18, 90, N),
            "height": random.normal(170, 10, N).round(2),
            "city": random.choice(["Ulm", "Jena", "Kiel"], N),
            "size": pd.Categorical(random.choice(["S", "M"], N), ["S", "M", "L"]),
            "land": "DE",
            "note": pd.Series(random.choice(["x", "y"], N)).mask(random.random(N) < 0.3),
        }
    )


@pytest.fixture(scope="module")
def coding() -> Coding:
    table = read_table(people())
    schema = Schema.infer(table)
    return Coding.fit(schema, schema.conform(table), 0)[0]


@pytest.fixture
def few() -> pd.DataFrame:
    return people()[:6].astype({"size": object, "age": float})


def encoded(coding: Coding, frame: pd.DataFrame):
    return encode_foreign(coding.recast, coding.codec, loosely(coding.schema, read_table(frame)))


def foreign_cells(coding: Coding, frame: pd.DataFrame) -> dict[str, list[int]]:
    found = encoded(coding, frame)
    names = [own[0] for own in origins(coding.recast, coding.codec)]
    return {
        name: np.flatnonzero(mask).tolist() for name, mask in zip(names, found.foreign.T, strict=True) if mask.any()
    }


def test_rows_as_they_were_learnt_have_the_codes_of_learning(coding):
    table = coding.schema.conform(read_table(people()))
    wanted = coding.codec.encode(coding.recast.restate(table), np.random.default_rng(0))
    found = encoded(coding, people())
    assert np.array_equal(found.encoded.codes, wanted.codes)
    assert found.known.all()
    assert not found.foreign.any()
    assert found.constants == {}


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("city", "Rom"),
        ("city", None),
        ("size", "XXL"),
        ("age", 17.5),
        ("age", 1e30),
        ("age", np.inf),
        ("age", 17),
        ("age", 140),
        ("height", np.inf),
        ("height", -np.inf),
        ("height", None),
        ("height", 1e9),
        ("height", -1.0),
        ("note", "z"),
    ],
)
def test_a_foreign_cell_costs_its_column_alone(coding, few, column, cell):
    few.loc[2, column] = cell
    assert foreign_cells(coding, few) == {column: [2]}


def test_a_category_that_is_declared_and_never_occurs_is_foreign(coding, few):
    few.loc[4, "size"] = "L"
    assert foreign_cells(coding, few) == {"size": [4]}


def test_a_missing_cell_is_none_where_cells_were_missing(coding, few):
    few.loc[1, "note"] = None
    found = encoded(coding, few)
    assert found.known.all()
    assert not found.foreign.any()


def test_another_cell_in_a_constant_column_is_noticed(coding, few):
    few.loc[[0, 3], "land"] = ["AT", None]
    found = encoded(coding, few)
    assert {name: np.flatnonzero(mask).tolist() for name, mask in found.constants.items()} == {"land": [0, 3]}


def test_numbers_that_a_smaller_type_cannot_hold_are_foreign():
    frame = pd.DataFrame({"a": np.arange(100, dtype=np.uint8), "b": np.arange(100) % 3})
    schema = Schema.infer(read_table(frame))
    given = pd.DataFrame({"a": [5, 255, 256, -1, 2**60], "b": [0, 1, 2, 0, 1]})
    found = loosely(schema, read_table(given))
    assert {name: mask.tolist() for name, mask in found.foreign.items()} == {"a": [False, False, True, True, True]}
    assert found.table["a"].to_pylist() == [5, 255, None, None, None]
    assert found.table.schema.equals(schema.arrow_schema)


def test_columns_may_be_lacking_and_others_are_not_looked_at(coding, few):
    found = loosely(coding.schema, read_table(few.drop(columns=["city"]).assign(town="Ulm")))
    assert found.table.column_names == list(people().columns)
    assert found.table["city"].null_count == 6


def test_text_where_numbers_should_be_is_an_error(coding, few):
    with pytest.raises(SchemaError, match=r"'age'.*int64"):
        loosely(coding.schema, read_table(few.assign(age="old")))


def test_slices_keep_what_is_foreign(coding, few):
    few.loc[[1, 4], "size"] = "XXL"
    whole = loosely(coding.schema, read_table(few))
    part = whole.slice(3, 2)
    assert isinstance(part, LooseRows)
    assert part.table.num_rows == 2
    assert part.foreign["size"].tolist() == [False, True]


def test_each_column_of_the_layout_has_its_origins(shop, shop_model):
    coding = shop_model._fitted().coding
    whole, narrow = (origins(coding.recast, coding.codec, narrow=narrow) for narrow in (False, True))
    assert len(whole) == len(coding.codec.layout.columns)
    assert {name for own in whole for name in own} == set(shop.column_names) - {"id"}
    assert ("red", "green", "blue") in narrow
    assert ("net",) in narrow
    assert ("tax",) in narrow
    assert all(set(few) <= set(many) for few, many in zip(narrow, whole, strict=True))


def test_cells_that_never_went_together_are_foreign(shop, shop_model):
    coding = shop_model._fitted().coding
    index = next(i for i, own in enumerate(origins(coding.recast, coding.codec)) if "department" in own)
    changed = shop.slice(0, 3).set_column(
        2, "department", pa.array(["games" if d != "games" else "tools" for d in shop["department"][:3].to_pylist()])
    )
    found = encode_foreign(coding.recast, coding.codec, loosely(coding.schema, changed))
    assert found.foreign[:, index].all()
    assert not np.delete(found.foreign, index, 1).any()


@pytest.mark.parametrize("cell", [np.inf, None, 1e7])
def test_a_cell_of_a_column_that_is_only_written_is_foreign_too(shop, shop_model, cell):
    coding = shop_model._fitted().coding
    assert "gross" not in [spec.name for spec in coding.recast.learnt]
    frame = shop.slice(0, 4).to_pandas().astype({"gross": float})
    frame.loc[2, "gross"] = cell
    found = encode_foreign(coding.recast, coding.codec, loosely(coding.schema, read_table(frame)))
    assert np.flatnonzero(found.foreign.any(1)).tolist() == [2]
    assert found.foreign[2].sum() == 1


def test_nothing_is_changed(coding, few):
    few.loc[0, "size"] = "XXL"
    before = few.copy()
    encoded(coding, few)
    pd.testing.assert_frame_equal(few, before)
