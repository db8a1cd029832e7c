"""By which columns does a classifier tell the tables apart?

Permutation importance (Breiman, Random forests, Machine Learning 45, 2001): by how much the area under the ROC curve
falls when a column's cells are shuffled among rows that the classifier has not learnt from. Columns that say the same
stand in for each other, so each seems to matter less than the two together.

Letters used for shapes: m scored rows of a fold, f columns, p real and q synthetic rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tabgan.evaluation.proportions import around
from tabgan.evaluation.results import Driver

MAX_ROWS = 1_000
MAX_SCORED = 50_000
MIN_ROWS = 100

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


class Classifier(Protocol):
    """What can score rows: higher where they are likelier to be of class 1."""

    def decision_function(self, features: Floats, /) -> Floats:
        """The scores of rows, shape (m,)."""


@dataclass(frozen=True, eq=False)
class Scored:
    """A fold: rows that a classifier has not learnt from.

    Attributes:
        features: one for each column, shape (m, f).
        labels: 0 or 1, shape (m,).
        model: the classifier.
    """

    features: Floats
    labels: Labels
    model: Classifier


def drivers(names: Sequence[str], folds: Sequence[Scored], draw: np.random.Generator) -> tuple[Driver, ...]:
    """The columns, the one that gives most away first.

    The standard error is that of a difference of two AUCs on the same rows (DeLong, DeLong and Clarke-Pearson,
    Biometrics 44, 1988), averaged over the folds; the classifiers are taken as given.

    Args:
        names: of the f columns.
        folds: at least one; of large ones only some rows are used.
        draw: draws the rows and the shuffles.
    """
    rows = max(min(MAX_ROWS, MAX_SCORED // len(names)), MIN_ROWS)
    falls = np.asarray([_falls(_thinned(fold, rows, draw), draw) for fold in folds])  # (folds, 2, f)
    means, errors = falls[:, 0].mean(axis=0), np.sqrt(falls[:, 1].sum(axis=0)) / len(folds)
    order = np.argsort(-means, kind="stable")
    return tuple(
        Driver(column=names[i], importance=around(float(means[i]), float(errors[i]), -1.0, 1.0)) for i in order
    )


def _thinned(fold: Scored, rows: int, draw: np.random.Generator) -> Scored:
    """A fold of at most so many rows, half of them of each class."""
    kept = [draw.permutation(np.flatnonzero(fold.labels == label))[: rows // 2] for label in (0, 1)]
    some = np.concatenate(kept)
    return Scored(fold.features[some], fold.labels[some], fold.model)


def _falls(fold: Scored, draw: np.random.Generator) -> tuple[Floats, Floats]:
    """By how much the AUC falls for each column, and the squared standard error of that, shape (f,) each."""
    m, f = fold.features.shape
    before = placements(fold.labels, fold.model.decision_function(fold.features))
    shuffled = np.repeat(fold.features[None], f, axis=0)
    for i in range(f):
        shuffled[i, :, i] = draw.permutation(shuffled[i, :, i])
    scores = fold.model.decision_function(shuffled.reshape(f * m, f)).reshape(f, m)
    falls = before - np.stack([placements(fold.labels, part) for part in scores])
    sides = [falls[:, fold.labels == label] for label in (0, 1)]
    return sides[0].mean(axis=1), np.sum([side.var(axis=1) / side.shape[1] for side in sides], axis=0)


def placements(labels: Labels, scores: Floats) -> Floats:
    """How much of the other class each row is on the right side of, ties counted half; the AUC is the mean of either.

    Args:
        labels: 0 or 1, shape (m,).
        scores: shape (m,).

    Returns:
        Shape (m,).
    """
    ones = labels == 1
    ranks, p, q = rankdata(scores), int((~ones).sum()), int(ones.sum())
    placed = np.empty(len(scores))
    placed[ones] = (ranks[ones] - rankdata(scores[ones])) / p
    placed[~ones] = 1 - (ranks[~ones] - rankdata(scores[~ones])) / q
    return placed
