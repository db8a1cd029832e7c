"""`tabgan evaluate`: compare a real table with a synthetic one."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tabgan.evaluation.report import OPTIONAL
from tabgan.evaluation.scores import MEANINGS, scores
from tabgan_cli.outputs import check_output, write_text
from tabgan_cli.screen import Advance, data, note

if TYPE_CHECKING:
    from tabgan.evaluation.evaluator import Progress
    from tabgan.evaluation.report import Report

PATH = click.Path(path_type=Path)
FORMATS = (".html", ".md", ".json", ".png")


class Bound(click.ParamType):  # type: ignore[type-arg]  # it is generic from click 8.4 on alone
    """`MEASURE=SCORE`, as a pair of the measure and the least score."""

    name = "MEASURE=SCORE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """The pair, or a usage error that says what was expected."""
        if isinstance(value, tuple):
            return value
        measure, equals, text = str(value).partition("=")
        if not equals or measure not in MEANINGS:
            self.fail(f"{value!r}: expected MEASURE=SCORE with a measure among {', '.join(MEANINGS)}", param, ctx)
        try:
            score = float(text)
        except ValueError:
            score = -1.0
        if not 0 <= score <= 1:
            self.fail(f"{value!r}: expected a score from 0 to 1 (1 is the best), got {text!r}", param, ctx)
        return measure, score


SCORES = "\b\nScores for --fail-under:\n" + "\n".join(f"  {name:<10}  {text}" for name, text in MEANINGS.items())


@click.command("evaluate", epilog=SCORES)
@click.argument("real", type=PATH)
@click.argument("synthetic", type=PATH)
@click.option("--holdout", type=PATH, help="Real rows that the synthesizer has not seen, for privacy and utility.")
@click.option("--target", help="The column that a model would be trained for.  [default: chosen, with a reason]")
@click.option(
    "-o",
    "--output",
    "outputs",
    type=PATH,
    multiple=True,
    help="Also write the report to this file: .html, .md, .json or .png. Can be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--skip", type=click.Choice(OPTIONAL), multiple=True, help="Leave a measure out, to save time.")
@click.option(
    "--fail-under",
    "bounds",
    type=Bound(),
    multiple=True,
    help="End with exit code 1 if a score, from 0 to 1 (the best), is lower, or missing.",
)
@click.option("--schema", "schema_file", type=PATH, help="The schema of the tables.  [default: inferred from REAL]")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of every random choice.")
@click.option("--force", is_flag=True, help="Replace outputs that exist.")
def command(
    real: Path,
    synthetic: Path,
    holdout: Path | None,
    target: str | None,
    outputs: tuple[Path, ...],
    as_json: bool,
    skip: tuple[str, ...],
    bounds: tuple[tuple[str, float], ...],
    schema_file: Path | None,
    seed: int,
    force: bool,
) -> None:
    """Compare REAL with SYNTHETIC: columns, pairs, whole rows, use and privacy, each beside a second real sample."""
    inputs = [path for path in (real, synthetic, holdout, schema_file) if path is not None]
    for output in outputs:
        if output.suffix.lower() not in FORMATS:
            raise click.UsageError(f"a report's name ends in {', '.join(FORMATS)}, got {str(output)!r}")
        check_output(output, force=force, inputs=inputs)
    if any(output.suffix.lower() == ".png" for output in outputs):
        from tabgan.evaluation.render.as_figure import require_matplotlib

        require_matplotlib()
    from tabgan import Schema, evaluate
    from tabgan.evaluation.render import to_json, to_rich

    schema = Schema.read(schema_file) if schema_file is not None else None
    with Advance("Evaluating") as bar:
        report = evaluate(
            real, synthetic, holdout, target, schema=schema, seed=seed, skip=skip, progress=_shown_by(bar)
        )
    if as_json:
        click.echo(to_json(report), nl=False)
    else:
        data().print(to_rich(report))
    for output in outputs:
        _write(report, output)
        note(f"{output}: the report as a file")
    _judge(report, bounds)


def _shown_by(bar: Advance) -> "Callable[[Progress], None]":
    return lambda progress: bar.show(progress.done, progress.total, progress.doing)


def _write(report: "Report", output: Path) -> None:
    from tabgan.evaluation.render import to_html, to_json, to_markdown
    from tabgan.evaluation.render.as_figure import to_png

    if output.suffix.lower() == ".png":
        to_png(report, output)
        return
    if output.suffix.lower() == ".json":
        write_text(output, to_json(report))
    else:
        write_text(output, to_html(report) if output.suffix.lower() == ".html" else to_markdown(report))


def _judge(report: "Report", bounds: tuple[tuple[str, float], ...]) -> None:
    """Say for each bound whether the report keeps it; end with exit code 1 if one is not kept."""
    found = scores(report)
    kept = True
    for measure, least in bounds:
        score = found.get(measure)
        passed = score is not None and score >= least
        stands = "was not computed" if score is None else f"is {score:.4f}"
        note(f"{measure} {stands}, at least {least:g} was asked for: {'passed' if passed else 'failed'}")
        kept = kept and passed
    if not kept:
        raise click.exceptions.Exit(1)
