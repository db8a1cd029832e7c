"""Weights of one generator in another whose units mean the same in part.

Weights belong to categories: each has a row of the entries, a row of its stage's exit and a bias, a row and a column of
the direct maps. So they go over one by one, from the category that stands for the same in the other layout. A category
that is new begins as the average of its column; a column that is new begins as in a fresh generator, but without a say
in the others. A number keeps the score that it had, and beyond the known ones scores go on as they do in the new table.

Letters: u units of a part, f features; nodes are categories together with the ones before them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tabgan.gan.generator import Generator, Head
from tabgan.gan.stages import Part
from tabgan.layout import Partners

_LEAST = 1e-6  # rows: a category that no row holds still has a partner, and an average its members


@torch.no_grad()
def transfer_weights(
    generator: Generator,
    other: Generator,
    partners: Sequence[Partners | None],
    codes: NDArray[np.unsignedinteger],
) -> None:
    """Set the weights of a generator that has started to those of another one, as far as units correspond.

    Args:
        generator: whose plan is the one of `plan_after`.
        other: with heads of the same widths.
        partners: of each code of the generator's layout.
        codes: rows of the new table, in the order of the generator's plan, shape (n, k).
    """
    matches = _matches(generator, other, partners, codes)
    for place, match in enumerate(matches):
        entry = generator.entries[place]
        entry.copy_(torch.zeros_like(entry) if match is None else match.carry_features(other.entries[match.place]))
        if match is not None and match.part.scored and match.other.scored:
            own = generator.features.get_buffer(f"scores_{place}")
            known = other.features.get_buffer(f"scores_{match.place}")
            ordered = generator.plan.layout.columns[match.part.column].ordered
            own.copy_(_scores(match, ordered, own.double().numpy(), known.double().numpy()))
    _transfer_heads(generator, other, matches)


def _matches(
    generator: Generator,
    other: Generator,
    partners: Sequence[Partners | None],
    codes: NDArray[np.unsignedinteger],
) -> "list[_Match | None]":
    """What each part of the generator's plan corresponds to, None for those that are new."""
    places = {part.code: place for place, part in enumerate(other.plan.parts)}
    found: list[_Match | None] = []
    for place, part in enumerate(generator.plan.parts):
        partner = partners[part.code]
        if partner is None:
            found.append(None)
            continue
        there = places[partner.code]
        size_before = 1 if part.previous is None else generator.plan.parts[part.previous].size
        frequencies = _frequencies(part, codes, place, size_before)
        found.append(_Match(part, other.plan.parts[there], there, partner, frequencies))
    return found


@dataclass(frozen=True, eq=False)
class _Match:
    """A part of the new plan and the one that it corresponds to.

    Attributes:
        part: of the new plan.
        other: of the other plan.
        place: of `other` in its plan.
        partners: what corresponds.
        frequencies: of the part's nodes in the new table, shape (size before, size).
    """

    part: Part
    other: Part
    place: int
    partners: Partners
    frequencies: NDArray[np.float64]

    @cached_property
    def chosen(self) -> NDArray[np.int64]:
        """The other category of each category, shape (u,), by most of its rows; -1 for those that are new."""
        known = self.partners.other >= 0
        own, theirs = self.partners.own[known], self.partners.other[known]
        rows = self.frequencies[self.partners.before[known], own]
        pairs, number = np.unique(np.stack([own, theirs], 1), axis=0, return_inverse=True)
        order = np.argsort(np.bincount(number.ravel(), rows, len(pairs)), kind="stable")
        found = np.full(self.part.size, -1)
        found[pairs[order, 0]] = pairs[order, 1]
        return found

    @property
    def follows(self) -> bool:
        """Whether both parts follow another code of their columns."""
        return self.part.previous is not None and self.other.previous is not None

    def carry(self, values: Tensor) -> Tensor:
        """What the other categories have, shape (other u, ...), for the new ones (u, ...): new ones get the average."""
        known = self.chosen >= 0
        if not known.any():
            return values.new_zeros(self.part.size, *values.shape[1:])
        carried = values[torch.from_numpy(np.where(known, self.chosen, 0))]
        shares = torch.from_numpy(self.frequencies.sum(0)[known] + _LEAST).to(values.dtype)
        average = torch.tensordot(shares / shares.sum(), carried[torch.from_numpy(known)], 1)
        carried[torch.from_numpy(~known)] = average
        return carried

    def carry_features(self, values: Tensor) -> Tensor:
        """The same of features, the score of a number included."""
        carried = self.carry(values[: self.other.size])
        if not self.part.scored:
            return carried
        score = values[self.other.size :] if self.other.scored else torch.zeros_like(carried[:1])
        return torch.cat([carried, score])


def _frequencies(part: Part, codes: NDArray[np.unsignedinteger], place: int, size_before: int) -> NDArray[np.float64]:
    """How often each node of a part occurs in rows, shape (size before, size)."""
    before = np.zeros(len(codes), np.int64) if part.previous is None else codes[:, part.previous].astype(np.int64)
    found = np.bincount(before * part.size + codes[:, place], minlength=size_before * part.size)
    return found.reshape(size_before, part.size).astype(np.float64)


def _scores(match: _Match, ordered: int, scores: NDArray[np.float64], known_scores: NDArray[np.float64]) -> Tensor:
    """The scores of a part's nodes as the other generator knows them, shape (size before, size).

    Between nodes that it knows, those of new nodes follow the new table's scores; and so they do beyond them, where
    many nodes correspond to the last that it knows.

    Args:
        match: of the part.
        ordered: how many categories of the column's first code have an order.
        scores: of the new table.
        known_scores: of the other generator.
    """
    partners = match.partners
    first = match.part.previous is None
    inside = (partners.own if first else partners.before) < ordered
    before, own, other_before, other = (
        numbers[inside] for numbers in (partners.before, partners.own, partners.other_before, partners.other)
    )
    new, old = scores[before, own], np.where(other < 0, np.nan, known_scores[other_before, other])
    for end, nearest in ((known_scores.min(), np.max), (known_scores.max(), np.min)):
        tied = old == end
        if tied.any():
            old[tied & (new != nearest(new[tied]))] = np.nan
    known = np.isfinite(old)
    found = scores.copy()
    if known.any():
        order = np.argsort(new[known], kind="stable")
        x, y = new[known][order], old[known][order]
        guess = np.interp(new, x, y) + np.minimum(new - x[0], 0) + np.maximum(new - x[-1], 0)
        found[before, own] = np.where(known, old, guess)
    return torch.from_numpy(found).float()


def _transfer_heads(generator: Generator, other: Generator, matches: Sequence[_Match | None]) -> None:
    """Set the stages' own layers and the direct maps."""
    stage_of = [number for number, own in enumerate(other.plan.stage_parts) for _ in range(own.start, own.stop)]
    directs = all(head.direct is not None for head in (*generator.stage_heads(), *other.stage_heads()))
    for head, stage in zip(generator.stage_heads(), generator.plan.stage_parts, strict=True):
        known = [match for match in matches[stage] if match is not None]
        if not known:
            continue
        number = stage_of[known[0].place]
        source = other.stage_heads()[number]
        begin = other.plan.parts[other.plan.stage_parts[number].start].units.start
        columns = [slice(match.other.units.start - begin, match.other.units.stop - begin) for match in known]
        _transfer_head(head, source, known, columns)
        if directs:
            _transfer_direct(head, source, known, columns, matches)
            begins = (generator.plan.parts[stage.start].units.start, begin)
            for match in (match for match in known if match.follows):
                parts = (generator.plan.parts, other.plan.parts)
                _transfer_pairs(head, source, match, begins, parts)


def _transfer_head(head: Head, other: Head, matches: Sequence[_Match], columns: Sequence[slice]) -> None:
    """Set the layer of a stage.

    Args:
        head: of the stage.
        other: of the stage that it corresponds to.
        matches: of the parts of the stage, in order.
        columns: what each of them has of the other stage's units.
    """
    own = ("exit.", "direct")
    head.load_state_dict({k: v for k, v in other.state_dict().items() if not k.startswith(own)}, strict=False)
    for mine, theirs in ((head.exit.weight, other.exit.weight), (head.exit.bias, other.exit.bias)):
        mine.copy_(torch.cat([match.carry(theirs[own]) for match, own in zip(matches, columns, strict=True)]))


def _transfer_direct(
    head: Head, other: Head, matches: Sequence[_Match], columns: Sequence[slice], before: Sequence[_Match | None]
) -> None:
    """Set the direct map of a stage, from all features to its units.

    Args:
        head: of the stage.
        other: of the stage that it corresponds to.
        matches: of the parts of the stage, in order.
        columns: what each of them has of the other stage's units.
        before: of all parts, None for those that are new.
    """
    assert head.direct is not None  # there are direct maps on both sides
    assert other.direct is not None
    head.direct.zero_()
    for row in (row for row in before if row is not None):
        carried = row.carry_features(other.direct[row.other.features])
        parts = [match.carry(carried[:, own].T).T for match, own in zip(matches, columns, strict=True)]
        head.direct[row.part.features] = torch.cat(parts, 1)


def _transfer_pairs(
    head: Head, other: Head, match: _Match, begins: tuple[int, int], plans: tuple[Sequence[Part], Sequence[Part]]
) -> None:
    """Set how much more likely a category is after each one before it, where that is known of the pair.

    Args:
        head: of the part's stage.
        other: of the stage that it corresponds to.
        match: of the part.
        begins: the first unit of each of the two stages.
        plans: the parts of each of the two plans.
    """
    assert head.direct is not None  # there are direct maps on both sides
    assert other.direct is not None
    known = match.partners.other >= 0
    before, own, other_before, theirs = (
        torch.from_numpy(nodes[known])
        for nodes in (match.partners.before, match.partners.own, match.partners.other_before, match.partners.other)
    )
    rows, columns = [], []
    for part, plan, begin, first, second in (
        (match.part, plans[0], begins[0], before, own),
        (match.other, plans[1], begins[1], other_before, theirs),
    ):
        assert part.previous is not None  # it follows another code
        rows.append(first + plan[part.previous].features.start)
        columns.append(second + part.units.start - begin)
    chosen = torch.from_numpy(match.chosen)[own] + match.other.units.start - begins[1]
    more = other.exit.bias[columns[1]] - other.exit.bias[chosen]
    head.direct[rows[0], columns[0]] = other.direct[rows[1], columns[1]] + more
