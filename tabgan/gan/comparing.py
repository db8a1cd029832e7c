"""How near what a generator draws is to rows that it never learnt, so that several generators can be compared.

All are measured with the same rows held out and the same noise, after training and not at its looks: the best of many
looks owes it to chance, in part, that it is the best. The rows held out choose among generators, so the figures of the
one chosen flatter it a little; rows that took no part in any choice say how good it is.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan import rng
from tabgan.errors import ConfigError
from tabgan.gan.config import TrainingConfig
from tabgan.gan.generator import Generator
from tabgan.gan.history import TrainingStats
from tabgan.gan.learnt_rows import LearntRows
from tabgan.gan.probing import PROBED
from tabgan.gan.watching import MIN_HELD_OUT, rows_to_hold_out
from tabgan.gan.yardstick import Figures, Yardstick, distance, drawn_from_most
from tabgan.layout import EncodedTable, Layout

DRAWN = 4_000
"""Rows drawn of each generator."""
_BLOCK = 500


@dataclass(frozen=True)
class Comparison:
    """How near drawn rows are to rows held out.

    Attributes:
        distance: the mean of Shape and Trend, each as a multiple of what real rows get; about 1 is best. By this
            generators are chosen: detection is known to 0.02 or so, of some hundred rows, this to a few hundredths.
        surprise: minus the log likelihood of a row held out, in nats.
        shape: total variation distance of the shares of single codes, as the mean of all, in [0, 1].
        trend: the same of pairs of columns; None for a single column.
        detection: area under the ROC curve of a quick classifier of drawn rows and rows held out; 0.5 is best. None
            where too few rows are held out for it.
    """

    distance: float
    surprise: float
    shape: float
    trend: float | None
    detection: float | None


class Comparer:
    """Rows held out, and noise to draw with.

    Args:
        table: all rows, encoded.
        layout: of the table.
        config: whose share of rows is held out.
        seed: names the split, as a trainer's `split_seed` does, and the noise.

    Raises:
        ConfigError: if so few rows are held out that they would tell nothing.
    """

    def __init__(self, table: EncodedTable, layout: Layout, config: TrainingConfig, *, seed: int) -> None:
        require_held_out(len(table), config)
        held_out = rows_to_hold_out(len(table), config.holdout, rng.generator(seed, "rows held out"))
        self._codes, self._seed = table.codes[held_out], seed
        known = LearntRows(table.codes, held_out).spread(drawn_from_most(layout.n_codes))
        random = rng.generator(seed, "rows for the floor")
        self._yardstick = Yardstick(layout, known, self._codes, drawn=DRAWN, random=random)

    @torch.no_grad()
    def compare(self, generator: Generator) -> Comparison:
        """The figures of a generator."""
        plan = generator.plan
        found = self._yardstick.measure(plan.restore(self._draw(generator)))
        apart = distance(found, self._yardstick.floors)
        assert apart is not None, "rows held out give a Shape"
        assert found.held_out_shape is not None, "likewise"
        codes = torch.from_numpy(plan.arrange(self._codes).astype(np.int64)).to(generator.device)
        surprise = float(generator.surprise(codes).mean())
        return Comparison(apart, surprise, found.held_out_shape, found.held_out_trend, found.detection)

    @property
    def error(self) -> float:
        """The standard error of a distance by the chance of the rows that are drawn."""
        return self._yardstick.floors["distance"].error

    @property
    def look_error(self) -> float:
        """The same at a look of training, where fewer rows are drawn."""
        return self.error * math.sqrt(DRAWN / PROBED)

    def distance(self, stats: TrainingStats) -> float | None:
        """The distance at a look of training; None where nothing was measured."""
        if stats.held_out_shape is None:
            return None
        look = Figures(held_out_shape=stats.held_out_shape, held_out_trend=stats.held_out_trend)
        return distance(look, self._yardstick.floors)

    def _draw(self, generator: Generator) -> NDArray[np.int64]:
        """Codes (n, k) in the order of the plan."""
        device = generator.device
        random = torch.Generator(device).manual_seed(rng.derive_seed(self._seed, "noise to compare with"))
        noise = torch.rand(DRAWN, generator.plan.layout.n_codes, generator=random, device=device)
        blocks = (noise[start : start + _BLOCK] for start in range(0, DRAWN, _BLOCK))
        return np.concatenate([generator.draw(block).cpu().numpy() for block in blocks])


def require_held_out(n_rows: int, config: TrainingConfig) -> None:
    """Refuse settings that hold out too few rows of a table to compare generators by.

    Raises:
        ConfigError: saying what to change.
    """
    if round(config.holdout * n_rows) >= MIN_HELD_OUT:
        return
    needed = math.ceil(100 * (MIN_HELD_OUT + 0.5) / max(n_rows, 1)) / 100
    remedy = f"set holdout to {needed:g}" if needed <= 0.5 else "learn a larger table"
    raise ConfigError(
        f"expected at least {MIN_HELD_OUT} rows held out to compare models by, got {round(config.holdout * n_rows)} of "
        f"{n_rows:,} rows with holdout {config.holdout:g}; {remedy}"
    )
