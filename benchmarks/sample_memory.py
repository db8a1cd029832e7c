"""Samples ten million rows to a Parquet file and prints the peak memory, beside that of a hundredth of the rows.

    python benchmarks/sample_memory.py MODEL.tabgan [--rows 10000000]

Memory is constant when both figures agree. Each sample runs as the command `tabgan sample` in a process of its own.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

import tabgan


def main() -> None:
    """Sample twice and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args()
    runs = [_sample(options.model, n) for n in (options.rows // 100, options.rows)]
    result = {
        "model": str(options.model),
        "tabgan": tabgan.__version__,
        "torch": torch.__version__,
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "runs": runs,
        "peak_ratio": runs[1]["peak_mib"] / runs[0]["peak_mib"],
    }
    print(json.dumps(result, indent=2))


def _sample(model: Path, n: int) -> dict[str, float]:
    """Rows, seconds, bytes written and peak memory of one sample."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sample.parquet"
        code = "from tabgan_cli.main import main; main()"
        command = [sys.executable, "-c", code, "sample", "-n", str(n), "-m", str(model), "-o", str(target)]
        started = time.perf_counter()
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"sampling {n} rows failed")
        elapsed = time.perf_counter() - started
        size = target.stat().st_size
    return {"n": n, "elapsed_s": elapsed, "rows_per_s": n / elapsed, "bytes": size, "peak_mib": usage.ru_maxrss / 1024}


if __name__ == "__main__":
    main()
