"""What every result file has in common: the machine, the versions, the seed and the day beside the figures."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.fidelity.runs import commit, machine

RESULTS = Path("benchmarks/results/performance")
PACKAGES = ("tabgan-synth", "torch", "numpy", "pyarrow", "scikit-learn")


def about(seed: int | None = None) -> dict[str, Any]:
    """Where, with what and when."""
    return {
        "machine": machine() | {"threads": os.environ.get("OMP_NUM_THREADS", "as the libraries choose")},
        "versions": {"python": platform.python_version(), **versions(PACKAGES)},
        "commit": commit(),
        "date": datetime.now(UTC).date().isoformat(),
        "seed": seed,
    }


def versions(packages: Sequence[str]) -> dict[str, str]:
    """Those that are installed."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and greatest, the standard deviation where there are several, and how many there are.

    Example:
        >>> spread([1.0, 4.0, 3.0])["median"]
        3.0
    """
    found = {"median": statistics.median(values), "min": min(values), "max": max(values), "n": len(values)}
    return found | ({"sd": statistics.stdev(values)} if len(values) > 1 else {})


def write(found: dict[str, Any], path: Path) -> Path:
    """Write a result with floats of six digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rounded(found), indent=1) + "\n")
    return path


def read(path: Path) -> dict[str, Any] | None:
    """A result; None where there is no file."""
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def rounded(value: Any) -> Any:
    """Floats with six significant digits, so that the files stay small."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {str(key): rounded(part) for key, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list | tuple) else value
