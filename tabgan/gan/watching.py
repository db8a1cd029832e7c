"""Which weights of a run to keep: those whose rows lie nearest to rows that training never saw.

How near they are is measured at a dozen looks at a run, each of a thousand rows, so that it is not known exactly; and
weights at the end of a schedule, where rates are low, have the better margins. So the latest look counts that is not
plainly worse than the best one. Looks at a table that is being learnt by heart do not count: rows learnt then become
ever less surprising while others become more so, which rows held out show.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tabgan.gan.run_state import RunState, to_array, to_tensor

MIN_HELD_OUT, MAX_HELD_OUT = 16, 2_048
"""Fewer rows tell nothing but chance; more would cost time at each look, and these tell enough."""
_ROUNDING = 1e-9


def hold_out(n: int, share: float, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of `n` to learn from and the rows to hold out, as `rows_to_hold_out` has them; ascending."""
    held_out = rows_to_hold_out(n, share, random)
    return np.delete(np.arange(n), held_out), held_out


def rows_to_hold_out(n: int, share: float, random: np.random.Generator) -> NDArray[np.int64]:
    """The rows of `n` to hold out, none if they would be too few; ascending."""
    n_held_out = min(round(share * n), MAX_HELD_OUT)
    if n_held_out < MIN_HELD_OUT:
        return np.arange(0)
    return np.sort(random.choice(n, n_held_out, replace=False))


class BestWeights:
    """The weights of a network as they were where rows held out surprised it least.

    Early weights owe it to chance, in part, that they are the best, and those at the end of a schedule have the better
    margins. So the best are put back only where the surprise has risen plainly since.

    Example:
        >>> best = BestWeights(nn.Linear(1, 1), patience=0.1)
        >>> best.see(2.0, 10), best.see(2.1, 20), best.see(2.5, 30), best.step
        (False, False, True, 10)
    """

    def __init__(self, network: nn.Module, patience: float) -> None:
        self._network, self._patience = network, patience
        self._least = math.inf
        self.step = 0
        self._kept: list[Tensor] = []

    def see(self, surprise: float, step: int) -> bool:
        """Keep the weights if they are the best so far; else say whether the surprise has risen plainly since.

        Plainly is by the share `patience` of the least surprise, or of 1 nat if that is more. The attribute `step` is
        that of the best weights, 0 before any were seen.
        """
        if surprise < self._least:
            self._least, self.step = surprise, step
            self._kept = [parameter.detach().clone() for parameter in self._network.parameters()]
        return surprise > self._least + self._patience * max(abs(self._least), 1.0)

    @torch.no_grad()
    def restore(self) -> None:
        """Put the best weights back, if any were seen."""
        for parameter, kept in zip(self._network.parameters(), self._kept, strict=False):
            parameter.copy_(kept)

    def state(self) -> RunState:
        """The best weights, their step and their surprise."""
        least = self._least if self.step else None
        return RunState({"least": least, "step": self.step}, {str(i): to_array(t) for i, t in enumerate(self._kept)})

    def resume(self, state: RunState) -> None:
        """Go on with these."""
        least, self.step = state.values["least"], state.values["step"]
        self._least = math.inf if least is None else least
        devices = [parameter.device for parameter in self._network.parameters()]
        self._kept = [to_tensor(state.tensors[str(i)], devices[i]) for i in range(len(state.tensors))]


class BestLook:
    """The weights of a network as they were at the latest look that is about as good as the best.

    Args:
        network: whose weights to keep.
        noise: standard error of a distance.
        stagnation: share of the run without a plainly better distance that is too long; 1 for never.

    Attributes:
        step: of the weights that are kept; 0 before any were.

    Example:
        >>> best = BestLook(nn.Linear(1, 1), noise=0.1, stagnation=1.0)
        >>> for step, distance in enumerate([3.0, 1.0, 1.1, 1.5], 1):
        ...     _ = best.see(distance, step, step / 4)
        >>> best.step
        3
    """

    def __init__(self, network: nn.Module, noise: float, stagnation: float) -> None:
        self._network, self._noise, self._stagnation = network, noise, stagnation
        self._least = self._mark = math.inf
        self._marked = 0.0
        self.step = 0
        self._kept: list[Tensor] = []

    def see(self, distance: float | None, step: int, progress: float, *, eligible: bool = True) -> bool:
        """Keep the weights if they are about as good as the best so far; else say whether the run stagnates.

        Args:
            distance: of rows that they make to rows held out; None if it is not known, then nothing is kept.
            step: of the weights.
            progress: share of the run that is over.
            eligible: whether these weights may be kept at all.
        """
        if distance is None or not math.isfinite(distance):
            return False
        if eligible:
            self._least = min(self._least, distance)
            if distance <= self._least + 2 * self._noise:
                self.step = step
                self._kept = [tensor.detach().clone() for tensor in self._network.state_dict().values()]
            if distance < self._mark - self._noise:
                self._mark, self._marked = distance, progress
        return self._stagnation < 1 and progress - self._marked >= self._stagnation - _ROUNDING

    @torch.no_grad()
    def restore(self) -> None:
        """Put the weights that are kept back, if any are."""
        for tensor, kept in zip(self._network.state_dict().values(), self._kept, strict=False):
            tensor.copy_(kept)

    def state(self) -> RunState:
        """The weights that are kept, and what is known of the distances."""
        known = {"least": self._least, "mark": self._mark}
        values = {name: value if math.isfinite(value) else None for name, value in known.items()}
        kept = {str(i): to_array(tensor) for i, tensor in enumerate(self._kept)}
        return RunState(values | {"marked": self._marked, "step": self.step}, kept)

    def resume(self, state: RunState) -> None:
        """Go on with these."""
        least, mark = state.values["least"], state.values["mark"]
        self._least, self._mark = (math.inf if value is None else value for value in (least, mark))
        self._marked, self.step = state.values["marked"], state.values["step"]
        devices = [tensor.device for tensor in self._network.state_dict().values()]
        self._kept = [to_tensor(state.tensors[str(i)], devices[i]) for i in range(len(state.tensors))]
