"""The last good state of a run that can go wrong: networks and their optimisers, to go back to.

Random streams are not part of it: after a roll-back other batches come, at lower rates, so that what went wrong need
not happen again.
"""

import math
from collections.abc import Mapping

import torch
from torch import nn

from tabgan.errors import TrainingError
from tabgan.gan.run_state import Part, RunState, put_back, take

LOWERED = 3.0
"""What rates are divided by at each roll-back."""


class Recovery:
    """A copy of all that learns, and how often it was needed.

    Args:
        parts: what learns, by its names.
        most: roll-backs before a run is given up.

    Attributes:
        step: that the copy is of.
        times: roll-backs so far.
    """

    def __init__(self, parts: Mapping[str, Part], most: int) -> None:
        self._parts, self._most = parts, most
        self.step = self.times = 0
        self._kept = take(parts)

    @property
    def rate(self) -> float:
        """What is left of the rates that were asked for."""
        return float(LOWERED**-self.times)

    def keep(self, step: int) -> None:
        """Copy the parts as they are after a step, unless a weight of a network is no number."""
        if all(finite(part) for part in self._parts.values() if isinstance(part, nn.Module)):
            self.step, self._kept = step, take(self._parts)

    def back(self, step: int, evidence: str, advice: str) -> str:
        """Go back to the copy, with lower rates from now on; what was done, in words.

        Args:
            step: at which the run was found to have diverged.
            evidence: how, in words.
            advice: what to do about it.

        Raises:
            TrainingError: if the run has gone back as often as it may.
        """
        if self.times >= self._most:
            tried = f"; going back {self.times} times to rates a third as high did not help" if self.times else ""
            raise TrainingError(
                f"training diverged by step {step}; lower generator_rate and critic_rate, now too high: "
                f"{evidence}{tried}; advice: {advice}"
            )
        self.times += 1
        put_back(self._parts, self._kept)
        return f"{evidence}; went back to the weights of step {self.step}, with rates {LOWERED:g} times lower"

    def state(self) -> RunState:
        """The copy, its step and the roll-backs so far."""
        return RunState({"step": self.step, "times": self.times, "kept": self._kept.values}, self._kept.tensors)

    def resume(self, state: RunState) -> None:
        """Go on with these."""
        self.step, self.times = state.values["step"], state.values["times"]
        self._kept = RunState(state.values["kept"], state.tensors)


def finite(network: nn.Module) -> bool:
    """Whether all weights of a network are numbers."""
    largest = torch._foreach_norm(list(network.parameters()), math.inf)
    return bool(torch.stack(largest).isfinite().all())  # the device is waited for once
