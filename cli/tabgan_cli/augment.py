"""`tabgan augment`: add synthetic rows of rare classes to a table."""

from collections.abc import Sequence
from pathlib import Path

import click

from tabgan_cli.drawing import drawing_options, read_shares, require_output, shares_option, write_rows
from tabgan_cli.outputs import only_model


@click.command("augment")
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("column")
@shares_option("The share that a class shall have, in place of equal ones. Give it for each class.")
@drawing_options
def command(
    table: Path,
    column: str,
    shares: Sequence[str],
    output: str,
    model: Path | None,
    seed: int | None,
    device: str,
    force: bool,
) -> None:
    """Write the rows of TABLE, and behind them synthetic ones until all classes of COLUMN are equally frequent.

    \b
    tabgan augment clients.csv churned -o more.csv
    tabgan augment clients.csv churned --share yes=0.3 --share no=0.7 -o more.csv
    """  # noqa: D301  # \b is click's mark for a block that it must not wrap
    chosen = read_shares(shares)
    source = model if model is not None else only_model()
    require_output(output, force=force, inputs=[source, table])
    from tabgan import TabGAN
    from tabgan.table.files import read_table

    gan = TabGAN.load(source, device=device)
    rows = read_table(table, text_columns=gan.schema.text_columns)
    batches = gan.augment_batches(rows, column, shares=chosen, seed=seed)
    write_rows(batches, gan.output_schema, output, rows.num_rows, f"the rows of {table} and synthetic ones")
