"""Optimisers of the networks, their rates and their gradients."""

import math

import torch
from torch import Tensor, nn


def adam(network: nn.Module, rate: float, betas: tuple[float, float], decay: float = 0.0) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019), which lets matrices decay and leaves biases, and with them the margins."""
    learnt = [parameter for parameter in network.parameters() if parameter.requires_grad]
    fused = learnt[0].device.type != "mps"
    matrices = [parameter for parameter in learnt if parameter.ndim > 1]
    biases = [parameter for parameter in learnt if parameter.ndim == 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=betas, fused=fused)


def cosine(share: float) -> float:
    """What is left of a rate when `share` of the time is over, from 1 to 0.01 (Loshchilov and Hutter 2017)."""
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * share))


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Let an optimiser learn at `rate` from now on."""
    for group in optimiser.param_groups:
        group["lr"] = rate


def gradient_norm(network: nn.Module) -> Tensor:
    """The norm of all gradients of a network together, a tensor of one number."""
    return nn.utils.get_total_norm([p.grad for p in network.parameters() if p.grad is not None])


@torch.no_grad()
def clip_weights(network: nn.Module, bound: float) -> None:
    """Bring the weights and biases of linear layers into [-bound, bound] (Arjovsky et al. 2017, algorithm 1)."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            for parameter in layer.parameters():
                parameter.clamp_(-bound, bound)


def adam_scales(optimiser: torch.optim.Optimizer) -> dict[Tensor, Tensor | float]:
    """What Adam would multiply the gradient of each of its parameters with, were there no momentum.

    The rate, divided by the root of the mean square of the gradients so far; the rate alone before the first step.
    """
    scales: dict[Tensor, Tensor | float] = {}
    for group in optimiser.param_groups:
        for parameter in group["params"]:
            known = optimiser.state.get(parameter)
            scales[parameter] = group["lr"]
            if known:
                mean = known["exp_avg_sq"] / (1 - group["betas"][1] ** known["step"])
                scales[parameter] = group["lr"] / (mean.sqrt() + group["eps"])
    return scales
