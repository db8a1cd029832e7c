"""Fits that are broken off and resumed, from Python: the model is that of a fit in one go."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, TrainingConfig, learning
from tabgan.checkpoints import Checkpoints
from tabgan.errors import ArtifactError, ConfigError, DataWarning, InputError, TrainingError
from tabgan.gan.history import TrainingStats
from tabgan.gan.language_settings import LanguageStats

CONFIG = TrainingConfig(steps=8, batch_size=16, generator_width=8, critic_width=8, stage_width=8, text_minutes=0.5)


pytestmark = pytest.mark.filterwarnings("ignore:the table was too small to hold rows out")


class Killed(BaseException):
    """Ends a fit as a signal would, with nothing done in order."""


def rows(n: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame({"city": random.choice(["Ulm", "Jena"], n), "size": random.normal(size=n).round(2)})


def notes(n: int = 40) -> pd.DataFrame:
    random = np.random.default_rng(0)
    texts = [f"Order {random.integers(100, 999)} was sent to the customer." for _ in range(n)]
    return rows(n).assign(note=texts)


def fit(data: pd.DataFrame, seed: int = 3, config: TrainingConfig = CONFIG, **options: Any) -> TabGAN:
    return TabGAN(config, seed=seed, device="cpu").fit(data, **options)


def kill_rows(at: int) -> Callable[[TrainingStats], None]:
    def call(stats: TrainingStats) -> None:
        if stats.step == at:
            raise Killed

    return call


def kill_texts(at: float) -> Callable[[LanguageStats], None]:
    def call(stats: LanguageStats) -> None:
        if stats.progress >= at:
            raise Killed

    return call


def untimed(history: Sequence[TrainingStats]) -> list[TrainingStats]:
    return [replace(stats, elapsed_s=0.0, remaining_s=0.0) for stats in history]


def same(one: TabGAN, other: TabGAN) -> None:
    drawn = one.sample(40)
    pd.testing.assert_frame_equal(drawn, other.sample(40))
    pd.testing.assert_series_equal(one.score(drawn), other.score(drawn))
    assert untimed(one.history) == untimed(other.history)
    assert one.events == other.events
    told = ("kept_step", "ended_by", "floors", "shape_floor")
    assert [one.info[name] for name in told] == [other.info[name] for name in told]
    mine, theirs = (model._fitted().tensors() for model in (one, other))
    assert mine.keys() == theirs.keys()
    assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "run.checkpoint"


def test_a_fit_goes_on_and_its_checkpoints_end_with_the_model(place: Path, tmp_path: Path) -> None:
    expected = fit(rows())
    with pytest.raises(Killed):
        fit(rows(), callback=kill_rows(5), checkpoint=place, checkpoint_s=0)
    assert untimed(Checkpoints(place).load().progress.history) == untimed(expected.history[:4])
    told: list[int] = []
    model = fit(rows(), callback=lambda s: told.append(s.step), checkpoint=place, checkpoint_s=0, resume=True)
    assert told == [5, 6, 7, 8]
    same(model, expected)
    assert model.info["fit_s"] > model.history[-1].elapsed_s
    assert Checkpoints(place).present()
    model.save(tmp_path / "x.tabgan")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.tabgan"]


def test_a_fit_of_texts_goes_on_without_learning_rows_again(place: Path) -> None:
    expected = fit(notes())
    with pytest.raises(Killed):
        fit(notes(), text_callback=kill_texts(0.4), checkpoint=place, checkpoint_s=0)
    progress = Checkpoints(place).load().progress
    assert progress.texts is not None
    assert untimed(progress.history) == untimed(expected.history)
    told: list[float] = []

    def refuse(stats: TrainingStats) -> None:
        raise AssertionError("rows are learnt again")

    options: dict[str, Any] = {"checkpoint": place, "resume": True}
    model = fit(notes(), callback=refuse, text_callback=lambda s: told.append(s.progress), **options)
    assert min(told) >= 0.4
    same(model, expected)
    assert model.ending == expected.ending
    assert [one.step for one in model.snapshots] == [one.step for one in expected.snapshots]


def test_a_fit_that_is_killed_before_its_first_text_goes_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(learning, "learn_corpus", kill)
        with pytest.raises(Killed):
            fit(notes(), checkpoint=place)
    assert "before free text" in Checkpoints(place).load().progress.said
    same(fit(notes(), checkpoint=place, resume=True), fit(notes()))


@pytest.mark.filterwarnings("ignore::tabgan.errors.DataWarning")
@pytest.mark.parametrize("kill", [{"callback": kill_rows(2)}, {"text_callback": kill_texts(0.4)}])
def test_a_fit_that_goes_on_from_a_model_is_resumed_from_that_model_alone(place: Path, kill: dict[str, Any]) -> None:
    first, other = fit(notes()), fit(notes(), seed=4)
    more = notes(60).assign(city="Bonn")
    with pytest.raises(Killed):
        fit(more, start=first, checkpoint=place, checkpoint_s=0, **kill)
    with pytest.raises(InputError, match="what training starts from was"):
        fit(more, start=other, checkpoint=place, resume=True)
    with pytest.raises(InputError, match="what training starts from was"):
        fit(more, schema=first.schema, checkpoint=place, resume=True)
    same(fit(more, start=first, checkpoint=place, resume=True), fit(more, start=first))


def test_left_over_checkpoints_and_those_of_other_runs_are_refused(place: Path) -> None:
    with pytest.raises(Killed):
        fit(rows(), callback=kill_rows(5), checkpoint=place, checkpoint_s=0)
    before = {path: path.read_bytes() for path in Checkpoints(place).present()}
    with pytest.raises(InputError, match="there is a checkpoint of a training that did not end"):
        fit(rows(), checkpoint=place)
    with pytest.raises(InputError, match=r"other cells, or cells in another order: 'city', 'size'"):
        fit(rows()[::-1], checkpoint=place, resume=True)
    with pytest.raises(InputError, match="the seed was 3, is 4"):
        fit(rows(), seed=4, checkpoint=place, resume=True)
    with pytest.raises(InputError, match="setting steps was 8, is 9"):
        fit(rows(), config=TrainingConfig.from_mapping(CONFIG.to_dict() | {"steps": 9}), checkpoint=place, resume=True)
    assert {path: path.read_bytes() for path in Checkpoints(place).present()} == before


def test_a_damaged_checkpoint_is_told_and_the_other_one_taken(place: Path) -> None:
    with pytest.raises(Killed):
        fit(rows(), callback=kill_rows(5), checkpoint=place, checkpoint_s=0)
    files = Checkpoints(place)
    files.turn_of(files.load().serial).write_bytes(b"\0" * 99)
    with pytest.warns(DataWarning, match=r"is not a checkpoint of tabgan.*The other one is whole"):
        model = fit(rows(), checkpoint=place, resume=True)
    same(model, fit(rows()))


def test_what_cannot_be_resumed_is_refused_before_any_work(place: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no checkpoint"):
        TabGAN(CONFIG).fit("no such table.csv", checkpoint=place, resume=True)
    with pytest.raises(ConfigError, match="resume needs the checkpoint"):
        TabGAN(CONFIG).fit("no such table.csv", resume=True)
    for wrong in (-1, float("nan"), "5", True):
        with pytest.raises(ConfigError, match="checkpoint_s must be a number of seconds"):
            TabGAN(CONFIG).fit("no such table.csv", checkpoint=place, checkpoint_s=wrong)


def test_a_run_that_diverges_leaves_no_checkpoint(place: Path) -> None:
    rates = {"generator_rate": 1.0, "critic_rate": 1.0, "critic_blocks": 16, "adversarial_share": 1.0, "recoveries": 0}
    config = TrainingConfig.from_mapping(CONFIG.to_dict() | rates | {"steps": 100})
    with pytest.raises(TrainingError):
        fit(rows(), config=config, checkpoint=place, checkpoint_s=0)
    assert not Checkpoints(place).present()


def press(*_: object) -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.fixture
def keyboard():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("keyboard")
@pytest.mark.parametrize("when", ["rows", "corpus", "texts"])
def test_an_interrupt_ends_everything_soon_and_the_model_is_whole(
    when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts would take as long as they may; after an interrupt they get a moment, so that the model can be used."""
    monkeypatch.setattr(learning, "HURRIED_S", 0.5)
    options: dict[str, Any] = {}
    if when == "rows":
        options["callback"] = lambda stats: press() if stats.step == 3 else None
    elif when == "texts":
        options["text_callback"] = press
    else:
        corpus = learning.learn_corpus
        monkeypatch.setattr(learning, "learn_corpus", lambda *a: (signal.raise_signal(signal.SIGINT), corpus(*a))[1])
    model = fit(notes(), **options)
    assert model.interrupted
    assert model.info["ended_by"] == ("keyboard" if when == "rows" else "steps")
    model.save(tmp_path / "x.tabgan")
    loaded = TabGAN.load(tmp_path / "x.tabgan", device="cpu")
    assert loaded.interrupted
    assert loaded.sample(10)["note"].str.len().gt(0).all()
