"""One card for each column: both distributions in one picture, and what there is to know of them."""

from html import escape

from tabgan.evaluation import terms
from tabgan.evaluation.render import numbers, wording
from tabgan.evaluation.render.page import charts
from tabgan.evaluation.render.page.charts import Chart
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.render.page.parts import facts, text
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ColumnResult, Range

KEY = (
    '<p class="key"><span><i class="real-key"></i>real</span><span><i class="synthetic-key"></i>synthetic</span></p>\n'
)
TOOLS = (
    '<div class="tools">\n<label>Filter by name <input type="search" data-filter="cards" autocomplete="off"></label>\n'
    '<span role="group" aria-label="Order of the columns">Order '
    '<button type="button" data-order="rank" aria-pressed="true">most different</button>'
    '<button type="button" data-order="name" aria-pressed="false">name</button>'
    '<button type="button" data-order="position" aria-pressed="false">table</button></span>\n'
    '<output data-count="cards"></output>\n</div>\n'
)
MAX_MASSES = 3


def columns(report: Report) -> Section:
    """The cards of all columns, those that stand out most above their noise floor first."""
    if not report.columns:
        return Section(anchor="columns", title="Columns", body='<p class="absent">No column can be compared.</p>\n')
    position = {column.name: i for i, column in enumerate(report.columns)}
    cards, drawn = [], []
    for rank, column in enumerate(report.worst_columns()):
        chart = _chart(column, position[column.name])
        cards.append(_card(column, chart, rank, position[column.name]))
        drawn += [chart] if chart else []
    intro = '<p class="muted">Shares of the present cells; the columns that differ most come first.</p>\n'
    body = f'{intro}<div class="bar">{KEY}{TOOLS}</div>\n<div class="cards" id="cards">\n{"".join(cards)}</div>\n'
    return Section(anchor="columns", title="Columns", body=body, charts=tuple(drawn))


def _chart(column: ColumnResult, position: int) -> Chart | None:
    if column.overlay is None:
        return None
    linear = column.kind != "datetime" and not column.unit
    return charts.overlay(f"column-{position}", column.overlay, linear=linear)


def _card(column: ColumnResult, chart: Chart | None, rank: int, position: int) -> str:
    drawn, shares = '<p class="absent">No cell is present on either side.</p>\n', ""
    if chart:
        drawn = chart.html()
        shares = f'<details class="shares" data-shares="{chart.key}"><summary>Shares as a table</summary></details>\n'
    notes = "".join(f"<li>{wording.sentence(escape(note))}</li>" for note in wording.card_notes(column))
    listed = f'<ul class="notes">{notes}</ul>\n' if notes else ""
    return (
        f'<article class="card" data-name="{escape(column.name)}" data-rank="{rank}" data-position="{position}">\n'
        f'<h3 title="{escape(column.name)}" dir="auto">{text(column.name)}</h3>\n'
        f'<p class="kind">{escape(_kind(column))}</p>\n{_reading(column)}{drawn}'
        f"{_below(column)}{facts(_facts(column))}{listed}{shares}</article>\n"
    )


def _below(column: ColumnResult) -> str:
    """What the picture leaves out."""
    if column.overlay is None or column.overlay.kind != "ranked":
        return ""
    return f'<p class="muted small left-out">{escape(wording.others(column.overlay))}</p>\n'


def _kind(column: ColumnResult) -> str:
    kind = column.kind.replace("_", " ")
    return f"{kind}, {_values(column.n_categories)}" if column.n_categories else kind


def _reading(column: ColumnResult) -> str:
    distance = column.distance
    parts = []
    if distance.low is not None and distance.high is not None:
        parts.append(f"{distance.low:.3f} to {distance.high:.3f}")
    elif distance.standard_error is not None:
        parts.append(f"± {distance.standard_error:.3f}")
    if distance.floor is not None:
        parts.append(f"floor {distance.floor:.3f}")
    measure = terms.DISTANCES[column.measure]
    return (
        f'<p class="reading number"><b>{distance.value:.3f}</b> {measure}'
        f'<span class="muted"> {" · ".join(parts)}</span></p>\n'
    )


def _facts(column: ColumnResult) -> list[tuple[str, str]]:
    entries = []
    if column.test:
        adjusted = escape(numbers.p_value(column.p_adjusted))
        entries.append((f"{wording.test_name(column)} test", f"adjusted p {adjusted}"))
        rows = column.rows_to_tell_apart
        entries.append(("Rows to tell apart", f"{rows:,} of each" if rows else "more rows than these"))
    if column.wasserstein:
        entries.append(("Moves on average", _wasserstein(column)))
    if column.missing_real or column.missing_synthetic:
        entries.append(("Missing", _both(*map(numbers.share, wording.missing_shares(column)))))
    entries += _ends(column.range) if column.range else []
    for mass in column.point_masses[:MAX_MASSES]:
        shares = _both(numbers.share(mass.real.value), numbers.share(mass.synthetic.value))
        entries.append((f"Cells at {text(charts.shortened(mass.label))}", shares))
    if column.n_invented:
        entries.append(("Invented", f"{_values(column.n_invented)}, {numbers.share(column.invented_share)} of cells"))
    if column.n_lost:
        entries.append(("Lost", f"{_values(column.n_lost)}, {numbers.share(column.lost_share)} of real cells"))
    return entries


def _values(n: int) -> str:
    return f"{n:,} {'value' if n == 1 else 'values'}"


def _both(real: str, synthetic: str) -> str:
    return f'<span class="of-real">{real}</span> <span class="of-synthetic">{synthetic}</span>'


def _wasserstein(column: ColumnResult) -> str:
    found = column.wasserstein
    if found is None:
        return ""
    floor = "" if found.floor is None else f" (floor {numbers.quantity(found.floor, column.unit)})"
    return escape(f"{numbers.quantity(found.value, column.unit)}{floor}")


def _ends(found: Range) -> list[tuple[str, str]]:
    entries = []
    sides = [None if ends is None else f"{ends[0]} to {ends[1]}" for ends in (found.real, found.synthetic)]
    if any(sides):
        real, synthetic = (text(side) if side else "none" for side in sides)
        entries.append(("Range", _both(real, synthetic)))
    if found.outside_share:
        expected = numbers.share(found.outside_expected)
        entries.append(("Outside the real range", f"{numbers.share(found.outside_share)} ({expected} expected)"))
    return entries
