"""First and second moments of features: what a table's columns have to do with each other, two at a time.

The second moments of one-hot vectors are the contingency tables of all pairs of columns. They are computed once from
the table; from them come the order in which columns are made, the weights that training starts with, and a term of the
generator's loss.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tabgan.gan.features import Features
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable

_CHUNK = 16_384


@dataclass(frozen=True)
class Moments:
    """The moments of a table.

    Attributes:
        first: shape (f,).
        second: shape (f, f).
        n_rows: rows that they were computed from.
    """

    first: Tensor
    second: Tensor
    n_rows: int

    def to(self, device: torch.device | str) -> "Moments":
        """The same moments on another device."""
        return Moments(self.first.to(device), self.second.to(device), self.n_rows)


@torch.no_grad()
def table_moments(table: EncodedTable, features: Features) -> Moments:
    """The moments of all rows of a table, a chunk at a time, on the device of `features`."""
    device = features.knots.device
    first = torch.zeros(features.width, device=device)
    second = torch.zeros(features.width, features.width, device=device)
    for start in range(0, len(table), _CHUNK):
        phi = features(features.rows_of(table[start : start + _CHUNK]))
        first += phi.sum(0) / len(table)
        second += phi.T @ phi / len(table)
    return Moments(first, second, len(table))


def mutual_information(moments: Moments, features: Features) -> Tensor:
    """How much each two parts tell about each other, in nats, shape (p, p), zero on the diagonal.

    The plug-in estimate from the contingency tables, values by their hats, less its bias (Miller 1955).
    """
    first, second = moments.first.double(), moments.second.double()
    member = features.partition_membership().double()
    independent = torch.outer(first, first)
    terms = torch.where(second > 0, second * (second.clamp_min(1e-30) / independent.clamp_min(1e-30)).log(), 0.0)
    freedom = (member * (first > 0).unsqueeze(1)).sum(0) - 1
    bias = torch.outer(freedom, freedom).clamp_min(0) / (2 * moments.n_rows)
    information = (member.T @ terms @ member - bias).clamp_min(0)
    return information.fill_diagonal_(0)


@dataclass(frozen=True)
class MomentTarget:
    """The moments to reach, and how a pair of features is to be estimated from made rows.

    Attributes:
        first: shape (f,).
        second: shape (f, f).
        earlier: shape (f, f), 1 where the row's feature is made in an earlier stage than the column's.
        together: shape (f, f), 1 where two different parts are made in the same stage.
        n_parts: p.
    """

    first: Tensor
    second: Tensor
    earlier: Tensor
    together: Tensor
    n_parts: int

    def to(self, device: torch.device) -> "MomentTarget":
        """The same target on another device."""
        first, second, earlier, together = (
            tensor.to(device) for tensor in (self.first, self.second, self.earlier, self.together)
        )
        return MomentTarget(first, second, earlier, together, self.n_parts)


def moment_target(moments: Moments, features: Features, plan: StagePlan) -> MomentTarget:
    """The target of rows made by `plan`, from the moments of the arranged table."""
    owners = features.owners
    stages = torch.from_numpy(np.asarray(plan.part_stages)).to(owners.device)[owners]
    earlier = stages[:, None] < stages[None, :]
    together = (stages[:, None] == stages[None, :]) & (owners[:, None] != owners[None, :])
    return MomentTarget(moments.first, moments.second, earlier.float(), together.float(), len(plan.parts))


def moment_loss(hard: Tensor, soft: Tensor, weights: Tensor, target: MomentTarget) -> Tensor:
    """The chi-square distance between the first and pairwise moments of made rows and those of the table.

    Args:
        hard: shape (n, f), features of the drawn rows, which the later stages saw.
        soft: shape (n, f), features of the probabilities that they were drawn from. Given the noise and the earlier
            stages, parts of one stage are independent, so soft features estimate their pairs without the noise of
            drawing; and the later part of any pair can be soft.
        weights: shape (n,), how much each row counts.
        target: the table's moments.

    Returns:
        The sum over pairs of features of different parts of (M_made - M)**2 / (M + 2 / n), and the same of the first
        moments, divided by the number of parts.
    """
    n = len(soft)
    weighted = (weights / weights.sum()).unsqueeze(1)
    across = ((hard * weighted).T @ soft - target.second) * target.earlier
    within = ((soft * weighted).T @ soft - target.second) * target.together
    second = (across.square() + within.square() / 2) / (target.second + 2 / n)
    first = ((soft * weighted).sum(0) - target.first).square() / (target.first + 2 / n)
    return (second.sum() + first.sum()) / target.n_parts
