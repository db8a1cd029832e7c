"""A report as a short piece of HTML for a notebook: the figures, the findings and the six worst columns.

Nothing in it runs, loads or is written to the notebook's own style: all rules are under one class. The ground is the
notebook's, the text takes its colour, and the two colours of the drawings are legible on white and on black.
"""

import re
from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, pictures, wording
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ColumnResult

MAX_COLUMNS = 6
MAX_FINDINGS = 8
SCOPE = "tabgan-report"
_CODE = re.compile(r"`([^`]+)`")
STYLE = {
    "": "font: 14px/1.45 system-ui, sans-serif; max-width: 1000px; color: inherit",
    "h3": "font-size: 17px; font-weight: 650; margin: 4px 0 2px; color: inherit",
    "h4": "font-size: 14px; font-weight: 650; margin: 0; color: inherit; overflow-wrap: anywhere",
    "p": "margin: 2px 0 10px; color: inherit",
    "ul": "margin: 4px 0 12px; padding-left: 18px",
    "code": "font-size: 13px; color: inherit; background: none; padding: 0",
    ".muted": "opacity: .75; font-size: 12.5px",
    ".numbers": "display: flex; flex-wrap: wrap; gap: 6px 30px; margin: 8px 0 12px",
    ".numbers b": "display: block; font-size: 19px; font-variant-numeric: tabular-nums",
    ".grid": "display: grid; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)); gap: 18px 26px",
    ".key i": "display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin: 0 5px 0 0",
    ".key span": "margin-right: 16px",
    ".key .a": "background: #4a8fca",
    ".key .b": "background: #d9692a",
    "svg": "display: block; width: 100%; height: auto; margin-top: 4px",
    "svg text": "font-size: 11px; fill: currentColor; fill-opacity: .8; text-anchor: end",
    ".real": "fill: #4a8fca; fill-opacity: .6",
    ".solid": "fill-opacity: 1",
    ".synthetic": "fill: #d9692a",
    ".synthetic-area": "fill: none",
    ".synthetic-line": "fill: none; stroke: #d9692a; stroke-width: 1.8; stroke-linejoin: round",
    ".axis": "stroke: currentColor; stroke-opacity: .3; stroke-width: 1",
    ".hover": "fill: transparent",
    ".ends": "display: flex; justify-content: space-between; gap: 12px; font-size: 11.5px; opacity: .75",
}


def to_notebook(report: Report) -> str:
    """The piece of HTML.

    Args:
        report: to show.
    """
    style = "".join(f".{SCOPE} {selector}".rstrip() + f"{{{rules}}}" for selector, rules in STYLE.items())
    body = _numbers(report) + _cautions(report) + _findings(report) + _columns(report)
    heading = f'<h3>Real against synthetic</h3><p class="muted">{wording.sizes(report)}</p>'
    return f'<div class="{SCOPE}"><style>{style}</style>{heading}{body}</div>'


def _numbers(report: Report) -> str:
    shape, trend, found = report.shape_error_pct, report.trend_error_pct, report.detection
    detected = numbers.number(figures.of_detection(found).found) if found else "not computed"
    entries = [
        (terms.SHAPE.name, numbers.percent_error(shape), wording.floor(shape)),
        (terms.TREND.name, numbers.percent_error(trend), wording.floor(trend)),
        (terms.DETECTION.name, detected, "0.5 is ideal" if found else ""),
    ]
    if report.utility and report.utility.scores:
        score = report.utility.scores[0]
        title = f"{terms.UTILITY.name}, {wording.utility_measure(score)}"
        entries.append((title, numbers.number(score.synthetic), f"{numbers.number(score.real)} from real rows"))
    if report.privacy:
        copies = report.privacy.copies
        beside = f"{numbers.share(copies.real.value)} of real rows"
        entries.append((terms.COPIES.name, numbers.share_number(copies.synthetic), beside))
    shown = "".join(
        f'<div>{name}<b>{value}</b><span class="muted">{more}</span></div>' for name, value, more in entries
    )
    return f'<div class="numbers">{shown}</div>'


def _cautions(report: Report) -> str:
    return "".join(f"<p><b>Caution:</b> {escape(caveat.text)}.</p>" for caveat in report.caveats)


def _findings(report: Report) -> str:
    if not report.findings:
        return ""
    texts = [_CODE.sub(r"<code>\1</code>", escape(found.text)) for found in report.findings[:MAX_FINDINGS]]
    entries = [f"<li><b>{one.level}:</b> {text}</li>" for one, text in zip(report.findings, texts, strict=False)]
    left = len(report.findings) - MAX_FINDINGS
    more = f'<p class="muted">and {left:,} more</p>' if left > 0 else ""
    return f"<ul>{''.join(entries)}</ul>{more}"


def _columns(report: Report) -> str:
    worst = [column for column in report.worst_columns() if column.overlay][:MAX_COLUMNS]
    if not worst:
        return ""
    key = '<p class="key muted"><span><i class="a"></i>real</span><span><i class="b"></i>synthetic</span>'
    told = "shares of the present cells"
    if len(worst) < len(report.columns):
        told += f", the {len(worst)} of {len(report.columns):,} columns that stand out most"
    return f'{key}{told}</p><div class="grid">{"".join(map(_column, worst))}</div>'


def _column(found: ColumnResult) -> str:
    floor = "" if found.distance.floor is None else f", noise floor {found.distance.floor:.3f}"
    measure = terms.DISTANCES[found.measure]
    drawn = pictures.overlay(found.overlay) if found.overlay else ""
    told = f'<span class="muted">{measure} {found.distance.value:.3f}{floor}</span>'
    return f"<div><h4>{escape(found.name)}</h4>{told}{drawn}</div>"
