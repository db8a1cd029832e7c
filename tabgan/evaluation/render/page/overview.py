"""What to read first: the findings in words, and the headline figures beside their noise floors."""

from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, pictures, wording
from tabgan.evaluation.render.figures import Figure
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import named
from tabgan.evaluation.report import Finding, Report
from tabgan.evaluation.results import Estimate
from tabgan.evaluation.terms import Term

LEVELS = {"serious": "Serious", "notable": "Notable", "fine": "Fine"}
AREAS = {
    "columns": "columns",
    "pairs": "pairs",
    "written": "keys and texts",
    "rows": "whole rows",
    "utility": "utility",
    "privacy": "privacy",
}


def overview(report: Report) -> Section:
    """The findings, worst first, and six figures."""
    figures = "".join(
        (
            _error(terms.SHAPE, report.shape_error_pct),
            _error(terms.TREND, report.trend_error_pct),
            _detection(report),
            _kinds(report),
            _utility(report),
            _copies(report),
        )
    )
    notes = f"{terms.FLOOR_MEANING} {terms.ERROR_MEANING}"
    if report.trend_separate_edges_pct:
        separate = report.trend_separate_edges_pct
        notes += f" {terms.TREND_SEPARATE.name}: {numbers.percent_error(separate)} ({wording.floor(separate)})."
        notes += f" {terms.TREND_SEPARATE.meaning}"
    body = f'{_findings(report)}<div class="figures">\n{figures}</div>\n<p class="muted small">{escape(notes)}</p>\n'
    return Section(anchor="overview", title="Overview", body=body)


def _findings(report: Report) -> str:
    lines = "".join(map(_finding, report.findings))
    return f'<ul class="findings" aria-label="Findings, worst first">\n{lines}</ul>\n' if lines else ""


def _finding(found: Finding) -> str:
    return (
        f'<li class="{found.level}"><span class="level">{LEVELS[found.level]}</span>'
        f"<span>{named(wording.sentence(found.text), found.columns)}</span>"
        f'<a href="#{found.area}">{AREAS[found.area]}</a></li>\n'
    )


def _card(name: str, figure: str, beside: str, rest: str) -> str:
    small = f'<p class="beside number">{beside}</p>\n' if beside else ""
    return f'<div class="figure">\n<h3>{name}</h3>\n<p class="value number">{figure}</p>\n{small}{rest}</div>\n'


def _absent(report: Report, term: Term, part: str) -> str:
    reason = wording.sentence(escape(wording.why_not(report, part)))
    told = f"<p>Not computed. {reason}</p>\n<p class='muted small'>{escape(term.meaning)}</p>\n"
    return _card(term.name, numbers.NONE, "", told)


def _words(verdict: str, term: Term) -> str:
    return f'<p>{escape(verdict)}</p>\n<p class="muted small">{escape(term.meaning)}</p>\n'


def _error(term: Term, estimate: Estimate | None) -> str:
    if estimate is None:
        return _card(term.name, numbers.NONE, "", _words("Not computed.", term))
    error = "" if estimate.standard_error is None else f"± {estimate.standard_error:.2f} · "
    figure, small = f"{estimate.value:.2f}<small> %</small>", f"{error}{wording.floor(estimate)}"
    return _card(term.name, figure, small, pictures.meter(estimate) + _words(wording.verdict(estimate), term))


def _detection(report: Report) -> str:
    found, term = report.detection, terms.DETECTION
    if found is None:
        return _absent(report, term, "detection")
    scale = pictures.meter(Estimate(value=max(found.auc - 0.5, 0.0)), end=0.5)
    small = f"± {numbers.figure(found.standard_error)} · 0.5 is ideal"
    return _card(term.name, numbers.figure(found.auc), small, scale + _words(wording.detection_verdict(found), term))


def _against(figure: Figure) -> str:
    """A card for a share beside the same share of real rows."""
    found, real = figure.found, figure.yardstick
    shown = f"{numbers.share(found.value).removesuffix(' %')}<small> %</small>"
    range_of = numbers.interval(found, percent=True)
    small = f"{'' if range_of == numbers.NONE else f'{range_of} · '}real rows {numbers.share(real.value)}"
    end = 1.0 if max(found.value, real.value) > 0.5 else None
    meter = pictures.meter(Estimate(value=found.value, floor=real.value), end=end)
    return _card(figure.name, shown, small, meter + _words(wording.against(figure), figure.term))


def _kinds(report: Report) -> str:
    if report.collapse is None:
        return _absent(report, terms.MODE_COVERAGE, "collapse")
    return _against(next(f for f in figures.of_kinds(report.collapse) if f.term is terms.MODE_COVERAGE))


def _utility(report: Report) -> str:
    term = terms.UTILITY
    if report.utility is None or not report.utility.scores:
        return _absent(report, term, "utility")
    score = report.utility.scores[0]
    figure = f"{numbers.signed(-score.gap.value)}<small> {escape(wording.utility_measure(score))}</small>"
    small = f"{numbers.figure(score.synthetic.value)} synthetic · {numbers.figure(score.real.value)} real"
    scale = Estimate(value=max(score.synthetic.value, 0.0), floor=max(score.real.value, 0.0))
    meter = pictures.meter(scale, end=1.0)
    return _card(term.name, figure, small, meter + _words(wording.utility_verdict(score), term))


def _copies(report: Report) -> str:
    if report.privacy is None:
        return _absent(report, terms.COPIES, "privacy")
    return _against(next(f for f in figures.of_closeness(report.privacy) if f.term is terms.COPIES))
