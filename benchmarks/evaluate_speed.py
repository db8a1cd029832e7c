"""How long `tabgan evaluate` takes for large tables, and how long Shape and Trend take beside SDMetrics.

    python -m benchmarks.evaluate_speed [--rows 1000000] [--columns 50] [--seed 0] [--repeats 3]
        [--sdmetrics-python PATH] [--peer-rows 100000]

Makes two mixed tables, a half of the columns floats in five groups that hang together, a fifth skewed whole numbers, an
id of 2,000 values and the rest categories of 30, writes them as Parquet into a folder that goes away again, and runs
`tabgan evaluate` on them: all measures and the page. The target is less than 90 s and 4 GiB for 1,000,000 rows of 50
columns on two cores.

With the Python of an environment that has SDMetrics (`pip install sdmetrics pyarrow`; never needed by tabgan itself) it
also reads two tables of `--peer-rows` rows and computes the two numbers that both have, Shape and Trend, in turns: this
project, SDMetrics at its defaults, which draws 50,000 rows for each pair and leaves weak pairs out of the score, and
SDMetrics with every row and every pair, whose two numbers are then the same as ours. The target is a third of the
time of SDMetrics at its defaults. Every run is a process of its own; seconds are from opening the files to the numbers.

Prints JSON and writes it to `results/evaluate_speed.json` beside this file; exits with 1 if a target is missed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

RESULTS = Path(__file__).parent / "results" / "evaluate_speed.json"
PEER = Path(__file__).with_name("sdmetrics_report.py")
LIMIT_S, LIMIT_MIB, LEAST_RATIO = 90, 4096, 3.0
EVALUATE = "from tabgan_cli.main import main; main()"
TWO_NUMBERS = "import sys; from benchmarks.evaluate_speed import two_numbers; two_numbers(*sys.argv[1:])"


def make_table(rows: int, columns: int, seed: int) -> pa.Table:
    """One of the two tables; two seeds give two samples of one population."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(rows, 5))
    labels, ids = (pa.array([f"{name}{i}" for i in range(size)]) for name, size in (("cat", 30), ("id", 2000)))
    cells: dict[str, Any] = {}
    for i in range(columns // 2):
        cells[f"float_{i}"] = base[:, i % 5] + rng.normal(size=rows)
    for i in range(columns // 5):
        cells[f"whole_{i}"] = rng.exponential(300, size=rows).astype(np.int64)
    for i in range(columns - len(cells) - 1):
        level = np.clip(4 * base[:, i % 5] + 15 + rng.normal(size=rows), 0, 29)
        cells[f"category_{i}"] = labels.take(pa.array(level.astype(np.int64)))
    cells["id"] = ids.take(pa.array(rng.integers(0, len(ids), rows)))
    return pa.table(cells)


def two_numbers(real: str, synthetic: str) -> None:
    """Prints the scores that `sdmetrics_report.py` prints, as this project computes them."""
    from tabgan import Schema
    from tabgan.evaluation.matching import match
    from tabgan.evaluation.resampling import errors_between
    from tabgan.table.files import read_table

    started = time.perf_counter()
    tables = [read_table(path) for path in (real, synthetic)]
    read = time.perf_counter()
    columns = match(*tables, Schema.infer(tables[0])).columns
    found = errors_between(columns, associations=False)
    made = time.perf_counter()
    seconds = {"read": read - started, "measure": made - read, "total": made - started}
    print(json.dumps({"seconds": seconds, "shape": 1 - found.shape, "trend": 1 - found.trend_separate}))


def run(command: Sequence[str]) -> dict[str, Any]:
    """Run a command to its end: its seconds, its peak memory and, if that is JSON, what it printed."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - started
        if status:
            raise SystemExit(f"failed: {' '.join(command)}")
        output.seek(0)
        printed = output.read()
    peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    found = {"process_s": elapsed, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": peak}
    return found | (json.loads(printed) if printed.startswith("{") else {})


def spread(values: Sequence[float]) -> dict[str, float]:
    """Mean, least and greatest, and the standard deviation where there are several."""
    found = {"mean": statistics.mean(values), "min": min(values), "max": max(values)}
    return found | ({"sd": statistics.stdev(values)} if len(values) > 1 else {})


def whole(folder: Path, rows: int, columns: int, seed: int, repeats: int) -> dict[str, Any]:
    """`tabgan evaluate` on two large tables."""
    tables = write_tables(folder, rows, columns, seed)
    command = [sys.executable, "-c", EVALUATE, "evaluate", *tables, "-o", str(folder / "report.html"), "--force"]
    runs = [run(command) for _ in range(repeats)]
    summary = {name: spread([found[name] for found in runs]) for name in ("process_s", "cpu_s", "peak_mib")}
    met = summary["process_s"]["mean"] < LIMIT_S and summary["peak_mib"]["max"] < LIMIT_MIB
    return {"n": rows, "columns": columns, **summary, "limit_s": LIMIT_S, "limit_mib": LIMIT_MIB, "within_limits": met}


def beside(folder: Path, python: str, rows: int, columns: int, seed: int, repeats: int) -> dict[str, Any]:
    """The two numbers of this project and of SDMetrics, run in turns."""
    tables = write_tables(folder, rows, columns, seed)
    commands = {
        "tabgan": [sys.executable, "-c", TWO_NUMBERS, *tables],
        "sdmetrics": [python, str(PEER), *tables],
        "sdmetrics, every row and pair": [python, str(PEER), *tables, "--all"],
    }
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            runs[name].append(run(command))
    found: dict[str, Any] = {}
    for name, mine in runs.items():
        seconds = {part: spread([one["seconds"][part] for one in mine]) for part in ("read", "measure", "total")}
        rest = {
            key: value for key, value in mine[0].items() if key not in ("seconds", "process_s", "cpu_s", "peak_mib")
        }
        found[name] = {"seconds": seconds, "peak_mib": spread([one["peak_mib"] for one in mine]), **rest}
    ours = found["tabgan"]["seconds"]["total"]["mean"]
    ratios = {name: one["seconds"]["total"]["mean"] / ours for name, one in found.items() if name != "tabgan"}
    met = ratios["sdmetrics"] >= LEAST_RATIO
    return {"n": rows, "columns": columns, "runs": found, "times_as_long": ratios, "within_limits": met}


def write_tables(folder: Path, rows: int, columns: int, seed: int) -> list[str]:
    """The paths of the two tables."""
    paths = [folder / f"{rows}-{side}.parquet" for side in ("real", "synthetic")]
    for i, path in enumerate(paths):
        if not path.exists():
            pyarrow.parquet.write_table(make_table(rows, columns, 2 * seed + i), path)
    return [str(path) for path in paths]


def about() -> dict[str, Any]:
    """The machine and the versions."""
    packages = ("tabgan-synth", "numpy", "pyarrow", "scipy", "scikit-learn")
    return {
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "threads": os.environ.get("OMP_NUM_THREADS", "as the libraries choose"),
        },
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
        "date": datetime.now(UTC).date().isoformat(),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--sdmetrics-python", help="The Python of an environment that has SDMetrics.")
    parser.add_argument("--peer-rows", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    same = options.columns, options.seed, options.repeats
    with tempfile.TemporaryDirectory() as folder:
        result = {
            **about(),
            "seed": options.seed,
            "repeats": options.repeats,
            "evaluate": whole(Path(folder), options.rows, *same),
        }
        if options.sdmetrics_python:
            result["two_numbers"] = beside(Path(folder), options.sdmetrics_python, options.peer_rows, *same)
    text = json.dumps(result, indent=2)
    print(text)
    options.out.write_text(text + "\n")
    return 0 if all(result[part]["within_limits"] for part in ("evaluate", "two_numbers") if part in result) else 1


if __name__ == "__main__":
    sys.exit(main())
