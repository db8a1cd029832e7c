"""Is a model that learnt from synthetic rows as good as one that learnt from real rows?

Gradient-boosted trees learn one column, the target, from all others: from synthetic rows, from real rows that the
synthesizer learnt from, and from both. All are scored on real rows that none of them has seen. The gap between the
first two is what the synthetic table costs whoever trains on it; what the third gains over the second is what it gives
to whoever has the real rows too. A target of two classes is scored by the area under the ROC curve (AUC), more classes
by macro F1 and by the macro average of one-against-the-rest AUCs, numbers by R² and by the root mean squared error.

The errors come from a bootstrap of the test rows, the same draws for all models. Classes that only synthetic rows have
count as one class. Many classes are learnt in fewer rounds, by all models alike. The number of threads is left to the
caller.

Letters used for shapes: n rows, f features, c classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.detection import tree_features
from tabgan.evaluation.results import Caveat, UtilityResult, UtilityScore
from tabgan.evaluation.results.utility import Task
from tabgan.evaluation.targets import determined_by, find_target
from tabgan.evaluation.weighted import (
    RESAMPLES,
    Floats,
    Measure,
    estimate,
    macro_f1,
    r_squared,
    resample,
    root_mean_square,
    weighted_auc,
)

MAX_ROWS, MAX_CELLS = 20_000, 300_000
MIN_ROWS = 10
FEW_ROWS = 200
ROUNDS, LEAST_ROUNDS, MAX_TREES = 100, 10, 300
UNEQUAL = 1.1
FARTHEST = 1e6

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Features (n, f) and the target (n,): numbers, or classes from 0 to c - 1."""

    features: Floats
    target: Floats


@dataclass(frozen=True, eq=False)
class _Parts:
    """The rows to learn from and to be tested on.

    Attributes:
        real, synthetic, test: of each kind.
        categorical: which features are categories, shape (f,).
        classes: how many the real target has; 0 if it is numbers.
        scale: by what the target was divided if it is numbers.
    """

    real: _Rows
    synthetic: _Rows
    test: _Rows
    categorical: NDArray[np.bool_]
    classes: int
    scale: float

    @property
    def task(self) -> Task:
        return "regression" if self.classes == 0 else "binary" if self.classes == 2 else "multiclass"


def utility(
    columns: Sequence[AlignedColumn], target: str | None, seed: int, max_rows: int | None = MAX_ROWS
) -> UtilityResult:
    """Train on synthetic rows, on real rows and on both, and test all on real rows.

    Args:
        columns: the real rows are learnt from and the held-out rows tested on; without held-out rows a quarter of the
            real ones is set aside for the test.
        target: the name of the column to predict, None to choose one; rows where it is missing are left out.
        seed: of the rows that are drawn, of the trees and of the bootstrap.
        max_rows: at most as many rows of each kind are learnt from, as many synthetic as real ones and fewer of wide
            tables, and half as many tested on. None takes every row of every kind.

    Raises:
        InputError: if no column has the target's name.
        ValueError: if there is no target that can be predicted, or there are fewer than `MIN_ROWS` rows of a kind, or
            too few for its classes, or the test rows all have the same target.
    """
    column, reason = find_target(columns, target)
    most = None if max_rows is None else min(max_rows, max(MAX_CELLS // len(columns), MAX_ROWS // 10))
    rows = _drawn(column, streams.generator(seed, "utility", "rows"), most)
    parts = _parts([other for other in columns if other is not column], column, rows)
    state = streams.derive_seed(seed, "utility") % 2**32
    learners = parts.synthetic, parts.real, _joined(parts.real, parts.synthetic)
    measures = [_measures(parts, _predict(parts, learnt, state)) for learnt in learners]
    scores, undefined = _scores(column, parts, measures, streams.generator(seed, "utility", "bootstrap"))
    return UtilityResult(
        target=column.name,
        reason=reason,
        task=parts.task,
        scores=scores,
        n_real=len(parts.real.target),
        n_synthetic=len(parts.synthetic.target),
        n_test=len(parts.test.target),
        caveats=_caveats(parts, len(column.held_out) == 0, undefined, determined_by(columns, column)),
    )


def _joined(first: _Rows, second: _Rows) -> _Rows:
    return _Rows(np.concatenate([first.features, second.features]), np.concatenate([first.target, second.target]))


def _drawn(
    target: AlignedColumn, draw: np.random.Generator, max_rows: int | None
) -> tuple[tuple[str, Codes], tuple[str, Codes], tuple[str, Codes]]:
    """From which side and which rows of it: those to learn from, real and synthetic, and those to be tested on."""
    known = np.ones(len(target.support) + 1, np.bool_)
    known[-1] = False
    if target.is_numeric:
        known[:-1] = np.isfinite(target.numbers)
    real, synthetic, test = (np.flatnonzero(known[c]) for c in (target.real, target.synthetic, target.held_out))
    source = "held_out"
    if not len(target.held_out):
        source, order = "real", draw.permutation(real)
        test, real = np.sort(order[: len(order) // 4]), np.sort(order[len(order) // 4 :])
    sizes = len(real), len(synthetic), len(test)
    if min(sizes) < MIN_ROWS:
        text = "it needs {} rows with a known {!r} to learn from, of synthetic ones and to test on, and has {}, {}, {}"
        raise ValueError(text.format(MIN_ROWS, target.name, *sizes))
    if max_rows is not None:
        most = min(len(real), len(synthetic), max_rows)
        real, synthetic = _at_most(real, most, draw), _at_most(synthetic, most, draw)
        test = _at_most(test, max(max_rows // 2, MIN_ROWS), draw)
    return ("real", real), ("synthetic", synthetic), (source, test)


def _at_most(rows: Codes, most: int, draw: np.random.Generator) -> Codes:
    return rows if len(rows) <= most else np.sort(draw.permutation(rows)[:most])


def _parts(columns: Sequence[AlignedColumn], target: AlignedColumn, drawn: Sequence[tuple[str, Codes]]) -> _Parts:
    """The features and the target of the drawn rows: real, synthetic and test ones."""

    def cells(column: AlignedColumn) -> Codes:
        return np.concatenate([getattr(column, side)[rows] for side, rows in drawn]).astype(np.int64)

    features, categorical = tree_features(columns, [cells(column) for column in columns])
    ends = np.cumsum([len(rows) for _, rows in drawn])
    kinds = np.repeat([0, 1, 2], np.diff(ends, prepend=0))
    values, classes, scale = _target(target, cells(target), kinds != 1)
    if len(np.unique(values[kinds == 2])) < 2:
        raise ValueError(f"the target {target.name!r} has one value in all rows that are tested on")
    least = min(len(rows) for _, rows in drawn[:2])
    if least < 2 * classes:
        raise ValueError(f"the target {target.name!r} has {classes} classes, too many for {least} rows")
    real, synthetic, test = (_Rows(features[kinds == kind], values[kinds == kind]) for kind in range(3))
    return _Parts(real, synthetic, test, categorical, classes, scale)


def _target(column: AlignedColumn, cells: Codes, real: NDArray[np.bool_]) -> tuple[Floats, int, float]:
    """The target of the rows, shape (n,), its number of real classes, and its scale.

    Numbers are divided by a power of two, which changes no digit, so that their squares are finite; synthetic ones that
    lie far beyond all real ones are brought to `FARTHEST` times the largest.
    """
    if column.is_numeric:
        values = column.numbers[cells]
        exponent = int(np.frexp(np.abs(values[real]).max())[1])
        limit = np.ldexp(1.0, min(exponent + int(np.log2(FARTHEST)), 1023))
        return np.ldexp(np.clip(values, -limit, limit), -exponent), 0, float(np.ldexp(1.0, exponent))
    classes = np.unique(cells[real])
    place = np.minimum(np.searchsorted(classes, cells), len(classes) - 1)
    return np.where(classes[place] == cells, place, len(classes)).astype(np.float64), len(classes), 1.0


def _predict(parts: _Parts, learnt: _Rows, state: int) -> Floats:
    """For the test rows, the predicted numbers (n,), or the probabilities of the real classes (n, c)."""
    features, test = learnt.features, parts.test.features
    blank = np.isnan(features).all(axis=0)
    if blank.any():  # a feature without any cell cannot be cut into bins
        features, test = np.where(blank, 0.0, features), np.where(blank, 0.0, test)
    options = {"categorical_features": parts.categorical, "early_stopping": False, "random_state": state}
    if parts.task == "regression":
        predicted: Floats = HistGradientBoostingRegressor(**options).fit(features, learnt.target).predict(test)
        return predicted
    seen = np.unique(learnt.target).astype(np.int64)
    probabilities = np.zeros((len(test), parts.classes + 1))
    if len(seen) == 1:
        probabilities[:, seen[0]] = 1.0
    else:
        if parts.classes > 2:  # one tree for each class; without the penalty they diverge where classes are clear
            options |= {
                "max_iter": min(max(MAX_TREES // parts.classes, LEAST_ROUNDS), ROUNDS),
                "l2_regularization": 1.0,
            }
        model = HistGradientBoostingClassifier(**options)
        probabilities[:, seen] = model.fit(features, learnt.target).predict_proba(test)
    return probabilities


def _measures(parts: _Parts, predicted: Floats) -> dict[str, Measure]:
    """The scores of one model as functions of the weights of the test rows, shape (n,)."""
    target = parts.test.target
    if parts.task == "regression":
        return {
            "r2": partial(r_squared, target, predicted),
            "rmse": partial(root_mean_square, target, predicted),
        }
    labels = target.astype(np.int64)
    present = np.unique(labels).tolist()
    ranks = {kind: np.unique(predicted[:, kind], return_inverse=True)[1] for kind in present}

    def one_against_the_rest(kind: int, weights: Floats) -> float:
        return weighted_auc(labels == kind, ranks[kind], weights)

    if parts.task == "binary":
        return {"auc": partial(one_against_the_rest, present[-1])}
    return {
        "macro_f1": partial(macro_f1, labels, predicted.argmax(axis=1)),
        "macro_auc": lambda weights: float(np.mean([one_against_the_rest(kind, weights) for kind in present])),
    }


def _scores(
    target: AlignedColumn, parts: _Parts, models: Sequence[dict[str, Measure]], draw: np.random.Generator
) -> tuple[tuple[UtilityScore, ...], int]:
    """The scores of the models of synthetic rows, of real rows and of both; and in how many draws one is undefined.

    Raises:
        ValueError: if a score has no value.
    """
    measures = [model[name] for name in models[0] for model in models]
    n = len(parts.test.target)
    values, drawn = np.asarray([measure(np.ones(n)) for measure in measures]), resample(measures, n, draw)
    if not np.isfinite(values).all():
        raise ValueError(f"the target {target.name!r} varies too little among the rows that are tested on")
    scores = []
    for i, name in enumerate(models[0]):
        unit, size = target.unit if name == "rmse" else ("", 1.0)
        factor = parts.scale / size if name == "rmse" else 1.0
        sign = -1.0 if name == "rmse" else 1.0
        (synthetic, real, both), by_draw = values[3 * i : 3 * i + 3], drawn[:, 3 * i : 3 * i + 3].T
        score = UtilityScore(
            measure=name,
            synthetic=estimate(synthetic, by_draw[0], factor),
            real=estimate(real, by_draw[1], factor),
            augmented=estimate(both, by_draw[2], factor),
            gap=estimate(sign * (real - synthetic), sign * (by_draw[1] - by_draw[0]), factor),
            gain=estimate(sign * (both - real), sign * (by_draw[2] - by_draw[1]), factor),
            unit=unit,
        )
        scores.append(score)
    return tuple(scores), int((~np.isfinite(drawn)).any(axis=1).sum())


def _caveats(parts: _Parts, split: bool, undefined: int, determined: str) -> tuple[Caveat, ...]:
    found = []
    if determined:
        text = f"{determined!r} determines the target, so that a model only has to learn which value stands for which"
        found.append(Caveat("determined", text))
    sizes = len(parts.real.target), len(parts.synthetic.target), len(parts.test.target)
    if split:
        text = (
            "the synthesizer learnt from the rows that are tested on, so synthetic rows may look better than they are"
        )
        found.append(Caveat("no_held_out", f"no held-out rows: {text}"))
    if min(sizes) < FEW_ROWS:
        text = f"only {min(sizes):,} rows of a kind, so the models had little to learn from or to be tested on"
        found.append(Caveat("few_rows", text))
    if max(sizes[:2]) > UNEQUAL * min(sizes[:2]):
        text = f"the models learnt from {sizes[0]:,} real and {sizes[1]:,} synthetic rows, so they differ by that too"
        found.append(Caveat("unequal_rows", text))
    if undefined:
        text = f"in {undefined} of {RESAMPLES} draws of the test rows a score has no value, for instance for lack of a"
        found.append(Caveat("undefined_draws", f"{text} class; they are left out of its error and interval"))
    return tuple(found)
