"""Which curves of a run are shown in a terminal, in which order, and how they are laid out in the room that there is.

A panel is a few curves under a title. Wide terminals get panels side by side, high ones get higher curves; where there
is room for few, those that tell most are left. Pure functions of the history; colours and words are in the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from tabgan_cli import sparklines

if TYPE_CHECKING:
    from tabgan.gan.history import TrainingStats

TWO_ACROSS, THREE_ACROSS = 116, 178
"""Columns of a terminal with two and with three panels side by side."""
MAX_CURVE_HEIGHT = 3
_GAP = 3
_LABEL, _VALUE, _NOTE = 17, 8, 12
_NOTED = 56
"""Characters of a line from which on it has room for what the curve should be seen against."""


@dataclass(frozen=True)
class Curve:
    """One curve of a run.

    Attributes:
        name: of the number in `TrainingStats`.
        panel: the title that it stands under.
        label: what it is, in a word or two below that title.
        alone: the same where there is no title.
        rank: how much it tells; 0 is shown before all others where there is room for few.
        percent: whether the number is a share.
        beside: what the curve should be seen against, and the word for that; None where nothing is known.
        least: what the ends of its scale are apart at least; below 0 where the lower end gives way.
        together: whether it has one scale with the others of its panel of which this holds.
        logarithmic: whether each factor of ten is as high.
        generated: whether it is about generated rows alone, which have a colour of their own.
    """

    name: str
    panel: str
    label: str
    alone: str
    rank: int
    percent: bool = False
    beside: tuple[str, float] | None = None
    least: float = 0.0
    together: bool = False
    logarithmic: bool = False
    generated: bool = False


SURPRISE, DISTANCE, VARIETY = "surprise, nats a row", "generated rows against rows held out", "variety and memory"
CRITIC, GRADIENTS = "critic", "length of gradients"
CURVES = (
    Curve("surprise", SURPRISE, "rows learnt", "surprise learnt", 1),
    Curve("held_out", SURPRISE, "rows held out", "surprise held out", 0),
    Curve("held_out_shape", DISTANCE, "Shape distance", "Shape distance", 2, percent=True, least=0.01),
    Curve("held_out_trend", DISTANCE, "Trend distance", "Trend distance", 4, percent=True, least=0.01),
    Curve("detection", DISTANCE, "detection AUC", "detection AUC", 3, beside=("best", 0.5), least=0.05),
    Curve("real_score", CRITIC, "real rows", "critic: real", 6, together=True),
    Curve("held_out_score", CRITIC, "held-out rows", "critic: held out", 12, together=True),
    Curve("made_score", CRITIC, "generated rows", "critic: generated", 7, together=True, generated=True),
    Curve("accuracy", CRITIC, "accuracy", "critic accuracy", 5, percent=True, beside=("even", 0.5), least=0.1),
    Curve("distinct", VARIETY, "distinct rows", "distinct rows", 8, percent=True, beside=("best", 1.0), least=-0.05),
    Curve("coverage", VARIETY, "coverage", "coverage", 9, percent=True, least=-0.05),
    Curve("entropy", VARIETY, "entropy", "entropy", 13, percent=True, beside=("best", 1.0), least=-0.05),
    Curve(
        "nearest", VARIETY, "nearer to learnt", "nearer to learnt", 14, percent=True, beside=("even", 0.5), least=0.05
    ),
    Curve("generator_gradient", GRADIENTS, "of the generator", "generator grad.", 10, logarithmic=True, generated=True),
    Curve("critic_gradient", GRADIENTS, "of the critic", "critic grad.", 11, logarithmic=True),
)


@dataclass(frozen=True)
class Rows:
    """How curves are drawn.

    Attributes:
        width: characters of a line.
        height: lines of a curve.
        titled: whether panels have titles.
        ascii_only: whether to draw with ASCII alone.
    """

    width: int
    height: int = 1
    titled: bool = True
    ascii_only: bool = False


def panels(
    history: "Sequence[TrainingStats]",
    width: int,
    height: int,
    *,
    floors: Mapping[str, float] | None = None,
    ascii_only: bool = False,
    low: bool = False,
) -> list[Text]:
    """The curves that were measured, as lines.

    Args:
        history: what was reported.
        width: characters of a line.
        height: lines at most.
        floors: what a perfect generator would get, by the names of numbers; others have what they always have.
        ascii_only: whether to draw with ASCII alone.
        low: whether each curve has one line, and no title, even where there is room.
    """
    known = [curve for curve in CURVES if any(getattr(stats, curve.name) is not None for stats in history)]
    across = 3 if width >= THREE_ACROSS else 2 if width >= TWO_ACROSS else 1
    each = (width - _GAP * (across - 1)) // across
    plans = [] if low else [(lines, True) for lines in range(MAX_CURVE_HEIGHT, 0, -1)]
    plans.append((1, False))
    for lines, titled in plans:
        rows = Rows(each, lines, titled, ascii_only)
        blocks = [_panel(curves, history, floors or {}, rows) for curves in _grouped(known)]
        if len(beside := _side_by_side(blocks, across, each, spaced=titled)) <= height:
            return beside
    told = sorted(known, key=lambda curve: curve.rank)[: max(height, 0) * across]
    blocks = [
        _panel([curve], history, floors or {}, Rows(each, 1, False, ascii_only)) for curve in known if curve in told
    ]
    return _side_by_side(blocks, across, each, spaced=False)


def _grouped(curves: Sequence[Curve]) -> list[list[Curve]]:
    return [list(group) for _, group in groupby(curves, key=lambda curve: curve.panel)]


def _side_by_side(blocks: Sequence[list[Text]], across: int, each: int, *, spaced: bool) -> list[Text]:
    """Blocks of lines in columns, filled from the top, all about as high."""
    columns = _dealt(blocks, across)
    stacks: list[list[Text]] = []
    for column in columns:
        stack: list[Text] = []
        for block in column:
            stack += [Text()] if spaced and stack else []
            stack += block
        stacks.append(stack)
    lines = []
    for i in range(max(map(len, stacks), default=0)):
        line = Text(no_wrap=True)
        for place, stack in enumerate(stacks):
            part = stack[i].copy() if i < len(stack) else Text()
            last = place == len(stacks) - 1
            part.pad_right(max(each + _GAP - len(part), 0) if not last else 0)
            line.append_text(part)
        line.rstrip()
        lines.append(line)
    return lines


def _dealt(blocks: Sequence[list[Text]], across: int) -> list[list[list[Text]]]:
    """Blocks in order into columns, so that the highest column is as low as it can be."""
    for most in range(1, sum(len(block) + 1 for block in blocks) + 1):
        columns: list[list[list[Text]]] = [[]]
        for block in blocks:
            if columns[-1] and sum(len(other) + 1 for other in columns[-1]) + len(block) > most:
                columns.append([])
            columns[-1].append(block)
        if len(columns) <= across and all(sum(len(b) + 1 for b in column) - 1 <= most for column in columns):
            return columns
    return [list(blocks)]


def _panel(
    curves: Sequence[Curve], history: "Sequence[TrainingStats]", floors: Mapping[str, float], rows: Rows
) -> list[Text]:
    common = sparklines.scale(
        [value for stats in history for curve in curves if curve.together for value in _values([stats], curve)]
    )
    lines = [Text(curves[0].panel, "bold")] if rows.titled else []
    for curve in curves:
        lines += _curve(curve, history, floors.get(curve.name), common if curve.together else None, rows)
    return lines


def _values(history: "Sequence[TrainingStats]", curve: Curve) -> list[float]:
    return [value for stats in history if (value := getattr(stats, curve.name)) is not None]


def _curve(
    curve: Curve,
    history: "Sequence[TrainingStats]",
    floor: float | None,
    common: tuple[float, float] | None,
    rows: Rows,
) -> list[Text]:
    """One curve with its label, its last value and what it should be seen against."""
    beside = curve.beside or (None if floor is None else ("floor", floor))
    note = _NOTE if rows.width >= _NOTED else 0
    room = max(rows.width - _LABEL - 1 - _VALUE - 1 - (note + 2 if note else 0), 1)
    last = history[-1]
    points = [(s.step / last.steps, v) for s in history if (v := getattr(s, curve.name)) is not None]
    values = sparklines.spread(points, room, until=last.step / last.steps)
    limits = common or sparklines.scale([value for _, value in points], beside[1] if beside else None, curve.least)
    low, high = limits or (0.0, 1.0)
    if curve.logarithmic:
        values = sparklines.logarithms(values)
        low, high = (sparklines.logarithms([low, high])[i] or 0.0 for i in (0, 1))
    drawn = sparklines.drawn(values, low, high, height=rows.height, ascii_only=rows.ascii_only)
    shown = figure(points[-1][1], percent=curve.percent)
    said = f"{beside[0]} {figure(beside[1], percent=curve.percent)}" if beside and note else ""
    label = curve.label if rows.titled else curve.alone
    lines = [Text(" " * (_LABEL + 1)).append(strokes, _style(curve)) for strokes in drawn[:-1]]
    lowest = Text(f"{label:<{_LABEL}} ").append(drawn[-1], _style(curve))
    lowest.append(f" {shown:>{_VALUE}}", "bold").append(f"  {said}" if said else "", "dim")
    return [*lines, lowest]


def _style(curve: Curve) -> str:
    return "magenta" if curve.generated else "cyan"


def figure(value: float, *, percent: bool = False) -> str:
    """A number of a curve in a few characters.

    >>> figure(0.031, percent=True), figure(1.0, percent=True), figure(13.376), figure(0.00123), figure(12345.6)
    ('3.1 %', '100 %', '13.38', '0.0012', '12,346')
    """
    if percent:
        return f"{100 * value:.{0 if value in (0.5, 1.0) else 1}f} %"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}" if size < 1e6 else f"{value:.1e}"
    return f"{value:.2f}" if size >= 0.1 or value == 0 else f"{value:.2g}"
