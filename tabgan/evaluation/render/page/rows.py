"""Whole rows: can they be told apart and by what, do they lie where real rows lie, how far are their moments?"""

from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, wording
from tabgan.evaluation.render.page import charts
from tabgan.evaluation.render.page.charts import Chart
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import (
    BESIDE,
    Cell,
    Head,
    cautions,
    figure_row,
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
    head = f'<h3>Detection</h3>\n<p class="muted">{escape(terms.DETECTION.meaning)}</p>\n'
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
    more = "" if len(drivers) <= MAX_DRIVERS else f" The first {MAX_DRIVERS} of {len(drivers):,}."
    title = f'<h3>{escape(terms.DRIVERS.name)}</h3>\n<p class="muted">{escape(terms.DRIVERS.meaning)}{more}</p>\n'
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
        return head + missing_part(report, "support")
    lines = [figure_row(figure) for figure in figures.of_support(found)]
    caption = f"Among {found.n_per_side:,} rows of each side, neighbourhoods of {found.k} rows"
    return head + table("support-table", caption, BESIDE, lines) + cautions(found.caveats)


def _frechet(report: Report) -> str:
    head = f"<h3>{escape(terms.FRECHET.name)}</h3>\n"
    found = report.frechet
    if found is None:
        return head + missing_part(report, "frechet")
    distance = found.distance
    floor = "" if distance.floor is None else f"; a second real sample would give {numbers.figure(distance.floor)}"
    spread = numbers.interval(distance)
    spread = "" if spread == "–" else f" ({spread})"
    return (
        f'{head}<p><b class="number">{numbers.figure(distance.value)}</b>{spread}{floor}. '
        f'<span class="muted">{escape(terms.FRECHET.meaning)} {found.n_per_side:,} rows of each side, encoded in '
        f"{found.n_features:,} numbers.</span></p>\n"
        f"{cautions(found.caveats)}"
    )
