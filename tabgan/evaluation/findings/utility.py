"""Findings about use: what a model loses that learns from synthetic rows."""

from collections.abc import Iterator

from tabgan.evaluation import terms
from tabgan.evaluation.findings.columns import level_of
from tabgan.evaluation.findings.ranked import Ranked, code, ranked
from tabgan.evaluation.report import Level, Report

GAP: dict[Level, float] = {"serious": 0.1, "notable": terms.SMALL_GAP}


def of_utility(report: Report) -> Iterator[Ranked]:
    """What a model for the target loses."""
    if report.utility is None:
        return
    score = report.utility.scores[0]
    sure = score.gap.low is None or score.gap.low > 0
    level = level_of(score.gap.value, GAP) if sure else None
    measure = terms.UTILITY_MEASURES.get(score.measure, score.measure)
    learnt = f"A model for {code(report.utility.target)} that learnt from synthetic rows"
    numbers = f"{measure} {score.synthetic.value:.3f}, from real rows {score.real.value:.3f}"
    if level:
        yield ranked(
            level, "utility", min(1.0, score.gap.value), f"{learnt} is worse: {numbers}.", report.utility.target
        )
    else:
        yield ranked("fine", "utility", 0.0, f"{learnt} is about as good: {numbers}.", report.utility.target)
