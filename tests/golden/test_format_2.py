"""A model file of format 2 opens and works; one of format 1, of a development version, says what to do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN
from tabgan.errors import ArtifactError

FILE = Path(__file__).parent / "format_2.tabgan"


FORMAT_1 = bytes.fromhex("9354414247414e0a01000000b2a7a39bcc058b4b38611e6b536b0ee8a91eddf1efc8a2cdd4dae2b93477cf07")
"""The header of a file of 100 kB that a development version wrote; its content is of no account."""


def test_a_file_of_format_1_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "old.tabgan").write_bytes(FORMAT_1 + b"whatever")
    said = r"old\.tabgan' has format 1: .* a development version of tabgan before 0\.1.*fit the table again"
    with pytest.raises(ArtifactError, match=said):
        TabGAN.load(tmp_path / "old.tabgan")


@pytest.fixture(scope="module")
def model() -> TabGAN:
    return TabGAN.load(FILE, device="cpu")


def test_it_says_what_it_learnt(model: TabGAN) -> None:
    assert model.seed == 1
    assert model.config.steps == 20
    assert model.history[-1].step == 20
    assert model.info["n_rows"] == 600
    assert not model.interrupted
    assert model.ending == "ended after 20 of 20 steps"
    assert model.snapshots == ()
    assert model.history[-1].real_score is None
    kinds = [spec.kind for spec in model.schema.columns]
    assert kinds == [
        "high_cardinality",
        "categorical",
        "continuous",
        "continuous",
        "datetime",
        "constant",
        "categorical",
    ]


def test_its_rows_have_the_types_that_went_in(model: TabGAN) -> None:
    rows = model.sample(500)
    assert {name: str(dtype) for name, dtype in rows.dtypes.items()} == {
        "product_id": "int64",
        "colour": "category",
        "price": "float64",
        "stock": "Int64",
        "when": rows["when"].dtype.name,
        "shop": str(pd.Series(["north"]).dtype),
        'Ünïcode "name"': str(pd.Series(["north"]).dtype),
    }
    assert str(rows["when"].dt.tz) == "Europe/Berlin"
    assert list(rows["colour"].cat.categories) == ["red", "green", "blue"]


def test_its_rows_have_the_values_that_went_in(model: TabGAN) -> None:
    rows = model.sample(5_000)
    assert (rows["product_id"] % 7 == 0).all()
    assert rows["product_id"].between(0, 299 * 7).all()
    assert set(rows["colour"]) == {"red", "green"}
    assert np.array_equal(rows["price"], rows["price"].round(2))
    assert (rows["price"] == 0).mean() == pytest.approx(0.3, abs=0.06)
    assert rows["stock"].isna().mean() == pytest.approx(0.1, abs=0.05)
    assert (rows["when"].dt.minute == 0).all()
    assert set(rows["shop"]) == {"north"}
    assert set(rows['Ünïcode "name"']) == {"a", "nan", ""}


def test_its_conditions_hold(model: TabGAN) -> None:
    rows = model.sample(50, where={"colour": "green", "stock": None, "price": 0})
    assert (rows["colour"] == "green").all()
    assert rows["stock"].isna().all()
    assert (rows["price"] == 0).all()
