"""The command `tabgan`: finds its subcommands without importing them, and turns every error into a line and a code.

Exit codes: 0 done, 1 failed, 2 wrong usage or input. Nothing heavy is imported here, so that `tabgan --help` answers
at once.
"""

import errno
import signal
import sys
import warnings
from importlib import import_module
from io import TextIOWrapper
from types import FrameType
from typing import Any

import click

from tabgan.errors import ArtifactError, DataWarning, InputError, NotFittedError, TabganError
from tabgan.version import __version__

COMMANDS = {
    "fit": "Learn from a table and write a model file.",
    "tune": "Search for training settings that suit a table.",
    "sample": "Make synthetic rows with a model.",
    "impute": "Fill the missing cells of a table.",
    "score": "Say how real the rows of a table are.",
    "augment": "Add synthetic rows of rare classes to a table.",
    "evaluate": "Compare a real table with a synthetic one.",
    "report": "Show how a model was trained.",
    "schema": "Show how a table's columns would be treated.",
    "inspect": "Show what a model file holds.",
}


class WrongInput(click.ClickException):
    """An error that the user can mend; click's own kind ends the program with 1, usage errors end it with 2."""

    exit_code = 2


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own, imported when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"tabgan_cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; the errors of the library become messages, with warnings shown as lines."""
        debug = bool(ctx.params.get("debug"))
        with warnings.catch_warnings():
            warnings.simplefilter("always", DataWarning)
            warnings.showwarning = _warning_printer(debug)
            try:
                return super().invoke(ctx)
            except (click.ClickException, click.exceptions.Exit, click.Abort):
                raise
            except Exception as error:
                if debug or _is_broken_pipe(error):
                    raise
                raise _failure(error) from error


def _warning_printer(debug: bool) -> Any:
    """What replaces `warnings.showwarning`: ours are for the user, those of other libraries for developers."""

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if issubclass(category, DataWarning):
            # Through rich, not click.echo, so that a line appears above a progress bar and not inside it.
            from tabgan_cli.screen import note

            note(f"warning: {message}")
        elif debug:
            click.echo(f"{category.__name__}: {message}", err=True)

    return show


def _is_broken_pipe(error: Exception) -> bool:
    """True where the reader of stdout has gone, as with `| head`; click ends quietly then."""
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _failure(error: Exception) -> click.ClickException:
    """The error as a message for the user."""
    if isinstance(error, InputError | ArtifactError | NotFittedError):
        return WrongInput(str(error))
    if isinstance(error, TabganError):
        return click.ClickException(str(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return click.ClickException(
            f"no space left to write to ({error.strerror or error}); free some, or write elsewhere: the output by "
            "another name, temporary files by the environment variable TMPDIR"
        )
    if isinstance(error, MemoryError):
        return click.ClickException(f"not enough memory: {error}; try fewer rows or a smaller batch")
    first_line = (str(error).strip().splitlines() or ["no message"])[0]
    hint = "this is a bug in tabgan; `tabgan --debug ...` shows where"
    return click.ClickException(f"unexpected {type(error).__name__}: {first_line} ({hint})")


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tabgan")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def tabgan(debug: bool) -> None:
    """Synthetic tables: learn from a real one, make new rows, and see how close they are.

    \b
    tabgan fit reviews.csv
    tabgan sample -n 10000 -o synth.parquet
    tabgan evaluate reviews.csv synth.parquet
    """  # noqa: D301  # \b is click's mark for a block that it must not wrap


def main() -> None:
    """The entry point of the command `tabgan`."""
    for name in ("SIGTERM", "SIGHUP"):  # there is no SIGHUP on Windows
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal or pipe of few characters shows others as escapes
            stream.reconfigure(errors="backslashreplace")
    tabgan(prog_name="tabgan")


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Batch systems and closed terminals end a command as Ctrl-C does: in order, with nothing half-written."""
    raise KeyboardInterrupt
