"""What to read first: the findings in words, and the headline figures beside their noise floors."""

from html import escape

from tabgan.evaluation.render import pictures, wording
from tabgan.evaluation.render.page import words
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import named
from tabgan.evaluation.report import Finding, Report
from tabgan.evaluation.results import Beside, Estimate

LEVELS = {"serious": "Serious", "notable": "Notable", "fine": "Fine"}
AREAS = {"columns": "columns", "pairs": "pairs", "rows": "whole rows", "utility": "utility", "privacy": "privacy"}


def overview(report: Report) -> Section:
    """The findings, worst first, and six figures."""
    figures = "".join(
        (
            _error("Shape error", report.shape_error_pct, wording.SHAPE_MEANING),
            _error("Trend error", report.trend_error_pct, wording.TREND_MEANING),
            _detection(report),
            _clusters(report),
            _utility(report),
            _copies(report),
        )
    )
    notes = f"{wording.FLOOR_MEANING} {wording.ERROR_MEANING}"
    if report.trend_separate_edges_pct:
        separate = report.trend_separate_edges_pct
        notes += (
            f" Trend error with bins of each table's own, as SDMetrics 0.11 and TabSyn compute it: "
            f"{wording.percent(separate)} ({wording.floor(separate)}); only to compare with published figures."
        )
    body = f'{_findings(report)}<div class="figures">\n{figures}</div>\n<p class="muted small">{escape(notes)}</p>\n'
    return Section(anchor="overview", title="Overview", body=body)


def _findings(report: Report) -> str:
    lines = "".join(map(_finding, report.findings))
    return f'<ul class="findings" aria-label="Findings, worst first">\n{lines}</ul>\n' if lines else ""


def _finding(found: Finding) -> str:
    return (
        f'<li class="{found.level}"><span class="level">{LEVELS[found.level]}</span>'
        f"<span>{named(words.sentence(found.text), found.columns)}</span>"
        f'<a href="#{found.area}">{AREAS[found.area]}</a></li>\n'
    )


def _card(name: str, figure: str, beside: str, rest: str) -> str:
    small = f'<p class="beside number">{beside}</p>\n' if beside else ""
    return f'<div class="figure">\n<h3>{name}</h3>\n<p class="value number">{figure}</p>\n{small}{rest}</div>\n'


def _absent(report: Report, name: str, meaning: str, *names: str) -> str:
    reason = words.sentence(escape(words.why_not(report, *names)))
    return _card(name, "–", "", f"<p>Not computed. {reason}</p>\n<p class='muted small'>{escape(meaning)}</p>\n")


def _words(verdict: str, meaning: str) -> str:
    return f'<p>{escape(verdict)}</p>\n<p class="muted small">{escape(meaning)}</p>\n'


def _error(name: str, estimate: Estimate | None, meaning: str) -> str:
    if estimate is None:
        return _card(name, "–", "", _words("Not computed.", meaning))
    error = "" if estimate.standard_error is None else f"± {estimate.standard_error:.2f} · "
    figure, small = f"{estimate.value:.2f}<small> %</small>", f"{error}{wording.floor(estimate)}"
    return _card(name, figure, small, pictures.meter(estimate) + _words(wording.verdict(estimate), meaning))


def _detection(report: Report) -> str:
    found, meaning = report.detection, wording.DETECTION_MEANING
    if found is None:
        return _absent(report, "Detection AUC", meaning, "detection")
    scale = pictures.meter(Estimate(value=max(found.auc - 0.5, 0.0)), end=0.5)
    small = f"± {found.standard_error:.3f} · ideal 0.5"
    told = _words(wording.detection_verdict(found), meaning)
    return _card("Detection AUC", f"{found.auc:.3f}", small, scale + told)


def _against(name: str, found: Beside, verdict: str, meaning: str) -> str:
    """A card for a share beside the same share of real rows."""
    figure = f"{words.share(found.synthetic.value).removesuffix(' %')}<small> %</small>"
    range_of = words.interval(found.synthetic, percent=True)
    small = f"{'' if range_of == '–' else f'{range_of} · '}real rows {words.share(found.real.value)}"
    top = max(found.synthetic.value, found.real.value)
    scale = Estimate(value=found.synthetic.value, floor=found.real.value)
    meter = pictures.meter(scale, end=1.0 if top > 0.5 else None)
    return _card(name, figure, small, meter + _words(verdict, meaning))


def _clusters(report: Report) -> str:
    meaning = "How many of the kinds of rows of the real table the synthetic table still has."
    if report.collapse is None:
        return _absent(report, "Mode coverage", meaning, *words.COLLAPSE)
    found = report.collapse.coverage
    return _against("Mode coverage", found, words.against(found), meaning)


def _utility(report: Report) -> str:
    meaning = "What a model loses on real rows when it has learnt from synthetic rows in place of real ones."
    if report.utility is None or not report.utility.scores:
        return _absent(report, "Utility", meaning, *words.UTILITY)
    score = report.utility.scores[0]
    figure = f"{words.signed(-score.gap.value)}<small> {words.MEASURES.get(score.measure, score.measure)}</small>"
    small = f"{words.figure(score.synthetic.value)} synthetic · {words.figure(score.real.value)} real"
    scale = Estimate(value=max(score.synthetic.value, 0.0), floor=max(score.real.value, 0.0))
    return _card(
        "Utility", figure, small, pictures.meter(scale, end=1.0) + _words(words.utility_verdict(score), meaning)
    )


def _copies(report: Report) -> str:
    meaning = "The share of synthetic rows that equal a row of the real table in every cell."
    if report.privacy is None:
        return _absent(report, "Copies", meaning, *words.PRIVACY)
    return _against("Copies", report.privacy.copies, words.against(report.privacy.copies), meaning)
