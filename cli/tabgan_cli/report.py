"""`tabgan report`: show how a model was trained."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from tabgan_cli.outputs import check_output, only_model, write_text
from tabgan_cli.panels import CURVES, panels
from tabgan_cli.screen import data, duration, figures_table, note, pairs_table
from tabgan_cli.training_view import event_lines, state_line

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from tabgan.evaluation.results.training import TrainingReport
    from tabgan.gan.history import TrainingStats

PATH = click.Path(path_type=Path)
FORMATS = (".html", ".json", ".md")
MAX_LINES = 12
"""Of the table of figures, beside the step whose weights are kept."""
FIGURES = {
    "surprise": "surprise",
    "held_out": "held out",
    "held_out_shape": "Shape %",
    "held_out_trend": "Trend %",
    "detection": "AUC",
    "coverage": "coverage %",
    "accuracy": "critic's accuracy %",
}
"""Series and what stands above them."""


@click.command("report")
@click.argument("model", type=PATH, required=False)
@click.option(
    "--real", type=PATH, help="A real table to compare the samples with, for example the one that was learnt."
)
@click.option("-o", "--output", type=PATH, help="Also write the report to this file: .html, .json or .md.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
def command(model: Path | None, real: Path | None, output: Path | None, force: bool) -> None:
    """Show how MODEL was trained: its curves, what happened, how it ended, and its samples on the way.

    Without MODEL, the only model file of this folder is taken.
    """
    source = model if model is not None else only_model()
    if output is not None:
        if output.suffix.lower() not in FORMATS:
            raise click.UsageError(f"a report's name ends in {', '.join(FORMATS)}, got {str(output)!r}")
        check_output(output, force=force, inputs=[path for path in (source, real) if path is not None])
    from tabgan import TabGAN
    from tabgan.evaluation.render import to_json, training_to_html, training_to_markdown

    gan = TabGAN.load(source, device="cpu")
    report = gan.training_report(real)
    console = data()
    for heading, content in _sections(report, gan.history, console):
        console.print(f"\n[bold underline]{heading}[/]\n")
        console.print(content)
    if output is not None:
        writers: dict[str, Callable[[TrainingReport], str]] = {
            ".html": training_to_html,
            ".json": to_json,
            ".md": training_to_markdown,
        }
        write_text(output, writers[output.suffix.lower()](report))
        note(f"{output}: the report as a file")


def _sections(
    report: "TrainingReport", history: "tuple[TrainingStats, ...]", console: "Console"
) -> "Iterator[tuple[str, RenderableType]]":
    from tabgan.evaluation.render.training_words import setting_line

    plain = console.options.ascii_only
    yield "Training", _overview(report, plain)
    if report.events:
        yield "What happened", event_lines(report.events, console.width, ascii_only=plain)
    if changed := {s.name: setting_line(s.value, s.default, s.unit) for s in report.settings if s.changed}:
        yield "Settings that differ from the defaults", pairs_table(changed)
    if history:
        floors = {s.name: s.floor / (100 if s.unit == "%" else 1) for s in report.series if s.floor is not None}
        lines = panels(history, console.width, len(CURVES), floors=floors, ascii_only=plain, low=True)
        yield "Curves", Text("\n", no_wrap=True).join(lines)
        yield "Figures", figures_table(*_figures(report))
    if report.snapshots:
        beside = "real rows" if report.reference == "real" else "rows of the weights that are kept"
        yield f"Samples beside {report.n_reference:,} {beside}", figures_table(*_samples(report))


def _overview(report: "TrainingReport", ascii_only: bool) -> "RenderableType":
    facts: dict[str, str | Text] = {"rows learnt": f"{report.n_rows:,}"}
    if report.elapsed_s is not None:
        facts["time"] = duration(report.elapsed_s)
    facts["training"] = report.ending
    if report.states:
        facts["at the end"] = state_line(report.states[-1].state, ascii_only=ascii_only)
    if report.not_computed:
        facts["not shown"] = "; ".join(f"{entry.what}: {entry.reason}" for entry in report.not_computed)
    if report.caveats:
        facts["caution"] = "; ".join(caveat.text for caveat in report.caveats)
    return pairs_table(facts)


def _figures(report: "TrainingReport") -> tuple[list[str], list[list[str]]]:
    """Titles and rows: what was measured at a few steps, and at the one whose weights are kept."""
    shown = [series for series in report.series if series.name in FIGURES]
    curves = {s.name: dict(zip(s.steps, s.values, strict=True)) for s in shown}
    steps = sorted(curves["surprise"])
    every = -(-len(steps) // MAX_LINES)
    chosen = set(curves.get("held_out_shape", steps[::every])) | {steps[-1], report.kept_step}
    rows = [
        [_step(step, step == report.kept_step), *(_figure(curve.get(step)) for curve in curves.values())]
        for step in steps
        if step in chosen
    ]
    if any(series.floor is not None for series in shown):
        rows.append(["real rows", *("" if s.floor is None else _figure(s.floor) for s in shown)])
    return ["step", *(FIGURES[name] for name in curves)], rows


def _samples(report: "TrainingReport") -> tuple[list[str], list[list[str]]]:
    """Titles and rows: each snapshot's distance to the reference."""
    rows = []
    for snapshot in report.snapshots:
        error = snapshot.shape_error_pct
        cells = (error.value, error.standard_error, error.floor) if error else (None, None, None)
        rows.append([_step(snapshot.step, snapshot.kept), f"{snapshot.n:,}", *map(_figure, cells)])
    return ["step", "rows", "Shape error %", "±", "chance"], rows


def _step(step: int, kept: bool) -> str:
    return f"{step:,} kept" if kept else f"{step:,}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
