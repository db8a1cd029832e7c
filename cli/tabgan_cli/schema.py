"""`tabgan schema`: show how a table's columns would be treated."""

from pathlib import Path

import click

from tabgan_cli.outputs import check_output
from tabgan_cli.screen import constraint_lines, data, note, schema_table

PATH = click.Path(path_type=Path)


@click.command("schema")
@click.argument("table", type=PATH)
@click.option("--from", "metadata", type=PATH, help="Metadata of SDV, Frictionless, pandas or pandera to start from.")
@click.option("--json", "as_json", is_flag=True, help="Print the schema as JSON.")
@click.option("-o", "--output", type=PATH, help="Write the schema to this JSON file, to be edited and given to `fit`.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
def command(table: Path, metadata: Path | None, as_json: bool, output: Path | None, force: bool) -> None:
    """Show how the columns of TABLE would be treated, and why, and which rules hold in every row."""
    if output is not None:
        check_output(output, force=force, inputs=[path for path in (table, metadata) if path is not None])
    from tabgan import Schema
    from tabgan.table.files import read_table

    rows = read_table(table)
    schema = Schema.infer(rows) if metadata is None else Schema.read(metadata, rows)
    if as_json:
        import json

        click.echo(json.dumps(schema.to_json(), indent=2, ensure_ascii=False))
    elif output is None:
        data().print(schema_table(schema))
        for line in constraint_lines(schema):
            data().print(line)
    if output is not None:
        schema.write(output)
        note(f"{output}: edit it, then `tabgan fit {table} --schema {output}`")
