"""Fits one synthesizer and samples from it a few times, in the synthesizer's own environment; prints what it took.

    ENVIRONMENT/bin/python benchmarks/performance/peer/measure.py JOB.json

The job is that of `benchmarks/fidelity/peers/fit.py`, whose modules for the peers are used, with `samples` (how many
samples of `n` rows to draw) and without a schema. Seconds of the fit start with the file and end with a model that can
be sampled; imports are not in them. Prints one JSON object.
"""

import importlib
import json
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

PEERS = Path(__file__).parents[2] / "fidelity" / "peers"


def main() -> None:
    """Fit, sample, print."""
    job = json.loads(Path(sys.argv[1]).read_text())
    sys.path.insert(0, str(PEERS))
    peer = importlib.import_module(f"{job['synthesizer']}_peer")
    wall, cpu = time.perf_counter(), cpu_seconds()
    sampler = peer.fit(Path(job["train"]), job)
    found: dict[str, Any] = {"fit_s": time.perf_counter() - wall, "fit_cpu_s": cpu_seconds() - cpu}
    seconds = []
    for _ in range(job["samples"]):
        started = time.perf_counter()
        sampler(job["n"])
        seconds.append(time.perf_counter() - started)
    found |= {"sample_s": seconds, "n": job["n"], "steps": steps_of(sampler)}
    print(json.dumps(found | {"versions": {"python": platform.python_version(), **versions(peer.PACKAGES)}}))


def versions(packages: tuple[str, ...]) -> dict[str, str]:
    """Of the packages that a peer names."""
    return {name: version(name) for name in packages}


def steps_of(sampler: Any) -> int | None:
    """Steps that tabgan took; None for the others."""
    history = getattr(getattr(sampler, "__self__", None), "history", None)
    return history[-1].step if history else None


def cpu_seconds() -> float:
    """The CPU seconds of this process and of its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    main()
