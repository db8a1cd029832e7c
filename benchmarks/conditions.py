"""Do rows that are made under a condition look like the real rows that meet it?

    python -m benchmarks.conditions [--tables adult reviews] [--conditions 50] [--seeds 0] [--models DIR]

For each table a model learns the train rows. A condition takes one to three columns at random and asks, of each, for
what a random train row has there: the category, one of three categories, or a range around the number; it counts if at
least 100 train and 40 test rows meet it. Of each other column the total variation is taken between the train rows that
meet the condition and (a) as many synthetic rows as test rows meet it, the mean of up to 20 such samples (16,000 rows),
and (b) these test rows. Numbers are put into ten ranges of about as many train rows each. The ratio of both, averaged
over the columns, is 1 where synthetic rows are as good as real ones. The reviews' free text, which follows from all
other cells, is left out. Writes `results/conditions.json` beside this file.
"""

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.fidelity.runs import machine
from tabgan import Between, TabGAN
from tabgan.version import __version__

SHARED = Path(__file__).parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "conditions.json"
TABLES = {"adult": "adult", "reviews": "clothing_reviews"}
TEXTS = ("Title", "Review Text")
MIN_TRAIN, MIN_TEST = 100, 40
REPEATS, MOST_ROWS = 20, 16_000
RANGES = 10
FEW = 25


def main() -> None:
    """Fit, sample, compare, write, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--conditions", type=int, default=50)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument(
        "--models", type=Path, help="A folder of models by name and seed, kept from one run to the next."
    )
    options = parser.parse_args()
    print("| table | seed | conditions | TV | held out | ratio of means | median ratio | within 1.5 | largest |")
    print("|---|---|---|---|---|---|---|---|---|")
    runs = []
    for name in options.tables:
        for seed in options.seeds:
            runs.append(run(name, seed, options.conditions, options.models))
            print(row(runs[-1]))
    made = {"machine": machine(), "date": datetime.now(UTC).date().isoformat(), "versions": {"tabgan": __version__}}
    RESULTS.write_text(json.dumps(made | {"runs": runs}, indent=2) + "\n")


def run(name: str, seed: int, n_conditions: int, models: Path | None) -> dict[str, Any]:
    """The ratios of one table and seed."""
    train, test = (
        pd.read_csv(SHARED / TABLES[name] / f"{side}.csv").drop(columns=[*TEXTS], errors="ignore")
        for side in ("train", "test")
    )
    model = fitted(name, train, seed, models)
    random = np.random.default_rng(seed)
    cuts = {column: ranges(train[column]) for column in train.columns if is_number(train[column])}
    found = []
    for where, in_train, in_test in conditions(train, test, random, n_conditions):
        others = [column for column in train.columns if column not in where]
        n_test = int(in_test.sum())
        repeats = min(REPEATS, max(MOST_ROWS // n_test, 1))
        synthetic = model.sample(repeats * n_test, where=where, seed=seed)
        columns = []
        for column in others:
            real, held, made = (
                coded(table[column], cuts.get(column)) for table in (train[in_train], test[in_test], synthetic)
            )
            parts = np.array_split(made, repeats)
            mean = float(np.mean([total_variation(real, part) for part in parts]))
            columns.append((mean, total_variation(real, held)))
        ours, theirs = np.mean(columns, axis=0)
        shown = {column: str(value) for column, value in where.items()}
        found.append(
            {"where": shown, "n_train": int(in_train.sum()), "n_test": n_test, "tv": ours, "held_out_tv": theirs}
        )
    return {"table": name, "seed": seed, "n": len(train), "conditions": found}


def fitted(name: str, train: pd.DataFrame, seed: int, models: Path | None) -> TabGAN:
    """The model of a table, read from `models` if it was kept there."""
    kept = None if models is None else models / f"{name}-{seed}.tabgan"
    if kept is not None and kept.exists():
        return TabGAN.load(kept, device="cpu")
    model = TabGAN(seed=seed, device="cpu").fit(train)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        model.save(kept)
    return model


def conditions(
    train: pd.DataFrame, test: pd.DataFrame, random: np.random.Generator, n: int
) -> Iterator[tuple[dict[str, Any], pd.Series, pd.Series]]:
    """`n` conditions, each with the train and the test rows that meet it."""
    names = list(train.columns)
    while n:
        example = train.iloc[int(random.integers(len(train)))]
        chosen = random.choice(names, int(random.integers(1, 4)), replace=False)
        where = {column: wanted(train[column], example[column], random) for column in chosen}
        if any(value is None for value in where.values()):
            continue
        sides = [np.logical_and.reduce([meets(t[c], v) for c, v in where.items()]) for t in (train, test)]
        if sides[0].sum() >= MIN_TRAIN and sides[1].sum() >= MIN_TEST:
            n -= 1
            yield where, sides[0], sides[1]


def wanted(column: pd.Series, cell: Any, random: np.random.Generator) -> Any:
    """What to ask of a column so that `cell` meets it; None if the cell is missing."""
    if pd.isna(cell):
        return None
    if is_number(column):
        rank = (column < cell).mean()
        low, high = column.quantile([max(rank - 0.15, 0), min(rank + 0.15, 1)])
        return Between(min(low, cell), max(high, cell))
    if random.random() < 0.5:
        return cell
    others = random.choice(column.dropna().unique(), min(3, column.nunique()), replace=False)
    return sorted({cell, *others[:2]}, key=str)


def meets(column: pd.Series, value: Any) -> np.ndarray:
    """Which cells meet what is asked."""
    if isinstance(value, Between):
        return column.between(value.low, value.high).to_numpy()
    return column.isin(value if isinstance(value, list) else [value]).to_numpy()


def is_number(column: pd.Series) -> bool:
    """Whether a column is compared in ranges."""
    return pd.api.types.is_numeric_dtype(column) and column.nunique() > FEW


def ranges(column: pd.Series) -> np.ndarray:
    """Cuts between ranges of about as many cells each."""
    return np.unique(column.quantile(np.arange(1, RANGES) / RANGES))


def coded(column: pd.Series, cuts: np.ndarray | None) -> np.ndarray:
    """Cells as text; numbers as the number of their range."""
    if cuts is None:
        return column.astype(object).where(column.notna(), "missing").astype(str).to_numpy()
    return np.where(column.isna(), "missing", np.searchsorted(cuts, column, side="right").astype(str))


def total_variation(first: np.ndarray, second: np.ndarray) -> float:
    """Half the sum of the differences of the shares."""
    categories = np.unique(np.concatenate([first, second]))
    shares = [np.array([(cells == category).mean() for category in categories]) for cells in (first, second)]
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def row(found: dict[str, Any]) -> str:
    """One line in Markdown."""
    ours, theirs = (np.array([condition[key] for condition in found["conditions"]]) for key in ("tv", "held_out_tv"))
    ratios = ours / theirs
    means = f"{ours.mean():.3f} | {theirs.mean():.3f} | {ours.sum() / theirs.sum():.2f}"
    spread = f"{np.median(ratios):.2f} | {(ratios <= 1.5).mean():.0%} | {ratios.max():.2f}"
    return f"| {found['table']} | {found['seed']} | {len(ratios)} | {means} | {spread} |"


if __name__ == "__main__":
    main()
