"""`tabgan report`: show how a model was trained."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tabgan_cli.outputs import check_output, only_model, write_text
from tabgan_cli.screen import data, duration, figures_table, note, pairs_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from tabgan.evaluation.results.training import TrainingReport

PATH = click.Path(path_type=Path)
FORMATS = (".html", ".json")
MAX_LINES = 12
"""Of the table of curves, beside the step whose weights are kept."""
CURVES = {
    "surprise": "surprise",
    "held_out": "held out",
    "held_out_shape": "distance %",
    "real_score": "critic: real",
    "made_score": "generated",
}
"""Series and what stands above them."""


@click.command("report")
@click.argument("model", type=PATH, required=False)
@click.option(
    "--real", type=PATH, help="A real table to compare the samples with, for example the one that was learnt."
)
@click.option("-o", "--output", type=PATH, help="Also write the report to this file: .html or .json.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
def command(model: Path | None, real: Path | None, output: Path | None, force: bool) -> None:
    """Show how MODEL was trained: its curves, how it ended, and its samples on the way.

    Without MODEL, the only model file of this folder is taken.
    """
    source = model if model is not None else only_model()
    if output is not None:
        if output.suffix.lower() not in FORMATS:
            raise click.UsageError(f"a report's name ends in {' or '.join(FORMATS)}, got {str(output)!r}")
        check_output(output, force=force, inputs=[path for path in (source, real) if path is not None])
    from tabgan import TabGAN
    from tabgan.evaluation.render import to_json, training_to_html

    report = TabGAN.load(source, device="cpu").training_report(real)
    for heading, content in _sections(report):
        data().print(f"\n[bold underline]{heading}[/]\n")
        data().print(content)
    if output is not None:
        write_text(output, training_to_html(report) if output.suffix.lower() == ".html" else to_json(report))
        note(f"{output}: the report as a file")


def _sections(report: "TrainingReport") -> "Iterator[tuple[str, RenderableType]]":
    facts = {"rows learnt": f"{report.n_rows:,}"}
    if report.elapsed_s is not None:
        facts["time"] = duration(report.elapsed_s)
    facts["training"] = report.ending
    if report.not_computed:
        facts["not shown"] = "; ".join(f"{entry.what}: {entry.reason}" for entry in report.not_computed)
    if report.caveats:
        facts["caution"] = "; ".join(caveat.text for caveat in report.caveats)
    yield "Training", pairs_table(facts)
    if report.series:
        yield "Curves", figures_table(*_curves(report))
    if report.snapshots:
        beside = "real rows" if report.reference == "real" else "rows of the weights that are kept"
        yield f"Samples beside {report.n_reference:,} {beside}", figures_table(*_samples(report))


def _curves(report: "TrainingReport") -> tuple[list[str], list[list[str]]]:
    """Titles and rows: what was measured at a few steps, and at the one whose weights are kept."""
    curves = {s.name: dict(zip(s.steps, s.values, strict=True)) for s in report.series if s.name in CURVES}
    steps = sorted(next(iter(curves.values())))
    every = -(-len(steps) // MAX_LINES)
    shown = set(curves.get("held_out_shape", steps[::every])) | {steps[-1], report.kept_step}
    rows = [
        [_step(step, step == report.kept_step), *(_figure(curve.get(step)) for curve in curves.values())]
        for step in steps
        if step in shown
    ]
    floors = [s.floor for s in report.series if s.name in CURVES]
    if any(floor is not None for floor in floors):
        rows.append(["chance", *("" if floor is None else _figure(floor) for floor in floors)])
    return ["step", *(CURVES[name] for name in curves)], rows


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
