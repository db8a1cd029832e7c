"""Rows that are drawn otherwise than the generator would on its own, and what they weigh because of it.

Rows made forward, without given cells, are what the generator knows best about the table, and a condition means: those
of them that meet it. There are two ways to get such rows at once: cells that are given from the start, and a guide that
masks what is forbidden. Either way rows are drawn with other probabilities. A row's weight is the probability that it
should have by the one it had, and with these weights the rows stand for those of the model that meet the condition
(importance sampling; for the masks, the sequential form of Liu and Chen 1998).
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.gan.conditions import GivenRows
from tabgan.gan.drawing import Noise
from tabgan.gan.generator import Generator
from tabgan.gan.maker import drawn_from
from tabgan.gan.stages import StagePlan
from tabgan.layout import EncodedTable, Guide


class Weighed(NamedTuple):
    """Rows and their weights.

    Attributes:
        rows: n of them.
        log_weights: shape (n,), minus infinity where a row did not come out as wanted.
        failed_at: shape (n,), the column that left nothing to a row, as an index into the layout; -1 if none did.
    """

    rows: EncodedTable
    log_weights: NDArray[np.float64]
    failed_at: NDArray[np.intp]


def draw_weighed(
    generator: Generator, noise: Noise, given: GivenRows, guide: Guide | None = None, *, corrected: bool
) -> Weighed:
    """Rows that keep to given cells and to a guide.

    Args:
        generator: a trained one.
        noise: of the n rows.
        given: cells of the rows. A row whose given cells the guide forbids has no weight.
        guide: what else is wanted, for these n rows; None if nothing is.
        corrected: whether to weigh what given cells change, too. If not, rows stand for what the generator says when
            it is told the given cells from the start.
    """
    steering = _Steering(generator.plan, guide, noise, given)
    codes = generator.make(len(noise.codes), steering.choose, given.condition(generator.plan, generator.device))
    log_weights = steering.log_weights
    if corrected and given.depths.any():
        with torch.no_grad():
            log_weights = log_weights - generator.surprise(codes).cpu().double().numpy() - steering.log_chances
    if guide is not None:
        log_weights = np.where(guide.accepts(steering.rows), log_weights, -math.inf)
    return Weighed(steering.rows, log_weights, steering.failed_at)


class _Steering:
    """Chooses the codes of rows, within a guide if there is one, and keeps account of what the rows weigh.

    Attributes:
        rows: the n rows, as far as they are made.
        log_weights: shape (n,), as in `Weighed`, of the masks alone.
        failed_at: shape (n,), as in `Weighed`.
        log_chances: shape (n,), the logarithms of the probabilities of the codes drawn so far, before any mask.
    """

    def __init__(self, plan: StagePlan, guide: Guide | None, noise: Noise, given: GivenRows) -> None:
        layout = plan.layout
        self._plan, self._guide, self._noise = plan, guide, noise.codes
        self._columns = frozenset(() if guide is None else guide.columns)
        self._given, self._value_given = given.codes_given(layout), given.values_given(layout)
        self._made: NDArray[np.bool_] = np.all(self._given, axis=0)
        values = noise.values.cpu().numpy().astype(np.float32)
        values = np.where(self._value_given, given.cells.values, values)
        self.rows = EncodedTable(np.where(self._given, given.cells.codes, 0).astype(layout.code_dtype), values)
        self.log_weights, self.log_chances = np.zeros(len(given)), np.zeros(len(given))
        self.failed_at = np.full(len(given), -1, np.intp)

    def choose(self, place: int, logits: Tensor) -> Tensor:
        part = self._plan.parts[place]
        narrowed = self._narrow(part.code, logits) if part.column in self._columns else logits
        drawn = drawn_from(narrowed, self._noise[:, place])
        chances = logits.log_softmax(1).gather(1, drawn.unsqueeze(1)).squeeze(1)
        given = self._given[:, part.code]
        self.log_chances += np.where(given, 0, chances.cpu().double().numpy())
        np.copyto(self.rows.codes[:, part.code], drawn.cpu().numpy(), where=~given, casting="unsafe")
        self._made[part.code] = True
        if part.column in self._columns and part.code + 1 == self._plan.layout.code_slices[part.column].stop:
            self._place_value(part.column)
        return drawn

    def _narrow(self, code: int, logits: Tensor) -> Tensor:
        """The logits of what is allowed; where nothing is, those of all, so that the row can go on without weight."""
        if self._guide is None:
            return logits
        allowed = np.broadcast_to(self._guide.allowed(code, self.rows, self._made), logits.shape)
        masked = torch.where(torch.tensor(allowed, device=logits.device), logits, -math.inf)
        left = masked.logsumexp(1) - logits.logsumexp(1)
        own = np.take_along_axis(allowed, self.rows.codes[:, code : code + 1].astype(np.intp), 1)[:, 0]
        given, column = self._given[:, code], self._plan.layout.code_columns[code]
        self._weigh(column, np.where(given, np.where(own, 0, -math.inf), left.cpu().double().numpy()))
        return torch.where((left > -math.inf).unsqueeze(1), masked, logits)

    def _place_value(self, column: int) -> None:
        """Draws the value of a column within its places."""
        layout = self._plan.layout
        if self._guide is None or not layout.columns[column].has_value:
            return
        own = layout.value_slices[column].start
        low, high, ways = self._guide.places(column, self.rows, self._made)
        drawn = ~self._value_given[:, own]
        values = self.rows.values[:, own]
        np.copyto(values, low + (high - low) * (values + 1) / 2, where=drawn, casting="same_kind")
        # A place without a width is the number of a cell that holds a single one: all of the cell.
        share = ways * np.where(high > low, (high - low) / 2, high == low)
        with np.errstate(divide="ignore"):
            self._weigh(column, np.where(drawn, np.log(share), 0))

    def _weigh(self, column: int, log_share: NDArray[np.float64]) -> None:
        """Takes account of the share (n,) of its probability that a column has left to each row."""
        self.failed_at[np.isneginf(log_share) & (self.failed_at < 0)] = column
        self.log_weights += log_share
