"""The benchmark of training on a GPU: what it says where there is none, and what of it needs none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from benchmarks.gpu import VARIANTS, Pace, main, told
from tabgan import TrainingConfig

TABLE = {"table": "adult/train.csv", "rows": 32_561, "columns": 15}


def _pace(**changes: object) -> dict[str, object]:
    own = {"batch_size": 1_024, "captured": True, "rows_per_s": 900_000.0, "steady_rows_per_s": 1_000_000.0}
    rest = {"label": "defaults", "steps": 477, "settings": {}, "seconds": 0.5, "busy": 0.9, "gpu_mib": 512.0}
    return vars(Pace(**(own | rest | changes), launches={"cudaGraphLaunch": 2.0, "cudaLaunchKernel": 10.0}))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--tables", "adult/train.csv", "--out", str(tmp_path / "gpu.json")]) == 1
    assert "expected a CUDA device" in capsys.readouterr().out
    assert not (tmp_path / "gpu.json").exists()


def test_results_stand_beside_those_of_ctgan() -> None:
    ctgan = {"rows_per_s": 50_000.0, "batch_size": 500, "device": "cuda:0", "busy": 0.3}
    lines = told(TABLE | {"tabgan": [_pace()], "ctgan": ctgan}).splitlines()
    assert lines[3] == "| defaults | 1,024 | yes | 900,000 | 1,000,000 | 90% | 512 | 12 | 20.0 |"
    assert lines[4].startswith("| CTGAN on cuda:0 | 500 | | 50,000 |")
    assert len(told(TABLE | {"tabgan": [_pace()], "ctgan": None}).splitlines()) == 4


def test_every_variant_is_a_setting() -> None:
    for settings in VARIANTS.values():
        TrainingConfig(**settings)


@pytest.mark.gpu
@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device, and torch finds none here")
def test_a_table_is_measured(tmp_path: Path) -> None:
    reviews = Path(__file__).parents[2] / "sample_data" / "reviews.csv"
    command = [sys.executable, "-m", "benchmarks.gpu", "--tables", reviews, "--out", tmp_path / "gpu.json"]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    (table,) = json.loads((tmp_path / "gpu.json").read_text())["tables"]
    first, plain = table["tabgan"][:2]
    assert first["captured"]
    assert not plain["captured"]
    assert first["launches"]["cudaGraphLaunch"] >= 1
    assert first["launches"]["cudaLaunchKernel"] < plain["launches"]["cudaLaunchKernel"] / 10
