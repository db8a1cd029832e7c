"""Several seeds: fair, repeatable, the best is the best, and nothing is lost by one that fails."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import tabgan.seeds
from tabgan import SeedsResult, TabGAN, TrainingConfig, fit_seeds
from tabgan.errors import ConfigError, TrainingError
from tabgan.gan.lessons import FailedRun
from tabgan.seeds import SeedFigures, Spread, spread_of

CONFIG = TrainingConfig(steps=30, batch_size=32, generator_width=16, stage_width=16, critic_width=16, holdout=0.2)


def people(n: int = 240) -> pd.DataFrame:
    random = np.random.default_rng(0)
    city = random.choice(["Ulm", "Jena", "Kiel"], n)
    return pd.DataFrame({"city": city, "north": city == "Kiel", "age": random.integers(18, 80, n)})


def weights(model: TabGAN) -> torch.Tensor:
    return torch.cat([tensor.flatten() for tensor in model._fitted().generator.state_dict().values()])


@pytest.fixture(scope="module")
def found() -> SeedsResult:
    return fit_seeds(people(), [4, 2, 9], config=CONFIG, device="cpu", processes=1)


def test_the_best_is_kept_and_equals_a_fit_of_its_own(found: SeedsResult) -> None:
    assert [run.seed for run in found.runs] == [4, 2, 9]
    assert found.split_seed == 4
    distances = {run.seed: run.figures.distance for run in found.runs if run.figures}
    assert found.model.seed == found.best.seed == min(distances, key=lambda seed: distances[seed])
    assert len(set(distances.values())) == 3
    alone = TabGAN(CONFIG, seed=found.best.seed, device="cpu").fit(people(), split_seed=4)
    assert torch.equal(weights(alone), weights(found.model))
    assert alone.sample(20).equals(found.model.sample(20))
    other = TabGAN(CONFIG, seed=4, device="cpu").fit(people())
    assert torch.equal(weights(other), weights(TabGAN(CONFIG, seed=4, device="cpu").fit(people(), split_seed=4)))


def test_the_spread_is_that_of_the_figures(found: SeedsResult) -> None:
    shapes = [run.figures.shape for run in found.runs if run.figures]
    assert found.spread["shape"] == Spread(float(np.mean(shapes)), float(np.std(shapes, ddof=1)), 3)
    assert Spread.of([2.0]) == Spread(2.0, None, 1)
    assert spread_of([SeedFigures(1, failure="no")]) == {}


def test_the_model_file_keeps_the_spread(found: SeedsResult, tmp_path: Path) -> None:
    found.model.save(tmp_path / "m.tabgan")
    kept = TabGAN.load(tmp_path / "m.tabgan", device="cpu").info["seeds"]
    assert kept == json.loads(json.dumps(found.model.info["seeds"]))
    assert [run["seed"] for run in kept["runs"]] == [4, 2, 9]
    assert kept["spread"]["distance"]["n"] == 3
    assert kept["split_seed"] == 4


@pytest.mark.slow
def test_processes_make_no_difference(found: SeedsResult) -> None:
    again = fit_seeds(people(), [4, 2, 9], config=CONFIG, device="cpu", processes=3)
    assert torch.equal(weights(again.model), weights(found.model))
    assert [run.figures for run in again.runs] == [run.figures for run in found.runs]


def test_a_seed_that_fails_is_told_of_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    own = tabgan.seeds.run_seeds

    def failing(lesson, seeds, **options):  # type: ignore[no-untyped-def]
        runs = own(lesson, seeds[1:], **options)
        return [FailedRun(seeds[0], "diverged"), *runs]

    monkeypatch.setattr(tabgan.seeds, "run_seeds", failing)
    result = fit_seeds(people(), 2, config=CONFIG, device="cpu", processes=1, seed=5)
    assert [run.failure for run in result.runs] == ["diverged", None]
    assert result.failed[0].seed == 5
    assert result.model.seed == 6
    assert result.spread["distance"].n == 1
    assert result.model.info["seeds"]["runs"][0]["failure"] == "diverged"


def test_if_all_fail_it_says_why_each_did() -> None:
    runs = [FailedRun(0, "diverged by step 3"), FailedRun(1, "out of memory")]
    with pytest.raises(TrainingError, match=r"(?s)no seed.*seed 0: diverged by step 3.*seed 1: out of memory"):
        tabgan.seeds._best(runs)


def test_free_text_is_learnt_for_the_best_alone() -> None:
    table = people(400).assign(
        note=[f"Paid {n % 90} euros in {n % 7} parts, as agreed on day {n}." for n in range(400)]
    )
    heard: list[float] = []
    listened: list[SeedFigures] = []
    result = fit_seeds(
        table,
        2,
        config=TrainingConfig(steps=20, text_minutes=0.01, holdout=0.2),
        device="cpu",
        processes=1,
        listener=listened.append,
        text_callback=lambda stats: heard.append(stats.progress),
    )
    assert heard == sorted(heard)
    assert heard
    assert tuple(listened) == result.runs
    assert result.model.sample(3)["note"].str.len().min() > 0


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        (0, "seeds must be a whole number from 1"),
        (True, "seeds must be how many or a list"),
        ([], "seeds must be how many or a list"),
        ("12", "seeds must be how many or a list"),
        ([1, 1, 2], "expected each seed once, got more than one of 1"),
        ([1, -1], "seed must be a whole number of at least 0"),
    ],
)
def test_wrong_seeds_are_refused(seeds: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        fit_seeds(people(), seeds, config=CONFIG)  # type: ignore[arg-type]


def test_what_cannot_be_compared_is_refused_before_any_training() -> None:
    with pytest.raises(ConfigError, match="at least 16 rows held out"):
        fit_seeds(people(), 2, config=TrainingConfig(holdout=0.0), processes=1)
    with pytest.raises(ConfigError, match="processes must be a whole number"):
        fit_seeds(people(), 2, config=CONFIG, processes=0)


@pytest.mark.slow
def test_a_script_that_does_not_say_what_is_its_own_ends_with_a_hint(tmp_path: Path) -> None:
    """Each process runs the script first and dies of that, before it has taken a table larger than a pipe holds."""
    lines = [
        "import numpy as np, pandas as pd",
        "from tabgan import TrainingConfig, fit_seeds",
        "table = pd.DataFrame({'a': np.arange(50_000) % 7, 'b': np.arange(50_000) % 3})",
        "fit_seeds(table, 2, config=TrainingConfig(steps=5), device='cpu', processes=2)",
    ]
    script = tmp_path / "script.py"
    script.write_text("\n".join(lines))
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert "a script must call this under `if __name__ == '__main__':`" in done.stderr
