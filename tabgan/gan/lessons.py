"""What is taught with several seeds or settings, and what comes of one run of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch

from tabgan.errors import TabganError
from tabgan.gan.comparing import Comparer, Comparison
from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import Callback, TrainingResult, TrainingStats
from tabgan.gan.training import Trainer
from tabgan.layout import EncodedTable, Layout


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is to be learnt, whatever the seed.

    Attributes:
        table: encoded.
        layout: of the table.
        config: the settings.
        split_seed: names the split into rows learnt and rows held out.
        device: the name of where to train.
    """

    table: EncodedTable
    layout: Layout
    config: TrainingConfig
    split_seed: int
    device: str


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """What came of one seed.

    Attributes:
        seed: of the run.
        figures: of its generator.
        result: all else.
        elapsed_s: seconds of training.
    """

    seed: int
    figures: Comparison
    result: TrainingResult
    elapsed_s: float


@dataclass(frozen=True)
class FailedRun:
    """A seed of which nothing came, and why, in words."""

    seed: int
    reason: str


Run: TypeAlias = FinishedRun | FailedRun
SeedCallback: TypeAlias = Callable[[int, TrainingStats], object]
"""Called with the seed at each report of each run; returning True ends them as an interrupt does."""
Listener: TypeAlias = Callable[[Run], object]
"""Called when a run is finished or has failed."""


def teach(lesson: Lesson, seed: int, callback: Callback | None = None) -> TrainingResult:
    """One run.

    Raises:
        TrainingError: if the run has diverged once too often.
    """
    device = torch.device(lesson.device)
    trainer = Trainer(
        lesson.table, lesson.layout, lesson.config, seed=seed, device=device, split_seed=lesson.split_seed
    )
    return trainer.fit(callback)


def _train(lesson: Lesson, seed: int, callback: Callback) -> FinishedRun:
    """One run, and how near its rows come to those held out."""
    started = time.perf_counter()
    result = teach(lesson, seed, callback)
    elapsed = time.perf_counter() - started
    comparer = Comparer(lesson.table, lesson.layout, lesson.config, seed=lesson.split_seed)
    return FinishedRun(seed, comparer.compare(result.generator), result, elapsed)


def attempt(lesson: Lesson, seed: int, callback: Callback) -> Run:
    """A run; whatever goes wrong with one seed may go well with another."""
    try:
        return _train(lesson, seed, callback)
    except Exception as error:
        return FailedRun(seed, str(error) if isinstance(error, TabganError) else f"{type(error).__name__}: {error}")


def any_finished(runs: Sequence[Run]) -> bool:
    """Whether there is one that did not fail."""
    return any(isinstance(run, FinishedRun) for run in runs)
