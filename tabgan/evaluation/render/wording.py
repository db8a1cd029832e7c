"""Numbers and findings in plain words, the same in every rendering."""

from math import hypot

from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ColumnResult, DetectionResult, Estimate, PairResult, UtilityScore

SHAPE_MEANING = "How far single columns lie apart on average: 0 % equal, 100 % nothing in common."
TREND_MEANING = "How differently pairs of columns go together on average: 0 % the same, 100 % nothing alike."
DETECTION_MEANING = "How well a classifier tells real rows from synthetic ones: 0.5 not at all, 1.0 always."
FLOOR_MEANING = "The noise floor is what two samples of the real table, of these sizes, would give."
ERROR_MEANING = "± is one standard error."
COLUMNS_METHOD = (
    "Columns: numbers and dates by the Kolmogorov-Smirnov distance (largest difference of the two cumulative "
    "distributions), all others by total variation distance (half the summed difference of the shares). Missing "
    "cells count in both. Cramér's V is not bias-corrected. How far a cell moves on average: the Wasserstein distance.",
    "Tests: two-sided KS and chi-square on counts with sparse categories merged. On large tables any difference is "
    "significant, so read the distance first. Adjusted p: Benjamini-Hochberg over all columns. Told apart by: with so "
    "many rows of each table the test at 5 % would see a difference of this size in four of five tries.",
    "Noise floors: simulated samples of the real column of the two sizes for each column; for the means and the "
    "pairs, random halves of the real table, scaled to the two sizes. Standard errors: bootstrap of the rows.",
)
PAIRS_METHOD = (
    "Pairs: half the difference of Pearson's r for two numeric columns, else total variation of the contingency "
    "tables with numbers cut into 10 equal bins at the real column's edges. Association: the size of Pearson's r, or "
    "Cramér's V with its bias corrected (Bergsma 2013).",
)
DETECTION_METHOD = (
    "Detection: three folds, as many real as synthetic rows, scored on rows the classifier was not trained on. What "
    "gives rows away: the fall of the AUC when a column is shuffled among the rows that are scored.",
)
SUPPORT_METHOD = (
    "Density and coverage: Naeem et al. (2020), on encoded rows; real rows in the place of the synthetic ones show "
    "what a perfect synthesizer would get.",
)
FRECHET_METHOD = (
    "Fréchet distance: between normal distributions with the means and covariances of the encoded rows, as in Heusel "
    "et al. (2017).",
)
COLLAPSE_METHOD = (
    "Mode coverage: k-means finds kinds of real rows, and every row belongs to the nearest of them; entropy with "
    "numbers cut at the real deciles.",
)
UTILITY_METHOD = (
    "Utility: models with the same settings learn from synthetic rows, from real rows and from both, and are scored on "
    "real rows that none of them has seen.",
)
PRIVACY_METHOD = (
    "Privacy: distances between rows in mean columns that differ, from synthetic rows and from real rows in their "
    "place to the rows that were learnt from. Attacks: after Giomi et al. (2023), each beside the same attack on rows "
    "that were not learnt from; risk is what lies beyond that control.",
)


def percent(estimate: Estimate | None) -> str:
    """An error in percent with its standard error."""
    if estimate is None:
        return "not computed"
    error = "" if estimate.standard_error is None else f" ± {estimate.standard_error:.2f}"
    return f"{estimate.value:.2f}{error} %"


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


def auc(result: DetectionResult | None) -> str:
    """An AUC with its standard error."""
    return "not computed" if result is None else f"{result.auc:.3f} ± {result.standard_error:.3f}"


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


def p_value(p: float | None) -> str:
    """A p value in at most eight characters."""
    if p is None:
        return "–"
    if p < 1e-300:
        return "<1e-300"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"


def fraction(value: float | None) -> str:
    """A distance in [0, 1]."""
    return "–" if value is None else f"{value:.4f}"


def count(n: int) -> str:
    """A number of rows in at most five characters: 950, 32.6k, 1.2M."""
    for limit, divisor, unit in ((1e4, 1, ""), (1e6, 1e3, "k"), (1e9, 1e6, "M")):
        if n < limit:
            return (
                f"{n}" if not unit else f"{n / divisor:.1f}{unit}" if n < 100 * divisor else f"{n / divisor:.0f}{unit}"
            )
    return f"{n / 1e9:.1f}G"


def test_name(result: ColumnResult) -> str:
    """The test that was made."""
    return {"ks": "KS", "chi2": "χ²", None: "–"}[result.test]


def missing_shares(result: ColumnResult) -> tuple[float, float]:
    """The share of missing cells in the real and in the synthetic table."""
    return result.missing_real / result.n_real, result.missing_synthetic / result.n_synthetic


def column_notes(result: ColumnResult) -> list[str]:
    """What the numbers of a column do not show: missing cells, invented and lost categories, caveats."""
    notes = []
    real, synthetic = missing_shares(result)
    if abs(real - synthetic) >= 0.005:
        notes.append(f"missing cells {100 * real:.1f} % real, {100 * synthetic:.1f} % synthetic")
    if result.measure == "total_variation":
        if result.n_invented:
            part = f"{100 * result.invented_share:.2g} % of synthetic cells"
            notes.append(f"{result.n_invented:,} of {result.n_categories:,} categories are synthetic only ({part})")
        if result.n_lost:
            part = f"{100 * result.lost_share:.2g} % of real cells"
            notes.append(f"{result.n_lost:,} of {result.n_categories:,} categories are lost ({part})")
    return notes + [caveat.text for caveat in result.caveats]


def pair_values(pair: PairResult) -> str:
    """The two correlations of a numeric pair, or the method of any other."""
    if pair.correlation_real is None or pair.correlation_synthetic is None:
        return pair.method
    return f"r {pair.correlation_real:+.2f} → {pair.correlation_synthetic:+.2f}"


def method(report: Report) -> list[str]:
    """How it was computed, in a few sentences: only of what is in the report."""
    parts = (
        (report.columns, COLUMNS_METHOD),
        (report.pairs, PAIRS_METHOD),
        (report.detection or report.logistic_detection, DETECTION_METHOD),
        (report.support, SUPPORT_METHOD),
        (report.frechet, FRECHET_METHOD),
        (report.collapse, COLLAPSE_METHOD),
        (report.utility, UTILITY_METHOD),
        (report.privacy, PRIVACY_METHOD),
    )
    told = [sentence for part, sentences in parts if part for sentence in sentences]
    return [*told, f"Every random choice follows seed {report.seed}: the same tables and seed give the same report."]


MEASURE_NAMES = {
    "auc": "AUC",
    "macro_auc": "macro AUC",
    "macro_f1": "macro F1",
    "r2": "R²",
    "rmse": "root mean squared error",
}
TASK_NAMES = {"binary": "two classes", "multiclass": "more than two classes", "regression": "numbers"}


def plus_minus(estimate: Estimate | None, digits: int = 3) -> str:
    """A number with its standard error."""
    if estimate is None:
        return "–"
    error = "" if estimate.standard_error is None else f" ± {decimal(estimate.standard_error, digits)}"
    return f"{decimal(estimate.value, digits)}{error}"


def limits(estimate: Estimate, digits: int = 3) -> str:
    """The 95 % interval of a number."""
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{decimal(estimate.low, digits)} to {decimal(estimate.high, digits)}"


def decimal(value: float, digits: int) -> str:
    """A number with fixed digits, or in five characters or so where it is large."""
    return f"{value:.{digits}f}" if abs(value) < 1e4 else f"{value:.3g}"


def share_estimate(estimate: Estimate | None) -> str:
    """A share in percent with its standard error."""
    if estimate is None:
        return "–"
    error = "" if estimate.standard_error is None else f" ± {100 * estimate.standard_error:.2f}"
    return f"{100 * estimate.value:.2f}{error} %"


def sizes(report: Report) -> str:
    """How many rows and columns were compared."""
    held_out = f"{report.n_held_out:,} held-out real rows, " if report.n_held_out else ""
    rows = f"{report.n_real:,} real rows, {held_out}{report.n_synthetic:,} synthetic rows"
    return f"{rows}, {len(report.columns):,} {'column' if len(report.columns) == 1 else 'columns'}"


def measure_name(score: UtilityScore) -> str:
    """A measure of utility, with its unit."""
    return MEASURE_NAMES.get(score.measure, score.measure) + (f", {score.unit}" if score.unit else "")
