"""Foreseen and measured peak memory of tables with many categories, many columns or many rows, and time by stage.

    python -m benchmarks.wide [--cases ids_of_text columns ...] [--steps 24] [--limit-gib 4]

Each case is made, learnt for a few steps (the last quarter of them with a critic, as in a whole run: all that is ever
held is held then), sampled and evaluated in a process of its own. The peak is what the operating system says (VmHWM or
ru_maxrss) from the start of the process to the end of the fit. Prints a line for each case and writes
`results/wide.json` beside this file. Exits with 1 if a case that must fit into the limit does not, or if a peak is more
than a quarter above what was foreseen.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.fidelity.runs import machine
from benchmarks.memory_encode import peak_mib
from tabgan.table.columns import Kind

RESULTS = Path(__file__).parent / "results" / "wide.json"
SAMPLED, EVALUATED = 5_000, 100
"""Rows sampled, and the most columns of tables that are evaluated: of more it takes minutes."""
SLACK = 1.25


@dataclass(frozen=True)
class Case:
    """A table to measure with.

    Attributes:
        make: makes it, of so many rows and so many columns or categories.
        n_rows: of it.
        size: its columns, or the categories of its columns.
        kinds: of columns whose kind is not what would be inferred.
        within_limit: whether it must be learnt within the limit; False where it must be refused or is beyond it.
    """

    make: Callable[[int, int], pa.Table]
    n_rows: int
    size: int
    kinds: tuple[tuple[str, Kind], ...] = ()
    within_limit: bool = True


def _long_tailed(n: int, categories: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Categories of n rows, of which the first ones are frequent; each occurs if there are enough rows."""
    found = (categories * random.random(n) ** 2).astype(np.int64)
    found[: min(categories, n)] = np.arange(min(categories, n))
    random.shuffle(found)
    return found


def _named(places: NDArray[np.int64]) -> pa.Array:
    names = pa.array([f"thing-{place:07d}" for place in range(int(places.max()) + 1)])
    return names.take(pa.array(places))


def ids_of_text(n: int, ids: int) -> pa.Table:
    """A column of ids, a number and a small category."""
    random = np.random.default_rng(0)
    columns = {"id": _named(_long_tailed(n, ids, random)), "price": random.lognormal(3, 1, n)}
    return pa.table(columns | {"size": pa.array(list("SMLX")).take(pa.array(random.integers(0, 4, n)))})


def ids_of_numbers(n: int, ids: int) -> pa.Table:
    """The same with numbers as ids."""
    random = np.random.default_rng(0)
    columns = {"id": 10**9 + 7_919 * _long_tailed(n, ids, random), "price": random.lognormal(3, 1, n)}
    return pa.table(columns | {"size": pa.array(list("SMLX")).take(pa.array(random.integers(0, 4, n)))})


def ten_apart(n: int, categories: int) -> pa.Table:
    """Ten columns with long tails that have nothing to do with each other."""
    random = np.random.default_rng(0)
    return pa.table({f"c{place}": _named(_long_tailed(n, categories, random)) for place in range(10)})


def ten_together(n: int, categories: int) -> pa.Table:
    """Ten columns with long tails that go together."""
    random = np.random.default_rng(0)
    common = random.random(n) ** 2
    near = (np.clip(common + 0.02 * random.normal(size=n), 0, 1 - 1e-9) for _ in range(10))
    return pa.table({f"c{place}": _named((categories * own).astype(np.int64)) for place, own in enumerate(near)})


def columns(n: int, m: int) -> pa.Table:
    """Fractions, whole numbers and categories in turn, with twenty causes."""
    random = np.random.default_rng(0)
    causes, found = random.normal(size=(n, 20)), {}
    for place in range(m):
        own = causes[:, place % 20] + random.normal(size=n)
        if place % 3 == 0:
            found[f"x{place}"] = pa.array(own)
        elif place % 3 == 1:
            found[f"n{place}"] = pa.array(np.rint(3 * own).astype(np.int64))
        else:
            found[f"c{place}"] = _named(np.clip(np.rint(own + 3), 0, 6).astype(np.int64))
    return pa.table(found)


def like_adult(n: int, categories: int) -> pa.Table:
    """Six numbers and nine small categories."""
    random = np.random.default_rng(0)
    numbers = {f"n{place}": random.lognormal(3, 1, n) for place in range(6)}
    return pa.table(numbers | {f"c{place}": _named(_long_tailed(n, categories, random)) for place in range(9)})


CASES = {
    "like_adult": Case(like_adult, 32_561, 20),
    "like_adult_1m": Case(like_adult, 1_000_000, 20),
    "ids_of_text": Case(ids_of_text, 2_000_000, 1_000_000, (("id", "high_cardinality"),)),
    "ids_of_text_all_different": Case(ids_of_text, 1_000_000, 1_000_000, (("id", "high_cardinality"),)),
    "ids_of_numbers": Case(ids_of_numbers, 2_000_000, 1_000_000, (("id", "high_cardinality"),)),
    "ids_as_categories": Case(ids_of_text, 2_000_000, 1_000_000, (("id", "categorical"),), within_limit=False),
    "ten_apart": Case(ten_apart, 200_000, 10_000),
    "ten_together": Case(ten_together, 1_000_000, 10_000),
    "ten_as_categories": Case(
        ten_apart, 200_000, 10_000, tuple((f"c{place}", "categorical") for place in range(10)), within_limit=False
    ),
    "columns": Case(columns, 3_000, 1_000),
    "columns_50k": Case(columns, 50_000, 1_000),
    "columns_5000": Case(columns, 1_000, 5_000, within_limit=False),
}


def measure(case: Case, steps: int) -> dict[str, Any]:
    """The figures of one case, in this process."""
    from tabgan import Schema, TabGAN, TrainingConfig, evaluate
    from tabgan.errors import InputError
    from tabgan.forecast import Forecast
    from tabgan.gan.history import TrainingStats

    imported = peak_mib()
    table = case.make(case.n_rows, case.size)
    kinds, marks, told = dict(case.kinds), [("table", time.perf_counter())], list[Forecast]()
    made = peak_mib()
    schema = Schema.infer(table)
    specs = (replace(spec, kind=kinds.get(spec.name, spec.kind), encoding="quantile") for spec in schema.columns)
    schema = replace(schema, columns=tuple(specs)) if kinds else schema
    marks.append(("schema", time.perf_counter()))

    def hear(forecast: Forecast) -> None:
        told.append(forecast)
        marks.append(("codec", time.perf_counter()))

    def see(stats: TrainingStats) -> None:
        names = {1: "encoding and first step", stats.steps: "other steps"}
        marks.extend([(names[stats.step], time.perf_counter())] if stats.step in names else [])

    model, refused = TabGAN(TrainingConfig(steps=steps, stagnation=1.0, patience=100.0), device="cpu"), None
    try:
        model.fit(table, schema=schema, callback=see, forecast=hear)
        marks.append(("realism", time.perf_counter()))
    except InputError as error:
        refused = str(error)
    found = {"rows": case.n_rows, "columns": table.num_columns, "steps": steps, "refused": refused}
    found |= {"codes": told[0].n_codes, "categories": told[0].n_units}
    found |= {"foreseen_mib": round(told[0].memory_bytes / 2**20), "peak_mib": round(peak_mib())}
    found |= {"peak_mib_imported": round(imported), "peak_mib_with_table": round(made)}
    if refused is None:
        synthetic = pa.concat_tables(model.sample_batches(SAMPLED))
        marks.append((f"sampling {SAMPLED:,}", time.perf_counter()))
        found["peak_mib_with_sampling"] = round(peak_mib())
        if table.num_columns <= EVALUATED:
            real = table.take(pa.array(np.random.default_rng(1).choice(len(table), min(len(table), SAMPLED), False)))
            report = evaluate(real, synthetic, schema=model.schema)
            marks.append(("evaluation", time.perf_counter()))
            shape = report.shape_error_pct
            found |= {"shape_error_pct": None if shape is None else [round(shape.value, 2), shape.floor]}
            found["peak_mib_with_evaluation"] = round(peak_mib())
    spans = zip(marks[1:], marks, strict=False)
    return found | {"seconds": {name: round(end - start, 1) for (name, end), (_, start) in spans}}


def judged(name: str, found: dict[str, Any], limit_gib: float) -> list[str]:
    """What is wrong with the figures of a case, in words."""
    wrong = []
    if CASES[name].within_limit and (found["refused"] or found["peak_mib"] > 1_024 * limit_gib):
        wrong.append(f"{name}: expected to be learnt within {limit_gib:g} GiB, took {found['peak_mib']:,} MiB")
    if not found["refused"] and found["peak_mib"] > SLACK * found["foreseen_mib"]:
        wrong.append(f"{name}: foreseen {found['foreseen_mib']:,} MiB, took {found['peak_mib']:,} MiB")
    return wrong


def main() -> int:
    """Measure each case in a process of its own; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES), default=tuple(CASES))
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--limit-gib", type=float, default=4.0)
    parser.add_argument("--here", action="store_true", help="measure one case in this process and print JSON")
    asked = parser.parse_args()
    if asked.here:
        print(json.dumps(measure(CASES[asked.cases[0]], asked.steps)))
        return 0
    wrong = []
    for name in asked.cases:
        command = [sys.executable, "-m", "benchmarks.wide", "--here", "--cases", name, "--steps", str(asked.steps)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        known = json.loads(RESULTS.read_text())["cases"] if RESULTS.exists() else {}
        known[name] = json.loads(done.stdout.splitlines()[-1])
        wrong += judged(name, known[name], asked.limit_gib)
        print(f"{name}: foreseen {known[name]['foreseen_mib']:,} MiB, took {known[name]['peak_mib']:,} MiB", flush=True)
        head = {"machine": machine(), "date": datetime.now(UTC).date().isoformat(), "limit_gib": asked.limit_gib}
        RESULTS.write_text(json.dumps(head | {"cases": known}, indent=2) + "\n")
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
