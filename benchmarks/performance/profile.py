"""Where the time of fit, sample and evaluate goes: by stage, by step, by group of kernels, each beside its floor.

Stages are timed in one run in this process (`watch`), steps in short runs of their own, with and without the critic in
turns, and kernels in a run under torch's profiler, which is slower than one without.
"""

import itertools
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import torch

from benchmarks.performance import floors, kernels
from benchmarks.performance.floors import Rates, Work, floor_s
from benchmarks.performance.machine import calibrate
from benchmarks.performance.record import about, spread
from benchmarks.performance.shapes import shape_of
from benchmarks.performance.stages import FIT, IN_STEPS, SAMPLE
from benchmarks.performance.watch import Watch
from tabgan import TabGAN, TrainingConfig, evaluate
from tabgan.blocks import RowBlocks, count
from tabgan.gan import training
from tabgan.table.files import TableWriter, read_table

KINDS = {"likelihood": 0.0, "adversarial": 1.0}
"""Steps without and with the critic, as `adversarial_share`."""
EXPLAINED = {
    "read": "the file's bytes, read once at the rate of memory",
    "infer and check": "the table's bytes, read once",
    "discover": "the table's bytes, read once",
    "summarise": "the table's bytes, read once",
    "encode": "the table's bytes read, the codes written",
    "columns": "each cell of both tables read once",
    "pairs": "two codes of each row of both tables read for each pair of columns",
}


def profile(
    train: Path, *, steps: int = 0, step_runs: int = 5, steps_each: int = 40, sampled: int = 200_000, seed: int = 0
) -> dict[str, Any]:
    """All figures.

    Args:
        train: the table to learn.
        steps: of the fit whose stages are told; 0 for as many as the defaults take.
        step_runs: runs for the time of a step, of each kind.
        steps_each: steps of each of these.
        sampled: rows.
        seed: of all fits.
    """
    calibration = calibrate()
    rates = Rates.of(calibration, torch.get_num_threads())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.tabgan")
        model, fit = fit_stages(train, TrainingConfig(steps=steps), path, rates, seed)
        synthetic = Path(folder, "synthetic.parquet")
        found = {
            "fit": fit,
            "steps": step_figures(train, model, step_runs, steps_each, rates, seed),
            "sample": sample_stages(path, synthetic, sampled, rates, fit["rows"]),
            "evaluate": evaluate_stages(train, synthetic, rates, seed),
        }
    threads = torch.get_num_threads()
    return about(seed) | {"data": train.parent.name, "threads": threads, "calibration": calibration, **found}


def fit_stages(
    train: Path, config: TrainingConfig, path: Path, rates: Rates, seed: int
) -> tuple[TabGAN, dict[str, Any]]:
    """A fit, saved to `path`: the seconds of its stages."""
    model = TabGAN(config, seed=seed, device="cpu")
    started = time.perf_counter()
    with Watch(FIT) as watch:
        model.fit(train)
        model.save(path)
    total = time.perf_counter() - started
    table = read_table(train)
    n, columns = table.num_rows, table.num_columns
    codes = n * model._fitted().coding.codec.layout.n_codes * 2
    known = {
        "read": floors.scan(train.stat().st_size),
        "infer and check": floors.scan(table.nbytes),
        "discover": floors.scan(table.nbytes),
        "summarise": floors.scan(table.nbytes),
        "encode": floors.encode(table.nbytes, codes),
    }
    steps = model.history[-1].step if model.history else 0
    return model, {
        "rows": n,
        "columns": columns,
        "steps": steps,
        "total_s": total,
        "stages": _staged(watch, total, known, rates),
        "arrow_read_s": arrow_read(train),
        "not_found": watch.missing,
    }


def arrow_read(path: Path, repeats: int = 5) -> dict[str, float]:
    """Seconds in which pyarrow alone reads a CSV file, with one thread."""
    options, seconds = pyarrow.csv.ReadOptions(use_threads=False), []
    for _ in range(repeats):
        started = time.perf_counter()
        pyarrow.csv.read_csv(path, read_options=options)
        seconds.append(time.perf_counter() - started)
    return spread(seconds)


def step_figures(
    train: Path, model: TabGAN, runs: int, steps: int, rates: Rates, seed: int
) -> dict[str, dict[str, Any]]:
    """Of each kind of step: seconds, those of its parts, its groups of kernels, and its floor."""
    n = int(model.info["n_rows"])
    shape, settings = shape_of(model, n), model.config.for_table(n)
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    parts: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in IN_STEPS} for kind in KINDS}
    for _ in range(runs):
        for kind, share in KINDS.items():
            spent = _steps(train, steps, share, seed)
            seconds[kind].append(sum(spent.values()))
            for name, took in spent.items():
                parts[kind][name].append(took)
    found = {}
    for kind, share in KINDS.items():
        work = floors.step(shape, adversarial=bool(share), critic_steps=settings.critic_steps or 1)
        found[kind] = {
            "step_s": spread(seconds[kind]),
            "floor_s": floor_s(work, rates),
            "operations": work.operations + work.rounded,
            "products_floor_s": work.operations / rates.operations + work.rounded / rates.rounded,
            "exponentials": work.exponentials,
            "bytes": work.cached + work.memory,
            "parts_s": {name: spread(values) for name, values in parts[kind].items() if max(values) > 0},
            "kernels": _kernels(train, steps, share, seed),
        }
    return found | {"batch": shape.batch, "units": shape.units, "features": shape.features, "codes": shape.codes}


def _steps(train: Path, steps: int, share: float, seed: int) -> dict[str, float]:
    """Seconds for each step that the parts of a step take in a short run."""
    model = TabGAN(TrainingConfig(steps=steps, adversarial_share=share), seed=seed, device="cpu")
    with _one_report(), Watch(FIT) as watch:
        model.fit(train)
    return {name: watch.spent[name].seconds / steps for name in IN_STEPS}


def _kernels(train: Path, steps: int, share: float, seed: int) -> dict[str, Any]:
    """The groups of kernels of a step, under the profiler: two runs of different length, and what lies between them."""
    short, short_s = _profiled_fit(train, steps, share, seed)
    long, long_s = _profiled_fit(train, 2 * steps, share, seed)
    between = kernels.difference(long, short)
    groups = {name: {key: value / steps for key, value in own.items()} for name, own in between.items()}
    return {"profiled_s": (long_s - short_s) / steps, "groups": groups}


def _profiled_fit(train: Path, steps: int, share: float, seed: int) -> tuple[kernels.Groups, float]:
    model = TabGAN(TrainingConfig(steps=steps, adversarial_share=share), seed=seed, device="cpu")
    own, seen = training.Trainer.fit, []

    def recorded(*args: Any, **kwargs: Any) -> object:
        groups, wall, result = kernels.profiled(lambda: own(*args, **kwargs))
        seen.append((groups, wall))
        return result

    training.Trainer.fit = recorded  # type: ignore[method-assign, assignment]
    try:
        with _one_report():
            model.fit(train)
    finally:
        training.Trainer.fit = own  # type: ignore[method-assign]
    return seen[0]


@contextmanager
def _one_report() -> Iterator[None]:
    """Runs report once, at their end: looks are no part of a step."""
    before = training.REPORTS
    training.REPORTS = 1
    try:
        yield
    finally:
        training.REPORTS = before


def sample_stages(path: Path, target: Path, n: int, rates: Rates, n_learnt: int) -> dict[str, Any]:
    """A sample that is written as Parquet, in this process and one thread: the seconds of its stages, and its floor."""
    model = TabGAN.load(path, device="cpu")
    model.sample(1)  # buffers and caches

    def write() -> None:
        with TableWriter(target, model.output_schema) as writer:
            for batch in model.sample_batches(n, workers=1):  # one block at a time
                writer.write(batch)

    started = time.perf_counter()
    with Watch(SAMPLE) as watch:
        write()
    total = time.perf_counter() - started
    # Blocks by themselves: the profiler hears nothing of other threads, which a sample makes them in.
    made = RowBlocks(model._fitted(), None, model.seed)
    groups, _, _ = kernels.profiled(lambda: [made.tables(index, n) for index in range(count(min(n, 50_000)))])
    work = floors.forward(shape_of(model, n_learnt), n)
    written = {"write Parquet": floors.encode(8.0 * n * len(model.output_schema), target.stat().st_size)}
    return {
        "rows": n,
        "total_s": total,
        "rows_per_s": n / total,
        "stages": _staged(watch, total, {"draw": work} | written, rates),
        "kernels": groups,
        "not_found": watch.missing,
    }


def evaluate_stages(real: Path, synthetic: Path, rates: Rates, seed: int) -> dict[str, Any]:
    """An evaluation: the seconds of its parts, as its own progress tells them."""
    table = read_table(real)
    rows = min(table.num_rows, pa.parquet.read_metadata(synthetic).num_rows)
    made = pa.parquet.read_table(synthetic).slice(0, rows)
    marks: list[tuple[str, float]] = []
    evaluate(table, made, seed=seed, progress=lambda told: marks.append((told.doing, time.perf_counter())))
    seconds: dict[str, float] = {}
    for (name, begun), (_, ended) in itertools.pairwise(marks):
        seconds[name] = seconds.get(name, 0.0) + ended - begun
    numbers = [pa.types.is_floating(kind) or pa.types.is_integer(kind) for kind in table.schema.types]
    known = {"columns": floors.columns_of(rows, numbers), "pairs": floors.pairs_of(rows, table.num_columns)}
    stages = [stage(name, took, known.get(name), rates) for name, took in seconds.items()]
    return {"rows": rows, "columns": table.num_columns, "total_s": marks[-1][1] - marks[0][1], "stages": stages}


def _staged(watch: Watch, total: float, known: dict[str, Work], rates: Rates) -> list[dict[str, Any]]:
    """The stages that took time, and what is left of the total."""
    found = [
        stage(name, spent.seconds, known.get(name), rates, spent.calls)
        for name, spent in watch.spent.items()
        if spent.calls
    ]
    rest = total - sum(one["seconds"] for one in found)
    return [*found, stage("else", rest, None, rates)]


def stage(name: str, seconds: float, work: Work | None, rates: Rates, calls: int = 1) -> dict[str, Any]:
    """One line: a stage with its floor and how many times as long it took, where there is one."""
    found: dict[str, Any] = {"name": name, "seconds": seconds, "calls": calls}
    if work is None:
        return found
    least = floor_s(work, rates)
    ratio = seconds / least if least else None
    return found | {"floor_s": least, "ratio": ratio, "floor_is": EXPLAINED.get(name, "operations and bytes")}
