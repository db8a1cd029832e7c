"""The critic as it will be after some more of its steps, with a gradient to what it will have learnt from.

A generator that answers the critic of this moment jumps to wherever that critic is fooled, and all its rows may go
there. One that answers the critic which will have seen those rows has to spread them (Metz et al. 2017, section 2).

DIFF: a step moves each weight against its gradient, as far as Adam would with the mean squares that it has now, which
are held fixed; there is no momentum. Adam itself would have to be unrolled with its state, and this state hardly moves
in a few steps. All steps see the same rows.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor


def look_ahead(
    weights: Mapping[str, Tensor],
    scales: Mapping[str, Tensor],
    loss: Callable[[Mapping[str, Tensor]], Tensor],
    steps: int,
) -> dict[str, Tensor]:
    """The weights after `steps` steps, differentiable in all that `loss` depends on.

    Args:
        weights: of the critic by name; those that are to move require a gradient.
        scales: what to multiply the gradient of each weight that moves with.
        loss: of the critic, given its weights.
        steps: of gradient descent.
    """
    ahead = dict(weights)
    for _ in range(steps):
        moving = {name: weight for name, weight in ahead.items() if name in scales}
        gradients = torch.autograd.grad(
            loss(ahead), list(moving.values()), create_graph=True, allow_unused=True, materialize_grads=True
        )
        for (name, weight), gradient in zip(moving.items(), gradients, strict=True):
            ahead[name] = weight - scales[name] * gradient
    return ahead
