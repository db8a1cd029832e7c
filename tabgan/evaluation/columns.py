"""One column, real against synthetic: how far apart, and could it be chance?

Everything is computed from counts over a common support whose last entry is the missing cells, so that ties are exact,
missing cells count, and resampling is a multinomial draw. A distance comes first (KS D for numbers, total variation for
categories, both in [0, 1]), beside its noise floor: what two samples of the real column of the same two sizes give on
average. A p value comes second, because on large tables any difference is "significant".

The counts of a column have shape (K + 1,): K values in ascending order, then the missing cells.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tabgan.evaluation.results import Caveat, ColumnResult, Estimate

Counts = NDArray[np.int64]
Distance = Callable[[NDArray[Any], NDArray[Any]], NDArray[np.float64]]

FEW_ROWS = 5
MIN_EXPECTED = 5.0
RESAMPLES = 100
MAX_KS_CELLS = 1024
_MAX_DRAWN = 4_000_000


def ks_distance(real: NDArray[Any], synthetic: NDArray[Any]) -> NDArray[np.float64]:
    """The two-sample Kolmogorov-Smirnov distance with missing cells as a point mass of their own.

    Missing cells have no place among the numbers, so they are put below all of them and above all of them, and the
    larger distance counts: without missing cells this is KS D, and it is never smaller than the difference of the
    missing shares.

    Args:
        real: counts, shape (..., K + 1), the missing cells last.
        synthetic: likewise.

    Returns:
        Shape (...).
    """
    difference = real / real.sum(-1, keepdims=True) - synthetic / synthetic.sum(-1, keepdims=True)
    above = np.cumsum(difference[..., :-1], axis=-1)
    missing = difference[..., -1:]
    both = np.concatenate([above, above + missing, missing], axis=-1)
    distance: NDArray[np.float64] = np.abs(both).max(axis=-1)
    return distance


def total_variation(real: NDArray[Any], synthetic: NDArray[Any]) -> NDArray[np.float64]:
    """Half the summed difference of the shares; missing cells are a category. Shapes as in `ks_distance`."""
    difference = real / real.sum(-1, keepdims=True) - synthetic / synthetic.sum(-1, keepdims=True)
    distance: NDArray[np.float64] = np.abs(difference).sum(axis=-1) / 2
    return distance


def cramers_v(real: NDArray[Any], synthetic: NDArray[Any]) -> NDArray[np.float64]:
    """Cramér's V between the category and the table a cell comes from, without bias correction.

    It is the root of chi-square (no continuity correction, no merged categories) over the number of cells; since one
    side of the table is 2, no further divisor is needed. Shapes as in `ks_distance`.
    """
    rows = np.stack([real, synthetic], axis=-2).astype(np.float64)
    margins = rows.sum(axis=-1, keepdims=True) * rows.sum(axis=-2, keepdims=True)
    parts = np.divide(rows**2, margins, out=np.zeros_like(rows), where=margins > 0)
    result: NDArray[np.float64] = np.sqrt(np.maximum(parts.sum(axis=(-1, -2)) - 1.0, 0.0))
    return result


def resample(
    measures: tuple[Distance, ...], real: Counts, synthetic: Counts, sizes: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """The measures between fresh samples: one drawn from `real` (first size) and one from `synthetic` (second size).

    With `real` given twice this is the noise floor, with both columns it is the bootstrap.

    Returns:
        Shape (measures, resamples). Very many categories are resampled less often, at least 16 times.
    """
    resamples = int(np.clip(_MAX_DRAWN // len(real), 16, RESAMPLES))
    chunk = max(1, _MAX_DRAWN // 4 // len(real))
    p, q = real / real.sum(), synthetic / synthetic.sum()
    drawn = []
    for start in range(0, resamples, chunk):
        size = min(chunk, resamples - start)
        first, second = rng.multinomial(sizes[0], p, size=size), rng.multinomial(sizes[1], q, size=size)
        drawn.append([measure(first, second) for measure in measures])
    return np.concatenate([np.asarray(part) for part in drawn], axis=1)


def estimates(
    measures: tuple[Distance, ...], real: Counts, synthetic: Counts, rng: np.random.Generator
) -> list[Estimate]:
    """Each measure with its bootstrap standard error and its simulated noise floor."""
    sizes = int(real.sum()), int(synthetic.sum())
    boot = resample(measures, real, synthetic, sizes, rng)
    noise = resample(measures, real, real, sizes, rng)
    return [
        Estimate(
            value=float(measure(real, synthetic)),
            standard_error=float(boot[i].std(ddof=1)),
            floor=float(noise[i].mean()),
            floor_error=float(noise[i].std(ddof=1) / np.sqrt(noise.shape[1])),
        )
        for i, measure in enumerate(measures)
    ]


def coarsen(real: Counts, synthetic: Counts) -> tuple[Counts, Counts]:
    """Neighbouring values joined into at most `MAX_KS_CELLS` cells of like mass, for resampling a KS distance.

    A value that holds more than its share keeps a cell's end to itself, so D changes by less than 1 in MAX_KS_CELLS.
    """
    if len(real) <= MAX_KS_CELLS + 1:
        return real, synthetic
    pooled = (real + synthetic)[:-1]
    before = np.cumsum(pooled) - pooled
    cells = before * MAX_KS_CELLS // max(int(pooled.sum()), 1)
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    join = [np.append(np.add.reduceat(counts[:-1], starts), counts[-1]) for counts in (real, synthetic)]
    return join[0], join[1]


def compare_numeric(name: str, kind: str, real: Counts, synthetic: Counts, rng: np.random.Generator) -> ColumnResult:
    """KS D with its test, for continuous columns and dates.

    D and p of the present cells are scipy's `ks_2samp` (two-sided, exact up to 10,000 cells). Ties are exact in D and
    make p too large, never too small. The missing shares are tested beside it.

    Args:
        name: the column.
        kind: its kind in the schema.
        real: counts, shape (K + 1,).
        synthetic: likewise, over the same values.
        rng: for the floor and the standard error.
    """
    cells = coarsen(real, synthetic)
    distance = replace(estimates((ks_distance,), *cells, rng)[0], value=float(ks_distance(real, synthetic)))
    result = ColumnResult(
        name=name,
        kind=kind,
        measure="ks_d",
        distance=distance,
        caveats=_caveats(real, synthetic),
        **_sizes(real, synthetic),
    )
    if real[:-1].any() and synthetic[:-1].any():
        codes = np.arange(len(real) - 1)
        with np.errstate(all="ignore"):
            outcome = stats.ks_2samp(np.repeat(codes, real[:-1]), np.repeat(codes, synthetic[:-1]))
        statistic = float(outcome.statistic)
        result = replace(
            result, test="ks", statistic=statistic, p_value=float(outcome.pvalue), distance_present=statistic
        )
    if real[-1] or synthetic[-1]:
        present = [[int(counts[:-1].sum()), int(counts[-1])] for counts in (real, synthetic)]
        result = replace(result, p_missing=chi_square(*np.asarray(present)).p_value)
    return result


def compare_categories(name: str, kind: str, real: Counts, synthetic: Counts, rng: np.random.Generator) -> ColumnResult:
    """Total variation and Cramér's V with a chi-square test on counts; missing cells are a category.

    Args and shapes as in `compare_numeric`.
    """
    distance, association = estimates((total_variation, cramers_v), real, synthetic, rng)
    test = chi_square(real, synthetic)
    seen = real[:-1].any() and synthetic[:-1].any()
    invented, lost = (real[:-1] == 0) & (synthetic[:-1] > 0), (synthetic[:-1] == 0) & (real[:-1] > 0)
    return ColumnResult(
        name=name,
        kind=kind,
        measure="total_variation",
        distance=distance,
        distance_present=float(total_variation(real[:-1], synthetic[:-1])) if seen else None,
        cramers_v=association,
        test=None if test.p_value is None else "chi2",
        statistic=test.statistic,
        degrees_of_freedom=test.degrees_of_freedom,
        p_value=test.p_value,
        n_merged=test.n_merged,
        n_invented=int(invented.sum()),
        n_lost=int(lost.sum()),
        invented_share=float(synthetic[:-1][invented].sum() / synthetic.sum()),
        lost_share=float(real[:-1][lost].sum() / real.sum()),
        caveats=(*_caveats(real, synthetic), *test.caveats),
        **_sizes(real, synthetic),
    )


@dataclass(frozen=True)
class ChiSquare:
    """The outcome of `chi_square`; the numbers are None where no test was possible."""

    statistic: float | None = None
    degrees_of_freedom: int | None = None
    p_value: float | None = None
    n_merged: int = 0
    caveats: tuple[Caveat, ...] = ()


def chi_square(real: Counts, synthetic: Counts) -> ChiSquare:
    """Pearson's chi-square test on the 2 x K table of counts, without continuity correction.

    Categories with an expected count below 5 in either table are merged into one, and so are the next smallest until
    the merged one reaches 5. The choice looks at the pooled counts alone, so p stays valid.
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
    outcome = stats.chi2_contingency(np.hstack([kept, merged]) if n_sparse else kept, correction=False)
    n_merged = n_sparse if n_sparse > 1 else 0
    caveats = (Caveat("merged", f"{n_merged:,} sparse categories merged into one for the test"),) if n_merged else ()
    return ChiSquare(float(outcome.statistic), int(outcome.dof), float(outcome.pvalue), n_merged, caveats)


def adjust(results: list[ColumnResult]) -> list[ColumnResult]:
    """The results with Benjamini-Hochberg adjusted p values over all columns that were tested."""
    combined = [_combined_p(result) for result in results]
    tested = [p for p in combined if p is not None]
    adjusted = iter(stats.false_discovery_control(tested, method="bh").tolist() if tested else ())
    return [
        replace(result, p_adjusted=None if p is None else float(next(adjusted)))
        for result, p in zip(results, combined, strict=True)
    ]


def _combined_p(result: ColumnResult) -> float | None:
    found = [p for p in (result.p_value, result.p_missing) if p is not None]
    return min(1.0, min(found) * len(found)) if found else None


def _sizes(real: Counts, synthetic: Counts) -> dict[str, Any]:
    return {
        "n_real": int(real.sum()),
        "n_synthetic": int(synthetic.sum()),
        "missing_real": int(real[-1]),
        "missing_synthetic": int(synthetic[-1]),
        "n_categories": int(((real + synthetic)[:-1] > 0).sum()),
    }


def _caveats(real: Counts, synthetic: Counts) -> tuple[Caveat, ...]:
    found = []
    for side, counts in (("real", real), ("synthetic", synthetic)):
        present, distinct = int(counts[:-1].sum()), int((counts[:-1] > 0).sum())
        if present == 0:
            found.append(Caveat("all_missing", f"every {side} cell is missing"))
        elif counts.sum() > 1 and distinct == 1 and not counts[-1]:
            found.append(Caveat("constant", f"the {side} column holds one value only"))
        if 0 < present < FEW_ROWS:
            found.append(Caveat("few_rows", f"only {present} {side} {'cell' if present == 1 else 'cells'} present"))
    return tuple(found)
