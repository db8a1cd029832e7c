"""How much memory this process may take: what it holds, and what the machine still has for it.

On Linux the kernel says what is available without swapping, and a container may be allowed less (control groups, of
which there are two versions, each nested in others). Elsewhere the system is asked for its free pages; where it does
not say, nothing is known. Swap does not count: training that swaps does not come to an end.
"""

import os
from pathlib import Path

_ROOT = Path("/")
_LIMITS = (
    ("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
    ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Of either version: where groups lie, their limit, what they use, and how much of that are files that could go."""


def held_memory(root: Path = _ROOT) -> int:
    """Bytes that this process holds in memory now; 0 where it is not known.

    Args:
        root: of the file system to look at.
    """
    fields = _read(root / "proc/self/statm").split()
    return int(fields[1]) * _page() if len(fields) > 1 and fields[1].isdigit() else 0


def free_memory(root: Path = _ROOT) -> int | None:
    """Bytes that this process may take beside those that it holds; None where it is not known.

    Args:
        root: of the file system to look at.
    """
    known = [_of_machine(root), *_of_groups(root)]
    found = [free for free in known if free is not None]
    return max(min(found), 0) if found else None


def _of_machine(root: Path) -> int | None:
    stated = _amounts(_read(root / "proc/meminfo"))
    if "MemAvailable:" in stated:
        return stated["MemAvailable:"] * 1024
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * _page()
    except (AttributeError, OSError, ValueError):
        return None


def _of_groups(root: Path) -> list[int | None]:
    """What each control group that the process is in leaves to it, from the innermost outwards."""
    lines = [line.split(":", 2) for line in _read(root / "proc/self/cgroup").splitlines()]
    own = {kinds: path.strip("/") for _, kinds, path in (line for line in lines if len(line) == 3)}
    found = []
    for (place, *names), kinds in zip(_LIMITS, ("", "memory"), strict=True):
        path = next((path for known, path in own.items() if kinds in known.split(",")), None)
        group = Path(path or "")
        found += (
            [_of_group(root / place / each, *names) for each in (group, *group.parents)] if path is not None else []
        )
    return found


def _of_group(folder: Path, limit: str, used: str, spare: str) -> int | None:
    """What a group leaves; None if it has no limit, or is not seen from here."""
    stated = [_read(folder / name).strip() for name in (limit, used)]
    if not all(number.isdigit() for number in stated):  # "max" stands for no limit
        return None
    files = _amounts(_read(folder / "memory.stat")).get(spare, 0)
    return int(stated[0]) - int(stated[1]) + files


def _amounts(text: str) -> dict[str, int]:
    """Lines of a name and a number."""
    words = [line.split() for line in text.splitlines()]
    return {line[0]: int(line[1]) for line in words if len(line) > 1 and line[1].isdigit()}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _page() -> int:
    try:
        return int(os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return 4_096
