from dataclasses import replace

import numpy as np
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingStats
from tabgan.gan.lessons import FailedRun, FinishedRun, Lesson, any_finished, attempt, teach
from tabgan.gan.training import Trainer
from tabgan.layout import ColumnSlots, EncodedTable, Layout

CONFIG = TrainingConfig(steps=10, batch_size=32, generator_width=8, stage_width=8, critic_width=8, holdout=0.2)
LAYOUT = Layout((ColumnSlots("letter", (3,)), ColumnSlots("digit", (4,))))
CODES = np.random.default_rng(0).integers(3, size=(200, 2)).astype(np.uint8)
LESSON = Lesson(EncodedTable(CODES, np.zeros((200, 0), np.float32)), LAYOUT, CONFIG, 5, "cpu")


def silent(stats: TrainingStats) -> None:
    pass


def test_a_run_is_that_of_a_trainer() -> None:
    run = attempt(LESSON, 3, silent)
    assert isinstance(run, FinishedRun)
    trainer = Trainer(LESSON.table, LAYOUT, CONFIG, seed=3, device=torch.device("cpu"), split_seed=5)
    for result in (trainer.fit(), teach(LESSON, 3)):
        for own, other in zip(run.result.generator.parameters(), result.generator.parameters(), strict=True):
            assert torch.equal(own, other)
    assert run.elapsed_s > 0
    assert run.figures.distance > 0


def test_whatever_goes_wrong_is_a_failed_run_with_its_reason() -> None:
    def broken(stats: TrainingStats) -> None:
        raise ValueError("no such thing")

    failed = attempt(LESSON, 3, broken)
    assert failed == FailedRun(3, "ValueError: no such thing")
    nothing_held_out = attempt(replace(LESSON, config=replace(CONFIG, holdout=0.0)), 4, silent)
    assert isinstance(nothing_held_out, FailedRun)
    assert nothing_held_out.reason.startswith("expected at least 16 rows held out")
    assert not any_finished([failed, nothing_held_out])
    assert any_finished([failed, attempt(LESSON, 3, silent)])
