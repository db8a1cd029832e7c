"""What a report on training says is what the run did, and what its rows were."""

import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tabgan import TabGAN, TrainingConfig
from tabgan.errors import InputError, NotFittedError, SchemaError
from tabgan.evaluation.aligned import align
from tabgan.evaluation.render import to_json
from tabgan.evaluation.resampling import column_distance
from tabgan.evaluation.results.training import Series, TrainingReport
from tabgan.gan.history import Event
from tabgan.training_report import SERIES, Run, report_on

GOLDEN = Path(__file__).parent / "golden" / "format_2.tabgan"
SMALL = {"batch_size": 32, "generator_width": 16, "critic_width": 16, "stage_width": 8}


def _people(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "height": random.normal(170, 10, n).round(1),
            "city": random.choice(["Ulm", "Jena", "Kiel"], n, p=[0.7, 0.2, 0.1]),
            "member": random.random(n) < 0.5,
            "gap": np.full(n, np.nan),
        }
    )
    frame.loc[random.random(n) < 0.1, "height"] = np.nan
    return frame


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    return _people(600, 0)


@pytest.fixture(scope="module")
def model(people: pd.DataFrame) -> TabGAN:
    config = TrainingConfig(steps=100, adversarial_share=0.5, **SMALL)
    with pytest.warns(UserWarning, match="gap"):
        return TabGAN(config, seed=2, device="cpu").fit(people)


@pytest.fixture(scope="module")
def beside_real(model: TabGAN, people: pd.DataFrame) -> TrainingReport:
    return model.training_report(people)


def _by_name(report: TrainingReport) -> dict[str, Series]:
    return {series.name: series for series in report.series}


def test_the_curves_are_the_history(model: TabGAN, beside_real: TrainingReport) -> None:
    curves = _by_name(beside_real)
    measured = [name for name in SERIES if any(getattr(stats, name) is not None for stats in model.history)]
    assert list(curves) == measured
    assert {"surprise", "held_out", "held_out_shape", "held_out_trend", "made_score", "accuracy"} <= set(measured)
    for name, curve in curves.items():
        factor = 100 if curve.unit == "%" else 1
        expected = [(s.step, factor * getattr(s, name)) for s in model.history if getattr(s, name) is not None]
        assert list(zip(curve.steps, curve.values, strict=True)) == expected
    assert curves["surprise"].steps[-1] == 100
    assert min(curves["real_score"].steps) > 50
    assert curves["held_out_shape"].floor == pytest.approx(100 * model.info["shape_floor"])
    assert curves["accuracy"].floor == 50
    assert curves["surprise"].floor is None


def test_the_scores_of_a_sigmoid_are_probabilities(model: TabGAN) -> None:
    stats = replace(model.history[-1], real_score=0.5)
    for objective, unit in (("wgan-gp", ""), ("nsgan", "probability")):
        run = Run(0, TrainingConfig(objective=objective), model.schema, (stats,), {"n_rows": 600}, ())
        assert _by_name(report_on(run))["real_score"].unit == unit


def test_states_are_spans_and_events_are_as_they_happened(model: TabGAN) -> None:
    states = [None, "learning", "learning", "oscillating", None, "learning"]
    history = tuple(replace(model.history[0], step=10 * i, state=state) for i, state in enumerate(states, 1))
    events = (Event(40, "oscillating", "up and down", "lower the rates", {"critic_rate": 1e-4}),)
    run = Run(0, TrainingConfig(), model.schema, history, {"n_rows": 600}, (), events)
    report = report_on(run)
    spans = [(span.state, span.first_step, span.last_step, span.level) for span in report.states]
    assert spans == [
        ("learning", 10, 30, "fine"),
        ("oscillating", 30, 40, "notable"),
        ("learning", 50, 60, "fine"),
    ]
    (event,) = report.events
    assert (event.step, event.state, event.advice, event.level) == (40, "oscillating", "lower the rates", "notable")
    document = json.loads(to_json(report))
    assert document["events"][0]["settings"] == {"critic_rate": 1e-4}
    assert document["states"][1]["state"] == "oscillating"


def test_a_run_without_rows_held_out_and_without_a_critic_has_fewer_curves(people: pd.DataFrame) -> None:
    config = TrainingConfig(steps=6, adversarial_share=0.0, holdout=0.0, **SMALL)
    report = TabGAN(config, device="cpu").fit(people.drop(columns="gap")).training_report()
    assert list(_by_name(report)) == ["surprise", "rate"]
    assert len(report.snapshots) == 6


def test_it_says_how_the_run_ended_and_with_which_settings(beside_real: TrainingReport) -> None:
    assert (beside_real.ended_by, beside_real.kept_step, beside_real.n_rows) == ("steps", 100, 600)
    assert beside_real.ending == "ended after 100 of 100 steps: all that were planned; the weights of step 100 are kept"
    settings = {setting.name: setting for setting in beside_real.settings}
    assert list(settings) == [field.name for field in fields(TrainingConfig)]
    changed = {setting.name for setting in beside_real.settings if setting.changed}
    assert changed == {"steps", "adversarial_share", *SMALL}
    steps = settings["steps"]
    assert (steps.value, steps.default, steps.unit, steps.group) == (100, 300, "steps", "Length")
    assert (settings["batch_size"].value, settings["batch_size"].default) == (32, 37)
    assert settings["critic_rate"].value == settings["critic_rate"].default == 1e-3
    assert all(setting.help for setting in beside_real.settings)


def test_each_snapshot_is_counted_beside_the_real_rows(
    model: TabGAN, people: pd.DataFrame, beside_real: TrainingReport
) -> None:
    assert (beside_real.reference, beside_real.n_reference, beside_real.caveats) == ("real", 600, ())
    assert [(s.step, s.kept) for s in beside_real.snapshots][-1] == (100, True)
    assert sum(s.kept for s in beside_real.snapshots) == 1
    for snapshot, found in zip(model.snapshots, beside_real.snapshots, strict=True):
        assert (snapshot.step, len(snapshot.rows)) == (found.step, found.n)
        overlays = {column.name: column.overlay for column in found.columns}
        assert list(overlays) == list(people.columns)
        assert overlays["gap"] is None
        city = dict(zip(overlays["city"].labels, overlays["city"].synthetic, strict=True))
        drawn = snapshot.rows["city"].value_counts()
        assert city == {label: drawn.get(label, 0) for label in city}
        assert sum(overlays["height"].real) == people["height"].notna().sum()
        assert sum(overlays["height"].synthetic) == snapshot.rows["height"].notna().sum()
    assert len({column.overlay.edges for s in beside_real.snapshots for column in s.columns[:1]}) == 1


def test_the_shape_error_is_the_mean_distance_of_the_columns(
    model: TabGAN, people: pd.DataFrame, beside_real: TrainingReport
) -> None:
    rows, found = model.snapshots[-1].rows, beside_real.snapshots[-1].shape_error_pct
    cut = np.union1d(people["height"].dropna(), rows["height"].dropna())
    below = np.subtract(*((frame["height"].to_numpy()[:, None] <= cut).mean(0) for frame in (people, rows)))
    missing = people["height"].isna().mean() - rows["height"].isna().mean()
    distances = [max(np.abs(below).max(), np.abs(below + missing).max(), abs(missing)), 0.0]  # nothing but gaps in gap
    for name in ("city", "member"):
        shares = [frame[name].value_counts(normalize=True) for frame in (people, rows)]
        distances.append(shares[0].sub(shares[1], fill_value=0).abs().sum() / 2)
    assert found.value == pytest.approx(100 * np.mean(distances), abs=1e-9)
    assert found.floor > 0
    assert found.floor_error > 0
    assert found.standard_error > 0


def test_the_floor_is_what_samples_of_real_rows_get(model: TabGAN) -> None:
    real = _people(5_000, 1)
    floor = model.training_report(real).snapshots[0].shape_error_pct
    measured = []
    for seed in range(100):
        other = _people(500, 100 + seed)
        columns = [
            align(name, model.schema[name].kind, *(pa.array(frame[name], from_pandas=True) for frame in (real, other)))
            for name in real
        ]
        measured.append(100 * np.mean([column_distance(column) for column in columns]))
    error = np.hypot(floor.floor_error, np.std(measured) / 10)
    assert abs(floor.floor - np.mean(measured)) < 4 * error
    assert error < 0.1 * floor.floor


def test_without_a_real_table_the_rows_that_were_kept_are_the_yardstick(model: TabGAN) -> None:
    report = model.training_report()
    assert (report.reference, report.n_reference) == ("kept", 500)
    assert [caveat.code for caveat in report.caveats] == ["no_real_table"]
    errors = [snapshot.shape_error_pct for snapshot in report.snapshots]
    assert errors[-1].value == 0
    assert errors[0].value > 0
    assert {(error.floor, error.standard_error) for error in errors} == {(None, None)}


def test_the_same_model_gives_the_same_report_and_the_table_is_not_changed(
    model: TabGAN, people: pd.DataFrame, beside_real: TrainingReport, tmp_path: Path
) -> None:
    before = people.copy()
    model.save(tmp_path / "a.tabgan")
    assert TabGAN.load(tmp_path / "a.tabgan", device="cpu").training_report(people) == beside_real
    pd.testing.assert_frame_equal(people, before)


def test_a_large_table_is_thinned(model: TabGAN) -> None:
    report = model.training_report(_people(60_000, 3))
    assert report.n_reference == 50_000
    assert sum(report.snapshots[0].columns[1].overlay.real) == 50_000


def test_a_real_table_of_one_row_is_compared(model: TabGAN) -> None:
    report = model.training_report(_people(1, 3))
    assert report.n_reference == 1
    assert report.snapshots[0].shape_error_pct is not None


def test_a_real_column_of_another_type_gets_a_caveat(model: TabGAN, people: pd.DataFrame) -> None:
    report = model.training_report(people.assign(height="tall"))
    (caveat,) = report.caveats
    assert (caveat.code, "'height'" in caveat.text) == ("cast", True)


def test_a_table_that_does_not_fit_is_refused(model: TabGAN, people: pd.DataFrame) -> None:
    with pytest.raises(SchemaError, match=r"(?s)'height', 'city'.*'colour'"):
        model.training_report(people.rename(columns={"city": "colour"}).drop(columns="height"))
    with pytest.raises(InputError, match="row"):
        model.training_report(people[:0])


def test_it_is_json(beside_real: TrainingReport) -> None:
    document = json.loads(to_json(beside_real))
    assert document["format"] == 2
    assert document["kept_step"] == 100
    assert document["series"][0]["name"] == "surprise"
    assert document["snapshots"][-1]["columns"][1]["overlay"]["labels"] == ["Ulm", "Jena", "Kiel"]


def test_a_file_of_an_older_version_says_what_it_lacks() -> None:
    report = TabGAN.load(GOLDEN, device="cpu").training_report()
    assert (report.ended_by, report.kept_step, report.ending) == (None, None, "ended after 20 of 20 steps")
    assert report.snapshots == ()
    assert [entry.what for entry in report.not_computed] == ["rows at several points of training"]
    assert {"surprise", "held_out"} <= _by_name(report).keys()
    assert not {"held_out_shape", "real_score"} & _by_name(report).keys()
    assert (report.states, report.events) == ((), ())


def test_a_run_that_patience_ended_shows_the_weights_that_are_kept() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({name: random.integers(0, 5, 100).astype(str) for name in "abcd"})
    config = TrainingConfig(steps=300, holdout=0.3, patience=0.02, averaging=0.5, adversarial_share=0.0)
    model = TabGAN(config, device="cpu").fit(frame)
    report = model.training_report(frame)
    assert report.ended_by == "patience"
    curve = _by_name(report)["held_out"]
    assert report.kept_step == curve.steps[int(np.argmin(curve.values))]
    assert report.kept_step < model.history[-1].step
    assert [s.step for s in report.snapshots if s.kept] == [report.kept_step]
    assert f"rows held out became more surprising; the weights of step {report.kept_step} are kept" in report.ending


def test_a_run_that_ended_before_its_first_report_has_a_report(people: pd.DataFrame) -> None:
    def interrupt(stats: object) -> None:
        raise KeyboardInterrupt

    config = TrainingConfig(steps=50, **SMALL)
    model = TabGAN(config, device="cpu").fit(people.drop(columns="gap"), callback=interrupt)
    report = model.training_report()
    assert (report.ended_by, report.kept_step) == ("keyboard", 1)
    assert [snapshot.step for snapshot in report.snapshots] == [1]


def test_a_model_that_learnt_nothing_has_no_report() -> None:
    with pytest.raises(NotFittedError):
        TabGAN(device="cpu").training_report()


def test_a_table_whose_columns_are_all_made_up_has_curves_alone() -> None:
    numbers = np.random.default_rng(0).integers(0, 10**7, 120)
    phones = [f"+49 {30 + number % 2} {number:07d}" for number in numbers]
    frame = pd.DataFrame({"phone": phones, "zip": [f"{number % 90_000 + 10_000}" for number in numbers]})
    report = TabGAN(TrainingConfig(steps=10)).fit(frame).training_report(frame)
    assert report.snapshots == ()
    assert "made up anew" in report.not_computed[0].reason
