"""Rules are checked once a row is there, and rows that break one are drawn again.

Nearly all rules hold by the way rows are made, so that nothing is drawn again. What is left are functions that the user
wrote, rows that shall differ from each other in several columns, and rules that are entangled with others. How many
rows meet them is watched, so that rules that hardly any row meets end in an error that says so, and not in waiting.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import ConditionError
from tabgan.table import arrays
from tabgan.table.constraints import Combinations, Constraint, Predicate, Unique

LIMIT_S = 600.0
"""How long drawing and checking rows for a sample may take; what is done with them meanwhile does not count."""
MOST_TRIED = 1 << 18
"""So many rows without a single one that meets the rules are enough."""


@dataclass(frozen=True)
class Rejection:
    """Rules to check.

    Attributes:
        rules: what rows shall be, each by itself.
        unique: columns in whose cells, taken together, rows shall differ.
    """

    rules: tuple[Constraint, ...]
    unique: tuple[Unique, ...]

    @classmethod
    def of(cls, constraints: Sequence[Constraint]) -> "Rejection | None":
        """The constraints that can be checked in rows; None if there are none such."""
        rules = tuple(rule for rule in constraints if not isinstance(rule, Unique | Combinations))
        unique = tuple(rule for rule in constraints if isinstance(rule, Unique))
        return cls(rules, unique) if rules or unique else None

    @property
    def one_by_one(self) -> bool:
        """Whether rows must be checked one after the other, here, and not block by block wherever they are made."""
        return bool(self.unique) or any(isinstance(rule, Predicate) for rule in self.rules)

    def holds(self, table: pa.Table) -> bool:
        """Whether each row by itself is as it shall be."""
        return not any(rule.broken(table).any() for rule in self.rules)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The columns that the rules are about; None if that cannot be told."""
        if not all(rule.names for rule in self.rules):
            return None
        return tuple(dict.fromkeys(name for rule in (*self.rules, *self.unique) for name in rule.names))

    def kept(self, tables: Iterator[pa.Table], n: int, limit_s: float = LIMIT_S) -> Iterator[NDArray[np.intp]]:
        """Which rows of each table to keep so that `n` rows meet the rules.

        Args:
            tables: rows without end.
            n: how many to keep.
            limit_s: seconds of drawing and checking after which to give up.

        Raises:
            ConditionError: if hardly any row meets them, or it takes too long; says how many do.
            SchemaError: if a predicate fails.
        """
        seen: tuple[set[bytes], ...] = tuple(set() for _ in self.unique)
        started, tried, found = time.monotonic(), 0, 0
        for table in tables:
            tried += table.num_rows
            rows = np.flatnonzero(self._holds(table, seen, n - found))
            found += len(rows)
            paused = time.monotonic()
            yield rows
            if found >= n:
                return
            started += time.monotonic() - paused
            late = time.monotonic() - started > limit_s
            if late or (not found and tried >= MOST_TRIED):
                raise ConditionError(self._scarce(n, found, tried, limit_s if late else None))

    def _holds(self, table: pa.Table, seen: tuple[set[bytes], ...], most: int) -> NDArray[np.bool_]:
        """Which rows to keep, at most so many; takes down what they hold where rows shall differ."""
        holds = np.ones(table.num_rows, np.bool_)
        for rule in self.rules:
            holds &= ~rule.broken(table)
        rows = np.flatnonzero(holds)
        prints = [_prints(table.select(rule.columns)) for rule in self.unique]
        holds[:] = False
        for row in rows.tolist():
            own = [found[row] for found in prints]
            if most and not any(one in known for one, known in zip(own, seen, strict=True)):
                for one, known in zip(own, seen, strict=True):
                    if one is not None:
                        known.add(one)
                holds[row] = True
                most -= 1
        return holds

    def _scarce(self, n: int, found: int, tried: int, limit_s: float | None) -> str:
        rules = "; ".join([*(rule.describe() for rule in self.rules), *(rule.describe() for rule in self.unique)])
        time_up = "" if limit_s is None else f" in {limit_s:g} s"
        if not found:
            return f"none of {tried:,} rows{time_up} meets {rules}: loosen the rule, or ask for other rows"
        return (
            f"expected {n:,} rows, got {found:,} out of {tried:,}{time_up} ({100 * found / tried:.3g} % meet {rules}): "
            f"ask for fewer rows, give more time, or loosen the rule"
        )


def _prints(table: pa.Table) -> list[bytes | None]:
    """What tells rows apart, of n rows; None of a row with a missing cell, which may be like any other."""
    columns = [arrays.to_cells(arrays.plain(column)) for column in table.columns]
    return [None if None in row else repr(row).encode() for row in zip(*columns, strict=True)]
