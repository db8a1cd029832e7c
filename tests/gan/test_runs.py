"""Several runs of one lesson, in this process and in others: the same results, and failures that stay alone."""

import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from tabgan.gan.config import TrainingConfig
from tabgan.gan.history import TrainingStats
from tabgan.gan.lessons import FailedRun, FinishedRun, Lesson, Run
from tabgan.gan.runs import cores, run_seeds, threads_each
from tabgan.layout import ColumnSlots, EncodedTable, Layout

SMALL = TrainingConfig(steps=20, batch_size=32, generator_width=8, stage_width=8, critic_width=8, holdout=0.2)


def lesson_of(config: TrainingConfig = SMALL, n: int = 200) -> Lesson:
    layout = Layout((ColumnSlots("letter", (3,)), ColumnSlots("digit", (4,))))
    codes = np.random.default_rng(0).integers(3, size=(n, 2)).astype(np.uint8)
    return Lesson(EncodedTable(codes, np.zeros((n, 0), np.float32)), layout, config, 5, "cpu")


def weights(run: Run) -> torch.Tensor:
    assert isinstance(run, FinishedRun), run
    return torch.cat([tensor.flatten() for tensor in run.result.generator.state_dict().values()])


def test_processes_give_what_one_gives_in_the_order_of_the_seeds() -> None:
    lesson, heard = lesson_of(), []
    alone = run_seeds(lesson, [7, 3], processes=1, listener=heard.append)
    reports: list[tuple[int, int]] = []
    beside = run_seeds(lesson, [7, 3], processes=2, callback=lambda seed, stats: reports.append((seed, stats.step)))
    assert [run.seed for run in alone] == [run.seed for run in beside] == [7, 3]
    assert heard == alone
    assert {seed for seed, _ in reports} == {7, 3}
    assert max(step for _, step in reports) == 20
    for one, other in zip(alone, beside, strict=True):
        assert torch.equal(weights(one), weights(other))
        assert isinstance(one, FinishedRun)
        assert isinstance(other, FinishedRun)
        assert one.figures == other.figures
        assert dict(one.result.floors) == dict(other.result.floors)
        untimed = [replace(stats, elapsed_s=0.0, remaining_s=0.0) for stats in one.result.history]
        assert untimed == [replace(stats, elapsed_s=0.0, remaining_s=0.0) for stats in other.result.history]
        assert np.array_equal(one.result.snapshots[-1].codes, other.result.snapshots[-1].codes)
    assert not torch.equal(weights(alone[0]), weights(alone[1]))


def test_threads_are_shared_out_and_given_back() -> None:
    assert 1 <= threads_each(cores()) <= threads_each(1) <= cores()
    before = torch.get_num_threads()
    run_seeds(lesson_of(), [1], processes=1)
    assert torch.get_num_threads() == before


@pytest.mark.slow
def test_a_process_that_is_killed_leaves_the_other_alone() -> None:
    lesson, victims = lesson_of(replace(SMALL, steps=60)), []

    def kill_one(seed: int, stats: TrainingStats) -> None:
        import psutil

        if seed == 1 and not victims:
            children = psutil.Process().children()
            victims.extend(child for child in children if "multiprocessing.spawn" in " ".join(child.cmdline()))
            newest = max(victims, key=lambda child: child.create_time())
            newest.kill()

    runs = run_seeds(lesson, [0, 1], processes=2, callback=kill_one)
    lost = [run for run in runs if isinstance(run, FailedRun)]
    assert len(lost) == 1
    assert "was killed (signal 9)" in lost[0].reason
    assert "fewer processes" in lost[0].reason
    assert len(runs) == 2


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_seed_that_cannot_be_trained_says_why(processes: int) -> None:
    runaway = replace(
        SMALL, steps=400, adversarial_share=1.0, critic_rate=1.0, critic_blocks=64, critic_width=64, recoveries=0
    )
    runs = run_seeds(lesson_of(runaway), [0, 1], processes=processes)
    assert all(isinstance(run, FailedRun) and "diverged by step" in run.reason for run in runs), runs
    assert len(runs) == 2


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_error_of_the_callback_is_the_users_and_no_failed_run(processes: int) -> None:
    def broken(seed: int, stats: TrainingStats) -> None:
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        run_seeds(lesson_of(), [0, 1], processes=processes, callback=broken)


def test_an_interrupt_keeps_the_finished_runs() -> None:
    long = lesson_of(replace(SMALL, steps=400))

    def interrupt(seed: int, stats: TrainingStats) -> None:
        if seed == 1 and stats.step > 10:
            raise KeyboardInterrupt

    runs = run_seeds(long, [0, 1, 2], processes=1, callback=interrupt)
    assert [run.seed for run in runs] == [0]
    assert isinstance(runs[0], FinishedRun)
    assert not runs[0].result.interrupted


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_an_interrupt_before_any_is_finished_ends_those_at_work_in_order(processes: int) -> None:
    long = lesson_of(replace(SMALL, steps=20_000))
    begun: set[int] = set()

    def interrupt(seed: int, stats: TrainingStats) -> None:
        begun.add(seed)
        if len(begun) == processes:
            raise KeyboardInterrupt

    runs = run_seeds(long, [0, 1, 2], processes=processes, callback=interrupt)
    assert sorted(run.seed for run in runs) == list(range(processes))
    for run in runs:
        assert isinstance(run, FinishedRun)
        assert run.result.ended_by == "keyboard"  # and so free text is learnt in a hurry
        assert torch.isfinite(weights(run)).all()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "raise_signal") or os.name == "nt", reason="signals of POSIX")
def test_a_real_interrupt_is_heard_by_the_one_that_waits_alone() -> None:
    long = lesson_of(replace(SMALL, steps=20_000))
    begun = threading.Event()
    timer = threading.Thread(target=lambda: (begun.wait(60), os.kill(os.getpid(), signal.SIGINT)))
    timer.start()
    started = time.monotonic()
    runs = run_seeds(long, [0, 1], processes=2, callback=lambda seed, stats: begun.set())
    timer.join()
    assert any(isinstance(run, FinishedRun) and run.result.interrupted for run in runs)
    assert time.monotonic() - started < 120
