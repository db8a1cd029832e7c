"""Do constraints hold in a table, and can all of them hold at all?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import SchemaError, listing
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints.amounts import Order, Range
from tabgan.table.constraints.base import Rule
from tabgan.table.constraints.choices import MissingTogether, OneHot

_SHOWN = 5


@dataclass(frozen=True)
class Breach:
    """How many rows break a constraint.

    Attributes:
        constraint: that is broken.
        count: of rows.
        first: the numbers of the first of them, counted from 0.
    """

    constraint: Rule
    count: int = 0
    first: tuple[int, ...] = ()

    def after(self, table: pa.Table, start: int) -> "Breach":
        """The same with the rows of `table`, the first of which has the number `start`."""
        rows = np.flatnonzero(self.constraint.broken(table))
        first = (*self.first, *(start + rows[:_SHOWN]).tolist())
        return Breach(self.constraint, self.count + len(rows), first[:_SHOWN])


def check_constraints(table: pa.Table, constraints: Sequence[Rule]) -> None:
    """Make sure that constraints hold in every row of a table.

    Raises:
        SchemaError: if rows break some; counts and names them all, and says what can be done.
    """
    refuse_breaches([Breach(constraint).after(table, 0) for constraint in constraints], table.num_rows)


def refuse_breaches(breaches: Sequence[Breach], n_rows: int) -> None:
    """Make sure that no row breaks a constraint.

    Args:
        breaches: one for each constraint.
        n_rows: of the table.

    Raises:
        SchemaError: if rows break some; counts and names them all, and says what can be done.
    """
    problems = []
    for breach in breaches:
        if breach.count:
            first = ", ".join(map(str, breach.first[:_SHOWN])) + (", ..." if breach.count > _SHOWN else "")
            count = "1 row breaks" if breach.count == 1 else f"{breach.count:,} of {n_rows:,} rows break"
            problems.append(f"{count} {breach.constraint.describe()!r} (counted from 0: {first})")
    if problems:
        remedy = "drop a constraint from schema.constraints, or keep the rows for which rows_that_hold is true"
        raise SchemaError(f"{listing('The table breaks constraints', problems)}\n{remedy}")


def rows_that_hold(table: pa.Table, constraints: Sequence[Rule]) -> NDArray[np.bool_]:
    """Which rows of a table break no constraint, shape (n,)."""
    holds = np.ones(table.num_rows, np.bool_)
    for constraint in constraints:
        holds &= ~constraint.broken(table)
    return holds


def contradictions(constraints: Sequence[Rule], specs: Sequence[ColumnSpec]) -> list[str]:
    """Why constraints cannot all hold in a table with these columns; empty if they can, as far as one can tell."""
    known = {spec.name: spec for spec in specs}
    problems, sound = [], []
    for constraint in constraints:
        own = constraint.problems(known)
        problems += [f"constraint {constraint.describe()!r}: {problem}" for problem in own]
        if not own:
            sound.append(constraint)
    problems += [f"constraint {one.describe()!r} is there twice; drop one" for one in _repeated(sound)]
    problems += _shared([each for each in sound if isinstance(each, OneHot)], "one-hot groups")
    problems += _shared(
        [each for each in sound if isinstance(each, MissingTogether)], "groups that are missing together"
    )
    orders = [each for each in sound if isinstance(each, Order)]
    circles = list(_circles(orders))
    problems += circles
    if not circles:
        problems += _apart(orders, [each for each in sound if isinstance(each, Range)], known)
    return problems


def _repeated(constraints: Sequence[Rule]) -> list[Rule]:
    return [one for i, one in enumerate(constraints) if one in constraints[:i]]


def _shared(groups: Sequence[OneHot | MissingTogether], what: str) -> list[str]:
    """Columns that two groups share."""
    return [
        f"column {name!r} is in two {what}: {one.describe()!r} and {other.describe()!r}; drop it from one"
        for one, other in combinations(groups, 2)
        if one != other
        for name in one.columns
        if name in other.columns
    ]


def _circles(orders: Sequence[Order]) -> Iterator[str]:
    """Orders that lead from a column back to itself."""
    above: dict[str, list[str]] = {}
    for order in orders:
        above.setdefault(order.low, []).append(order.high)
    reported: set[str] = set()
    for order in orders:
        path = _path(order.high, order.low, above)
        if path and order.low not in reported:
            reported.update(path)
            shown = " <= ".join([order.low, *path])
            yield (
                f"the orders {shown} lead back to where they began; drop one, "
                f"or say with a sum of one part that the columns are equal"
            )


def _path(start: str, end: str, above: Mapping[str, Sequence[str]]) -> list[str]:
    """Columns from `start` to `end`, each at most the next; empty if there is no such path."""
    paths = [[start]]
    seen = {start}
    while paths:
        path = paths.pop()
        if path[-1] == end:
            return path
        for name in above.get(path[-1], ()):
            if name not in seen:
                seen.add(name)
                paths.append([*path, name])
    return []


def _apart(orders: Sequence[Order], ranges: Sequence[Range], specs: Mapping[str, ColumnSpec]) -> list[str]:
    """Ranges of one column that leave nothing, and ranges that turn an order round."""
    bounds = [(each, *each.bounds(specs[each.column].arrow_type)) for each in ranges]
    pairs = {(order.low, order.high) for order in orders if specs[order.low].dtype == specs[order.high].dtype}
    return [
        f"the ranges {one.describe()!r} and {other.describe()!r} leave nothing"
        + (f" where {one.column} <= {other.column}" if one.column != other.column else "")
        + "; widen one"
        for one, low, _ in bounds
        for other, _, high in bounds
        if (one.column, other.column) in pairs or (one.column == other.column and one != other)
        if low is not None and high is not None and low > high
    ]
