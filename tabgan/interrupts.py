"""Work that an interrupt from the keyboard must not undo, and processes that must not hear it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
_BEGINNING_S = 5.0


def finish(work: Callable[[], T]) -> tuple[T, bool]:
    """Do all of some work that would have to be begun anew, though an interrupt comes.

    The work is done in a thread of its own, while this one waits and hears the interrupts.

    Args:
        work: done once.

    Returns:
        What the work gives, and whether there was an interrupt meanwhile.

    Raises:
        KeyboardInterrupt: at the second one, at once.
        BaseException: that of the work.

    Example:
        >>> finish(lambda: 3)
        (3, False)
    """
    done: list[T] = []
    failed: list[BaseException] = []
    begun, over = threading.Event(), threading.Event()

    def run() -> None:
        begun.set()
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)
        finally:
            over.set()

    interrupted = False
    try:
        threading.Thread(target=run, daemon=True).start()
        over.wait()
    except KeyboardInterrupt:
        if not begun.wait(_BEGINNING_S):  # it came before the thread
            raise
        over.wait()
        interrupted = True
    if failed:
        raise failed[0]
    return done[0], interrupted


@contextmanager
def deaf() -> Iterator[None]:
    """A process begun here does not hear an interrupt from the keyboard, which is for the one that began it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
