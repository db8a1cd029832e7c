"""Which kernels a stretch of work runs, in groups, and what is left for Python and for waiting.

Torch's profiler tells the time of each operation without those that it calls. The profiler itself takes time at each of
them, so a stretch is run without it as well, and what kernels do not account for is Python, the dispatch of kernels and
waiting.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

Groups: TypeAlias = dict[str, dict[str, float]]
"""Seconds and calls by the name of a group."""

PRODUCTS, SOFTMAXES = "matrix products", "softmax and exp"
GROUPS = (
    (PRODUCTS, ("mm", "addmm", "bmm", "baddbmm", "matmul", "linear")),
    (SOFTMAXES, ("softmax", "exp", "log", "logsumexp", "nll_loss", "sigmoid", "cross_entropy", "softplus")),
    ("gather and scatter", ("gather", "scatter", "index", "embedding", "one_hot", "take", "sort", "searchsorted")),
    ("allocation and copies", ("copy", "empty", "zeros", "zero", "clone", "cat", "stack", "fill", "to", "contiguous")),
    ("random numbers", ("rand", "uniform", "normal", "bernoulli", "exponential")),
    ("optimiser", ("adam", "foreach", "lerp", "norm")),
    (
        "views",
        ("view", "reshape", "expand", "split", "slice", "select", "t", "transpose", "squeeze", "unsqueeze", "as"),
    ),
)
AUTOGRAD = "autograd's own"
ELSE = "elementwise and sums"
REST = "Python, dispatch and waiting"


def group_of(name: str) -> str:
    """The group of an operation's name.

    Example:
        >>> group_of("aten::addmm"), group_of("aten::_softmax_backward_data"), group_of("aten::mul")
        ('matrix products', 'softmax and exp', 'elementwise and sums')
    """
    if name.startswith("autograd::") or "Backward" in name or "AccumulateGrad" in name:
        return AUTOGRAD
    bare = name.partition("::")[2].strip("_") or name
    for group, beginnings in GROUPS:
        if any(bare == word or bare.startswith((f"{word}_", f"{word}-")) or _within(bare, word) for word in beginnings):
            return group
    return ELSE


def _within(bare: str, word: str) -> bool:
    """Whether a long word occurs anywhere in a name: `log_softmax_backward`, `fused_adamw`."""
    return len(word) >= 4 and word in bare


def summed(events: Iterable[tuple[str, float, int]]) -> Groups:
    """Seconds and calls of each group, greatest first, from operations with their own seconds and calls."""
    found: Groups = {}
    for name, seconds, calls in events:
        own = found.setdefault(group_of(name), {"seconds": 0.0, "calls": 0.0})
        own["seconds"] += seconds
        own["calls"] += calls
    return dict(sorted(found.items(), key=lambda item: -item[1]["seconds"]))


def difference(more: Groups, less: Groups) -> Groups:
    """What the longer of two stretches has beyond the shorter one: what both do once is gone."""
    nothing = {"seconds": 0.0, "calls": 0.0}
    return {
        name: {key: max(own[key] - less.get(name, nothing)[key], 0.0) for key in nothing} for name, own in more.items()
    }


def profiled(work: Callable[[], object]) -> tuple[Groups, float, object]:
    """The groups of one call of `work`, its seconds, and what it returned."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * torch.cuda.is_available()
    with profile(activities=activities, acc_events=True) as recorded:
        started = time.perf_counter()
        result = work()
        wall = time.perf_counter() - started
    events: list[Any] = list(recorded.key_averages())
    own = [(event.key, event.self_cpu_time_total / 1e6, event.count) for event in events]
    groups = summed(event for event in own if not event[0].startswith(("Profiler", "Optimizer")))
    inside = sum(group["seconds"] for group in groups.values())
    return groups | {REST: {"seconds": max(wall - inside, 0.0), "calls": 0.0}}, wall, result
