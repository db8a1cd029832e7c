"""The networks' pieces, multilayer perceptrons all: a trunk and stages for the generator, and the critic.

None knows what a column means. The trunk turns noise into a hidden vector for each stage; a stage turns its vector and
the features of the finished cells, given or made, into logits and values. The critic turns the features of one row, or
of a few rows at once, into one score without a bound (there is no sigmoid: its differences estimate a Wasserstein
distance).
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
    """A pre-activation block: `x + linear(activation(linear(activation(norm(x)))))`.

    Shape: (n, width) -> (n, width).
    """

    def __init__(self, width: int, *, normalised: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width) if normalised else nn.Identity()
        self.inner = Linear(width, width)
        self.outer = Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """One residual step."""
        hidden = F.leaky_relu(self.inner(F.leaky_relu(self.norm(x), 0.2)), 0.2)
        refined: Tensor = x + self.outer(hidden)
        return refined


class Trunk(nn.Module):
    """Noise to one hidden vector for each stage.

    Shape: (n, z) -> (stages, n, d).

    Example:
        >>> trunk = Trunk(8, hidden=16, blocks=1, stages=3, stage_width=4)
        >>> initialise(trunk, torch.Generator().manual_seed(0))
        >>> trunk(torch.randn(2, 8)).shape
        torch.Size([3, 2, 4])
    """

    def __init__(self, noise_width: int, *, hidden: int, blocks: int, stages: int, stage_width: int) -> None:
        super().__init__()
        self.noise_width, self.stages = noise_width, stages
        self.entry = Linear(noise_width, hidden)
        self.blocks = nn.Sequential(*(ResidualBlock(hidden, normalised=True) for _ in range(blocks)))
        self.norm = nn.LayerNorm(hidden)
        self.fan = Linear(hidden, stages * stage_width)

    def forward(self, noise: Tensor) -> Tensor:
        """The hidden vectors of all stages."""
        fanned: Tensor = self.fan(F.leaky_relu(self.norm(self.blocks(self.entry(noise))), 0.2))
        return fanned.reshape(len(noise), self.stages, -1).transpose(0, 1)


class Stage(nn.Module):
    """A stage's hidden vector and the features of the finished cells to logits and values.

    Shape: hidden (n, d) and context (n, f) -> logits (n, w') and values (n, v') in [-1, 1].

    The context holds the features of the whole row, zero for cells that are not finished yet. It enters twice: before
    the stage's only non-linearity, and through a direct linear map, which can hold the contingency tables of pairs of
    columns as they are. Values pass through `erf(x / sqrt(2))`, the map that sends a standard normal to a uniform on
    [-1, 1], which is how quantile-encoded values are distributed.

    Example:
        >>> stage = Stage(4, 7, 5, 2)
        >>> initialise(stage, torch.Generator().manual_seed(0))
        >>> logits, values = stage(torch.randn(3, 4), torch.zeros(3, 7))
        >>> logits.shape, values.shape
        (torch.Size([3, 5]), torch.Size([3, 2]))
    """

    def __init__(self, width: int, context_width: int, n_units: int, n_values: int) -> None:
        super().__init__()
        self.n_units = n_units
        self.context = Linear(context_width, width, bias=False)
        self.direct = Linear(context_width, n_units + n_values, bias=False)
        self.exit = Linear(width, n_units + n_values)

    def forward(self, hidden: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and values of the stage's parts."""
        out = self.exit(F.leaky_relu(hidden + self.context(context), 0.2)) + self.direct(context)
        return out[:, : self.n_units], torch.erf(out[:, self.n_units :] / math.sqrt(2))


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
        self.blocks = nn.Sequential(*(ResidualBlock(hidden, normalised=False) for _ in range(blocks)))
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
