"""Keys that follow patterns: a different text for each number of a row, however many templates there are.

Templates take turns in a fixed, shuffled cycle in which each has its share, so which text a row gets can be told from
its number alone. A template that has made all that it can leaves the cycle to the others. When all have, the shapes are
kept and their characters widened (see `Template.beyond`). Templates that only tell a length are left out where they
might make a text that another one makes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table import shapes
from tabgan.table.patterns import Patterns, is_length
from tabgan.table.templates import ENOUGH, Template

_CYCLE = 1_000


@dataclass(frozen=True)
class _Stage:
    """Rows among which templates take turns.

    Attributes:
        first: the rank of the first row.
        rows: how many rows there are.
        templates: those that take turns; t of them.
        keys: a number for each template, shape (t,), that shuffles its texts together with the seed.
        used: how many texts each template had made before, shape (t,).
        cycle: the template of each row of a cycle, shape (c,).
    """

    first: int
    rows: int
    templates: tuple[Template, ...]
    keys: tuple[int, ...]
    used: tuple[int, ...]
    cycle: NDArray[np.int64]

    @cached_property
    def _before(self) -> NDArray[np.int64]:
        """How often a row's template had its turn before in the cycle, shape (c,)."""
        before = np.zeros(len(self.cycle), np.int64)
        for i in range(len(self.templates)):
            mine = self.cycle == i
            before[mine] = np.arange(mine.sum())
        return before

    def make(self, ranks: NDArray[np.int64], seed: int) -> NDArray[Any]:
        """The texts of ranks within this stage, shape (n,)."""
        texts = np.empty(len(ranks), object)
        turns, places = np.divmod(ranks - self.first, len(self.cycle))
        chosen = self.cycle[places]
        counts = np.bincount(self.cycle, minlength=len(self.templates))
        for i in np.unique(chosen).tolist():
            mine = chosen == i
            within = self.used[i] + turns[mine] * counts[i] + self._before[places[mine]]
            characters = self.templates[i].numbered(within, streams.derive_seed(seed, "keys", self.keys[i]))
            texts[mine] = shapes.from_matrix(characters)
        return texts


@dataclass(frozen=True)
class PatternKeys:
    """Texts of templates of which no two make the same text."""

    kind: ClassVar[str] = "patterns"
    patterns: Patterns

    @cached_property
    def _tiers(self) -> list[tuple[Template, ...]]:
        """Templates that take turns; those of a later tier come when all before have made what they can."""
        named = {template.length for template in self.patterns.templates if not is_length(template.name)}
        apart = tuple(
            template
            for template in self.patterns.templates
            if not is_length(template.name) or template.length not in named
        )
        if sum(template.countable for template in apart) >= ENOUGH:
            return [apart]
        return [apart, *((beyond,) for template in apart for beyond in template.beyond())]

    @cached_property
    def capacity(self) -> int:
        """How many different keys there can be."""
        return sum(template.countable for tier in self._tiers for template in tier)

    @cached_property
    def _stages(self) -> list[_Stage]:
        stages: list[_Stage] = []
        n_keys = 0
        for tier in self._tiers:
            keys = tuple(range(n_keys, n_keys + len(tier)))
            n_keys += len(tier)
            first = stages[-1].first + stages[-1].rows if stages else 0
            stages += _in_turns(tier, keys, first)
        return stages

    def make(self, ranks: NDArray[np.int64], seed: int) -> pa.Array:
        """A different text for each rank from 0 to `capacity` - 1, shape (n,)."""
        texts = np.empty(len(ranks), object)
        for stage in self._stages:
            rows = np.flatnonzero((ranks >= stage.first) & (ranks - stage.first < stage.rows))
            if len(rows):
                texts[rows] = stage.make(ranks[rows], seed)
        return pa.array(texts, pa.string())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "patterns": self.patterns.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "PatternKeys":
        """The inverse of `to_json`."""
        return cls(Patterns.from_json(data["patterns"]))


def _in_turns(tier: Sequence[Template], keys: Sequence[int], first: int) -> list[_Stage]:
    """Stages in each of which at least one template makes the last of its texts; all templates do in the end."""
    left = np.array([template.countable for template in tier])
    used = np.zeros(len(tier), np.int64)
    stages = []
    while len(alive := np.flatnonzero(left).tolist()):
        turns = np.minimum(_turns([tier[i].share for i in alive]), left[alive])
        cycles = int((left[alive] // turns).min())
        order = streams.generator(0, "cycle").permutation(np.repeat(np.arange(len(alive)), turns))
        members = tuple(tier[i] for i in alive)
        stage_keys, starts = tuple(keys[i] for i in alive), tuple(used[alive].tolist())
        stages.append(_Stage(first, cycles * len(order), members, stage_keys, starts, order))
        used[alive] += cycles * turns
        left[alive] -= cycles * turns
        first += cycles * len(order)
    return stages


def _turns(shares: Sequence[float]) -> NDArray[np.int64]:
    """How often each template has its turn in a cycle, at least once, shape (t,)."""
    if len(shares) == 1:
        return np.ones(1, np.int64)
    parts = np.array(shares) / sum(shares)
    return np.maximum(np.rint(parts * _CYCLE), 1).astype(np.int64)
