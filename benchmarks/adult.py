"""Adult at the defaults, beside CTGAN at its defaults: how close, how long, how much memory.

    python benchmarks/adult.py ADULT_FOLDER OUT_FOLDER --ctgan-python ENV/bin/python [--seeds 0 1 2]

ADULT_FOLDER holds `train.csv` and `test.csv`. CTGAN runs in an environment of its own (see `ctgan_peer.py`): once for
300 epochs, which is kept in OUT_FOLDER, and after each of our fits for 2 and for 8 epochs, so that both are timed on
the same machine in the same state; what 300 epochs take follows from the two as a start-up and a time per epoch.
Shape and Trend are against the train split, detection is against the test split. Prints a table and writes
`results/adult.json` beside this file.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import torch

import tabgan
from tabgan import TabGAN, evaluate

EPOCHS = 300
SHORT, LONG = 2, 8
RESULTS = Path(__file__).parent / "results" / "adult.json"


def main() -> None:
    """Fit, sample, evaluate, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("adult", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--ctgan-python", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    train, test = options.adult / "train.csv", options.adult / "test.csv"
    options.out.mkdir(parents=True, exist_ok=True)

    ours, timed = [], []
    for seed in options.seeds:
        ours.append(run_ours(train, test, seed))
        timed.append(time_ctgan(options.ctgan_python, train, options.out / "timed"))
    if not (options.out / "ctgan.csv").exists():
        run_ctgan(options.ctgan_python, train, options.out, EPOCHS)
    ctgan = json.loads((options.out / "ctgan.json").read_text())
    ctgan |= {"train": train.name, **scores(train, test, pd.read_csv(options.out / "ctgan.csv"), 0)}
    ctgan["fit_s_beside_ours"] = statistics.mean(timed)
    result = {
        "machine": {"cpu": cpu_name(), "cores": os.cpu_count(), "threads": torch.get_num_threads()},
        "versions": {"tabgan": tabgan.__version__, "torch": torch.__version__, "python": platform.python_version()},
        "date": datetime.now(UTC).date().isoformat(),
        "tabgan": ours,
        "ctgan": ctgan,
        "times_faster": [theirs / run["fit_s"] for run, theirs in zip(ours, timed, strict=True)],
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print_table(ours, ctgan, result["times_faster"])


def run_ours(train: Path, test: Path, seed: int) -> dict[str, Any]:
    """One fit at the defaults in a process of its own, and its scores."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        costs, sample = pool.submit(fit_and_sample, train, seed).result()
    return {"seed": seed, "n": len(sample), **costs, **scores(train, test, sample, seed)}


def fit_and_sample(train: Path, seed: int) -> tuple[dict[str, float], pd.DataFrame]:
    """What a fit costs, and as many synthetic rows as there are real ones."""
    wall, cpu = time.perf_counter(), time.process_time()
    model = TabGAN(seed=seed, device="cpu").fit(train)
    fit_s, fit_cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    wall = time.perf_counter()
    sample = model.sample(model.info["n_rows"])
    sample_s = time.perf_counter() - wall
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"fit_s": fit_s, "fit_cpu_s": fit_cpu_s, "sample_s": sample_s, "peak_mib": peak_mib}, sample


def time_ctgan(python: Path, train: Path, out: Path) -> float:
    """The seconds of CTGAN's 300 epochs, from two short fits: a start-up and a time per epoch."""
    short, long = (run_ctgan(python, train, out, epochs)["fit_s"] for epochs in (SHORT, LONG))
    return short + (long - short) / (LONG - SHORT) * (EPOCHS - SHORT)


def run_ctgan(python: Path, train: Path, out: Path, epochs: int) -> dict[str, Any]:
    """CTGAN in its own environment."""
    script = Path(__file__).parent / "ctgan_peer.py"
    subprocess.run([python, script, train, out, "--epochs", str(epochs)], check=True)
    result: dict[str, Any] = json.loads((out / "ctgan.json").read_text())
    return result


def scores(train: Path, test: Path, sample: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Shape and Trend against train, with their noise floors; detection against test."""
    against_train = evaluate(train, sample, seed=seed, detection=False)
    against_test = evaluate(test, sample, seed=seed)
    found = {"detection_auc": against_test.detection.auc, "detection_se": against_test.detection.standard_error}
    for name in ("shape_error_pct", "trend_error_pct"):
        estimate = getattr(against_train, name)
        found |= {name: estimate.value, f"{name}_floor": estimate.floor}
    return found


def cpu_name() -> str:
    """The processor's name where the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def print_table(ours: list[dict[str, Any]], ctgan: dict[str, Any], times_faster: list[float]) -> None:
    """Markdown: mean and spread over the seeds."""
    rows = [
        ("Shape error %", "shape_error_pct", 2),
        ("Trend error %", "trend_error_pct", 2),
        ("Detection AUC", "detection_auc", 3),
        ("fit, s", "fit_s", 0),
        ("fit, CPU s", "fit_cpu_s", 0),
        ("peak memory, MiB", "peak_mib", 0),
    ]
    print(f"| n = {ours[0]['n']:,} | tabgan, {len(ours)} seeds | CTGAN | noise floor |\n|---|---|---|---|")
    for title, key, digits in rows:
        values = [run[key] for run in ours]
        spread = statistics.stdev(values) if len(values) > 1 else float("nan")
        theirs = ctgan["fit_s_beside_ours"] if key == "fit_s" else ctgan[key]
        floor = ctgan.get(f"{key}_floor")
        shown = f"{floor:.2f}" if floor is not None else ""
        print(
            f"| {title} | {statistics.mean(values):.{digits}f} ± {spread:.{digits}f} | {theirs:.{digits}f} | {shown} |"
        )
    each = ", ".join(f"{times:.1f}" for times in times_faster)
    print(f"\ntimes faster than CTGAN's {EPOCHS} epochs, for each seed: {each}")


if __name__ == "__main__":
    main()
