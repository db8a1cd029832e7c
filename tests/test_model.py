"""The hall: what goes in comes out in the same types, whatever it came in as; and no half-made model ever exists."""

import copy
import datetime as dt
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from pandas.testing import assert_frame_equal

from tabgan import Schema, TabGAN, TrainingConfig, artifact
from tabgan.errors import ArtifactError, ConditionError, ConfigError, DataWarning, InputError, NotFittedError

N = 40
CONFIG = TrainingConfig(steps=2, batch_size=16, generator_width=8, critic_width=8, stage_width=8)


class Stream:
    """Nothing but the Arrow protocol."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def small(seed: int = 0) -> TabGAN:
    return TabGAN(CONFIG, seed=seed, device="cpu")


def plain() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "count": random.integers(0, 9, N),
            "weight": random.normal(size=N).round(3),
            "city": random.choice(["Ulm", "Jena", "Kiel"], N),
            "member": random.random(N) < 0.5,
        }
    )


def rows(model: TabGAN, n: int = 30, **options: Any) -> list[dict[str, Any]]:
    return pa.concat_tables(model.sample_batches(n, **options)).to_pylist()


def every_kind() -> dict[str, Any]:
    """A column of each dtype that is promised to come back; each varies."""
    random = np.random.default_rng(1)
    number = random.integers(0, 6, N)
    hole = number == 0
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=int(i)) for i in number]
    return {
        "uint16": pd.Series(number.astype(np.uint16)),
        "bool": pd.Series(number > 2),
        "int8": pd.Series(number.astype(np.int8)),
        "int64": pd.Series(number * 1_000),
        "float32": pd.Series(random.normal(size=N).astype(np.float32)),
        "float64 NaN": pd.Series(np.where(hole, np.nan, random.normal(size=N))),
        "text": pd.Series([f"t{i}" for i in number]),
        "object": pd.Series([f"o{i}" for i in number], dtype=object),
        "string NA": pd.array([None if i == 0 else f"s{i}" for i in number], dtype="string"),
        "unordered": pd.Categorical.from_codes(number - 1, list("fabcde")),
        "ordered": pd.Categorical.from_codes(number % 3, ["low", "mid", "high", "never"], ordered=True),
        "Int64 NA": pd.array([None if i == 0 else int(i) for i in number], dtype="Int64"),
        "UInt8": pd.array(number, dtype="UInt8"),
        "Float32 NA": pd.array([None if i == 0 else i / 4 for i in number], dtype="Float32"),
        "boolean NA": pd.array([None if i == 0 else bool(i > 2) for i in number], dtype="boolean"),
        "naive time": pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(number, "h")),
        "zoned time": pd.Series(pd.Timestamp("2020-01-01", tz="Europe/Berlin") + pd.to_timedelta(number, "D")),
        "span": pd.Series(pd.to_timedelta(number, "min")),
        "arrow int": pd.array([None if i == 0 else int(i) for i in number], dtype=pd.ArrowDtype(pa.int32())),
        "arrow text": pd.array([f"a{i}" for i in number], dtype=pd.ArrowDtype(pa.string())),
        "arrow bool": pd.array(number > 2, dtype=pd.ArrowDtype(pa.bool_())),
        "arrow double": pd.array(random.normal(size=N), dtype=pd.ArrowDtype(pa.float64())),
        "date32": pd.array(days, dtype=pd.ArrowDtype(pa.date32())),
        "decimal": pd.array([Decimal(int(i)) / 4 for i in number], dtype=pd.ArrowDtype(pa.decimal128(7, 2))),
        "arrow zoned": pd.array(
            [dt.datetime(2020, 1, 1 + int(i), tzinfo=dt.UTC) for i in number],
            dtype=pd.ArrowDtype(pa.timestamp("us", "UTC")),
        ),
        "arrow span": pd.array([dt.timedelta(minutes=int(i)) for i in number], dtype=pd.ArrowDtype(pa.duration("ms"))),
    }


KINDS = every_kind()


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return plain()


@pytest.fixture(scope="module")
def model(frame: pd.DataFrame) -> TabGAN:
    return small(seed=4).fit(frame)


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    return pd.DataFrame(KINDS)


@pytest.fixture(scope="module")
def wide_model(wide: pd.DataFrame) -> TabGAN:
    return small().fit(wide)


def as_csv(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "plain.csv", index=False)
    return folder / "plain.csv"


def as_parquet(frame: pd.DataFrame, folder: Path) -> str:
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / "plain.parquet")
    return str(folder / "plain.parquet")


@pytest.mark.parametrize(
    "source",
    [
        lambda frame, folder: pa.Table.from_pandas(frame, preserve_index=False),
        lambda frame, folder: pl.DataFrame(frame.to_dict("list")),
        lambda frame, folder: Stream(pa.Table.from_pandas(frame, preserve_index=False)),
        as_csv,
        as_parquet,
    ],
    ids=["arrow", "polars", "stream", "csv", "parquet"],
)
def test_the_same_data_make_the_same_rows_whatever_they_come_in(
    model: TabGAN, frame: pd.DataFrame, tmp_path: Path, source: Callable[[pd.DataFrame, Path], object]
) -> None:
    assert rows(small(seed=4).fit(source(frame, tmp_path))) == rows(model)


@pytest.mark.parametrize("data", [3, None, [1, 2], {"a": [1]}], ids=repr)
def test_what_is_no_table_is_refused(data: object) -> None:
    with pytest.raises(InputError):
        small().fit(data)


def test_columns_come_back_in_order(wide: pd.DataFrame, wide_model: TabGAN) -> None:
    assert list(wide_model.sample(9).columns) == list(wide.columns)


@pytest.mark.parametrize("name", list(KINDS))
def test_each_dtype_comes_back(wide: pd.DataFrame, wide_model: TabGAN, name: str) -> None:
    made = wide_model.sample(200)[name]
    assert made.dtype == wide[name].dtype
    assert made.isna().any() <= wide[name].isna().any()
    seen = made.dropna()
    assert len(seen) > 0
    if not name.startswith(("float", "arrow double")):
        assert set(seen) <= set(wide[name].dropna())


@pytest.mark.parametrize("name", list(KINDS))
def test_each_kind_of_column_can_be_given(wide: pd.DataFrame, wide_model: TabGAN, name: str) -> None:
    value = wide[name].dropna().iloc[3]
    made = wide_model.sample(20, where={name: value})[name]
    assert made.tolist() == [value] * 20
    assert made.dtype == wide[name].dtype


@pytest.mark.parametrize("name", [name for name, column in KINDS.items() if pd.isna(column).any()])
def test_missing_can_be_given_where_it_occurs(wide_model: TabGAN, name: str) -> None:
    assert wide_model.sample(20, where={name: None})[name].isna().all()


def test_what_cannot_be_is_refused_as_a_condition(model: TabGAN) -> None:
    for where in ({"town": "Ulm"}, {"city": "Rome"}, {"weight": "heavy"}, {"member": None}):
        with pytest.raises(ConditionError, match=next(iter(where))):
            model.sample_batches(3, where=where)


def test_the_frame_is_not_changed(wide: pd.DataFrame, wide_model: TabGAN) -> None:
    assert_frame_equal(wide, pd.DataFrame(every_kind()))


@pytest.mark.parametrize(
    "ask",
    [
        lambda model, folder: model.sample(3),
        lambda model, folder: model.sample_batches(3),
        lambda model, folder: model.save(folder / "x.tabgan"),
        lambda model, folder: model.schema,
        lambda model, folder: model.output_schema,
    ],
    ids=["sample", "sample_batches", "save", "schema", "output_schema"],
)
def test_nothing_comes_of_a_model_that_has_not_learnt(ask: Callable[[TabGAN, Path], object], tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="fit"):
        ask(small(), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("n", [0, -1, True, 1.5, "3", None], ids=repr)
def test_a_wrong_number_of_rows_is_refused_before_the_first_batch(model: TabGAN, n: Any) -> None:
    with pytest.raises(InputError, match="n must be"):
        model.sample_batches(n)
    with pytest.raises(InputError, match="batch_rows must be"):
        model.sample_batches(3, batch_rows=n)
    with pytest.raises(InputError, match="n must be"):
        model.sample(n)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1"], ids=repr)
def test_a_wrong_seed_is_refused(model: TabGAN, seed: Any) -> None:
    with pytest.raises(ConfigError, match="seed"):
        TabGAN(seed=seed)
    with pytest.raises(ConfigError, match="seed"):
        model.sample_batches(3, seed=seed)


def test_the_seed_decides_the_model_and_the_rows(model: TabGAN, frame: pd.DataFrame) -> None:
    assert rows(small(seed=4).fit(frame)) == rows(model)
    assert rows(small(seed=5).fit(frame), seed=4) != rows(model)
    assert rows(model, seed=4) == rows(model)
    assert rows(model, seed=5) != rows(model)


def test_batches_have_the_size_asked_for(model: TabGAN) -> None:
    batches = list(model.sample_batches(25, batch_rows=10))
    assert [batch.num_rows for batch in batches] == [10, 10, 5]
    assert all(batch.schema.equals(model.output_schema) for batch in batches)
    assert pa.concat_tables(batches).to_pylist() == rows(model, 25)


def test_a_saved_model_is_the_same_model(model: TabGAN, tmp_path: Path) -> None:
    model.save(tmp_path / "a.tabgan")
    again = TabGAN.load(tmp_path / "a.tabgan", device="cpu")
    assert_frame_equal(again.sample(50), model.sample(50))
    assert_frame_equal(again.sample(50, where={"city": "Ulm"}), model.sample(50, where={"city": "Ulm"}))
    for part in ("config", "seed", "schema", "history", "events", "info", "interrupted", "ending"):
        assert getattr(again, part) == getattr(model, part), part
    assert again.seed == 4
    assert again.history


@pytest.fixture(scope="module")
def saved(model: TabGAN, tmp_path_factory) -> artifact.Artifact:
    path = tmp_path_factory.mktemp("saved") / "a.tabgan"
    model.save(path)
    return artifact.load(path)


PARTS = ["schema", "restatements", "codec", "texts", "stages", "config", "seed", "history", "info"]


def refused(content: artifact.Artifact, folder: Path) -> None:
    artifact.save(content, folder / "bad.tabgan")
    with pytest.raises(ArtifactError, match=r"bad\.tabgan"):
        TabGAN.load(folder / "bad.tabgan", device="cpu")


@pytest.mark.parametrize("part", PARTS)
def test_a_file_without_a_part_is_refused(saved: artifact.Artifact, tmp_path: Path, part: str) -> None:
    assert set(saved.manifest) == {*PARTS, "events", "realism"}  # older files have neither of the two
    manifest = {key: value for key, value in saved.manifest.items() if key != part}
    refused(artifact.Artifact(manifest, saved.tensors), tmp_path)


def test_a_file_of_a_version_without_events_opens(saved: artifact.Artifact, tmp_path: Path) -> None:
    manifest = {key: value for key, value in saved.manifest.items() if key != "events"}
    artifact.save(artifact.Artifact(manifest, saved.tensors), tmp_path / "old.tabgan")
    old = TabGAN.load(tmp_path / "old.tabgan", device="cpu")
    assert old.events == ()
    assert len(old.sample(5)) == 5


def test_events_tell_of_the_states_of_training(model: TabGAN) -> None:
    assert model.events
    assert [event.step for event in model.events] == sorted(event.step for event in model.events)
    assert model.events[0].state == model.history[0].state
    assert {stats.state for stats in model.history} <= {event.state for event in model.events}


@pytest.mark.parametrize("value", ["x", 3.5, None, [1], {"x": 1}], ids=repr)
@pytest.mark.parametrize("part", [*(part for part in PARTS if part != "info"), "events"])
def test_a_part_of_another_type_is_refused(saved: artifact.Artifact, tmp_path: Path, part: str, value: object) -> None:
    if (part, value) != ("texts", None):  # as it is
        refused(artifact.Artifact({**saved.manifest, part: value}, saved.tensors), tmp_path)


@pytest.mark.parametrize("value", ["x", 3.5, None, [1]], ids=repr)
def test_info_of_another_type_is_refused(saved: artifact.Artifact, tmp_path: Path, value: object) -> None:
    refused(artifact.Artifact({**saved.manifest, "info": value}, saved.tensors), tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda array: np.full_like(array, np.nan),
        lambda array: np.full_like(array, np.inf),
        lambda array: array[..., :-1],
        lambda array: array[None],
        lambda array: np.zeros(0, array.dtype),
    ],
    ids=["NaN", "infinite", "narrow", "one more dimension", "empty"],
)
def test_a_wrong_tensor_is_refused(
    saved: artifact.Artifact, tmp_path: Path, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    name = next(name for name, array in saved.tensors.items() if array.dtype == np.float32 and array.ndim == 2)
    refused(artifact.Artifact(saved.manifest, {**saved.tensors, name: change(saved.tensors[name])}), tmp_path)


def test_a_missing_and_a_foreign_tensor_are_refused(saved: artifact.Artifact, tmp_path: Path) -> None:
    name = next(name for name in saved.tensors if not name.startswith("snapshot."))
    without = {key: array for key, array in saved.tensors.items() if key != name}
    refused(artifact.Artifact(saved.manifest, without), tmp_path)
    refused(artifact.Artifact(saved.manifest, {**saved.tensors, "foreign": np.zeros(3, np.float32)}), tmp_path)


def test_a_new_fit_replaces_the_model(frame: pd.DataFrame, model: TabGAN) -> None:
    again = small(seed=4).fit(pd.DataFrame({"other": [1.5, 2.5, 3.5] * 5}))
    assert list(again.sample(3).columns) == ["other"]
    assert rows(again.fit(frame)) == rows(model)
    assert again.info["n_rows"] == N


def test_a_fit_that_fails_leaves_the_model_as_it_was(frame: pd.DataFrame) -> None:
    made = small().fit(frame)
    before = rows(made)
    with pytest.raises(InputError):
        made.fit(pd.DataFrame({"a": [1, 1, 1]}))
    assert rows(made) == before


def _interrupt(stats: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("callback", [lambda stats: True, _interrupt], ids=["True", "keyboard"])
def test_training_that_is_ended_early_leaves_a_model_that_samples(frame: pd.DataFrame, callback: Any) -> None:
    made = TabGAN(TrainingConfig(**{**CONFIG.to_dict(), "steps": 500}), device="cpu").fit(frame, callback=callback)
    assert made.interrupted
    assert made.info["kept_step"] >= 1
    assert len(made.history) <= 1
    assert len(made.sample(5)) == 5


def test_training_to_the_end_is_not_interrupted(model: TabGAN, frame: pd.DataFrame) -> None:
    seen = []
    made = small().fit(frame, callback=seen.append)
    assert not made.interrupted
    assert tuple(seen) == made.history
    assert made.history[-1].step == CONFIG.steps


@pytest.mark.parametrize("cells", [{"a": [1, 1], "b": ["x", "x"]}, {"a": [None, None]}], ids=["constant", "missing"])
def test_a_table_that_does_not_vary_is_refused(cells: dict[str, list[Any]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        with pytest.raises(InputError, match="nothing to learn"):
            small().fit(pd.DataFrame(cells))


def test_columns_that_come_back_empty_are_warned_of(frame: pd.DataFrame) -> None:
    table = frame.assign(gap=np.full(N, np.nan))
    with pytest.warns(DataWarning) as caught:
        made = small().fit(table)
    messages = [str(warning.message) for warning in caught if warning.category is DataWarning]
    assert len(messages) == 1
    assert "'gap'" in messages[0]
    assert "missing" in messages[0]
    sampled = made.sample(6)
    assert list(sampled.columns) == [*frame.columns, "gap"]
    assert sampled["gap"].isna().all()


def test_a_clean_table_is_learnt_without_a_warning(frame: pd.DataFrame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        small().fit(frame)


def test_the_schema_that_is_given_is_used_and_must_fit(frame: pd.DataFrame, model: TabGAN) -> None:
    before = copy.deepcopy(model.schema)
    assert small().fit(frame, schema=model.schema).schema == before
    assert isinstance(model.schema, Schema)
    with pytest.raises(InputError, match="city"):
        small().fit(frame.drop(columns="city"), schema=model.schema)
