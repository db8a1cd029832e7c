"""The runs' JSON files, read back and summed up: a mean over seeds beside its spread, with its n."""

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fidelity.datasets import TASKS
from benchmarks.fidelity.runs import FORMAT, SYNTHESIZERS

Result = dict[str, Any]


@dataclass(frozen=True)
class Summary:
    """One number of one synthesizer on one table, or on several.

    Attributes:
        mean: over the seeds.
        spread: the standard deviation over the seeds; None for a single seed.
        n: the seeds.
        standard_error: over the rows, of a single run; None where it is not known.
    """

    mean: float
    spread: float | None
    n: int
    standard_error: float | None = None


@dataclass(frozen=True)
class Measure:
    """A column of the tables.

    Attributes:
        title: its heading.
        path: where a result has the value, names joined by dots; numbers are places in a list.
        digits: behind the decimal point.
        error: likewise where the standard error is.
        floor, floor_error: likewise what a second real sample would get, and its standard error.
        scale: what the values are multiplied with.
    """

    title: str
    path: str
    digits: int
    error: str = ""
    floor: str = ""
    floor_error: str = ""
    scale: float = 1.0

    def value(self, result: Result, path: str | None = None) -> float | None:
        """The number in one result; None where it is missing."""
        found: Any = result
        for name in (self.path if path is None else path).split("."):
            if not name:
                return None
            try:
                found = found[int(name)] if name.isdigit() else found[name]
            except (KeyError, IndexError):
                return None
        return None if found is None else self.scale * float(found)


def _estimate(title: str, key: str, digits: int, scale: float = 1.0) -> Measure:
    return Measure(
        title, f"{key}.value", digits, f"{key}.standard_error", f"{key}.floor", f"{key}.floor_error", scale=scale
    )


SHAPE = _estimate("Shape error %", "scores.shape_error_pct", 2)
TREND = _estimate("Trend error %", "scores.trend_error_pct", 2)
OWN_EDGES = _estimate("Trend error %, own edges", "scores.trend_separate_edges_pct", 2)
DETECTION = _estimate("Detection AUC", "scores.detection_auc", 3)
C2ST = _estimate("Logistic C2ST", "scores.logistic_c2st", 3)
_UTILITY = "scores.utility.scores.0"
UTILITY = Measure(
    "Utility", f"{_UTILITY}.synthetic", 3, f"{_UTILITY}.synthetic_error", f"{_UTILITY}.real", f"{_UTILITY}.real_error"
)
GAP = Measure("Utility gap", f"{_UTILITY}.gap", 3, f"{_UTILITY}.gap_error")
NEARER = _estimate("Nearer to train", "scores.privacy.nearer_to_train", 3)
COPIES = _estimate("Copies %", "scores.privacy.copies", 2, 100.0)
FIT = Measure("fit, s", "costs.fit_s", 0)
CPU = Measure("fit, CPU s", "costs.fit_cpu_s", 0)
PEAK = Measure("peak memory, MiB", "costs.peak_mib", 0)
SPEED = Measure("sampled rows/s", "costs.sample_rows_per_s", 0)
SCORES = (SHAPE, TREND, OWN_EDGES, DETECTION, C2ST, UTILITY, NEARER, COPIES)
COSTS = (FIT, CPU, PEAK, SPEED)


def read(folder: Path) -> list[Result]:
    """All results in a folder and below.

    Raises:
        ValueError: if there is none, or one is of another format; it lists all of these.
    """
    paths = sorted(folder.rglob("*.json"))
    results = [json.loads(path.read_text()) for path in paths]
    strange = [str(path) for path, found in zip(paths, results, strict=True) if found.get("format") != FORMAT]
    if strange or not results:
        raise ValueError(f"expected results of format {FORMAT} in {folder}, got {', '.join(strange) or 'no file'}")
    return results


def pick(results: Iterable[Result], **fields: Any) -> list[Result]:
    """The results with these values, for example `pick(results, set="adult", kinds="inferred")`."""
    return [found for found in results if all(found[name] == value for name, value in fields.items())]


def sets_of(results: Iterable[Result]) -> list[str]:
    """The tables that occur, in the order of the documentation."""
    seen = {found["set"] for found in results}
    return [name for name in TASKS if name in seen]


def labels_of(results: Sequence[Result]) -> list[str]:
    """The labels that occur: tabgan's first, the quickest of them at the top, then the peers."""
    first: dict[str, tuple[int, float, str]] = {}
    for found in results:
        ours = found["synthesizer"] == "tabgan"
        rank = (SYNTHESIZERS.index(found["synthesizer"]), found["costs"]["fit_s"] if ours else 0.0, found["label"])
        first[found["label"]] = min(first.get(found["label"], rank), rank)
    return sorted(first, key=lambda label: first[label])


def is_ours(results: Iterable[Result], label: str) -> bool:
    """Whether a label is one of tabgan's."""
    return any(found["synthesizer"] == "tabgan" for found in results if found["label"] == label)


def summarise(results: Sequence[Result], measure: Measure) -> Summary | None:
    """The mean over the seeds; None where no result has the number."""
    pairs = [(found, value) for found in results if (value := measure.value(found)) is not None]
    if not pairs:
        return None
    values = [value for _, value in pairs]
    error = measure.value(pairs[0][0], measure.error) if len(values) == 1 else None
    return Summary(statistics.mean(values), spread(values), len(values), error)


def over_sets(results: Sequence[Result], sets: Sequence[str], measure: Measure) -> Summary | None:
    """The mean over tables of the mean over seeds; its spread is that of the seeds which all tables have.

    None where a table is missing.
    """
    parts = [summarise(pick(results, set=name), measure) for name in sets]
    if not parts or any(part is None for part in parts):
        return None
    mean = statistics.mean(part.mean for part in parts if part is not None)
    seeds = [{found["seed"] for found in pick(results, set=name)} for name in sets]
    by_seed = [_mean_of_seed(results, sets, seed, measure) for seed in sorted(set.intersection(*seeds))]
    return Summary(mean, spread(by_seed), len(by_seed))


def _mean_of_seed(results: Sequence[Result], sets: Sequence[str], seed: int, measure: Measure) -> float:
    found = [measure.value(found) for found in pick(results, seed=seed) if found["set"] in sets]
    return statistics.mean(value for value in found if value is not None)


def floor(results: Sequence[Result], measure: Measure) -> Summary | None:
    """What a second real sample would get on one table, the same in all results; None where that is not known."""
    for found in results:
        value = measure.value(found, measure.floor)
        if value is not None:
            return Summary(value, None, 1, measure.value(found, measure.floor_error) or None)
    return None


def floor_over_sets(results: Sequence[Result], sets: Sequence[str], measure: Measure) -> Summary | None:
    """The mean of the tables' floors; None where one is missing."""
    parts = [part for name in sets if (part := floor(pick(results, set=name), measure)) is not None]
    if not parts or len(parts) < len(sets):
        return None
    error = math.hypot(*(part.standard_error or 0.0 for part in parts)) / len(parts)
    return Summary(statistics.mean(part.mean for part in parts), None, 1, error or None)


def spread(values: Sequence[float]) -> float | None:
    """The standard deviation; None of fewer than two values."""
    return statistics.stdev(values) if len(values) > 1 else None


def common_sets(results: Sequence[Result]) -> list[str]:
    """The tables that every label has."""
    having = [{found["set"] for found in pick(results, label=label)} for label in labels_of(results)]
    return [name for name in sets_of(results) if all(name in sets for sets in having)]
