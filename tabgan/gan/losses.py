"""The terms of the two networks' losses, as free functions of tensors."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from tabgan.gan.features import Features
from tabgan.layout import EncodedTable, Layout

_CHUNK = 65_536


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


@dataclass(frozen=True)
class Moments:
    """First and second moments of a table's features, and which pairs of them count.

    Attributes:
        first: shape (f,).
        second: shape (f, f).
        different: shape (f, f), 1 where the two features belong to different columns.
        n_columns: m.
    """

    first: Tensor
    second: Tensor
    different: Tensor
    n_columns: int


@torch.no_grad()
def table_moments(table: EncodedTable, layout: Layout, features: Features) -> Moments:
    """The moments of all rows of a table, computed once, a chunk at a time, on the device of `features`."""
    device = features.knots.device
    first = torch.zeros(features.width, device=device, dtype=torch.float64)
    second = torch.zeros(features.width, features.width, device=device, dtype=torch.float64)
    for start in range(0, len(table), _CHUNK):
        part = table[start : start + _CHUNK]
        phi = features(
            features.expand(
                torch.from_numpy(part.codes.astype("int64")).to(device), torch.from_numpy(part.values).to(device)
            )
        )
        first += phi.sum(0)
        second += phi.T @ phi
    owners = torch.tensor(
        [layout.code_columns[code] for code in features.segments.tolist()]
        + [column for column in layout.value_columns for _ in range(features.hats)],
        device=device,
    )
    different = (owners[:, None] != owners[None, :]).float()
    return Moments((first / len(table)).float(), (second / len(table)).float(), different, len(layout.columns))


def moment_loss(features: Tensor, weights: Tensor, target: Moments) -> Tensor:
    """The chi-square distance between the first and pairwise moments of made rows and those of the table.

    Args:
        features: shape (n, f), from softmax probabilities: columns are independent given the noise, so these second
            moments have no sampling noise but that of the noise itself.
        weights: shape (n,), how much each row counts.
        target: the table's moments.

    Returns:
        The sum over pairs of features of different columns of (M_made - M)**2 / (M + 2 / n), and the same of the first
        moments, divided by the number of columns.
    """
    n = len(features)
    weighted = features * (weights / weights.sum()).unsqueeze(1)
    second = (weighted.T @ features - target.second).square() / (target.second + 2 / n)
    first = (weighted.sum(0) - target.first).square() / (target.first + 2 / n)
    return ((second * target.different).sum() / 2 + first.sum()) / target.n_columns
