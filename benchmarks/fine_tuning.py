"""Is a quarter of the steps enough for a model that begins with one of other rows?

    python -m benchmarks.fine_tuning [--seeds 0 1 2] [--models DIR]

Adult is split in two by chance, older people who work longer hours and men being likelier in the second half, so that
margins and pairs differ. A model learns the first half. The second half is then learnt from scratch in all steps,
from scratch in a quarter of them, and in a quarter of them by a model that begins with the first one; and the first
model is judged as it is. A model that begins with another one has its margins fitted in the end, so what that does to
one from scratch is told, too. Shape and Trend errors are taken against the rows that were learnt and against held-out
rows (the test rows, chosen by the same chances), with the noise floors of both, and detection against held-out rows.
The same once more where the first half lacks the rows of four occupations and the second half does not: new
categories. Writes `results/fine_tuning.json`, in which runs of other cases and seeds stay.
"""

import argparse
import json
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.fidelity.runs import machine
from benchmarks.fidelity.scoring import closeness, told_apart
from tabgan import TabGAN, TrainingConfig
from tabgan.errors import DataWarning
from tabgan.evaluation.matching import match
from tabgan.gan.calibration import fit_margins
from tabgan.table.files import read_table
from tabgan.version import __version__

SHARED = Path(__file__).parents[2] / "shared" / "data" / "adult"
RESULTS = Path(__file__).parent / "results" / "fine_tuning.json"
SPLIT_SEED = 0
SHARE = 4
HIDDEN = ("Prof-specialty", "Sales", "Tech-support", "Farming-fishing")
CLOSE = ("shape_error_pct", "trend_error_pct")
CASES = ("shifted", "shifted, new categories")


def main() -> None:
    """Split, fit, score, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--models", type=Path, help="A folder of models of the first half, kept for further runs.")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for case in options.cases:
        for seed in options.seeds:
            keep(run(case, seed, options.models))
    print_table(kept_runs())


def keep(made: dict[str, Any]) -> None:
    """Put a run beside those that were made before."""
    others = [run for run in kept_runs() if (run["case"], run["seed"]) != (made["case"], made["seed"])]
    runs = sorted([*others, made], key=lambda run: (run["case"], run["seed"]))
    about = {"machine": machine(), "date": datetime.now(UTC).date().isoformat(), "versions": {"tabgan": __version__}}
    RESULTS.write_text(json.dumps(about | {"runs": runs}, indent=2) + "\n")


def kept_runs() -> list[dict[str, Any]]:
    """The runs that were made before."""
    runs: list[dict[str, Any]] = json.loads(RESULTS.read_text())["runs"] if RESULTS.exists() else []
    return runs


def run(case: str, seed: int, models: Path | None) -> dict[str, Any]:
    """All ways of one case and seed."""
    first, second, held_out = halves(case)
    before = fitted(first, f"{case}-{seed}", seed, models)
    steps = TrainingConfig().for_table(len(second)).steps
    found: dict[str, Any] = {"case": case, "seed": seed, "n_first": len(first), "n_second": len(second), "ways": {}}
    ways: dict[str, tuple[int, TabGAN | None]] = {
        "from scratch": (steps, None),
        "from scratch, a quarter": (steps // SHARE, None),
        "fine-tuned, a quarter": (steps // SHARE, before),
    }
    found["ways"]["not tuned"] = scores(before, second, held_out, seed) | {"steps": 0}
    for way, (n, start) in ways.items():
        model, spent = tuned(second, n, start, seed)
        found["ways"][way] = scores(model, second, held_out, seed) | spent
        print(case, seed, way, line(found["ways"][way]), flush=True)
        if start is None and n == steps:
            fit_to(model, second)
            way += ", margins fitted"
            found["ways"][way] = scores(model, second, held_out, seed) | spent
            print(case, seed, way, line(found["ways"][way]), flush=True)
    return found


def fit_to(model: TabGAN, rows: pd.DataFrame) -> None:
    """Fit the margins of a model to rows, as at the end of a run that begins with another model."""
    learnt = model._fitted()
    table = learnt.schema.conform(read_table(rows))
    encoded = learnt.coding.codec.encode(learnt.coding.recast.restate(table), np.random.default_rng(0))
    fit_margins(learnt.generator, learnt.generator.plan.arrange(encoded.codes))


def tuned(
    rows: pd.DataFrame, steps: int, start: TabGAN | None, seed: int, **settings: Any
) -> tuple[TabGAN, dict[str, Any]]:
    """A model of the rows, and what it took."""
    started = time.perf_counter()
    model = TabGAN(TrainingConfig(steps=steps, **settings), seed=seed, device="cpu")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # of what is new
        model.fit(rows, start=start)
    return model, {"steps": steps, "fit_s": round(time.perf_counter() - started, 1)}


def halves(case: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The rows of the first half, those of the second, and held-out rows that are like the second."""
    train, test = (pd.read_csv(SHARED / f"{side}.csv") for side in ("train", "test"))
    random = np.random.default_rng(SPLIT_SEED)
    in_second, held = (random.random(len(table)) < chance(table) for table in (train, test))
    first = train[~in_second]
    if case != CASES[0]:
        first = first[~first["occupation"].isin(HIDDEN)]
    return first, train[in_second], test[held]


def chance(table: pd.DataFrame) -> np.ndarray:
    """How likely rows are to be in the second half."""
    age, hours = (
        (table[name] - middle) / width for name, middle, width in (("age", 38, 13), ("hours-per-week", 40, 12))
    )
    logit = age + 0.7 * hours + np.where(table["sex"] == "Male", 0.5, -1.0)
    return np.asarray(1 / (1 + np.exp(-logit)))


def fitted(rows: pd.DataFrame, name: str, seed: int, models: Path | None) -> TabGAN:
    """The model of the first half, read from `models` if it was kept there."""
    kept = None if models is None else models / f"{name.replace(', ', '-').replace(' ', '-')}.tabgan"
    if kept is not None and kept.exists():
        return TabGAN.load(kept, device="cpu")
    model = TabGAN(seed=seed, device="cpu").fit(rows)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        model.save(kept)
    return model


def scores(model: TabGAN, real: pd.DataFrame, held_out: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Shape and Trend errors in percent and the detection AUC, with their floors."""
    both = read_table(pd.concat([real, held_out], ignore_index=True))
    synthetic = read_table(model.sample(len(real), seed=seed + 1_000))
    columns = match(both, synthetic, model.schema).columns
    n = len(real)
    split = tuple(replace(column, real=column.real[:n], held_out=column.real[n:]) for column in columns)
    to_held_out = [replace(column, real=column.held_out) for column in split]
    beyond = {f"held_out_{name}": value for name, value in closeness(to_held_out).items() if name in CLOSE}
    return closeness(split) | beyond | told_apart(to_held_out)


def line(found: dict[str, Any]) -> str:
    """The scores in a few words."""
    parts = [f"{name} {found[key]['value']:.2f} ({found[key]['floor']:.2f})" for name, key in MEASURES.items()]
    return ", ".join(parts)


MEASURES = {
    "Shape %": "shape_error_pct",
    "Trend %": "trend_error_pct",
    "held-out Shape %": "held_out_shape_error_pct",
    "held-out Trend %": "held_out_trend_error_pct",
    "AUC": "detection_auc",
}


def print_table(runs: list[dict[str, Any]]) -> None:
    """Markdown: means over the seeds, and their spread."""
    print(f"| case | way | steps | {' | '.join(MEASURES)} |\n|{'---|' * (3 + len(MEASURES))}")
    for case in CASES:
        own = [run for run in runs if run["case"] == case]
        if not own:
            continue
        for way in own[0]["ways"]:
            found = [run["ways"][way] for run in own]
            cells = [shown(found, key) for key in MEASURES.values()]
            print(f"| {case} | {way} | {found[0]['steps']} | {' | '.join(cells)} |")


def shown(found: list[dict[str, Any]], key: str) -> str:
    """Mean and spread over the seeds, and the floor."""
    values = [each[key]["value"] for each in found]
    floor = np.mean([each[key]["floor"] for each in found])
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=min(1, len(values) - 1)):.3f} ({floor:.2f})"


if __name__ == "__main__":
    main()
