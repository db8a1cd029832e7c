"""What critic and generator play for: adversarial objectives, as functions of scores, and a table of names.

A score is what the critic says of a row, or of a few rows judged together: high for real. With a *bounded* objective
its sigmoid is a probability. Each function gives what its network minimises, as a mean over rows. What keeps the critic
from growing without bounds (a penalty, clipping, spectral normalisation) is not in here.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Objective:
    """One way to play.

    Attributes:
        critic_loss: of the scores of real rows and of made rows, both (n,), and of what real rows count as (1 but for
            label smoothing).
        generator_loss: of the scores of made rows and of real rows, both (n,).
        penalty: where the critic's gradient is penalised: between real and made rows towards 1, or at both towards 0;
            None for no penalty.
        bounded: whether the sigmoid of a score is the probability that a row is real.
        compares: whether the generator's loss needs the scores of real rows; else it is given those of made rows twice.
    """

    critic_loss: Callable[[Tensor, Tensor, float], Tensor]
    generator_loss: Callable[[Tensor, Tensor], Tensor]
    penalty: Literal["between", "both"] | None = None
    bounded: bool = False
    compares: bool = False


def wasserstein_critic(real: Tensor, made: Tensor, target: float = 1.0) -> Tensor:
    """Minus the critic's estimate of the Wasserstein distance (Arjovsky et al. 2017, algorithm 1)."""
    return made.mean() - real.mean()


def mean_generator(made: Tensor, real: Tensor) -> Tensor:
    """Minus the mean score of made rows (Arjovsky et al. 2017, algorithm 1; Lim and Ye 2017, section 3)."""
    return -made.mean()


def cross_entropy_critic(real: Tensor, made: Tensor, target: float = 1.0) -> Tensor:
    """The binary cross-entropy of a sigmoid discriminator (Goodfellow et al. 2014, equation 1).

    Args:
        real: scores, the log odds of being real.
        made: likewise.
        target: the probability that real rows count with; below 1 with one-sided label smoothing (Salimans et al. 2016,
            section 3.4). At the optimum a row has then the probability `target * p / (p + q)`, where p and q are the
            densities of real and made rows.
    """
    return (target * F.softplus(-real) + (1 - target) * F.softplus(real)).mean() + F.softplus(made).mean()


def cross_entropy_generator(made: Tensor, real: Tensor) -> Tensor:
    """Minus the log probability that made rows are real; it does not saturate (Goodfellow et al. 2014, section 3)."""
    return F.softplus(-made).mean()


def least_squares_critic(real: Tensor, made: Tensor, target: float = 1.0) -> Tensor:
    """Half the squared distance of scores from `target` for real and 0 for made rows (Mao et al. 2017, equation 9)."""
    return ((real - target).square().mean() + made.square().mean()) / 2


def least_squares_generator(made: Tensor, real: Tensor) -> Tensor:
    """Half the squared distance of the scores of made rows from 1 (Mao et al. 2017, equation 9)."""
    return (made - 1).square().mean() / 2


def hinge_critic(real: Tensor, made: Tensor, target: float = 1.0) -> Tensor:
    """How far real rows are below 1 and made rows above -1 (Lim and Ye 2017, section 3)."""
    return F.relu(1 - real).mean() + F.relu(1 + made).mean()


def relativistic_critic(real: Tensor, made: Tensor, target: float = 1.0) -> Tensor:
    """Each real row against the made row beside it: which one is real? (Huang et al. 2024, equation 2)."""
    return F.softplus(made - real).mean()


def relativistic_generator(made: Tensor, real: Tensor) -> Tensor:
    """The same with the sides changed (Huang et al. 2024, equation 2)."""
    return F.softplus(real - made).mean()


OBJECTIVES: Mapping[str, Objective] = types.MappingProxyType(
    {
        "wgan-gp": Objective(wasserstein_critic, mean_generator, "between"),
        "wgan-clip": Objective(wasserstein_critic, mean_generator),
        "nsgan": Objective(cross_entropy_critic, cross_entropy_generator, "both", bounded=True),
        "lsgan": Objective(least_squares_critic, least_squares_generator, "both"),
        "hinge": Objective(hinge_critic, mean_generator, "both"),
        "relativistic": Objective(relativistic_critic, relativistic_generator, "both", compares=True),
    }
)
"""The objectives by the names that `TrainingConfig.objective` has for them."""
