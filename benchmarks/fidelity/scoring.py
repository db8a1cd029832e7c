"""All scores of one synthetic table: against its training rows, against the held-out rows, and for use and privacy."""

import warnings
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.fidelity.datasets import DataSet
from benchmarks.fidelity.logistic import c2st
from tabgan import Schema, rng
from tabgan.errors import DataWarning
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.detection import MAX_ROWS, detect
from tabgan.evaluation.distances import ks_distance, total_variation
from tabgan.evaluation.matching import match, text_columns
from tabgan.evaluation.privacy import privacy
from tabgan.evaluation.resampling import errors_between, noise
from tabgan.evaluation.results import Estimate, PrivacyResult, UtilityResult, UtilityScore
from tabgan.evaluation.utility import utility
from tabgan.table import dtypes
from tabgan.table.files import read_table

SEED = 0
DRAWS = 3


def score(data: DataSet, sample: Path) -> dict[str, Any]:
    """The scores as plain JSON values; percentages where the name ends in `pct`, else shares, areas and R²."""
    columns, n_synthetic = line_up(data, sample)
    to_test = [replace(column, real=column.held_out) for column in columns]
    return {
        "n_synthetic": n_synthetic,
        **closeness(columns),
        **told_apart(to_test),
        "utility": _use(utility(columns, data.target, SEED, max_rows=None)),
        "privacy": _copying(privacy(columns, SEED)),
    }


def _copying(found: PrivacyResult) -> dict[str, Any]:
    """The privacy as the files hold it: the copies in the shape of other estimates, held-out rows being the floor."""
    copies, beside = found.copies.synthetic, found.copies.real
    floor = {"floor": beside.value, "floor_error": beside.standard_error}
    return asdict(found) | {"copies": asdict(copies) | floor}


def _use(found: UtilityResult) -> dict[str, Any]:
    """The utility as the files hold it: each score's numbers and their standard errors side by side."""
    fields = {key: part for key, part in asdict(found).items() if key != "reason"}
    return fields | {"scores": [_flat(score) for score in found.scores if score.measure != "rmse"]}


def _flat(score: UtilityScore) -> dict[str, Any]:
    flat: dict[str, Any] = {"measure": score.measure}
    for name in ("synthetic", "real", "gap"):
        estimate: Estimate = getattr(score, name)
        flat |= {name: estimate.value, f"{name}_error": estimate.standard_error}
    return flat


def line_up(data: DataSet, sample: Path) -> tuple[tuple[AlignedColumn, ...], int]:
    """The columns of the training rows and of the sample, the test rows held out; and the sample's rows.

    A column of codes that a synthesizer filled with words of its own, such as TabularARGN's mark of rare values, is
    compared as text.
    """
    real = pa.concat_tables([data.train, data.test])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # of words among the codes, see above
        synthetic = read_table(sample, text_columns=text_columns(real))
    odd = [
        name
        for name in data.categorical
        if dtypes.is_text(synthetic[name].type) and not dtypes.is_text(real[name].type)
    ]
    schema = data.schema
    if odd:
        synthetic = read_table(sample, text_columns=[*text_columns(real), *odd])
        real = _as_text(real, odd)
        specs = [
            replace(spec, dtype="string", pandas_dtype=None) if spec.name in odd else spec for spec in schema.columns
        ]
        schema = Schema(tuple(specs))
    n = data.train.num_rows
    columns = match(real, synthetic, schema).columns
    split = tuple(replace(column, real=column.real[:n], held_out=column.real[n:]) for column in columns)
    return split, synthetic.num_rows


def _as_text(table: pa.Table, names: Sequence[str]) -> pa.Table:
    for name in names:
        cells = [None if cell is None else str(cell) for cell in table[name].to_pylist()]
        table = table.set_column(table.column_names.index(name), name, pa.array(cells, pa.string()))
    return table


def closeness(columns: Sequence[AlignedColumn]) -> dict[str, Any]:
    """Shape and Trend error in percent, with floors and standard errors, against the training rows."""
    found, noises = errors_between(columns), noise(columns, SEED)
    scores: dict[str, Any] = {}
    names = {
        "shape_error_pct": "shape",
        "trend_error_pct": "trend",
        "trend_separate_edges_pct": "trend_separate",
    }
    for name, field in names.items():
        estimate = noises.estimate(getattr(found, field), field)
        parts = {} if estimate is None else asdict(estimate)
        scores[name] = {key: None if part is None else 100 * part for key, part in parts.items()}
    scores["shape_present_error_pct"] = 100 * float(np.mean([_present_distance(column) for column in columns]))
    return scores


def _present_distance(column: AlignedColumn) -> float:
    """The distance among the present cells, as SDMetrics computes it; 1 where one side has none."""
    real, synthetic = (np.append(counts[:-1], 0) for counts in column.counts())
    if not real.any() or not synthetic.any():
        return float(real.any() != synthetic.any())
    return float((ks_distance if column.is_numeric else total_variation)(real, synthetic))


def told_apart(columns: Sequence[AlignedColumn]) -> dict[str, Any]:
    """The AUC of gradient boosting and the logistic C2ST, held-out rows against as many synthetic ones, over draws."""
    trees = [detect(columns, SEED + draw)[0] for draw in range(DRAWS)]
    n = min(len(columns[0].real), len(columns[0].synthetic), MAX_ROWS)
    logistic = [_c2st(columns, n, SEED + draw) for draw in range(DRAWS)]
    aucs = [found.auc for found in trees]
    return {
        "detection_auc": {
            "value": float(np.mean(aucs)),
            "standard_error": float(np.mean([found.standard_error for found in trees])),
            "floor": 0.5,
            "draws": aucs,
            "n_per_class": n,
        },
        "logistic_c2st": {"value": float(np.mean(logistic)), "floor": 1.0, "draws": logistic, "n_per_class": n},
    }


def _c2st(columns: Sequence[AlignedColumn], n: int, draw: int) -> float:
    stream = rng.generator(draw, "c2st")
    real, synthetic = (stream.permutation(len(side))[:n] for side in (columns[0].real, columns[0].synthetic))
    return c2st(columns, real, synthetic, rng.derive_seed(draw, "c2st", "folds") % 2**32)
