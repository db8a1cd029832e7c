"""What must hold before a command starts to work: its output may be written, and is none of its inputs."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from tabgan.errors import InputError, OutputError

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
    if output.exists() and not output.is_dir() and not force:
        raise click.UsageError(f"{str(output)!r} exists already; replace it with --force or give another name with -o")
    from tabgan.table.files import check_writable

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
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False, newline="\n") as file:
            partial = Path(file.name)
            try:
                file.write(text)
                file.flush()
                os.chmod(partial, 0o666 & ~_umask())
                os.replace(partial, path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OutputError(f"could not write {str(path)!r}: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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
