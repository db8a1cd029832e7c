"""Is a model that learnt from synthetic rows as good as one that learnt from real rows?

Gradient-boosted trees learn one column, the target, from all others: once from the synthetic rows, once from the real
rows that the synthesizer learnt from. Both are scored on real rows that neither has seen. The gap between the two is
what the synthetic table costs whoever trains on it. A target of two classes is scored by the area under the ROC
curve (AUC), more classes by macro F1 and by the macro average of one-against-the-rest AUCs, numbers by R².

The standard errors come from a bootstrap of the test rows, the same draws for both models, so that the gap has an error
of its own. What another draw of training rows would change is not in them. The number of threads is left to the caller.

Letters used for shapes: n rows, f features, c classes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.detection import tree_features
from tabgan.evaluation.results import Caveat

RESAMPLES = 200
MIN_ROWS = 10
FEW_ROWS = 200

Task = Literal["binary", "multiclass", "regression"]
Floats = NDArray[np.float64]
Measure = Callable[[Floats], float]


@dataclass(frozen=True, kw_only=True)
class UtilityScore:
    """One measure of both models on the same test rows.

    Attributes:
        measure: "auc", "macro_auc", "macro_f1" or "r2"; more is better.
        synthetic, real: of the model that learnt from synthetic rows, and from real rows.
        gap: real less synthetic.
        synthetic_error, real_error, gap_error: their standard errors over the test rows.
    """

    measure: str
    synthetic: float
    synthetic_error: float
    real: float
    real_error: float
    gap: float
    gap_error: float


@dataclass(frozen=True, kw_only=True)
class UtilityResult:
    """What a model loses by learning from synthetic rows in place of real ones.

    Attributes:
        target: the column that is predicted.
        task: what kind of target it is.
        scores: the first one is the one to quote.
        n_real, n_synthetic: the rows that the two models learnt from.
        n_test: the real rows on which both were scored.
        caveats: reasons to read these numbers with care.
    """

    target: str
    task: Task
    scores: tuple[UtilityScore, ...]
    n_real: int
    n_synthetic: int
    n_test: int
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, eq=False)
class _Rows:
    """Features (n, f) and the target (n,): numbers, or classes from 0 to c - 1."""

    features: Floats
    target: Floats


def utility(columns: Sequence[AlignedColumn], n_train: int, target: str, seed: int) -> UtilityResult:
    """Train on synthetic and on real rows, and test both on real rows.

    Args:
        columns: the real side holds the rows that the synthesizer learnt from, then rows that it has not seen.
        n_train: how many of the real rows are of the first kind.
        target: the name of the column to predict; rows where it is missing are left out.
        seed: of the trees and of the bootstrap.

    Raises:
        ValueError: if the target is not among the columns or is the only one, there are fewer than `MIN_ROWS` rows of
            a kind, or the test rows all have the same target.
    """
    found = [column for column in columns if column.name == target]
    if not found or len(columns) < 2:
        names = ", ".join(repr(column.name) for column in columns)
        raise ValueError(f"expected the target {target!r} and at least one more column, got {names or 'no column'}")
    parts = _parts([column for column in columns if column.name != target], found[0], n_train)
    train, test, synthetic, categorical = parts
    task = _task(found[0], train, test)
    state = streams.derive_seed(seed, "utility") % 2**32
    predict = _regress if task == "regression" else _classify
    from_synthetic, from_real = (
        _measures(task, test, predict(rows, test.features, categorical, state)) for rows in (synthetic, train)
    )
    draw = streams.generator(seed, "utility", "bootstrap")
    few = min(len(rows.target) for rows in (train, test, synthetic))
    text = f"only {few} rows of a kind, so both models had little to learn from or to be tested on"
    return UtilityResult(
        target=target,
        task=task,
        scores=_scores(from_synthetic, from_real, len(test.target), draw),
        n_real=len(train.target),
        n_synthetic=len(synthetic.target),
        n_test=len(test.target),
        caveats=(Caveat("few_rows", text),) if few < FEW_ROWS else (),
    )


def _parts(
    columns: Sequence[AlignedColumn], target: AlignedColumn, n_train: int
) -> tuple[_Rows, _Rows, _Rows, NDArray[np.bool_]]:
    """The training, the test and the synthetic rows whose target is known; and which features are categories."""
    features, categorical = tree_features(columns, [np.concatenate([c.real, c.synthetic]) for c in columns])
    cells = np.concatenate([target.real, target.synthetic])
    if target.is_numeric:
        values = np.append(target.numbers, np.nan)[cells]
        known = np.isfinite(values)
    else:
        known = cells < len(target.support)
        values = np.zeros(len(cells))
        values[known] = np.unique(cells[known], return_inverse=True)[1]
    kinds = np.repeat([0, 1, 2], [n_train, max(len(target.real) - n_train, 0), len(target.synthetic)])
    parts = [_Rows(features[known & (kinds == kind)], values[known & (kinds == kind)]) for kind in range(3)]
    sizes = [len(rows.target) for rows in parts]
    if min(sizes) < MIN_ROWS:
        text = (
            "expected at least {} rows with a known {!r} to train on, to test on and of synthetic ones, got {}, {}, {}"
        )
        raise ValueError(text.format(MIN_ROWS, target.name, *sizes))
    return parts[0], parts[1], parts[2], categorical


def _task(target: AlignedColumn, train: _Rows, test: _Rows) -> Task:
    if len(np.unique(test.target)) < 2:
        raise ValueError(f"expected a target {target.name!r} that varies among the test rows, got one value in all")
    if target.is_numeric:
        return "regression"
    return "binary" if len(np.unique(np.concatenate([train.target, test.target]))) == 2 else "multiclass"


def _regress(train: _Rows, features: Floats, categorical: NDArray[np.bool_], state: int) -> Floats:
    """The predicted numbers, shape (n,)."""
    model = HistGradientBoostingRegressor(
        categorical_features=categorical, early_stopping=False, random_state=state
    ).fit(train.features, train.target)
    predicted: Floats = model.predict(features)
    return predicted


def _classify(train: _Rows, features: Floats, categorical: NDArray[np.bool_], state: int) -> Floats:
    """The probabilities of the classes up to the largest one in `train`, shape (n, c)."""
    seen = np.unique(train.target).astype(np.int64)
    probabilities = np.zeros((len(features), int(seen[-1]) + 1))
    if len(seen) == 1:
        probabilities[:, seen[0]] = 1.0
        return probabilities
    model = HistGradientBoostingClassifier(
        categorical_features=categorical, early_stopping=False, random_state=state
    ).fit(train.features, train.target)
    probabilities[:, seen] = model.predict_proba(features)
    return probabilities


def _measures(task: Task, test: _Rows, predicted: Floats) -> dict[str, Measure]:
    """The scores of one model as functions of the weights of the test rows, shape (n,)."""
    if task == "regression":
        return {"r2": lambda weights: r_squared(test.target, predicted, weights)}
    labels = test.target.astype(np.int64)
    size = max(int(labels.max()) + 1, predicted.shape[1])
    wide = np.pad(predicted, ((0, 0), (0, size - predicted.shape[1])))
    present = np.unique(labels)
    ranks = {kind: np.unique(wide[:, kind], return_inverse=True)[1] for kind in present}

    def one_against_the_rest(kind: int, weights: Floats) -> float:
        return weighted_auc(labels == kind, ranks[kind], weights)

    if task == "binary":
        return {"auc": lambda weights: one_against_the_rest(present[-1], weights)}
    chosen = wide.argmax(axis=1)
    return {
        "macro_f1": lambda weights: macro_f1(labels, chosen, weights),
        "macro_auc": lambda weights: float(np.mean([one_against_the_rest(kind, weights) for kind in present])),
    }


def _scores(
    synthetic: dict[str, Measure], real: dict[str, Measure], n: int, draw: np.random.Generator
) -> tuple[UtilityScore, ...]:
    weights = draw.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)
    found = []
    for measure in synthetic:
        values = [float(model[measure](np.ones(n))) for model in (synthetic, real)]
        drawn = np.asarray([[model[measure](row) for row in weights] for model in (synthetic, real)])
        errors = [float(np.nanstd(part, ddof=1)) for part in (drawn[0], drawn[1], drawn[1] - drawn[0])]
        found.append(
            UtilityScore(
                measure=measure,
                synthetic=values[0],
                synthetic_error=errors[0],
                real=values[1],
                real_error=errors[1],
                gap=values[1] - values[0],
                gap_error=errors[2],
            )
        )
    return tuple(found)


def weighted_auc(positive: NDArray[np.bool_], ranks: NDArray[np.int64], weights: Floats) -> float:
    """The area under the ROC curve of weighted rows, ties counted half; NaN where a side has no weight.

    Args:
        positive: which rows are of the class, shape (n,).
        ranks: the order of the scores, equal where the scores are equal, shape (n,).
        weights: of the rows, shape (n,).
    """
    up = np.bincount(ranks, weights * positive)
    down = np.bincount(ranks, weights * ~positive, minlength=len(up))
    total = up.sum() * down.sum()
    return float((up * (np.cumsum(down) - down / 2)).sum() / total) if total > 0 else float("nan")


def macro_f1(labels: NDArray[np.int64], chosen: NDArray[np.int64], weights: Floats) -> float:
    """The mean F1 over the classes that occur among the labels; a class that is never hit has 0.

    Args:
        labels: the true classes, shape (n,).
        chosen: the predicted classes, shape (n,).
        weights: of the rows, shape (n,).
    """
    size = int(max(labels.max(), chosen.max())) + 1
    true, said = np.bincount(labels, weights, size), np.bincount(chosen, weights, size)
    hits = np.bincount(labels, weights * (labels == chosen), size)
    occurs = true > 0
    return float(np.mean(2 * hits[occurs] / (true + said)[occurs]))


def r_squared(target: Floats, predicted: Floats, weights: Floats) -> float:
    """The share of the target's variance that is explained, negative if worse than the mean; NaN if it is constant."""
    mean = np.average(target, weights=weights)
    spread = float((weights * (target - mean) ** 2).sum())
    return 1 - float((weights * (target - predicted) ** 2).sum()) / spread if spread > 0 else float("nan")
