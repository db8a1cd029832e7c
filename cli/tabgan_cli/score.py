"""`tabgan score`: how real the rows of a table are."""

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tabgan.errors import InputError
from tabgan_cli.drawing import require_output, write_rows
from tabgan_cli.outputs import only_model
from tabgan_cli.screen import note

if TYPE_CHECKING:
    import pyarrow as pa

COLUMN, REASON = "realism", "because"


@click.command("score")
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    help="Also write TABLE with a column 'realism' to this file: .parquet, .csv, .csv.gz, .arrow, .feather or .jsonl; "
    "- writes CSV to stdout.",
)
@click.option("-m", "--model", type=click.Path(path_type=Path), help="The model.  [default: this folder's only one]")
@click.option("--explain", is_flag=True, help="Also write a column 'because': what speaks most against the row.")
@click.option(
    "--lowest", type=click.IntRange(min=0), default=5, show_default=True, help="How many of the oddest rows to show."
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps.")
@click.option("--force", is_flag=True, help="Replace the output if it exists.")
def command(
    table: Path, output: str | None, model: Path | None, explain: bool, lowest: int, device: str, force: bool
) -> None:
    """Say how real each row of TABLE is: the probability that it is a real row and no careless fake.

    Near 1 a row is like those that the model has learnt, near 0 like a fake (shuffled columns, swapped cells, numbers
    that are off) or an anomaly; at 0.5 it may be either. A summary goes to stderr.

    \b
    tabgan score new.csv
    tabgan score new.csv --explain -o scored.parquet
    """  # noqa: D301  # \b is click's mark for a block that it must not wrap
    source = model if model is not None else only_model()
    if output is not None:
        require_output(output, force=force, inputs=[source, table])
    from tabgan import TabGAN
    from tabgan.table.files import read_table

    gan = TabGAN.load(source, device=device)
    rows = read_table(table, text_columns=gan.schema.text_columns)
    added = _added(rows.schema, explain=explain)
    summary = _Summary(lowest)
    batches = _scored(rows, gan.score_batches(rows), added, summary)
    if output is None:
        for _ in batches:
            pass
    else:
        write_rows(batches, added, output, rows.num_rows, f"{rows.num_rows:,} rows of {table}, scored", "scoring")
    summary.show()
    for name, words in gan.unscored.items():
        note(f"{name}: {words}")


def _added(schema: "pa.Schema", *, explain: bool) -> "pa.Schema":
    """The schema of the output.

    Raises:
        InputError: if the table has columns of these names already.
    """
    import pyarrow as pa

    fields = [pa.field(COLUMN, pa.float64()), *[pa.field(REASON, pa.string())] * explain]
    for field in fields:
        if field.name in schema.names:
            raise InputError(f"expected no column {field.name!r} in the table, which is to be added; rename it")
        schema = schema.append(field)
    return schema


def _scored(
    rows: "pa.Table", batches: "Iterator[pa.Table]", schema: "pa.Schema", summary: "_Summary"
) -> "Iterator[pa.Table]":
    """The rows with their scores, block by block, each told to the summary."""
    import pyarrow as pa

    start = 0
    for batch in batches:
        scores = batch[COLUMN].to_pylist()
        reasons = _reasons(batch)
        summary.see(start, scores, reasons)
        columns = [*rows.slice(start, batch.num_rows).columns, pa.array(scores, pa.float64())]
        if REASON in schema.names:
            columns.append(pa.array(reasons, pa.string()))
        start += batch.num_rows
        yield pa.Table.from_arrays(columns, schema=schema)


def _reasons(batch: "pa.Table") -> list[str]:
    """What speaks most against each row, with its surprise where it has one."""
    pairs = zip(batch[REASON].to_pylist(), batch["nats"].to_pylist(), strict=True)
    return [words if nats is None else f"{words} ({nats:.1f} nats)" for words, nats in pairs]


class _Summary:
    """What is shown in the end: counts, and the rows with the lowest scores."""

    def __init__(self, lowest: int) -> None:
        self._lowest = lowest
        self._rows, self._below, self._sum = 0, 0, 0.0
        self._oddest: list[tuple[float, int, str]] = []

    def see(self, start: int, scores: list[float], reasons: list[str]) -> None:
        """Take in the rows from `start` on."""
        self._rows += len(scores)
        self._below += sum(score < 0.5 for score in scores)
        self._sum += sum(scores)
        own = ((score, start + i + 1, reason) for i, (score, reason) in enumerate(zip(scores, reasons, strict=True)))
        self._oddest = heapq.nsmallest(self._lowest, [*self._oddest, *own])

    def show(self) -> None:
        """Say it on stderr."""
        mean, below = self._sum / self._rows, 100 * self._below / self._rows
        note(f"mean realism {mean:.3f} of {self._rows:,} rows, {below:.1f} % of them below 0.5")
        for score, row, reason in self._oddest:
            note(f"  row {row:,}: {score:.4f}, {reason}")
