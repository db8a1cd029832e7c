"""The realism of rows: a probability that a row is real, learnt against careless fakes and calibrated.

A row's *realism* is the probability that it is a real one, where it is known to be, with even chances, a row of the
distribution that was learnt or a careless fake (see `careless`) of one of its makes, all as frequent. It is no verdict
on rows of a good generator: those are as real as real ones here, and nobody can tell by the score.

It is a logistic regression on how odd the cells of a row are. Its weights have one sign, so that no cell that becomes
more surprising makes a row more real; beyond the fakes that it has seen, in the realm of true anomalies, it keeps
pointing down. The real rows that it learns from are held out: training has never seen them. Its weights are the mean of
those of several folds, and the level is calibrated on what each fold said of the rows that it had not seen (Platt
1999). From n rows nobody can learn that something is rarer than one in n, so by Laplace's rule of succession no score
lies nearer to 0 or 1 than 1 / (n + 2); of few rows, scores stay near 0.5. Where no rows were held out, since the table
is small, learnt rows take their place, and count as a tenth.

What it does not see: keys and the words of texts, of which nothing is in the codes; where in its cell a number lies.

Letters: n rows, m columns of the layout, f features.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from tabgan import rng
from tabgan.gan.careless import MAKES, makes_for
from tabgan.gan.generator import Generator
from tabgan.gan.oddness import CodedRows, Margins, Oddness, oddness
from tabgan.layout import Layout

MOST_ROWS = 2_048
"""Real rows to learn from; more change little."""
MOST_NUMBERS = 4_000_000
"""Features of all rows to learn from: of wide tables fewer rows are taken."""
MOST_OTHERS = 100_000
"""Rows that fakes get their cells from."""
ENOUGH_FAKES = 512
"""Of each make; where there are fewer real rows, several fakes are made of each."""
FOLDS = 5
SEEN_COUNT = 0.1
"""What a row counts that training has seen."""
DECAY = 3.0
"""Strength of the ridge on the weights of standardised features."""
_HIGHEST = 20.0
"""Nats of a single cell beyond which it makes no difference."""
_MOST_ODD = 3


@dataclass(frozen=True, eq=False)
class Realism:
    """What was learnt of the realism of rows.

    Attributes:
        margins: of the rows learnt.
        weights: shape (f,), of the features, none above 0.
        level: the log odds where all features are 0.
        n_judged: real rows that the level was calibrated on, as many as they count.
        held_out: whether these were held out from training.
    """

    margins: Margins
    weights: NDArray[np.float64]
    level: float
    n_judged: int
    held_out: bool

    @property
    def least(self) -> float:
        """What no score is below; 1 minus it is what none is above."""
        return 1 / (self.n_judged + 2)

    def score(self, odd: Oddness) -> NDArray[np.float64]:
        """The realism of rows, shape (n,), all within (0, 1)."""
        # A sum over rows, not a product of matrices: its rounding does not depend on how many rows there are.
        logit = (features(odd) * self.weights).sum(1) + self.level
        made: NDArray[np.float64] = (self.n_judged * expit(logit) + 1) / (self.n_judged + 2)
        return made

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, to be kept beside `tensors`."""
        return {
            "level": self.level,
            "n_rows": self.margins.n_rows,
            "n_judged": self.n_judged,
            "held_out": self.held_out,
        }

    def tensors(self) -> dict[str, NDArray[np.generic]]:
        """The arrays, for the model file."""
        return {"shares": self.margins.shares, "weights": self.weights}

    @classmethod
    def restore(cls, data: Mapping[str, Any], tensors: Mapping[str, NDArray[np.generic]], layout: Layout) -> "Realism":
        """What `to_json` and `tensors` kept.

        Raises:
            LookupError, TypeError, ValueError: if the parts are damaged or do not fit the layout.
        """
        sizes = {"shares": layout.width, "weights": n_features(len(layout.columns))}
        arrays = {name: np.asarray(tensors[name], np.float64) for name in sizes}
        for name, size in sizes.items():
            if arrays[name].shape != (size,) or not np.isfinite(arrays[name]).all():
                raise ValueError(f"expected {size} finite numbers as {name!r} of the realism of rows")
        counts = data["n_rows"], data["n_judged"]
        if not all(isinstance(count, int) and count > 0 for count in counts) or (arrays["shares"] <= 0).any():
            raise ValueError("expected counts of rows and shares above 0 as the realism of rows")
        level = float(data["level"])
        if not np.isfinite(level) or (arrays["weights"] > 0).any():
            raise ValueError("expected a finite level, and no weight above 0, as the realism of rows")
        margins = Margins(counts[0], arrays["shares"])
        return cls(margins, arrays["weights"], level, counts[1], bool(data["held_out"]))


def n_features(m: int) -> int:
    """f, the number of features of rows of m columns."""
    return 2 * m + 7


def features(odd: Oddness) -> NDArray[np.float64]:
    """What tells real rows from fakes, shape (n, f); none falls where a cell becomes more surprising.

    Of each column how much more surprising its cell is than expected, and than by itself; of all columns the sums, the
    largest ones, and how surprising the row is as a whole.
    """
    excess = np.clip(odd.surprise - odd.expected, -_HIGHEST, _HIGHEST)
    apart = np.clip(odd.surprise - odd.margin, -_HIGHEST, _HIGHEST)
    largest = np.sort(excess, 1)[:, -_MOST_ODD:]
    whole = [
        excess.sum(1),
        apart.sum(1),
        largest[:, -1],
        apart.max(1),
        largest.sum(1),
        np.sqrt(np.maximum(excess, 0)).sum(1),
        np.minimum(odd.surprise, _HIGHEST).sum(1),
    ]
    return np.concatenate([excess, apart, np.stack(whole, 1)], 1)


def learn_realism(
    generator: Generator, codes: NDArray[np.integer], held_out: NDArray[np.int64], *, seed: int
) -> Realism:
    """Learn to tell real rows from careless fakes.

    Args:
        generator: a trained one.
        codes: shape (n, k), of all rows of the table, in the order of the layout.
        held_out: which of them training has not seen; there may be none.
        seed: of the fakes and the folds.
    """
    layout, random = generator.plan.layout, rng.generator(seed, "realism")
    margins = Margins.of(codes, layout, held_out)
    others = codes[_seen(len(codes), held_out, random)]
    makes = makes_for(layout)
    most = min(MOST_ROWS, max(MOST_NUMBERS // (n_features(len(layout.columns)) * (1 + len(makes))), FOLDS))
    pool = held_out if len(held_out) else np.arange(len(codes))
    real = codes[np.sort(random.permutation(pool)[:most])]
    which = np.tile(np.arange(len(real)), _fakes_each(len(real), len(makes), len(layout.columns)))
    fakes = [MAKES[make](real[which], others, layout, random) for make in makes]
    odd = oddness(generator, CodedRows.whole(np.concatenate([real, *fakes]), layout), margins)
    groups = np.concatenate([np.arange(len(real)), *[which] * len(makes)])
    is_real = np.arange(len(groups)) < len(real)
    share = np.where(is_real, 1.0, len(real) / max(int((~is_real).sum()), 1))
    weights, level = _calibrated(features(odd), is_real, share, groups, random)
    counted = len(real) if len(held_out) else max(round(SEEN_COUNT * len(real)), 1)
    return Realism(margins, weights, level, counted, bool(len(held_out)))


def _fakes_each(n: int, n_makes: int, m: int) -> int:
    """How many fakes of each make are made of each of n real rows of m columns; few of wide ones."""
    room = 2 * MOST_NUMBERS // (n_features(m) * n * n_makes)
    return max(min(-(-ENOUGH_FAKES // n), room), 1)


def _seen(n: int, held_out: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Which of n rows to take cells of fakes from: those that are not held out, of many of them some; ascending."""
    chosen = np.arange(n) if n <= MOST_OTHERS else np.sort(random.choice(n, MOST_OTHERS, replace=False))
    seen: NDArray[np.int64] = np.setdiff1d(chosen, held_out, assume_unique=True)
    return seen


def _calibrated(
    seen: NDArray[np.float64],
    is_real: NDArray[np.bool_],
    share: NDArray[np.float64],
    groups: NDArray[np.int64],
    random: np.random.Generator,
) -> tuple[NDArray[np.float64], float]:
    """The weights of features (n, f) and the level, calibrated on folds; rows of one group (n,) share a fold."""
    n_groups = int(groups.max()) + 1
    folds = min(FOLDS, n_groups)
    fold = (random.permutation(n_groups) % folds)[groups]
    weights, level, said = np.zeros(seen.shape[1]), 0.0, np.zeros(len(seen))
    for number in range(folds):
        out = fold == number
        kept = ~out if folds > 1 else out
        own, start = _regression(seen[kept], is_real[kept], share[kept], DECAY, falling=True)
        said[out] = seen[out] @ own + start
        weights, level = weights + own / folds, level + start / folds
    slope, shift = _regression(said[:, None], is_real, share, 1e-3, falling=False)
    steep = max(float(slope[0]), 0.0)
    return steep * weights, steep * level + shift


def _regression(
    seen: NDArray[np.float64],
    is_real: NDArray[np.bool_],
    share: NDArray[np.float64],
    decay: float,
    *,
    falling: bool,
) -> tuple[NDArray[np.float64], float]:
    """The weights (f,) and the level of a ridge logistic regression; if `falling`, no weight is above 0."""
    middle, spread = seen.mean(0), seen.std(0)
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (seen - middle) / spread

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logit = scaled @ point[:-1] + point[-1]
        lost = share * (np.logaddexp(0, logit) - is_real * logit)
        off = share * (expit(logit) - is_real)
        slope = np.append(off @ scaled + decay * point[:-1], off.sum())
        return float(lost.sum() + decay / 2 * (point[:-1] ** 2).sum()), slope

    bounds = [(None, 0.0 if falling else None)] * seen.shape[1] + [(None, None)]
    from scipy.optimize import minimize  # long to import, and not needed to make rows

    found = minimize(loss, np.zeros(seen.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    weights: NDArray[np.float64] = found.x[:-1] / spread
    return weights, float(found.x[-1] - weights @ middle)
