"""Which columns determine which others: functional dependencies, exact or exact but for a few rows.

A column A determines B if (nearly) each category of A goes with one category of B. That this is no chance is judged
against independence: with the counts of A and the shares of B as they are, how likely is it that all categories of A go
with a single one of B? A nearly constant B, or an A whose categories hardly ever repeat, make it likely, and then they
prove nothing. Columns are plain whole numbers here; a missing cell is a category like any other.

Letters in shapes: n rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams

MAX_CODE = 256
"""A column with more categories than this is no level of a hierarchy."""
MIN_EVIDENCE = 30.0
"""What holds in all rows is a rule if it would do so by chance with a probability below exp(-30)."""
_MAX_EXTRA_PAIRS = 0.01
_FEW_EXTRA_PAIRS, _FEW_BY_CHANCE = 5, 0.05
_MAX_VIOLATING_ROWS = 0.001
_MIN_REPEATS = 3
_COARSER = 2 / 3
_SCREEN_ROWS, _FEW_ROWS = 20_000, 64
_SCREENED_BY_VALUE = 1_000
_SCREEN_SLACK = 5
_MAX_DENSE = 8

Number = TypeVar("Number", float, NDArray[Any])


@dataclass(frozen=True, eq=False)
class Coded:
    """A column as whole numbers.

    Attributes:
        codes: shape (n,), each at least 0 and below `size`.
        size: the number of categories, each of which occurs.
    """

    codes: NDArray[np.int32]
    size: int

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How often each category occurs, shape (size,)."""
        return np.bincount(self.codes, minlength=self.size)


@dataclass(frozen=True)
class Group:
    """Columns that follow from one of them; all are indices of columns.

    Attributes:
        leaf: the column that determines all others.
        levels: from coarse to fine, each determined by the next one and the last by the leaf; may be empty.
        others: whatever else the leaf determines, or is determined by it and determines it.
    """

    leaf: int
    levels: tuple[int, ...]
    others: tuple[int, ...]


def find_groups(columns: Sequence[Coded], names_things: Sequence[bool]) -> tuple[Group, ...]:
    """Disjoint groups of columns that follow from one of them, the finest determinants first.

    Args:
        columns: the columns of a table, all of n rows.
        names_things: of each column, whether it may determine others and be a level; numbers and times may only follow.
    """
    found = find_dependencies(columns, names_things)
    taken: set[int] = set()
    groups = []
    for leaf in sorted({a for a, _ in found}, key=lambda a: (-columns[a].size, a)):
        members = [b for b in range(len(columns)) if (leaf, b) in found and b not in taken]
        if leaf in taken or not members:
            continue
        levels = _chain(leaf, [b for b in members if names_things[b]], columns, found)
        groups.append(Group(leaf, levels, tuple(b for b in members if b not in levels)))
        taken.update((leaf, *members))
    return tuple(groups)


def _chain(
    leaf: int, members: Sequence[int], columns: Sequence[Coded], found: frozenset[tuple[int, int]]
) -> tuple[int, ...]:
    """The finest column that is really coarser than the leaf, then one coarser than that; from coarse to fine."""
    chain: list[int] = []
    below = leaf
    while True:
        limit = min(_COARSER * columns[below].size, MAX_CODE)
        coarser = [b for b in members if (below, b) in found and 2 <= columns[b].size <= limit]
        if not coarser:
            return tuple(reversed(chain))
        below = max(coarser, key=lambda b: (columns[b].size, -b))
        chain.append(below)


def find_dependencies(columns: Sequence[Coded], names_things: Sequence[bool]) -> frozenset[tuple[int, int]]:
    """All pairs (a, b) of indices such that column a determines column b; see `find_groups`."""
    found = set()
    screen = _FewRows.of(columns)
    for a, determinant in enumerate(columns):
        n = len(determinant.codes)
        if not names_things[a] or determinant.size < 2 or determinant.size * _MIN_REPEATS > n:
            continue
        rows = _screen_rows(determinant)
        screened = determinant.codes[rows]
        n_screened = len(np.unique(screened))
        for b in screen.candidates(a):
            other = columns[b]
            # Rows only ever add pairs, and independence gives no more than all pairs, or one for each row.
            most = _most_extra(min(determinant.size * (other.size - 1), n))
            usual = _SCREEN_SLACK + 2 * _MAX_VIOLATING_ROWS * len(rows)
            extra = len(_pairs(screened, other.codes[rows], other.size)[0]) - n_screened
            if extra <= min(most, usual) and determines(determinant, other):
                found.add((a, b))
    return frozenset(found)


def _most_extra(by_chance: Number) -> Number:
    """How many pairs more than categories a dependency may have, where chance would give `by_chance`."""
    few = np.minimum(_FEW_EXTRA_PAIRS, _FEW_BY_CHANCE * by_chance)
    most: Number = np.maximum(_MAX_EXTRA_PAIRS * by_chance, few)
    return most


@dataclass(frozen=True, eq=False)
class _FewRows:
    """The same few rows of all columns, which rule out nearly all pairs of columns at once.

    Attributes:
        n: rows of a whole column.
        codes: shape (m, r).
        sizes: of each column, shape (m,).
    """

    n: int
    codes: NDArray[np.int64]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, columns: Sequence[Coded]) -> "_FewRows":
        n = len(columns[0].codes) if columns else 0
        rows = np.linspace(0, n - 1, min(n, _FEW_ROWS)).astype(np.intp)
        codes = np.array([column.codes[rows] for column in columns], np.int64).reshape(len(columns), len(rows))
        return cls(n, codes, np.array([column.size for column in columns], np.int64))

    def candidates(self, a: int) -> list[int]:
        """The columns that column `a` may determine, as far as these rows tell."""
        size = int(self.sizes[a])
        fits = (self.sizes >= 2) & (self.sizes <= (1 + _MAX_EXTRA_PAIRS) * size)
        fits[a] = False
        others = np.flatnonzero(fits)
        keys = np.sort(self.codes[a] * (self.sizes.max(initial=0) + 1) + self.codes[others], axis=1)
        n_pairs = 1 + (keys[:, 1:] != keys[:, :-1]).sum(1)
        by_chance = np.minimum(size * (self.sizes[others] - 1), self.n)
        found: list[int] = others[n_pairs - len(np.unique(self.codes[a])) <= _most_extra(by_chance)].tolist()
        return found


def _screen_rows(determinant: Coded) -> NDArray[np.intp]:
    """Some rows that show whether pairs are worth counting in all of them.

    Of a column with many categories, all rows of a few of them: in single rows of many, none would repeat.
    """
    n = len(determinant.codes)
    if n <= _SCREEN_ROWS:
        return np.arange(n)
    random = streams.generator(0, "relations")
    if determinant.size < _SCREENED_BY_VALUE:
        return random.choice(n, _SCREEN_ROWS, replace=False)
    order = random.permutation(determinant.size)
    n_chosen = max(int(np.searchsorted(np.cumsum(determinant.counts[order]), _SCREEN_ROWS)), 1)
    chosen = np.zeros(determinant.size, np.bool_)
    chosen[order[:n_chosen]] = True
    return np.flatnonzero(chosen[determinant.codes])[: 2 * _SCREEN_ROWS]


def determines(a: Coded, b: Coded) -> bool:
    """Whether `a` determines `b`, but for at most 0.1 % of the rows, and not by chance."""
    keys, counts = _pairs(a.codes, b.codes, b.size)
    expected = _expectation(a.counts, b.counts)
    if expected.evidence < MIN_EVIDENCE or len(keys) - a.size > _most_extra(expected.extra_pairs):
        return False
    starts = np.flatnonzero(np.diff(keys // b.size, prepend=-1))
    violating = len(a.codes) - int(np.maximum.reduceat(counts, starts).sum())
    return violating <= _MAX_VIOLATING_ROWS * len(a.codes)


def _pairs(a: NDArray[np.int32], b: NDArray[np.int32], b_size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct pairs as ascending numbers a * b_size + b, and how often each occurs."""
    keys = a.astype(np.int64) * b_size + b
    largest = int(keys.max(initial=0))
    if largest > _MAX_DENSE * len(keys):
        return np.unique(keys, return_counts=True)
    counts = np.bincount(keys)
    distinct = np.flatnonzero(counts)
    return distinct, counts[distinct]


@dataclass(frozen=True)
class _Expectation:
    """What independence would give.

    Attributes:
        extra_pairs: how many more distinct pairs than categories of the first column.
        evidence: minus the logarithm of the chance that there are none.
    """

    extra_pairs: float
    evidence: float


def _expectation(a_counts: NDArray[np.int64], b_counts: NDArray[np.int64]) -> _Expectation:
    """What independence would give for columns with such counts, of shapes (a,) and (b,)."""
    drawn, n_drawn = np.unique(a_counts, return_counts=True)
    weights, n_weights = np.unique(b_counts, return_counts=True)
    logs = np.log(weights / b_counts.sum())
    largest = logs.max()
    met = -np.expm1(drawn[:, None] * np.log1p(-np.exp(np.minimum(logs, -1e-12))))
    extra = (met @ n_weights - 1) @ n_drawn
    pure = np.log(np.exp(drawn[:, None] * (logs - largest)) @ n_weights) + drawn * largest
    return _Expectation(float(extra), float(-(pure @ n_drawn)))
