"""Rows are scored as they are: anomalies are found, odd cells are no errors, and scores mean what they say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from benchmarks import realism as benchmark
from tabgan import Schema, TabGAN, TrainingConfig
from tabgan.errors import DataWarning, InputError, NotFittedError, SchemaError
from tabgan.scoring import SCHEMA
from tabgan.table.constraints import Predicate, Unique

from .small_shop import small_shop

N = 3_000


def people(n: int = N, seed: int = 0) -> pd.DataFrame:
    """Who is old is tall, who is tall is called big, and a town lies in its land."""
    random = np.random.default_rng(seed)
    age = random.integers(1, 60, n)
    height = (80 + 1.5 * age + random.normal(0, 5, n)).round(1)
    town = random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    return pd.DataFrame(
        {
            "id": [f"P{i:06d}" for i in random.permutation(n)],
            "age": age,
            "height": height,
            "size": np.where(height > 130, "big", "small"),
            "town": np.array(["Ulm", "Jena", "Graz", "Linz"])[town],
            "speech": np.where(random.random(n) < 0.95, np.array(["d", "d", "a", "a"])[town], "x"),
            "note": pd.Series(random.choice(["x", "y"], n)).mask(random.random(n) < 0.3),
            "planet": "Earth",
        }
    )


@pytest.fixture(scope="module")
def model() -> TabGAN:
    config = TrainingConfig(steps=250, batch_size=256, generator_width=64, stage_width=32, adversarial_share=0.0)
    return TabGAN(config, seed=3, device="cpu").fit(people())


@pytest.fixture(scope="module")
def new() -> pd.DataFrame:
    return people(2_000, seed=9)


def usual() -> pd.DataFrame:
    """One row as real ones are, many times over."""
    return pd.DataFrame(
        [["P1", 30, 125.0, "small", "Ulm", "d", "x", "Earth"]] * 8, columns=people(5).columns, index=list("abcdefgh")
    )


def test_scores_are_calibrated_on_rows_that_nothing_was_learnt_from(model, new):
    found = benchmark.figures(model, people(), new, seed=0)
    assert found["n_judged"] == 150
    assert found["calibration_error"] < 0.07  # n = 2,000 test rows and as many fakes of each of four makes
    assert found["brier"] < 0.16  # a coin has 0.25
    assert min(found["auc_of_make"].values()) > 0.7
    assert found["auc_of_make"]["shuffled"] > 0.93
    assert found["mean"]["own samples"] == pytest.approx(found["mean"]["test rows"], abs=0.08)
    assert found["mean"]["columns of the table shuffled"] < 0.2


def test_planted_anomalies_are_among_the_lowest(model, new):
    planted = new.copy()
    planted.loc[:9, "size"] = np.where(planted.loc[:9, "size"] == "big", "small", "big")
    planted.loc[10:19, "speech"] = np.where(planted.loc[10:19, "town"].isin(["Ulm", "Jena"]), "a", "d")
    planted.loc[20:29, "height"] = 250 - planted.loc[20:29, "age"]
    score = model.score(planted)
    assert (score[:30].rank(method="max").to_numpy() <= 100).mean() > 0.7
    lowest = score.nsmallest(20).index
    assert (lowest < 30).mean() >= 0.8


def test_the_index_of_a_frame_is_kept(model):
    rows = usual()
    before = rows.copy()
    found = model.score(rows)
    assert found.name == "realism"
    assert found.index.equals(rows.index)
    assert found.dtype == np.float64
    pd.testing.assert_frame_equal(rows, before)
    assert (model.score(pa.Table.from_pandas(rows, preserve_index=False)).to_numpy() == found.to_numpy()).all()


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("town", "Rom"),
        ("size", None),
        ("age", 200),
        ("age", -3),
        ("age", 30.5),
        ("height", np.inf),
        ("height", 1e6),
        ("planet", "Mars"),
        ("planet", None),
    ],
)
def test_odd_cells_are_odd_and_named(model, column, cell):
    rows = usual().astype({"age": float})
    rows.loc["c", column] = cell
    found = model.score(rows, explain=True)
    assert found["realism"]["c"] < 0.5 * found["realism"]["a"]
    assert found["because"]["c"].startswith(column)
    assert found["realism"].drop("c").nunique() == 1


def test_a_missing_cell_is_a_cell_like_others_where_some_were_missing(model):
    rows = usual()
    rows.loc["c", "note"] = None
    score = model.score(rows)
    assert score["c"] == pytest.approx(score["a"], abs=0.2)


def test_the_explanation_names_the_column_that_does_not_fit(model):
    rows = usual()
    rows.loc["b", "size"] = "big"
    rows.loc["d", "speech"] = "a"
    found = model.score(rows, explain=True)
    assert list(found.columns) == SCHEMA.names
    assert found.loc[["b", "d"], "realism"].max() < found.loc["a", "realism"] / 2
    assert found.loc["b", "because"] in ("size", "height")
    assert found.loc["d", "because"] in ("speech", "town")
    assert (found.loc[["b", "d"], "nats"] > 2).all()


def test_what_is_not_looked_at_is_said(model):
    assert list(model.unscored) == ["id"]
    assert "key" in model.unscored["id"]
    score = model.score(usual())
    assert score.equals(model.score(usual().assign(id="P7")))
    assert score.equals(model.score(usual().drop(columns="id")))


def test_other_columns_are_ignored_with_a_word(model):
    with pytest.warns(DataWarning, match=r"not looked at: 'extra'"):
        found = model.score(usual().assign(extra=1))
    assert found.equals(model.score(usual()))


def test_columns_that_are_lacking_are_all_named(model):
    with pytest.raises(SchemaError, match=r"(?s)'age' is missing.*'town' is missing; is it now called 'towns'"):
        model.score(usual().drop(columns="age").rename(columns={"town": "towns"}))


def test_wrong_types_and_empty_tables_are_refused(model):
    with pytest.raises(SchemaError, match="'age'"):
        model.score(usual().assign(age="old"))
    with pytest.raises(InputError):
        model.score(usual()[:0])
    with pytest.raises(InputError, match="batch_rows"):
        model.score_batches(usual(), batch_rows=0)


def test_scores_do_not_depend_on_blocks_or_on_rows_that_follow(model):
    rows = people(5_000, seed=11)
    whole = pa.concat_tables(model.score_batches(rows))
    assert whole.schema.equals(SCHEMA)
    for size in (1_234, 5_000, 70_000):
        tables = list(model.score_batches(rows, batch_rows=size))
        assert [table.num_rows for table in tables[:-1]] == [size] * (len(tables) - 1)
        assert pa.concat_tables(tables).equals(whole)
    part = pa.concat_tables(model.score_batches(rows[:4_200]))
    assert part.equals(whole.slice(0, 4_200))


def test_a_model_file_gives_the_same_scores(model, new, tmp_path):
    model.save(tmp_path / "people.tabgan")
    loaded = TabGAN.load(tmp_path / "people.tabgan", device="cpu")
    pd.testing.assert_frame_equal(loaded.score(new, explain=True), model.score(new, explain=True))


def test_the_same_seed_gives_the_same_scores():
    config = TrainingConfig(steps=20, batch_size=64, generator_width=16, stage_width=8)
    one, again, other = (TabGAN(config, seed=seed, device="cpu").fit(people(400)) for seed in (1, 1, 2))
    rows = people(50, seed=4)
    assert one.score(rows).equals(again.score(rows))
    assert not one.score(rows).equals(other.score(rows))


def test_rules_that_are_broken_are_said_and_count(shop_model):
    rows = small_shop(40, seed=3).to_pandas()
    rows.loc[3, "gross"] += 1
    rows.loc[5, ["red", "green", "blue"]] = 1
    rows.loc[7, "sent"] = rows.loc[7, "ordered"] - pd.Timedelta(days=3)
    found = shop_model.score(rows, explain=True)
    broken = found["because"].str.startswith("breaks: ")
    assert np.flatnonzero(broken).tolist() == [3, 5, 7]
    assert (found.loc[broken, "realism"] < 0.002).all()  # once in 570 rows that were learnt
    assert found.loc[broken, "nats"].isna().all()
    assert "gross" in found.loc[3, "because"]
    assert (found.loc[~broken, "realism"] > 0.01).all()


def test_a_rule_does_not_judge_cells_that_it_cannot_know(shop_model):
    rows = small_shop(10, seed=3).to_pandas().astype({"gross": float, "red": object})
    before = shop_model.score(rows)
    rows.loc[2, "gross"] = np.inf
    rows.loc[4, "red"] = 2**40
    found = shop_model.score(rows, explain=True)
    assert not found["because"].str.startswith("breaks: ").any()
    changed = found["realism"] != before
    assert np.flatnonzero(changed).tolist() == [2, 4]
    assert (found["realism"] < before)[changed].all()


def test_a_rule_about_several_rows_is_not_looked_at():
    frame = people(300)
    schema = Schema.infer(pa.Table.from_pandas(frame, preserve_index=False))
    schema = Schema(schema.columns, (*schema.constraints, Unique(("id",))))
    model = TabGAN(TrainingConfig(steps=3, holdout=0.2), device="cpu").fit(frame, schema=schema)
    found = model.score(usual(), explain=True)
    assert not found["because"].str.startswith("breaks").any()


def test_a_predicate_judges_rows_as_long_as_it_has_its_function(tmp_path):
    frame = people(400)
    schema = Schema.infer(pa.Table.from_pandas(frame, preserve_index=False))
    grown = Predicate("of age", lambda rows: rows["age"] < 60)
    schema = Schema(schema.columns, (*schema.constraints, grown))
    model = TabGAN(TrainingConfig(steps=3), device="cpu").fit(frame, schema=schema)
    rows = usual()
    rows.loc["e", "age"] = 61
    assert model.score(rows, explain=True).loc["e", "because"].startswith("breaks: of age")
    model.save(tmp_path / "m.tabgan")
    with pytest.warns(DataWarning, match="'of age'"):
        found = TabGAN.load(tmp_path / "m.tabgan", device="cpu").score(rows, explain=True)
    assert found.loc["e", "because"] == "age"


def test_small_tables_say_that_they_held_no_rows_out():
    model = TabGAN(TrainingConfig(steps=30), device="cpu").fit(people(40))
    with pytest.warns(DataWarning, match="too small to hold rows out") as told:
        found = model.score(people(60, seed=2))
    assert {warning.filename for warning in told} == {__file__}  # and not one of our own files
    assert found.between(1 / 6, 5 / 6).all()


def test_texts_count_by_their_length_alone():
    random = np.random.default_rng(0)
    words = np.array(["the", "cat", "sat", "on", "a", "mat", "and", "saw", "two", "dogs", "that", "ran", "over"])
    long = [" ".join(random.choice(words, random.integers(12, 20))) for _ in range(150)]
    short = [" ".join(random.choice(words, random.integers(3, 5))) for _ in range(150)]
    frame = pd.DataFrame({"text": long + short, "kind": ["long"] * 150 + ["short"] * 150})
    schema = Schema.infer(pa.Table.from_pandas(frame, preserve_index=False))
    assert schema["text"].kind == "text"
    config = TrainingConfig(steps=150, text_minutes=0.02, holdout=0.2)
    model = TabGAN(config, device="cpu").fit(frame, schema=schema)
    assert "length" in model.unscored["text"]
    rows = pd.DataFrame({"text": [long[0], long[0][::-1], long[0]], "kind": ["long", "long", "short"]})
    score = model.score(rows)
    assert score[0] == score[1]
    assert score[2] < score[0]


def test_before_fit_and_without_a_score_there_is_an_error(model):
    with pytest.raises(NotFittedError, match="fit"):
        TabGAN(device="cpu").score(usual())
    old = TabGAN(device="cpu")
    old._learnt = replace(model._fitted(), realism=None)
    with pytest.raises(NotFittedError, match="fit it again"):
        old.score(usual())


def test_files_of_older_versions_open_and_say_so():
    golden = sorted((Path(__file__).parent / "golden").glob("**/*.tabgan"))
    assert golden
    for path in golden:
        model = TabGAN.load(path, device="cpu")
        with pytest.raises(NotFittedError, match="older version"):
            model.score(model.sample(3))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["adult", "reviews"])
def test_real_tables_are_calibrated(name):
    if name == "adult" and not benchmark.ADULT.exists():
        pytest.skip("shared/data/adult is not here")
    train, test = benchmark.adult() if name == "adult" else benchmark.reviews()
    found = benchmark.run(train, test, seed=0)
    # n: 16,281 test rows of Adult, 4,228 of the reviews, and as many fakes of each make
    assert found["calibration_error"] < (0.02 if name == "adult" else 0.05)
    assert found["brier"] < (0.125 if name == "adult" else 0.15)
    assert found["auc"] > (0.89 if name == "adult" else 0.83)
    assert found["mean"]["own samples"] == pytest.approx(found["mean"]["test rows"], abs=0.05)
    assert found["learn_share_of_fit"] < 0.05
