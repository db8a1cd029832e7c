"""What users write as a condition, as clauses of one column each: a mapping of values, or texts of the command line.

A clause says that a cell is one of some values, is none of them, or lies in a range. Clauses of the same column must
all hold. What the values mean for the type of a column, and whether they can occur in it, is seen in `domains`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd
import pyarrow as pa

from tabgan.errors import ConditionError, listing
from tabgan.table.cells import is_single

Where: TypeAlias = Mapping[Any, object] | str | Sequence[str]
"""A condition as users write it (see `clauses_of`)."""


@dataclass(frozen=True)
class Between:
    """In a condition: a cell from `low` to `high`, both included.

    Numbers, dates, points in time, times of day, durations, and categories that were declared in an order have ranges.

    Attributes:
        low: the least; None for no bound.
        high: the largest; None for no bound.
    """

    low: Any = None
    high: Any = None


@dataclass(frozen=True)
class Not:
    """In a condition: any cell but these, so that a missing one will do unless it is among them.

    Attributes:
        value: one value, or a list of them; None is a missing cell.
    """

    value: Any


@dataclass(frozen=True)
class Bound:
    """One end of a range.

    Attributes:
        value: as the user wrote it.
        included: whether the value itself will do.
    """

    value: Any
    included: bool = True


@dataclass(frozen=True)
class Clause:
    """What shall hold of the cells of one column: one of values, or a range.

    Attributes:
        column: its name or label.
        values: what a cell is one of; None if it lies in a range.
        negated: whether a cell is none of the values instead.
        low: the lower end of a range; None if there is none.
        high: the upper end.
    """

    column: Any
    values: tuple[Any, ...] | None = None
    negated: bool = False
    low: Bound | None = None
    high: Bound | None = None

    @property
    def said(self) -> str:
        """The clause for a message, without its column."""
        if self.values is not None:
            shown = ", ".join("missing" if value is None else repr(value) for value in self.values[:5])
            more = ", ..." if len(self.values) > 5 else ""
            if len(self.values) == 1:
                return f"{'!=' if self.negated else '='} {shown}"
            return f"{'not in' if self.negated else 'in'} ({shown}{more})"
        ends = []
        if self.low is not None:
            ends.append(f"{'>=' if self.low.included else '>'} {_said(self.low.value)}")
        if self.high is not None:
            ends.append(f"{'<=' if self.high.included else '<'} {_said(self.high.value)}")
        return " and ".join(ends)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def clauses_of(where: object, names: Sequence[str]) -> list[Clause]:
    """The clauses of a condition.

    Args:
        where: column to what is wanted of it (a value, several of which one will do, `Between` or `Not`); or one text
            or several, each such as "rating>=4" (see `clause_text`).
        names: the columns, among which texts find theirs.

    Raises:
        ConditionError: if it is none; lists all that are wrong.
    """
    from tabgan.table.clause_text import read_clause  # it makes clauses

    if isinstance(where, Mapping):
        return _each([lambda key=key, value=value: _clause(key, value) for key, value in where.items()])
    texts = [where] if isinstance(where, str) else where
    if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
        raise ConditionError(
            f"where must map columns to values, or be texts such as 'rating>=4', got {where!r}; "
            f"write {{'column': value}}"
        )
    return _each([lambda text=text: read_clause(text, names) for text in texts])


def _each(makers: Iterable[Any]) -> list[Clause]:
    clauses, problems = [], []
    for make in makers:
        try:
            clauses.append(make())
        except ConditionError as error:
            problems.append(str(error))
    if problems:
        raise ConditionError(listing("The condition cannot be read", problems))
    return clauses


def _clause(column: Any, value: Any) -> Clause:
    if isinstance(value, Between):
        if value.low is None and value.high is None:
            raise ConditionError(f"column {column!r}: expected a lower or an upper end in Between, got neither")
        ends = [None if end is None else Bound(end) for end in (value.low, value.high)]
        return Clause(column, low=ends[0], high=ends[1])
    if isinstance(value, Not):
        if isinstance(value.value, Between | Not):
            raise ConditionError(
                f"column {column!r}: expected a value or a list of values in Not, got {type(value.value).__name__}; "
                f"give the range that is wanted"
            )
        return Clause(column, _values(column, value.value), negated=True)
    return Clause(column, _values(column, value))


def _values(column: Any, value: Any) -> tuple[Any, ...]:
    if is_single(value):
        return (value,)
    if isinstance(value, pa.Array | pa.ChunkedArray):
        value = value.to_pylist()
    if isinstance(value, Mapping | pd.DataFrame) or getattr(value, "ndim", 1) != 1:
        raise ConditionError(
            f"column {column!r}: expected a value, a list of values, Between or Not, got {type(value).__name__}"
        )
    values = tuple(value)
    if not values:
        raise ConditionError(f"column {column!r}: expected at least one value, got an empty {type(value).__name__}")
    if not all(is_single(own) and not isinstance(own, Between | Not) for own in values):
        raise ConditionError(f"column {column!r}: expected single values in a {type(value).__name__}, got {value!r}")
    return values
