"""A model file of format 3 opens and works."""

from pathlib import Path

import pytest

from tabgan import Between, TabGAN

FILE = Path(__file__).parent / "format_3.tabgan"


@pytest.fixture(scope="module")
def model() -> TabGAN:
    return TabGAN.load(FILE, device="cpu")


def test_it_says_what_it_learnt(model: TabGAN) -> None:
    assert [rule.describe() for rule in model.schema.constraints] == [
        "exactly one of red, green, blue is 1",
        "gross = net + tax",
        "start <= end",
        "back, why are missing in the same rows",
    ]
    kinds = {spec.name: spec.kind for spec in model.schema.columns}
    assert kinds["order_id"] == "key"
    assert kinds["phone"] == "pattern"
    assert kinds["email"] == "personal"


def test_its_rules_hold(model: TabGAN) -> None:
    rows = model.sample(2_000)
    assert (rows[["red", "green", "blue"]].sum(axis=1) == 1).all()
    assert (rows["net"] + rows["tax"] == rows["gross"]).all()
    assert (rows["start"] <= rows["end"]).all()
    assert (rows["back"].isna() == rows["why"].isna()).all()
    assert rows["order_id"].str.fullmatch(r"A-\d{5}").all()
    assert rows["order_id"].is_unique
    assert rows["phone"].str.fullmatch(r"\+49 2\d0 \d{7}").all()
    assert rows["email"].str.contains("@").all()
    assert rows["lat"].between(51, 53).all()


def test_its_conditions_hold(model: TabGAN) -> None:
    rows = model.sample(200, where={"green": 1, "gross": Between(2_000, 4_000), "start": Between(low="2024-06-01")})
    assert (rows["green"] == 1).all()
    assert rows["gross"].between(2_000, 4_000).all()
    assert (rows["start"] >= "2024-06-01").all()
