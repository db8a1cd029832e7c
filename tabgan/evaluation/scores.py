"""The measures of a report as scores from 0 to 1, 1 being the best, for a pipeline that stops where one falls short.

Each score is one number of the report turned so that more is better. They are not averaged: what a table is good for
depends on which of them are low.
"""

from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Beside
from tabgan.evaluation.results.privacy import exposed

MEANINGS = {
    "shape": "1 less the Shape error",
    "trend": "1 less the Trend error",
    "detection": "2 less twice the AUC of gradient boosting",
    "logistic": "2 less twice the AUC of logistic regression",
    "density": "density, as a share of a second real sample's",
    "coverage": "coverage, as a share of a second real sample's",
    "distinct": "distinct rows, as a share of the real ones",
    "clusters": "mode coverage: the kinds of rows that are not lost",
    "utility": "1 less what a model loses by learning from synthetic rows",
    "copies": "1 less the share of exact copies above that of real rows",
    "nearest": "2 less twice the share nearer to learnt rows",
    "membership": "2 less twice the AUC of membership inference",
    "attacks": "1 less the greatest risk of an attack, where chance does not explain it",
}


def scores(report: Report) -> dict[str, float]:
    """The scores that the report has numbers for, by the names of `MEANINGS`."""
    found = _distances(report) | _rows(report) | _privacy(report)
    if report.utility is not None:
        found["utility"] = 1 - report.utility.scores[0].gap.value
    return {name: min(max(found[name], 0.0), 1.0) for name in MEANINGS if name in found}


def _distances(report: Report) -> dict[str, float]:
    errors = {"shape": report.shape_error_pct, "trend": report.trend_error_pct}
    return {name: 1 - error.value / 100 for name, error in errors.items() if error is not None}


def _rows(report: Report) -> dict[str, float]:
    detected = {"detection": report.detection, "logistic": report.logistic_detection}
    found = {name: _even(result.auc) for name, result in detected.items() if result is not None}
    if report.support is not None:
        found |= {"density": _share(report.support.density), "coverage": _share(report.support.coverage)}
    if report.collapse is not None:
        found["distinct"] = _share(report.collapse.distinct)
        found["clusters"] = report.collapse.coverage.synthetic.value
    return found


def _privacy(report: Report) -> dict[str, float]:
    result = report.privacy
    if result is None:
        return {}
    found = {"copies": 1 - max(result.copies.synthetic.value - result.copies.real.value, 0.0)}
    if result.nearer_to_train is not None:
        found["nearest"] = _even(result.nearer_to_train.value)
    if result.membership is not None:
        found["membership"] = _even(result.membership.auc.value)
    if result.attacks:
        found["attacks"] = 1 - max(attack.risk.value if exposed(attack.risk) else 0.0 for attack in result.attacks)
    return found


def _even(value: float) -> float:
    """1 for the 0.5 of a fair coin or less, 0 for 1."""
    return 2 - 2 * max(value, 0.5)


def _share(found: Beside) -> float:
    return found.synthetic.value / found.real.value if found.real.value > 0 else 1.0
