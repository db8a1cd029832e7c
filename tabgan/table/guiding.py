"""The guide of a condition: tells, code by code, which cells rows may still have so that they come out as wanted.

What is wanted of a column that is learnt as it is narrows its own codes. What is wanted of a column that is written
from others is translated by the restatements, one after the other, each told which of its columns are made already; so
a start that is drawn narrows the length that may follow. Translations may want too little, so finished rows are
written and checked against what was asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.layout import EncodedTable, Places
from tabgan.table import allowances
from tabgan.table.allowances import Allowance, Digits, Leaves
from tabgan.table.codec import TableCodec
from tabgan.table.encoders import ConstantEncoder, HierarchyEncoder
from tabgan.table.given import Literal
from tabgan.table.intervals import are_near, settled
from tabgan.table.restating.base import Restatement, Rows
from tabgan.table.wanted import Wanted


@dataclass(frozen=True, eq=False)
class TableGuide:
    """A guide to rows of a codec; see `layout.Guide` for what it answers.

    Attributes:
        codec: of the learnt table.
        steps: what leads from the table as it was to the learnt one, in order.
        restated: what is wanted of columns that steps take.
        own: what is wanted of columns that are learnt as they are.
        literals: what is written into learnt columns when rows are decoded (see `TableCodec.decode`).
    """

    codec: TableCodec
    steps: tuple[Restatement, ...]
    restated: Mapping[str, Wanted]
    own: Mapping[str, Wanted]
    literals: Mapping[str, Literal]

    @cached_property
    def _reached(self) -> tuple[frozenset[str], ...]:
        """Before each step, and after the last one, the columns on which it depends whether the wish comes true."""
        reached = [frozenset(self.restated)]
        for step in self.steps:
            found = reached[-1]
            if not found.isdisjoint(step.sources):
                found = found.difference(step.sources) | {spec.name for spec in step.learnt}
            reached.append(found)
        return tuple(reached)

    @cached_property
    def columns(self) -> tuple[int, ...]:
        """The columns of the layout that it narrows, ascending."""
        names = self._reached[-1] | self.own.keys()
        layout = self.codec.layout
        return tuple(i for i in range(len(layout.columns)) if not names.isdisjoint(self.codec.names_of(i)))

    def for_rows(self, which: NDArray[np.intp]) -> "TableGuide":
        """The guide of a batch whose rows have the wants of the rows `which`, shape (n,)."""
        if all(wanted.is_same for wanted in (*self.restated.values(), *self.own.values())):
            return self
        restated, own = (
            {name: allowances.of_rows(wanted, which) for name, wanted in wants.items()}
            for wants in (self.restated, self.own)
        )
        return replace(self, restated=restated, own=own)

    def allowed(self, code: int, rows: EncodedTable, made: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which categories of a code the rows may have, shape (n, u)."""
        column = self.codec.layout.code_columns[code]
        within = self.codec.layout.code_slices[column]
        return self._allowance(column, rows, made).allowed(code - within.start, rows.codes[:, within])

    def places(self, column: int, rows: EncodedTable, made: NDArray[np.bool_]) -> Places:
        """Where in its cell the value of a column may lie."""
        return self._allowance(column, rows, made).places(rows.codes[:, self.codec.layout.code_slices[column]])

    def accepts(self, rows: EncodedTable) -> NDArray[np.bool_]:
        """Which finished rows are as wanted, shape (n,)."""
        names = self._reached[-1] | self.own.keys()
        cells = self.codec.cells(rows, names, self._single)
        found = np.ones(len(rows), np.bool_)
        for name, wanted in self.own.items():
            if name in self._several:
                found &= are_near(cells[name], self._several[name], self._reach(name))
                cells[name] = settled(cells[name], self._several[name])
            found &= wanted.holds(cells[name])
        written = self._written(cells, len(rows))[0] if self.restated else {}
        for name, wanted in self.restated.items():
            found &= wanted.holds(written[name])
        return found

    def _reach(self, name: str) -> float:
        """How far the numbers of a column may lie from those that they are settled to."""
        own = self._still[self.codec.layout.index(name)]
        return own.reach if isinstance(own, Digits) else 0.0

    @cached_property
    def _single(self) -> dict[str, pa.Scalar]:
        """What follows from the wish; what is asked of a column itself is checked, and not taken as written."""
        literals = {name: literal for name, literal in self.literals.items() if name not in self.own}
        return {name: literal for name, literal in literals.items() if isinstance(literal, pa.Scalar)}

    @cached_property
    def _several(self) -> dict[str, pa.Array]:
        return {name: literal for name, literal in self.literals.items() if isinstance(literal, pa.Array)}

    @property
    def told(self) -> dict[str, Wanted]:
        """What is wanted of the learnt columns whatever rows hold otherwise."""
        return self._wanted([{} for _ in range(len(self.steps) + 1)])

    @cached_property
    def _still(self) -> dict[int, Allowance]:
        """What each column allows as long as nothing is made that would tell more."""
        told = self.told
        return {column: self._of(column, told) for column in self.columns}

    @property
    def is_hopeless(self) -> bool:
        """Whether it can be told at once that no row will come out as wanted."""
        first = (self._still[column].allowed(0, self._no_codes(column)) for column in self.columns)
        return not all(bool(allowed.any()) for allowed in first)

    def _no_codes(self, column: int) -> NDArray[np.uint8]:
        return np.zeros((1, self.codec.layout.depths[column]), np.uint8)

    def _allowance(self, column: int, rows: EncodedTable, made: NDArray[np.bool_]) -> Allowance:
        reached = self._reached[-1]
        if reached.isdisjoint(self.codec.names_of(column)):
            return self._still[column]
        done = [other for other in self.columns if other != column and made[self.codec.layout.code_slices[other]].all()]
        names = {name for other in done for name in self.codec.names_of(other) if name in reached}
        if not names:
            return self._still[column]
        fixed = {name for name in reached if isinstance(self.codec.known[name], ConstantEncoder)}
        known = self._written(self.codec.cells(rows, names | fixed, self._single), len(rows))
        return self._of(column, self._wanted(known))

    def _of(self, column: int, wanted: Mapping[str, Wanted]) -> Allowance:
        encoder, names = self.codec.encoder_of(column), self.codec.names_of(column)
        if isinstance(encoder, HierarchyEncoder):
            return Leaves(encoder, {name: wanted[name] for name in names if name in wanted})
        (name,) = names
        own = Wanted() if name in self._single else wanted.get(name, Wanted())  # a single cell is written anyway
        return allowances.allowance(encoder, own, nearly=name in self._several)

    def _written(self, cells: Mapping[str, pa.Array], n: int) -> list[Mapping[str, pa.Array]]:
        """What is known before each step and after the last one, where `cells` of learnt columns are."""
        known = [cells]
        for step, reached in zip(reversed(self.steps), reversed(self._reached[:-1]), strict=True):
            if reached.isdisjoint(step.sources):
                known.insert(0, known[0])
                continue
            names = [spec.name for spec in step.learnt]
            before = {name: column for name, column in known[0].items() if name not in names}
            if all(name in known[0] for name in names):
                columns = step.write([known[0][name] for name in names], Rows(0, 0, n))
                before |= dict(zip(step.sources, columns, strict=True))
            known.insert(0, before)
        return known

    def _wanted(self, known: Sequence[Mapping[str, pa.Array]]) -> dict[str, Wanted]:
        """What is wanted of the learnt columns, where some columns are known before each step and after the last."""
        wanted = dict(self.restated)
        for step, after in zip(self.steps, known[1:], strict=True):
            taken = {name: wanted.pop(name) for name in step.sources if name in wanted}
            if not taken:
                continue
            names = {spec.name for spec in step.learnt}
            told = step.narrow(taken, {name: column for name, column in after.items() if name in names})
            for name, narrowed in told.items():
                wanted[name] = wanted[name] & narrowed if name in wanted else narrowed
        return wanted | dict(self.own)
