"""Small SVG drawings of a report: colours come from the page's style sheet, all text from the tables is escaped.

Shares are drawn and not counts, so that tables of different size lie on top of each other.
"""

from collections.abc import Sequence
from html import escape

from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Estimate, Overlay

WIDTH = 320
HEIGHT = 110
ROW = 17
LABEL_WIDTH = 118
MAX_ROWS = 12
LABEL_CHARACTERS = 18
CELL = 20
MAX_HEAT_COLUMNS = 40


def overlay(found: Overlay) -> str:
    """Real against synthetic over common bins, as SVG."""
    if found.kind == "histogram":
        ends = f"<span>{escape(found.labels[0])}</span><span>{escape(found.labels[-1])}</span>"
        return _steps(found, len(found.labels), ends)
    if found.kind == "ranked":
        return _steps(found, len(found.labels) - 1, f"<span>{_rest(found)}</span>")
    return _bars(_at_most(found, MAX_ROWS))


def _shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) or 1
    return [count / total for count in counts]


def _tip(label: str, real: float, synthetic: float) -> str:
    return f"<title>{escape(label)}: real {100 * real:.2f} %, synthetic {100 * synthetic:.2f} %</title>"


def _rest(found: Overlay) -> str:
    real, synthetic = _shares(found.real)[-1], _shares(found.synthetic)[-1]
    return (
        f"The {len(found.labels) - 1} most frequent, in order; {escape(found.labels[-1])} hold {100 * real:.1f} % of "
        f"the real and {100 * synthetic:.1f} % of the synthetic cells."
    )


def _steps(found: Overlay, shown: int, below: str) -> str:
    """The first bins as columns for the real table and an outline for the synthetic one, with a line of text below."""
    real, synthetic = _shares(found.real)[:shown], _shares(found.synthetic)[:shown]
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
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(_described(found))}">{"".join(bars)}'
        f'<polygon class="synthetic-area" points="{points}"/><polyline class="synthetic-line" points="{points}"/>'
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{base + 0.5}" y2="{base + 0.5}"/>{hover}</svg>'
        f'<div class="ends">{below}</div>'
    )


def _at_most(found: Overlay, limit: int) -> Overlay:
    if len(found.labels) <= limit:
        return found
    kept = limit - 1
    return Overlay(
        kind="bars",
        labels=(*found.labels[:kept], f"{len(found.labels) - kept} others"),
        real=(*found.real[:kept], sum(found.real[kept:])),
        synthetic=(*found.synthetic[:kept], sum(found.synthetic[kept:])),
    )


def _bars(found: Overlay) -> str:
    real, synthetic = _shares(found.real), _shares(found.synthetic)
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
    return (
        f'<svg viewBox="0 0 {WIDTH} {len(rows) * ROW + 2}" role="img" aria-label="{escape(_described(found))}">'
        f"{''.join(rows)}</svg>"
    )


def _short(label: str, limit: int = LABEL_CHARACTERS) -> str:
    label = " ".join(label.split()) or "(empty)"
    return label if len(label) <= limit else label[: limit - 1] + "…"


def _described(found: Overlay) -> str:
    real, synthetic = _shares(found.real), _shares(found.synthetic)
    gaps = sorted(range(len(real)), key=lambda i: -abs(real[i] - synthetic[i]))[:3]
    parts = [f"{found.labels[i]}: {100 * real[i]:.1f} % real, {100 * synthetic[i]:.1f} % synthetic" for i in gaps]
    return f"Real against synthetic shares; largest differences at {'; '.join(parts)}"


def meter(estimate: Estimate) -> str:
    """A bar for a value with a tick at its noise floor."""
    end = 1.25 * max(estimate.value, estimate.floor or 0.0) or 1.0
    tick = ""
    if estimate.floor is not None:
        x = 200 * estimate.floor / end
        tick = f'<line class="floor" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="12"/>'
    return (
        '<svg class="meter" viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" x="0" y="4" width="200" height="4"/>'
        f'<rect class="fill" x="0" y="4" width="{200 * estimate.value / end:.1f}" height="4"/>{tick}</svg>'
    )


def heat_map(report: Report) -> str:
    """The errors of all pairs as a square, empty above `MAX_HEAT_COLUMNS` columns or without pairs."""
    names = [column.name for column in report.columns]
    errors = [pair.error.value for pair in report.pairs if pair.error]
    if len(names) > MAX_HEAT_COLUMNS or not errors:
        return ""
    place = {name: i for i, name in enumerate(names)}
    top = max(*errors, 0.05)
    cells = []
    for pair in report.pairs:
        row, column = place[pair.second], place[pair.first]
        where = f'x="{column * CELL}" y="{row * CELL}" width="{CELL - 1}" height="{CELL - 1}"'
        title = f"{escape(pair.first)} × {escape(pair.second)}: "
        if pair.error is None:
            cells.append(f'<rect class="undefined" {where}><title>{title}undefined</title></rect>')
            continue
        shown = f"{pair.error.value:.3f}" + (
            "" if pair.error.floor is None else f", noise floor {pair.error.floor:.3f}"
        )
        opacity = 0.06 + 0.94 * pair.error.value / top
        cells.append(f'<rect class="heat" fill-opacity="{opacity:.2f}" {where}><title>{title}{shown}</title></rect>')
    labels = "".join(
        f'<text class="below" x="{i * CELL + 3}" y="{i * CELL + CELL - 6}">{escape(_short(name, 22))}</text>'
        for i, name in enumerate(names)
    )
    width, height = len(names) * CELL + 140, len(names) * CELL
    description = f"Errors of all pairs of columns, the largest {max(errors):.3f}"
    style = f"max-width:{width}px;min-width:{min(width, 460)}px"
    return (
        f'<svg class="heat-map" viewBox="0 0 {width} {height}" style="{style}" role="img" aria-label="{description}">'
        f"{''.join(cells)}{labels}</svg>"
    )
