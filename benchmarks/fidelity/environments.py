"""The peers' environments: one for each `peers/requirements-<name>.txt`, which lists every package it needs."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

DONE = ".installed"
REQUIREMENTS = sorted((Path(__file__).parent / "peers").glob("requirements-*.txt"))
NAMES = tuple(path.stem.removeprefix("requirements-") for path in REQUIREMENTS)


def build(into: Path, names: Sequence[str] = NAMES) -> list[Path]:
    """Make the environments that are not there yet; returns them.

    The lists are complete, so pip resolves nothing and brings nothing else, no other build of torch for example.

    Raises:
        subprocess.CalledProcessError: if an installation fails; the next call tries again.
    """
    made = []
    for requirements, name in zip(REQUIREMENTS, NAMES, strict=True):
        folder = into / name
        if name not in names or (folder / DONE).exists():
            continue
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = folder / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--no-deps", "--requirement", requirements], check=True)
        (folder / DONE).touch()
        made.append(folder)
    return made
