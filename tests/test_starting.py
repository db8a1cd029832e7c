"""A model that begins with what another one has learnt."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import TabGAN, TrainingConfig
from tabgan.errors import ArtifactError, ConfigError, DataWarning, InputError, SchemaError
from tabgan.table.schema import Schema

from .small_shop import broken_rules, small_shop

SMALL = {"batch_size": 128, "generator_width": 32, "stage_width": 16, "critic_width": 16}


def config(steps: int, **changes: object) -> TrainingConfig:
    return TrainingConfig.from_mapping(SMALL | {"steps": steps} | changes)


def tuned(data: object, start: object, steps: int = 6, **changes: object) -> TabGAN:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return TabGAN(config(steps, **changes), seed=1, device="cpu").fit(data, start=start)


def plain(table: pa.Table) -> pa.Table:
    """Without the ordered dictionary, which pandas cannot read from Arrow alone."""
    place = table.column_names.index("size")
    return table.set_column(place, "size", table["size"].cast(pa.string()))


@pytest.fixture(scope="module")
def shop_model() -> TabGAN:
    return TabGAN(config(120), seed=0, device="cpu").fit(small_shop(800))


def test_rows_keep_all_rules_and_types_and_the_first_model_stays(shop_model: TabGAN) -> None:
    before = shop_model.sample(50)
    model = tuned(small_shop(700, seed=1), shop_model)
    assert pa.concat_tables(model.sample_batches(10)).schema == shop_model.output_schema
    assert broken_rules(plain(pa.concat_tables(model.sample_batches(300)))) == {}
    assert model.schema.constraints == shop_model.schema.constraints
    pd.testing.assert_frame_equal(shop_model.sample(50), before)


def test_a_few_steps_go_further_than_from_scratch(shop_model: TabGAN) -> None:
    rows = small_shop(700, seed=1)
    warm, cold = tuned(rows, shop_model, 10), TabGAN(config(10), seed=1, device="cpu").fit(rows)
    assert warm.history[-1].held_out is not None
    assert cold.history[-1].held_out is not None
    assert warm.history[-1].held_out < cold.history[-1].held_out - 0.3


def test_the_same_seed_gives_the_same_rows_and_files_keep_the_model(shop_model: TabGAN, tmp_path: Path) -> None:
    shop_model.save(tmp_path / "first.tabgan")
    rows = small_shop(400, seed=2)
    model, again = (tuned(rows, start) for start in (shop_model, tmp_path / "first.tabgan"))
    pd.testing.assert_frame_equal(model.sample(40), again.sample(40))
    model.save(tmp_path / "second.tabgan")
    loaded = TabGAN.load(tmp_path / "second.tabgan", device="cpu")
    pd.testing.assert_frame_equal(model.sample(40), loaded.sample(40))
    third = tuned(small_shop(300, seed=3), loaded)
    assert broken_rules(plain(pa.concat_tables(third.sample_batches(50)))) == {}


def people(n: int = 400, seed: int = 0, cities: tuple[str, ...] = ("Ulm", "Jena")) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    city = random.choice(cities, n)
    return pd.DataFrame(
        {
            "city": city,
            "height": (random.normal(170, 10, n) + 10 * (city == cities[0])).round(1),
            "size": pd.Categorical(random.choice(["S", "M"], n), categories=["S", "M", "L"], ordered=True),
        }
    )


@pytest.fixture(scope="module")
def people_model() -> TabGAN:
    return TabGAN(config(60), seed=0, device="cpu").fit(people())


def test_new_categories_are_announced_and_made_and_lost_ones_are_not(people_model: TabGAN) -> None:
    rows = people(cities=("Ulm", "Kiel", "Bonn"))
    with pytest.warns(DataWarning, match="column 'city' has 2 new categories: 'Bonn', 'Kiel'"):
        model = TabGAN(config(6), seed=1, device="cpu").fit(rows, start=people_model)
    made = model.sample(600)
    shares = made["city"].value_counts(normalize=True)
    assert set(shares.index) == {"Ulm", "Kiel", "Bonn"}
    assert (shares - 1 / 3).abs().max() < 0.1
    assert model.info["news"][0] == "column 'city' has 2 new categories: 'Bonn', 'Kiel'"
    assert len(model.sample(5, where={"city": "Bonn"})) == 5
    assert list(made["size"].cat.categories) == ["S", "M", "L"]


def test_missing_cells_and_numbers_beyond_the_known_ones_come_back(people_model: TabGAN) -> None:
    rows = people()
    rows["height"] = (rows["height"] + 100).where(np.arange(len(rows)) % 4 > 0)
    with pytest.warns(DataWarning, match="has missing cells now"):
        model = TabGAN(config(6), seed=1, device="cpu").fit(rows, start=people_model)
    made = model.sample(600)["height"]
    assert made.isna().mean() == pytest.approx(0.25, abs=0.08)
    assert made.min() >= rows["height"].min()
    assert made.mean() == pytest.approx(rows["height"].mean(), abs=4)


def test_what_does_not_fit_is_refused(people_model: TabGAN, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="does not fit the model, 2 problems"):
        tuned(people().drop(columns="city").assign(height="tall"), people_model)
    with pytest.raises(InputError, match="a schema or a model to start from"):
        TabGAN(config(5), device="cpu").fit(people(), schema=people_model.schema, start=people_model)
    with pytest.raises(InputError, match="start must be a TabGAN"):
        tuned(people(), 5)
    with pytest.raises(ArtifactError):
        tuned(people(), tmp_path / "nowhere.tabgan")


def test_rows_that_break_a_rule_of_the_model_are_refused(shop_model: TabGAN) -> None:
    rows = small_shop(300, seed=1)
    place = rows.column_names.index("gross")
    wrong = rows.set_column(place, "gross", pa.array(rows["net"].to_numpy() * 2))
    with pytest.raises(SchemaError, match="The table breaks constraints"):
        tuned(wrong, shop_model)


def test_the_shape_of_the_network_is_that_of_the_first_model(people_model: TabGAN) -> None:
    model = TabGAN(TrainingConfig(steps=4), seed=1, device="cpu").fit(people(seed=1), start=people_model)
    assert (model.config.generator_width, model.config.stage_width) == (32, 16)
    assert TabGAN(seed=1, device="cpu").fit(people(seed=1), start=people_model).config.steps == 75
    model.fit(people(60))
    assert model.config == TrainingConfig(steps=4)  # what was taken from the other model is forgotten
    with pytest.raises(ConfigError, match="generator_width 32, got 64"):
        tuned(people(seed=1), people_model, generator_width=64)


def test_texts_of_a_file_stay_texts(tmp_path: Path) -> None:
    """A file of labels that look like numbers is read as the model knows the column."""
    frame = pd.DataFrame({"code": np.resize(["001", "A2", "03"], 200), "x": np.arange(200) % 7})
    more = frame[frame["code"] != "A2"]
    more.to_csv(tmp_path / "more.csv", index=False)
    model = tuned(tmp_path / "more.csv", TabGAN(config(5), device="cpu").fit(frame))
    assert set(model.sample(50)["code"]) == {"001", "03"}
    assert isinstance(model.schema, Schema)


def test_free_text_is_learnt_anew(people_model: TabGAN) -> None:
    """The words of the first table are gone, those of the second come."""

    def with_notes(words: tuple[str, ...], seed: int) -> pd.DataFrame:
        random = np.random.default_rng(seed)
        notes = [" ".join(random.choice(words, random.integers(4, 9))) for _ in range(300)]
        return people(300, seed).assign(note=notes)

    first = with_notes(("quick", "brown", "fox", "jumps", "over", "lazy", "dogs", "while", "seven"), 0)
    second = with_notes(("slow", "green", "frogs", "sleep", "under", "busy", "trees", "after", "lunch"), 1)
    model = tuned(second, TabGAN(config(5, text_minutes=0.01), device="cpu").fit(first), 5, text_minutes=0.01)
    assert "free text is learnt from scratch" in model.info["news"]
    text = " ".join(model.sample(60)["note"])
    assert any(word in text for word in ("slow", "green", "frogs", "sleep", "under", "busy", "trees", "lunch"))
    assert not any(word in text for word in ("quick", "brown", "fox", "jumps", "lazy", "dogs", "while", "seven"))
