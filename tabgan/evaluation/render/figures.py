"""The figures of whole rows, use and privacy as lines of a table: the same in every rendering.

Each stands beside its yardstick: the same number for a second sample of real rows, or what chance alone would give.
"""

from dataclasses import dataclass

from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Beside, Estimate, UtilityScore

UTILITY_MEASURES = {"auc": "AUC", "macro_auc": "mean AUC", "macro_f1": "mean F1", "r2": "R²", "rmse": "RMSE"}


@dataclass(frozen=True)
class Figure:
    """One line.

    Attributes:
        name: of the measure.
        value: of the synthetic rows, with its uncertainty.
        yardstick: what a second real sample, or chance, would give.
        meaning: in a sentence.
        n: on how many rows it rests.
    """

    name: str
    value: str
    yardstick: str
    meaning: str
    n: str


def number(estimate: Estimate | None, digits: int = 3) -> str:
    """A number with its standard error, or with its interval where that is all there is.

    >>> number(Estimate(value=0.5, standard_error=0.01)), number(Estimate(value=0.5, low=0.4, high=0.61))
    ('0.500 ± 0.010', '0.500 (0.400 to 0.610)')
    """
    if estimate is None:
        return "–"
    shown = f"{estimate.value:.{digits}f}"
    if estimate.standard_error is not None:
        return f"{shown} ± {estimate.standard_error:.{digits}f}"
    if estimate.low is not None and estimate.high is not None:
        return f"{shown} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
    return shown


def share(estimate: Estimate | None) -> str:
    """A share in percent with its 95 % interval.

    >>> share(Estimate(value=0.125, low=0.1, high=0.15))
    '12.5 % (10.0 to 15.0)'
    """
    if estimate is None:
        return "–"
    shown = f"{100 * estimate.value:.1f} %"
    if estimate.low is None or estimate.high is None:
        return shown
    return f"{shown} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def of_rows(report: Report) -> list[Figure]:
    """Detection, density and coverage, the Fréchet distance, and what a collapse would show in."""
    found = []
    for result in (report.detection, report.logistic_detection):
        if result is not None:
            shown = f"{result.auc:.3f} ± {result.standard_error:.3f}"
            meaning = "How well a classifier tells real rows from synthetic ones: 0.5 not at all, 1.0 always."
            name = f"AUC, {result.classifier}"
            found.append(Figure(name, shown, "0.500", meaning, f"{result.n_per_class:,} of each"))
    if report.support is not None:
        n = f"{report.support.n_per_side:,} of each"
        text = "How many real neighbourhoods a synthetic row lies in; low where rows are unlike real ones."
        found.append(_beside("Density", report.support.density, text, n))
        text = "The share of real rows with a synthetic row nearby; low where kinds of rows are lost."
        found.append(_beside("Coverage", report.support.coverage, text, n))
    if report.frechet is not None:
        text = "Between the means and covariances of the encoded rows, as FID is for images; 0 is the same."
        distance, n = report.frechet.distance, f"{report.frechet.n_per_side:,} of each"
        floor = Estimate(value=distance.floor or 0.0, standard_error=distance.floor_error)
        found.append(Figure("Fréchet distance", number(distance), number(floor), text, n))
    return found + _collapse(report)


def _collapse(report: Report) -> list[Figure]:
    result = report.collapse
    if result is None:
        return []
    n = f"{result.n_per_side:,} of each"
    return [
        _shares("Distinct rows", result.distinct, "Out of as many rows; low where the synthesizer repeats itself.", n),
        _shares("Commonest row", result.most_repeated, "The share of the row that occurs most often.", n),
        _beside("Entropy of a column", result.entropy, "In bits, the mean; low where columns vary too little.", n),
        _beside("Entropy of the kinds", result.cluster_entropy, "In bits, of the shares of k-means clusters.", n),
        _shares(
            "Kinds of rows kept", result.coverage, "Clusters with at least a tenth of the rows they should have.", n
        ),
    ]


def _beside(name: str, found: Beside, meaning: str, n: str) -> Figure:
    return Figure(name, number(found.synthetic), number(found.real), meaning, n)


def _shares(name: str, found: Beside, meaning: str, n: str) -> Figure:
    return Figure(name, share(found.synthetic), share(found.real), meaning, n)


def of_utility(report: Report) -> list[Figure]:
    """How good a model is that learnt from synthetic rows, beside one that learnt from real rows."""
    result = report.utility
    if result is None:
        return []
    n = f"{result.n_synthetic:,} learnt, {result.n_test:,} tested"
    return [line for score in result.scores for line in _score(score, n)]


def _score(score: UtilityScore, n: str) -> list[Figure]:
    measure = UTILITY_MEASURES.get(score.measure, score.measure)
    learnt = "On real rows, of a model that learnt from synthetic rows; beside it, from real rows."
    both = "Of a model that learnt from both; beside it, from real rows alone."
    return [
        Figure(f"{measure}, from synthetic rows", number(score.synthetic), number(score.real), learnt, n),
        Figure(f"{measure}, from both", number(score.augmented), number(score.real), both, n),
    ]


def of_privacy(report: Report) -> list[Figure]:
    """How closely rows are followed, and what attacks gain."""
    result = report.privacy
    if result is None:
        return []
    n = f"{result.n_nearest:,} rows, {result.n_reference:,} learnt ones"
    everything = f"{result.n_synthetic:,} rows, {result.n_train:,} learnt ones"
    found = [
        _shares("Exact copies", result.copies, "Rows that equal a learnt row in every cell.", everything),
        _shares("Near copies", result.near_copies, "Rows as near to a learnt row as 1 in 100 real rows is.", n),
        _beside("Distance to closest", result.distance, "The median distance to the nearest learnt row.", n),
        _beside("… of the closest 5 %", result.close_distance, "The same, the least twentieth of the rows.", n),
        _beside("Distance ratio", result.distance_ratio, "Nearest over second nearest; low if rows are followed.", n),
    ]
    if result.nearer_to_train is not None:
        text = "Rows nearer to learnt rows than to held-out ones; half if nothing is copied."
        found.append(Figure("Nearer to learnt rows", share(result.nearer_to_train), "50.0 %", text, n))
    if result.membership is not None:
        tried = f"{result.membership.n_train:,} and {result.membership.n_held_out:,} rows"
        text = "How well an attacker tells learnt rows from others: 0.5 not at all."
        found.append(Figure("Membership AUC", number(result.membership.auc), "0.500", text, tried))
        chance = Estimate(value=result.membership.caught.floor or 0.0)
        text = "Learnt rows that he names while 1 % of the others are named wrongly."
        found.append(Figure("… at 1 % false alarms", share(result.membership.caught), share(chance), text, tried))
    for attack in result.attacks:
        name = f"Attack: {attack.attack}" + (f" of {attack.secret}" if attack.secret else "")
        tried = f"{attack.n_guesses:,} guesses of each"
        found.append(Figure(name, share(attack.train), share(attack.control), attack.sentence, tried))
    return found
