import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tabgan import TabGAN, TrainingConfig

pytest.importorskip("optuna")

FAST = ("--trials", "3", "--device", "cpu", "--fix", "steps=12", "--fix", "generator_width=16", "--fix", "holdout=0.2")


@pytest.fixture
def searched(run, table, folder):
    done = run("tune", table, *FAST, "--only", "averaging", "--only", "generator-rate".replace("-", "_"))
    assert done.exit_code == 0, done.output
    return done


def test_the_settings_found_are_taken_by_fit(searched, run, table, folder):
    text = Path("best.toml").read_text()
    settings = tomllib.loads(text)
    assert text.startswith(f"# Settings for {table} (200 rows), found by `tabgan tune`")
    assert {"steps", "generator_width", "holdout"} <= set(settings)
    assert settings["steps"] == 12
    done = run("fit", table, "--config", "best.toml", "--device", "cpu", "-o", "m.tabgan")
    assert done.exit_code == 0, done.output
    assert TabGAN.load("m.tabgan").config == TrainingConfig.from_mapping(settings)


def test_what_is_shown(searched):
    said = searched.output
    assert all(f"trial {number}: " in said for number in range(3))
    assert "the best trials, on rows held out:" in said
    assert "tabgan fit" in said
    assert "gain" in said or "luck" in said or "No trial beat" in said


def test_a_search_is_resumed_and_never_overwritten_by_chance(searched, run, table, folder):
    again = run("tune", table, *FAST, "--only", "averaging", "--only", "generator_rate")
    assert again.exit_code == 2
    assert "--force" in again.output
    more = ("--trials", "4", *FAST[2:], "--only", "averaging", "--only", "generator_rate", "--resume")
    done = run("tune", table, *more)
    assert done.exit_code == 0, done.output
    assert "trial 3: " in done.output
    assert "trial 0: " not in done.output
    other = run("tune", table, *more, "--fix", "steps=13")
    assert other.exit_code == 2
    assert "setting steps: 12 there, 13 here" in other.output
    anew = run("tune", table, *FAST, "--only", "averaging", "--force")
    assert anew.exit_code == 0, anew.output
    assert "trial 0: " in anew.output


def test_a_file_says_what_to_search(run, table, folder):
    Path("space.toml").write_text("critic_steps = [1, 2]\naveraging = {low = 0.9, high = 0.95}\n")
    done = run("tune", table, *FAST[:4], "--fix", "steps=5", "--fix", "holdout=0.2", "--space", "space.toml")
    assert done.exit_code == 0, done.output
    assert "critic steps" in done.output
    Path("space.toml").write_text("critic_steps = 3\n")
    wrong = run("tune", table, *FAST, "--space", "space.toml", "--force")
    assert wrong.exit_code == 2
    assert "expected limits of critic_steps" in wrong.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--fix", "steps"), "--fix takes NAME=VALUE"),
        (("--fix", "steps=many"), "steps must be a whole number"),
        (("--only", "speed"), "'speed' is not a setting"),
        (("--resume",), "there is no study"),
        (("--config", "no.toml"), "could not read the settings"),
        (("--space", "no.toml"), "could not read what to search"),
    ],
)
def test_wrong_use_is_refused_and_leaves_nothing(run, table, folder, options, said):
    done = run("tune", table, "--trials", "1", *options)
    assert done.exit_code == 2
    assert said in done.output
    assert not list(Path().glob("best*"))


def test_without_optuna_it_says_what_to_install(table, folder):
    script = "import sys; sys.modules['optuna'] = None; from tabgan_cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", script, "tune", table], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'tabgan-synth[tune]'" in done.stderr
