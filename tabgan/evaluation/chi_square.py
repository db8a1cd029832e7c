"""Pearson's chi-square test on the counts of two tables, and how many rows it would need.

The test looks at counts and never at shares, so it knows how large the tables are. Sparse categories are merged first,
since chi-square is no chi-square where few cells are expected; how many were merged is part of the outcome.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from tabgan.evaluation.results import Caveat

Counts = NDArray[np.int64]

MIN_EXPECTED = 5.0
LEVEL, POWER = 0.05, 0.8


@dataclass(frozen=True)
class ChiSquare:
    """The outcome of `chi_square`; the numbers are None where no test was possible.

    Attributes:
        statistic: chi-square.
        degrees_of_freedom: the categories of the test less one.
        p_value: the chance of a statistic as large under equal distributions.
        n_merged: sparse categories that were merged into one.
        rows: with how many rows of each table a test at `LEVEL` would see this difference with a chance of `POWER`;
            None where the statistic is not above what noise gives.
        caveats: what to bear in mind.
    """

    statistic: float | None = None
    degrees_of_freedom: int | None = None
    p_value: float | None = None
    n_merged: int = 0
    rows: int | None = None
    caveats: tuple[Caveat, ...] = ()


def chi_square(real: Counts, synthetic: Counts) -> ChiSquare:
    """Pearson's chi-square test on the 2 x K table of counts, without continuity correction.

    Categories with an expected count below 5 in either table are merged into one, and so are the next smallest until
    the merged one reaches 5. The choice looks at the pooled counts alone, so p stays valid.

    Args:
        real: how often each category occurs, shape (K,).
        synthetic: likewise, over the same categories.
    """
    table = np.stack([real, synthetic])[:, (real + synthetic) > 0]
    if table.shape[1] < 2:
        return ChiSquare()
    smaller = table.sum(axis=1).min() / table.sum()
    order = np.argsort(table.sum(axis=0), kind="stable")
    expected = table.sum(axis=0)[order] * smaller
    n_sparse = int(np.searchsorted(expected, MIN_EXPECTED))
    if n_sparse:
        n_sparse = max(n_sparse, int(np.searchsorted(np.cumsum(expected), MIN_EXPECTED)) + 1)
    if table.shape[1] - n_sparse + bool(n_sparse) < 2:
        text = "too few rows for a chi-square test: fewer than two categories reach an expected count of 5"
        return ChiSquare(caveats=(Caveat("no_test", text),))
    merged = table[:, order[:n_sparse]].sum(axis=1, keepdims=True)
    kept = table[:, order[n_sparse:]]
    tested = np.hstack([kept, merged]) if n_sparse else kept
    outcome = stats.chi2_contingency(tested, correction=False)
    n_merged = n_sparse if n_sparse > 1 else 0
    caveats = (Caveat("merged", f"{n_merged:,} sparse categories merged into one for the test"),) if n_merged else ()
    statistic, freedom = float(outcome.statistic), int(outcome.dof)
    rows = chi_square_rows(tested, statistic)
    return ChiSquare(statistic, freedom, float(outcome.pvalue), n_merged, rows, caveats)


def chi_square_rows(table: Counts, statistic: float) -> int | None:
    """With how many rows of each table the test would see the difference (Cohen, "Statistical Power Analysis", 7.4).

    The test's power is that of a noncentral chi-square. The measured noncentrality is too large by the degrees of
    freedom on average, so the difference is taken to be smaller by that share.

    Args:
        table: the counts of both tables, shape (2, K).
        statistic: its chi-square.

    Returns:
        None where the statistic is not above its degrees of freedom.
    """
    freedom = table.shape[1] - 1
    if statistic <= freedom:
        return None
    p, q = table / table.sum(axis=1, keepdims=True)
    per_row = float(((p - q) ** 2 / (p + q)).sum()) * (1 - freedom / statistic)
    threshold = stats.chi2.isf(LEVEL, freedom)

    def excess(noncentrality: float) -> float:
        return float(stats.ncx2.sf(threshold, freedom, noncentrality)) - POWER

    return int(np.ceil(optimize.brentq(excess, 1.0, 20 + 10 * float(np.sqrt(freedom))) / per_row))
