"""What the commands that draw rows have in common: their options, and rows that go to a file as they come."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tabgan_cli.outputs import check_output
from tabgan_cli.screen import Advance, duration, note

if TYPE_CHECKING:
    import pyarrow as pa

STDOUT = "-"
_OPTIONS = (
    click.option(
        "-o",
        "--output",
        required=True,
        help="The file to write: .parquet, .csv, .csv.gz, .arrow, .feather or .jsonl; - writes CSV to stdout.",
    ),
    click.option(
        "-m", "--model", type=click.Path(path_type=Path), help="The model.  [default: this folder's only one]"
    ),
    click.option("--seed", type=click.IntRange(min=0), help="The same seed, the same rows.  [default: the model's]"),
    click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or mps."),
    click.option("--force", is_flag=True, help="Replace the output if it exists."),
)


def drawing_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that draws rows."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def shares_option(help: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option that names the share of a class."""
    return click.option("--share", "shares", multiple=True, metavar="CLASS=SHARE", help=help)


def read_shares(texts: Iterable[str]) -> dict[str, float] | None:
    """Classes to their shares; None if there are none.

    Raises:
        UsageError: if a text says no such thing.
    """
    found: dict[str, float] = {}
    for text in texts:
        name, _, share = text.rpartition("=")
        if name in found:
            raise click.UsageError(f"--share names the class {name!r} twice; name it once")
        try:
            found[name] = float(share)
        except ValueError as error:
            raise click.UsageError(f"--share expects CLASS=SHARE such as yes=0.5, got {text!r}") from error
    return found or None


def require_output(output: str, *, force: bool, inputs: list[Path]) -> None:
    """Refuse an output that may not be written, before any work is done."""
    if output != STDOUT:
        check_output(Path(output), force=force, inputs=inputs)


def write_rows(
    batches: "Iterable[pa.Table]", schema: "pa.Schema", output: str, rows: int, what: str, work: str = "sampling"
) -> None:
    """Write rows as they come, with progress of the `work` on stderr, and say at the end `what` they are."""
    from tabgan.table.files import TableWriter

    target = sys.stdout.buffer if output == STDOUT else Path(output)
    with TableWriter(target, schema) as writer:
        for batch in _shown(batches, rows, work):
            writer.write(batch)
    if output != STDOUT:
        note(f"{output}: {what}")


def _shown(batches: "Iterable[pa.Table]", rows: int, work: str) -> Iterator[Any]:
    """The same batches, with progress on stderr."""
    done, started = 0, time.monotonic()
    with Advance(work) as advance:
        for batch in batches:
            yield batch
            done += batch.num_rows
            remaining = (time.monotonic() - started) * max(rows - done, 0) / done
            advance.show(done, max(rows, done), f"{done:,} of {max(rows, done):,} rows, {duration(remaining)} left")
