import tomllib
from dataclasses import replace

from tabgan import TrainingConfig
from tabgan.gan.comparing import Comparison
from tabgan.trials import Refit, Trial, TuningResult
from tabgan_cli.tuned import settings_toml, trials_rows, verdict_words

FIGURES = Comparison(1.2, 3.0, 0.1, 0.2, 0.6)
BASE = TrainingConfig(objective="hinge", spectral_norm=True, holdout=0.1)


def found_of(distances: list[float | None], refits: tuple[Refit, ...] = ()) -> TuningResult:
    trials = tuple(
        Trial(
            n, {"averaging": 0.9 + n / 100}, d and replace(FIGURES, distance=d), None if d else "diverged at 20 %", 1.0
        )
        for n, d in enumerate(distances)
    )
    best = min((trial for trial in trials if trial.figures), key=lambda trial: trial.distance)
    config = replace(BASE, **best.settings) if best.number else BASE
    return TuningResult(trials, config, BASE, refits, seed=7, n_rows=1_234)


def test_the_file_reads_back_as_the_settings_and_tells_their_story():
    found = found_of([1.2, None, 1.0])
    text = settings_toml(found, "shop.csv")
    assert tomllib.loads(text) == {"objective": "hinge", "spectral_norm": True, "holdout": 0.1, "averaging": 0.92}
    assert TrainingConfig.from_mapping(tomllib.loads(text)) == found.config
    assert "shop.csv (1,234 rows)" in text
    assert "seed 7 in 3 trials, 1 of them pruned" in text
    assert "1.000 in trial 2" in text
    assert all(
        line.startswith(("#", "objective", "spectral", "holdout", "averaging")) for line in text.splitlines() if line
    )


def test_where_the_first_is_best_its_settings_are_written():
    found = found_of([1.0, 1.2])
    assert TrainingConfig.from_mapping(tomllib.loads(settings_toml(found, "shop.csv"))) == BASE
    assert "averaging" not in tomllib.loads(settings_toml(found, "shop.csv"))
    assert verdict_words(found).startswith("No trial beat")


def test_the_verdict_in_words():
    near, far = replace(FIGURES, distance=1.0), replace(FIGURES, distance=1.3)
    assert "luck" in verdict_words(found_of([1.2, 1.0]))
    gain = found_of([1.2, 1.0], (Refit(1, far, near, 0.01), Refit(2, far, near, 0.01)))
    assert verdict_words(gain).startswith("A gain beyond what seeds make: fitted again with 2 fresh seeds")
    assert "+0.300, +0.300" in verdict_words(gain)
    none = found_of([1.2, 1.0], (Refit(1, near, far, 0.01), Refit(2, far, near, 0.01)))
    assert verdict_words(none).startswith("No gain beyond")


def test_the_table_has_the_best_trials_and_the_first_one():
    titles, rows = trials_rows(found_of([2.0, *[1.0 + n / 100 for n in range(10)], None]))
    assert titles == ("trial", "distance", "averaging")
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5", "6", "7", "8", "0"]
    assert rows[0] == ("1", "1.000", "0.91")
