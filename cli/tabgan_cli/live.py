"""`tabgan fit` while it works: a picture that is redrawn on a terminal, lines everywhere else.

The picture itself is a pure function, see `training_view`. Here it is drawn a few times a second from a thread of its
own, so that the clock goes on between reports; all of a frame is written at once, between the marks by which terminals
that know them hold back a frame that is not whole. What is drawn last stays: a summary of the run.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.live import Live
from rich.segment import ControlType, Segment
from rich.text import Text

from tabgan_cli.screen import duration, losses_line, messages, note
from tabgan_cli.training_view import Scene, event_line, picture, summary

if TYPE_CHECKING:
    from tabgan.gan.history import Event, TrainingStats
    from tabgan.gan.language_settings import LanguageStats

FRAMES = 4
"""Pictures a second."""


class TrainingView:
    """What a run of training shows on stderr while it lasts.

    Args:
        console: to show it on; None takes stderr.
        history: what a run that is resumed has reported before.

    Example:
        with TrainingView() as view:
            model.fit(table, callback=view.see, text_callback=view.see_text)
            view.conclude(model.events, model.info["floors"])
    """

    def __init__(self, console: Console | None = None, history: "Sequence[TrainingStats]" = ()) -> None:
        self._console = messages() if console is None else console
        told = [event for i, stats in enumerate(history) for event in changes(history[:i], stats)]
        self._scene = Scene(tuple(history), tuple(told))
        self._heard = time.perf_counter()
        done = max((_tenth_of(stats.step / stats.steps) for stats in history), default=0)
        self._tenths = {"training": done, "free text": 0}
        self._live: _Steady | None = None
        self._over = False

    def __enter__(self) -> Self:
        if self._console.is_terminal and not self._console.is_dumb_terminal:
            self._live = _Steady(console=self._console, refresh_per_second=FRAMES, get_renderable=self._frame)
            self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        if self._live is not None:
            self._live.stop()

    def see(self, stats: "TrainingStats") -> None:
        """Show a report on the generator; a callback of `TabGAN.fit`."""
        self._heard = time.perf_counter()
        news = changes(self._scene.history, stats)
        events = (*self._scene.events, *news)
        self._scene = replace(self._scene, history=(*self._scene.history, stats), events=events)
        if self._live is not None:
            return
        for event in news:
            note(event_line(event))
        self._tenth("training", stats.step / stats.steps, f"{duration(stats.remaining_s)} left, {losses_line(stats)}")

    def see_text(self, stats: "LanguageStats") -> None:
        """Show a report on free text; a callback of `TabGAN.fit`."""
        self._scene = replace(self._scene, texts=(*self._scene.texts, stats))
        if self._live is None:
            surprise = stats.surprise if stats.held_out_surprise is None else stats.held_out_surprise
            said = f"{duration(stats.left_s)} left, surprise {surprise:.2f} nats a token"
            self._tenth("free text", stats.progress, said)

    def conclude(self, events: "Sequence[Event]", floors: "Mapping[str, Sequence[float]]") -> None:
        """Take what is known when all is done, for the summary.

        Args:
            events: all that happened.
            floors: what real rows get, first of all on average, by the names of numbers of the history. The surprise
                among them is that of rows whose cells are independent, which is no floor, and not shown.
        """
        known = {name: floor[0] for name, floor in floors.items() if name != "surprise"}
        self._scene = replace(self._scene, events=tuple(events), floors=known)

    def _tenth(self, label: str, done: float, said: str) -> None:
        """A line if the work has come to another tenth of its way."""
        if (tenth := _tenth_of(done)) > self._tenths[label]:
            self._tenths[label] = tenth
            note(f"{label}: {10 * tenth} %, {said}")

    def _frame(self) -> Text:
        scene, (width, height) = self._scene, self._console.size
        plain = self._console.options.ascii_only
        if self._over:
            return summary(scene, width, ascii_only=plain)
        before = scene.history[-1].elapsed_s if scene.history else 0.0
        scene = replace(scene, elapsed_s=before + time.perf_counter() - self._heard)
        return picture(scene, width, max(height - 1, 1), ascii_only=plain)


def _tenth_of(done: float) -> int:
    return int(10 * done + 1e-9)


def changes(before: "Sequence[TrainingStats]", now: "TrainingStats") -> "list[Event]":
    """What a report tells: a roll-back since the last one, and what the monitor says if it is something else."""
    from tabgan.gan.history import Event  # brings torch along, which is there once training has begun

    known = next((stats.state for stats in reversed(before) if stats.state is not None), None)
    if now.state == "diverged":  # what was done about it is part of the evidence
        return [Event(now.step, now.state, now.evidence or "", now.advice or "")]
    found = []
    if now.rolled_back is not None:
        found.append(Event(now.step, "recovered", now.rolled_back))
        known = "recovered"
    if now.state not in (None, known):
        found.append(Event(now.step, now.state, now.evidence or "", now.advice or ""))
    return found


class _Mode:
    """A switch of the terminal: whether it holds back what is written to it (DEC private mode 2026)."""

    def __init__(self, code: str) -> None:
        self._code = code

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self._code, None, [(ControlType.CARRIAGE_RETURN,)])


class _Steady(Live):
    """A live display whose frames appear at once."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """What is written for a frame, between the marks of its beginning and its end."""
        framed = super().process_renderables(renderables)
        if self.console.legacy_windows or not self.console.is_interactive:
            return framed
        return [_Mode("\x1b[?2026h"), *framed, _Mode("\x1b[?2026l")]
