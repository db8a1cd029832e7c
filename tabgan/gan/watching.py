"""Which weights of a run to keep: those to which rows that training never saw are least surprising.

A small table is learnt by heart when training goes on for long: the rows it learns from become ever less surprising
while others become more so. Rows held out show when that begins.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

MIN_HELD_OUT, MAX_HELD_OUT = 16, 2_048
"""Fewer rows tell nothing but chance; more would cost time at each look, and these tell enough."""


def hold_out(n: int, share: float, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of `n` to learn from and the rows to hold out, none if they would be too few; ascending."""
    order = random.permutation(n)
    n_held_out = min(round(share * n), MAX_HELD_OUT)
    n_held_out = n_held_out if n_held_out >= MIN_HELD_OUT else 0
    return np.sort(order[n_held_out:]), np.sort(order[:n_held_out])


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
