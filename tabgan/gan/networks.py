"""The critic, a multilayer perceptron.

It does not know what a column means: it turns the features of one row, or of a few rows at once, into one score without
a bound. What a score means is up to the objective; a sigmoid, where there is one, is part of the loss.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tabgan.gan.config import TrainingConfig
from tabgan.gan.layers import SpectralLinear, dropout, linear, normalisation


class ResidualBlock(nn.Module):
    """A pre-activation block: `x + linear(activation(linear(activation(x))))`.

    Each activation is behind a normalisation and before dropout, if there are any.

    Shape: (n, width) -> (n, width).
    """

    def __init__(
        self,
        width: int,
        *,
        norm: str = "none",
        left_out: float = 0.0,
        spectral: bool = False,
        random: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.inner = linear(width, width, spectral)
        self.outer = linear(width, width, spectral)
        self.norms = nn.ModuleList(normalisation(norm, width) for _ in range(2))
        self.dropouts = nn.ModuleList(dropout(left_out, random) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """One residual step."""
        within = self.inner(self.dropouts[0](F.leaky_relu(self.norms[0](x), 0.2)))
        refined: Tensor = x + self.outer(self.dropouts[1](F.leaky_relu(self.norms[1](within), 0.2)))
        return refined


class Critic(nn.Module):
    """The features of `pac` rows to one score.

    Shape: (n, features) -> (n // pac,). A gradient penalty needs the score of each group to depend on that group alone,
    so then there is no batch normalisation (Gulrajani et al. 2017, section 4).

    Args:
        n_features: of a row.
        hidden: width of the layers.
        blocks: residual blocks.
        pac: rows that are judged together (Lin et al. 2018).
        spread_of: rows of a group whose spread each of them is told; 0 for none.
        norm: none, layer or batch.
        left_out: share of the units left out while learning.
        spectral: whether no layer may stretch anything.
        random: the source of what is left out.

    Example:
        >>> from tabgan.gan.layers import initialise
        >>> critic = Critic(7, hidden=16, blocks=1, pac=2)
        >>> initialise(critic, torch.Generator().manual_seed(0))
        >>> critic(torch.randn(6, 7)).shape
        torch.Size([3])
    """

    def __init__(
        self,
        n_features: int,
        *,
        hidden: int,
        blocks: int,
        pac: int = 1,
        spread_of: int = 0,
        norm: str = "none",
        left_out: float = 0.0,
        spectral: bool = False,
        random: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.pac, self.spread_of = pac, spread_of
        self.entry = linear((n_features + bool(spread_of)) * pac, hidden, spectral)
        self.blocks = nn.Sequential(
            *(
                ResidualBlock(hidden, norm=norm, left_out=left_out, spectral=spectral, random=random)
                for _ in range(blocks)
            )
        )
        self.norm = normalisation(norm, hidden)
        self.dropout = dropout(left_out, random)
        self.exit = linear(hidden, 1, spectral)

    @classmethod
    def for_config(cls, n_features: int, config: TrainingConfig, random: torch.Generator | None = None) -> "Critic":
        """The critic that settings ask for."""
        return cls(
            n_features,
            hidden=config.critic_width,
            blocks=config.critic_blocks,
            pac=config.pac,
            spread_of=config.minibatch_std,
            norm=config.critic_norm,
            left_out=config.critic_dropout,
            spectral=config.spectral_norm,
            random=random,
        )

    def forward(self, features: Tensor) -> Tensor:
        """One score for each group of `pac` rows."""
        if self.spread_of:
            features = torch.cat([features, spread(features, self.spread_of)], 1)
        hidden = self.blocks(self.entry(features.reshape(len(features) // self.pac, -1)))
        scores: Tensor = self.exit(self.dropout(F.leaky_relu(self.norm(hidden), 0.2))).squeeze(1)
        return scores

    def follow_weights(self) -> None:
        """Bring what spectral normalisation knows of the weights up to date; call it before each step."""
        for layer in self.modules():
            if isinstance(layer, SpectralLinear):
                layer.iterate()


def spread(rows: Tensor, size: int) -> Tensor:
    """How different the rows of a group are: the root of the summed variances of what the critic sees of them.

    Karras et al. 2018, section 3. DIFF: of the features and not of a late layer, since the critic has few layers; and
    the root of a sum in place of a mean of roots, since most features of a row are zero in most groups.

    Args:
        rows: shape (n, f).
        size: of a group of rows that follow each other; groups are larger where n is no multiple of it.

    Returns:
        Shape (n, 1); the rows of a group have the same.
    """
    if len(rows) % size:
        return torch.cat([spread(part, len(part)) for part in rows.tensor_split(max(len(rows) // size, 1))])
    grouped = rows.reshape(-1, size, rows.shape[1])
    told = (grouped.var(1, correction=0).sum(1, keepdim=True) + 1e-8).sqrt()
    return told.repeat_interleave(size, 0)
