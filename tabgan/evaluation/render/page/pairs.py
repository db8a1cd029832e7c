"""Pairs of columns: heat maps of how strongly they go together, and the worst pairs by name."""

from tabgan.evaluation.render import numbers, wording
from tabgan.evaluation.render.page import charts
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import Cell, Head, number, table, text
from tabgan.evaluation.render.page.significance import tools
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Estimate, PairResult

MAX_PAIRS = 50
MAPS = (("error", "Difference"), ("real", "Real"), ("synthetic", "Synthetic"))
HEADS = (
    Head("first", number=False),
    Head("second", number=False),
    Head("error"),
    Head("±", explained="One standard error"),
    Head("floor", explained="What two samples of the real table would give"),
    Head("real", explained="Association in the real table, 0 to 1"),
    Head("synthetic", explained="Association in the synthetic table, 0 to 1"),
    Head("in words", number=False),
)


def pairs(report: Report) -> Section:
    """Three maps with one switch, and the pairs that stand out most."""
    if not report.pairs:
        body = '<p class="absent">There is no pair of columns to compare.</p>\n'
        return Section(anchor="pairs", title="Pairs", body=body)
    chart = charts.heat_map("pairs", [column.name for column in report.columns], report.pairs)
    worst = report.worst_pairs(MAX_PAIRS)
    rows = [(f"{pair.first} {pair.second}", _row(pair)) for pair in worst]
    count = f"The {len(worst):,} pairs that stand out most above their floor, of {len(report.pairs):,}"
    listed = f"{tools('pairs-table')}{table('pairs-table', count, HEADS, rows)}" if rows else ""
    undefined = sum(pair.error is None for pair in report.pairs)
    some = "1 pair has" if undefined == 1 else f"{undefined:,} pairs have"
    left_out = f" {some} no defined error and count in no mean." if undefined else ""
    intro = (
        '<p class="muted">How strongly two columns go together in each table (0 not at all, 1 one follows from the '
        f"other), and how differently (0 the same, 1 nothing alike).{left_out}</p>\n"
    )
    body = f"{intro}{_switch(report)}{chart.html()}{_scale(chart.spec['top'])}{listed}"
    return Section(anchor="pairs", title="Pairs", body=body, charts=(chart,))


def _switch(report: Report) -> str:
    """The buttons between the maps; none where only one of them has anything to show."""
    if all(pair.association_real is None and pair.association_synthetic is None for pair in report.pairs):
        return ""
    buttons = "".join(
        f'<button type="button" data-map="{key}" aria-pressed="{"true" if key == "error" else "false"}">{name}</button>'
        for key, name in MAPS
    )
    return f'<div class="tools"><span role="group" aria-label="Which map">Map {buttons}</span></div>\n'


def _scale(top: float) -> str:
    """What the darkest colour means."""
    shown = f"{top:.2f}"
    return f'<p class="scale" data-scale="error" data-top="{shown}"><span>0</span><i></i><span>{shown}</span></p>\n'


def _row(pair: PairResult) -> list[Cell | str]:
    error = pair.error or Estimate(value=0.0)
    shown = (error.value, error.standard_error, error.floor, pair.association_real, pair.association_synthetic)
    return [
        text(pair.first),
        text(pair.second),
        *(number(value, numbers.fraction(value)) for value in shown),
        text(wording.pair_change(pair)),
    ]
