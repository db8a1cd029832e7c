"""Peak memory and time to summarize, fit and encode 1,000,000 rows with a column of 100,000 categories.

    python benchmarks/memory_encode.py [--rows 1000000] [--categories 100000] [--seed 0]

Prints JSON: the machine, versions, seed, n, seconds of each step, and the peak resident memory of the process in total,
above the imports, and above the table itself. The target is less than 1 GiB in total.
"""

import argparse
import json
import os
import platform
import resource
import sys
import time

import numpy as np
import pyarrow as pa

from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize
from tabgan.version import __version__

LIMIT_MIB = 1024


def peak_mib() -> float:
    """The largest resident size of this process so far; macOS counts bytes, Linux KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def make_table(rows: int, categories: int, seed: int) -> pa.Table:
    """A long-tailed column of text ids, a column of floats and a small category."""
    rng = np.random.default_rng(seed)
    names = pa.array([f"product-{i:08d}" for i in range(categories)])
    popular = (categories * rng.random(rows) ** 2).astype(np.int64)
    popular[:categories] = np.arange(min(categories, rows))
    return pa.table(
        {
            "id": names.take(pa.array(popular)),
            "price": rng.lognormal(3, 1, rows),
            "size": pa.array(["S", "M", "L", "XL"]).take(pa.array(rng.integers(0, 4, rows))),
        }
    )


SCHEMA = Schema(
    (
        ColumnSpec(name="id", kind="high_cardinality", dtype="string", nullable=False),
        ColumnSpec(name="price", kind="continuous", dtype="double", nullable=False),
        ColumnSpec(name="size", kind="categorical", dtype="string", nullable=False),
    )
)


def measure(rows: int, categories: int, seed: int) -> dict[str, object]:
    """Runs the steps once and says what they took."""
    imported = peak_mib()
    table = make_table(rows, categories, seed)
    made = peak_mib()
    marks = [time.perf_counter()]
    summaries = summarize(table)
    marks.append(time.perf_counter())
    codec = TableCodec.from_summaries(SCHEMA, summaries)
    marks.append(time.perf_counter())
    encoded = codec.encode(table, np.random.default_rng(seed))
    marks.append(time.perf_counter())
    steps = dict(zip(("summarize", "fit", "encode"), np.diff(marks).round(3).tolist(), strict=True))
    return {
        "machine": {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()},
        "versions": {
            "python": platform.python_version(),
            "tabgan": __version__,
            "numpy": np.__version__,
            "pyarrow": pa.__version__,
        },
        "seed": seed,
        "n": rows,
        "categories": summaries["id"].n_distinct,
        "slots": {slots.name: list(slots.cardinalities) for slots in codec.layout.columns},
        "seconds": {**steps, "total": round(marks[-1] - marks[0], 3)},
        "encoded_mib": round((encoded.codes.nbytes + encoded.values.nbytes) / 2**20, 1),
        "table_mib": round(table.nbytes / 2**20, 1),
        "peak_mib": {
            "total": round(peak_mib(), 1),
            "above_imports": round(peak_mib() - imported, 1),
            "above_table": round(peak_mib() - made, 1),
        },
        "limit_mib": LIMIT_MIB,
        "within_limit": peak_mib() < LIMIT_MIB,
    }


def main() -> int:
    """Prints the figures; exits with 1 if the peak is at or above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--categories", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    figures = measure(**vars(parser.parse_args()))
    print(json.dumps(figures, indent=2))
    return 0 if figures["within_limit"] else 1


if __name__ == "__main__":
    sys.exit(main())
