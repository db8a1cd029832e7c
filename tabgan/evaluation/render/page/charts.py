"""What the page's scripts draw: the data of each chart, the same in words, and a picture for where no script runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import isfinite
from typing import Any, Literal

from tabgan.evaluation.render import pictures
from tabgan.evaluation.results import Driver, Overlay, PairResult

MAX_LABEL = 120
SHORT_LABEL = 6
FEW_BARS = 8
BAR_HEIGHT = 21
CHART_HEIGHT = 190
DIGITS = 5
Tone = Literal["synthetic", "real", "third", "fourth"]
TONES: tuple[Tone, ...] = ("synthetic", "real", "third", "fourth")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of the page.

    Attributes:
        key: unique on the page, a plain word.
        spec: plain JSON values for `charts.js`; "kind" says what to draw.
        described: what it shows, in words.
        height: in CSS pixels; None for a heat map, whose width sets it.
        below: HTML below the chart.
        static: SVG for where no script runs.
    """

    key: str
    spec: Mapping[str, Any]
    described: str
    height: int | None = CHART_HEIGHT
    below: str = ""
    static: str = ""

    def html(self) -> str:
        """The chart's place in the page."""
        style = "" if self.height is None else f' style="height:{self.height}px"'
        static = f"<noscript>{self.static}</noscript>\n" if self.static else ""
        below = f'<div class="left-out">{self.below}</div>\n' if self.below else ""
        return (
            f'<div class="chart {escape(str(self.spec["kind"]))}" data-chart="{escape(self.key)}" role="img" '
            f'aria-label="{escape(self.described)}"{style}></div>\n{below}{static}'
        )


def overlay(key: str, found: Overlay, *, linear: bool = False) -> Chart:
    """Real against synthetic shares over common bins or categories.

    Args:
        key: of the chart.
        found: the counts.
        linear: whether the edges of the bins are numbers to write below them.
    """
    labels = [shortened(label) for label in found.labels]
    shape = _shape(found, labels)
    spec = {
        "kind": "overlay",
        "shape": shape,
        "labels": labels,
        "edges": [found.edges[0], found.edges[-1]] if linear and found.edges else None,
        "ends": not linear and bool(found.edges),
        "real": found.real,
        "synthetic": found.synthetic,
    }
    height = BAR_HEIGHT * min(len(labels), pictures.MAX_ROWS) + 30 if shape == "rows" else CHART_HEIGHT
    return Chart(
        key=key,
        spec=spec,
        described=pictures.described(found),
        height=height,
        below=pictures.ends(found) if spec["ends"] else "",
        static=pictures.overlay(found),
    )


def _shape(found: Overlay, labels: list[str]) -> Literal["steps", "ranked", "columns", "rows"]:
    """How to draw it: an outline over bins or ranks, or pairs of bars, upright where few short labels stand below."""
    if found.kind == "ranked":
        return "ranked"
    if found.kind == "histogram":
        return "steps"
    short = len(labels) <= FEW_BARS and max(map(len, labels)) <= SHORT_LABEL
    return "columns" if short else "rows"


def shortened(label: str) -> str:
    """A label that a picture can bear."""
    return label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "…"


def drivers(key: str, found: Sequence[Driver], limit: int) -> Chart:
    """The columns that give synthetic rows away, as bars with their intervals."""
    shown = found[:limit]
    spec = {
        "kind": "bars",
        "labels": [shortened(driver.column) for driver in shown],
        "values": [_rounded(driver.importance.value) for driver in shown],
        "low": [_rounded(driver.importance.low) for driver in shown],
        "high": [_rounded(driver.importance.high) for driver in shown],
        "axis": "fall of the AUC when the column is shuffled",
    }
    parts = [f"{driver.column} {driver.importance.value:.3f}" for driver in shown[:3]]
    described = f"How much each column gives synthetic rows away; most of all {', '.join(parts)}"
    bars = [(driver.column, driver.importance) for driver in shown]
    return Chart(
        key=key,
        spec=spec,
        described=described,
        height=26 * len(shown) + 54,
        static=pictures.bars(bars),
    )


def heat_map(key: str, names: Sequence[str], pairs: Sequence[PairResult]) -> Chart:
    """The association of each pair of columns in both tables, and the error between them: three maps in one place."""
    place = {name: i for i, name in enumerate(names)}
    cells = [
        [
            place[pair.first],
            place[pair.second],
            _rounded(pair.association_real),
            _rounded(pair.association_synthetic),
            _rounded(pair.error.value if pair.error else None),
            _rounded(pair.error.floor if pair.error else None),
        ]
        for pair in pairs
    ]
    errors = sorted(((pair.error.value, pair) for pair in pairs if pair.error), key=lambda entry: -entry[0])[:3]
    top = max([0.05, *(value for value, _ in errors)])
    worst = "; ".join(f"{pair.first} and {pair.second} {value:.3f}" for value, pair in errors)
    described = f"Heat map of all pairs of columns; the largest errors: {worst}"
    spec = {"kind": "heat", "names": [shortened(name) for name in names], "pairs": cells, "top": top}
    return Chart(key=key, spec=spec, described=described, height=None, static=pictures.heat_map(names, pairs))


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a chart.

    Attributes:
        points: (x, y), the x ascending; a y of None interrupts it.
        tone: which of the page's colours it has.
        yardstick: whether it is what the line of the same colour should be seen against: thin and dotted.
    """

    points: Sequence[tuple[float, float | None]]
    tone: Tone
    yardstick: bool = False


@dataclass(frozen=True, kw_only=True)
class Band:
    """A part of the x axis that is set apart.

    Attributes:
        name: what holds there, in words.
        start: where it begins.
        end: where it ends.
        level: how much there is to care about; what is fine is not coloured.
    """

    name: str
    start: float
    end: float
    level: Literal["fine", "notable", "serious"]


def lines(
    key: str,
    series: Mapping[str, Sequence[tuple[float, float | None]] | Line],
    *,
    x_label: str,
    described: str,
    marks: Mapping[str, float] | None = None,
    bands: Sequence[Band] = (),
    unit: str = "",
    least: float = 0.0,
    logarithmic: bool = False,
) -> Chart:
    """Numbers that change, for example over the steps of a training.

    Args:
        key: of the chart.
        series: each named line; points alone take one colour after the other.
        x_label: what x is.
        described: what the lines show, in words.
        marks: named places on the x axis.
        bands: parts of the x axis; their names stand where the mouse is.
        unit: of y, written behind its numbers.
        least: what the ends of the y axis are apart at least.
        logarithmic: whether each factor of ten of y is as high; what is not above 0 is left out.
    """
    known = {
        name: found if isinstance(found, Line) else Line(points=found, tone=TONES[i % len(TONES)])
        for i, (name, found) in enumerate(series.items())
    }
    if logarithmic:
        known = {name: replace(line, points=_above_zero(line.points)) for name, line in known.items()}
    spec = {
        "kind": "lines",
        "series": [
            {
                "name": name,
                "points": [[x, _rounded(y)] for x, y in line.points],
                "tone": line.tone,
                "yardstick": line.yardstick,
            }
            for name, line in known.items()
        ],
        "x_label": x_label,
        "marks": [{"name": name, "at": at} for name, at in (marks or {}).items()],
        "bands": [{"name": b.name, "from": b.start, "to": b.end, "level": b.level} for b in bands],
        "unit": unit,
        "least": least,
        "logarithmic": logarithmic,
    }
    static = pictures.lines(
        {name: line.points for name, line in known.items()},
        [f"{line.tone}{' yardstick' if line.yardstick else ''}" for line in known.values()],
    )
    return Chart(key=key, spec=spec, described=described, height=260, static=static)


def _above_zero(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    return [(x, y if y is not None and y > 0 else None) for x, y in points]


def _rounded(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(f"{value:.{DIGITS}g}")
