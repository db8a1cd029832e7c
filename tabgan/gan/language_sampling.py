"""Texts from a trained language model: a row's text follows from its features and from its own noise alone.

Each token is drawn by inversion: the row's next uniform number points at a place in the cumulative distribution. The
arithmetic is done in double precision, so that the order of additions, which differs with the number of rows that are
made together, all but never changes which token a number points at. So a row has the same text among ten rows as among
a million.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.gan.language import END, LanguageModel

BATCH = 1_024
"""Rows written together, at most."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How tokens are chosen among those that the model finds likely.

    Attributes:
        temperature: below 1, likely tokens become likelier.
        least: tokens of less probability are never drawn, if there are others.
    """

    temperature: float = 1.0
    least: float = 0.0005


class Writer:
    """A model that is ready to write.

    Args:
        model: a trained one; it is not changed.
        limit: tokens of a row, at most, with those that end its texts.
        choice: of tokens; None takes the defaults.
    """

    def __init__(self, model: LanguageModel, limit: int, choice: Choice | None = None) -> None:
        device = next(model.parameters()).device
        # Apple's devices have no double precision.
        self._model = copy.deepcopy(model).to("cpu" if device.type == "mps" else device, torch.float64).eval()
        self.limit, self._choice = limit, choice or Choice()

    @torch.no_grad()
    def write(self, features: Tensor, noise: NDArray[np.float64]) -> list[NDArray[np.int64]]:
        """The tokens of each row, one for the end of each text among them.

        Args:
            features: shape (n, f), of the rows.
            noise: shape (n, limit), uniform on [0, 1).
        """
        return [row for part in _parts(len(features)) for row in self._write(features[part], noise[part])]

    def _write(self, features: Tensor, noise: NDArray[np.float64]) -> list[NDArray[np.int64]]:
        model, n = self._model, len(features)
        place = model.tokens.device
        written = np.full((n, self.limit), END, np.int64)
        lengths = np.full(n, self.limit)
        rows = torch.arange(n, device=place)
        uniform = torch.from_numpy(np.ascontiguousarray(noise.T)).to(place)
        context = model.context(features.to(place, torch.float64))
        reminder, state = model.remind(context), model.first_state(context)
        codes, columns, length = (torch.zeros(n, dtype=torch.int64, device=place) for _ in range(3))
        for step in range(self.limit):
            aims, state = model.step(model.entry(codes, columns, length, reminder), state)
            codes = self._draw(aims, uniform[step, rows])
            written[rows.cpu().numpy(), step] = codes.cpu().numpy()
            columns = columns + (codes == END)
            length = torch.where(codes == END, 0, length + model.sizes[codes])
            going = columns < model.shape.n_columns
            if not bool(going.all()):
                lengths[rows[~going].cpu().numpy()] = step + 1
                rows, codes, columns, length, reminder, state = (
                    part[going] for part in (rows, codes, columns, length, reminder, state)
                )
            if not len(rows):
                break
        return [row[:length] for row, length in zip(written, lengths, strict=True)]

    def _draw(self, aims: Tensor, uniform: Tensor) -> Tensor:
        """The tokens (n,) at which uniform numbers (n,) point."""
        model = self._model
        front = self._shares(model.frequent_logits(aims), 1.0)
        codes, places = _invert(front, uniform)
        rare = (codes == model.n_frequent).nonzero().squeeze(1)
        if len(rare):
            least = 1 / front[rare, -1:]
            behind = self._shares(model.rare_logits(aims[rare]), least)
            codes[rare] += _invert(behind, places[rare])[0]
        return codes

    def _shares(self, logits: Tensor, scale: Tensor | float) -> Tensor:
        """Probabilities (n, u) to draw from; `scale` turns the least probability into one of these."""
        shares = (logits / self._choice.temperature).softmax(1)
        if not self._choice.least:
            return shares
        floor = shares.amax(1, keepdim=True).clamp(max=self._choice.least * scale)
        return torch.where(shares < floor, 0.0, shares)


def _parts(n: int) -> Iterator[slice]:
    return (slice(start, min(start + BATCH, n)) for start in range(0, n, BATCH))


def _invert(shares: Tensor, uniform: Tensor) -> tuple[Tensor, Tensor]:
    """Categories (n,) drawn from `shares` (n, u), and where in its category each number lies, again uniform."""
    ends = shares.cumsum(1)
    aim = uniform * ends[:, -1]
    codes = torch.searchsorted(ends, aim[:, None], right=True).squeeze(1).clamp(max=shares.shape[1] - 1)
    own = shares.gather(1, codes[:, None]).squeeze(1)
    start = ends.gather(1, codes[:, None]).squeeze(1) - own
    return codes, ((aim - start) / own).clamp(0, 1)
