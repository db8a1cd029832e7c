"""Looks at what the averaged generator draws while it is taught, without disturbing the lesson.

At each look the rows come from the same noise, so what differs between two looks is due to training. The noise is a
stream of its own: with or without a probe the same weights are learnt. A probe says how near the shares of single codes
are; whether cells go together is what the surprise of rows held out tells.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan import rng
from tabgan.gan.generator import Generator
from tabgan.gan.history import CodeSnapshot, TrainingStats

PROBED = 1_000
"""Rows drawn at each look."""
KEPT = 500
"""The first so many of them make a snapshot."""
LOOKS = (0.02, *(tenth / 10 for tenth in range(1, 11)))
"""The shares of a run at which `shape` is measured: at every report it would take 2 % of the time of a large table
and 15 % of that of a small one, and like this a fifth of it."""
SNAPSHOTS = (0.02, 0.2, 0.4, 0.6, 0.8)
"""The shares at which a snapshot is taken, beside the one of the weights that are kept."""
_FLOORS = 20
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


class Probe:
    """The noise of one run's looks, the shares of the rows held out, and the snapshots so far.

    Args:
        generator: to look at.
        learnt: codes (n, k) of the rows learnt, in the order of the generator's plan.
        held_out: likewise of the rows held out; there may be none.
        seed: of the noise and the floor.
    """

    def __init__(self, generator: Generator, learnt: Tensor, held_out: Tensor, *, seed: int) -> None:
        self._generator = generator
        parts = generator.plan.parts
        self._offsets = np.array([part.units.start for part in parts])
        random = torch.Generator(generator.device).manual_seed(rng.derive_seed(seed, "probe noise"))
        self._noise = torch.rand(PROBED, len(parts), generator=random, device=generator.device)
        self._wanted = self._shares(held_out.cpu().numpy()) if len(held_out) else None
        self._looks, self._points = Milestones(LOOKS), Milestones(SNAPSHOTS)
        self._snapshots: list[CodeSnapshot] = []
        self.floor = self._floor(learnt, rng.generator(seed, "rows for the floor"))

    def shape(self, progress: float) -> float | None:
        """How far drawn rows lie from the rows held out; None if there are none, or `progress` is at none of `LOOKS`.

        It is the total variation distance between the shares of a code, in [0, 1], as the mean over the codes. Chance
        alone keeps it above 0: `floor` is what rows drawn with replacement from those learnt get on average.
        """
        if self._wanted is None or not self._looks.pass_by(progress):
            return None
        return self._distance(np.concatenate(list(self._draw(PROBED))), self._wanted)

    def follow(self, stats: TrainingStats) -> None:
        """Take a snapshot if the run has come to the next of `SNAPSHOTS`."""
        if self._points.pass_by(stats.step / stats.steps):
            self._snapshots.append(self._snapshot(stats.step))

    def finish(self, kept_step: int) -> tuple[CodeSnapshot, ...]:
        """The snapshots in the order of their steps, with one of the generator as it is now, that of `kept_step`."""
        others = [snapshot for snapshot in self._snapshots if snapshot.step != kept_step]
        return tuple(sorted([*others, self._snapshot(kept_step)], key=lambda snapshot: snapshot.step))

    def _snapshot(self, step: int) -> CodeSnapshot:
        return CodeSnapshot(step, self._generator.plan.restore(np.concatenate(list(self._draw(KEPT)))))

    def _draw(self, n: int) -> Iterator[NDArray[np.int64]]:
        """Codes of the first `n` rows, in blocks, so that wide rows take no more memory than a batch does."""
        for start in range(0, n, KEPT):
            yield self._generator.draw(self._noise[start : start + KEPT]).cpu().numpy()

    def _shares(self, codes: NDArray[np.integer]) -> NDArray[np.float64]:
        """The share of each category of each code, shape (w,)."""
        return np.bincount((codes + self._offsets).ravel(), minlength=self._generator.plan.layout.width) / len(codes)

    def _distance(self, codes: NDArray[np.integer], wanted: NDArray[np.float64]) -> float:
        return float(np.abs(self._shares(codes) - wanted).sum()) / (2 * len(self._offsets))

    def _floor(self, learnt: Tensor, random: np.random.Generator) -> float | None:
        """The mean distance of as many learnt rows as are drawn at a look; None if no rows are held out."""
        if self._wanted is None:
            return None
        rows = random.integers(len(learnt), size=(_FLOORS, PROBED))
        drawn = learnt[torch.from_numpy(rows.ravel()).to(learnt.device)].cpu().numpy()
        return float(np.mean([self._distance(codes, self._wanted) for codes in np.split(drawn, _FLOORS)]))
