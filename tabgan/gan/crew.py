"""Runs of a lesson in processes side by side, one for each seed.

A process tells its reports, and at the end its weights, through a pipe. It does not hear an interrupt from the
keyboard: whoever began it decides what becomes of it. One that dies, for want of memory perhaps, leaves the others
alone.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.gan.comparing import Comparison
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingResult, TrainingStats
from tabgan.gan.lessons import FailedRun, FinishedRun, Lesson, Listener, Run, SeedCallback, any_finished, attempt
from tabgan.gan.stages import StagePlan
from tabgan.interrupts import deaf


def _proxy(content: dict[Any, Any]) -> "MappingProxyType[Any, Any]":
    return MappingProxyType(content)


def _reduced(mapping: "MappingProxyType[Any, Any]") -> tuple[Callable[..., Any], tuple[dict[Any, Any]]]:
    return _proxy, (dict(mapping),)


# Results hold mappings that nobody shall change, and these do not go through a pipe by themselves.
ForkingPickler.register(MappingProxyType, _reduced)


class _Sent(NamedTuple):
    """A finished run as it goes from process to process: with plain arrays for weights."""

    seed: int
    figures: Comparison
    elapsed_s: float
    stages: tuple[tuple[int, ...], ...]
    weights: dict[str, NDArray[np.generic]]
    rest: dict[str, Any]

    @classmethod
    def of(cls, run: FinishedRun) -> "_Sent":
        generator = run.result.generator
        weights = {name: tensor.cpu().numpy() for name, tensor in generator.state_dict().items()}
        names = [item.name for item in fields(run.result) if item.name != "generator"]
        rest = {name: getattr(run.result, name) for name in names}
        return cls(run.seed, run.figures, run.elapsed_s, generator.plan.stages, weights, rest)

    def received(self, lesson: Lesson) -> FinishedRun:
        generator = Generator(StagePlan(lesson.layout, self.stages), lesson.config.for_table(len(lesson.table)))
        generator.load_state_dict({name: torch.from_numpy(array) for name, array in self.weights.items()})
        result = TrainingResult(generator=generator.to(lesson.device).eval(), **self.rest)
        return FinishedRun(self.seed, self.figures, result, self.elapsed_s)


class Crew:
    """Processes at work, one for each seed that has been begun and is not yet done.

    Args:
        lesson: what to learn.
        seeds: each once.
        processes: at most so many at a time.
        threads: of each.
        callback: called with the seed at each report.
        listener: called with each run that is finished or has failed.
    """

    def __init__(
        self,
        lesson: Lesson,
        seeds: Sequence[int],
        processes: int,
        threads: int,
        callback: SeedCallback | None,
        listener: Listener | None,
    ) -> None:
        self._lesson, self._processes, self._threads = lesson, processes, threads
        self._callback, self._listener = callback, listener
        self._waiting = list(seeds)
        self._at_work: dict[Connection, tuple[int, BaseProcess]] = {}
        self._heard_of: set[int] = set()
        self._reading: Connection | None = None
        self._ended = self._interrupted = False  # by the callback, and from the keyboard
        self._found: list[Run] = []

    def work(self) -> list[Run]:
        """All runs, or after an interrupt those that count, in any order.

        Raises:
            KeyboardInterrupt: if it came before any run was begun, or a second time.
        """
        try:
            self._follow()
        except KeyboardInterrupt:
            self._end()
        finally:
            for _, process in self._at_work.values():
                process.terminate()
                process.join()
        return self._found

    def _follow(self) -> None:
        while self._waiting or self._at_work:
            while self._waiting and len(self._at_work) < self._processes:
                self._begin(self._waiting.pop(0))
            for connection in wait(list(self._at_work)):
                assert isinstance(connection, Connection)
                self._hear(connection)

    def _end(self) -> None:
        """After an interrupt: if no run is finished, ask those at work to end in order, and wait for them."""
        self._waiting.clear()
        if self._reading is not None:  # half of what it sent is gone
            self._drop(self._reading)
        if any_finished(self._found):
            return
        if not self._at_work:
            raise KeyboardInterrupt
        for connection in self._at_work:
            connection.send(None)
        self._interrupted, self._callback = not self._ended, None
        self._follow()

    def _begin(self, seed: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(
            target=_pupil, args=(theirs, seed, self._threads), daemon=True
        )
        with deaf():
            process.start()
            self._at_work[ours] = (seed, process)
            theirs.close()
            # Not when it is begun: that would wait for ever for one that dies at once. `_hear` finds out why.
            with suppress(OSError):
                ours.send(self._lesson)

    def _hear(self, connection: Connection) -> None:
        seed, process = self._at_work[connection]
        self._reading = connection
        try:
            said = connection.recv()
        except (EOFError, OSError):
            process.join()
            said = FailedRun(seed, _lost(process.exitcode, seed in self._heard_of))
        self._reading = None
        self._heard_of.add(seed)
        if isinstance(said, TrainingStats):
            if self._callback is not None and self._callback(seed, said) is True:
                self._ended = True
                raise KeyboardInterrupt
        elif said is not None:
            run = said.received(self._lesson) if isinstance(said, _Sent) else said
            run = _interrupted(run) if self._interrupted else run
            self._found.append(run)
            self._drop(connection)
            if self._listener is not None:
                self._listener(run)

    def _drop(self, connection: Connection) -> None:
        _, process = self._at_work.pop(connection)
        connection.close()
        process.join(timeout=5)
        if process.is_alive():
            process.terminate()
            process.join()


def _interrupted(run: Run) -> Run:
    """A run that was asked to end because of an interrupt, which it did not hear itself."""
    if not isinstance(run, FinishedRun) or run.result.ended_by != "callback":
        return run
    return replace(run, result=replace(run.result, ended_by="keyboard"))


def _pupil(connection: Connection, seed: int, threads: int) -> None:
    """What a process does: one run; it ends in order once it is told anything, or once nobody listens."""
    torch.set_num_threads(threads)

    def report(stats: TrainingStats) -> bool:
        connection.send(stats)
        return connection.poll()

    try:
        lesson: Lesson = connection.recv()
        connection.send(None)
        run = attempt(lesson, seed, report)
        connection.send(_Sent.of(run) if isinstance(run, FinishedRun) else run)
    except (EOFError, OSError):
        return


def _lost(code: int | None, begun: bool) -> str:
    """Why a process ended without a word."""
    if begun:
        killed = code is not None and code < 0
        why = f"was killed (signal {-(code or 0)}), perhaps for want of memory" if killed else f"ended with code {code}"
        return f"its process {why}; try fewer processes"
    return (
        f"its process ended with code {code} before it began; a script must call this under "
        "`if __name__ == '__main__':`, or with processes=1"
    )
