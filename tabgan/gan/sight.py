"""What the critic is shown of rows: all, or for a while only a part of them, or with noise.

*Instance noise* (Sønderby et al. 2017, section 3) is normal noise on the features, equally strong for real and for made
rows, that falls to nothing on a straight line. What lies between noisy rows is noisy, too, so a penalty sees the same.
The marks of given cells stay as they are: they are the same for both, and give nothing away.

In a *curriculum* (Bengio et al. 2009) the critic begins with what is simple: for a third of it, it sees a single column
of each row, drawn at random and the same of a real row and the made one beside it, so it judges margins; then pairs of
columns, for the other two thirds since there are more of them; and whole rows when it is over. All other features are
zero, which no cell is, so the critic knows what it is not shown.
"""

import torch
from torch import Tensor

from tabgan.gan.config import TrainingConfig
from tabgan.gan.stages import StagePlan


def noise_at(share: float, first: float, until: float) -> float:
    """The standard deviation of instance noise.

    Args:
        share: of the adversarial steps that are over.
        first: the standard deviation at the beginning.
        until: the share at which nothing of it is left.

    Example:
        >>> [noise_at(share, 0.4, until=0.5) for share in (0.0, 0.25, 0.5, 1.0)]
        [0.4, 0.2, 0.0, 0.0]
    """
    return first * (1 - share / until) if share < until else 0.0


def columns_at(share: float, until: float) -> int | None:
    """How many columns of a row a curriculum shows; None for all of them.

    Args:
        share: of the adversarial steps that are over.
        until: the share at which the curriculum ends.

    Example:
        >>> [columns_at(share, until=0.6) for share in (0.0, 0.19, 0.2, 0.59, 0.6)]
        [1, 1, 2, 2, None]
    """
    if share >= until:
        return None
    return 1 if 3 * share < until else 2


class Sight:
    """What of the rows of a plan a critic is shown in the course of a run.

    Args:
        plan: of the rows.
        config: resolved settings.
        random: the source of noise, and of the columns that are shown.
        device: of the rows.
    """

    def __init__(
        self, plan: StagePlan, config: TrainingConfig, *, random: torch.Generator, device: torch.device
    ) -> None:
        self._config, self._random = config, random
        self._n_features, self._n_columns = plan.n_features, len(plan.layout.columns)
        widths = torch.tensor([part.features.stop - part.features.start for part in plan.parts])
        columns = torch.tensor([part.column for part in plan.parts])
        self._columns = torch.cat([columns.repeat_interleave(widths), columns]).to(device)

    def show(self, share: float, *sides: Tensor) -> list[Tensor]:
        """Each of some sides of rows (n, f + k) as the critic is shown it.

        Args:
            share: of the adversarial steps that are over.
            sides: the features of real or made rows, and their marks of given cells; row i of one side is shown with
                the columns of row i of the others.
        """
        config, shown = self._config, list(sides)
        noise = noise_at(share, config.instance_noise, config.instance_noise_share)
        if noise > 0:
            shown = [self._blurred(rows, noise) for rows in shown]
        few = columns_at(share, config.curriculum)
        if few is not None and few < self._n_columns:
            seen = self._drawn_columns(len(shown[0]), few)
            shown = [rows * seen for rows in shown]
        return shown

    def _blurred(self, rows: Tensor, noise: float) -> Tensor:
        features = rows[:, : self._n_features]
        drawn = torch.randn(features.shape, generator=self._random, device=rows.device)
        return torch.cat([features + noise * drawn, rows[:, self._n_features :]], 1)

    def _drawn_columns(self, n: int, few: int) -> Tensor:
        """What is seen, (n, f + k): zero or one, and the same for the rows of a group that is judged together."""
        together = max(self._config.pac, self._config.minibatch_std, 1)
        luck = torch.rand(-(-n // together), self._n_columns, generator=self._random, device=self._columns.device)
        chosen = torch.zeros_like(luck).scatter_(1, luck.topk(few).indices, 1.0)
        return chosen.repeat_interleave(together, 0)[:n, self._columns]
