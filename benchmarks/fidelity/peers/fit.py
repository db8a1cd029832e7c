"""Fits one synthesizer on one table, samples from it, and writes the sample and what it cost.

    ENVIRONMENT/bin/python benchmarks/fidelity/peers/fit.py JOB.json

Runs in the synthesizer's own environment, in a process of its own, so that its peak memory is its own. The job is a
JSON object:

    synthesizer   which module `<synthesizer>_peer.py` beside this file to use
    train         the CSV file to learn from
    columns       all columns' names, in order
    numeric       the names of the columns that are numbers
    categorical   the names of all other columns
    n             how many rows to sample
    seed          of the fit and of the sample
    settings      of the synthesizer, beyond its defaults
    schema        a tabgan schema document, or null (tabgan alone reads it)
    out           the folder for `sample.csv` and `costs.json`

A module has PACKAGES, whose versions are written down, and `fit(train, job)`, which returns what draws n rows. The
seconds of the fit start with the file of training rows and end with a model that can be sampled; imports are not
in them. The peak is the most memory that the process or one of its children held, imports and all.
"""

import importlib
import json
import os
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any


def main() -> None:
    """Fit, sample, write."""
    job = json.loads(Path(sys.argv[1]).read_text())
    out = Path(job["out"])
    out.mkdir(parents=True, exist_ok=True)
    peer = importlib.import_module(f"{job['synthesizer']}_peer")
    wall, cpu = time.perf_counter(), cpu_seconds()
    sampler = peer.fit(Path(job["train"]), job)
    fit_s, fit_cpu_s = time.perf_counter() - wall, cpu_seconds() - cpu
    wall = time.perf_counter()
    sample = sampler(job["n"])
    sample_s = time.perf_counter() - wall
    sample[job["columns"]].to_csv(out / "sample.csv", index=False)
    costs = {
        "fit_s": fit_s,
        "fit_cpu_s": fit_cpu_s,
        "sample_s": sample_s,
        "sample_rows_per_s": len(sample) / sample_s,
        "peak_mib": peak_mib(),
    }
    packages: dict[str, Any] = {name: version(name) for name in peer.PACKAGES}
    document = {
        "costs": costs,
        "threads": int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)),
        "versions": {"python": platform.python_version(), **packages},
    }
    (out / "costs.json").write_text(json.dumps(document, indent=2) + "\n")


def cpu_seconds() -> float:
    """The CPU seconds of this process and of its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def peak_mib() -> float:
    """The most memory that this process or one of its finished children held, in MiB."""
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(used) / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
