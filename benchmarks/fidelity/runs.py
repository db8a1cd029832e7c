"""One run: a synthesizer learns a table with a seed, a sample is drawn and scored, and one JSON file tells it all.

A synthesizer is fitted by `peers/fit.py` in a process and an environment of its own. What a run leaves is
`RESULTS/<kinds>/<set>/<label>-<seed>.json`; a run whose file is there is not made again unless asked for. Where a
folder for samples is given, the sample and its costs stay there, and a later run that finds them only scores them.
"""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tabgan
from benchmarks.fidelity.datasets import DataSet, Kinds
from benchmarks.fidelity.scoring import score

FORMAT = 1
DRIVER = Path(__file__).parent / "peers" / "fit.py"
ENVIRONMENTS = {
    "ctgan": "ctgan",
    "tvae": "ctgan",
    "gaussian_copula": "gaussian_copula",
    "tabularargn": "tabularargn",
    "arf": "arf",
}
SYNTHESIZERS = ("tabgan", *ENVIRONMENTS)
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What is to be fitted.

    Attributes:
        set_name: the table.
        synthesizer: one of `SYNTHESIZERS`.
        label: what the tables of results call it; the synthesizer's name where it runs at its defaults.
        kinds: whose kinds of columns it is told.
        seed: of the fit and of the sample.
        settings: beyond its defaults.
    """

    set_name: str
    synthesizer: str
    label: str
    kinds: Kinds
    seed: int
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Path:
        """The folder of the run's sample, and without `.json` the file of its result, within a folder."""
        return Path(self.kinds, self.set_name, f"{re.sub(r'[^A-Za-z0-9.]+', '_', self.label)}-{self.seed}")

    def result_path(self, results: Path) -> Path:
        """The run's JSON file."""
        return results / self.place.with_name(f"{self.place.name}.json")


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where and how runs are made.

    Attributes:
        results: the folder for the JSON files.
        samples: the folder for samples and their costs.
        peers: the folder of the peers' environments, one folder each.
        threads: of each fit.
    """

    results: Path
    samples: Path
    peers: Path
    threads: int = 1


def make(run: Run, data: DataSet, shop: Workshop) -> Path:
    """Fit if there is no sample yet, score, and write the result.

    Raises:
        RuntimeError: if the fit fails; the message ends with the last lines of its log.
    """
    folder = shop.samples / run.place
    if not (folder / "costs.json").exists():
        fit(run, data, shop, folder)
    return keep(run, data, folder / "sample.csv", folder / "costs.json", shop.results)


def fit(run: Run, data: DataSet, shop: Workshop, folder: Path) -> None:
    """Have the driver fit and sample in the synthesizer's environment, into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    job = folder / "job.json"
    job.write_text(json.dumps(job_of(run, data, folder), indent=2) + "\n")
    environment = os.environ | dict.fromkeys(_THREADS, str(shop.threads))
    with (folder / "log").open("w") as log:
        command = [python_of(run.synthesizer, shop.peers), DRIVER, job]
        done = subprocess.run(command, env=environment, stdout=log, stderr=log, check=False)
    if done.returncode:
        tail = "\n".join((folder / "log").read_text().splitlines()[-8:])
        raise RuntimeError(f"{run.label} on {run.set_name} ended with exit code {done.returncode}:\n{tail}")
    costs = folder / "costs.json"
    when = {"machine": machine(), "date": datetime.now(UTC).date().isoformat()}
    version_of_ours = {"commit": commit()} if run.synthesizer == "tabgan" else {}
    costs.write_text(json.dumps(json.loads(costs.read_text()) | when | version_of_ours, indent=2) + "\n")


def python_of(synthesizer: str, peers: Path) -> Path:
    """The Python that fits a synthesizer.

    Raises:
        RuntimeError: if its environment is not there.
    """
    if synthesizer == "tabgan":
        return Path(sys.executable)
    python = peers / ENVIRONMENTS[synthesizer] / "bin" / "python"
    if not python.exists():
        raise RuntimeError(f"expected {python}; make it with `python -m benchmarks.fidelity peers --into {peers}`")
    return python.absolute()


def job_of(run: Run, data: DataSet, folder: Path) -> dict[str, Any]:
    """What the driver reads; `peers/fit.py` explains it."""
    given = run.synthesizer == "tabgan" and run.kinds == "published"
    return {
        "synthesizer": run.synthesizer,
        "train": str(data.train_path.absolute()),
        "columns": list(data.schema.names),
        "numeric": data.numeric,
        "categorical": data.categorical,
        "n": data.train.num_rows,
        "seed": run.seed,
        "settings": run.settings,
        "schema": data.schema.to_json() if given else None,
        "out": str(folder.absolute()),
    }


def keep(run: Run, data: DataSet, sample: Path, costs: Path, results: Path, note: str = "") -> Path:
    """Score a sample and write the run's result.

    Args:
        run: what was fitted.
        data: the table.
        sample: the CSV file of synthetic rows.
        costs: what `peers/fit.py` wrote beside it, and the machine, the date and the commit if they are known.
        results: the folder of results.
        note: a caveat that the tables of results should carry.
    """
    spent = json.loads(costs.read_text())
    result = {
        "format": FORMAT,
        "set": run.set_name,
        "synthesizer": run.synthesizer,
        "label": run.label,
        "kinds": run.kinds,
        "seed": run.seed,
        "settings": run.settings,
        "n_train": data.train.num_rows,
        "n_test": data.test.num_rows,
        "machine": spent.get("machine", machine()),
        "threads": spent["threads"],
        "commit": spent.get("commit", ""),
        "versions": {**spent["versions"], "scored_with": f"tabgan {tabgan.__version__}, scikit-learn {_sklearn()}"},
        "date": spent.get("date", datetime.fromtimestamp(costs.stat().st_mtime, UTC).date().isoformat()),
        "note": note,
        "costs": spent["costs"],
        "scores": score(data, sample),
    }
    path = run.result_path(results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_rounded(result), indent=1) + "\n")
    return path


def machine() -> dict[str, Any]:
    """The processor and the memory where the system tells them, and the cores."""
    cpu, memory = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    found: dict[str, Any] = {"cpu": name or platform.machine(), "cores": os.cpu_count()}
    if memory.exists():
        found["memory_gib"] = round(int(memory.read_text().split()[1]) / 2**20)
    return found


def commit() -> str:
    """The commit of this source tree, with "+" where files differ from it; empty outside a repository."""
    command = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, cwd=DRIVER.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _sklearn() -> str:
    return version("scikit-learn")


def _rounded(value: Any) -> Any:
    """Floats with eight digits, so that the files stay small."""
    if isinstance(value, float):
        return float(f"{value:.8g}")
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    return [_rounded(part) for part in value] if isinstance(value, list | tuple) else value


def plan(
    synthesizers: Sequence[str],
    sets: Sequence[str],
    seeds: Sequence[int],
    kinds: Kinds,
    variants: Sequence[tuple[str, dict[str, Any]]],
    peer_settings: dict[str, dict[str, Any]],
) -> list[Run]:
    """All runs, table by table; `variants` are the labels and settings of tabgan."""
    found = []
    for set_name in sets:
        for seed in seeds:
            for name in synthesizers:
                labelled = variants if name == "tabgan" else [(name, peer_settings.get(name, {}))]
                for label, settings in labelled:
                    found.append(
                        Run(
                            set_name=set_name,
                            synthesizer=name,
                            label=label,
                            kinds=kinds,
                            seed=seed,
                            settings=settings,
                        )
                    )
    return found
