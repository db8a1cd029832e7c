"""The search for settings: its trials, what is pruned, its limits, and whether it says honestly what it gained."""

import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tabgan import TrainingConfig, tune
from tabgan.errors import ConfigError, InputError
from tabgan.gan.history import TrainingStats
from tabgan.gan.search_space import OneOf, Range
from tabgan.trials import Trial, TuningResult

pytest.importorskip("optuna")

CONFIG = TrainingConfig(
    steps=30, batch_size=32, generator_width=16, stage_width=16, critic_width=16, holdout=0.2, adversarial_share=0.0
)
SPACE = {"generator_rate": Range(1e-3, 2e-2, log=True), "averaging": OneOf((0.9, 0.99))}
ROOT = Path(__file__).parents[1]


def people(n: int = 240) -> pd.DataFrame:
    random = np.random.default_rng(0)
    city = random.choice(["Ulm", "Jena", "Kiel"], n)
    return pd.DataFrame({"city": city, "north": city == "Kiel", "size": random.choice([1, 2, 3, 4], n)})


def untimed(trials: tuple[Trial, ...]) -> list[Trial]:
    return [replace(trial, elapsed_s=0.0) for trial in trials]


@pytest.fixture(scope="module")
def found() -> TuningResult:
    return tune(people(), config=CONFIG, space=SPACE, trials=5, device="cpu", seed=3)


def test_the_first_trial_has_the_settings_to_begin_with_and_the_best_is_the_best(found: TuningResult) -> None:
    assert found.trials[0].settings == {"generator_rate": 8e-3, "averaging": 0.99}
    assert [trial.number for trial in found.trials] == list(range(5))
    assert found.best.distance == min(trial.distance for trial in found.trials)
    assert found.best.distance <= found.trials[0].distance
    assert found.config == replace(CONFIG, **(found.best.settings if found.best.number else {}))
    assert found.ended_by == "trials"
    assert len(found.refits) == (2 if found.best.number else 0)
    assert len({refit.seed for refit in found.refits} | {3}) == len(found.refits) + 1


def test_trials_come_out_the_same_in_one_go_or_resumed(found: TuningResult, tmp_path: Path) -> None:
    stop_at = 2

    def interrupted(number: int, stats: TrainingStats) -> bool:
        return number == stop_at

    options = {"config": CONFIG, "space": SPACE, "device": "cpu", "seed": 3, "storage": tmp_path / "s"}
    first = tune(people(), callback=interrupted, trials=5, **options)  # type: ignore[arg-type]
    assert first.ended_by == "callback"
    assert len(first.trials) == 2
    again = tune(people(), resume=True, trials=5, **options)  # type: ignore[arg-type]
    assert untimed(again.trials) == untimed(found.trials)
    assert [refit.gain for refit in again.refits] == [refit.gain for refit in found.refits]
    with pytest.raises(InputError, match=r"(?s)rows: 240 there, 239 here.*contents of the table"):
        tune(people().iloc[:239], resume=True, trials=5, **options)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="limits of averaging"):
        tune(people(), resume=True, trials=5, **(options | {"space": {**SPACE, "averaging": OneOf((0.5, 0.99))}}))  # type: ignore[arg-type]


def test_a_planted_bad_trial_is_pruned() -> None:
    # With a rate of nearly nothing the generator keeps to the margins that it starts with, and knows no pairs.
    random = np.random.default_rng(0)
    first = random.integers(5, size=600)
    others = {name: np.where(random.random(600) < 0.1, random.integers(5, size=600), first) for name in "bcd"}
    table = pd.DataFrame({"a": first, **others}).map("vwxyz".__getitem__)
    config = replace(CONFIG, steps=60, generator_rate=1e-2, averaging=0.8)
    space = {"adversarial_weight": OneOf((0.05, 0.06, 0.07)), "generator_rate": OneOf((1e-2, 1e-9))}
    found = tune(table, config=config, space=space, trials=10, device="cpu")
    planted = [trial for trial in found.trials if trial.settings["generator_rate"] == 1e-9]
    late = [trial for trial in planted if sum(other.figures is not None for other in found.trials[: trial.number]) > 3]
    assert late
    for trial in late:
        assert trial.pruned is not None
        assert "plainly worse than half" in trial.pruned
        assert trial.distance == math.inf
    good = [trial for trial in found.trials if trial.settings["generator_rate"] == 1e-2]
    assert sum(trial.figures is not None for trial in good) >= len(good) / 2
    assert found.best.settings["generator_rate"] == 1e-2


def test_settings_that_contradict_each_other_are_a_pruned_trial() -> None:
    space = {"pac": OneOf((1, 2)), "minibatch_std": OneOf((0, 4))}
    found = tune(people(), config=replace(CONFIG, steps=10), space=space, trials=8, device="cpu")
    pruned = [trial for trial in found.trials if trial.pruned is not None]
    assert pruned
    assert all(
        "choose one" in str(trial.pruned) for trial in pruned if trial.settings == {"pac": 2, "minibatch_std": 4}
    )
    assert all(trial.settings == {"pac": 2, "minibatch_std": 4} or trial.figures for trial in found.trials[:3])


def test_the_time_box_holds_and_the_trial_at_work_is_given_up() -> None:
    long = replace(CONFIG, steps=60)
    heard: list[Trial] = []
    started = time.monotonic()

    def slow(number: int, stats: TrainingStats) -> None:
        if number:
            time.sleep(1)

    found = tune(people(), config=long, space=SPACE, minutes=0.15, device="cpu", callback=slow, listener=heard.append)
    assert time.monotonic() - started < 60
    assert found.ended_by == "time"
    assert tuple(heard) == found.trials
    assert found.trials[0].figures is not None
    assert len(found.trials) < 5


def test_an_interrupt_ends_the_search_with_what_there_is() -> None:
    def interrupt(number: int, stats: TrainingStats) -> None:
        if number == 1:
            raise KeyboardInterrupt

    found = tune(people(), config=CONFIG, space=SPACE, trials=9, device="cpu", callback=interrupt)
    assert found.ended_by == "keyboard"
    assert len(found.trials) == 1
    assert found.verdict == "defaults"
    assert found.config == CONFIG


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_killed_search_goes_on_as_if_nothing_had_happened(found: TuningResult, tmp_path: Path) -> None:
    people().to_parquet(tmp_path / "t.parquet")
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path\n"
        "from tabgan import TrainingConfig, tune\n"
        "from tabgan.gan.search_space import OneOf, Range\n"
        f"config = TrainingConfig(**{asdict(CONFIG)!r})\n"
        f"tune({str(tmp_path / 't.parquet')!r}, config=config, space={SPACE!r}, trials=5, seed=3, device='cpu',\n"
        f"     storage={str(tmp_path / 's')!r}, callback=lambda n, s: print(n, flush=True))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("2"):
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    again = tune(
        str(tmp_path / "t.parquet"),
        config=CONFIG,
        space=SPACE,
        trials=5,
        seed=3,
        device="cpu",
        storage=tmp_path / "s",
        resume=True,
    )
    assert untimed(again.trials) == untimed(found.trials)


def test_wrong_arguments_are_refused_before_the_table_is_read() -> None:
    for options, said in (
        ({"trials": 0}, "trials must be a positive number"),
        ({"minutes": -1}, "minutes must be a positive number"),
        ({"trials": 1.5}, "trials must be a positive number"),
        ({"fixed": {"averaging": 2}}, "averaging must lie between"),
        ({"only": ["speed"]}, "'speed' is not a setting"),
    ):
        with pytest.raises(ConfigError, match=said):
            tune("no such file.csv", **options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="at least 16 rows held out"):
        tune(people(60), trials=1, device="cpu")
