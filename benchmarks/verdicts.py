"""What the evaluator says of one real table's held-out rows and of samples: `python -m benchmarks.verdicts --help`.

Each sample is evaluated against the rows that it was learnt from, with the held-out rows beside them; the held-out rows
are evaluated as if they were synthetic, with no table beside them. The findings and the scores go to a JSON file.
"""

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from benchmarks.fidelity.runs import machine
from tabgan import evaluate
from tabgan.evaluation.scores import scores
from tabgan.version import __version__

RESULTS = Path(__file__).parent / "results" / "verdicts.json"


def verdict(train: Path, sample: Path, holdout: Path | None, target: str | None, seed: int) -> dict[str, Any]:
    """The findings and scores of one sample as plain JSON values."""
    started, cpu = time.perf_counter(), time.process_time()
    report = evaluate(train, sample, holdout, target, seed=seed)
    return {
        "n": {"real": report.n_real, "synthetic": report.n_synthetic, "held out": report.n_held_out},
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "findings": [f"{finding.level}: {finding.text}" for finding in report.findings],
        "scores": {name: round(score, 4) for name, score in scores(report).items()},
        "not computed": [f"{entry.what}: {entry.reason}" for entry in report.not_computed],
    }


def main() -> None:
    """Evaluate, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path, help="the rows learnt from")
    parser.add_argument("holdout", type=Path, help="real rows that no synthesizer saw")
    parser.add_argument("samples", nargs="*", metavar="NAME=FILE", help="synthetic tables")
    parser.add_argument("--target", help="the column that a model is trained for")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    found = {"held-out rows": verdict(given.train, given.holdout, None, given.target, given.seed)}
    for entry in given.samples:
        name, _, path = entry.partition("=")
        found[name] = verdict(given.train, Path(path), given.holdout, given.target, given.seed)
    for name, result in found.items():
        print(f"\n{name}\n  " + "\n  ".join(result["findings"]))
    versions = {"tabgan": __version__, "numpy": np.__version__, "scikit-learn": sklearn.__version__}
    document = {
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": versions,
        "seed": given.seed,
        "verdicts": found,
    }
    given.output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
