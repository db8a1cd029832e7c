"""Trainings that are killed and resumed: the model is that of an undisturbed run, whenever the signal came."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tabgan import TabGAN, artifact

ROOT = Path(__file__).parents[2]
SETTINGS = ("--device", "cpu", "--seed", "5", "--batch-size", "32", "--generator-width", "16", "--critic-width", "16")
TIMES = ("elapsed_s", "remaining_s")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="only there a process can be killed without notice")


class Fits:
    """Trainings of one table in one folder, each a process of its own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.options = folder, options

    def start(self, *options: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tabgan_cli", "fit", "table.csv", *SETTINGS, *self.options, *options]
        path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
        environment = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(command, cwd=self.folder, env=environment, text=True, stderr=subprocess.PIPE)

    def go_on(self) -> "subprocess.Popen[str]":
        """Start, or resume if there is something to go on from."""
        left = any((self.folder / f"table.tabgan.checkpoint{n}").exists() for n in ("", "2"))
        return self.start("--resume") if left else self.start()

    def finish(self) -> dict[str, Any]:
        """The model, trained to its end, as all that is the same in each run; its files are then deleted."""
        process = self.go_on()
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return self.taken()

    def taken(self) -> dict[str, Any]:
        target = self.folder / "table.tabgan"
        assert [path.name for path in self.folder.iterdir() if path.name not in ("table.csv", "model")] == [target.name]
        content, model = artifact.load(target), TabGAN.load(target, device="cpu")
        manifest = dict(content.manifest)
        manifest["history"] = [{k: v for k, v in s.items() if k not in TIMES} for s in manifest["history"]]
        manifest["info"] = {name: value for name, value in manifest["info"].items() if name != "fit_s"}
        rows = model.sample(60, seed=2)
        target.unlink()
        return {"manifest": manifest, "tensors": content.tensors, "rows": rows}


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Check that two models are the same but for times."""
    assert one["manifest"] == other["manifest"]
    assert one["tensors"].keys() == other["tensors"].keys()
    for name, array in one["tensors"].items():
        assert array.dtype == other["tensors"][name].dtype
        assert np.array_equal(array, other["tensors"][name]), name
    pd.testing.assert_frame_equal(one["rows"], other["rows"])


def kill_at(process: "subprocess.Popen[str]", words: str) -> str:
    """Kill a process when it says something; all that it said."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if words in line:
            break
    process.kill()
    assert process.wait(60) == -9, said
    return said


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    city = random.choice(["Ulm", "Jena", "Kiel"], 300)
    height = random.normal(170, 10, 300).round(1)
    pd.DataFrame({"city": city, "height": height, "old": random.random(300) < 0.4}).to_csv(tmp_path / "table.csv")
    return tmp_path


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    kinds = random.integers(0, 2, 40)
    notes = [f"{('Invoice', 'Refund')[kind]} {random.integers(100, 999)} was paid to us." for kind in kinds]
    frame = pd.DataFrame({"kind": kinds, "note": notes, "amount": random.normal(100, 5, 40).round(2)})
    frame.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path


def test_a_training_that_is_killed_twice_gives_the_model_of_an_undisturbed_one(texts: Path) -> None:
    """Once while rows are learnt and once while their texts are; what was learnt is not learnt again."""
    fits = Fits(texts, "--steps", "30", "--checkpoint-every", "0")
    expected = fits.finish()
    kill_at(fits.start(), "training: 60 %")
    said = kill_at(fits.go_on(), "free text: 60 %")
    assert "which stands after step " in said
    assert "training: 10 %" not in said
    process = fits.go_on()
    assert process.stderr is not None
    said = process.stderr.read()
    assert process.wait() == 0, said
    assert "free text" in said
    assert "training: 100 %" not in said
    same(expected, fits.taken())


def moments(seed: int, longest_s: float) -> Iterator[float]:
    """Seconds after which to kill one process after the other."""
    random = np.random.default_rng(seed)
    while True:
        yield float(random.uniform(0, longest_s))


@pytest.mark.slow
@pytest.mark.parametrize("every_s", ["0", "0.2"])
def test_kills_at_ten_random_moments_change_nothing(plain: Path, every_s: str) -> None:
    """With a checkpoint after every step most of the time goes into writing, so many a signal comes meanwhile."""
    _check_kills(Fits(plain, "--steps", "200", "--checkpoint-every", every_s), 10, seed=int(float(every_s) * 10))


@pytest.mark.slow
def test_kills_at_ten_random_moments_of_learning_texts_change_nothing(texts: Path) -> None:
    _check_kills(Fits(texts, "--steps", "60", "--checkpoint-every", "0"), 10, seed=1)


def _check_kills(fits: Fits, n: int, seed: int) -> None:
    """Kill and resume until there were `n` kills, and one training more has come to its end."""
    started = time.monotonic()
    expected = fits.finish()
    kills, ends = 0, 0
    for moment in moments(seed, time.monotonic() - started):
        process = fits.go_on()
        try:
            _, said = process.communicate(timeout=moment)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            if (fits.folder / "table.tabgan").exists() and not fits_left(fits):
                ends += 1
                same(expected, fits.taken())
        else:
            assert process.returncode == 0, said
            ends += 1
            same(expected, fits.taken())
        if kills >= n:
            break
    if fits_left(fits) or not ends:
        same(expected, fits.finish())
    assert kills == n


def fits_left(fits: Fits) -> bool:
    """Whether a checkpoint is there."""
    return any("checkpoint" in path.name for path in fits.folder.iterdir())
