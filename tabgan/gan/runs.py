"""The same lesson taught with several seeds, in processes side by side or one after the other in this one.

Each run has the same rows held out and the same threads whatever the number of processes, so its result is the same. A
run that fails leaves the others alone. An interrupt keeps the runs that are finished; if none is, those at work end in
order as a single one does.
"""

import os
from collections.abc import Sequence

import torch

from tabgan.gan.crew import Crew
from tabgan.gan.history import TrainingStats
from tabgan.gan.lessons import FinishedRun, Lesson, Listener, Run, SeedCallback, any_finished, attempt
from tabgan.gan.threads import threads as threads_of


def cores() -> int:
    """The cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def threads_each(n_runs: int) -> int:
    """Threads of each of so many runs: the same however many processes there are, so that the results are, too."""
    return max(1, min(torch.get_num_threads(), cores() // min(n_runs, cores())))


def side_by_side(device: str, n_runs: int, processes: int | None) -> int:
    """How many of so many runs go on at a time, if there may be as many `processes`; see `run_seeds`."""
    if processes is None:
        processes = cores() if device == "cpu" else 1
    return min(processes, n_runs)


def run_seeds(
    lesson: Lesson,
    seeds: Sequence[int],
    *,
    processes: int | None = None,
    callback: SeedCallback | None = None,
    listener: Listener | None = None,
) -> list[Run]:
    """A run for each seed, in the order of the seeds.

    Args:
        lesson: what to learn.
        seeds: each once.
        processes: at most so many at a time; 1 stays in this process. None takes as many as there are cores, and on
            a GPU, which the runs would have to share, 1.
        callback: see `SeedCallback`; runs side by side report in any order.
        listener: see `Listener`.

    Raises:
        KeyboardInterrupt: if it came before any run was begun, or a second time.
    """
    processes, threads = side_by_side(lesson.device, len(seeds), processes), threads_each(len(seeds))
    if processes == 1:
        found = _one_by_one(lesson, seeds, threads, callback, listener)
    else:
        crew = Crew(lesson, seeds, processes, threads, callback, listener)
        found = crew.work()
    return sorted(found, key=lambda run: seeds.index(run.seed))


def _one_by_one(
    lesson: Lesson, seeds: Sequence[int], threads: int, callback: SeedCallback | None, listener: Listener | None
) -> list[Run]:
    found: list[Run] = []
    with threads_of(threads):
        for seed in seeds:
            reporter = _Reporter(callback, seed)
            try:
                run = attempt(lesson, seed, reporter)
            except KeyboardInterrupt:
                if not any_finished(found):
                    raise
                return found
            if reporter.error is not None:
                raise reporter.error
            ended = isinstance(run, FinishedRun) and run.result.interrupted
            if ended and any_finished(found):
                return found
            found.append(run)
            if listener is not None:
                listener(run)
            if ended:
                return found
    return found


class _Reporter:
    """The callback of one run; an error of the user's own ends the run and is kept, for it is none of the run."""

    def __init__(self, callback: SeedCallback | None, seed: int) -> None:
        self._callback, self._seed = callback, seed
        self.error: Exception | None = None

    def __call__(self, stats: TrainingStats) -> bool:
        try:
            return self._callback is not None and self._callback(self._seed, stats) is True
        except Exception as error:
            self.error = error
            return True
