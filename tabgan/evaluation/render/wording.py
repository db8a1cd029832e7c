"""What numbers mean, in sentences and short phrases, the same in every rendering."""

from math import hypot

from tabgan.evaluation import terms
from tabgan.evaluation.render import numbers
from tabgan.evaluation.render.figures import Figure
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import (
    AttackResult,
    ColumnResult,
    DetectionResult,
    Estimate,
    NotComputed,
    Overlay,
    PairResult,
    UtilityScore,
    WrittenResult,
)

TEST_CAVEATS = ("merged", "no_test")


def sentence(words: str) -> str:
    """Words that begin in upper case and end with a full stop."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '!', '?')) else '.'}"


def sizes(report: Report) -> str:
    """How many rows and columns were compared."""
    held_out = f"{report.n_held_out:,} held-out real rows, " if report.n_held_out else ""
    rows = f"{report.n_real:,} real rows, {held_out}{report.n_synthetic:,} synthetic rows"
    return f"{rows}, {len(report.columns):,} {'column' if len(report.columns) == 1 else 'columns'}"


def floor(estimate: Estimate | None) -> str:
    """The noise floor of an error in percent."""
    return "floor unknown" if estimate is None or estimate.floor is None else f"noise floor {estimate.floor:.2f} %"


def verdict(estimate: Estimate | None) -> str:
    """How an error in percent stands to its noise floor."""
    if estimate is None or estimate.floor is None:
        return ""
    spread = hypot(estimate.standard_error or 0.0, estimate.floor_error or 0.0)
    if estimate.value <= estimate.floor + 2 * spread:
        return "No further from the real table than a second real sample."
    if estimate.floor <= 0:
        return "Further from the real table than a second real sample."
    return f"{estimate.value / estimate.floor:.1f} times as far from the real table as a second real sample."


def detection_verdict(result: DetectionResult) -> str:
    """What an AUC means, in a sentence."""
    if result.auc < 0.5 + 2 * result.standard_error:
        return "The classifier cannot tell the two apart."
    steps = (
        (0.6, "The classifier sees a faint difference."),
        (0.75, "The classifier sees a difference."),
        (0.9, "The classifier tells many rows apart."),
        (2.0, "The classifier tells nearly all rows apart."),
    )
    return next(sentence for limit, sentence in steps if result.auc < limit)


def against(found: Figure) -> str:
    """How a number stands to its yardstick, in a sentence; nothing where neither is known well enough."""
    if found.by_chance:
        return _against_chance(found)
    gap = found.found.value - found.yardstick.value
    errors = (found.found.standard_error, found.yardstick.standard_error)
    if errors[0] is not None and errors[1] is not None:
        alike = abs(gap) <= 2 * hypot(errors[0], errors[1])
    else:
        ends = (found.found.low, found.found.high, found.yardstick.low, found.yardstick.high)
        low, high, low_real, high_real = (end if end is not None else found.yardstick.value for end in ends)
        alike = low <= high_real and low_real <= high
    if alike:
        return "No difference from real rows can be seen."
    return "Higher than with real rows." if gap > 0 else "Lower than with real rows."


def _against_chance(found: Figure) -> str:
    if found.found.low is None:
        return ""
    return "More than by chance." if found.found.low > found.yardstick.value else "No more than by chance can be seen."


def utility_verdict(score: UtilityScore) -> str:
    """What a model loses by learning from synthetic rows, in a sentence."""
    gap = score.gap
    if gap.low is not None and gap.low > 0:
        whole = score.real.value if score.measure in terms.LESS_IS_BETTER else 1.0
        little = gap.value < terms.SMALL_GAP * whole
        return f"The model is {'a little ' if little else ''}worse for learning from synthetic rows."
    if gap.high is not None and gap.high < 0:
        return "The model is better for learning from synthetic rows."
    return "No loss can be seen." if gap.low is not None else ""


def utility_measure(score: UtilityScore) -> str:
    """What a measure of utility is called, with its unit."""
    name = terms.UTILITY_MEASURES.get(score.measure, score.measure)
    return f"{name}, {score.unit}" if score.unit else name


def attack_name(found: AttackResult) -> str:
    """What an attack is called, with the column that it guesses."""
    return f"{found.attack} of {found.secret}" if found.secret else found.attack


def written_name(result: WrittenResult) -> str:
    """A written column with what it holds."""
    return f"{result.name}, {terms.WRITTEN.get(result.kind, result.kind)}"


def test_name(result: ColumnResult) -> str:
    """The test that was made."""
    return numbers.NONE if result.test is None else terms.TESTS[result.test]


def missing_shares(result: ColumnResult) -> tuple[float, float]:
    """The share of missing cells in the real and in the synthetic table."""
    return result.missing_real / result.n_real, result.missing_synthetic / result.n_synthetic


def column_notes(result: ColumnResult) -> list[str]:
    """What the numbers of a column do not show: missing cells, invented and lost categories, caveats."""
    notes = []
    real, synthetic = missing_shares(result)
    if abs(real - synthetic) >= 0.005:
        notes.append(f"missing cells {numbers.share(real)} real, {numbers.share(synthetic)} synthetic")
    if result.measure == "total_variation":
        if result.n_invented:
            part = f"{numbers.share(result.invented_share)} of synthetic cells"
            notes.append(f"{result.n_invented:,} of {result.n_categories:,} categories are synthetic only ({part})")
        if result.n_lost:
            part = f"{numbers.share(result.lost_share)} of real cells"
            notes.append(f"{result.n_lost:,} of {result.n_categories:,} categories are lost ({part})")
    return notes + [caveat.text for caveat in result.caveats]


def card_notes(result: ColumnResult) -> list[str]:
    """The caveats of a column, but for those about its test alone."""
    return [caveat.text for caveat in result.caveats if caveat.code not in TEST_CAVEATS]


def others(found: Overlay) -> str:
    """What a picture of the most frequent categories leaves out."""
    shown = len(found.labels) - 1
    real, synthetic = (numbers.share(side[-1]) for side in found.shares)
    rest = f"{found.labels[-1]} hold {real} of real and {synthetic} of synthetic cells"
    return f"The {shown} most frequent, in order; {rest}."


def pair_values(pair: PairResult) -> str:
    """The two correlations of a numeric pair, or the method of any other."""
    if pair.correlation_real is None or pair.correlation_synthetic is None:
        return pair.method
    return f"r {pair.correlation_real:+.2f} → {pair.correlation_synthetic:+.2f}"


def pair_change(pair: PairResult) -> str:
    """How the tie between two columns changes from the real to the synthetic table."""
    error = pair.error
    if error and error.floor is not None and error.value <= error.floor + 2 * (error.standard_error or 0.0):
        return "no different from a second real sample"
    real, synthetic = pair.correlation_real, pair.correlation_synthetic
    if real is not None and synthetic is not None:
        return f"r {real:+.2f} → {synthetic:+.2f}" + (", turned round" if real * synthetic < -0.01 else "")
    real, synthetic = pair.association_real, pair.association_synthetic
    if real is None or synthetic is None:
        return "not defined on both sides"
    if abs(real - synthetic) < 0.05:
        return "tied as strongly, combinations in other shares"
    return "less tied than in the real table" if synthetic < real else "more tied than in the real table"


def left_out(entry: NotComputed) -> str:
    """What is not in a report: a column, or a measure by the name that people know it by."""
    return terms.PARTS.get(entry.what, entry.what)


def why_not(report: Report, part: str) -> str:
    """The reason that the report gives for leaving out a part."""
    reasons = [entry.reason for entry in report.not_computed if entry.what == part]
    return reasons[0].rstrip(".") if reasons else "it is not part of this report"
