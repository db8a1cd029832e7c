"""How good predictions are on weighted rows, and how sure that is: a bootstrap of the test rows.

A draw of the bootstrap is a weight for each row, how often it was drawn, so no row is copied, and every model meets the
same draws: differences of two models have an error of their own. What another draw of training rows would change is not
in these errors.

Letters used for shapes: n rows, m measures.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tabgan.evaluation.results import Estimate

RESAMPLES = 200
LEAST_USABLE = 0.5

Floats = NDArray[np.float64]
Measure = Callable[[Floats], float]


def resample(measures: Sequence[Measure], n: int, draw: np.random.Generator) -> Floats:
    """The measures over `RESAMPLES` bootstrap draws of the n rows, shape (RESAMPLES, m); NaN where undefined.

    One draw is held at a time.

    Args:
        measures: functions of the weights of the rows, shape (n,).
        n: how many rows there are.
        draw: where the draws come from.
    """
    even = np.full(n, 1 / n)
    found = np.empty((RESAMPLES, len(measures)))
    for i in range(RESAMPLES):
        weights = draw.multinomial(n, even).astype(np.float64)
        found[i] = [measure(weights) for measure in measures]
    return found


def estimate(value: float, drawn: Floats, factor: float = 1.0) -> Estimate:
    """A value with its standard error and the 95 % percentile interval (Efron and Tibshirani 1993, section 13.3).

    Args:
        value: over all rows.
        drawn: the same over the draws, shape (RESAMPLES,). NaN are left out; where fewer than half are left, the error
            is not known.
        factor: what all numbers are multiplied with in the end; positive.
    """
    usable = drawn[np.isfinite(drawn)]
    if len(usable) < LEAST_USABLE * len(drawn):
        return Estimate(value=float(factor * value))
    low, high = np.quantile(usable, [0.025, 0.975])
    return Estimate(
        value=float(factor * value),
        standard_error=float(factor * np.std(usable, ddof=1)),
        low=float(factor * min(low, value)),
        high=float(factor * max(high, value)),
    )


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


def root_mean_square(target: Floats, predicted: Floats, weights: Floats) -> float:
    """The root of the mean squared error, in the target's unit."""
    return float(np.sqrt(np.average((target - predicted) ** 2, weights=weights)))
