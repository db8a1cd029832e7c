"""The two multilayer perceptrons: a generator of rows and a critic that scores them.

Neither knows what a column means. The generator turns noise and a condition into logits for every one-hot unit and a
raw number for every value; the critic turns the features of one row, or of a few rows at once, into one score without
a bound (there is no sigmoid: its differences estimate a Wasserstein distance).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ResidualBlock(nn.Module):
    """A pre-activation block: `x + linear(activation(linear(activation(norm(x)))))`.

    Shape: (n, width) -> (n, width).
    """

    def __init__(self, width: int, *, normalised: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width) if normalised else nn.Identity()
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """One residual step."""
        hidden = F.leaky_relu(self.inner(F.leaky_relu(self.norm(x), 0.2)), 0.2)
        refined: Tensor = x + self.outer(hidden)
        return refined


class Generator(nn.Module):
    """Noise and a condition to the logits and values of a row.

    Shape: noise (n, z) and condition (n, c) -> logits (n, w) and values (n, v) in [-1, 1].

    Values pass through `erf(x / sqrt(2))`, the map that sends a standard normal to a uniform on [-1, 1]: an untrained
    generator, whose raw outputs are about standard normal, already has the margins of a quantile-encoded table.

    Example:
        >>> logits, values = Generator(8, 5, 7, 2, hidden=16, blocks=1)(torch.randn(3, 8), torch.zeros(3, 5))
        >>> logits.shape, values.shape
        (torch.Size([3, 7]), torch.Size([3, 2]))
    """

    def __init__(
        self, noise_width: int, condition_width: int, n_units: int, n_values: int, *, hidden: int, blocks: int
    ) -> None:
        super().__init__()
        self.noise_width, self.n_units = noise_width, n_units
        self.entry = nn.Linear(noise_width + condition_width, hidden)
        self.blocks = nn.Sequential(*(ResidualBlock(hidden, normalised=True) for _ in range(blocks)))
        self.norm = nn.LayerNorm(hidden)
        self.exit = nn.Linear(hidden, n_units + n_values)

    def forward(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """One row for each row of noise."""
        hidden = self.blocks(self.entry(torch.cat([noise, condition], 1)))
        out = self.exit(F.leaky_relu(self.norm(hidden), 0.2))
        return out[:, : self.n_units], torch.erf(out[:, self.n_units :] / math.sqrt(2))


class Critic(nn.Module):
    """The features of `pac` rows to one score.

    Shape: (n, features) -> (n // pac,). The penalty needs the score of each group to depend on that group alone, so
    there is no batch normalisation (Gulrajani et al. 2017, section 4).

    Example:
        >>> Critic(7, hidden=16, blocks=1, pac=2)(torch.randn(6, 7)).shape
        torch.Size([3])
    """

    def __init__(self, n_features: int, *, hidden: int, blocks: int, pac: int = 1) -> None:
        super().__init__()
        self.pac = pac
        self.entry = nn.Linear(n_features * pac, hidden)
        self.blocks = nn.Sequential(*(ResidualBlock(hidden, normalised=False) for _ in range(blocks)))
        self.exit = nn.Linear(hidden, 1)

    def forward(self, features: Tensor) -> Tensor:
        """One score for each group of `pac` rows."""
        hidden = self.blocks(self.entry(features.reshape(len(features) // self.pac, -1)))
        scores: Tensor = self.exit(F.leaky_relu(hidden, 0.2)).squeeze(1)
        return scores


@torch.no_grad()
def initialise(module: nn.Module, random: torch.Generator) -> None:
    """He-normal weights and zero biases, drawn from `random` alone."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            layer.weight.copy_(torch.randn(layer.weight.shape, generator=random) * math.sqrt(2 / layer.in_features))
            layer.bias.zero_()
