"""How a model was trained, as a page: how it went, its curves, rows drawn on the way, and its settings."""

from collections.abc import Sequence
from html import escape

from tabgan.evaluation.render import wording
from tabgan.evaluation.render.page.charts import Band, Chart, Line, Tone, lines, overlay
from tabgan.evaluation.render.page.columns import KEY
from tabgan.evaluation.render.page.curves import CURVES, Curves
from tabgan.evaluation.render.page.document import Section, page
from tabgan.evaluation.render.page.parts import Cell, Head, cautions, facts, number, table, text
from tabgan.evaluation.render.training_words import marks, setting_value, settings_in_order, what_to_do
from tabgan.evaluation.results import Overlay
from tabgan.evaluation.results.training import RunEvent, Series, SnapshotResult, StateSpan, TrainingReport

MAX_COLUMNS = 12
DOTTED = "Dotted: what real rows would get."


def training_to_html(report: TrainingReport, title: str = "How the model was trained") -> str:
    """The whole page.

    Args:
        report: to show.
        title: the heading of the page.
    """
    parts = [_overview(report), _curves(report)]
    if report.snapshots:
        parts.append(_snapshots(report))
    if report.settings:
        parts.append(_settings(report))
    if report.not_computed:
        entries = "".join(f"<li>{escape(e.what)}: {escape(e.reason)}</li>\n" for e in report.not_computed)
        parts.append(Section(anchor="missing", title="Not computed", body=f"<ul>\n{entries}</ul>\n"))
    lead = f'<p class="muted">{report.n_rows:,} rows learnt, seed {report.seed}</p>\n{cautions(report.caveats)}'
    return page(title, parts, lead=lead)


def _overview(report: TrainingReport) -> Section:
    sentence = escape(report.ending[:1].upper() + report.ending[1:])
    entries = [] if report.elapsed_s is None else [("seconds", f"{report.elapsed_s:,.0f}")]
    changed = [setting for setting in report.settings if setting.changed]
    entries += [(text(setting.name), escape(setting_value(setting.value, setting.unit))) for setting in changed]
    body = f'<p>{wording.sentence(sentence)}</p>\n<div class="narrow">{facts(entries)}</div>\n'
    return Section(anchor="overview", title="Overview", body=body + _timeline(report.states) + _events(report.events))


def _timeline(states: Sequence[StateSpan]) -> str:
    """What the monitor said, as a strip as long as the run."""
    if not states:
        return ""
    parts = "".join(
        f'<li class="{span.level}" style="flex-grow:{span.last_step - span.first_step}" title="{escape(_span(span))}">'
        f"<span>{escape(span.state)}</span></li>\n"
        for span in states
    )
    last = states[-1]
    said = f'<span class="{last.level}"><b class="level">{escape(last.state)}</b></span>'
    return (
        f"<h3>What the monitor said</h3>\n<p>At the end: {said}</p>\n"
        f'<ol class="timeline" aria-label="{escape("; ".join(map(_span, states)))}">\n{parts}</ol>\n'
        f'<div class="ends"><span>step 0</span><span>step {last.last_step:,}</span></div>\n'
    )


def _span(span: StateSpan) -> str:
    return f"{span.state}, step {span.first_step:,} to {span.last_step:,}"


def _events(events: Sequence[RunEvent]) -> str:
    if not events:
        return ""
    items = ""
    for event in events:
        said = wording.sentence(escape(event.evidence)) if event.evidence else ""
        if event.advice:
            said += f" <b>What to do:</b> {wording.sentence(escape(event.advice))}"
        said += "".join(f" <code>{escape(line)}</code>" for line in what_to_do(event))
        items += (
            f'<li class="{event.level}"><span class="level">{escape(event.state)}</span><span>{said}</span>'
            f'<span class="muted small number">step {event.step:,}</span></li>\n'
        )
    return f'<h3>What happened</h3>\n<ul class="findings events">\n{items}</ul>\n'


def _curves(report: TrainingReport) -> Section:
    known = {series.name: series for series in report.series}
    charts, body = [], ""
    for curves in CURVES:
        found = [(known[name], tone, label) for name, tone, label in curves.series if name in known]
        if not found:
            continue
        chart = _curve(curves, found, report)
        charts.append(chart)
        body += f'<div class="curve">\n<h3>{escape(curves.title)}</h3>\n'
        dotted = f" {DOTTED}" if any(series.floor is not None for series, _, _ in found) else ""
        body += f'<p class="muted small">{escape(curves.meaning)}{dotted}</p>\n{chart.html()}</div>\n'
    if not charts:
        body = '<p class="absent">The run ended before its first report, so there is no curve.</p>\n'
    return Section(
        anchor="curves",
        title="Curves",
        body=f'{_bands_key(report)}<div class="curves">\n{body}</div>\n',
        charts=tuple(charts),
    )


def _bands_key(report: TrainingReport) -> str:
    """What the coloured parts of the charts are."""
    worrying = {span.state: span.level for span in report.states if span.level != "fine"}
    entries = "".join(
        f'<span class="{level}"><i class="band-key"></i>{escape(state)}</span>\n' for state, level in worrying.items()
    )
    return f'<p class="key bands">{entries}</p>\n' if entries else ""


def _curve(curves: Curves, found: Sequence[tuple[Series, Tone, str]], report: TrainingReport) -> Chart:
    drawn: dict[str, Line] = {}
    for series, tone, label in found:
        drawn[label] = Line(points=list(zip(map(float, series.steps), series.values, strict=True)), tone=tone)
    for series, tone, label in found:
        if series.floor is not None:
            name = f"{label}, real rows" if len(found) > 1 else "real rows"
            points = [(float(step), series.floor) for step in series.steps]
            drawn[name] = Line(points=points, tone=tone, yardstick=True)
    ends = ", ".join(f"{series.label} from {series.values[0]:.4g} to {series.values[-1]:.4g}" for series, _, _ in found)
    return lines(
        f"curve-{curves.key}",
        drawn,
        x_label="step",
        described=f"{curves.meaning} {ends}",
        marks=marks(report),
        bands=[
            Band(name=span.state, start=span.first_step, end=span.last_step, level=span.level) for span in report.states
        ],
        unit=found[0][0].unit if found[0][0].unit in ("%", "nats") else "",
        least=curves.least,
        logarithmic=curves.logarithmic,
    )


def _settings(report: TrainingReport) -> Section:
    heads = (
        Head("setting", number=False),
        Head("used"),
        Head("default", explained="For this table, with no setting changed"),
        Head("unit", number=False),
        Head("what it is", number=False),
    )
    rows = []
    for setting in settings_in_order(report.settings):
        name = f"<code>{text(setting.name)}</code>"
        shown = escape(setting_value(setting.value))
        explained = escape(wording.sentence(setting.help)) + (
            f" {escape(wording.sentence(setting.use))}" if setting.use else ""
        )
        cells: list[Cell | str] = [name + (' <span class="muted small">changed</span>' if setting.changed else "")]
        cells += [f"<b>{shown}</b>" if setting.changed else shown, escape(setting_value(setting.default))]
        cells += [escape(setting.unit), f'<span class="wrap">{explained}</span>']
        rows.append((setting.name, cells))
    n = sum(setting.changed for setting in report.settings)
    lead = f"{n} of {len(rows)} differ from the defaults; they come first." if n else "All are as they are by default."
    body = f'<p class="muted">{lead}</p>\n' + table("settings-table", "Settings of the run", heads, rows)
    return Section(anchor="settings", title="Settings", body=body)


def _snapshots(report: TrainingReport) -> Section:
    beside = "real rows" if report.reference == "real" else "the rows of the weights that were kept"
    first = report.snapshots[0]
    lead = (
        f'<p class="muted">{first.n:,} rows drawn at each of {len(report.snapshots)} points, always from the same '
        f"noise, beside {beside} ({report.n_reference:,}).</p>\n"
    )
    charts: list[Chart] = []
    cards = ""
    for place, name in enumerate(_most_changed(report.snapshots)):
        shown = [_picture(f"snapshot-{place}-{snapshot.step}", snapshot, name) for snapshot in report.snapshots]
        charts += [chart for chart, _ in shown]
        cards += f"<h3><code>{escape(name)}</code></h3>\n"
        cards += f'<div class="cards">\n{"".join(html for _, html in shown)}</div>\n'
    return Section(anchor="samples", title="Samples", body=lead + _errors(report) + KEY + cards, charts=tuple(charts))


def _errors(report: TrainingReport) -> str:
    heads = (Head("step", number=False), Head("Shape error %"), Head("±"), Head("floor"), Head("", number=False))
    rows = []
    for snapshot in report.snapshots:
        error = snapshot.shape_error_pct
        numbers = (error.value, error.standard_error, error.floor) if error else (None, None, None)
        cells: list[Cell | str] = [number(snapshot.step, f"{snapshot.step:,}")]
        cells += [number(value, "–" if value is None else f"{value:.2f}") for value in numbers]
        rows.append((str(snapshot.step), [*cells, "kept" if snapshot.kept else ""]))
    return table("snapshots", "How far the rows were from the reference", heads, rows)


def _most_changed(snapshots: Sequence[SnapshotResult]) -> list[str]:
    """The columns whose first rows were furthest from the reference, those first."""
    distances = {column.name: _distance(column.overlay) for column in snapshots[0].columns if column.overlay}
    shown = {column.name for snapshot in snapshots for column in snapshot.columns if column.overlay is None}
    ranked = sorted(distances, key=lambda name: -distances[name])
    return [name for name in ranked if name not in shown][:MAX_COLUMNS]


def _distance(found: Overlay) -> float:
    return sum(abs(a - b) for a, b in zip(*found.shares, strict=True)) / 2


def _picture(key: str, snapshot: SnapshotResult, name: str) -> tuple[Chart, str]:
    found = next(column.overlay for column in snapshot.columns if column.name == name and column.overlay)
    chart = overlay(key, found)
    kept = ", kept" if snapshot.kept else ""
    return (
        chart,
        f'<figure class="card"><figcaption>step {snapshot.step:,}{kept}</figcaption>\n{chart.html()}</figure>\n',
    )
