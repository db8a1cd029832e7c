"""Whether pieces have become slower, beside a calibration that was kept of the same machine.

The pieces run under pytest-benchmark a few times, each in a fresh process, and each piece's median is divided by a
fixed piece of work that was timed right before and after it. What is kept and compared are these ratios: a machine that
is busier or clocked lower today moves both. A piece is slower if its ratio has grown by more than `LIMIT`, and by more
than the noise of both sides; it is doubtful if the growth exceeds the limit but not the noise.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks.performance.processes import threads_of
from benchmarks.performance.record import about

PIECES = Path(__file__).with_name("bench_pieces.py")
LIMIT = 0.10
SURE = 2.0
"""Standard errors that a slow-down must exceed."""
FORMAT = 1


class OtherMachineError(ValueError):
    """A calibration of one machine says nothing about another."""


@dataclass(frozen=True)
class Change:
    """One piece, then and now.

    Attributes:
        name: of the piece.
        before, now: medians over the repeats of its time, as multiples of the fixed piece of work.
        growth: of the time; 0.15 is 15 % slower.
        noise: two standard errors of the growth.
    """

    name: str
    before: float
    now: float
    growth: float
    noise: float

    @property
    def verdict(self) -> Literal["slower", "doubtful", "faster", "as before"]:
        """What to think of it."""
        if self.growth > LIMIT:
            return "slower" if self.growth > self.noise else "doubtful"
        return "faster" if self.growth < -LIMIT and -self.growth > self.noise else "as before"


def run_pieces(repeats: int, only: str = "", shortest_s: float = 0.5) -> dict[str, Any]:
    """Run the pieces a few times; the document that is kept and compared.

    Args:
        repeats: fresh processes.
        only: pieces whose name has this; all if empty.
        shortest_s: seconds that each piece is timed for.

    Raises:
        SystemExit: if the pieces cannot be run; pytest has said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{turn}.json") for turn in range(repeats)]
        for path in paths:
            command = [sys.executable, "-m", "pytest", str(PIECES), "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
            options = [f"--benchmark-json={path}", f"--benchmark-max-time={shortest_s}", "--benchmark-quiet"]
            done = subprocess.run(
                [*command, *options, *(["-k", only] if only else [])], env=os.environ | threads_of(1), check=False
            )
            if done.returncode or not path.exists():
                raise SystemExit(
                    "expected the pieces to run, got an error; they need pytest-benchmark: pip install -e '.[bench]'"
                )
        return gathered([json.loads(path.read_text()) for path in paths])


def gathered(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Documents of pytest-benchmark, one for each repeat, as one of ratios."""
    pieces: dict[str, dict[str, list[float]]] = {}
    for run in runs:
        for one in run["benchmarks"]:
            own = pieces.setdefault(one["name"].removeprefix("test_"), {"seconds": [], "ratios": []})
            own["seconds"].append(one["stats"]["median"])
            own["ratios"].append(one["stats"]["median"] / one["extra_info"]["calibration_s"])
    return {"format": FORMAT, **about(0), "pieces": pieces}


def read_pieces(path: Path) -> dict[str, Any]:
    """A document of ratios, or one of pytest-benchmark."""
    found: dict[str, Any] = json.loads(path.read_text())
    return gathered([found]) if "benchmarks" in found else found


def identity(document: Mapping[str, Any]) -> tuple[str, int, str]:
    """What must be the same for figures to be compared: the processor, the cores and torch's version."""
    machine = document["machine"]
    return machine["cpu"], machine["cores"], document["versions"].get("torch", "")


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """The pieces that both have, the greatest growth first.

    Raises:
        OtherMachineError: if they are of different machines or versions of torch.
    """
    theirs, ours = identity(before), identity(now)
    if theirs != ours:
        raise OtherMachineError(
            f"expected a calibration of this machine ({_named(ours)}), got one of another ({_named(theirs)}); "
            "make one of your own on the version before the change: python -m benchmarks.performance compare --keep"
        )
    shared = [name for name in now["pieces"] if name in before["pieces"]]
    changes = [_change(name, before["pieces"][name]["ratios"], now["pieces"][name]["ratios"]) for name in shared]
    return sorted(changes, key=lambda change: -change.growth)


def _named(machine: tuple[str, int, str]) -> str:
    return f"{machine[0]}, {machine[1]} cores, torch {machine[2]}"


def _change(name: str, before: Sequence[float], now: Sequence[float]) -> Change:
    then, here = statistics.median(before), statistics.median(now)
    noise = SURE * math.hypot(relative_error(before), relative_error(now)) * here / then
    return Change(name, then, here, here / then - 1, noise)


def relative_error(values: Sequence[float]) -> float:
    """The standard error of the middle of values, as a share of it; 0 of a single one, whose noise is unknown."""
    if len(values) < 2:
        return 0.0
    return statistics.stdev(values) / math.sqrt(len(values)) / statistics.median(values)


def told(changes: Sequence[Change]) -> str:
    """A line for each piece, for a terminal."""
    lines = [f"{'piece':28} {'before':>9} {'now':>9} {'growth':>8} {'noise':>8}"]
    for one in changes:
        marks = f"{one.name:28} {one.before:9.4f} {one.now:9.4f} {one.growth:+8.1%} {one.noise:8.1%}"
        lines.append(f"{marks}  {one.verdict}")
    slow = [one.name for one in changes if one.verdict == "slower"]
    doubtful = [one.name for one in changes if one.verdict == "doubtful"]
    if doubtful:
        lines.append(f"doubtful, measure again with more --repeats: {', '.join(doubtful)}")
    lines.append(f"slower by more than {LIMIT:.0%}: {', '.join(slow) or 'none'}")
    return "\n".join(lines)
