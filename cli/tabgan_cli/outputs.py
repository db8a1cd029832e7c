"""What must hold before a command starts to work: its output may be written, and is none of its inputs."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from tabgan.errors import InputError
from tabgan.writing import WholeFile, check_writable

MODEL_SUFFIX = ".tabgan"


def check_output(output: Path, *, force: bool, inputs: Sequence[Path] = ()) -> None:
    """Refuse an output that cannot or should not be written.

    Args:
        output: the file to be.
        force: an existing file may be replaced.
        inputs: files that the command reads; `output` may be none of them.

    Raises:
        click.UsageError: if `output` is an input, or exists and `force` is not given.
        OutputError: if `output` cannot be written.
    """
    for source in inputs:
        if _same_file(output, source):
            raise click.UsageError(f"the output {str(output)!r} is also an input; give the output another name")
    if os.path.exists(output) and not output.is_dir() and not force:  # Path.exists raises where a name is too long
        raise click.UsageError(f"{str(output)!r} exists already; replace it with --force or give another name with -o")
    check_writable(output)


def _same_file(left: Path, right: Path) -> bool:
    try:
        return left.samefile(right)
    except OSError:
        return left.resolve() == right.resolve()


def write_text(path: Path, text: str) -> None:
    """Write a text file in one go: either all of it is there or nothing changed.

    Raises:
        OutputError: if the file cannot be written.
    """
    with WholeFile(path) as file:
        file.write(text.encode())


def only_model() -> Path:
    """The only model file of the current folder.

    Raises:
        InputError: if there is none, or more than one.
    """
    found = sorted(Path().glob(f"*{MODEL_SUFFIX}"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(
            f"no {MODEL_SUFFIX} file in {str(Path.cwd())!r}; make one with `tabgan fit TABLE`, or name one with -m"
        )
    listed = "\n".join(f"  - {path}" for path in found)
    raise InputError(f"expected one {MODEL_SUFFIX} file here, found {len(found)}; name one with -m:\n{listed}")
