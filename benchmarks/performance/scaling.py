"""How time and memory grow with rows, columns and categories: points, each a fresh process, and the laws they follow.

Rows: the settings are the defaults, so the number of steps is what the library takes for as many rows, and quality is
scored against fresh rows of the same population (`laws.equal_quality`). Columns and categories: a fixed number of
steps, so that what grows is the work of a step and all that is done once. Points go from small to large until the time
is over; those that do not fit into it are told as such.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet

from benchmarks.performance.laws import Quality, equal_quality, law
from benchmarks.performance.machine import calibrate
from benchmarks.performance.processes import CommandError, run, threads_of
from benchmarks.performance.record import about
from benchmarks.performance.tables import write
from tabgan import evaluate
from tabgan.evaluation.report import OPTIONAL

ROWS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
COLUMNS = (5, 20, 100, 300, 1_000)
CATEGORIES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
FIGURES = ("fit_s", "fit_cpu_s", "fit_mib", "sample_s", "sample_mib")
SEGMENTS = {"rows": ((1e3, 1e7), (1e3, 1e5), (1e5, 1e7)), "columns": ((5, 1e3),), "categories": ((10, 1e6),)}
FEW_STEPS = {"steps": 150}
LARGE = 5_000_000
"""Cells of a table that is learnt only once."""


@dataclass(frozen=True)
class Point:
    """What is to be measured.

    Attributes:
        axis: which law it belongs to: rows, columns or categories.
        rows, columns, categories: of the table.
        settings: of the training.
        sampled: rows.
    """

    axis: str
    rows: int
    columns: int
    categories: int
    settings: dict[str, Any]
    sampled: int

    @property
    def x(self) -> int:
        """Its place on the axis."""
        place: int = getattr(self, self.axis)
        return place


def points(axes: Sequence[str], most: float = 1e9, settings: dict[str, Any] | None = None) -> list[Point]:
    """All points of the axes up to `most` rows, columns or categories; `settings` replace the defaults of an axis."""
    rows = [Point("rows", n, 10, 20, settings or {}, 100_000) for n in ROWS]
    columns = [Point("columns", 20_000, n, 20, settings or FEW_STEPS, 20_000) for n in COLUMNS]
    many = [Point("categories", max(2 * n, 100_000), 3, n, settings or FEW_STEPS, 100_000) for n in CATEGORIES]
    return [point for point in (*rows, *columns, *many) if point.axis in axes and point.x <= most]


def scaling(
    wanted: Sequence[Point], scratch: Path, *, minutes: float, seed: int, threads: int, scored: int, repeats: int = 1
) -> dict[str, Any]:
    """Measure, and fit the laws.

    Args:
        wanted: the points.
        scratch: a folder for tables and samples; tables that are there are taken.
        minutes: for all of it.
        seed: of tables and fits.
        threads: of each process.
        scored: quality is scored up to so many rows learnt; 0 for none.
        repeats: runs of each point but the large ones, with seeds that follow each other.
    """
    calibration, end = calibrate(), time.monotonic() + 60 * minutes
    found = []
    for point in sorted(wanted, key=lambda point: point.rows * point.columns):
        for turn in range(repeats if point.rows * point.columns <= LARGE else 1):
            found.append(_measured(point, scratch, end, seed + turn, threads, scored))
            print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    document = about(seed) | {"threads": threads, "repeats": repeats, "minutes": minutes, "calibration": calibration}
    return document | {"points": found, **summed(found)}


def summed(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The laws of all figures, and whether quality was equal along the rows."""
    qualities = [Quality(**one["quality"]) for one in found if one.get("quality")]
    verdict = equal_quality(qualities) if len(qualities) > 1 else None
    return {"laws": list(_laws(found)), "equal_quality": verdict}


def _laws(found: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for axis, segments in SEGMENTS.items():
        mine = [one for one in found if one["axis"] == axis and "fit_s" in one]
        for figure in FIGURES:
            xs, ys = [one[axis] for one in mine], [one[figure] for one in mine]
            known = [fitted for low, high in segments if (fitted := law(xs, ys, 0.99 * low, 1.01 * high)) is not None]
            for fitted in dict.fromkeys(known):
                yield {"axis": axis, "figure": figure, **asdict(fitted)}


def _measured(point: Point, scratch: Path, end: float, seed: int, threads: int, scored: int) -> dict[str, Any]:
    """The figures of one point; or why there are none."""
    told = {"axis": point.axis, "rows": point.rows, "columns": point.columns, "categories": point.categories}
    told |= {"seed": seed, "settings": point.settings}
    left = end - time.monotonic()
    if left <= 0:
        return told | {"error": "left out: the time was over"}
    shape = (point.columns, point.categories)
    train = write(scratch / f"{point.rows}-{point.columns}-{point.categories}-{seed}.parquet", point.rows, *shape, seed)
    sample, job = scratch / "sample.parquet", scratch / "job.json"
    score = point.axis == "rows" and point.rows <= scored
    files = {"train": str(train), "sample": str(sample)}
    job.write_text(json.dumps(files | {"rows": point.sampled, "settings": point.settings, "seed": seed}))
    command = [sys.executable, "-m", "benchmarks.performance.point", str(job)]
    try:
        ran = run(command, limit_s=left, environment=threads_of(threads))
    except CommandError as error:
        return told | {"error": str(error)}
    told |= ran.printed | {"process_s": ran.seconds, "peak_mib": ran.peak_mib, "tree_mib": ran.tree_mib}
    return told | ({"quality": asdict(quality(point, sample, scratch, seed))} if score else {})


def quality(point: Point, sample: Path, scratch: Path, seed: int) -> Quality:
    """As many rows of the sample as were learnt, and a second fresh sample, against fresh rows of the population."""
    rows = min(point.rows, point.sampled)
    shape = (point.columns, point.categories)
    fresh, second = (
        write(
            scratch / f"fresh-{rows}-{point.columns}-{point.categories}-{1_000 + 2 * seed + i}.parquet", rows, *shape, s
        )
        for i, s in enumerate((1_000 + 2 * seed, 1_001 + 2 * seed))
    )
    drawn = pyarrow.parquet.read_table(sample).slice(0, rows)
    made, floor = (evaluate(fresh, other, skip=OPTIONAL, seed=seed) for other in (drawn, second))
    errors = [one.value for one in (made.shape_error_pct, made.trend_error_pct)]
    floors = [one.value for one in (floor.shape_error_pct, floor.trend_error_pct)]
    return Quality(point.rows, *errors, *floors)
