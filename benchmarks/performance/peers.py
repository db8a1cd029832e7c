"""tabgan beside CTGAN, TVAE and mostlyai-engine in one run: the same table, machine and threads, in turns.

CTGAN and TVAE take 300 epochs by default, each like the others, so they are fitted with few and with a few more epochs:
what lies between is an epoch, and 300 of them and what a fit does once make their fit. The page says so.
mostlyai-engine stops by itself, at the latest after `most_minutes`. Training rows a second are rows that passed through
training (epochs x rows, of tabgan steps x batch) for each second of the fit.
"""

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.fidelity.datasets import DataSet, load
from benchmarks.fidelity.runs import python_of
from benchmarks.performance.machine import calibrate
from benchmarks.performance.processes import CommandError, Ran, run, threads_of
from benchmarks.performance.record import about, spread
from tabgan import TrainingConfig

DRIVER = Path(__file__).with_name("peer") / "measure.py"
NAMES = ("tabgan", "ctgan", "tvae", "tabularargn")
DEFAULT_EPOCHS = 300
EPOCHS = {"ctgan": (1, 3), "tvae": (2, 8)}
"""Of the shorter and the longer fit from which those of 300 epochs are told."""


def peers(
    data: Path,
    environments: Path,
    scratch: Path,
    *,
    names: Sequence[str] = NAMES,
    repeats: int = 3,
    threads: int = 1,
    most_minutes: float = 10.0,
    sampled: int = 50_000,
    samples: int = 3,
    steps: int = 0,
    seed: int = 0,
) -> dict[str, Any]:
    """All figures, name by name.

    Args:
        data: the folder of the tables' folders; Adult is learnt.
        environments: the folder of the peers' environments.
        scratch: a folder for jobs.
        names: of `NAMES`.
        repeats: turns; in each turn every name is fitted, with a seed of its own.
        threads: of each process.
        most_minutes: of mostlyai-engine's training.
        sampled: rows of a sample.
        samples: after each fit.
        steps: of tabgan; 0 for its default.
        seed: of the first turn.
    """
    adult = load(data, "adult", "inferred", scratch)
    calibration = calibrate()
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    errors: dict[str, str] = {}
    for turn in range(repeats):
        for name in names:
            try:
                fits = [
                    _fit(name, settings, adult, environments, scratch, threads, sampled, samples, seed + turn)
                    for settings in settings_of(name, most_minutes, steps)
                ]
            except (CommandError, RuntimeError) as error:
                errors[name] = str(error)
                continue
            runs[name].append(figures(name, fits, adult.train.num_rows))
            print(json.dumps({"turn": turn, "name": name, **runs[name][-1]}), file=sys.stderr, flush=True)
    document = about(seed) | {"threads": threads, "repeats": repeats, "rows": adult.train.num_rows, "sampled": sampled}
    document |= {"most_minutes": most_minutes, "calibration": calibration}
    return document | {
        "synthesizers": [summary(name, found) for name, found in runs.items() if found],
        "errors": errors,
    }


def settings_of(name: str, most_minutes: float, steps: int) -> list[dict[str, Any]]:
    """The settings of the fits of one turn."""
    if name == "tabgan":
        return [{"steps": steps}]
    if name == "tabularargn":
        return [{"max_training_time": most_minutes}]
    return [{"epochs": epochs} for epochs in EPOCHS[name]]


def _fit(
    name: str,
    settings: dict[str, Any],
    adult: DataSet,
    environments: Path,
    scratch: Path,
    threads: int,
    sampled: int,
    samples: int,
    seed: int,
) -> dict[str, Any]:
    job = {
        "synthesizer": name,
        "train": str(adult.train_path.absolute()),
        "columns": list(adult.schema.names),
        "numeric": adult.numeric,
        "categorical": adult.categorical,
        "n": sampled,
        "samples": samples,
        "seed": seed,
        "settings": settings,
        "schema": None,
    }
    path = scratch / "job.json"
    path.write_text(json.dumps(job))
    ran: Ran = run([python_of(name, environments), DRIVER, path], environment=threads_of(threads))
    return ran.printed | {"settings": settings, "peak_mib": ran.peak_mib, "tree_mib": ran.tree_mib}


def figures(name: str, fits: Sequence[dict[str, Any]], rows: int) -> dict[str, Any]:
    """One turn of one synthesizer: of two fits of CTGAN or TVAE what one of 300 epochs takes."""
    last = fits[-1]
    found: dict[str, Any] = {
        "fit_s": last["fit_s"],
        "rows_per_s": [last["n"] / seconds for seconds in last["sample_s"]],
        "peak_mib": max(fit["peak_mib"] for fit in fits),
        "versions": last["versions"],
        "trained_rows_per_s": None,
    }
    if name in EPOCHS:
        few, more = (fit["settings"]["epochs"] for fit in fits)
        epoch = (fits[1]["fit_s"] - fits[0]["fit_s"]) / (more - few)
        return found | {
            "fit_s": fits[0]["fit_s"] + (DEFAULT_EPOCHS - few) * epoch,
            "epoch_s": epoch,
            "trained_rows_per_s": rows / epoch,
            "measured_fits": [{"epochs": fit["settings"]["epochs"], "fit_s": fit["fit_s"]} for fit in fits],
        }
    if last.get("steps"):
        batch = TrainingConfig(steps=last["steps"]).for_table(rows).batch_size
        return found | {"steps": last["steps"], "trained_rows_per_s": last["steps"] * batch / last["fit_s"]}
    return found


def summary(name: str, turns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Over the turns."""
    trained = [one["trained_rows_per_s"] for one in turns if one["trained_rows_per_s"] is not None]
    rates = [statistics.median(one["rows_per_s"]) for one in turns]
    return {
        "name": name,
        "fit_s": spread([one["fit_s"] for one in turns]),
        "extrapolated": name in EPOCHS,
        "epoch_s": spread([one["epoch_s"] for one in turns]) if name in EPOCHS else None,
        "trained_rows_per_s": spread(trained) if trained else None,
        "sampled_rows_per_s": spread(rates),
        "peak_mib": spread([one["peak_mib"] for one in turns]),
        "versions": turns[0]["versions"],
        "turns": list(turns),
    }
