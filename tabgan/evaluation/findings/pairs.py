"""Findings about pairs of columns: which go together otherwise than in the real table.

Two columns that are each distributed differently cannot go together as the real ones do, so a pair is named only
where it is further off than its columns are, or where the strength of the tie itself differs.
"""

import math
from collections.abc import Iterator

from scipy import stats

from tabgan.evaluation.findings.columns import FEW_ROWS, level_of
from tabgan.evaluation.findings.ranked import NAMED, Ranked, code, fine, ranked, worst_level
from tabgan.evaluation.report import Level, Report
from tabgan.evaluation.results import PairResult

EXCESS: dict[Level, float] = {"serious": 0.1, "notable": 0.03}
TIE: dict[Level, float] = {"serious": 0.2, "notable": 0.05}
SURE = 3.0
SATURATION = 0.25
"""How far off a floor near 1 may be, where combinations are so rare that it does not shrink with the rows."""
CHANCE = float(stats.norm.sf(SURE))


def of_pairs(report: Report) -> Iterator[Ranked]:
    """What stands out in pairs of columns."""
    alone = {column.name: column.distance.excess for column in report.columns}
    sure = float(stats.norm.isf(CHANCE / max(len(report.pairs), 1)))
    found = [entry for pair in report.pairs if (entry := _of_pair(pair, alone, sure)) is not None]
    found.sort(key=lambda entry: -entry.strength)
    yield from found[:NAMED]
    if len(found) > NAMED:
        rest = found[NAMED:]
        text = f"{len(rest):,} more pairs of columns of {len(report.pairs):,} go together differently."
        yield ranked(worst_level(rest), "pairs", rest[0].strength, text)
    if report.pairs and not found:
        text = f"No pair of columns of {len(report.pairs):,} goes together differently"
        yield fine("pairs", text, "Trend error", report.trend_error_pct)


def _of_pair(pair: PairResult, alone: dict[str, float], sure: float) -> Ranked | None:
    """What stands out in a pair, by at least `sure` standard errors; None if nothing does."""
    if pair.error is None or pair.error.floor is None or min(pair.n_real, pair.n_synthetic) < FEW_ROWS:
        return None
    chance = sure * math.hypot(pair.error.standard_error or 0.0, pair.error.floor_error or 0.0)
    if pair.error.excess <= chance + SATURATION * pair.error.floor**2:
        return None
    beyond = pair.error.excess - max(alone.get(pair.first, 0.0), alone.get(pair.second, 0.0))
    tie = _tie(pair, sure)
    levels = [level for level in (level_of(beyond, EXCESS), level_of(abs(tie), TIE)) if level]
    if not levels:
        return None
    level: Level = "serious" if "serious" in levels else "notable"
    names = f"{code(pair.first)} and {code(pair.second)}"
    text = f"{names} {_said(pair, tie)}."
    return ranked(level, "pairs", max(beyond, abs(tie) / 2), text, pair.first, pair.second)


def _tie(pair: PairResult, sure: float) -> float:
    """By how much the synthetic columns are more tied than the real ones, 0 where that may be chance."""
    real, synthetic = pair.association_real, pair.association_synthetic
    if real is None or synthetic is None:
        return 0.0
    chance = sure * (1 / max(pair.n_real, 1) + 1 / max(pair.n_synthetic, 1)) ** 0.5
    return synthetic - real if abs(synthetic - real) > chance else 0.0


def _said(pair: PairResult, tie: float) -> str:
    if pair.correlation_real is not None and pair.correlation_synthetic is not None:
        numbers = f"(correlation {pair.correlation_real:+.2f} real, {pair.correlation_synthetic:+.2f} synthetic)"
    elif pair.association_real is not None and pair.association_synthetic is not None:
        numbers = f"(Cramér's V {pair.association_real:.2f} real, {pair.association_synthetic:.2f} synthetic)"
    else:
        numbers = ""
    if abs(tie) >= TIE["notable"]:
        return f"are {'more' if tie > 0 else 'less'} tied than in the real table {numbers}".rstrip()
    value = (
        "" if pair.error is None else f"(error {pair.error.value:.3f}, two real samples {pair.error.floor or 0:.3f})"
    )
    return f"go together in other combinations than in the real table {value}".rstrip()
