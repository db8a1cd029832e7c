import os
import threading

import pyarrow as pa
import pytest

from tabgan.evaluation import threads as tested
from tabgan.evaluation.threads import MAX_THREADS, available, each


@pytest.fixture
def arrow_threads():
    """Set how many threads Arrow uses, and set it back."""
    before = pa.cpu_count()
    yield pa.set_cpu_count
    pa.set_cpu_count(before)


def test_as_many_as_arrow_uses_within_limits(arrow_threads):
    arrow_threads(1)
    assert available() == 1
    arrow_threads(1000)
    assert available() == min(
        MAX_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    )


@pytest.mark.parametrize("threads", [1, 2])
def test_outcomes_come_in_order(monkeypatch, threads):
    monkeypatch.setattr(tested, "available", lambda: threads)
    assert each(lambda item: item * item, range(100)) == [item * item for item in range(100)]


def test_two_threads_run_side_by_side(monkeypatch):
    monkeypatch.setattr(tested, "available", lambda: 2)
    meeting = threading.Barrier(2, timeout=20)
    each(lambda _: meeting.wait(), range(2))  # each call waits for the other


def test_an_error_in_a_thread_is_raised(monkeypatch):
    monkeypatch.setattr(tested, "available", lambda: 2)
    with pytest.raises(ZeroDivisionError):
        each(lambda item: 1 // item, [1, 0])
