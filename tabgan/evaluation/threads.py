"""The same work for many columns in a few threads.

NumPy and Arrow let other threads run while they sort, hash and gather, so threads help where that is most of the work,
although Python has one interpreter; they do not where rows are counted, which holds the interpreter. There are as many
as Arrow uses (`pyarrow.set_cpu_count`, at first what `OMP_NUM_THREADS` says), but never more than the process may use
cores, and never more than `MAX_THREADS`, since each holds a few copies of a column. Outcomes come in the order of the
items and never depend on the number of threads.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa

MAX_THREADS = 4

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


def available() -> int:
    """How many threads to use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(pa.cpu_count()), cores, MAX_THREADS)


def each(function: Callable[[Item], Outcome], items: Iterable[Item]) -> list[Outcome]:
    """The outcome of a function for each item, in order.

    Args:
        function: of one item; it must not change anything that another call reads.
        items: any number of them.
    """
    threads = available()
    if threads == 1:
        return [function(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))
