"""How a run of training looks in a terminal: a picture of what it has reported so far, for a width and a height.

From the top: how far it is, what the monitor makes of it and what to do, the curves, and what has happened. Nothing is
said by colour alone, and nothing that was not measured is shown. `live` shows pictures one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from rich.text import Text

from tabgan.evaluation.results.training import Level, level_of
from tabgan_cli.panels import CURVES, figure, panels
from tabgan_cli.screen import duration
from tabgan_cli.sparklines import drawn, scale, spread

if TYPE_CHECKING:
    from tabgan.evaluation.results.training import RunEvent
    from tabgan.gan.history import Event, TrainingStats
    from tabgan.gan.language_settings import LanguageStats

STYLES: Mapping[Level, str] = {"fine": "bold green", "notable": "bold yellow", "serious": "bold red"}
MARKS: Mapping[Level, str] = {"fine": "●", "notable": "▲", "serious": "✖"}
PLAIN_MARKS: Mapping[Level, str] = {"fine": "*", "notable": "!", "serious": "X"}
STROKES: Mapping[Level, str] = {"fine": "━", "notable": "╍", "serious": "╳"}
PLAIN_STROKES: Mapping[Level, str] = {"fine": "#", "notable": "!", "serious": "X"}
"""Of the bar: it shows in which parts of the run something was wrong."""
MAX_EVENTS = 5
_AIRY, _SPACIOUS = 16, 30
"""Lines from which on there is a blank line above the curves, and one below them."""
_LEAST_CURVES = 4
_MAX_SENTENCE = 3
_BESIDE_TEXT_CURVE = 36


@dataclass(frozen=True)
class Scene:
    """What there is to show.

    Attributes:
        history: what was reported on the generator.
        events: what has happened, in the order of their steps.
        elapsed_s: seconds since training began; the last report's if this is less.
        texts: what was reported on free text, which is learnt after all else.
        floors: what a perfect generator would get, by the names of numbers of the history.
    """

    history: "tuple[TrainingStats, ...]" = ()
    events: "tuple[Event, ...]" = ()
    elapsed_s: float = 0.0
    texts: "tuple[LanguageStats, ...]" = ()
    floors: Mapping[str, float] = field(default_factory=dict)


def picture(scene: Scene, width: int, height: int, *, ascii_only: bool = False) -> Text:
    """The scene as it is now.

    Args:
        scene: to show.
        width: characters of a line; none is longer.
        height: lines at most, but for the few that say how far it is and how it goes.
        ascii_only: whether to draw with ASCII alone.
    """
    pen = _Pen(width, ascii_only)
    top = _text_progress(scene, pen) if scene.texts else _progress(scene, pen)
    top += _state(scene, pen, min(max(height // 5, 2), 2 * _MAX_SENTENCE))
    top += _text_curve(scene, pen)
    room = height - len(top) - (height >= _AIRY) - (height >= _SPACIOUS)
    events = _events(scene, pen, min(MAX_EVENTS, room - _LEAST_CURVES))
    curves = panels(scene.history, width, room - len(events), floors=scene.floors, ascii_only=ascii_only)
    above = [Text()] if curves and height >= _AIRY else []
    below = [Text()] if events and height >= _SPACIOUS else []
    return _joined([*top, *above, *curves, *below, *events], pen)


def summary(scene: Scene, width: int, *, ascii_only: bool = False) -> Text:
    """What stays on the screen when all is done: a line for each curve, and all that has happened."""
    pen = _Pen(width, ascii_only)
    lines = [*_progress(scene, pen, over=True), *_state(scene, pen, 2 * _MAX_SENTENCE)]
    lines += panels(scene.history, width, len(CURVES), floors=scene.floors, ascii_only=ascii_only, low=True)
    return _joined([*lines, *_text_curve(scene, pen), *_events(scene, pen, 2 * MAX_EVENTS)], pen)


def event_line(event: "Event | RunEvent") -> str:
    """An event as a line of a log."""
    parts = [f"step {event.step:,}: {words(event.state)}", event.evidence]
    parts.append(f"what to do: {event.advice}" if event.advice else "")
    return "; ".join(part for part in parts if part)


def event_lines(events: "Sequence[Event | RunEvent]", width: int, *, ascii_only: bool = False) -> Text:
    """Everything that happened, with evidence and advice, wrapped."""
    pen = _Pen(width, ascii_only)
    lines = []
    for event in events:
        line = Text().append(f"step {event.step:,}  ", "dim").append(*pen.mark(event.state))
        lines += pen.wrap(line.append(f": {event.evidence}" if event.evidence else ""), 99)
        if event.advice:
            lines += pen.wrap(Text().append("what to do: ", "bold").append(event.advice), 99, lead="  ")
    return _joined(lines, pen)


def state_line(state: str, *, ascii_only: bool = False) -> Text:
    """A state with its mark."""
    return Text().append(*_Pen(99, ascii_only).mark(state))


@dataclass(frozen=True)
class _Pen:
    """With what lines are drawn: their width, and whether in ASCII alone."""

    width: int
    ascii_only: bool

    def mark(self, state: str) -> tuple[str, str]:
        """A state in words with its mark, and the style of both."""
        level = level_of(state)
        return f"{(PLAIN_MARKS if self.ascii_only else MARKS)[level]} {words(state)}", STYLES[level]

    def cut(self, line: Text) -> Text:
        """Shorten a line in place to the width, and say so with dots."""
        if self.ascii_only and line.cell_len > self.width:
            line.truncate(max(self.width - 3, 0), overflow="crop")
            line.append("..."[: self.width])
        line.truncate(self.width, overflow="crop" if self.ascii_only else "ellipsis")
        return line

    def wrap(self, text: Text, most: int, lead: str = "") -> list[Text]:
        """A sentence in at most so many lines, each after `lead`, and those after the first indented."""
        lines = [Text(lead)]
        for word in text.split(" "):
            begun = bool(lines[-1].plain.strip())
            if begun and len(lines) < most and lines[-1].cell_len + 1 + word.cell_len > self.width:
                lines.append(Text(f"{lead}  "))
                begun = False
            lines[-1].append_text(Text(" " if begun else "")).append_text(word)
        return [self.cut(line) for line in lines]


def _joined(lines: Sequence[Text], pen: _Pen) -> Text:
    joined = Text("\n").join([pen.cut(line) for line in lines])
    joined.no_wrap, joined.overflow = True, "crop"
    return joined


def _progress(scene: Scene, pen: _Pen, *, over: bool = False) -> list[Text]:
    """What is done, as a bar and in figures: one line if they fit beside a bar, else two."""
    if not scene.history:
        return _bar("training", ["learning"], 0.0, f"{duration(scene.elapsed_s)} elapsed", pen)
    now = scene.history[-1]
    elapsed = max(scene.elapsed_s, now.elapsed_s)
    said = f"step {now.step:,} of {now.steps:,}, {duration(elapsed)}"
    if not over:
        left = max(now.remaining_s - (elapsed - now.elapsed_s), 0.0)
        said += f" elapsed, {duration(left)} left"
    states = [stats.state or "learning" for stats in scene.history]
    return _bar("training", states, now.step / now.steps, said, pen)


def _text_progress(scene: Scene, pen: _Pen) -> list[Text]:
    last = scene.texts[-1]
    said = f"{duration(last.elapsed_s)} elapsed, {duration(last.left_s)} left"
    return _bar("free text", ["learning"], last.progress, said, pen)


def _bar(label: str, states: Sequence[str], done: float, said: str, pen: _Pen) -> list[Text]:
    """A bar whose parts are drawn as the run stood there, and what there is to say behind it or below it."""
    beside, after = f"{label:<9} ", f" {100 * done:3.0f} %"
    below = len(beside) + len(after) + 2 + len(said) > pen.width * 2 // 3
    after += "" if below else f"  {said}"
    room = max(pen.width - len(beside) - len(after), 1)
    full = round(done * room)
    line = Text().append(beside, "bold")
    strokes = PLAIN_STROKES if pen.ascii_only else STROKES
    for level, places in groupby(level_of(states[place * len(states) // full]) for place in range(full)):
        line.append(strokes[level] * len(list(places)), STYLES[level].removeprefix("bold "))
    line.append(("-" if pen.ascii_only else "─") * (room - full), "dim").append(after)
    return [line, Text(said)] if below else [line]


def _state(scene: Scene, pen: _Pen, most: int) -> list[Text]:
    """How it goes in words, the evidence, and what to do where something is wrong."""
    now = scene.history[-1] if scene.history else None
    if now is None or now.state is None:
        return []
    line = Text().append(*pen.mark(now.state)).append(f": {now.evidence}" if now.evidence else "")
    lines = pen.wrap(line, -(-most // 2))
    if now.advice:
        lines += pen.wrap(Text().append("what to do: ", "bold").append(now.advice), max(most // 2, 1))
    return lines


def _events(scene: Scene, pen: _Pen, most: int) -> list[Text]:
    """The last things that happened, a line each."""
    if not scene.events or most < 1:
        return []
    digits = max(len(f"{event.step:,}") for event in scene.events)
    lines = []
    for event in scene.events[-most:]:
        line = Text().append(f"step {event.step:>{digits},}  ", "dim").append(*pen.mark(event.state))
        lines.append(pen.cut(line.append(f"  {event.evidence}" if event.evidence else "")))
    return lines


def _text_curve(scene: Scene, pen: _Pen) -> list[Text]:
    """The curve of free text, by the rows held out where there are any."""
    if not scene.texts:
        return []
    last = scene.texts[-1]
    held_out = last.held_out_surprise is not None
    points = [
        (stats.progress, value)
        for stats in scene.texts
        if (value := stats.held_out_surprise if held_out else stats.surprise) is not None
    ]
    room = max(pen.width - _BESIDE_TEXT_CURVE, 1)
    low, high = scale([value for _, value in points]) or (0.0, 1.0)
    (strokes,) = drawn(spread(points, room, last.progress), low, high, ascii_only=pen.ascii_only)
    line = Text("text held out     " if held_out else "text learnt       ").append(strokes, "cyan")
    return [line.append(f" {figure(points[-1][1]):>8}", "bold").append("  a token", "dim")]


def words(state: str) -> str:
    """The name of a state, as it is said."""
    return state.replace("_", " ")
