"""Seconds of named functions while something else runs them: each second belongs to one stage.

Functions are found by name and wrapped for a while. A second within a function that is called by another watched one
belongs to the inner one, unless the outer one is *whole*: then it keeps all of its time. Each thread has its own. A
stage that is not there any more is told and does no harm: its time then goes to what calls it.
"""

import functools
import importlib
import inspect
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Stage:
    """A part of the work.

    Attributes:
        name: as reports call it.
        places: functions, as `module:name` or `module:Class.name`, in the module that calls them; those that are not
            there are passed over, so that older versions can be watched, too.
        whole: whether it keeps the time of watched functions that it calls.
    """

    name: str
    places: tuple[str, ...]
    whole: bool = False


@dataclass
class Spent:
    """Seconds of a stage without those of inner ones, and how often it was entered."""

    seconds: float = 0.0
    calls: int = 0


@dataclass
class _Frame:
    stage: Stage
    started: float
    inner: float = 0.0


@dataclass
class Watch:
    """Watches the stages while it is entered.

    Attributes:
        stages: what to watch.
        spent: what each took so far.
        missing: stages of which no place was found.

    Example:
        >>> with Watch([Stage("compact", ("json:dumps",))]) as watch:
        ...     _ = __import__("json").dumps([1])
        >>> watch.spent["compact"].calls
        1
    """

    stages: Sequence[Stage]
    spent: dict[str, Spent] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    _undo: list[tuple[Any, str, Any]] = field(default_factory=list)
    _own: threading.local = field(default_factory=threading.local)

    def __enter__(self) -> Self:
        self.spent = {stage.name: Spent() for stage in self.stages}
        for stage in self.stages:
            found = [place for place in stage.places if self._wrap(stage, place)]
            self.missing += [] if found else [stage.name]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._undo:
            owner, name, before = self._undo.pop()
            setattr(owner, name, before)

    def _wrap(self, stage: Stage, place: str) -> bool:
        found = find(place)
        if found is None:
            return False
        owner, name, raw = found
        self._undo.append((owner, name, raw))
        if isinstance(raw, classmethod | staticmethod):
            setattr(owner, name, type(raw)(self._timed(stage, raw.__func__)))
        else:
            setattr(owner, name, self._timed(stage, raw))
        return True

    def _timed(self, stage: Stage, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            frames = self._frames()
            if frames and frames[-1].stage.whole:
                return function(*args, **kwargs)
            frames.append(_Frame(stage, time.perf_counter()))
            try:
                return function(*args, **kwargs)
            finally:
                self._leave(frames)

        return timed

    def _frames(self) -> list[_Frame]:
        """The stages that this thread is in."""
        frames: list[_Frame] = self._own.__dict__.setdefault("frames", [])
        return frames

    def _leave(self, frames: list[_Frame]) -> None:
        frame = frames.pop()
        took = time.perf_counter() - frame.started
        spent = self.spent[frame.stage.name]
        spent.seconds += took - frame.inner
        spent.calls += 1
        if frames:
            frames[-1].inner += took


def find(place: str) -> tuple[Any, str, Any] | None:
    """Whose attribute a place is, its name, and what stands there; None if there is no such thing of its own."""
    module, _, path = place.partition(":")
    try:
        owner: Any = importlib.import_module(module)
    except ImportError:
        return None
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part, None)
    raw = inspect.getattr_static(owner, name, None) if owner is not None else None
    own = raw is not None and name in vars(owner)
    return (owner, name, raw) if own else None
