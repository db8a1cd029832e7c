"""`tabgan evaluate`: compare a real table with a synthetic one."""

from pathlib import Path

import click

from tabgan_cli.outputs import check_output, write_text
from tabgan_cli.screen import data, note

PATH = click.Path(path_type=Path)
FORMATS = (".html", ".json")


@click.command("evaluate")
@click.argument("real", type=PATH)
@click.argument("synthetic", type=PATH)
@click.option("-o", "--output", type=PATH, help="Also write the report to this file: .html or .json.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--schema", "schema_file", type=PATH, help="The schema of both tables.  [default: inferred from REAL]")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For the detection test.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
def command(
    real: Path,
    synthetic: Path,
    output: Path | None,
    as_json: bool,
    schema_file: Path | None,
    seed: int,
    force: bool,
) -> None:
    """Compare REAL with SYNTHETIC: each column, each pair, and whether trees can tell the rows apart."""
    if output is not None:
        if output.suffix not in FORMATS:
            raise click.UsageError(f"a report's name ends in {' or '.join(FORMATS)}, got {str(output)!r}")
        check_output(output, force=force, inputs=[real, synthetic])
    from tabgan import Schema, evaluate
    from tabgan.evaluation.render import to_html, to_json, to_rich

    schema = Schema.read(schema_file) if schema_file is not None else None
    report = evaluate(real, synthetic, schema=schema, seed=seed)
    if as_json:
        click.echo(to_json(report), nl=False)
    else:
        data().print(to_rich(report))
    if output is not None:
        write_text(output, to_html(report) if output.suffix == ".html" else to_json(report))
        note(f"{output}: the report as a file")
