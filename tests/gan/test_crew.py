"""What goes through the pipes; how processes are led is tested with `runs`."""

from multiprocessing import Pipe
from types import MappingProxyType

import torch

from tabgan.gan.crew import Crew, _lost, _Sent
from tabgan.gan.lessons import FinishedRun, Run, attempt

from .test_lessons import LESSON, silent


def test_a_finished_run_goes_through_a_pipe_whole() -> None:
    run = attempt(LESSON, 3, silent)
    assert isinstance(run, FinishedRun)
    one, other = Pipe()
    one.send(_Sent.of(run))
    received = other.recv().received(LESSON)
    weights, same = run.result.generator.state_dict(), received.result.generator.state_dict()
    assert weights.keys() == same.keys()
    assert all(torch.equal(weights[name], same[name]) for name in weights)
    assert not received.result.generator.training
    assert received.figures == run.figures
    assert received.result.history == run.result.history
    assert received.result.events == run.result.events


def test_mappings_that_nobody_changes_go_through_a_pipe() -> None:
    one, other = Pipe()
    one.send({"inner": MappingProxyType({"a": 1})})
    received = other.recv()["inner"]
    assert isinstance(received, MappingProxyType)
    assert received == {"a": 1}


def test_one_process_does_one_seed_after_the_other() -> None:
    heard: list[Run] = []
    crew = Crew(LESSON, [1], 1, 1, None, heard.append)
    assert crew.work() == heard
    assert [run.seed for run in heard] == [1]


def test_why_a_process_ended_without_a_word() -> None:
    assert "was killed (signal 9), perhaps for want of memory" in _lost(-9, begun=True)
    assert "ended with code 1; try fewer processes" in _lost(1, begun=True)
    assert "__main__" in _lost(1, begun=False)
