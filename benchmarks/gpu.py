"""Training on a GPU: rows learnt in a second beside CTGAN's, how busy the device is, and what is launched.

    python -m benchmarks.gpu --tables adult/train.csv covertype/train.parquet [--ctgan ENVIRONMENT/bin/python]

Each table is encoded once and learnt at the defaults, and again with one thing changed: steps run one kernel after the
other, matrix products in full float32, and a batch as large as may be. Rows are those of the generator's batches; the
clock runs from the call of `fit` to its end, looks and the capture of graphs included, and beside it for the last nine
tenths of the steps alone. How busy the device is comes from `nvidia-smi`, ten times a second: the share of time in
which any kernel ran. Launches are counted by torch's profiler over the steps of a short run, after the warm-up. CTGAN
runs in the same call and on the same device, in an environment of its own (`python -m benchmarks.fidelity peers`).
Prints what it finds and writes `results/gpu.json`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.csv
import torch

from benchmarks.fidelity.datasets import NUMERIC
from benchmarks.fidelity.runs import commit, machine
from tabgan import TrainingConfig
from tabgan.gan.capture import plain
from tabgan.gan.history import TrainingStats
from tabgan.gan.training import Trainer
from tabgan.prepared import Prepared
from tabgan.version import __version__

RESULTS = Path(__file__).parent / "results" / "gpu.json"
CTGAN = Path(__file__).parent / "fidelity" / "peers" / "ctgan_speed.py"
VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "one kernel after the other": {"cuda_graphs": False},
    "products in float32": {"tf32": False},
    "a batch of 8,192": {"batch_size": 8_192},
}
CTGAN_ROWS = 600_000
"""About so many rows CTGAN learns, at least one epoch: its pace does not change with time."""
PROFILED = 20
"""Steps under the profiler."""
LAUNCHES = ("cudaLaunchKernel", "cudaGraphLaunch", "cudaMemcpyAsync", "cudaStreamSynchronize")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """One fit.

    Attributes:
        label: one of `VARIANTS`.
        settings: beyond the defaults.
        steps: of the generator.
        batch_size: as it was used.
        captured: whether steps were replayed as graphs.
        seconds: of the whole fit.
        rows_per_s: over all of it.
        steady_rows_per_s: over its last nine tenths.
        busy: share of time in which the device ran a kernel.
        gpu_mib: the most memory that torch held.
        launches: calls for one step of the run's last part.
    """

    label: str
    settings: dict[str, Any]
    steps: int
    batch_size: int
    captured: bool
    seconds: float
    rows_per_s: float
    steady_rows_per_s: float
    busy: float
    gpu_mib: float
    launches: dict[str, float] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", type=Path, required=True, help="CSV or Parquet files")
    parser.add_argument("--ctgan", type=Path, help="the Python of an environment with CTGAN; none leaves it out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if not torch.cuda.is_available():
        print(f"expected a CUDA device, and torch {torch.__version__} finds none here: nothing was measured")
        return 1
    about = {
        "machine": machine() | {"gpu": torch.cuda.get_device_name(), "cuda": torch.version.cuda},
        "versions": {"tabgan": __version__, "torch": torch.__version__, "commit": commit()},
        "date": datetime.now(UTC).date().isoformat(),
        "seed": options.seed,
    }
    tables = []
    for path in options.tables:
        tables.append(table_of(path, options.ctgan, options.seed))
        print(told(tables[-1]), flush=True)
        options.out.write_text(json.dumps(about | {"tables": tables}, indent=2) + "\n")
    return 0


def table_of(path: Path, ctgan: Path | None, seed: int) -> dict[str, Any]:
    """All that is measured of one table."""
    started = time.perf_counter()
    prepared = Prepared.of(path, None, seed)
    prepared_s = time.perf_counter() - started
    layout = prepared.coding.codec.layout
    paces = [pace_of(prepared, label, seed) for label in VARIANTS]
    return {
        "table": f"{path.parent.name}/{path.name}",
        "rows": prepared.table.num_rows,
        "columns": prepared.table.num_columns,
        "codes": layout.n_codes,
        "units": layout.width,
        "prepared_s": prepared_s,
        "tabgan": [asdict(pace) for pace in paces],
        "ctgan": None if ctgan is None else ctgan_pace(prepared, ctgan, seed),
    }


def pace_of(prepared: Prepared, label: str, seed: int) -> Pace:
    """One fit on the GPU, and the launches of a short one."""
    settings = VARIANTS[label]
    trainer, reports = _trainer(prepared, TrainingConfig(**settings), seed), list[TrainingStats]()
    torch.cuda.reset_peak_memory_stats()
    with watched() as busy:
        started = time.perf_counter()
        trainer.fit(lambda stats: reports.append(stats))
        torch.cuda.synchronize()
        seconds = time.perf_counter() - started
    batch_size, last = trainer._config.batch_size, reports[-1]
    first = next(stats for stats in reports if stats.step >= 0.1 * last.steps)
    steady = (last.step - first.step) * batch_size / (last.elapsed_s - first.elapsed_s)
    return Pace(
        label=label,
        settings=settings,
        steps=last.step,
        batch_size=batch_size,
        captured=trainer._run_step is not plain,
        seconds=seconds,
        rows_per_s=last.step * batch_size / seconds,
        steady_rows_per_s=steady,
        busy=sum(busy) / max(len(busy), 1) / 100,
        gpu_mib=torch.cuda.max_memory_reserved() / 2**20,
        launches=launches_of(prepared, TrainingConfig(**settings), seed),
    )


def launches_of(prepared: Prepared, config: TrainingConfig, seed: int) -> dict[str, float]:
    """How often a step with a critic calls the driver, on average over the last steps of a run of a hundred."""
    trainer = _trainer(prepared, replace(config, steps=100, adversarial_share=0.9, holdout=0.0), seed)
    profiler = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU])
    last = 100 - PROFILED

    def keep(state: object) -> None:
        if trainer._step == last:
            profiler.start()
        elif trainer._step == last + PROFILED - 1:
            profiler.stop()

    trainer.fit(keeper=keep)
    counts: Counter[str] = Counter()
    for event in profiler.key_averages():
        name = next((name for name in LAUNCHES if event.key.startswith(name)), None)
        if name is not None:
            counts[name] += event.count
    return {name: counts[name] / (PROFILED - 1) for name in LAUNCHES}


@contextmanager
def watched() -> Iterator[list[float]]:
    """Within it, how busy the first device is, in percent, ten times a second; filled in at the end."""
    command = ["nvidia-smi", "--id=0", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-lms", "100"]
    busy: list[float] = []
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.DEVNULL)
        try:
            yield busy
        finally:
            process.terminate()
            process.wait()
            log.seek(0)
            busy += [float(line) for line in log if line.strip().isdigit()]


def ctgan_pace(prepared: Prepared, python: Path, seed: int) -> dict[str, Any]:
    """What CTGAN does with the same rows in its own environment.

    Raises:
        RuntimeError: if it fails; the message ends with the last lines of what it said.
    """
    numeric = [spec.name for spec in prepared.coding.schema.columns if spec.kind in NUMERIC]
    names = prepared.table.column_names
    with tempfile.TemporaryDirectory() as folder:
        train, job = Path(folder) / "train.csv", Path(folder) / "job.json"
        pyarrow.csv.write_csv(prepared.table, train)
        epochs = max(CTGAN_ROWS // prepared.table.num_rows, 1)
        told = {"train": str(train), "numeric": numeric, "epochs": epochs, "seed": seed}
        job.write_text(json.dumps(told | {"categorical": [name for name in names if name not in numeric]}))
        with watched() as busy:
            done = subprocess.run([python, CTGAN, job], capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join(done.stderr.splitlines()[-8:])
        raise RuntimeError(f"CTGAN ended with exit code {done.returncode}:\n{tail}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found | {"busy": sum(busy) / max(len(busy), 1) / 100}


def told(table: dict[str, Any]) -> str:
    """A table of results in words."""
    ctgan = table["ctgan"]
    lines = [
        f"{table['table']}: {table['rows']:,} rows x {table['columns']} columns",
        "| run | batch | graphs | rows/s | steady rows/s | busy | MiB | launches a step | times CTGAN |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for pace in table["tabgan"]:
        ratio = "" if ctgan is None else f"{pace['steady_rows_per_s'] / ctgan['rows_per_s']:.1f}"
        lines.append(
            f"| {pace['label']} | {pace['batch_size']:,} | {'yes' if pace['captured'] else 'no'} "
            f"| {pace['rows_per_s']:,.0f} | {pace['steady_rows_per_s']:,.0f} | {pace['busy']:.0%} "
            f"| {pace['gpu_mib']:,.0f} | {sum(pace['launches'].values()):,.0f} | {ratio} |"
        )
    if ctgan is not None:
        own = f"{ctgan['rows_per_s']:,.0f}"
        lines.append(
            f"| CTGAN on {ctgan['device']} | {ctgan['batch_size']} | | {own} | {own} | {ctgan['busy']:.0%} |||1|"
        )
    return "\n".join(lines)


def _trainer(prepared: Prepared, config: TrainingConfig, seed: int) -> Trainer:
    layout = prepared.coding.codec.layout
    return Trainer(prepared.encoded, layout, config, seed=seed, device=torch.device("cuda"))


if __name__ == "__main__":
    sys.exit(main())
