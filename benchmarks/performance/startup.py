"""How long a user waits before anything happens: each command in fresh processes, in turns with bare ones.

Ratios are to `import torch` where torch is needed and to a Python that does nothing where it is not.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.performance.processes import run
from benchmarks.performance.record import about, spread

COMMAND = "from tabgan_cli.main import main; main()"
NOTHING, TORCH = "python -c pass", "import torch"


def cases(model: Path, rows: int, scratch: Path) -> dict[str, tuple[list[str], str]]:
    """What is started, and what it is compared with."""
    python = [sys.executable, "-c"]
    sample = ["sample", "-n", str(rows), "-m", str(model), "-o", str(scratch / "rows.csv"), "--force"]
    return {
        NOTHING: ([*python, "pass"], NOTHING),
        TORCH: ([*python, "import torch"], TORCH),
        "import tabgan": ([*python, "import tabgan"], NOTHING),
        "tabgan --help": ([*python, COMMAND, "--help"], NOTHING),
        f"tabgan sample -n {rows}": ([*python, COMMAND, *sample], TORCH),
    }


def startup(model: Path, scratch: Path, *, repeats: int = 15, rows: int = 10) -> dict[str, Any]:
    """The seconds of each case, and its ratio to its yardstick of the same turn."""
    known = cases(model, rows, scratch)
    for command, _ in known.values():
        run(command)  # files come into the system's cache
    seconds: dict[str, list[float]] = {name: [] for name in known}
    for _ in range(repeats):
        for name, (command, _) in known.items():
            seconds[name].append(run(command).seconds)
    return about() | {
        "cases": [
            {"name": name, "seconds": spread(seconds[name]), "beside": beside}
            | {"ratio": spread(ratios(seconds[name], seconds[beside]))}
            | {"own_s": spread(beyond(seconds[name], seconds[NOTHING]))}
            for name, (_, beside) in known.items()
        ]
    }


def ratios(mine: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Turn by turn."""
    return [a / b for a, b in zip(mine, theirs, strict=True)]


def beyond(mine: Sequence[float], bare: Sequence[float]) -> list[float]:
    """What is left without the start of Python itself, turn by turn."""
    return [a - b for a, b in zip(mine, bare, strict=True)]
