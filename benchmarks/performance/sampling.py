"""Rows a second and peak memory of `tabgan sample`: into memory, to Parquet, with several workers and many rows.

Each sample is a fresh process. Rates are of the whole command, start and end included, and beyond its start, which a
sample of ten rows of the same kind measures in the same turn.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.performance.processes import CommandError, Ran, run, threads_of
from benchmarks.performance.record import about, spread
from benchmarks.performance.startup import COMMAND

INTO_MEMORY = """
import json, sys, time
from tabgan import TabGAN
model = TabGAN.load(sys.argv[1], device="cpu")
model.sample(10)
seconds = []
for _ in range(int(sys.argv[3])):
    started = time.perf_counter()
    model.sample(int(sys.argv[2]))
    seconds.append(time.perf_counter() - started)
print(json.dumps({"seconds": seconds}))
"""


def sampling(
    model: Path,
    scratch: Path,
    *,
    rows: int = 1_000_000,
    workers: Sequence[int] = (0, 1, 2),
    sizes: Sequence[int] = (100_000, 1_000_000, 10_000_000),
    repeats: int = 3,
) -> dict[str, Any]:
    """All figures.

    Args:
        model: the file to sample from.
        scratch: a folder for what is written.
        rows: of a sample whose rate is told.
        workers: as `--workers` takes them; 0 for what the command does without it.
        sizes: rows of the samples whose memory is told, with the first of the numbers of workers and with the last.
        repeats: turns.
    """
    fewer = min(rows, 200_000)
    memory = [_into_memory(model, fewer, threads) for threads in workers if threads for _ in range(repeats)]
    found = {"into_memory": memory, "to_parquet": _to_parquet(model, scratch, rows, workers, repeats)}
    memory_of = [_size(model, scratch, n, own) for own in dict.fromkeys((workers[0], workers[-1])) for n in sizes]
    return about() | {"rows": rows, "sizes": memory_of, **found}


def _into_memory(model: Path, rows: int, threads: int) -> dict[str, Any]:
    command = [sys.executable, "-c", INTO_MEMORY, str(model), str(rows), "3"]
    ran = run(command, environment=threads_of(threads))
    rates = [rows / seconds for seconds in ran.printed["seconds"]]
    return {"threads": threads, "rows": rows, "rows_per_s": spread(rates), "peak_mib": ran.peak_mib}


def _to_parquet(model: Path, scratch: Path, rows: int, workers: Sequence[int], repeats: int) -> list[dict[str, Any]]:
    """One entry for each number of workers; those that the command refuses say so."""
    runs: dict[int, list[tuple[Ran, Ran]]] = {n: [] for n in workers}
    errors: dict[int, str] = {}
    for _ in range(repeats):
        for n in workers:
            try:
                runs[n].append((_sample(model, scratch, 10, n), _sample(model, scratch, rows, n)))
            except CommandError as error:
                errors[n] = str(error)
    found = []
    for n in workers:
        if not runs[n]:
            found.append({"workers": n, "error": errors[n]})
            continue
        pairs = runs[n]
        found.append(
            {
                "workers": n,
                "seconds": spread([long.seconds for _, long in pairs]),
                "rows_per_s": spread([rows / long.seconds for _, long in pairs]),
                "rows_per_s_beyond_start": spread([rows / max(long.seconds - s.seconds, 1e-9) for s, long in pairs]),
                "peak_mib": spread([long.peak_mib for _, long in pairs]),
                "tree_mib": spread([long.tree_mib or long.peak_mib for _, long in pairs]),
            }
        )
    return found


def _size(model: Path, scratch: Path, rows: int, workers: int) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        ran = _sample(model, scratch, rows, workers)
    except CommandError as error:
        return {"rows": rows, "workers": workers, "error": str(error)}
    seconds = time.perf_counter() - started
    told = {"seconds": seconds, "rows_per_s": rows / seconds, "peak_mib": ran.peak_mib, "tree_mib": ran.tree_mib}
    return {"rows": rows, "workers": workers, **told}


def _sample(model: Path, scratch: Path, rows: int, workers: int) -> Ran:
    target = scratch / "rows.parquet"
    options = ["-n", str(rows), "-m", str(model), "-o", str(target), "--force"]
    more = ["--workers", str(workers)] if workers else []
    environment = threads_of(1) if workers else None
    try:
        return run([sys.executable, "-c", COMMAND, "sample", *options, *more], environment=environment)
    finally:
        target.unlink(missing_ok=True)
