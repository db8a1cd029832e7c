"""Peak memory and time to fit, save, open and sample a table with a column of 1,000,000 different ids.

    python -m benchmarks.million_ids [--rows 3000000] [--ids 1000000] [--steps 300]

The ids are long-tailed: the most frequent have hundreds of rows, most have one or two. Each occurs. Prints JSON and
writes `results/million_ids.json` beside this file. The target is less than 2 GiB while fitting.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.fidelity.runs import machine
from benchmarks.memory_encode import make_table, peak_mib
from tabgan import TabGAN, TrainingConfig
from tabgan.version import __version__

RESULTS = Path(__file__).parent / "results" / "million_ids.json"
LIMIT_MIB = 2_048
SAMPLED = 100_000


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--steps", type=int, default=300)
    found = measure(**vars(parser.parse_args()))
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def measure(rows: int, ids: int, steps: int) -> dict[str, Any]:
    """The figures of one run."""
    table = make_table(rows, ids, seed=0)
    seconds, peaks = {}, {"table": peak_mib()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ids.tabgan"
        started = time.perf_counter()
        model = TabGAN(TrainingConfig(steps=steps), device="cpu").fit(table)
        seconds["fit"], peaks["fit"] = time.perf_counter() - started, peak_mib()
        model.save(path)
        size = path.stat().st_size / 1e6
        started = time.perf_counter()
        model = TabGAN.load(path, device="cpu")
        seconds["open"] = time.perf_counter() - started
        started = time.perf_counter()
        synthetic = pa.concat_tables(model.sample_batches(SAMPLED))
        seconds["sample"], peaks["sample"] = time.perf_counter() - started, peak_mib()
    counted = [side["id"].value_counts().field("counts").to_numpy() for side in (table, synthetic)]
    shares = [np.sort(counts)[::-1] for counts in counted]
    return {
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"tabgan": __version__},
        "rows": rows,
        "ids": len(table["id"].unique()),
        "steps": steps,
        "model_mb": round(size, 1),
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "peak_mib": {name: round(value) for name, value in peaks.items()},
        "within_limit": peaks["fit"] < LIMIT_MIB,
        "share_of_the_1000_most_frequent_ids": [float(counts[:1_000].sum() / counts.sum()) for counts in shares],
        "different_ids_sampled": len(shares[1]),
    }


if __name__ == "__main__":
    main()
