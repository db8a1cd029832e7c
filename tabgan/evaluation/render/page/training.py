"""How a model was trained, as a page: curves, which weights were kept, and rows drawn at several points of the way."""

from collections.abc import Sequence
from html import escape

from tabgan.evaluation.render import wording
from tabgan.evaluation.render.page.charts import Chart, lines, overlay
from tabgan.evaluation.render.page.columns import KEY
from tabgan.evaluation.render.page.document import Section, page
from tabgan.evaluation.render.page.parts import Cell, Head, cautions, facts, number, table
from tabgan.evaluation.results import Overlay
from tabgan.evaluation.results.training import Series, SnapshotResult, TrainingReport

MAX_COLUMNS = 12
CURVES = (
    ("surprise", ("surprise", "held_out"), "How surprising rows are to the generator, in nats a row; lower is better."),
    ("scores", ("real_score", "made_score"), "What the critic thinks of real and of generated rows; alike is better."),
    ("critic", ("critic_loss", "penalty"), "The critic's loss, near 0 where it cannot tell, and the gradient penalty."),
    ("shape", ("held_out_shape",), "How far generated rows lie from rows held out, code by code; lower is better."),
)


def training_to_html(report: TrainingReport, title: str = "How the model was trained") -> str:
    """The whole page.

    Args:
        report: to show.
        title: the heading of the page.
    """
    parts = [_overview(report), _curves(report)]
    if report.snapshots:
        parts.append(_snapshots(report))
    if report.not_computed:
        entries = "".join(f"<li>{escape(e.what)}: {escape(e.reason)}</li>\n" for e in report.not_computed)
        parts.append(Section(anchor="missing", title="Not computed", body=f"<ul>\n{entries}</ul>\n"))
    lead = f'<p class="muted">{report.n_rows:,} rows learnt, seed {report.seed}</p>\n{cautions(report.caveats)}'
    return page(title, parts, lead=lead)


def _overview(report: TrainingReport) -> Section:
    entries = [(setting.name.replace("_", " "), f"{setting.value:,.6g}") for setting in report.settings]
    if report.elapsed_s is not None:
        entries.insert(0, ("seconds", f"{report.elapsed_s:,.0f}"))
    sentence = escape(report.ending[:1].upper() + report.ending[1:])
    return Section(
        anchor="overview",
        title="Overview",
        body=f'<p>{wording.sentence(sentence)}</p>\n<div class="narrow">{facts(entries)}</div>\n',
    )


def _curves(report: TrainingReport) -> Section:
    known = {series.name: series for series in report.series}
    marks = {} if report.kept_step is None else {"kept": float(report.kept_step)}
    body, charts = "", []
    for key, names, meaning in CURVES:
        found = [known[name] for name in names if name in known]
        if not found:
            continue
        chart = _curve(key, found, meaning, marks)
        charts.append(chart)
        heading = " and ".join(series.label for series in found)
        body += f"<h3>{escape(heading[:1].upper() + heading[1:])}</h3>\n"
        body += f'<p class="muted">{escape(meaning)}</p>\n{chart.html()}'
    if not charts:
        body = '<p class="absent">The run ended before its first report, so there is no curve.</p>\n'
    return Section(anchor="curves", title="Curves", body=body, charts=tuple(charts))


def _curve(key: str, found: Sequence[Series], meaning: str, marks: dict[str, float]) -> Chart:
    points: dict[str, list[tuple[float, float | None]]] = {
        series.label: [(float(step), value) for step, value in zip(series.steps, series.values, strict=True)]
        for series in found
    }
    for series in found:
        if series.floor is not None:
            points["noise floor"] = [(float(step), series.floor) for step in (series.steps[0], series.steps[-1])]
    ends = ", ".join(f"{series.label} from {series.values[0]:.4g} to {series.values[-1]:.4g}" for series in found)
    return lines(f"curve-{key}", points, x_label="step", described=f"{meaning} {ends}", marks=marks)


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
