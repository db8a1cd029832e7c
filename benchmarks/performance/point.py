"""One point of a law, in a process of its own: fit a table, sample from it, tell seconds and peak memory.

    python -m benchmarks.performance.point JOB.json

The job: `train` and `sample` (paths), `rows` to sample, `settings` of the training, `seed`. Prints one JSON object.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet

from tabgan import TabGAN, TrainingConfig


def main(path: str) -> None:
    """Do the job of a file."""
    print(json.dumps(measure(json.loads(Path(path).read_text()))))


def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Seconds and peaks of fit and sample."""
    imported = peak_mib()
    wall, cpu = time.perf_counter(), time.process_time()
    model = TabGAN(TrainingConfig(**job["settings"]), seed=job["seed"], device="cpu").fit(job["train"])
    fit_s, fit_cpu_s, fit_mib = time.perf_counter() - wall, time.process_time() - cpu, peak_mib()
    model.sample(1)
    started = time.perf_counter()
    with pyarrow.parquet.ParquetWriter(job["sample"], model.output_schema) as writer:
        for batch in model.sample_batches(job["rows"]):
            writer.write_table(batch)
    sample_s = time.perf_counter() - started
    return {
        "fit_s": fit_s,
        "fit_cpu_s": fit_cpu_s,
        "fit_mib": fit_mib,
        "imported_mib": imported,
        "steps": model.history[-1].step if model.history else 0,
        "sample_s": sample_s,
        "sampled": job["rows"],
        "sample_rows_per_s": job["rows"] / sample_s,
        "sample_mib": peak_mib(),
    }


def peak_mib() -> float:
    """The most resident memory of this process so far: VmHWM where there is /proc, else what the system tells."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(sys.argv[1])
