"""The README's code runs, each language's blocks one after the other in one copy of the repository.

So does the Python code of the page on training. All of it runs as it stands but for the number of training steps.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def blocks(language: str, page: str = "README.md") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture
def place(tmp_path) -> Path:
    (tmp_path / "sample_data").mkdir()
    shutil.copy(ROOT / "sample_data" / "reviews.csv", tmp_path / "sample_data")
    return tmp_path


@pytest.fixture
def environment(tmp_path_factory) -> dict[str, str]:
    """An environment with the command `tabgan`, run by this Python from this tree."""
    command = tmp_path_factory.mktemp("bin") / "tabgan"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m tabgan_cli "$@"\n')
    command.chmod(0o755)
    return os.environ | {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")]),
    }


def test_the_readme_fits_on_about_150_lines():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 155


def test_python_blocks(place, environment):
    code, lowered = re.subn(r"\bsteps=\d+", "steps=3", "\n".join(blocks("python")))
    assert lowered == 1
    done = subprocess.run([sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "('product_id', 'high_cardinality'" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("number", range(5))
def test_python_blocks_on_training(place, environment, number):
    code = blocks("python", "docs/training.md")[number]
    for tracker, package in (("mlflow", "mlflow"), ("torch.utils.tensorboard", "tensorboard")):
        if tracker in code:
            pytest.importorskip(package, reason=f"the example is for those who have {package}")
    code, lowered = re.subn(r"\bsteps=\d+", "steps=3", code)
    assert lowered == 1
    done = subprocess.run([sys.executable, "-c", code], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_python_block_on_training_is_run():
    assert len(blocks("python", "docs/training.md")) == 5


@pytest.mark.slow
def test_shell_blocks(place, environment):
    script = "\n".join(["set -e", *blocks("sh")]).replace("tabgan fit ", "tabgan fit --steps 200 ")
    done = subprocess.run(["sh", "-c", script], cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {path.name for path in place.iterdir()}
    assert made == {
        "sample_data",
        "reviews.tabgan",
        "synth.parquet",
        "some.csv",
        "balanced.csv",
        "whole.csv",
        "more.csv",
        "scored.csv",
        "report.html",
        "report.md",
        "training.html",
    }
