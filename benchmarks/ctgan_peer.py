"""Fits CTGAN at its defaults and samples as many rows as it learnt from.

Runs in an environment of its own (`pip install ctgan==0.12.1`), never in the product's:

    python benchmarks/ctgan_peer.py TRAIN.csv OUT_FOLDER [--epochs 300] [--seed 0]

Writes `ctgan.csv` (the sample) and `ctgan.json` (versions, seconds, peak memory) into OUT_FOLDER. The columns that
CTGAN must treat as discrete are those of text type, as its own example does.
"""

import argparse
import json
import platform
import resource
import time
from pathlib import Path

import ctgan
import numpy as np
import pandas as pd
import torch


def main() -> None:
    """Fit, sample, write the sample and what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    table = pd.read_csv(options.train)
    discrete = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    np.random.seed(options.seed)
    torch.manual_seed(options.seed)
    model = ctgan.CTGAN(epochs=options.epochs)
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(table, discrete)
    fit_s, fit_cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    wall = time.perf_counter()
    sample = model.sample(len(table))
    result = {
        "synthesizer": f"CTGAN {ctgan.__version__}",
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "train": str(options.train),
        "n": len(table),
        "epochs": options.epochs,
        "seed": options.seed,
        "fit_s": fit_s,
        "fit_cpu_s": fit_cpu_s,
        "sample_s": time.perf_counter() - wall,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    options.out.mkdir(parents=True, exist_ok=True)
    sample.to_csv(options.out / "ctgan.csv", index=False)
    (options.out / "ctgan.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
