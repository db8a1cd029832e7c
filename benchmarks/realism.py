"""The realism score: is it calibrated, what does it tell apart, and what does it cost?

    python -m benchmarks.realism [--seeds 0 1 2]

A model learns the train rows of Adult, or four fifths of the reviews; the others are test rows, from which nothing is
learnt. Of the test rows careless fakes of each make are made (see `tabgan.gan.careless`), and all are scored. Real rows
weigh one half, the fakes of all makes together the other. The calibration error is the mean distance between the score
and the share of real rows, over ten bins of equal width; beside it stands its floor, the error that a score without
fault would have with as many rows. Mean scores are those of test rows, of rows that were learnt, of rows that the model
makes, and of test rows whose columns are shuffled as a user might, column by column of the table. Seconds are those of
the processor. Writes `results/realism.json`.
"""

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from benchmarks.fidelity.runs import machine
from tabgan import TabGAN
from tabgan.gan.careless import MAKES, makes_for
from tabgan.gan.oddness import CodedRows, oddness
from tabgan.gan.realism import learn_realism
from tabgan.learnt import Learnt
from tabgan.table.files import read_table
from tabgan.table.foreign import encode_foreign, loosely
from tabgan.version import __version__

ROOT = Path(__file__).parents[1]
ADULT = ROOT / ".." / "shared" / "data" / "adult"
REVIEWS = ROOT / "sample_data" / "reviews.csv"
RESULTS = Path(__file__).parent / "results" / "realism.json"
BINS = 10
FLOORS = 20


def main() -> None:
    """Fit, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    made = {
        "machine": machine() | {"threads": torch.get_num_threads()},
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"tabgan": __version__, "torch": torch.__version__},
    }
    runs = []
    for seed in options.seeds:
        for name, split in (("adult", adult()), ("reviews", reviews())):
            runs.append({"table": name, "seed": seed, **run(*split, seed)})
            print(json.dumps(runs[-1], indent=2))
            RESULTS.write_text(json.dumps(made | {"runs": runs}, indent=2) + "\n")


def adult() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to learn, and the test rows."""
    train, test = (pd.read_csv(ADULT / f"{side}.csv") for side in ("train", "test"))
    return train, test


def reviews() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to learn, and the test rows."""
    rows = pd.read_csv(REVIEWS).sample(frac=1, random_state=0)
    cut = len(rows) * 4 // 5
    return rows[:cut], rows[cut:]


def run(train: pd.DataFrame, test: pd.DataFrame, seed: int) -> dict[str, Any]:
    """The figures of one seed."""
    started = time.process_time()
    model = TabGAN(seed=seed, device="cpu").fit(train)
    fit_s = time.process_time() - started
    learnt = model._fitted()
    codes = coded(learnt, train).codes
    started = time.process_time()
    learn_realism(learnt.generator, codes, np.arange(round(0.05 * len(codes))), seed=seed)
    learn_s = time.process_time() - started
    started = time.process_time()
    model.score(test)
    score_s = time.process_time() - started
    costs = {"fit_cpu_s": fit_s, "learn_cpu_s": learn_s, "learn_share_of_fit": learn_s / fit_s}
    return figures(model, train, test, seed) | costs | {"scored_rows_per_cpu_s": len(test) / score_s}


def figures(model: TabGAN, train: pd.DataFrame, test: pd.DataFrame, seed: int) -> dict[str, Any]:
    """How well calibrated the scores of test rows and of fakes made of them are, and what they tell apart."""
    learnt, random = model._fitted(), np.random.default_rng(seed + 1_000)
    realism, layout = learnt.realism, learnt.coding.codec.layout
    assert realism is not None
    own, others = coded(learnt, test), coded(learnt, train).codes
    score = realism.score(oddness(learnt.generator, own, realism.margins))
    whole = own.codes[own.known.all(1)]  # fakes are made of rows whose cells all have codes
    fakes = {}
    for make in makes_for(layout):
        rows = CodedRows.whole(MAKES[make](whole, others, layout, random), layout)
        fakes[make] = realism.score(oddness(learnt.generator, rows, realism.margins))
    everything = np.concatenate([score, *fakes.values()])
    is_real = np.arange(len(everything)) < len(score)
    weight = np.where(is_real, 1 / len(score), 1 / (len(everything) - len(score)))
    mixed = test.apply(lambda column: random.permutation(column.to_numpy()))
    return {
        "n_train": len(train),
        "n_test": len(test),
        "n_judged": realism.n_judged,
        "calibration_error": calibration_error(everything, is_real, weight),
        "calibration_floor": floor(everything, len(score), random),
        "brier": float(np.average((everything - is_real) ** 2, weights=weight)),
        "auc": float(roc_auc_score(is_real, everything, sample_weight=weight)),
        "auc_of_make": {make: _auc(score, made) for make, made in fakes.items()},
        "mean": {
            "test rows": float(score.mean()),
            "learnt rows": float(model.score(train).mean()),
            "own samples": float(model.score(model.sample(len(test), seed=seed + 1)).mean()),
            **{make: float(made.mean()) for make, made in fakes.items()},
            "columns of the table shuffled": float(model.score(mixed).mean()),
        },
    }


def coded(learnt: Learnt, rows: pd.DataFrame) -> CodedRows:
    """Rows in codes."""
    table: pa.Table = read_table(rows)
    found = encode_foreign(learnt.coding.recast, learnt.coding.codec, loosely(learnt.schema, table))
    return CodedRows(found.encoded.codes, found.known, found.foreign)


def calibration_error(score: NDArray[Any], is_real: NDArray[Any], weight: NDArray[Any]) -> float:
    """The mean distance between score and share of real rows, over ten bins of equal width, by the weight of rows."""
    bins = np.minimum((score * BINS).astype(int), BINS - 1)
    off = np.bincount(bins, weight * (score - is_real), BINS)
    return float(np.abs(off).sum() / weight.sum())


def floor(score: NDArray[Any], n_real: int, random: np.random.Generator) -> float:
    """The error that a score without fault has by chance: which rows are real is drawn anew as the score says."""
    n_fakes = len(score) - n_real
    chance = score * n_real / (score * n_real + (1 - score) * n_fakes)
    errors = []
    for _ in range(FLOORS):
        drawn = random.random(len(score)) < chance
        weight = np.where(drawn, 1 / n_real, 1 / n_fakes)
        errors.append(calibration_error(score, drawn, weight))
    return float(np.mean(errors))


def _auc(real: NDArray[Any], made: NDArray[Any]) -> float:
    return float(roc_auc_score(np.arange(len(real) + len(made)) < len(real), np.concatenate([real, made])))


if __name__ == "__main__":
    main()
