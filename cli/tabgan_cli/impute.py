"""`tabgan impute`: fill the missing cells of a table."""

from pathlib import Path

import click

from tabgan_cli.drawing import drawing_options, require_output, write_rows
from tabgan_cli.outputs import only_model


@click.command("impute")
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--likeliest",
    is_flag=True,
    help="Fill in what is most likely, not what is drawn: more cells are right, but margins are distorted.",
)
@drawing_options
def command(
    table: Path, likeliest: bool, output: str, model: Path | None, seed: int | None, device: str, force: bool
) -> None:
    """Fill the missing cells of TABLE by what goes with the cells that are there.

    TABLE has columns of the table that the model has learnt; columns may be lacking. Known cells stay as they are.

    \b
    tabgan impute holes.csv -o whole.csv
    """  # noqa: D301  # \b is click's mark for a block that it must not wrap
    source = model if model is not None else only_model()
    require_output(output, force=force, inputs=[source, table])
    from tabgan import TabGAN
    from tabgan.table.files import read_table

    gan = TabGAN.load(source, device=device)
    rows = read_table(table, text_columns=gan.schema.text_columns)
    batches = gan.impute_batches(rows, seed=seed, likeliest=likeliest)
    write_rows(batches, gan.output_schema, output, rows.num_rows, f"{rows.num_rows:,} rows of {table}, filled")
