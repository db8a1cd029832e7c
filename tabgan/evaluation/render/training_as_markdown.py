"""How a model was trained, as GitHub-flavoured Markdown: the ending, what happened, figures, samples, settings.

Curves are for the page; here are their beginnings and their ends.
"""

from collections.abc import Iterator, Sequence

from tabgan.evaluation.render import numbers
from tabgan.evaluation.render.as_markdown import escaped
from tabgan.evaluation.render.training_words import setting_value, settings_in_order, what_to_do
from tabgan.evaluation.render.wording import sentence
from tabgan.evaluation.results.training import RunEvent, TrainingReport


def training_to_markdown(report: TrainingReport, title: str = "How the model was trained") -> str:
    """The report as Markdown text.

    Args:
        report: to show.
        title: the first heading.
    """
    time = "" if report.elapsed_s is None else f", {report.elapsed_s:,.0f} seconds"
    parts = [
        f"# {escaped(title)}",
        f"{report.n_rows:,} rows learnt, seed {report.seed}{time}. {escaped(sentence(report.ending))}",
        *(f"> **Caution:** {escaped(sentence(caveat.text))}" for caveat in report.caveats),
        *_monitor(report),
        *_curves(report),
        *_samples(report),
        *_settings(report),
    ]
    if report.not_computed:
        entries = (f"- **{escaped(entry.what)}:** {escaped(sentence(entry.reason))}" for entry in report.not_computed)
        parts += ["## Not computed", "\n".join(entries)]
    return "\n\n".join(parts) + "\n"


def _monitor(report: TrainingReport) -> Iterator[str]:
    if not report.states and not report.events:
        return
    yield "## What the monitor said"
    if report.states:
        spans = (f"{span.state} to step {span.last_step:,}" for span in report.states)
        yield f"At the end: **{escaped(report.states[-1].state)}**. {escaped(sentence(', '.join(spans)))}"
    if report.events:
        yield "\n".join(f"- {_event(event)}" for event in report.events)


def _event(event: RunEvent) -> str:
    said = f"Step {event.step:,}, **{escaped(event.state)}**"
    said += f": {escaped(sentence(event.evidence))}" if event.evidence else "."
    said += f" What to do: {escaped(sentence(event.advice))}" if event.advice else ""
    return said + "".join(f" `{line}`" for line in what_to_do(event))


def _curves(report: TrainingReport) -> Iterator[str]:
    if not report.series:
        return
    rows = []
    for series in report.series:
        kept = dict(zip(series.steps, series.values, strict=True)).get(report.kept_step or -1)
        shown = (series.values[0], series.values[-1], kept, series.floor)
        rows.append([escaped(series.label), *map(numbers.figure, shown), escaped(series.unit)])
    yield "## Curves"
    yield _table(["", "first", "last", "kept step", "real rows", "unit"], rows)


def _samples(report: TrainingReport) -> Iterator[str]:
    if not report.snapshots:
        return
    beside = "real rows" if report.reference == "real" else "the rows of the weights that were kept"
    rows = []
    for snapshot in report.snapshots:
        error = snapshot.shape_error_pct
        shown = (error.value, error.standard_error, error.floor) if error else (None, None, None)
        rows.append([f"{snapshot.step:,}{' kept' if snapshot.kept else ''}", f"{snapshot.n:,}"])
        rows[-1] += [numbers.figure(value, 2) for value in shown]
    yield "## Samples"
    yield f"Rows drawn from the same noise at each step, beside {beside} ({report.n_reference:,})."
    yield _table(["step", "rows", "Shape error %", "±", "floor"], rows)


def _settings(report: TrainingReport) -> Iterator[str]:
    changed = [setting for setting in settings_in_order(report.settings) if setting.changed]
    if not report.settings:
        return
    yield "## Settings"
    if not changed:
        yield "All are as they are by default."
        return
    rows = [
        [
            f"`{setting.name}`",
            escaped(setting_value(setting.value, setting.unit)),
            escaped(setting_value(setting.default)),
            escaped(setting.help),
        ]
        for setting in changed
    ]
    yield _table(["setting", "used", "default", "what it is"], rows)
    yield f"The other {len(report.settings) - len(changed)} are as they are by default."


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    marks = ["---", *["--:"] * (len(titles) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (titles, marks, *rows))
