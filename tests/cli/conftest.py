import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tabgan_cli.main import tabgan

ROOT = Path(__file__).parents[2]
QUICK = ("--steps", "20", "--batch-size", "32", "--generator-width", "16", "--critic-width", "16", "--device", "cpu")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(tabgan, [str(argument) for argument in arguments], prog_name="tabgan")


def _write_people(path: Path) -> Path:
    random = np.random.default_rng(0)
    people = pd.DataFrame(
        {
            "height": random.normal(170, 10, 200).round(1),
            "city": random.choice(["Ulm", "Jena", "Kiel"], 200),
            "a=b": random.choice(["yes", "no"], 200),
        }
    )
    people.loc[:9, "height"] = np.nan
    people.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def quick() -> tuple[str, ...]:
    """Options of `fit` for a model that is made in a moment and knows little."""
    return QUICK


@pytest.fixture(scope="session")
def run() -> Callable[..., Result]:
    """Runs the command in this process."""
    return _run


@pytest.fixture
def start(folder) -> "Callable[..., subprocess.Popen[str]]":
    """Starts the command in a process of its own, its streams as pipes."""

    def start(*arguments: object, **options: object) -> "subprocess.Popen[str]":
        path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
        return subprocess.Popen(
            [sys.executable, "-m", "tabgan_cli", *map(str, arguments)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
        )

    return start


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty folder that is also the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def table(folder) -> Path:
    """people.csv: a number with missing cells and two categories, one of them named with an equals sign."""
    return _write_people(folder / "people.csv")


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> bytes:
    """The bytes of a model of people.csv."""
    place = tmp_path_factory.mktemp("trained")
    target = place / "people.tabgan"
    done = _run("fit", _write_people(place / "people.csv"), "-o", target, *QUICK)
    assert done.exit_code == 0, done.output
    return target.read_bytes()


@pytest.fixture
def model(folder, trained) -> Path:
    """people.tabgan in the working directory."""
    path = folder / "people.tabgan"
    path.write_bytes(trained)
    return path


@pytest.fixture
def refuses(folder) -> Callable[..., None]:
    """Checks that a command ends with a code and a message on stderr, and leaves the folder as it was."""

    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def check(*arguments: object, says: tuple[str, ...], code: int = 2) -> None:
        before = files()
        done = _run(*arguments)
        assert done.exit_code == code, done.output
        assert done.stdout == ""
        for text in says:
            assert text in done.stderr
        assert files() == before

    return check
