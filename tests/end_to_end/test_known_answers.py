"""Tables whose probabilities and correlations are known: what was planted must come back."""

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, TrainingConfig

N = 4_000
CONFIG = TrainingConfig(steps=600, generator_width=128, critic_width=128, stage_width=64)


@pytest.fixture(scope="module")
def real() -> pd.DataFrame:
    random = np.random.default_rng(7)
    colour = random.choice(["red", "green", "blue"], N, p=[0.6, 0.3, 0.1])
    size = np.where(random.random(N) < 0.9, np.where(colour == "red", "small", "large"), "medium")
    weight = random.normal(np.where(size == "small", 10.0, 30.0), 2.0)
    price = np.where(random.random(N) < 0.4, 0.0, np.round(np.exp(weight / 10), 2))
    note = pd.array(np.where(colour == "blue", None, np.round(weight)), dtype="Int64")
    return pd.DataFrame({"colour": colour, "size": size, "weight": weight, "price": price, "note": note})


@pytest.fixture(scope="module")
def model(real: pd.DataFrame) -> TabGAN:
    return TabGAN(CONFIG, seed=3).fit(real)


@pytest.fixture(scope="module")
def synthetic(model: TabGAN) -> pd.DataFrame:
    return model.sample(N)


def test_planted_margins_come_back(synthetic: pd.DataFrame) -> None:
    shares = synthetic["colour"].value_counts(normalize=True)
    assert shares["red"] == pytest.approx(0.6, abs=0.03)
    assert shares["green"] == pytest.approx(0.3, abs=0.03)
    assert shares["blue"] == pytest.approx(0.1, abs=0.03)


def test_planted_point_mass_comes_back_exactly(synthetic: pd.DataFrame) -> None:
    assert (synthetic["price"] == 0.0).mean() == pytest.approx(0.4, abs=0.03)


def test_planted_dependence_of_categories_comes_back(synthetic: pd.DataFrame) -> None:
    shares = pd.crosstab(synthetic["colour"], synthetic["size"], normalize="index")
    assert shares.loc["red", "small"] == pytest.approx(0.9, abs=0.06)
    assert shares.loc["green", "large"] == pytest.approx(0.9, abs=0.06)


def test_planted_dependence_on_numbers_comes_back(synthetic: pd.DataFrame) -> None:
    means = synthetic.groupby("size")["weight"].mean()
    assert means["small"] == pytest.approx(10, abs=1.5)
    assert means["large"] == pytest.approx(30, abs=1.5)


def test_planted_missingness_comes_back_with_its_cause(synthetic: pd.DataFrame) -> None:
    missing = synthetic["note"].isna().groupby(synthetic["colour"]).mean()
    assert missing["blue"] > 0.9
    assert missing["red"] < 0.05


def test_numbers_are_rounded_as_they_were(real: pd.DataFrame, synthetic: pd.DataFrame) -> None:
    pd.testing.assert_series_equal(synthetic["price"], synthetic["price"].round(2))
    assert synthetic["note"].dtype == "Int64"
    assert list(synthetic.dtypes) == list(real.dtypes)


@pytest.mark.parametrize(
    ("column", "value"), [("colour", "blue"), ("size", "medium"), ("price", 0.0), ("note", 10), ("note", None)]
)
def test_a_condition_on_any_column_holds_in_every_row(model: TabGAN, column: str, value: object) -> None:
    rows = model.sample(200, where={column: value})
    held = rows[column].isna() if value is None else rows[column] == value
    assert held.all()


def test_a_condition_changes_what_depends_on_it(model: TabGAN) -> None:
    given_large = model.sample(1_000, where={"size": "large"})
    given_small = model.sample(1_000, where={"size": "small"})
    # Unheeded, both would be 19.
    assert given_large["weight"].mean() == pytest.approx(30, abs=3)
    assert given_small["weight"].mean() == pytest.approx(10, abs=3)
    assert (given_small["colour"] == "red").mean() > 0.9


def test_same_seed_same_rows_whatever_the_batches(model: TabGAN) -> None:
    whole = model.sample(5_000, seed=11)
    pd.testing.assert_frame_equal(whole.head(300), model.sample(300, seed=11))
    parts = [model.schema.to_pandas(part) for part in model.sample_batches(5_000, seed=11, batch_rows=777)]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)
    assert not whole.equals(model.sample(5_000, seed=12))


def test_the_frame_that_was_learnt_is_not_changed(real: pd.DataFrame) -> None:
    before = real.copy(deep=True)
    TabGAN(TrainingConfig(steps=1), seed=0).fit(real)
    pd.testing.assert_frame_equal(real, before)
