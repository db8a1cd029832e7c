"""How far a run is, and what it has gathered."""

import itertools
import math
import time

import pytest
import torch

from tabgan.gan.loop import Clock, Tally

from .sameness import differences

CPU = torch.device("cpu")


@pytest.mark.parametrize(("work", "reports"), [(1, 50), (49, 50), (50, 50), (130, 50), (1_000, 20)])
def test_reports_are_spread_over_the_work(work: int, reports: int) -> None:
    clock = Clock(work, 0.0, reports)
    told = []
    for step in range(1, work + 1):
        if clock.tick(step):
            told.append(step)
            clock.report()
    assert len(told) == min(work, reports)
    assert told[-1] == work
    assert clock.progress == 1
    assert clock.left_s == 0
    gaps = [later - earlier for earlier, later in itertools.pairwise(told)]
    assert not gaps or max(gaps) - min(gaps) <= 1


def test_the_time_counts_where_it_is_further_than_the_work_and_goes_on_after_a_break() -> None:
    first = Clock(10**9, 0.2, 10)
    while not first.tick(1):
        pass
    assert 0.1 <= first.progress < 0.15
    time.sleep(0.1)  # the break: nobody works
    second = Clock(10**9, 0.2, 10)
    second.resume(first.state())
    assert list(differences(first, second)) == []
    second.tick(2)
    assert second.progress < 0.15
    assert not Clock(10, 0.0, 5).tick(1)
    assert second.left_s == pytest.approx(second.elapsed_s * (1 / second.progress - 1))


def test_a_clock_never_goes_back_and_tells_each_report_once() -> None:
    clock = Clock(10, 0.0, 5)
    clock.resume(Clock(10, 0.0, 5).state())
    told = []
    for step in (1, 2, 2, 3, 4, 8, 9):
        told.append(clock.tick(step))
        if told[-1]:
            clock.report()
    assert told == [False, True, False, False, True, True, False]


def test_a_tally_goes_on_with_what_it_had() -> None:
    first, second = Tally(CPU), Tally(CPU)
    first.surprises += [torch.tensor(1 / 3), torch.tensor(math.pi)]
    first.judged += [torch.arange(6) / 7]
    second.heard += [torch.tensor(9.0)]
    second.resume(first.state())
    assert list(differences(first, second)) == []
    assert second.heard == []
    second.clear()
    assert list(differences(second, Tally(CPU))) == []
