"""The part of the page about growth: the laws, the quality along the rows, and the pictures."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.fidelity.page import table
from benchmarks.performance.laws import SLACK, Quality
from benchmarks.performance.plot import Curve, Panel, picture
from benchmarks.performance.words import digits, lacking, made_with, paragraph, seconds

Document = dict[str, Any]
TITLES = {
    "fit_s": "fit, wall",
    "fit_cpu_s": "fit, CPU",
    "fit_mib": "peak memory of fit",
    "sample_s": "sampling",
    "sample_mib": "peak memory of sampling",
}
AXES = ("rows", "columns", "categories")
_PANELS = (
    ("Time", "seconds", ("fit_s", "sample_s")),
    ("Peak memory", "MiB", ("fit_mib", "sample_mib")),
)


def section(found: Document | None, command: str) -> str:
    """All of it."""
    text = "## Scaling\n\n"
    if found is None:
        return text + lacking(command)
    told = """Generated tables (`benchmarks/performance/tables.py`), each fit a fresh process. Exponents are least
    squares on logarithms ± their standard error. Along the rows the settings are the defaults; along columns and
    categories the number of steps is fixed; of three columns two have that many categories."""
    parts = [text + paragraph(told) + made_with(found)]
    for axis in AXES:
        if any(one["axis"] == axis and "fit_s" in one for one in found["points"]):
            parts.append(axis_part(found, axis))
    return "\n".join(parts)


def axis_part(found: Document, axis: str) -> str:
    """One axis: its picture, its laws, its points."""
    mine = [one for one in found["points"] if one["axis"] == axis]
    text = f"### {axis.capitalize()}\n\n![Time and memory against {axis}](performance_{axis}.svg)\n\n"
    text += laws(found["laws"], axis) + "\n" + points(mine, axis)
    return text + (f"\n{quality(mine, found['equal_quality'], found['laws'])}" if axis == "rows" else "")


def laws(found: Sequence[Mapping[str, Any]], axis: str) -> str:
    """A row for each figure, a column for each segment."""
    mine = [one for one in found if one["axis"] == axis]
    segments = list(dict.fromkeys((round(one["low"]), round(one["high"])) for one in mine))
    if not segments:
        return "There are too few points for a law.\n"
    heads = ["", *(f"{low:,} to {high:,}" for low, high in segments)]
    rows = []
    for figure, title in TITLES.items():
        by_segment = {(round(one["low"]), round(one["high"])): one for one in mine if one["figure"] == figure}
        rows.append([title, *(_exponent(by_segment.get(segment)) for segment in segments)])
    return "Exponents:\n\n" + table(heads, rows)


def _exponent(one: Mapping[str, Any] | None) -> str:
    if one is None:
        return "–"
    error = one["standard_error"]
    return f"{one['exponent']:.2f} ± {error:.2f} (n = {one['n']})" if error is not None else f"{one['exponent']:.2f}"


def points(found: Sequence[Mapping[str, Any]], axis: str) -> str:
    """The measured points: medians over the runs of each."""
    rows = []
    for x, runs in by_place(found, axis).items():
        ran = [one for one in runs if "fit_s" in one]
        if not ran:
            rows.append([f"{x:,}", "0", "", f"not measured: {why(runs[0]['error'])}", "", "", ""])
            continue
        middle = {name: statistics.median([one[name] for one in ran]) for name in (*TITLES, "steps")}
        rows.append(
            [
                f"{x:,}",
                str(len(ran)),
                f"{middle['steps']:,.0f}",
                _ranged(ran, "fit_s"),
                digits(middle["fit_mib"]),
                _ranged(ran, "sample_s"),
                digits(middle["sample_mib"]),
            ]
        )
    sampled = {one["sampled"] for one in found if "sampled" in one}
    drawn = f"sample {min(sampled):,}" if len(sampled) == 1 else "sample"
    return table([axis, "n", "steps", "fit", "peak MiB", drawn, "peak MiB"], rows)


def why(error: str) -> str:
    """The end of an error's first line, without the command."""
    return error.strip().splitlines()[0].rpartition("... ")[2].rstrip(":").replace("|", "\\|")


def _ranged(runs: Sequence[Mapping[str, Any]], name: str) -> str:
    values = [one[name] for one in runs]
    text = seconds(statistics.median(values))
    return f"{text} ± {seconds(statistics.stdev(values))}" if len(values) > 1 else text


def by_place(found: Sequence[Mapping[str, Any]], axis: str) -> dict[int, list[Mapping[str, Any]]]:
    """The runs of each place on an axis, ascending."""
    places: dict[int, list[Mapping[str, Any]]] = {}
    for one in found:
        places.setdefault(one[axis], []).append(one)
    return dict(sorted(places.items()))


def quality(found: Sequence[Mapping[str, Any]], equal: bool | None, known: Sequence[Mapping[str, Any]]) -> str:
    """What was learnt at each number of rows, and whether time grew slower than their root at equal quality."""
    scored = [one for one in found if one.get("quality")]
    if not scored:
        return "Quality was not scored.\n"
    rows = []
    for x, runs in by_place(scored, "rows").items():
        own = [Quality(**one["quality"]) for one in runs]
        fields = ("shape", "shape_floor", "trend", "trend_floor")
        cells = [f"{statistics.mean(getattr(one, name) for one in own):.2f}" for name in fields]
        excess = [f"{statistics.mean(one.excess[i] for one in own):.2f}" for i in range(2)]
        rows.append([f"{x:,}", str(len(own)), *cells, *excess])
    heads = ["rows", "n", "Shape %", "floor", "Trend %", "floor", "Shape / floor", "Trend / floor"]
    text = f"""Quality along the rows: synthetic rows, as many as were learnt, at most 100,000, against fresh rows of
    the same population; the floor is what a second fresh sample gets. Quality counts as equal where no mean error at
    more rows exceeds that at fewer rows by more than {SLACK - 1:.0%} and two standard errors over the seeds."""
    told = root_sentence(equal, known)
    return paragraph(text) + table(heads, rows) + (f"\n{paragraph(told)}" if told else "")


def root_sentence(equal: bool | None, known: Sequence[Mapping[str, Any]]) -> str:
    """Whether fit time grows no faster than the square root of the rows, segment by segment."""
    mine = [one for one in known if one["axis"] == "rows" and one["figure"] == "fit_s"]
    if not mine:
        return ""
    said = []
    for one in mine:
        holds = one["exponent"] <= 0.5
        said.append(f"{_exponent(one)} from {one['low']:,.0f} to {one['high']:,.0f} rows ({'yes' if holds else 'no'})")
    verdict = {True: "equal", False: "not equal", None: "not judged"}[equal]
    return f"Does fit time grow no faster than the square root of the rows? {'; '.join(said)}. Quality: {verdict}."


def pictures(found: Document) -> dict[str, str]:
    """An SVG picture for each axis that has points."""
    drawn = {}
    for axis in AXES:
        mine = [one for one in found["points"] if one["axis"] == axis and "fit_s" in one]
        if mine:
            drawn[axis] = picture([_panel(mine, axis, found["laws"], *panel) for panel in _PANELS])
    return drawn


def _panel(
    mine: Sequence[Mapping[str, Any]],
    axis: str,
    known: Sequence[Mapping[str, Any]],
    title: str,
    unit: str,
    figures: Sequence[str],
) -> Panel:
    curves = []
    for figure in figures:
        places = by_place(mine, axis)
        ys = tuple(statistics.median([one[figure] for one in runs]) for runs in places.values())
        widest = next((one for one in known if one["axis"] == axis and one["figure"] == figure), None)
        note = "" if widest is None else f", exponent {widest['exponent']:.2f}"
        curves.append(Curve(TITLES[figure], tuple(map(float, places)), ys, note))
    return Panel(f"{title} against {axis}", f"{axis} (log scale)", f"{unit} (log scale)", tuple(curves))
