"""Files that are there as a whole or not at all.

What is written goes to a partial file beside its target, which takes the target's name once it is complete and on the
disk. Whatever goes wrong before that, an interrupt from the keyboard too, removes the partial file and leaves an older
file of that name as it was. Devices and pipes cannot be replaced; they are written to directly, or refused.
"""

import errno
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from tabgan.errors import OutputError

_BINARY = getattr(os, "O_BINARY", 0)  # Windows translates line ends without it
_REMEDIES = {
    errno.ENOSPC: "free some space or write elsewhere",
    errno.EACCES: "change its permissions or write elsewhere",
    errno.EPERM: "change its permissions or write elsewhere",
    errno.ENOENT: "make its folder first",
}


class WholeFile:
    """A file in the making.

    A symbolic link is followed: what it points to is replaced. A new file has the permissions that the umask leaves,
    an older file's permissions are kept.

    with WholeFile("report.html") as file:
        file.write(b"...")

    Args:
        path: the file to be.
        label: what messages call it; its path by default.
        devices: whether a device or a pipe in its place is written to; else it is refused.
        partial: the name of the partial file, in the same folder; by default one that nothing else has. One that a
            process left there when it was killed is replaced.

    Raises:
        OutputError: while opening, writing in the `with` block, or closing, if the file cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        label: str | None = None,
        *,
        devices: bool = True,
        partial: str | None = None,
    ) -> None:
        self._path = Path(path)
        self._label = repr(str(path)) if label is None else label
        self._devices, self._name = devices, partial
        self._mode: int | None = None
        self._target: Path | None = None
        self._partial: Path | None = None
        self._file: BinaryIO | None = None

    def open(self) -> BinaryIO:
        """The open file; `finish` or `discard` must follow."""
        try:
            self._file = self._opened()
        except (OSError, ValueError) as error:  # a path with a null character is a ValueError
            self.discard()
            raise output_error(self._label, error) from error
        except BaseException:
            self.discard()
            raise
        return self._file

    def _opened(self) -> BinaryIO:
        self._mode = _mode(self._path)
        if self._mode is not None and not stat.S_ISREG(self._mode):
            if stat.S_ISDIR(self._mode) or not self._devices:
                raise OutputError(f"cannot write {self._label}: it is not a regular file; name another one")
            return self._path.open("wb")
        self._target = Path(os.path.realpath(self._path))
        # The name is short, so that the longest name that the system allows can still be written.
        self._partial = self._target.with_name(self._name or f".tabgan-{os.urandom(8).hex()}")
        if self._name is not None:
            self._partial.unlink(missing_ok=True)
        # Unlike the files of `tempfile`, which only their owner may read, this one follows the umask.
        return open(os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "wb")

    def finish(self) -> None:
        """Close the file and give it its name."""
        assert self._file is not None, "expected an open file"
        try:
            self._file.flush()
            if self._partial is not None:
                os.fsync(self._file.fileno())  # a full disk may show as late as here
            self._file.close()
            if self._partial is not None and self._target is not None:
                if self._mode is not None:
                    self._partial.chmod(stat.S_IMODE(self._mode))
                os.replace(self._partial, self._target)
        except OSError as error:
            self.discard()
            raise output_error(self._label, error) from error
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Close the file and remove what was written so far; an older file stays."""
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        with suppress(OSError, ValueError):
            if self._partial is not None:
                self._partial.unlink(missing_ok=True)

    def __enter__(self) -> BinaryIO:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.finish()
            return
        self.discard()
        if isinstance(error, OSError):
            raise output_error(self._label, error) from error


def _mode(path: Path) -> int | None:
    """What stands at `path`, links followed; None if nothing does."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def output_error(label: str, error: OSError | ValueError) -> OutputError:
    """The error that says why `label` could not be written, and what to do."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    remedy = _REMEDIES.get(getattr(error, "errno", None) or 0, "write elsewhere")
    return OutputError(f"cannot write {label}: {reason}; {remedy}")


def check_writable(path: str | os.PathLike[str]) -> None:
    """Make sure, before any work, that a file can be written at `path`. Nothing is left there.

    Raises:
        OutputError: if the folder is missing or takes no files, or a folder is in the way.
    """
    path = Path(path)
    try:
        mode = _mode(path)
        folder = Path(os.path.realpath(path)).parent
        if mode is not None and stat.S_ISDIR(mode):
            raise OutputError(f"expected a file to write, got the folder {str(path)!r}; name a file in it")
        if not folder.is_dir():
            raise OutputError(f"cannot write {str(path)!r}: there is no folder {str(path.parent)!r}; make it first")
        if mode is None or stat.S_ISREG(mode):
            with tempfile.TemporaryFile(dir=folder):
                pass
    except (OSError, ValueError) as error:
        raise output_error(repr(str(path)), error) from error
