"""Adversarial objectives and remedies side by side: how close, how varied and how costly what they learn is.

    python -m benchmarks.objectives run --data DATA [--sets reviews adult] [--seeds 0 1 2] [--jobs 2] [--steps 150]
    python -m benchmarks.objectives render

Each objective is fitted twice: *beside* the likelihood, at the defaults; and *alone*, as a plain GAN. Each remedy is
fitted alone, since there it has something to cure: with WGAN-GP, and those of bounded critics with the non-saturating
GAN without a penalty. What is fitted alone has `--steps` steps of 256 rows, too few to come as near as the defaults do:
tables compare rows with each other. DATA holds a folder `adult` with `train.csv` and `test.csv`; of the reviews a fifth
of the rows is held out. 5,000 synthetic rows are compared with those learnt (Shape, Trend) and those held out
(detection, collapse). Runs that are in `results/objectives.json` are not made again; `render` writes
`docs/objectives.md`.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

import tabgan
from benchmarks.fidelity.runs import machine
from tabgan import Report, Schema, TabGAN, TrainingConfig, evaluate
from tabgan.errors import TrainingError
from tabgan.evaluation.report import OPTIONAL
from tabgan.table.files import read_table

REVIEWS = Path(__file__).parents[1] / "sample_data" / "reviews.csv"
RESULTS = Path(__file__).parent / "results" / "objectives.json"
PAGE = Path(__file__).parents[1] / "docs" / "objectives.md"
SETS = ("reviews", "adult")
N_MADE = 5_000
OBJECTIVES = ("wgan-gp", "wgan-clip", "nsgan", "lsgan", "hinge", "relativistic")
BESIDE, ALONE, OF_WGAN, OF_NSGAN = "beside", "alone", "remedies of wgan-gp", "remedies of nsgan"
BARE = {"objective": "nsgan", "penalty_weight": 0.0}
REMEDIES: dict[str, dict[str, dict[str, Any]]] = {
    OF_WGAN: {
        "none": {},
        "slower generator (TTUR)": {"generator_rate": 2.5e-4},
        "generator_beta1 0": {"generator_beta1": 0.0},
        "critic_steps 5": {"critic_steps": 5},
        "alternating periods of 10": {"critic_steps": 10, "generator_steps": 10},
        "penalty_end 0.3": {"penalty_end": 0.3},
        "instance_noise 0.3": {"instance_noise": 0.3},
        "spectral_norm for the penalty": {"penalty_weight": 0.0, "spectral_norm": True},
        "critic_clip 0.1": {"critic_clip": 0.1},
        "critic_dropout 0.2": {"critic_dropout": 0.2},
        "critic_norm layer": {"critic_norm": "layer"},
        "generator_dropout 0.1": {"generator_dropout": 0.1},
        "generator_norm batch": {"generator_norm": "batch"},
        "initialisation orthogonal": {"initialisation": "orthogonal"},
        "pac 4": {"pac": 4},
        "minibatch_std 4": {"minibatch_std": 4},
        "unrolled_steps 2": {"unrolled_steps": 2},
        "freeze_above 0.7": {"freeze_above": 0.7},
        "curriculum 0.3": {"curriculum": 0.3},
        "averaging off": {"averaging": 0.0},
    },
    OF_NSGAN: {
        "none": BARE,
        "penalty_weight 0.3 (R1, R2)": BARE | {"penalty_weight": 0.3},
        "label_smoothing 0.1": BARE | {"label_smoothing": 0.1},
        "instance_noise 0.3": BARE | {"instance_noise": 0.3},
        "spectral_norm": BARE | {"spectral_norm": True},
        "critic_norm batch": BARE | {"critic_norm": "batch"},
        "minibatch_std 4": BARE | {"minibatch_std": 4},
        "freeze_above 0.7": BARE | {"freeze_above": 0.7},
    },
}


@dataclass(frozen=True)
class Run:
    """One fit: its table, group and label, the settings beyond the group's, and the seed."""

    set_name: str
    group: str
    label: str
    settings: dict[str, Any]
    seed: int

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What tells runs apart."""
        return self.set_name, self.group, self.label, self.seed


@dataclass(frozen=True)
class Measure:
    """A column of the tables: its heading, what of a report it is, beside which yardstick, and its digits."""

    title: str
    name: str
    digits: int
    value: Callable[[Report], float]
    floor: Callable[[Report], float | None]


def _collapse(title: str, name: str) -> Measure:
    """A measure of collapse, beside that of as many held-out rows."""
    return Measure(
        title,
        name,
        3,
        lambda report: getattr(report.collapse, name).synthetic.value,
        lambda report: getattr(report.collapse, name).real.value,
    )


MEASURES = (
    Measure("Shape error %", "shape", 2, lambda r: r.shape_error_pct.value, lambda r: r.shape_error_pct.floor),
    Measure("Trend error %", "trend", 2, lambda r: r.trend_error_pct.value, lambda r: r.trend_error_pct.floor),
    Measure("Detection AUC", "detection", 3, lambda r: r.detection.auc, lambda r: 0.5),
    _collapse("Coverage", "coverage"),
    _collapse("Distinct rows", "distinct"),
    _collapse("Entropy, bits", "entropy"),
)


def plan(sets: Sequence[str], seeds: Sequence[int], steps: int) -> list[Run]:
    """All runs, seed by seed, so that a run of the benchmark that is ended early has whole tables."""
    alone = {"likelihood_weight": 0.0, "steps": steps, "batch_size": 256, "patience": 100.0}
    cases = [(BESIDE, name, {"objective": name}) for name in OBJECTIVES]
    cases += [(ALONE, name, alone | {"objective": name}) for name in OBJECTIVES]
    cases += [(group, name, alone | own) for group, named in REMEDIES.items() for name, own in named.items()]
    return [Run(table, *case, seed) for seed in seeds for table in sets for case in cases]


def tables(set_name: str, data: Path) -> tuple[pa.Table, pa.Table]:
    """The rows to learn from and the rows held out."""
    if set_name != "reviews":
        return read_table(data / set_name / "train.csv"), read_table(data / set_name / "test.csv")
    real = read_table(REVIEWS)
    order = np.random.default_rng(0).permutation(real.num_rows)
    return real.take(order[real.num_rows // 5 :]), real.take(order[: real.num_rows // 5])


def make(run: Run, data: Path) -> dict[str, Any]:
    """Fit, sample and score one run; a fit that diverges is told as such."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    learnt, held_out = tables(run.set_name, data)
    schema = Schema.infer(learnt)
    started, cpu = time.perf_counter(), time.process_time()
    result = asdict(run) | {"n_train": learnt.num_rows, "n_made": N_MADE, "failed": ""}
    try:
        model = TabGAN(TrainingConfig(**run.settings), seed=run.seed, device="cpu").fit(learnt, schema=schema)
    except TrainingError as error:
        return result | {"failed": str(error)}
    result |= {"fit_s": time.perf_counter() - started, "cpu_s": time.process_time() - cpu}
    skip = [part for part in OPTIONAL if part not in ("detection", "collapse")]
    made = model.sample(N_MADE, seed=run.seed)
    report = evaluate(learnt, made, holdout=schema.conform(held_out), schema=schema, seed=run.seed, skip=skip)
    scores = {one.name: {"value": one.value(report), "floor": one.floor(report)} for one in MEASURES}
    return result | {"scores": scores}


def run_all(options: argparse.Namespace) -> None:
    """Make all runs that are not there yet, and write each as soon as it is done."""
    known = json.loads(options.results.read_text()) if options.results.exists() else {"runs": []}
    done = {Run(**{name: one[name] for name in Run.__annotations__}).key for one in known["runs"]}
    waiting = [one for one in plan(options.sets, options.seeds, options.steps) if one.key not in done]
    waiting = [one for one in waiting if not options.only or one.label in options.only or one.group in options.only]
    os.environ["OMP_NUM_THREADS"] = "1"  # before the processes start, so that evaluation keeps to one thread as well
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for finished in as_completed([pool.submit(make, one, options.data) for one in waiting]):
            result = finished.result()
            known |= {"machine": machine(), "versions": versions(), "date": datetime.now(UTC).date().isoformat()}
            known["runs"] = sorted([*known["runs"], result], key=lambda one: (one["set_name"], one["seed"]))
            written = options.results.with_suffix(".tmp")
            written.write_text(json.dumps(known, indent=1) + "\n")
            written.replace(options.results)
            told = {name: round(score["value"], 3) for name, score in result.get("scores", {}).items()}
            print(
                *Run(**{name: result[name] for name in Run.__annotations__}).key, result["failed"] or told, flush=True
            )


def versions() -> dict[str, str]:
    """What the numbers were made with."""
    return {"tabgan": tabgan.__version__, "torch": torch.__version__, "python": platform.python_version()}


def render(options: argparse.Namespace) -> None:
    """Write the page from the results."""
    options.out.write_text(page(json.loads(options.results.read_text())))


def page(known: dict[str, Any]) -> str:
    """The results as Markdown."""
    runs, seeds = known["runs"], sorted({one["seed"] for one in known["runs"]})
    steps = sorted({one["settings"]["steps"] for one in runs if one["group"] != BESIDE})
    said = [
        "# Objectives and remedies\n",
        "Written by `python -m benchmarks.objectives render` from `benchmarks/results/objectives.json`; do not edit.\n",
        f"{known['machine']['cpu']}, {known['machine']['cores']} cores, one thread for each fit; "
        f"{', '.join(f'{name} {version}' for name, version in known['versions'].items())}; {known['date']}. Seeds "
        f"{', '.join(map(str, seeds))}: mean ± standard deviation over the seeds. {N_MADE:,} synthetic rows.\n",
        "*Beside* the likelihood, all settings are the defaults. *Alone* (`likelihood_weight` 0) a plain GAN learns "
        f"for {' or '.join(map(str, steps))} steps of 256 rows, too few to come as near: there, compare rows with each "
        "other. Coverage is the share of the kinds of real rows that have at least a tenth of their synthetic ones, "
        "entropy the mean over the columns; both, and distinct rows, are best where they equal those of a second real "
        "sample, the last row. With few seeds, differences below twice the spread say nothing.",
    ]
    for set_name in dict.fromkeys(one["set_name"] for one in runs):
        mine = [one for one in runs if one["set_name"] == set_name]
        said.append(f"\n## {set_name.capitalize()}, {mine[0]['n_train']:,} rows learnt\n")
        for group in dict.fromkeys([BESIDE, ALONE, *REMEDIES]):
            rows = [one for one in mine if one["group"] == group]
            if rows:
                said += [f"\n### {TITLES[group]}\n", *table(rows)]
    return "\n".join(said) + "\n"


TITLES = {
    BESIDE: "Objectives beside the likelihood",
    ALONE: "Objectives alone",
    OF_WGAN: "Remedies, each by itself, of WGAN-GP alone",
    OF_NSGAN: "Remedies, each by itself, of the non-saturating GAN without a penalty, alone",
}


def table(runs: Sequence[dict[str, Any]]) -> list[str]:
    """The lines of one table."""
    head = ["", *(one.title for one in MEASURES), "fit, CPU s", "n"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for label in dict.fromkeys(one["label"] for one in runs):
        mine = [one for one in runs if one["label"] == label]
        whole = [one for one in mine if not one["failed"]]
        cells = [spread((one["scores"][m.name]["value"] for one in whole), m.digits) for m in MEASURES]
        cells += [spread((one["cpu_s"] for one in whole), 0), str(len(whole)) + diverged(len(mine) - len(whole))]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    floors = [spread((one["scores"][m.name]["floor"] for one in runs if not one["failed"]), m.digits) for m in MEASURES]
    return [*lines, f"| *a second real sample* | {' | '.join(floors)} | | |"]


def diverged(n: int) -> str:
    """How many runs have no numbers, in words."""
    return f", {n} diverged" if n else ""


def spread(values: Iterable[float | None], digits: int) -> str:
    """Mean ± standard deviation; the mean alone of a single value, and nothing of none."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    about = f" ± {statistics.stdev(known):.{digits}f}" if len(known) > 1 else ""
    return f"{statistics.mean(known):.{digits}f}{about}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse and do."""
    parser = argparse.ArgumentParser(prog="benchmarks.objectives", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("run", help=run_all.__doc__)
    one.set_defaults(do=run_all)
    one.add_argument("--data", type=Path, default=Path("data"), help="the folder of Adult's folder")
    one.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    one.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    one.add_argument("--steps", type=int, default=150, help="of what is fitted alone")
    one.add_argument("--jobs", type=int, default=2, help="fits at a time, each in a process")
    one.add_argument("--only", nargs="+", help="labels or groups")
    one.add_argument("--results", type=Path, default=RESULTS)
    one = commands.add_parser("render", help=render.__doc__)
    one.set_defaults(do=render)
    one.add_argument("--results", type=Path, default=RESULTS)
    one.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    options.do(options)


if __name__ == "__main__":
    sys.exit(main())
