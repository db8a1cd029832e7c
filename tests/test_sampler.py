"""What can be asked of a model: rows as a table wants them, balanced classes, more rows of rare ones."""

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pandas.testing import assert_frame_equal

from tabgan import TabGAN
from tabgan.errors import ConditionError, InputError, NotFittedError, SchemaError

from .small_shop import broken_rules, hidden


def rows(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


def test_the_cells_of_a_table_are_given_and_others_are_made(shop_model: TabGAN) -> None:
    where = pd.DataFrame({"department": ["books", "tools", None], "member": pd.array([True, None, False], "boolean")})
    made = shop_model.sample(where=where, seed=2)
    assert made.columns.tolist() == list(shop_model.schema.names)
    assert made["department"].tolist()[:2] == ["books", "tools"]
    assert made["member"].tolist()[::2] == [True, False]
    assert broken_rules(rows(made)) == {}
    assert_frame_equal(made, shop_model.sample(3, where=where, seed=2))
    assert not made.equals(shop_model.sample(where=where, seed=3))


def test_any_arrow_table_will_do_as_a_condition(shop_model: TabGAN) -> None:
    where = pa.table({"product": ["product 04"] * 4})
    made = shop_model.sample(where=where)
    assert set(made["product"]) == {"product 04"}
    assert set(made["department"]) == {"games"}


@pytest.mark.parametrize("n", [1, 4])
def test_the_number_of_rows_and_the_table_must_agree(shop_model: TabGAN, n: int) -> None:
    with pytest.raises(InputError, match=f"n must be the 3 rows of the table, or be left out, got {n}"):
        shop_model.sample(n, where=pa.table({"member": [True] * 3}))


@pytest.mark.parametrize("where", [pa.table({"town": ["Ulm"]}), pa.table({"net": ["many"]})])
def test_a_table_of_other_columns_is_refused(shop_model: TabGAN, where: pa.Table) -> None:
    with pytest.raises(SchemaError):
        shop_model.sample(where=where)


@pytest.mark.parametrize("n", [None, 0, -1, 1.5, "many", True])
def test_the_number_of_rows_is_checked(shop_model: TabGAN, n: object) -> None:
    with pytest.raises(InputError, match="n must be a positive whole number"):
        shop_model.sample(n)  # type: ignore[arg-type]


def test_latent_vectors_and_conditions_exclude_each_other(shop_model: TabGAN) -> None:
    points = np.zeros((2, len(shop_model.latent_space.dimensions)))
    assert len(shop_model.sample(latent=points)) == 2
    with pytest.raises(InputError, match="got both; leave one out"):
        shop_model.sample(latent=points, where={"member": True})


def test_the_size_of_batches_changes_nothing(shop_model: TabGAN) -> None:
    whole = pa.concat_tables(shop_model.sample_batches(500, seed=1)).combine_chunks()
    parts = list(shop_model.sample_batches(500, seed=1, batch_rows=70))
    assert [part.num_rows for part in parts] == [70] * 7 + [10]
    assert pa.concat_tables(parts).combine_chunks().equals(whole)


def test_errors_come_before_the_first_batch_is_asked_for(shop_model: TabGAN) -> None:
    for wrong in (lambda: shop_model.sample_batches(0), lambda: shop_model.sample_batches(5, batch_rows=0)):
        with pytest.raises(InputError):
            wrong()
    with pytest.raises(ConditionError):
        shop_model.sample_batches(5, where={"department": "no such"})
    with pytest.raises(InputError):
        shop_model.balance_batches("net", 5)
    with pytest.raises(InputError):
        shop_model.impute_batches(pa.table({"no such": [1]}))


def test_impute_gives_the_dtypes_of_the_table(shop_model: TabGAN, shop: pa.Table) -> None:
    holes = hidden(shop.slice(0, 30), 0.3)
    made = shop_model.impute(holes, seed=1)
    assert_frame_equal(made, shop_model.impute(holes, seed=1))
    assert made.dtypes.to_dict() == shop_model.sample(5).dtypes.to_dict()
    assert not made.isna().any().any()


def test_impute_fills_columns_that_are_lacking(shop_model: TabGAN, shop: pa.Table) -> None:
    made = shop_model.impute(shop.slice(0, 20).select(["member", "product"]))
    assert made.columns.tolist() == list(shop_model.schema.names)
    assert made["product"].tolist() == shop["product"].to_pylist()[:20]
    assert broken_rules(rows(made)) == {}


def test_balance_makes_classes_equally_frequent(shop_model: TabGAN) -> None:
    made = shop_model.balance("product", 60, seed=1)
    assert set(Counter(made["product"]).values()) == {5}
    assert broken_rules(rows(made)) == {}
    assert_frame_equal(made, shop_model.balance("product", 60, seed=1))


def test_balance_takes_shares(shop_model: TabGAN) -> None:
    made = shop_model.balance("member", 40, shares={True: 0.1, False: 0.9})
    assert Counter(made["member"]) == {True: 4, False: 36}


def test_classes_of_a_dictionary_keep_their_categories(shop_model: TabGAN) -> None:
    made = shop_model.balance("size", 20)
    assert made["size"].dtype == shop_model.sample(1)["size"].dtype
    assert Counter(made["size"]) == {"S": 5, "M": 5, "L": 5, "XL": 5}


def test_augment_puts_synthetic_rows_behind_the_real_ones(shop_model: TabGAN, shop: pa.Table) -> None:
    part = shop.filter(pc.or_(pc.equal(shop["department"], "books"), pc.equal(shop["product"], "product 01")))
    made = shop_model.augment(part, "department", seed=4)
    counts = Counter(made["department"])
    assert counts["books"] == counts["games"] == counts["tools"]
    assert rows(made.head(part.num_rows)).to_pylist() == rows(shop_model.schema.to_pandas(part)).to_pylist()
    assert made["id"].is_unique
    assert broken_rules(rows(made)) == {}


def test_augment_adds_nothing_to_what_is_balanced(shop_model: TabGAN, shop: pa.Table) -> None:
    part = shop.slice(0, 50)
    shares = {name: count / 50 for name, count in Counter(part["department"].to_pylist()).items()}
    assert len(shop_model.augment(part, "department", shares=shares)) == 50


def test_keys_of_added_rows_are_none_of_the_real_ones(shop_model: TabGAN) -> None:
    drawn = shop_model.sample(400, seed=9)  # its keys are those that row 0, 1, ... get with this seed
    real = rows(drawn)
    made = shop_model.augment(real, "size", seed=9)
    assert len(made) > 400
    assert made["id"].is_unique


def test_before_fitting_nothing_can_be_asked() -> None:
    model = TabGAN(device="cpu")
    for ask in (lambda: model.sample(1), lambda: model.impute(pa.table({"a": [1]})), lambda: model.balance("a", 1)):
        with pytest.raises(NotFittedError):
            ask()
    with pytest.raises(NotFittedError):
        _ = model.latent_space


def test_the_number_of_rows_and_of_latent_vectors_must_agree(shop_model: TabGAN) -> None:
    points = np.zeros((2, len(shop_model.latent_space.dimensions)))
    assert len(shop_model.sample(2, latent=points)) == 2
    with pytest.raises(InputError, match="n must be the 2 rows of the latent vectors, or be left out, got 5"):
        shop_model.sample(5, latent=points)


def test_filled_rows_keep_the_index_of_their_frame(shop_model: TabGAN) -> None:
    frame = pd.DataFrame({"department": ["books", None, "tools"]}, index=[7, 7, 2])
    filled = shop_model.impute(frame)
    assert filled.index.tolist() == [7, 7, 2]
    assert filled["department"].tolist()[::2] == ["books", "tools"]
