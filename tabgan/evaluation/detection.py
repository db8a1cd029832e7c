"""Can a classifier tell real rows from synthetic ones?

Gradient-boosted trees see every column at once, so they find what no single column or pair shows; logistic regression
sees the margins and little else, and is kept because much of the literature quotes it. Both are scored on rows they
were not trained on, with as many real as synthetic rows. An area under the ROC curve (AUC) of 0.5 means that the two
cannot be told apart, 1.0 that they always can. The number of threads is left to the caller. Which columns give the
synthetic rows away is asked of the trees (see `drivers`).

Letters used for shapes: n rows of each table, f features.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.drivers import Scored, drivers
from tabgan.evaluation.embedding import MAX_CATEGORIES, grouped
from tabgan.evaluation.results import Caveat, DetectionResult

MAX_ROWS = 6000
N_FOLDS = 3
MIN_ROWS = 10
FEW_ROWS = 200


def detect(columns: Sequence[AlignedColumn], seed: int, max_rows: int = MAX_ROWS) -> tuple[DetectionResult, ...]:
    """The AUC of gradient boosting and of logistic regression, in this order.

    Args:
        columns: at least one.
        seed: of the rows that are drawn, the folds and the trees.
        max_rows: at most as many rows of each table are used.

    Raises:
        ValueError: if there are no columns, or fewer than `MIN_ROWS` rows in a table.
    """
    n = min(len(columns[0].real), len(columns[0].synthetic), max_rows) if columns else 0
    if n < MIN_ROWS:
        raise ValueError(f"expected at least one column and {MIN_ROWS} rows in each table, got {n} rows")
    draw = streams.generator(seed, "detection")
    rows = [np.sort(draw.permutation(len(side))[:n]) for side in (columns[0].real, columns[0].synthetic)]
    codes = [np.concatenate([column.real[rows[0]], column.synthetic[rows[1]]]) for column in columns]
    labels = np.repeat(np.asarray([0, 1]), n)
    state = streams.derive_seed(seed, "detection", "folds") % 2**32
    folds = list(StratifiedKFold(N_FOLDS, shuffle=True, random_state=state).split(labels, labels))
    dense, categorical = tree_features(columns, codes)
    wide = linear_features(columns, codes)
    trees = [_boosting(dense[train], labels[train], categorical, state) for train, _ in folds]
    boosted = [model.predict_proba(dense[held])[:, 1] for model, (_, held) in zip(trees, folds, strict=True)]
    linear = [_logistic(wide[train], labels[train], wide[held]) for train, held in folds]
    scored = [Scored(dense[held], labels[held], model) for model, (_, held) in zip(trees, folds, strict=True)]
    found = drivers([column.name for column in columns], scored, streams.generator(seed, "detection", "drivers"))
    held_labels = [labels[held] for _, held in folds]
    return (
        replace(_result("gradient boosting", held_labels, boosted), drivers=found),
        _result("logistic regression", held_labels, linear),
    )


def _result(
    classifier: str, labels: Sequence[NDArray[np.int64]], scores: Sequence[NDArray[np.float64]]
) -> DetectionResult:
    aucs = [float(roc_auc_score(*fold)) for fold in zip(labels, scores, strict=True)]
    auc, n = float(np.mean(aucs)), sum(map(len, labels)) // 2
    few = (Caveat("few_rows", f"only {n} rows of each table, so the classifier had little to learn from"),)
    return DetectionResult(
        classifier=classifier,
        auc=auc,
        standard_error=auc_error(auc, n, n),
        fold_aucs=tuple(aucs),
        n_per_class=n,
        caveats=few if n < FEW_ROWS else (),
    )


def auc_error(auc: float, n_positive: int, n_negative: int) -> float:
    """The standard error of an AUC (Hanley and McNeil, Radiology 143, 1982)."""
    both_positive, both_negative = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc) + (n_positive - 1) * (both_positive - auc**2) + (n_negative - 1) * (both_negative - auc**2)
    )
    return float(np.sqrt(max(variance, 0.0) / (n_positive * n_negative)))


def _boosting(
    train: NDArray[np.float64], labels: NDArray[np.int64], categorical: NDArray[np.bool_], state: int
) -> HistGradientBoostingClassifier:
    train = np.where(np.isnan(train).all(axis=0), 0.0, train)  # scikit-learn cannot bin a feature without values
    return HistGradientBoostingClassifier(
        categorical_features=categorical, early_stopping=False, random_state=state
    ).fit(train, labels)


def _logistic(train: sparse.csr_matrix, labels: NDArray[np.int64], held: sparse.csr_matrix) -> NDArray[np.float64]:
    model = LogisticRegression(max_iter=500, tol=1e-3).fit(train, labels)
    scores: NDArray[np.float64] = model.decision_function(held)
    return scores


def tree_features(
    columns: Sequence[AlignedColumn], codes: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Features for gradient boosting: one for each column, NaN where missing.

    Args:
        columns: f columns.
        codes: the positions of 2 n cells in each column's support.

    Returns:
        Shape (2 n, f); and which features are categories, shape (f,).
    """
    features = []
    for column, cells in zip(columns, codes, strict=True):
        values = _finite(column.numbers) if column.is_numeric else grouped(column, cells).astype(np.float64)
        features.append(np.append(values, np.nan)[cells])
    return np.stack(features, axis=1), np.asarray([not column.is_numeric for column in columns])


def _finite(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(numbers, np.finfo(np.float32).min, np.finfo(np.float32).max)


def linear_features(columns: Sequence[AlignedColumn], codes: Sequence[NDArray[np.int64]]) -> sparse.csr_matrix:
    """Features for logistic regression: scaled numbers, a mark where they are missing, and one-hot categories.

    Shapes as in `tree_features`, with one feature for each category; a single feature of zeros where no cell tells
    anything.
    """
    parts = []
    for column, cells in zip(columns, codes, strict=True):
        if column.is_numeric:
            parts.append(_scaled(np.append(column.numbers, np.nan)[cells]))
            continue
        groups = np.append(grouped(column, cells), MAX_CATEGORIES)[cells]
        rows = np.arange(len(cells))
        parts.append(sparse.csr_matrix((np.ones(len(cells)), (rows, groups)), (len(cells), MAX_CATEGORIES + 1)))
    stacked = sparse.hstack(parts).tocsr()
    used = np.flatnonzero(stacked.getnnz(axis=0))
    return stacked[:, used] if len(used) else sparse.csr_matrix((stacked.shape[0], 1))


def _scaled(values: NDArray[np.float64]) -> sparse.csr_matrix:
    present = np.isfinite(values)
    if not present.any():
        return sparse.csr_matrix((len(values), 0))
    shifted = np.where(present, values - values[present].mean(), 0.0)
    scale = float(np.abs(shifted).max())
    shifted = shifted / scale if scale > 0 else shifted
    spread = float(np.sqrt((shifted[present] ** 2).mean()))
    features = [shifted / spread if spread > 0 else shifted, (~present).astype(np.float64)]
    return sparse.csr_matrix(np.stack(features, axis=1))
