"""The record of a search: suggestions that hang on seed and history alone, pruning, and files that go on."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from tabgan.errors import ConfigError, InputError
from tabgan.gan.search_space import OneOf, Range

pytest.importorskip("optuna")

from tabgan.study import Study

SPACE = {"x": Range(-2.0, 2.0), "n": Range(1, 9, whole=True), "word": OneOf(("a", "b"))}
FACTS = {"rows": 12, "contents of the table": "abc"}


def study_of(path: Path | None = None, *, resume: bool = False, seed: int = 0, **facts: object) -> Study:
    return Study(SPACE, FACTS | facts, seed=seed, path=path, resume=resume)


def follow(study: Study, until: int) -> list[dict[str, object]]:
    """Trials until there are so many, of which the value is least at x = 1."""
    tried = []
    while len(study.outcomes()) < until:
        asked = study.ask()
        tried.append(dict(asked.values))
        asked.finish((asked.values["x"] - 1) ** 2, {"number": asked.number, "x": asked.values["x"]})
    return tried


def test_the_first_settings_come_first_and_the_seed_names_the_others() -> None:
    one, other, third = study_of(), study_of(), study_of(seed=1)
    for study in (one, other, third):
        study.start_with({"x": 0.5, "n": 3, "word": "b"})
    tried = follow(one, 14)
    assert tried[0] == {"x": 0.5, "n": 3, "word": "b"}
    assert tried == follow(other, 14)
    assert tried[1:] != follow(third, 14)[1:]
    assert len({str(values) for values in tried}) == 14


def test_it_learns_where_values_are_low() -> None:
    tried = follow(study_of(), 40)
    assert (
        sum(abs(values["x"] - 1) for values in tried[-15:]) < sum(abs(values["x"] - 1) for values in tried[:8]) * 15 / 8
    )


def test_a_trial_is_hopeless_if_plainly_worse_than_the_median_at_the_same_point() -> None:
    study = study_of()
    for value in (1.0, 2.0, 3.0):
        asked = study.ask()
        assert not asked.hopeless(40, value + 100, margin=0.1)  # nothing to compare it with yet
        asked.finish(value, {})
    asked = study.ask()
    assert not asked.hopeless(10, 1e9, margin=0.1)  # too early
    assert not asked.hopeless(60, 1e9, margin=0.1)  # nobody was seen there
    assert not asked.hopeless(40, 102.05, margin=0.1)
    asked.give_up()
    asked = study.ask()
    assert asked.hopeless(40, 102.15, margin=0.1)
    asked.prune({"pruned": True})
    assert study.outcomes()[-1] == {"pruned": True}


def test_a_trial_that_was_given_up_or_killed_counts_for_nothing(tmp_path: Path) -> None:
    undisturbed = follow(study_of(tmp_path / "one"), 12)
    path = tmp_path / "an odd name? 100% #1.sqlite"
    first = follow(study_of(path), 4)
    study_of(path, resume=True).ask()  # as if the program were killed while the trial was at work
    study = study_of(path, resume=True)
    study.ask().give_up()
    assert first + follow(study, 12) == undisturbed
    assert path.exists()


def test_the_first_settings_come_again_if_their_trial_was_killed(tmp_path: Path) -> None:
    for _ in range(2):
        study = study_of(tmp_path / "s", resume=(tmp_path / "s").exists())
        study.start_with({"x": 0.5, "n": 3, "word": "b"})
        values = study.ask().values
        assert values["x"] == 0.5
    study = study_of(tmp_path / "s", resume=True)
    study.start_with({"x": 0.5, "n": 3, "word": "b"})
    assert follow(study, 2)[1]["x"] != 0.5


def test_a_study_of_something_else_is_refused_with_each_difference(tmp_path: Path) -> None:
    study_of(tmp_path / "s")
    with pytest.raises(InputError) as caught:
        study_of(tmp_path / "s", resume=True, rows=13, columns=["a"])
    assert "rows: 12 there, 13 here" in str(caught.value)
    assert "columns: None there, ['a'] here" in str(caught.value)


def test_files_that_are_there_or_lacking_or_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with pytest.raises(ConfigError, match="there is no study"):
        study_of(path, resume=True)
    with pytest.raises(ConfigError, match="got none"):
        study_of(None, resume=True)
    path.write_text("this is no database" * 100)
    with pytest.raises(ConfigError, match="exists already"):
        study_of(path)
    with pytest.raises(InputError, match="could not open the study"):
        study_of(path, resume=True)
    assert path.read_text().startswith("this is no database")


def test_importance_says_which_setting_matters() -> None:
    study = study_of()
    assert study.importance() == {}
    follow(study, 30)
    found = study.importance()
    assert max(found, key=lambda name: found[name]) == "x"
    assert math.isclose(sum(found.values()), 1)
    assert found == study.importance()


def test_without_optuna_it_says_what_to_install() -> None:
    script = (
        "import sys\n"
        "sys.modules['optuna'] = None\n"  # the import system then says that there is no such module
        "from tabgan.errors import InputError\n"
        "from tabgan import tune, TrainingConfig\n"
        "import pandas as pd\n"
        "try:\n"
        "    tune(pd.DataFrame({'a': ['b', 'c'] * 200}), trials=1, device='cpu')\n"
        "except InputError as error:\n"
        "    sys.exit(str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'tabgan-synth[tune]'" in done.stderr
