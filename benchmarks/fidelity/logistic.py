"""The logistic C2ST of SDMetrics, which much of the literature quotes: 1 is indistinguishable, 0 always told apart.

The features are those of SDMetrics' `LogisticDetection`: whole and fractional numbers and booleans as numbers, even
where they are codes, with missing cells at the real mean (the real mode for booleans); text as one-hot marks of the
real labels; then a robust scaler and logistic regression, stopped after 100 iterations. A label that the real table
does not have, where SDMetrics gives up, has no mark here.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler

from tabgan.evaluation.aligned import AlignedColumn
from tabgan.table import dtypes

Floats = NDArray[np.float64]


def c2st(columns: Sequence[AlignedColumn], real: NDArray[np.int64], synthetic: NDArray[np.int64], state: int) -> float:
    """The score of some real against some synthetic rows: 1 less the mean of max(0, 2 AUC - 1) over three folds.

    Args:
        columns: of both tables.
        real: the rows of the real table to use.
        synthetic: the rows of the synthetic table to use.
        state: of the folds.
    """
    features = linear_features(columns, real, synthetic)
    labels = np.repeat([1, 0], [len(real), len(synthetic)])
    scores = []
    for train, held in StratifiedKFold(3, shuffle=True, random_state=state).split(features, labels):
        model = make_pipeline(RobustScaler(), LogisticRegression(solver="lbfgs"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(features[train], labels[train])
        auc = roc_auc_score(labels[held], model.predict_proba(features[held])[:, 1])
        scores.append(max(0.5, auc) * 2 - 1)
    return float(1 - np.mean(scores))


def linear_features(columns: Sequence[AlignedColumn], real: NDArray[np.int64], synthetic: NDArray[np.int64]) -> Floats:
    """The numbers first, then the one-hot marks; real rows first, then synthetic ones; shape (n, f)."""
    numbers, marks = [], []
    for column in columns:
        cells = np.concatenate([column.real[real], column.synthetic[synthetic]])
        if _is_text(column):
            known = np.unique(column.real[real])
            marks.append((cells[:, None] == known).astype(np.float64))
            continue
        present = column.real[real][column.real[real] < len(column.support)]
        values = _values(column)
        numbers.append(np.append(values, _filler(column, values, present))[cells])
    return np.concatenate([np.empty((len(real) + len(synthetic), 0)), *(part[:, None] for part in numbers), *marks], 1)


def _is_text(column: AlignedColumn) -> bool:
    return dtypes.is_text(column.support.type)


def _values(column: AlignedColumn) -> Floats:
    if pa.types.is_boolean(column.support.type):
        return np.asarray(column.support.to_pylist(), np.float64)
    return column.numbers


def _filler(column: AlignedColumn, values: Floats, present: NDArray[np.int64]) -> float:
    """What a missing cell becomes."""
    if not len(present):
        return 0.0
    if pa.types.is_boolean(column.support.type):
        return float(values[np.bincount(present).argmax()])
    return float(values[present].mean())
