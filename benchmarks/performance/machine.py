"""What this machine can do: rates that floors are made from, and one fixed piece of work as a unit of time.

Rates are the best of several repeats, since a floor is what can be reached; their spread stands beside them. All of it
takes about five seconds. What another process does at the same time makes the rates lower and the floors higher.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

SHAPES = ((1_024, 128, 64), (1_024, 256, 256), (4_096, 128, 64), (1_024, 1_024, 1_024))
"""Products (m, k) by (k, n): a stage's layer of a step, a critic's layer, a stage's layer of a draw, a large one."""
_IN_MEMORY = 64 * 2**20
_IN_CACHE = 128 * 2**10
_WORK = 12


def calibrate(repeats: int = 9) -> dict[str, Any]:
    """The rates of one thread, of products also those of two; rates are `best`, `median` and `sd`."""
    with threads(1):
        found: dict[str, Any] = {
            "product_gflops": {"1": products(repeats)},
            "rounded_product_gflops": rounded_products(repeats),
            "memory_read_gb_s": _read(_IN_MEMORY // 4, repeats),
            "memory_copy_gb_s": _copy(_IN_MEMORY // 4, repeats),
            "cache_copy_gb_s": _copy(_IN_CACHE // 4, repeats),
            "softmax_melements_s": _softmax(repeats),
            "python_call_ns": _python_call(repeats),
            "kernel_launch_us": _launch(repeats),
            "disk_read_gb_s": _disk(),
            "workload_s": summed([workload_s() for _ in range(repeats)], least=True),
        }
    if (os.cpu_count() or 1) > 1:
        with threads(2):
            found["product_gflops"]["2"] = products(repeats)
    return found


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Torch with as many threads, for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def products(repeats: int) -> dict[str, dict[str, float]]:
    """Float32 products of `SHAPES`, 10^9 operations a second."""
    found = {}
    for m, k, n in SHAPES:
        left, right, out = torch.rand(m, k), torch.rand(k, n), torch.empty(m, n)
        work = 2 * m * k * n / 1e9
        found[f"{m}x{k}x{n}"] = _rate(lambda a=left, b=right, o=out: torch.mm(a, b, out=o), work, repeats)
    return found


def rounded_products(repeats: int) -> dict[str, dict[str, float]]:
    """The same, where torch may round the factors to bfloat16; no quicker on processors without tiles for it."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        return products(repeats)
    finally:
        torch.set_float32_matmul_precision(before)


def workload_s() -> float:
    """Seconds of a fixed piece of work, about 20 ms: products, elementwise passes, small kernels and plain Python.

    The mixture is that of a step of training, so that a change of the machine's speed moves both alike.
    """
    weights = [torch.full((128, 128), 0.01) for _ in range(4)]
    rows = torch.full((1_024, 128), 0.5)
    started = time.perf_counter()
    with torch.no_grad():
        for _ in range(_WORK):
            for weight in weights:
                rows = F.leaky_relu(rows @ weight, 0.2)
            rows = rows.softmax(1)
            small = rows[:2, :2]
            for _ in range(50):
                small = small + 1.0
        sum(i * i for i in range(20_000))
    return time.perf_counter() - started


def summed(values: list[float], *, least: bool = False) -> dict[str, float]:
    """The best of several, the greatest unless `least` is asked for, their median and their standard deviation."""
    best = min(values) if least else max(values)
    return {"best": best, "median": statistics.median(values), "sd": statistics.stdev(values), "n": len(values)}


def _read(n: int, repeats: int) -> dict[str, float]:
    block = torch.rand(n)
    return _rate(block.sum, 4 * n / 1e9, repeats)


def _copy(n: int, repeats: int) -> dict[str, float]:
    """Bytes read and written."""
    source, target = torch.rand(n), torch.empty(n)
    return _rate(lambda: target.copy_(source), 8 * n / 1e9, repeats)


def _softmax(repeats: int) -> dict[str, float]:
    logits = torch.randn(4_096, 64)
    return _rate(lambda: logits.softmax(1), logits.numel() / 1e6, repeats)


def _python_call(repeats: int) -> dict[str, float]:
    def nothing() -> None:
        pass

    def calls() -> None:
        for _ in range(20_000):
            nothing()

    return summed([seconds / 20_000 * 1e9 for seconds in _seconds(calls, repeats)], least=True)


def _launch(repeats: int) -> dict[str, float]:
    number, out = torch.zeros(1), torch.zeros(1)

    def launches() -> None:
        for _ in range(2_000):
            torch.add(number, 1.0, out=out)

    return summed([seconds / 2_000 * 1e6 for seconds in _seconds(launches, repeats)], least=True)


def _disk(size: int = 128 * 2**20, repeats: int = 3) -> dict[str, float]:
    """A file read that the system was asked to drop from its cache; where it does not, this is the cache's rate."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "block"
        path.write_bytes(np.random.default_rng(0).bytes(size))
        rates = []
        for _ in range(repeats):
            with path.open("rb", buffering=0) as file:
                os.fsync(file.fileno())
                if hasattr(os, "posix_fadvise"):
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                started = time.perf_counter()
                while file.read(4 * 2**20):
                    pass
                rates.append(size / 1e9 / (time.perf_counter() - started))
    return summed(rates)


def _rate(work: Callable[[], object], amount: float, repeats: int) -> dict[str, float]:
    """Amounts a second, each repeat as many calls as take about 20 ms."""
    work()
    once = min(_seconds(work, 3))
    calls = max(1, min(2_000, round(0.02 / max(once, 1e-7))))

    def many() -> None:
        for _ in range(calls):
            work()

    return summed([amount * calls / seconds for seconds in _seconds(many, repeats)])


def _seconds(work: Callable[[], object], repeats: int) -> list[float]:
    found = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return found
