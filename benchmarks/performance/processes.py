"""A command in a fresh process: what it took, and the most memory that the system says it held."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
_POLL_S = 0.02


class CommandError(RuntimeError):
    """A command failed, or took too long."""


@dataclass(frozen=True)
class Ran:
    """What a command took.

    Attributes:
        seconds: wall seconds, from its start to its end.
        cpu_s: CPU seconds, those of its children too.
        peak_mib: the most memory that it or one of its children held: VmHWM as `/proc` tells it, asked every 20 ms.
        tree_mib: the most memory that it and its children held together; pages that processes share count once for
            each. None where there is no `/proc`.
        printed: the JSON object that its standard output ends with; empty if there is none.
    """

    seconds: float
    cpu_s: float
    peak_mib: float
    tree_mib: float | None
    printed: dict[str, Any]


def threads_of(n: int) -> dict[str, str]:
    """The environment that bids libraries use `n` threads."""
    return dict.fromkeys(THREADS, str(n))


def run(
    command: Sequence[str | Path], *, limit_s: float = 3_600.0, environment: Mapping[str, str] | None = None
) -> Ran:
    """Run a command to its end.

    Args:
        command: what to run.
        limit_s: it is ended after so many seconds.
        environment: variables beside those of this process.

    Raises:
        CommandError: if it fails or is ended; the message has the last lines of its standard error.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            env=os.environ | (environment or {}),
        )
        watched = _Memory(process.pid)
        clock = threading.Timer(limit_s, process.kill)
        clock.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        clock.cancel()
        watched.end()
        if process.returncode:
            errors.seek(0)
            tail = "\n".join(errors.read().splitlines()[-8:])
            why = f"was ended after {limit_s:.0f} s" if seconds >= limit_s else f"failed ({process.returncode})"
            raise CommandError(f"{' '.join(map(str, command[:6]))} ... {why}:\n{tail}")
        output.seek(0)
        printed = _last_object(output.read())
    # What `wait4` tells begins with the memory of the process that started the command, so it is only the last resort.
    peak = watched.highest_mib or usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Ran(seconds, usage.ru_utime + usage.ru_stime, peak, watched.most_mib, printed)


def _last_object(text: str) -> dict[str, Any]:
    lines = [line for line in text.splitlines() if line.startswith("{")]
    found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return found


class _Memory(threading.Thread):
    """Watches the resident memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._over = pid, threading.Event()
        self.most_mib: float | None = None
        self.highest_mib: float | None = None
        self.start()

    def run(self) -> None:
        while not self._over.wait(_POLL_S):
            held = [_status(pid) for pid in family(self._pid)]
            if now := sum(resident for resident, _ in held):
                self.most_mib = max(self.most_mib or 0.0, now)
                self.highest_mib = max(self.highest_mib or 0.0, *(highest for _, highest in held))

    def end(self) -> None:
        """Watch no longer."""
        self._over.set()
        self.join()


def family(pid: int) -> list[int]:
    """A process and its children's children, where `/proc` tells them."""
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def _status(pid: int) -> tuple[float, float]:
    """What a process holds and held at most, in MiB; nothing of one that is over."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    told = {name: text.split()[0] for name, _, text in (line.partition(":") for line in lines) if text.endswith(" kB")}
    return int(told.get("VmRSS", 0)) / 2**10, int(told.get("VmHWM", 0)) / 2**10
