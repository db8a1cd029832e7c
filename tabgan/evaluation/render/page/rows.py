"""Whole rows: can they be told apart and by what, do they lie where real rows lie, how far are their moments?"""

from html import escape

from tabgan.evaluation.render import wording
from tabgan.evaluation.render.page import charts, words
from tabgan.evaluation.render.page.charts import Chart
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import (
    BESIDE,
    Cell,
    Head,
    beside,
    cautions,
    missing_part,
    number,
    table,
)
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import DetectionResult

MAX_DRIVERS = 15
CLASSIFIERS = (
    Head("classifier", number=False),
    Head("AUC"),
    Head("±", explained="One standard error"),
    Head("of each fold"),
    Head("rows of each table"),
    Head("in words", number=False),
)


def rows(report: Report) -> Section:
    """Detection and what drives it, density and coverage, the Fréchet distance."""
    drawn, chart = _detection(report)
    body = f"{drawn}{_support(report)}{_frechet(report)}"
    return Section(anchor="rows", title="Whole rows", body=body, charts=(chart,) if chart else ())


def _detection(report: Report) -> tuple[str, Chart | None]:
    head = f'<h3>Detection</h3>\n<p class="muted">{escape(wording.DETECTION_MEANING)}</p>\n'
    found = [result for result in (report.detection, report.logistic_detection) if result]
    if not found:
        return head + missing_part(report, "detection"), None
    lines = [(result.classifier, _classifier(result)) for result in found]
    told = table("detection-table", "Classifiers that try to tell the rows apart", CLASSIFIERS, lines)
    notes = cautions(tuple(dict.fromkeys(caveat for result in found for caveat in result.caveats)))
    drivers = next((result.drivers for result in found if result.drivers), ())
    if not drivers:
        return head + told + notes, None
    chart = charts.drivers("drivers", drivers, MAX_DRIVERS)
    more = "" if len(drivers) <= MAX_DRIVERS else f", the first {MAX_DRIVERS} of {len(drivers):,}"
    title = (
        f'<h3>What gives the rows away</h3>\n<p class="muted">By how much the AUC falls when a column is shuffled'
        f"{more}. Columns that say the same share their importance.</p>\n"
    )
    return f"{head}{told}{notes}{title}{chart.html()}", chart


def _classifier(found: DetectionResult) -> list[Cell | str]:
    folds = ", ".join(f"{auc:.3f}" for auc in found.fold_aucs)
    return [
        escape(found.classifier),
        number(found.auc, f"{found.auc:.3f}"),
        number(found.standard_error, f"{found.standard_error:.3f}"),
        folds,
        number(found.n_per_class, f"{found.n_per_class:,}"),
        escape(wording.detection_verdict(found)),
    ]


def _support(report: Report) -> str:
    head = "<h3>Density and coverage</h3>\n"
    found = report.support
    if found is None:
        return head + missing_part(report, *words.SUPPORT)
    lines = [
        beside(
            "Density", found.density, "Do synthetic rows lie where real rows are dense? Low: rows unlike real ones."
        ),
        beside(
            "Coverage",
            found.coverage,
            "Which share of real rows has a synthetic neighbour? Low: kinds lost.",
            percent=True,
        ),
    ]
    caption = f"Among {found.n_per_side:,} rows of each side, neighbourhoods of {found.k} rows"
    return head + table("support-table", caption, BESIDE, lines) + cautions(found.caveats)


def _frechet(report: Report) -> str:
    head = "<h3>Fréchet distance</h3>\n"
    found = report.frechet
    if found is None:
        return head + missing_part(report, *words.FRECHET)
    distance = found.distance
    floor = "" if distance.floor is None else f"; a second real sample would give {words.figure(distance.floor)}"
    spread = words.interval(distance)
    spread = "" if spread == "–" else f" ({spread})"
    return (
        f'{head}<p><b class="number">{words.figure(distance.value)}</b>{spread}{floor}. '
        f'<span class="muted">Between means and covariances of {found.n_per_side:,} rows of each side, encoded in '
        f"{found.n_features:,} numbers; the table's counterpart of the FID of images. 0 is equal.</span></p>\n"
        f"{cautions(found.caveats)}"
    )
