"""Layers that networks are made of, and how their weights are drawn at first.

None of them touches the global random stream: weights come from `initialise`, and what is random while a network
learns from a source that it is given.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_FIRST_ITERATIONS = 20


class Linear(nn.Linear):
    """A linear layer that starts at zero: weights come from `initialise`, and not from the global random stream."""

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Set weights and biases to zero."""
        self.weight.zero_()
        if self.bias is not None:
            self.bias.zero_()


class SpectralLinear(Linear):
    """A linear layer that stretches nothing: its weights are divided by their greatest singular value.

    Miyato et al. 2018, section 2.1. The singular vectors come from power iteration and are part of the state. DIFF:
    `iterate` is called once for each step of the optimiser and not in each pass, so that a pass changes nothing.

    Shape: (n, n_in) -> (n, n_out).
    """

    left: Tensor
    right: Tensor

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__(n_in, n_out)
        self.register_buffer("left", torch.zeros(n_out))
        self.register_buffer("right", torch.zeros(n_in))

    @torch.no_grad()
    def begin(self, random: torch.Generator) -> None:
        """Find the singular vectors of new weights, from a start drawn from `random`."""
        self.left.copy_(F.normalize(torch.randn(self.left.shape, generator=random), dim=0))
        self.iterate(_FIRST_ITERATIONS)

    @torch.no_grad()
    def iterate(self, times: int = 1) -> None:
        """Follow the weights with steps of power iteration."""
        for _ in range(times):
            self.right.copy_(F.normalize(self.weight.T @ self.left, dim=0))
            self.left.copy_(F.normalize(self.weight @ self.right, dim=0))

    def forward(self, x: Tensor) -> Tensor:
        """The layer with bounded weights; the bound is learnt through, the singular vectors are not."""
        stretch = (self.left @ self.weight @ self.right).clamp(min=1e-6)
        return F.linear(x, self.weight / stretch, self.bias)


class BatchNorm(nn.Module):
    """Batch normalisation (Ioffe and Szegedy 2015): by the batch while learning, by running means elsewhere.

    DIFF: the running means are parameters without a gradient, and no buffers, so that a moving average of weights, and
    whatever else keeps or restores weights, takes them along. They move only where gradients are recorded.

    Shape: (n, width) -> (n, width).
    """

    def __init__(self, width: int, momentum: float = 0.1) -> None:
        super().__init__()
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.running_mean = nn.Parameter(torch.zeros(width), requires_grad=False)
        self.running_variance = nn.Parameter(torch.ones(width), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Columns with mean 0 and variance 1, scaled and shifted."""
        mean: Tensor = self.running_mean
        variance: Tensor = self.running_variance
        if self.training:
            mean, variance = x.mean(0), x.var(0, correction=0)
            if torch.is_grad_enabled() and self.weight.requires_grad:
                with torch.no_grad():
                    self.running_mean.lerp_(mean, self.momentum)
                    self.running_variance.lerp_(variance, self.momentum)
        normal: Tensor = (x - mean) * (variance + 1e-5).rsqrt()
        return normal * self.weight + self.bias


class Dropout(nn.Module):
    """Leaves out units at random while learning (Srivastava et al. 2014), and scales the others so that means stay.

    Args:
        share: of the units.
        random: the source of what is left out; None where the layer never learns.

    Shape: (n, width) -> (n, width).
    """

    def __init__(self, share: float, random: torch.Generator | None) -> None:
        super().__init__()
        self._share, self._random = share, random

    def forward(self, x: Tensor) -> Tensor:
        """The units, some of them zero while the layer is in training mode."""
        if not self.training or self._random is None:
            return x
        kept = torch.rand(x.shape, generator=self._random, device=x.device) >= self._share
        return x * kept / (1 - self._share)


def linear(n_in: int, n_out: int, spectral: bool) -> Linear:
    """A linear layer, one with spectral normalisation if so asked."""
    return SpectralLinear(n_in, n_out) if spectral else Linear(n_in, n_out)


def normalisation(kind: str, width: int) -> nn.Module:
    """The layer that a setting names: none, layer (Ba et al. 2016) or batch."""
    if kind == "layer":
        return nn.LayerNorm(width)
    return BatchNorm(width) if kind == "batch" else nn.Identity()


def dropout(share: float, random: torch.Generator | None) -> nn.Module:
    """A layer that leaves out a share of the units; nothing for a share of 0."""
    return Dropout(share, random) if share else nn.Identity()


@torch.no_grad()
def initialise(module: nn.Module, random: torch.Generator, scheme: str = "he") -> None:
    """Weights of linear layers, drawn from `random` alone; biases are zero from the start.

    Args:
        module: whose layers to set.
        random: the source.
        scheme: `he` (He et al. 2015, section 2.2): normal, so that layers before a kink keep the variance; `glorot`
            (Glorot and Bengio 2010, equation 12): normal, a compromise of forward and backward passes; `orthogonal`
            (Saxe et al. 2014): all singular values equal, at the root of 2.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            layer.weight.copy_(_drawn(layer.out_features, layer.in_features, random, scheme))
            if isinstance(layer, SpectralLinear):
                layer.begin(random)


def _drawn(n_out: int, n_in: int, random: torch.Generator, scheme: str) -> Tensor:
    normal = torch.randn(n_out, n_in, generator=random)
    if scheme == "orthogonal":
        tall = normal if n_out >= n_in else normal.T
        columns, corner = torch.linalg.qr(tall)
        # The signs make the draw uniform over all orthogonal matrices.
        turned: Tensor = math.sqrt(2) * columns * corner.diagonal().sign()
        return turned if n_out >= n_in else turned.T
    units = max(n_in, 1) if scheme == "he" else max(n_in + n_out, 1)
    return normal * math.sqrt(2 / units)
