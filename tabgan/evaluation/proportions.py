"""Shares of rows and of guesses, with the intervals that they are known to."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from tabgan.evaluation.results import Estimate

NORMAL_95 = 1.959963984540054
"""97.5 % of a normal distribution lie below."""
_MOST = 2.0


def proportion(hits: int, n: int) -> Estimate:
    """A share of n independent rows with Wilson's interval.

    Args:
        hits: how many of the rows.
        n: at least 1.
    """
    share = hits / n
    return wilson(share, float(np.sqrt(share * (1 - share) / n)), n)


def wilson(share: float, error: float, n: int) -> Estimate:
    """A share with Wilson's interval (Journal of the American Statistical Association 22, 1927).

    The interval is that of as many independent rows as explain the standard error, and of no more than n.

    Args:
        share: from 0 to 1.
        error: its standard error, which may be larger than that of n independent rows.
        n: the rows it is a share of, at least 1.
    """
    spread = share * (1 - share)
    rows = min(spread / error**2, n) if error > 0 < spread else n
    squared = NORMAL_95**2
    middle = (share + squared / (2 * rows)) / (1 + squared / rows)
    reach = float(np.sqrt(spread / rows + squared / (4 * rows**2))) * NORMAL_95 / (1 + squared / rows)
    return Estimate(
        value=share,
        standard_error=error,
        low=min(max(middle - reach, 0.0), share),
        high=max(min(middle + reach, 1.0), share),
    )


def residual_risk(train: Estimate, control: Estimate) -> Estimate:
    """What is right beyond the control, as a share of what the control leaves: (train - control) / (1 - control).

    It is one less a ratio of two shares, whose interval is made of their Wilson intervals (MOVER-R; Newcombe,
    Statistical Methods in Medical Research 25, 2016, section 2). Below 0 where the control does better by chance; what
    is below -1, which happens where the control leaves next to nothing, is set to -1.

    Args:
        train: the share of guesses that were right about learnt rows, from `proportion`.
        control: likewise about rows that were not learnt.

    Returns:
        A value of 0 without an error where the control is always right, since it leaves nothing.
    """
    missed, (low, high) = 1 - train.value, _missed(train)
    left, (left_low, left_high) = 1 - control.value, _missed(control)
    if left == 0:
        return Estimate(value=0.0)
    product = missed * left
    below, above = low * (2 * missed - low), high * (2 * missed - high)
    root = np.sqrt(max(product**2 - below * left_high * (2 * left - left_high), 0.0))
    least = min(below / (product + root), _MOST) if below > 0 else 0.0
    spread = left_low * (2 * left - left_low)
    most = min((product + np.sqrt(max(product**2 - above * spread, 0.0))) / spread, _MOST)
    return Estimate(
        value=1 - min(missed / left, _MOST),
        standard_error=float(most - least) / (2 * NORMAL_95),
        low=float(1 - most),
        high=float(1 - least),
    )


def _missed(share: Estimate) -> tuple[float, float]:
    low, high = share.low or 0.0, 1.0 if share.high is None else share.high
    return 1 - high, 1 - low


def quantile(values: NDArray[np.float64], share: float) -> Estimate:
    """A quantile with the interval between two order statistics, which assumes no shape; its error is a normal one's.

    Args:
        values: shape (n,), at least one.
        share: in (0, 1).
    """
    n, ordered = len(values), np.sort(values)
    places: Sequence[float] = (np.floor(n * share), binom.ppf(0.025, n, share) - 1, binom.ppf(0.975, n, share))
    value, low, high = (float(ordered[int(np.clip(place, 0, n - 1))]) for place in places)
    return Estimate(value=value, standard_error=(high - low) / (2 * NORMAL_95), low=low, high=high)


def mean(values: NDArray[np.float64], least: float = -np.inf, greatest: float = np.inf) -> Estimate:
    """A mean with the interval of the normal distribution, cut at the ends of the scale.

    Args:
        values: shape (n,), at least one.
        least: the lower end of the scale.
        greatest: the upper end of the scale.
    """
    value = float(values.mean())
    if len(values) == 1:
        return Estimate(value=value)
    return around(value, float(values.std(ddof=1) / np.sqrt(len(values))), least, greatest)


def around(
    value: float, error: float, least: float = -np.inf, greatest: float = np.inf, floor: float | None = None
) -> Estimate:
    """A number with the normal interval that its standard error gives, cut at the ends of the scale.

    Args:
        value: the number.
        error: its standard error.
        least: the lower end of the scale.
        greatest: the upper end of the scale.
        floor: what chance gives, where that is known exactly.
    """
    return Estimate(
        value=value,
        standard_error=error,
        low=max(value - NORMAL_95 * error, least),
        high=min(value + NORMAL_95 * error, greatest),
        floor=floor,
        floor_error=None if floor is None else 0.0,
    )
