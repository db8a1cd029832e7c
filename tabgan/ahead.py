"""Work that is done ahead in a few threads, and handed over in order.

PyTorch, NumPy and Arrow let other threads run while they compute, so that blocks of rows are made side by side while
those before them are written. At most two pieces for each thread wait, so memory does not grow with the number of
pieces, and whoever stops listening stops the work.
"""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

MAX_THREADS = 4
"""More would wait for Python's one interpreter."""
_WAITING = 2

Outcome = TypeVar("Outcome")


def available() -> int:
    """How many threads to use: as many as PyTorch is allowed here, up to `MAX_THREADS`."""
    return min(torch.get_num_threads(), MAX_THREADS)


def in_order(
    function: Callable[[int], Outcome], numbers: Iterable[int], threads: int
) -> Generator[Outcome, None, None]:
    """The outcome of a function for each number, in order; the first error ends it.

    What PyTorch computes is computed by one thread, however many it is allowed elsewhere, so that rounding does not
    depend on that.

    Args:
        function: may be called by several threads at a time.
        numbers: perhaps without end.
        threads: at least 1.
    """
    pool = ThreadPoolExecutor(threads, initializer=alone, initargs=(torch.get_num_threads(),))
    waiting: deque[Future[Outcome]] = deque()
    try:
        for number in numbers:
            waiting.append(pool.submit(function, number))
            if len(waiting) > _WAITING * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def alone(elsewhere: int) -> None:
    """Let PyTorch use one thread in work that this thread asks for, and `elsewhere` threads in other threads' work."""
    torch.get_num_threads()  # whoever asks for the first time is given what was last said anywhere
    torch.set_num_threads(1)
    # This holds for the thread that says it and for all that are yet to come.
    other = threading.Thread(target=torch.set_num_threads, args=(elsewhere,))
    other.start()
    other.join()
