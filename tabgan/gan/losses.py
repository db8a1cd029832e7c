"""The critic's loss and the gradient penalty, as free functions of tensors."""

from collections.abc import Callable

import torch
from torch import Tensor


def critic_loss(real_scores: Tensor, made_scores: Tensor) -> Tensor:
    """What the critic minimises: minus its estimate of the Wasserstein distance (Arjovsky et al. 2017)."""
    return made_scores.mean() - real_scores.mean()


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, made: Tensor, mix: Tensor, pac: int = 1
) -> Tensor:
    """The two-sided penalty of WGAN-GP (Gulrajani et al. 2017, equation 3).

    Args:
        critic: scores of groups of `pac` rows.
        real: features of real rows, (n, f).
        made: features of made rows, (n, f), without gradient.
        mix: shape (n // pac, 1), uniform on [0, 1]: where between a real and a made group the gradient is taken.
        pac: rows in a group.

    Returns:
        The mean over groups of (norm of the gradient - 1) squared. For a linear critic w·x it is (|w| - 1)**2.
    """
    between = torch.lerp(real, made, mix.repeat_interleave(pac, 0)).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    norms = gradient.reshape(len(real) // pac, -1).square().sum(1).add(1e-12).sqrt()
    return (norms - 1).square().mean()
