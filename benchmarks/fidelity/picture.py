"""Quality against seconds of training, as one picture: tabgan's budgets as a curve, the peers as points."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.fidelity import results as found_in
from benchmarks.fidelity.page import name_of
from benchmarks.fidelity.results import DETECTION, FIT, SHAPE, TREND, Measure, Result, Summary
from benchmarks.fidelity.runs import ENVIRONMENTS

PANELS = ((SHAPE, "Shape error, %"), (TREND, "Trend error, %"), (DETECTION, "Detection AUC"))
OURS = "#c2410c"
COLOURS = ("#1d4ed8", "#0f766e", "#7e22ce", "#4d7c0f", "#475569", "#be185d")
MARKERS = ("s", "^", "D", "v", "P", "X")


@dataclass(frozen=True)
class Point:
    """One label: its mean seconds, and a score for each panel; `noted` if the page has a caveat on it."""

    label: str
    ours: bool
    noted: bool
    seconds: float
    scores: tuple[Summary, ...]


def points(results: Sequence[Result], sets: Sequence[str]) -> list[Point]:
    """The labels that have all of the tables, each with its means over them."""
    found = []
    for label in found_in.labels_of(results):
        mine = found_in.pick(results, label=label)
        seconds = found_in.over_sets(mine, sets, FIT)
        scores = [score for measure, _ in PANELS if (score := found_in.over_sets(mine, sets, measure)) is not None]
        if seconds is not None and len(scores) == len(PANELS):
            ours, noted = found_in.is_ours(mine, label), any(one["note"] for one in mine)
            found.append(Point(label, ours, noted, seconds.mean, tuple(scores)))
    return found


def draw(results: Sequence[Result], sets: Sequence[str], path: Path) -> None:
    """Write the picture.

    Args:
        results: of one idea of the columns' kinds.
        sets: the tables to take the mean over.
        path: where to; the suffix gives the format.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.hashsalt": "fidelity",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(11, 4.6), layout="constrained", facecolor="white")
        drawn = points(results, sets)
        for i, (axes, (measure, title)) in enumerate(zip(figure.subplots(1, len(PANELS)), PANELS, strict=True)):
            floor = found_in.floor_over_sets(results, sets, measure)
            _panel(axes, drawn, i, None if floor is None else floor.mean)
            _label(axes, measure, title)
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 5), frameon=False)
        where = sets[0] if len(sets) == 1 else f"mean over {', '.join(sets)}"
        runs = [one["set"] in sets for point in drawn for one in found_in.pick(results, label=point.label)]
        noted = "; * see the note in benchmarks.md" if any(point.noted for point in drawn) else ""
        figure.suptitle(f"Quality against seconds of training: {where} ({sum(runs)} runs{noted})", fontsize=12)
        metadata: dict[str, Any] = {"metadata": {"Date": None}} if path.suffix == ".svg" else {"dpi": 110}
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, **metadata)


def _panel(axes: Any, drawn: Sequence[Point], panel: int, floor: float | None) -> None:
    if floor is not None:
        axes.axhline(floor, color="#64748b", linewidth=1, linestyle=(0, (4, 3)), label="a second real sample")
    ours = sorted((point for point in drawn if point.ours), key=lambda point: point.seconds)
    if ours:
        _dots(axes, ours, panel, fmt="o-", color=OURS, label="tabgan", zorder=3)
    peers = [point for point in drawn if not point.ours]
    known = list(ENVIRONMENTS)
    for point in peers:
        place = known.index(point.label) if point.label in known else -1
        _dots(
            axes,
            [point],
            panel,
            fmt=MARKERS[place],
            color=COLOURS[place],
            label=name_of(point.label) + "*" * point.noted,
        )


def _dots(axes: Any, drawn: Sequence[Point], panel: int, **look: Any) -> None:
    scores = [point.scores[panel] for point in drawn]
    axes.errorbar(
        [point.seconds for point in drawn],
        [score.mean for score in scores],
        yerr=[score.spread or 0.0 for score in scores],
        capsize=2,
        markersize=7,
        elinewidth=1,
        **look,
    )


def _label(axes: Any, measure: Measure, title: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    plain = FuncFormatter(lambda value, _: f"{value:,g}")
    axes.set_xscale("log")
    scaled: list[tuple[Any, tuple[int, ...]]] = [(axes.xaxis, (1, 3))]
    if measure is DETECTION:
        axes.set_ylim(0.48, 1.02)
    else:
        axes.set_yscale("log")
        scaled.append((axes.yaxis, (1, 2, 5)))
    for axis, ticks in scaled:
        axis.set_major_locator(LogLocator(subs=ticks))
        axis.set_major_formatter(plain)
        axis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("seconds of training (wall, log scale)")
    axes.set_ylabel(f"{title} (lower is better)" if measure is DETECTION else f"{title} (lower is better, log scale)")
    axes.grid(color="#e2e8f0", linewidth=0.8)
    axes.set_axisbelow(True)
