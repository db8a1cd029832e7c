"""Missing cells filled and rare classes balanced, against what scikit-learn offers.

    python -m benchmarks.imputation [--seeds 0 1 2] [--hidden 0.2]

Adult: of the test rows a share of the cells, drawn at random, is hidden and filled. A model has learnt the train rows;
an IterativeImputer (categories as ascending numbers, its defaults) is fitted to the train rows and the test rows with
their holes together. Compared are the accuracy in hidden cells of categories, and how far the filled cells of each
column lie from the hidden ones as a distribution (total variation, for numbers the Kolmogorov-Smirnov distance); the
model fills with draws, and with the likeliest cell.
Balance: a gradient boosting classifier learns the train rows of Adult and Bank as they are, and with rows of the model
added until the classes are equal; F1 of the rare class is taken on the test rows. Writes `results/imputation.json`.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from scipy import stats
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401  # makes the next import possible
from sklearn.impute import IterativeImputer
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from benchmarks.fidelity.runs import machine
from tabgan import TabGAN
from tabgan.version import __version__

SHARED = Path(__file__).parents[2] / "shared" / "data"
RESULTS = Path(__file__).parent / "results" / "imputation.json"
TARGETS = {"adult": ("income", ">50K"), "bank": ("y", "yes")}


def main() -> None:
    """Fit, fill, balance, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--hidden", type=float, default=0.2)
    options = parser.parse_args()
    runs = []
    for seed in options.seeds:
        models = {name: TabGAN(seed=seed, device="cpu").fit(SHARED / name / "train.csv") for name in TARGETS}
        filled = fill_adult(models["adult"], options.hidden, seed)
        balanced = {name: balance(name, model, seed) for name, model in models.items()}
        runs.append({"seed": seed, "filled": filled, "balanced": balanced})
        print(json.dumps(runs[-1], indent=2))
    made = {
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"tabgan": __version__, "scikit-learn": sklearn.__version__},
        "hidden": options.hidden,
    }
    RESULTS.write_text(json.dumps(made | {"runs": runs}, indent=2) + "\n")


def tables(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The train and the test rows."""
    train, test = (pd.read_csv(SHARED / name / f"{side}.csv") for side in ("train", "test"))
    return train, test


def fill_adult(model: TabGAN, share: float, seed: int) -> dict[str, Any]:
    """The figures of each way to fill."""
    train, test = tables("adult")
    hidden = pd.DataFrame(np.random.default_rng(seed).random(test.shape) < share, columns=test.columns)
    holes = test.mask(hidden)
    ways: dict[str, Callable[[], pd.DataFrame]] = {
        "tabgan, drawn": lambda: model.impute(holes, seed=seed),
        "tabgan, likeliest": lambda: model.impute(holes, seed=seed, likeliest=True),
        "IterativeImputer": lambda: by_ordinal(train, holes, seed),
    }
    found = {}
    for name, fill in ways.items():
        started = time.perf_counter()
        found[name] = figures(test, fill(), hidden) | {"seconds": round(time.perf_counter() - started, 1)}
    return found


def figures(real: pd.DataFrame, filled: pd.DataFrame, hidden: pd.DataFrame) -> dict[str, float]:
    """Accuracy in categories, and the distance of distributions, both as means over the columns."""
    accuracies, distances = [], []
    for column in real.columns:
        truth, guess = (table.loc[hidden[column], column] for table in (real, filled))
        if pd.api.types.is_numeric_dtype(real[column]):
            distances.append(float(stats.ks_2samp(truth, guess).statistic))
            continue
        accuracies.append(float((truth.to_numpy() == guess.to_numpy()).mean()))
        shares = pd.concat([side.value_counts(normalize=True) for side in (truth, guess)], axis=1).fillna(0)
        distances.append(float((shares.iloc[:, 0] - shares.iloc[:, 1]).abs().sum() / 2))
    return {"accuracy": float(np.mean(accuracies)), "margin_distance": float(np.mean(distances))}


def by_ordinal(train: pd.DataFrame, holes: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Categories as ascending numbers, rounded to the nearest one."""
    named = [column for column in train.columns if not pd.api.types.is_numeric_dtype(train[column])]
    encoder = OrdinalEncoder().fit(train[named])
    coded = [table.copy() for table in (train, holes)]
    for table in coded:
        known = table[named].notna()
        table[named] = encoder.transform(table[named].fillna(train[named].iloc[0]))
        table[named] = table[named].where(known)
    stacked = pd.concat(coded).astype(float)
    made = IterativeImputer(random_state=seed).fit_transform(stacked)[len(train) :]
    filled = pd.DataFrame(made, columns=train.columns)
    largest = [len(categories) - 1 for categories in encoder.categories_]
    filled[named] = encoder.inverse_transform(filled[named].round().clip(0, largest, axis=1))
    return filled


def balance(name: str, model: TabGAN, seed: int) -> dict[str, float]:
    """F1 of the rare class, learnt from the real rows and from rows with balanced classes."""
    train, test = tables(name)
    target, rare = TARGETS[name]
    augmented = model.augment(train, target, seed=seed)
    named = [c for c in train.columns if c != target and not pd.api.types.is_numeric_dtype(train[c])]
    found = {}
    for way, rows in (("as they are", train), ("augmented", augmented)):
        encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        classifier = make_pipeline(
            make_column_transformer((encode, named), remainder="passthrough"),
            HistGradientBoostingClassifier(random_state=seed),
        ).fit(rows.drop(columns=target), rows[target])
        predicted = classifier.predict(test.drop(columns=target))
        found[way] = float(f1_score(test[target] == rare, predicted == rare))
    return found


if __name__ == "__main__":
    main()
