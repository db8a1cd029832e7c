"""Every shared table, all columns, through fit, sample and evaluate with the defaults.

    python -m benchmarks.whole_tables [--tables adult ...] [--seed 0]

Prints a table: rows and columns, seconds of fit, Shape and Trend errors, detection, whether types and columns are those
of the train rows, and of the constraints that the schema found how many hold in all synthetic rows. Writes
`results/whole_tables.json` beside this file.
"""

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.fidelity.runs import machine
from tabgan import TabGAN, evaluate
from tabgan.table.files import read_table
from tabgan.version import __version__

SHARED = Path(__file__).parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "whole_tables.json"
TABLES = ("adult", "bank", "beijing", "clothing_reviews", "covertype", "default", "magic", "shoppers")


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=TABLES)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| table | rows | columns | fit, s | Shape % (floor) | Trend % (floor) | AUC | types | rules that hold |")
    print("|---|---|---|---|---|---|---|---|---|")
    runs = []
    for name in options.tables:
        runs.append(run(name, options.seed))
        print(row(runs[-1]), flush=True)
    made = {"machine": machine(), "date": datetime.now(UTC).date().isoformat(), "versions": {"tabgan": __version__}}
    RESULTS.write_text(json.dumps(made | {"seed": options.seed, "runs": runs}, indent=2) + "\n")


def run(name: str, seed: int) -> dict[str, Any]:
    """One table."""
    (path,) = (SHARED / name).glob("train.*")
    (held_out,) = (SHARED / name).glob("test.*")
    real = read_table(path)
    started, cpu = time.perf_counter(), time.process_time()
    model = TabGAN(seed=seed, device="cpu").fit(real)
    spent = {"fit_s": time.perf_counter() - started, "fit_cpu_s": time.process_time() - cpu}
    started = time.perf_counter()
    synthetic = pa.concat_tables(model.sample_batches(min(real.num_rows, 100_000)))
    spent["sample_s"] = time.perf_counter() - started
    report = evaluate(real, synthetic, held_out, seed=seed)
    constraints = model.schema.constraints
    return {
        "table": name,
        "rows": real.num_rows,
        "columns": real.num_columns,
        **spent,
        "shape": [report.shape_error_pct.value, report.shape_error_pct.floor],
        "trend": [report.trend_error_pct.value, report.trend_error_pct.floor],
        "auc": report.detection.auc if report.detection else None,
        "types_kept": synthetic.schema.names == real.schema.names and synthetic.schema.types == real.schema.types,
        "rules": {rule.describe(): int(rule.broken(synthetic).sum()) for rule in constraints},
        "findings": [f"{finding.level}: {finding.text}" for finding in report.findings],
    }


def row(found: dict[str, Any]) -> str:
    """One line in Markdown."""
    errors = " | ".join(f"{value:.2f} ({floor:.2f})" for value, floor in (found["shape"], found["trend"]))
    hold = sum(not broken for broken in found["rules"].values())
    return (
        f"| {found['table']} | {found['rows']:,} | {found['columns']} | {found['fit_s']:.0f} | {errors} | "
        f"{found['auc']:.3f} | {'kept' if found['types_kept'] else 'changed'} | {hold} of {len(found['rules'])} |"
    )


if __name__ == "__main__":
    main()
