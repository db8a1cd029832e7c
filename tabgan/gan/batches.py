"""The batches of a run: real rows as codes on the device where networks learn, and which of their cells are given.

Rows are drawn uniformly over the whole table, with replacement, whatever its size: no window of it is shuffled in the
place of the whole. On a CPU the table stays where it is, and the rows of several batches are read at once, in the order
of the file. On a GPU the table lies in its memory, as compact as its cardinalities allow, and row numbers are drawn
there; a table that would take too much of it stays where it is, and several batches at once are sent ahead of their use
while the device works. Either way nothing here waits for the device.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.gan.conditions import ConditionSampler
from tabgan.gan.learnt_rows import LearntRows
from tabgan.gan.run_state import RunState
from tabgan.gan.stages import StagePlan

AHEAD = 16
"""Batches that are read at once."""
AHEAD_BYTES = 1 << 24
"""Fewer of them where their codes would take more than this."""
DEVICE_SHARE = 0.25
"""Of the free memory of a GPU a table may take so much: the rest is for the networks."""


class Batch(NamedTuple):
    """What one step learns from.

    Attributes:
        codes: shape (b, k), int64, in the order of the plan.
        given: shape (k,), which codes are given in all rows; None if none is.
    """

    codes: Tensor
    given: Tensor | None


class Batches(Protocol):
    """Batches without end, which tell where they stand."""

    def draw(self) -> Batch:
        """The next one."""
        ...

    def state(self) -> RunState:
        """Where they stand."""
        ...

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        ...


@dataclass(frozen=True, eq=False)
class Order:
    """What batches are made of.

    Attributes:
        rows: to draw from.
        sampler: says which cells are given, and of which rows.
        plan: the order of the codes.
        size: rows of a batch.
        device: where batches are wanted.
    """

    rows: LearntRows
    sampler: ConditionSampler
    plan: StagePlan
    size: int
    device: torch.device


def batches_of(order: Order, random: np.random.Generator, noise: torch.Generator) -> Batches:
    """Batches that suit the device.

    Args:
        order: what they are made of.
        random: the source of conditions, and of row numbers that are drawn on the host.
        noise: the source of row numbers that are drawn on the device; resuming is the caller's business.
    """
    if order.device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(order.device)
        if table_bytes(order.rows, order.plan) <= DEVICE_SHARE * free:
            return DeviceBatches(order, random, noise)
    return HostBatches(order, random)


class HostBatches:
    """Batches of a table in memory or in a file, read some at a time.

    Its state is that of the random numbers before the batches at hand were drawn, and how many of these are used: no
    rows of the table.
    """

    def __init__(self, order: Order, random: np.random.Generator) -> None:
        self._order, self._random = order, random
        one = order.size * order.rows.n_codes * order.plan.layout.code_dtype.itemsize
        self._ahead = max(min(AHEAD, AHEAD_BYTES // one), 1)
        self._before = random.bit_generator.state
        self._at_hand: list[Batch] = []
        self._used = 0

    def draw(self) -> Batch:
        """The next batch."""
        if self._used == len(self._at_hand):
            self._read()
        codes, given = self._at_hand[self._used]
        self._used += 1
        return Batch(codes.long(), given)

    def state(self) -> RunState:
        """Where the batches stand."""
        return RunState({"random": self._before, "used": self._used}, {})

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        self._random.bit_generator.state = state.values["random"]
        self._before, self._used, self._at_hand = state.values["random"], 0, []
        if state.values["used"]:
            self._read()
            self._used = state.values["used"]

    def _read(self) -> None:
        order, random = self._order, self._random
        self._before, self._used = random.bit_generator.state, 0
        drawn = [order.sampler.draw(order.size, random) for _ in range(self._ahead)]
        rows = [random.integers(len(order.rows), size=order.size) if own is None else own for own, _ in drawn]
        codes = order.plan.arrange(order.rows.take(np.concatenate(rows)))
        on_device = _sent(_signed(codes, order.plan), order.device).split(order.size)  # type: ignore[no-untyped-call]
        given = (_sent_if_any(own, order.device) for _, own in drawn)
        self._at_hand = [Batch(*both) for both in zip(on_device, given, strict=True)]


class DeviceBatches:
    """Batches of a table that lies on the device, drawn there."""

    def __init__(self, order: Order, random: np.random.Generator, noise: torch.Generator) -> None:
        self._order, self._random, self._noise = order, random, noise
        self._table = _on_device(order.rows, order.plan, order.device)

    def draw(self) -> Batch:
        """The next batch."""
        order, device = self._order, self._order.device
        rows, given = order.sampler.draw(order.size, self._random)
        if rows is None:
            chosen = torch.randint(len(self._table), (order.size,), generator=self._noise, device=device)
        else:
            chosen = _sent(rows, device)
        return Batch(self._table.index_select(0, chosen).long(), _sent_if_any(given, device))

    def state(self) -> RunState:
        """Where the batches stand; the source of row numbers is the caller's."""
        return RunState({"random": self._random.bit_generator.state}, {})

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        self._random.bit_generator.state = state.values["random"]


def table_bytes(rows: LearntRows, plan: StagePlan) -> int:
    """What a table takes on a device."""
    return len(rows) * rows.n_codes * _signed_type(plan).itemsize


def _on_device(rows: LearntRows, plan: StagePlan, device: torch.device) -> Tensor:
    """All rows (n, k) in the order of the plan."""
    kind = torch.from_numpy(np.empty(0, _signed_type(plan))).dtype
    table = torch.empty(len(rows), rows.n_codes, dtype=kind, device=device)
    start = 0
    for block in rows.blocks():
        table[start : start + len(block)] = torch.from_numpy(_signed(plan.arrange(block), plan))
        start += len(block)
    return table


def _signed_type(plan: StagePlan) -> np.dtype[np.integer]:
    """The smallest type that torch computes with and that holds every code."""
    most = max(plan.layout.cardinalities) - 1
    kinds = (np.dtype(np.uint8), np.dtype(np.int16), np.dtype(np.int32), np.dtype(np.int64))
    return next(kind for kind in kinds if most <= np.iinfo(kind).max)


def _signed(codes: NDArray[np.unsignedinteger], plan: StagePlan) -> NDArray[np.integer]:
    return np.ascontiguousarray(codes, _signed_type(plan))


def _sent_if_any(array: NDArray[np.generic] | None, device: torch.device) -> Tensor | None:
    return None if array is None else _sent(array, device)


def _sent(array: NDArray[np.generic], device: torch.device) -> Tensor:
    """An array on its way to the device; nobody waits for it to come there."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
