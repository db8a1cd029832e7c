"""Layers, and the critic, a multilayer perceptron.

It does not know what a column means: it turns the features of one row, or of a few rows at once, into one score without
a bound (there is no sigmoid: its differences estimate a Wasserstein distance).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Linear(nn.Linear):
    """A linear layer that starts at zero: weights come from `initialise`, and not from the global random stream."""

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Set weights and biases to zero."""
        self.weight.zero_()
        if self.bias is not None:
            self.bias.zero_()


class ResidualBlock(nn.Module):
    """A pre-activation block: `x + linear(activation(linear(activation(x))))`.

    Shape: (n, width) -> (n, width).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = Linear(width, width)
        self.outer = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """One residual step."""
        refined: Tensor = x + self.outer(F.leaky_relu(self.inner(F.leaky_relu(x, 0.2)), 0.2))
        return refined


class Critic(nn.Module):
    """The features of `pac` rows to one score.

    Shape: (n, features) -> (n // pac,). The penalty needs the score of each group to depend on that group alone, so
    there is no batch normalisation (Gulrajani et al. 2017, section 4).

    Example:
        >>> critic = Critic(7, hidden=16, blocks=1, pac=2)
        >>> initialise(critic, torch.Generator().manual_seed(0))
        >>> critic(torch.randn(6, 7)).shape
        torch.Size([3])
    """

    def __init__(self, n_features: int, *, hidden: int, blocks: int, pac: int = 1) -> None:
        super().__init__()
        self.pac = pac
        self.entry = Linear(n_features * pac, hidden)
        self.blocks = nn.Sequential(*(ResidualBlock(hidden) for _ in range(blocks)))
        self.exit = Linear(hidden, 1)

    def forward(self, features: Tensor) -> Tensor:
        """One score for each group of `pac` rows."""
        hidden = self.blocks(self.entry(features.reshape(len(features) // self.pac, -1)))
        scores: Tensor = self.exit(F.leaky_relu(hidden, 0.2)).squeeze(1)
        return scores


@torch.no_grad()
def initialise(module: nn.Module, random: torch.Generator) -> None:
    """He-normal weights, drawn from `random` alone; biases are zero from the start."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            scale = math.sqrt(2 / max(layer.in_features, 1))
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=random) * scale)
