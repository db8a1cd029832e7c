"""`tabgan sample`: make synthetic rows with a model, chunk by chunk."""

from collections.abc import Sequence
from pathlib import Path

import click

from tabgan_cli.drawing import drawing_options, read_shares, require_output, shares_option, write_rows
from tabgan_cli.outputs import only_model


@click.command("sample")
@click.option("-n", "--rows", type=click.IntRange(min=1), required=True, help="How many rows to make.")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="CONDITION",
    help="What every row shall be like: COLUMN=VALUE (nothing after = means missing), with != < <= > >= in place of =, "
    "'COLUMN in (A, B)', 'COLUMN not in (A, B)', 'COLUMN between A and B' or 'COLUMN is [not] missing'. Names and "
    "values may stand in double quotes. Give it again for more conditions; all of them hold.",
)
@click.option("--balance", metavar="COLUMN", help="Make all classes of this column equally frequent.")
@shares_option("The share of a class of --balance, in place of equal ones. Give it for each class.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that make rows, for millions of them on many cores; the rows are the same.  "
    "[default: a few threads of one process]",
)
@drawing_options
def command(
    rows: int,
    conditions: Sequence[str],
    balance: str | None,
    shares: Sequence[str],
    workers: int | None,
    output: str,
    model: Path | None,
    seed: int | None,
    device: str,
    force: bool,
) -> None:
    """Make synthetic rows with a model.

    \b
    tabgan sample -n 10000 -o synth.parquet
    tabgan sample -n 500 --where rating=5 --where department=Dresses -o happy.csv
    tabgan sample -n 500 --where "age>=30" --where "department in (Dresses, Tops)" -o some.csv
    tabgan sample -n 500 --balance rating -o balanced.csv
    """  # noqa: D301  # \b is click's mark for a block that it must not wrap
    chosen = read_shares(shares)
    if chosen and balance is None:
        raise click.UsageError("--share needs the column that it is about; name it with --balance")
    if balance is not None and conditions:
        raise click.UsageError("expected --where or --balance, got both; leave one out")
    source = model if model is not None else only_model()
    require_output(output, force=force, inputs=[source])
    from tabgan import TabGAN

    gan = TabGAN.load(source, device=device)
    if balance is not None:
        batches = gan.balance_batches(balance, rows, shares=chosen, seed=seed)
    else:
        batches = gan.sample_batches(rows, where=list(conditions) or None, seed=seed, workers=workers)
    write_rows(batches, gan.output_schema, output, rows, f"{rows:,} rows made by {source}")
