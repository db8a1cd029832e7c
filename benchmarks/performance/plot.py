"""Curves on logarithmic axes as an SVG picture that reads on light and on dark pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 300
LEAST_DECADES = 0.8
"""What an axis spans at least, so that small changes look small."""
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 40, 46
COLOURS = ("#d9622b", "#3b82c4", "#2f9e77", "#9b6bc9", "#b58900")
MARKS = ("circle", "square", "diamond", "triangle", "circle")
_STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #757d86 } .title { font-size: 13px; font-weight: 600 }
  .grid { stroke: #8b949e; stroke-opacity: .28; stroke-width: 1 } .frame { stroke: #8b949e; fill: none }
"""


@dataclass(frozen=True)
class Curve:
    """One curve: its name, its points, and an exponent to be told beside it."""

    name: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """One diagram: its title, what its axes are, and its curves."""

    title: str
    x: str
    y: str
    curves: tuple[Curve, ...]


def picture(panels: Sequence[Panel]) -> str:
    """The panels side by side; those without a point are left out."""
    shown = [panel for panel in panels if any(curve.xs for curve in panel.curves)]
    legend = max((len(panel.curves) for panel in shown), default=0) * 16
    width, height = max(len(shown), 1) * WIDTH, HEIGHT + legend
    body = "".join(f'<g transform="translate({i * WIDTH} 0)">{_panel(panel)}</g>' for i, panel in enumerate(shown))
    named = escape("; ".join(panel.title for panel in shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{named}"><style>{_STYLE}</style>{body}</svg>\n'
    )


def _panel(panel: Panel) -> str:
    xs = [x for curve in panel.curves for x in curve.xs]
    ys = [y for curve in panel.curves for y in curve.ys]
    across, up = _Axis.over(xs, LEFT, WIDTH - RIGHT), _Axis.over(ys, HEIGHT - BOTTOM, TOP)
    parts = [f'<text class="title" x="{LEFT}" y="18">{escape(panel.title)}</text>']
    parts += [_grid(across, up), f'<rect class="frame" x="{LEFT}" y="{TOP}" {_size()}/>']
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{escape(panel.x)}</text>')
    parts.append(f'<text x="{LEFT}" y="34" class="y">{escape(panel.y)}</text>')
    for i, curve in enumerate(panel.curves):
        parts.append(_curve(curve, across, up, COLOURS[i % len(COLOURS)], MARKS[i % len(MARKS)]))
        y = HEIGHT + 8 + 16 * i
        parts.append(_mark(LEFT + 6, y - 4, COLOURS[i % len(COLOURS)], MARKS[i % len(MARKS)]))
        parts.append(f'<text x="{LEFT + 18}" y="{y}">{escape(curve.name + curve.note)}</text>')
    return "".join(parts)


def _size() -> str:
    return f'width="{WIDTH - RIGHT - LEFT}" height="{HEIGHT - BOTTOM - TOP}"'


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis, from one end of the picture to the other."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> "_Axis":
        low, high = math.log10(min(values)), math.log10(max(values))
        room = max(0.06 * (high - low), (LEAST_DECADES - high + low) / 2)
        return cls(low - room, high + room, start, end)

    def place(self, value: float) -> float:
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Powers of ten, and 2 and 5 times these where there would be few."""
        powers = range(math.floor(self.low), math.ceil(self.high) + 1)
        inside = [[m * 10.0**p for p in powers for m in own] for own in ((1,), (1, 3), (1, 2, 5))]
        for ticks in inside:
            within = [tick for tick in ticks if self.low <= math.log10(tick) <= self.high]
            if len(within) >= 3:
                break
        return within[:: math.ceil(len(within) / 7)]


def _grid(across: _Axis, up: _Axis) -> str:
    parts = []
    for tick in across.ticks():
        x = across.place(tick)
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{short(tick)}</text>')
    for tick in up.ticks():
        y = up.place(tick)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>')
    return "".join(parts)


def _curve(curve: Curve, across: _Axis, up: _Axis, colour: str, mark: str) -> str:
    places = sorted((across.place(x), up.place(y)) for x, y in zip(curve.xs, curve.ys, strict=True))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn = "".join(_mark(x, y, colour, mark) for x, y in places)
    return f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>{drawn}'


def _mark(x: float, y: float, colour: str, mark: str) -> str:
    if mark == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    corners = {
        "square": [(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)],
        "diamond": [(0, -5), (5, 0), (0, 5), (-5, 0)],
        "triangle": [(0, -5), (5, 4), (-5, 4)],
    }[mark]
    return f'<polygon points="{" ".join(f"{x + a:.1f},{y + b:.1f}" for a, b in corners)}" fill="{colour}"/>'


def short(value: float) -> str:
    """A number in few characters.

    Example:
        >>> [short(value) for value in (0.05, 3, 20_000, 10_000_000)]
        ['0.05', '3', '20k', '10M']
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
