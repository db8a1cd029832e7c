"""Looks at what the averaged generator draws while it is taught, without disturbing the lesson.

At each look the rows come from the same noise, so what differs between two looks is due to training. The noise is a
stream of its own: with or without a probe the same weights are learnt. What is measured of the rows is the business of
`gan.yardstick`.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan import rng
from tabgan.gan.generator import Generator
from tabgan.gan.history import CodeSnapshot, TrainingStats
from tabgan.gan.run_state import RunState, put_back, take
from tabgan.gan.yardstick import Figures, Floors, Yardstick, drawn_from

PROBED = 1_000
"""Rows drawn at each look."""
KEPT = 500
"""The first so many of them make a snapshot."""
LOOKS = (0.02, *(tenth / 10 for tenth in range(1, 11)))
"""The shares of a run at which figures are measured: each look takes as long as a step or two of a large table."""
SNAPSHOTS = (0.02, 0.2, 0.4, 0.6, 0.8)
"""The shares at which a snapshot is taken, beside the one of the weights that are kept."""
_ROUNDING = 1e-9


class Milestones:
    """Shares of a run, each of which is passed once.

    Example:
        >>> milestones = Milestones((0.1, 0.5, 0.6))
        >>> [milestones.pass_by(progress) for progress in (0.05, 0.1, 0.2, 0.7, 1.0)]
        [False, True, False, True, False]
    """

    def __init__(self, shares: tuple[float, ...]) -> None:
        self._shares = shares
        self._passed = 0

    def pass_by(self, progress: float) -> bool:
        """Whether the run has come to another of the shares since it was last asked."""
        before, self._passed = self._passed, sum(progress + _ROUNDING >= share for share in self._shares)
        return self._passed > before

    def state(self) -> RunState:
        """How many of the shares are passed."""
        return RunState({"passed": self._passed}, {})

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        self._passed = state.values["passed"]


class Probe:
    """The noise of one run's looks, the yardstick for them, and the snapshots so far.

    Args:
        generator: to look at.
        learnt: codes (n, k) of the rows learnt, in the order of the generator's plan.
        held_out: likewise of the rows held out; there may be none.
        seed: of the noise and the floors.
    """

    def __init__(self, generator: Generator, learnt: Tensor, held_out: Tensor, *, seed: int) -> None:
        self._generator = generator
        plan = generator.plan
        random = torch.Generator(generator.device).manual_seed(rng.derive_seed(seed, "probe noise"))
        self._noise = torch.rand(PROBED, len(plan.parts), generator=random, device=generator.device)
        self._yardstick = None
        if len(held_out):
            known = learnt[torch.from_numpy(drawn_from(*learnt.shape)).to(learnt.device)]
            rows = (plan.restore(codes.cpu().numpy()) for codes in (known, held_out))
            choice = rng.generator(seed, "rows for the floor")
            self._yardstick = Yardstick(plan.layout, *rows, drawn=PROBED, random=choice)
        self._looks, self._points = Milestones(LOOKS), Milestones(SNAPSHOTS)
        self._snapshots: list[CodeSnapshot] = []

    @property
    def floors(self) -> Floors:
        """What real rows get in the place of drawn ones; nothing if no rows are held out."""
        return {} if self._yardstick is None else self._yardstick.floors

    def look(self, progress: float) -> Figures | None:
        """The figures of rows drawn now; None if no rows are held out, or `progress` is at none of `LOOKS`."""
        return self.measure() if self._looks.pass_by(progress) else None

    def measure(self) -> Figures | None:
        """The figures of rows drawn now; None if no rows are held out."""
        if self._yardstick is None:
            return None
        drawn = np.concatenate(list(self._draw(PROBED)))
        return self._yardstick.measure(self._generator.plan.restore(drawn))

    def follow(self, stats: TrainingStats) -> None:
        """Take a snapshot if the run has come to the next of `SNAPSHOTS`."""
        if self._points.pass_by(stats.step / stats.steps):
            self._snapshots.append(self._snapshot(stats.step))

    def finish(self, kept_step: int) -> tuple[CodeSnapshot, ...]:
        """The snapshots in the order of their steps, with one of the generator as it is now, that of `kept_step`."""
        others = [snapshot for snapshot in self._snapshots if snapshot.step != kept_step]
        return tuple(sorted([*others, self._snapshot(kept_step)], key=lambda snapshot: snapshot.step))

    def state(self) -> RunState:
        """Where the probe stands among its shares, and the snapshots so far."""
        shares = take({"looks": self._looks, "points": self._points})
        return RunState(shares.values, {str(snapshot.step): snapshot.codes for snapshot in self._snapshots})

    def resume(self, state: RunState) -> None:
        """Go on from there."""
        put_back({"looks": self._looks, "points": self._points}, RunState(state.values, {}))
        self._snapshots = [CodeSnapshot(int(step), np.array(codes)) for step, codes in state.tensors.items()]
        self._snapshots.sort(key=lambda snapshot: snapshot.step)

    def _snapshot(self, step: int) -> CodeSnapshot:
        return CodeSnapshot(step, self._generator.plan.restore(np.concatenate(list(self._draw(KEPT)))))

    def _draw(self, n: int) -> Iterator[NDArray[np.int64]]:
        """Codes of the first `n` rows, in blocks, so that wide rows take no more memory than a batch does."""
        for start in range(0, n, KEPT):
            yield self._generator.draw(self._noise[start : start + KEPT]).cpu().numpy()
