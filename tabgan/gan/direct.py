"""The direct map from the features of finished cells to the logits of a stage, for rows that are made without gradient.

Of a cell's features one is 1, and of a number's its score another: so the map is a sum of rows of its weights, looked
up. Where cells have but a few categories each, a product with a buffer of features is quicker: a look-up costs as much
as some ten features of a product.
"""

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from tabgan.gan.features import Features

_WIDE = 10
"""Features for each part from which on looking up is quicker."""


class DirectMap(Protocol):
    """Room for what n rows have of finished cells, and the map from that."""

    def clear(self) -> None:
        """Begin new rows, in which nothing is finished."""
        ...

    def see(self, place: int, codes: Tensor, score: Tensor | None, given: Tensor | None = None) -> None:
        """Take the codes (n,) and the scores (n,) of a part; `given` (n,) says of which rows, None of all."""
        ...

    def add_to(self, logits: Tensor, weights: Tensor, seen: int, whole: bool) -> None:
        """Add what comes from the first `seen` parts to `logits` (n, u), in place.

        Args:
            logits: of a stage.
            weights: shape (f, u).
            seen: number of parts.
            whole: whether all of them are finished in all rows.
        """
        ...


def direct_map(features: Features, n: int) -> DirectMap:
    """Room for `n` rows of a plan, of the kind that is quicker for it, where its features are."""
    wide = features.width >= _WIDE * len(features.parts)
    return Lookups(features, n) if wide else Products(features, n)


class Lookups:
    """Holds which rows of the weights to add up."""

    def __init__(self, features: Features, n: int) -> None:
        parts, device = features.parts, features.ends.device
        self._starts, self._nothing = [part.features.start for part in parts], features.width
        self._rows = torch.empty(n, len(parts), dtype=torch.int64, device=device)
        scored = [place for place, part in enumerate(parts) if part.scored]
        self._scored = {place: column for column, place in enumerate(scored)}
        self._n_scored = [sum(place < seen for place in scored) for seen in range(len(parts) + 1)]
        self._score_rows = features.ends
        self._scores = torch.empty(n, len(scored), device=device)
        self._bags = torch.arange(n, device=device)

    def clear(self) -> None:
        """See `DirectMap`."""
        self._rows.fill_(self._nothing)
        self._scores.zero_()

    def see(self, place: int, codes: Tensor, score: Tensor | None, given: Tensor | None = None) -> None:
        """See `DirectMap`."""
        rows = codes + self._starts[place]
        self._rows[:, place] = rows if given is None else torch.where(given, rows, self._nothing)
        if score is not None:
            self._scores[:, self._scored[place]] = score if given is None else score.masked_fill(~given, 0)

    def add_to(self, logits: Tensor, weights: Tensor, seen: int, whole: bool) -> None:
        """See `DirectMap`."""
        table = weights if whole else F.pad(weights, (0, 0, 0, 1))
        logits += torch.embedding_bag(table, self._rows[:, :seen].reshape(-1), self._bags * seen)[0]
        if scored := self._n_scored[seen]:
            logits.addmm_(self._scores[:, :scored], weights.index_select(0, self._score_rows[:scored]))


class Products:
    """Holds features."""

    def __init__(self, features: Features, n: int) -> None:
        self._slices = [part.features for part in features.parts]
        self._features = torch.empty(n, features.width, device=features.ends.device)

    def clear(self) -> None:
        """See `DirectMap`."""
        self._features.zero_()

    def see(self, place: int, codes: Tensor, score: Tensor | None, given: Tensor | None = None) -> None:
        """See `DirectMap`."""
        own = self._features[:, self._slices[place]]
        ones = torch.ones_like(codes, dtype=own.dtype) if given is None else given.to(own.dtype)
        own.scatter_(1, codes.unsqueeze(1), ones.unsqueeze(1))
        if score is not None:
            own[:, -1] = score if given is None else score.masked_fill(~given, 0)

    def add_to(self, logits: Tensor, weights: Tensor, seen: int, whole: bool) -> None:
        """See `DirectMap`."""
        stop = self._slices[seen - 1].stop
        logits.addmm_(self._features[:, :stop], weights[:stop])
