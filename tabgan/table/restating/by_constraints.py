"""From the constraints of a schema to the restatements that keep them by construction, in an order that makes all hold.

The last step that restates is the first that writes, and what it wrote must not be changed by those that write after
it. So, in the order of writing: columns that are missing together, orders from the bottom up (each changes its larger
column alone), sums, one-hot groups, and at the very end orders that touch a column which another rule has settled (a
term of a sum, a column of a combination): these change the column that is not settled. An order that leads from settled
columns to settled ones is not kept here, nor are sums of members of one-hot groups, predicates, and uniqueness; rows
are to be checked by `rows_that_hold`. Ranges need no step, since no column leaves the bounds that it had in the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from tabgan.table import dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations, Constraint, MissingTogether, OneHot, Order, Sum
from tabgan.table.restating.base import FreeName, Restatement
from tabgan.table.restating.length import Length
from tabgan.table.restating.one_hot import OneHotChoice
from tabgan.table.restating.together import FilledTogether
from tabgan.table.restating.total import ComputedTerm


def restatements_for(
    constraints: Sequence[Constraint], table: pa.Table, specs: Sequence[ColumnSpec], free: FreeName
) -> tuple[Restatement, ...]:
    """The restatements that keep constraints, in the order in which they restate.

    Args:
        constraints: that hold in all rows of the table and do not contradict each other; those about columns that are
            not among `specs` are left alone.
        table: the rows; holds every column of `specs` once.
        specs: of the columns that are made.
        free: gives learnt columns their names.
    """
    columns = {spec.name: table[spec.name] for spec in specs}
    known = [rule for rule in constraints if columns.keys() >= set(rule.names)]
    one_hots = [rule for rule in known if isinstance(rule, OneHot)]
    groups = [rule for rule in known if isinstance(rule, MissingTogether)]
    together = tuple(group.columns for group in groups)
    words = _Words(columns, {spec.name: spec for spec in specs}, free, together)
    combined = frozenset(name for rule in known if isinstance(rule, Combinations) for name in rule.columns)
    settled = combined.union(*(rule.columns for rule in one_hots))
    sums = [rule for rule in known if isinstance(rule, Sum)]
    orders = [rule for rule in known if isinstance(rule, Order)]
    all_settled = settled.union(*(rule.names for rule in sums))
    ordered = _Orders.of(orders, all_settled)
    for order in reversed(ordered.raised):
        words = words.with_order(order, moved="high", apart=True)
    for order in reversed(ordered.lowered):
        words = words.with_order(order, moved="low", apart=True)
    for one_hot in one_hots:
        words = words.with_one_hot(one_hot)
    words = _with_sums(words, sums, settled)
    for order, first in reversed(ordered.inner):
        words = words.with_order(order, moved="high", apart=not first)
    for group in groups:
        words = words.with_group(group, combined)
    return words.steps


@dataclass(frozen=True, eq=False)
class _Words:
    """A table after the steps so far.

    Attributes:
        columns: the cells of each column that is left or learnt.
        specs: of these columns.
        free: gives learnt columns their names.
        together: columns of the table that are missing in the same rows.
        steps: so far.
    """

    columns: Mapping[str, pa.ChunkedArray]
    specs: Mapping[str, ColumnSpec]
    free: FreeName
    together: tuple[tuple[str, ...], ...]
    steps: tuple[Restatement, ...] = ()

    def after(self, step: Restatement | None) -> "_Words":
        """The table after one more step; as it is without one."""
        if step is None:
            return self
        left = [name for name in self.columns if name not in step.sources]
        made = step.restate([dtypes.flatten(self.columns[name]) for name in step.sources])
        columns = {name: self.columns[name] for name in left}
        columns |= {spec.name: pa.chunked_array([cells]) for spec, cells in zip(step.learnt, made, strict=True)}
        specs = {name: self.specs[name] for name in left} | {spec.name: spec for spec in step.learnt}
        return replace(self, columns=columns, specs=specs, steps=(*self.steps, step))

    def with_one_hot(self, rule: OneHot) -> "_Words":
        """The table after the step for a one-hot group."""
        names = rule.columns
        step = OneHotChoice.of([self.specs[name] for name in names], [self.columns[name] for name in names], self.free)
        return self.after(step)

    def with_order(self, rule: Order, *, moved: str, apart: bool) -> "_Words":
        """The table after the step for an order; as it is if there is none."""
        return self.after(
            Length.of(rule, self.specs, self.columns, self.free, moved=moved, apart=apart, groups=self.together)
        )

    def with_group(self, rule: MissingTogether, combined: frozenset[str]) -> "_Words":
        """The table after the step for columns that are missing together, in the words that they have by now.

        Columns of combinations keep their missing cells, which are part of these; the first of them tells of the
        others.
        """
        names = dict.fromkeys(word for name in rule.columns for word in self._now(name))
        masks = {name: dtypes.missing(self.columns[name]) for name in names}
        first = next((name for name in names if name in combined), next(iter(names), None))
        if first is None or not masks[first].any():
            return self
        alike = [name for name in names if np.array_equal(masks[name], masks[first])]
        chosen = [first, *(name for name in alike if name != first and name not in combined)]
        if len(chosen) < 2:
            return self
        return self.after(
            FilledTogether.of([self.specs[name] for name in chosen], [self.columns[name] for name in chosen])
        )

    def _now(self, name: str) -> list[str]:
        """The learnt columns that tell where a column is missing; none if it is computed."""
        if name in self.columns:
            return [name]
        for step in self.steps:
            words = [spec.name for spec in step.learnt]
            if name in step.sources and name not in words and not isinstance(step, ComputedTerm):
                return [word for word in words if word not in step.sources and word in self.columns]
        return []


def _with_sums(words: _Words, sums: Sequence[Sum], settled: frozenset[str]) -> _Words:
    """The table after the steps for sums, each of which computes a column that no later one needs.

    A sum of members of a one-hot group is not among them, since these are written last.
    """
    left = [rule for rule in sums if words.columns.keys() >= set(rule.names)]
    while left:
        for rule in left:
            others = {name for other in sums if other is not rule for name in other.names}
            later = {name for other in left if other is not rule for name in other.names}
            step = ComputedTerm.of(
                rule,
                words.specs,
                words.columns,
                fixed=settled | others,
                needed=settled | later,
                groups=words.together,
            )
            if step is not None:
                words = words.after(step)
                left.remove(rule)
                break
        else:
            return words
    return words


@dataclass(frozen=True)
class _Orders:
    """Orders by how they are kept, each list in the order of writing.

    Attributes:
        inner: those that touch no settled column, from the bottom up, each with whether it is the first with its larger
            column: several of these stand side by side, and the later ones can only raise it.
        lowered: those whose smaller column is below settled ones and may be lowered, from the top down.
        raised: those whose larger column is above settled ones and may be raised, from the bottom up.
    """

    inner: tuple[tuple[Order, bool], ...]
    lowered: tuple[Order, ...]
    raised: tuple[Order, ...]

    @classmethod
    def of(cls, orders: Sequence[Order], settled: frozenset[str]) -> "_Orders":
        """The orders sorted; those that lead from settled columns to settled ones are in none of the lists.

        Args:
            orders: without circles.
            settled: columns that must not be changed.
        """
        above = _reached(settled, [(order.low, order.high) for order in orders])
        below = _reached(settled | above, [(order.high, order.low) for order in orders]) - above
        ordered = _from_the_bottom(orders)
        inner = [order for order in ordered if (settled | above | below).isdisjoint(order.names)]
        return cls(
            tuple((order, i == 0 or inner[i - 1].high != order.high) for i, order in enumerate(inner)),
            tuple(order for order in reversed(_from_the_bottom(orders, by_low=True)) if _lowers(order, above, below)),
            tuple(order for order in ordered if order.high in above),
        )


def _lowers(order: Order, above: frozenset[str], below: frozenset[str]) -> bool:
    return order.low in below and order.high not in above


def _reached(start: frozenset[str], steps: Sequence[tuple[str, str]]) -> frozenset[str]:
    """What steps lead to from `start`, without `start` itself."""
    found = set(start)
    while more := {end for begin, end in steps if begin in found} - found:
        found |= more
    return frozenset(found - start)


def _from_the_bottom(orders: Sequence[Order], *, by_low: bool = False) -> list[Order]:
    """Orders by how many columns lie below their larger (or smaller) one in the longest chain."""
    below: dict[str, list[str]] = {}
    for order in orders:
        below.setdefault(order.high, []).append(order.low)
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            depths[name] = max((depth(low) + 1 for low in below.get(name, ())), default=0)
        return depths[name]

    ends = [order.low if by_low else order.high for order in orders]
    return [orders[i] for i in sorted(range(len(orders)), key=lambda i: (depth(ends[i]), ends[i]))]
