"""What the commands show: messages, tables and progress. Data goes to `data()`, all the rest to `messages()`.

Text from tables is passed as `rich.text.Text`, never as markup, so that a column called "[red]" is only a name.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from tabgan.gan.history import TrainingStats
    from tabgan.model import TabGAN
    from tabgan.table.schema import Schema

PLAIN_WIDTH = 120
"""Columns of a line where the output is no terminal: logs and files have no edge."""


@cache
def messages() -> Console:
    """The console on stderr."""
    return Console(stderr=True, highlight=False, width=_width(sys.stderr.isatty()))


@cache
def data() -> Console:
    """The console on stdout."""
    return Console(highlight=False, width=_width(sys.stdout.isatty()))


def _width(terminal: bool) -> int | None:
    return None if terminal or "COLUMNS" in os.environ else PLAIN_WIDTH


def note(text: str) -> None:
    """One message on stderr, as it is: no markup, no wrapping."""
    messages().print(text, markup=False, soft_wrap=True)


def duration(seconds: float) -> str:
    """Seconds as m:ss or h:mm:ss.

    >>> duration(75.2), duration(3_725)
    ('1:15', '1:02:05')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def schema_table(schema: "Schema") -> Table:
    """A schema, one row per column."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("column", "kind", "type", "missing", "why"):
        table.add_column(heading, overflow="fold")
    for spec in schema.columns:
        style = None if spec.made else "dim"
        row = (spec.name, spec.kind, spec.dtype, "yes" if spec.nullable else "", spec.reason)
        table.add_row(*map(Text, row), style=style)
    return table


def constraint_lines(schema: "Schema") -> list[Text]:
    """The rules that hold in every row, one a line under a heading; nothing if there are none."""
    if not schema.constraints:
        return []
    heading = Text("\nrules that hold in every row", style="bold")
    return [heading, *(Text(f"  {constraint.describe()}") for constraint in schema.constraints)]


def pairs_table(rows: "Mapping[str, str | Text]") -> Table:
    """Two columns, a name and what there is to say."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(Text(name), value if isinstance(value, Text) else Text(value))
    return table


def figures_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of figures, each column aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(Text(title), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def training_line(model: "TabGAN") -> str:
    """How long the training took, how it ended and which weights are kept."""
    return f"{duration(model.history[-1].elapsed_s)}, {model.ending}" if model.history else model.ending


def losses_line(stats: "TrainingStats") -> str:
    """Where the losses stand."""
    said = [f"surprise {stats.surprise:.2f} nats a row"]
    if stats.held_out is not None:
        said.append(f"{stats.held_out:.2f} held out")
    if stats.real_score is not None:
        said.append(f"critic {stats.real_score:.2f} real, {stats.made_score:.2f} generated")
    elif stats.critic_loss is not None:
        said.append(f"critic {stats.critic_loss:.3f}")
    return ", ".join(said)


class Advance:
    """Progress on stderr: one bar on a terminal, a line for every tenth of the way elsewhere."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._tenth = 0
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        console = messages()
        if console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                TextColumn("{task.fields[say]}"),
            )
            self._bar = Progress(*columns, console=console)
            self._task = self._bar.add_task(self._label, total=None, say="")
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, done: int, total: int, say: str, label: str | None = None) -> None:
        """Say how far the work is.

        Args:
            done: units of work done.
            total: units of work in all.
            say: what stands behind the bar, for example the time left.
            label: of the work, where other work begins than before.
        """
        if label is not None and label != self._label:
            self._label, self._tenth = label, 0
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, say=say, description=self._label)
        elif (tenth := 10 * done // max(total, 1)) > self._tenth:
            self._tenth = tenth
            note(f"{self._label}: {10 * tenth} %, {say}")
