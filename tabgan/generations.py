"""Two generations of a file, so that one is whole whatever happens while the other is written.

The files take turns: the one that was written last is left alone. Each is there as a whole or not at all, so a process
may be killed at any moment; what it leaves besides is one partial file, which the next writing replaces.
"""

import os
from contextlib import suppress
from pathlib import Path


class Generations:
    """The names of the two files, and what can be done with both.

    Args:
        path: of the first file; the second has a 2 behind its name.

    Attributes:
        path: of the first file.
        partial: the name of what is not whole yet.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.partial = f"{self.path.name}.part"
        self._files = (self.path, self.path.with_name(f"{self.path.name}2"))

    def present(self) -> list[Path]:
        """Those that are there; a folder of such a name is none."""
        return [file for file in self._files if os.path.lexists(file) and not file.is_dir()]

    def turn_of(self, serial: int) -> Path:
        """The file that the writing of this number, counted from 1, goes to."""
        return self._files[(serial + 1) % 2]

    def clear(self) -> None:
        """Delete both, and what was left of a writing."""
        for file in (*self._files, self.path.with_name(self.partial)):
            with suppress(OSError):
                file.unlink(missing_ok=True)
