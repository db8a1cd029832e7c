"""Numbers and verdicts as the page shows them, beside the `wording` that all renderings share."""

from math import hypot, isfinite

from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Beside, ColumnResult, Estimate, Overlay, PairResult, UtilityScore

DISTANCES = {"ks_d": "KS D", "total_variation": "total variation"}
MEASURES = {"auc": "AUC", "macro_auc": "mean AUC", "macro_f1": "macro F1", "r2": "R²"}
SUPPORT = ("support", "density and coverage")
FRECHET = ("frechet", "fréchet distance")
COLLAPSE = ("collapse", "mode coverage", "mode collapse")
UTILITY = ("utility",)
PRIVACY = ("privacy",)
TEST_CAVEATS = ("merged", "no_test")


def share(value: float) -> str:
    """A share in percent, with as many digits as are worth reading."""
    percent = 100 * value
    size = abs(percent)
    return f"{percent:.1f} %" if size >= 10 else f"{percent:.2f} %" if size >= 0.1 or size == 0 else f"{percent:.2g} %"


def figure(value: float) -> str:
    """A number of any size in a few characters."""
    size = abs(value)
    if not isfinite(value):
        return f"{value}"
    if size >= 1e6 or 0 < size < 0.0005:
        return f"{value:.3g}"
    return f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 100 else f"{value:.3f}"


def interval(estimate: Estimate, percent: bool = False) -> str:
    """A 95 % interval, or a dash where none is known."""
    if estimate.low is None or estimate.high is None:
        return "–"
    if not percent:
        return f"{figure(estimate.low)} to {figure(estimate.high)}"
    return f"{share(estimate.low).removesuffix(' %')} to {share(estimate.high)}"


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"{'−' if value < 0 else '+'}{figure(abs(value))}"


def quantity(value: float, unit: str) -> str:
    """A number with its unit; seconds in the largest unit that fits."""
    if unit != "s":
        return f"{figure(value)} {unit}".strip()
    steps = ((86400 * 365.25, "years"), (86400, "days"), (3600, "hours"), (60, "minutes"))
    size, name = next(((size, name) for size, name in steps if abs(value) >= 2 * size), (1, "seconds"))
    return f"{figure(value / size)} {name}"


def sentence(words: str) -> str:
    """Words that begin in upper case and end with a full stop."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '!', '?')) else '.'}"


def why_not(report: Report, *names: str) -> str:
    """The reason that the report gives for leaving out what has one of these names."""
    reasons = [entry.reason for entry in report.not_computed if entry.what.casefold() in names]
    return reasons[0].rstrip(".") if reasons else "it is not part of this report"


def against(found: Beside) -> str:
    """How the synthetic rows' number stands to that of real rows in their place, in a sentence."""
    gap = found.synthetic.value - found.real.value
    errors = (found.synthetic.standard_error, found.real.standard_error)
    if errors[0] is not None and errors[1] is not None:
        alike = abs(gap) <= 2 * hypot(errors[0], errors[1])
    else:
        ends = (found.synthetic.low, found.synthetic.high, found.real.low, found.real.high)
        low, high, low_real, high_real = (end if end is not None else found.real.value for end in ends)
        alike = low <= high_real and low_real <= high
    if alike:
        return "No different from real rows."
    return "Higher than with real rows." if gap > 0 else "Lower than with real rows."


def utility_verdict(score: UtilityScore) -> str:
    """What a model loses by learning from synthetic rows, in a sentence."""
    gap = score.gap
    if gap.low is not None and gap.low > 0:
        return "The model is worse for learning from synthetic rows."
    if gap.high is not None and gap.high < 0:
        return "The model is better for learning from synthetic rows."
    return "No loss can be seen." if gap.low is not None else ""


def card_notes(result: ColumnResult) -> list[str]:
    """The caveats of a column, but for those about its test alone."""
    return [caveat.text for caveat in result.caveats if caveat.code not in TEST_CAVEATS]


def others(found: Overlay) -> str:
    """What a picture of the most frequent categories leaves out."""
    shown = len(found.labels) - 1
    real, synthetic = (share(side[-1] / (sum(side) or 1)) for side in (found.real, found.synthetic))
    rest = f"{found.labels[-1]} hold {real} of real and {synthetic} of synthetic cells"
    return f"The {shown} most frequent, in order; {rest}."


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
        return "tied as strongly, in another way"
    return "less tied than in the real table" if synthetic < real else "more tied than in the real table"
