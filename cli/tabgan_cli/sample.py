"""`tabgan sample`: make synthetic rows with a model, chunk by chunk."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tabgan_cli.outputs import check_output, only_model
from tabgan_cli.screen import Advance, duration, note

if TYPE_CHECKING:
    import pyarrow as pa

STDOUT = "-"


@click.command("sample")
@click.option("-n", "--rows", type=click.IntRange(min=1), required=True, help="How many rows to make.")
@click.option(
    "-o",
    "--output",
    required=True,
    help="The file to write: .parquet, .csv, .csv.gz, .arrow, .feather or .jsonl; - writes CSV to stdout.",
)
@click.option("-m", "--model", type=click.Path(path_type=Path), help="The model.  [default: this folder's only one]")
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="A cell that every row shall have; nothing after = means missing. Give it again for more columns.",
)
@click.option("--seed", type=click.IntRange(min=0), help="The same seed, the same rows.  [default: the model's]")
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
def command(
    rows: int, output: str, model: Path | None, conditions: Sequence[str], seed: int | None, device: str, force: bool
) -> None:
    """Make synthetic rows with a model.

    \b
    tabgan sample -n 10000 -o synth.parquet
    tabgan sample -n 500 --where rating=5 --where department=Dresses -o happy.csv
    """  # noqa: D301  # \b is click's mark for a block that it must not wrap
    source = model if model is not None else only_model()
    if output != STDOUT:
        check_output(Path(output), force=force, inputs=[source])
    from tabgan import TabGAN
    from tabgan.table.files import TableWriter

    gan = TabGAN.load(source, device=device)
    where = _where(conditions, [spec.name for spec in gan.schema.columns])
    batches = gan.sample_batches(rows, where=where or None, seed=seed)
    target = sys.stdout.buffer if output == STDOUT else Path(output)
    with TableWriter(target, gan.output_schema) as writer:
        for batch in _shown(batches, rows):
            writer.write(batch)
    if output != STDOUT:
        note(f"{output}: {rows:,} rows made by {source}")


def _where(conditions: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The conditions as a mapping; a column's name may itself hold an equals sign."""
    where: dict[str, str] = {}
    for text in conditions:
        if "=" not in text:
            raise click.UsageError(f"--where expects COLUMN=VALUE, got {text!r}")
        known = [name for name in names if text.startswith(f"{name}=")]
        name = max(known, key=len) if known else text.partition("=")[0]
        if name in where:
            raise click.UsageError(f"--where names the column {name!r} twice; a row has one value there")
        where[name] = text[len(name) + 1 :]
    return where


def _shown(batches: "Iterable[pa.Table]", rows: int) -> Iterator[Any]:
    """The same batches, with progress on stderr."""
    done, started = 0, time.monotonic()
    with Advance("sampling") as advance:
        for batch in batches:
            yield batch
            done += batch.num_rows
            remaining = (time.monotonic() - started) * (rows - done) / done
            advance.show(done, rows, f"{done:,} of {rows:,} rows, {duration(remaining)} left")
