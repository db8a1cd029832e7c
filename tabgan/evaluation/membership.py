"""Can rows that were learnt be told from others by how near a synthetic row is?

The plainest membership-inference attack on synthetic data (Chen et al., GAN-Leaks, CCS 2020, full black box): the
nearer a candidate's nearest synthetic row, the likelier it was learnt. An attacker who also knows how common rows like
the candidate are, or who trains synthesizers of his own, can do better; so this is a lower bound of what is given away.

Letters used for shapes: n candidates that were learnt, m that were not.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tabgan.evaluation.detection import auc_error
from tabgan.evaluation.proportions import around
from tabgan.evaluation.results import Estimate, MembershipResult

FALSE_ALARMS = 0.01
_DRAWS = 200

Distances = NDArray[np.float64]


def membership(train: Distances, held_out: Distances, draw: np.random.Generator) -> MembershipResult:
    """How well the distance to the nearest synthetic row tells learnt rows from others.

    Args:
        train: the distances of rows that were learnt, shape (n,), at least one.
        held_out: the distances of other rows, shape (m,), at least one.
        draw: for the rows that are drawn again to see how much `caught` varies.
    """
    n, m = len(train), len(held_out)
    ranks = rankdata(-np.concatenate([train, held_out]))
    auc = float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
    shares = [caught(draw.choice(train, n), draw.choice(held_out, m)) for _ in range(_DRAWS)]
    low, high = np.quantile(shares, [0.025, 0.975])
    return MembershipResult(
        auc=around(auc, auc_error(auc, n, m), 0.0, 1.0, floor=0.5),
        caught=Estimate(
            value=caught(train, held_out),
            standard_error=float(np.std(shares)),
            low=float(low),
            high=float(high),
            floor=by_chance(m),
            floor_error=0.0,
        ),
        n_train=n,
        n_held_out=m,
    )


def caught(train: Distances, held_out: Distances) -> float:
    """The share of learnt rows named while no more than `FALSE_ALARMS` of the others are; of ties a part, by lot.

    Those are named that are nearer than the held-out row that would be one false alarm too many. So by chance it is
    `by_chance` on average.

    Args:
        train: distances of learnt rows, shape (n,).
        held_out: distances of other rows, shape (m,).
    """
    first = _one_too_many(len(held_out))
    limit = np.partition(held_out, first - 1)[first - 1]
    sure, tied = int((held_out < limit).sum()), int((held_out == limit).sum())
    return float((train < limit).mean() + (train == limit).mean() * (first - sure) / (tied + 1))


def by_chance(m: int) -> float:
    """The share of learnt rows that is named on average if they are no nearer than m held-out rows."""
    return _one_too_many(m) / (m + 1)


def _one_too_many(m: int) -> int:
    return int(round(FALSE_ALARMS * m, 9)) + 1
