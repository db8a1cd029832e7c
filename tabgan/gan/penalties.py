"""Penalties on the critic's gradient, and their weight in the course of a run, as free functions."""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, made: Tensor, mix: Tensor, pac: int = 1
) -> Tensor:
    """The two-sided penalty of WGAN-GP (Gulrajani et al. 2017, equation 3).

    Args:
        critic: scores of groups of `pac` rows.
        real: features of real rows, (n, f).
        made: features of made rows, (n, f).
        mix: shape (m, 1), uniform on [0, 1]: where between real and made rows the gradient is taken. n is a multiple of
            m: as many rows that follow each other share a place, since a critic that compares the rows of a group must
            see groups which lie between real and made ones as a whole.
        pac: rows that a score is for.

    Returns:
        The mean over scores of (norm of the gradient - 1) squared. For a linear critic w·x it is (|w| - 1)**2.
    """
    between = torch.lerp(real, made, mix.repeat_interleave(len(real) // len(mix), 0)).requires_grad_()
    return (_squared_norms(critic, between, pac).add(1e-12).sqrt() - 1).square().mean()


def zero_centred_penalty(critic: Callable[[Tensor], Tensor], real: Tensor, made: Tensor, pac: int = 1) -> Tensor:
    """R1 and R2: half the mean squared norm of the gradient at real rows, and at made rows (Mescheder et al. 2018).

    Both together are what a relativistic objective needs to converge (Huang et al. 2024, section 2.2).

    Args:
        critic: scores of groups of `pac` rows.
        real: features of real rows, (n, f).
        made: features of made rows, (n, f).
        pac: rows that a score is for.

    Returns:
        For a linear critic w·x it is |w|**2.
    """
    rows = torch.cat([real, made]).requires_grad_()
    return _squared_norms(critic, rows, pac).mean()


def _squared_norms(critic: Callable[[Tensor], Tensor], rows: Tensor, pac: int) -> Tensor:
    """Of the gradient of each score, shape (n // pac,)."""
    (gradient,) = torch.autograd.grad(critic(rows).sum(), rows, create_graph=True)
    return gradient.reshape(len(rows) // pac, -1).square().sum(1)


def weight_at(share: float, first: float, last: float | None) -> float:
    """The weight of a penalty when `share` of its time is over: on a straight line; always `first` if `last` is None.

    Example:
        >>> [weight_at(share, 4.0, 1.0) for share in (0.0, 0.5, 1.0)]
        [4.0, 2.5, 1.0]
    """
    return first if last is None else first + (last - first) * share
