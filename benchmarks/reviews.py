"""The reviews: a product id with 1,148 values, which determines its class and department.

    python benchmarks/reviews.py [--seeds 0 1 2 3 4]

Each seed fits all rows and compares as many synthetic ones: total variation of the id, and of its pairs with class,
department and division, each beside its noise floor; and how many synthetic rows hold a (product, department) that no
real row holds. Detection is judged apart: fitted on 80 % of the rows, against the other 20 %. Prints a table and writes
`results/reviews.json` beside this file.
"""

import argparse
import json
import os
import platform
import statistics
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

import tabgan
from tabgan import Report, TabGAN, evaluate
from tabgan.evaluation.report import OPTIONAL

TABLE = Path(__file__).parents[1] / "sample_data" / "reviews.csv"
RESULTS = Path(__file__).parent / "results" / "reviews.json"
PARTNERS = ("class", "department", "division")


def main() -> None:
    """Fit, compare, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    options = parser.parse_args()
    real = pd.read_csv(TABLE)
    runs = [run(real, seed) for seed in options.seeds]
    result = {
        "machine": {"cores": os.cpu_count(), "threads": torch.get_num_threads()},
        "versions": {"tabgan": tabgan.__version__, "torch": torch.__version__, "python": platform.python_version()},
        "date": datetime.now(UTC).date().isoformat(),
        "n": len(real),
        "runs": runs,
    }
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print_table(runs, len(real))


def run(real: pd.DataFrame, seed: int) -> dict[str, Any]:
    """The scores of one seed."""
    started, cpu = time.perf_counter(), time.process_time()
    model = TabGAN(seed=seed, device="cpu").fit(real)
    costs = {"fit_s": time.perf_counter() - started, "fit_cpu_s": time.process_time() - cpu}
    synthetic = model.sample(len(real))
    errors = id_errors(evaluate(real, synthetic, seed=seed, skip=OPTIONAL))
    never = len(pairs_of(synthetic) - pairs_of(real))
    return {"seed": seed, **costs, **errors, "impossible_pairs": never, "detection_auc": held_out_auc(real, seed)}


def id_errors(report: Report) -> dict[str, dict[str, float | None]]:
    """The errors of the id and of its pairs, each with its floor."""
    found = {}
    for pair in report.pairs:
        if "product_id" in (pair.first, pair.second) and {pair.first, pair.second} & set(PARTNERS):
            (partner,) = {pair.first, pair.second} - {"product_id"}
            assert pair.error is not None
            found[f"product_id, {partner}"] = {"error": pair.error.value, "floor": pair.error.floor}
    (column,) = (column for column in report.columns if column.name == "product_id")
    # An id and the department that it determines are one variable, so the floor of the id is that of the pair.
    alone = {"error": column.distance.value, "floor": found["product_id, department"]["floor"]}
    return {"product_id": alone} | dict(sorted(found.items()))


def pairs_of(table: pd.DataFrame) -> set[tuple[object, object]]:
    """The (product, department) that occur."""
    return set(zip(table["product_id"], table["department"].fillna(""), strict=True))


def held_out_auc(real: pd.DataFrame, seed: int) -> float:
    """Detection of a model of 80 % of the rows, against the other 20 %."""
    order = np.random.default_rng(seed).permutation(len(real))
    held = len(real) // 5
    synthetic = TabGAN(seed=seed, device="cpu").fit(real.iloc[order[held:]]).sample(len(real))
    found = evaluate(real.iloc[order[:held]], synthetic, seed=seed).detection
    assert found is not None
    return found.auc


def print_table(runs: list[dict[str, Any]], n: int) -> None:
    """Markdown: mean and spread over the seeds."""
    print(f"| n = {n:,}, {len(runs)} seeds | tabgan | noise floor | ratio |\n|---|---|---|---|")
    for name in [name for name in runs[0] if name.startswith("product_id")]:
        errors, floors = ([run[name][key] for run in runs] for key in ("error", "floor"))
        ratio = statistics.mean(errors) / statistics.mean(floors)
        print(f"| total variation of {name} | {shown(errors, 3)} | {statistics.mean(floors):.3f} | {ratio:.2f} |")
    for title, key, digits in (
        ("detection AUC", "detection_auc", 3),
        ("impossible (product, department)", "impossible_pairs", 0),
        ("fit, s", "fit_s", 0),
        ("fit, CPU s", "fit_cpu_s", 0),
    ):
        print(f"| {title} | {shown([run[key] for run in runs], digits)} | | |")


def shown(values: list[float], digits: int) -> str:
    """Mean ± spread."""
    spread = statistics.stdev(values) if len(values) > 1 else float("nan")
    return f"{statistics.mean(values):.{digits}f} ± {spread:.{digits}f}"


if __name__ == "__main__":
    main()
