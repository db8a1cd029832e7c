"""One column, real against synthetic: how far apart, and could it be chance?

Everything is computed from counts over a common support whose last entry is the missing cells, so that ties are exact,
missing cells count, and resampling is a multinomial draw. A distance comes first (KS D for numbers, total variation for
categories, both in [0, 1]), beside its noise floor: what two samples of the real column of the same two sizes give on
average. A p value comes second, because on large tables any difference is "significant". What a distance hides is said
beside it: the ends of the numbers, and single values that hold many cells.

The counts of a column have shape (K + 1,): K values in ascending order, then the missing cells.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.chi_square import LEVEL, ChiSquare, chi_square
from tabgan.evaluation.distances import (
    KS,
    TOTAL_VARIATION,
    cramers_v_measure,
    ks_distance,
    total_variation,
    wasserstein,
    wasserstein_measure,
)
from tabgan.evaluation.effect import coarsen, estimates, moved
from tabgan.evaluation.ks import ks_rows, ks_test
from tabgan.evaluation.proportions import proportion
from tabgan.evaluation.results import Caveat, ColumnResult, Estimate, PointMass, Range

Counts = NDArray[np.int64]

FEW_ROWS = 5
FEW_VALUES = 25
MAX_POINT_MASSES = 8
POINT_SHARE = 0.01
POINT_CELLS = 5


def compare_numeric(column: AlignedColumn, rng: np.random.Generator) -> ColumnResult:
    """KS D with its test, the Wasserstein distance, the range and the point masses, for continuous columns and times.

    D and p of the present cells are those of `ks_test`; the missing shares are tested beside it.

    Args:
        column: of both tables.
        rng: for the floor, the interval and the standard error.
    """
    real, synthetic = column.counts()
    distance, area = _distances(column, real, synthetic, rng)
    missing = _missing_test(real, synthetic)
    result = ColumnResult(
        name=column.name,
        kind=column.kind,
        measure="ks_d",
        distance=distance,
        p_missing=missing.p_value,
        rows_to_tell_apart=_seen_rows(missing),
        wasserstein=area,
        unit=column.unit[0],
        range=_range(column, real[:-1], synthetic[:-1]),
        point_masses=_point_masses(column, real[:-1], synthetic[:-1]),
        caveats=_caveats(real, synthetic),
        **_sizes(real, synthetic),
    )
    if not real[:-1].any() or not synthetic[:-1].any():
        return result
    test = ks_test(real[:-1], synthetic[:-1])
    rows = [_seen_rows(missing)]
    if test.p_value <= LEVEL:
        rows.append(_present_rows(real, synthetic, distance.floor or 0.0, rng))
    return replace(
        result,
        test="ks",
        statistic=test.statistic,
        p_value=test.p_value,
        distance_present=test.statistic,
        rows_to_tell_apart=min((n for n in rows if n is not None), default=None),
    )


def _distances(
    column: AlignedColumn, real: Counts, synthetic: Counts, rng: np.random.Generator
) -> tuple[Estimate, Estimate | None]:
    """KS D of all cells and, where both sides have finite cells alone, the Wasserstein distance of the present ones."""
    numbers = column.numbers / column.unit[1]
    present = min(int(real[:-1].sum()), int(synthetic[:-1].sum()))
    first, second, starts = coarsen(real, synthetic)
    measured = present > 0 and bool(np.isfinite(numbers).all())
    measures = (KS, wasserstein_measure(numbers[starts])) if measured else (KS,)
    found = estimates(measures, first, second, rng, sparse=False)
    distance = moved(found[0], float(ks_distance(real, synthetic)), KS.most)
    if not measured:
        return distance, None
    area = moved(found[1], float(wasserstein(numbers, real, synthetic)), float("inf"))
    return distance, area if present > 1 else Estimate(value=area.value)


def _missing_test(real: Counts, synthetic: Counts) -> ChiSquare:
    if not real[-1] and not synthetic[-1]:
        return ChiSquare()
    present = [[int(counts[:-1].sum()), int(counts[-1])] for counts in (real, synthetic)]
    return chi_square(*np.asarray(present))


def _seen_rows(test: ChiSquare) -> int | None:
    return test.rows if test.p_value is not None and test.p_value <= LEVEL else None


def _present_rows(real: Counts, synthetic: Counts, floor: float, rng: np.random.Generator) -> int | None:
    """As many rows as hold the present cells that the KS test needs."""
    cells = ks_rows(real[:-1], synthetic[:-1], floor, rng)
    present = min(float(counts[:-1].sum() / counts.sum()) for counts in (real, synthetic))
    return None if cells is None else int(np.ceil(cells / present))


def _range(column: AlignedColumn, real: Counts, synthetic: Counts) -> Range:
    """The ends of both sides, and how much of the synthetic one lies outside the real ones.

    The share to expect is found by leaving out one real cell at a time: it lies outside the range of the others if it
    is the only one at an end, so about 2 / n of a continuous column's cells do and none where the ends are tied.

    Args:
        column: of both tables.
        real: the counts of the present cells, shape (K,).
        synthetic: likewise.
    """
    ends = [_ends(column, counts) for counts in (real, synthetic)]
    outside = expected = 0.0
    held = np.flatnonzero(real)
    if len(held) and synthetic.any():
        outside = float(1 - synthetic[held[0] : held[-1] + 1].sum() / synthetic.sum())
        alone = int(real[held[0]] == 1) + int(real[held[-1]] == 1)
        expected = float(min(alone / real.sum(), 1.0))
    return Range(real=ends[0], synthetic=ends[1], outside_share=outside, outside_expected=expected)


def _ends(column: AlignedColumn, counts: Counts) -> tuple[str, str] | None:
    held = np.flatnonzero(counts)
    if not len(held):
        return None
    low, high = column.labels(held[[0, -1]])
    return low, high


def _point_masses(column: AlignedColumn, real: Counts, synthetic: Counts) -> tuple[PointMass, ...]:
    """Values with a share of at least `POINT_SHARE` on either side, in columns of more than `FEW_VALUES` values.

    Args and shapes as in `_range`.
    """
    counts = np.stack([real, synthetic])
    totals = counts.sum(axis=1, keepdims=True)
    if totals.min() == 0 or int(counts.any(axis=0).sum()) <= FEW_VALUES:
        return ()
    shares = counts / totals
    heavy = np.flatnonzero(((shares >= POINT_SHARE) & (counts >= POINT_CELLS)).any(axis=0))
    shown = heavy[np.argsort(-np.abs(shares[0] - shares[1])[heavy], kind="stable")][:MAX_POINT_MASSES]
    return tuple(
        PointMass(
            label=label,
            real=proportion(int(real[position]), int(totals[0, 0])),
            synthetic=proportion(int(synthetic[position]), int(totals[1, 0])),
        )
        for label, position in zip(column.labels(shown), shown.tolist(), strict=True)
    )


def compare_categories(column: AlignedColumn, rng: np.random.Generator) -> ColumnResult:
    """Total variation and Cramér's V with a chi-square test on counts; missing cells are a category.

    Args as in `compare_numeric`.
    """
    real, synthetic = column.counts()
    measures = (TOTAL_VARIATION, cramers_v_measure(real, synthetic))
    distance, association = estimates(measures, real, synthetic, rng, sparse=True)
    test = chi_square(real, synthetic)
    seen = real[:-1].any() and synthetic[:-1].any()
    expected = _expected(real, int(synthetic.sum()))
    invented, lost = (real[:-1] == 0) & (synthetic[:-1] > 0), (synthetic[:-1] == 0) & (real[:-1] > 0)
    return ColumnResult(
        name=column.name,
        kind=column.kind,
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
        invented_expected=expected[0],
        lost_expected=expected[1],
        rows_to_tell_apart=_seen_rows(test),
        caveats=(*_caveats(real, synthetic), *test.caveats),
        **_sizes(real, synthetic),
    )


def _expected(real: Counts, n_synthetic: int) -> tuple[float, float]:
    """The shares of invented and of lost cells, for a second real sample in the synthetic table's place.

    What a second sample has anew is about as much as the real one holds of categories seen once (Good 1953). What it
    lacks is what m of the other real cells would lack of each cell's category. A sample larger than the real one lacks
    as much less as the real cells lack less than half of them do, at every doubling, which is rather too much.
    """
    counts, n = real[real > 0].astype(np.float64), int(real.sum())
    most = n - 1
    lost = _lacking(counts, n, min(n_synthetic, most))
    half = _lacking(counts, n, most // 2)
    if n_synthetic > most and lost > 0:
        lost *= (lost / half) ** float(np.log2(n_synthetic / max(most, 1)))
    return float((counts == 1).sum() / n), lost


def _lacking(counts: NDArray[np.float64], n: int, m: int) -> float:
    """The share of n cells whose category is not among m of the others on average, for counts of categories."""
    absent = counts[counts <= n - m]  # of the others, no m cells are without
    rest = n - absent
    logs = gammaln(rest + 1) - gammaln(rest - m + 1) - gammaln(n) + gammaln(n - m)
    return float((absent / n * np.exp(logs)).sum())


def adjust(results: list[ColumnResult]) -> list[ColumnResult]:
    """The results with Benjamini-Hochberg adjusted p values over all columns that were tested.

    How many rows it would take to see a difference is left out where none is seen after the adjustment.
    """
    combined = [_combined_p(result) for result in results]
    tested = [p for p in combined if p is not None]
    adjusted = iter(stats.false_discovery_control(tested, method="bh").tolist() if tested else ())
    return [
        result if p is None else _adjusted(result, float(next(adjusted)))
        for result, p in zip(results, combined, strict=True)
    ]


def _adjusted(result: ColumnResult, p: float) -> ColumnResult:
    return replace(result, p_adjusted=p, rows_to_tell_apart=result.rows_to_tell_apart if p <= LEVEL else None)


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
