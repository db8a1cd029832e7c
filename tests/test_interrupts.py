"""Work that goes on through an interrupt."""

import signal
import threading
import time

import pytest

from tabgan.interrupts import finish

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="alarms are those of POSIX")


@pytest.fixture
def alarms():
    """An alarm rings as the keyboard does."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield lambda first, again=0.0: signal.setitimer(signal.ITIMER_REAL, first, again)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_the_first_interrupt_is_told_when_the_work_is_done(alarms) -> None:
    alarms(0.1)
    done: list[int] = []

    def work() -> str:
        for step in range(5):
            time.sleep(0.1)
            done.append(step)
        return "all"

    assert finish(work) == ("all", True)
    assert done == list(range(5))


def test_the_second_interrupt_ends_the_waiting_at_once(alarms) -> None:
    alarms(0.1, 0.2)
    held = threading.Event()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        finish(lambda: held.wait(20))
    assert time.monotonic() - started < 10
    held.set()


def test_work_that_fails_fails_here() -> None:
    def work() -> None:
        raise ZeroDivisionError("of the work")

    with pytest.raises(ZeroDivisionError, match="of the work"):
        finish(work)


def test_work_without_an_interrupt() -> None:
    assert finish(lambda: [1]) == ([1], False)
