"""Numbers of results as a page writes them."""

import textwrap
from collections.abc import Mapping
from typing import Any


def seconds(value: float) -> str:
    """Seconds with three digits and a unit that suits.

    Example:
        >>> [seconds(value) for value in (0.0000021, 0.0123, 4.5678, 940.4)]
        ['2.10 µs', '12.3 ms', '4.57 s', '940 s']
    """
    for least, factor, unit in ((1.0, 1.0, "s"), (1e-3, 1e3, "ms")):
        if value >= least:
            return f"{digits(value * factor)} {unit}"
    return f"{digits(value * 1e6)} µs"


def digits(value: float) -> str:
    """Three significant digits, with commas.

    Example:
        >>> [digits(value) for value in (0.01234, 1.2345, 123.4, 1234567.0)]
        ['0.0123', '1.23', '123', '1,234,567']
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    text = f"{value:#.3g}"
    return f"{float(text):g}" if "e" in text else text


def beside(found: Mapping[str, Any] | None, write: Any = digits) -> str:
    """A median with its standard deviation over the repeats.

    Example:
        >>> beside({"median": 2.0, "sd": 0.1, "n": 3})
        '2.00 ± 0.100'
    """
    if not found:
        return "–"
    text: str = write(found["median"])
    return f"{text} ± {write(found['sd'])}" if "sd" in found else text


def times(value: float | None) -> str:
    """A ratio.

    Example:
        >>> times(3.14159), times(None)
        ('3.1', '–')
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.2g}" if abs(value) < 1 else f"{value:.1f}"


def made_with(found: Mapping[str, Any]) -> str:
    """Machine, versions, seed and day, as the line under a heading."""
    machine, versions = found.get("machine", {}), found.get("versions", {})
    parts = [f"{machine.get('cpu', '?')}, {machine.get('cores', '?')} cores"]
    if machine.get("memory_gib"):
        parts[0] += f", {machine['memory_gib']} GiB"
    if found.get("threads") is not None:
        parts.append(f"{found['threads']} thread{'s' * (found['threads'] != 1)}")
    parts += [f"{name} {value}" for name, value in versions.items()]
    if found.get("commit"):
        parts.append(f"commit `{found['commit']}`")
    if found.get("seed") is not None:
        parts.append(f"seed {found['seed']}")
    parts.append(str(found.get("date", "")))
    return f"*{'; '.join(part for part in parts if part)}*\n"


def lacking(command: str) -> str:
    """What stands where there are no results."""
    return f"No figures yet: `{command}` makes them.\n"


def paragraph(text: str) -> str:
    """A paragraph in lines of at most 120 characters, and an empty one behind it."""
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False) + "\n\n"
