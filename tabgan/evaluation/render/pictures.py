"""Small SVG drawings of a report, for where no script runs: colours come from `style()`, all text is escaped.

Shares are drawn and not counts, so that tables of different size lie on top of each other.
"""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from tabgan.evaluation.render import wording
from tabgan.evaluation.results import Estimate, Overlay, PairResult

WIDTH = 320
HEIGHT = 110
ROW = 17
LABEL_WIDTH = 118
MAX_ROWS = 12
LABEL_CHARACTERS = 18
CELL = 20
MAX_HEAT_COLUMNS = 40
MAX_TIP = 120
BETWEEN = " to "
TONES = ("synthetic", "real", "third", "fourth")


def style() -> str:
    """The style sheet of the drawings, without which they are black."""
    return files(__package__).joinpath("pictures.css").read_text(encoding="utf-8")


def overlay(found: Overlay) -> str:
    """Real against synthetic over common bins, as SVG."""
    if found.kind == "histogram":
        return _steps(found, len(found.labels), ends(found))
    if found.kind == "ranked":
        below = f'<div class="ends"><span>{escape(wording.others(found))}</span></div>'
        return _steps(found, len(found.labels) - 1, below)
    return _bars(found.at_most(MAX_ROWS))


def ends(found: Overlay) -> str:
    """Where the first bin of a histogram begins and the last one ends."""
    first, last = found.labels[0].split(BETWEEN)[0], found.labels[-1].split(BETWEEN)[-1]
    spans = (f"<span>{escape(_short(label, MAX_TIP))}</span>" for label in (first, last))
    return f'<div class="ends">{"".join(spans)}</div>'


def _tip(label: str, real: float, synthetic: float) -> str:
    return (
        f"<title>{escape(_short(label, MAX_TIP))}: real {100 * real:.2f} %, synthetic {100 * synthetic:.2f} %</title>"
    )


def _steps(found: Overlay, shown: int, below: str) -> str:
    """The first bins as columns for the real table and an outline for the synthetic one, with HTML below."""
    real, synthetic = (side[:shown] for side in found.shares)
    top = max(*real, *synthetic) or 1.0
    step, base = WIDTH / len(real), HEIGHT - 1
    scale = (HEIGHT - 6) / top
    bars, line = [], []
    for i, (a, b) in enumerate(zip(real, synthetic, strict=True)):
        x = i * step
        gap = 0.6 if step > 4 else 0.0
        bars.append(
            f'<rect class="real" x="{x + gap:.1f}" y="{base - a * scale:.1f}" width="{step - 2 * gap:.1f}" '
            f'height="{a * scale:.1f}"/>'
        )
        line.append(f"{x:.1f},{base - b * scale:.1f} {x + step:.1f},{base - b * scale:.1f}")
    hover = "".join(
        f'<rect class="hover" x="{i * step:.1f}" y="0" width="{step:.1f}" height="{HEIGHT}">{_tip(label, a, b)}</rect>'
        for i, (label, a, b) in enumerate(zip(found.labels[:shown], real, synthetic, strict=True))
    )
    points = f"0,{base} {' '.join(line)} {WIDTH},{base}"
    return (
        f"{_opening(found, HEIGHT)}{''.join(bars)}"
        f'<polygon class="synthetic-area" points="{points}"/><polyline class="synthetic-line" points="{points}"/>'
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{base + 0.5}" y2="{base + 0.5}"/>{hover}</svg>'
        f"{below}"
    )


def _bars(found: Overlay) -> str:
    real, synthetic = found.shares
    top = max(*real, *synthetic) or 1.0
    room = WIDTH - LABEL_WIDTH - 6
    rows = []
    for i, (label, a, b) in enumerate(zip(found.labels, real, synthetic, strict=True)):
        y = i * ROW
        rows.append(
            f'<g>{_tip(label, a, b)}<text x="{LABEL_WIDTH - 6}" y="{y + 12}">{escape(_short(label))}</text>'
            f'<rect class="real solid" x="{LABEL_WIDTH}" y="{y + 2}" width="{room * a / top:.1f}" height="6"/>'
            f'<rect class="synthetic" x="{LABEL_WIDTH}" y="{y + 9}" width="{room * b / top:.1f}" height="6"/>'
            f'<rect class="hover" x="0" y="{y}" width="{WIDTH}" height="{ROW}"/></g>'
        )
    return f"{_opening(found, len(rows) * ROW + 2)}{''.join(rows)}</svg>"


def _opening(found: Overlay, height: int) -> str:
    label = escape(described(found))
    return f'<svg class="picture" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">'


def _short(label: str, limit: int = LABEL_CHARACTERS) -> str:
    label = " ".join(label.split()) or "(empty)"
    return label if len(label) <= limit else label[: limit - 1] + "…"


def described(found: Overlay) -> str:
    """What an overlay shows, in words: where the two tables differ most."""
    real, synthetic = found.shares
    gaps = sorted(range(len(real)), key=lambda i: -abs(real[i] - synthetic[i]))[:3]
    parts = [
        f"{_short(found.labels[i], MAX_TIP)}: {100 * real[i]:.1f} % real, {100 * synthetic[i]:.1f} % synthetic"
        for i in gaps
    ]
    return f"Real against synthetic shares; largest differences at {'; '.join(parts)}"


def meter(estimate: Estimate, end: float | None = None) -> str:
    """A bar for a value with a tick at its noise floor.

    Args:
        estimate: the value and its floor.
        end: of the scale; a quarter beyond the larger of the two if not given.
    """
    end = end or 1.25 * max(estimate.value, estimate.floor or 0.0) or 1.0
    tick = ""
    if estimate.floor is not None:
        x = 200 * estimate.floor / end
        tick = f'<line class="floor" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="12"/>'
    return (
        '<svg class="picture meter" viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" x="0" y="4" width="200" height="4"/>'
        f'<rect class="fill" x="0" y="4" width="{200 * estimate.value / end:.1f}" height="4"/>{tick}</svg>'
    )


def bars(found: Sequence[tuple[str, Estimate]]) -> str:
    """A bar for each named number; those below zero are left empty."""
    top = max((estimate.value for _, estimate in found), default=0.0)
    room = WIDTH - LABEL_WIDTH - 50
    rows = []
    for i, (name, estimate) in enumerate(found):
        y, width = i * ROW, room * max(estimate.value, 0.0) / top if top > 0 else 0.0
        rows.append(
            f'<text x="{LABEL_WIDTH - 6}" y="{y + 12}">{escape(_short(name))}</text>'
            f'<rect class="synthetic" x="{LABEL_WIDTH}" y="{y + 4}" width="{width:.1f}" height="9"/>'
            f'<text class="after" x="{LABEL_WIDTH + width + 6:.1f}" y="{y + 12}">{estimate.value:.3f}</text>'
        )
    return f'<svg class="picture" viewBox="0 0 {WIDTH} {len(rows) * ROW + 2}" aria-hidden="true">{"".join(rows)}</svg>'


def two_bars(real: float, synthetic: float, top: float) -> str:
    """A pair of bars for a line of a table; both numbers stand beside it."""
    widths = (min(120 * share / top, 120) if top > 0 else 0.0 for share in (real, synthetic))
    first, second = (f'width="{width:.1f}" height="6"' for width in widths)
    return (
        '<svg class="picture pair" viewBox="0 0 120 16" aria-hidden="true">'
        f'<rect class="real solid" x="0" y="1" {first}/><rect class="synthetic" x="0" y="9" {second}/></svg>'
    )


def heat_map(names: Sequence[str], pairs: Sequence[PairResult]) -> str:
    """The errors of all pairs as a triangle, empty above `MAX_HEAT_COLUMNS` columns or without pairs.

    Args:
        names: of the columns, in order.
        pairs: of these columns.
    """
    errors = [pair.error.value for pair in pairs if pair.error]
    if len(names) > MAX_HEAT_COLUMNS or not errors:
        return ""
    place = {name: i for i, name in enumerate(names)}
    top = max(*errors, 0.05)
    cells = "".join(_heat_cell(pair, place[pair.second], place[pair.first], top) for pair in pairs)
    labels = "".join(
        f'<text class="after" x="{i * CELL + 3}" y="{i * CELL + CELL - 6}">{escape(_short(name, 22))}</text>'
        for i, name in enumerate(names)
    )
    width, height = len(names) * CELL + 140, len(names) * CELL
    label = f"Errors of all pairs of columns, the largest {max(errors):.3f}"
    return (
        f'<svg class="picture heat-map" viewBox="0 0 {width} {height}" style="max-width:{width}px" role="img" '
        f'aria-label="{label}">{cells}{labels}</svg>'
    )


def _heat_cell(pair: PairResult, row: int, column: int, top: float) -> str:
    where = f'x="{column * CELL}" y="{row * CELL}" width="{CELL - 1}" height="{CELL - 1}"'
    title = f"{escape(_short(pair.first, MAX_TIP))} × {escape(_short(pair.second, MAX_TIP))}: "
    if pair.error is None:
        return f'<rect class="undefined" {where}><title>{title}undefined</title></rect>'
    floor = "" if pair.error.floor is None else f", noise floor {pair.error.floor:.3f}"
    opacity = 0.06 + 0.94 * pair.error.value / top
    title = f"{title}{pair.error.value:.3f}{floor}"
    return f'<rect class="heat" fill-opacity="{opacity:.2f}" {where}><title>{title}</title></rect>'


def lines(series: Mapping[str, Sequence[tuple[float, float | None]]], tones: Sequence[str] = ()) -> str:
    """Lines over a common x axis, with the ends of both axes written beside them.

    Args:
        series: the points of each named line; a y of None is passed over.
        tones: the colour of each, of `TONES`, and "yardstick" behind it for a dotted line; one after the other if not
            given.
    """
    tones = tones or [TONES[i % len(TONES)] for i in range(len(series))]
    points = [(x, y) for found in series.values() for x, y in found if y is not None]
    if not points:
        return ""
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    across, up = (WIDTH - 2) / ((right - left) or 1.0), (HEIGHT - 8) / ((high - low) or 1.0)
    drawn = "".join(
        f'<polyline class="line-{tone}" points="'
        + " ".join(
            f"{1 + (x - left) * across:.1f},{HEIGHT - 4 - (y - low) * up:.1f}" for x, y in found if y is not None
        )
        + f'"><title>{escape(name)}</title></polyline>'
        for (name, found), tone in zip(series.items(), tones, strict=True)
    )
    return (
        f'<svg class="picture" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{drawn}</svg>'
        f'<div class="ends"><span>{left:g} to {right:g} across, {low:.4g} to {high:.4g} up</span></div>'
    )
