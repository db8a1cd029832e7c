"""What can stand in the cells of a column, as far as it is known, and what a clause then wants of them.

A column whose cells were counted knows its categories; a column of numbers knows its bounds; of a column that is
written from other ones only its type is known, and what that type declares. Everything a clause says is checked here
against that, so that what cannot be is told by its column and value before anything is made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.errors import ConditionError
from tabgan.table import arrays, bounds, dtypes
from tabgan.table.cells import is_missing, near, parse
from tabgan.table.clauses import Bound, Clause
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import Encoder, Member
from tabgan.table.wanted import Wanted

Known: TypeAlias = Encoder | Member

_YES, _NO = np.array([True]), np.array([False])
_LISTED = 5


@dataclass(frozen=True, eq=False)
class Domain:
    """The cells that a column may have.

    Attributes:
        name: the column.
        dtype: the type of its cells, no dictionary type.
        missing: whether cells may be missing.
        filled: whether cells may be filled.
        categories: all plain cells that it may have, ascending as far as there is an order; None if they are not known.
        ordered: whether the categories were declared in an order.
        declared: the declared categories, those too that never occur; None if none are declared.
        ends: the smallest and the largest number of the numeric view; None if they are not known.
    """

    name: str
    dtype: pa.DataType
    missing: bool
    filled: bool = True
    categories: pa.Array | None = None
    ordered: bool = False
    declared: pa.Array | None = None
    ends: tuple[int | float, int | float] | None = None

    @classmethod
    def of(cls, spec: ColumnSpec, known: Known | None) -> "Domain":
        """The domain of a column.

        Args:
            spec: the column.
            known: what encodes it; None if it is written from other columns.
        """
        declared = spec.category_array
        declared = None if declared is None else arrays.plain(declared)
        categories = declared if known is None else None
        missing, ends = spec.nullable, None
        if known is not None:
            found = getattr(known, "categories", None)
            categories = None if found is None else found.array
            ends = getattr(known, "bounds", None)
            missing = _may_be_missing(known, 0 if categories is None else len(categories))
        filled = known is None or ends is not None or (categories is not None and len(categories) > 0)
        ordered = spec.ordered and spec.categories is not None
        return cls(spec.name, dtypes.value_type(spec.arrow_type), missing, filled, categories, ordered, declared, ends)

    def wanted(self, clauses: Sequence[Clause]) -> Wanted | None:
        """What clauses on this column want together; None if all that can be made is wanted.

        Raises:
            ConditionError: if a clause cannot hold, or they cannot hold together; names all problems.
        """
        found, problems = Wanted(), []
        for clause in clauses:
            try:
                found = found & self._clause(clause)
            except ValueError as error:
                problems += str(error).split("\n")
        if problems:
            raise ConditionError("\n".join(f"column {self.name!r}: {problem}" for problem in problems))
        settled = self._settle(found)
        if not _any(settled.present) and not _any(settled.missing):
            said = " and ".join(clause.said for clause in clauses)
            remark = "contradict each other" if len(clauses) > 1 else "leaves none that can be made"
            raise ConditionError(f"column {self.name!r}: expected some cell to be left, got {said}, which {remark}")
        return None if self._is_all(settled) else settled

    def only(self, cell: pa.Array) -> Wanted:
        """What is wanted where all cells shall be this plain one, shape (1,).

        Raises:
            ConditionError: if no cell can be it.
        """
        filled = cell.drop_null()
        if not len(filled) and not self.missing:
            raise ConditionError(f"column {self.name!r}: expected a value, got a missing cell")
        for foreign in self._foreign(filled, negated=False):
            raise ConditionError(f"column {self.name!r}: {self._problem(foreign)}")
        return Wanted(filled, present=np.array([len(filled) > 0]), missing=np.array([not len(filled)]))

    def _clause(self, clause: Clause) -> Wanted:
        if clause.values is None:
            return self._range(clause)
        cells, problems = [], []
        for value in clause.values:
            try:
                cells.append(self._cell(value))
            except ValueError as error:
                problems.append(str(error))
        missing = not all(cell.is_valid for cell in cells)
        if missing and not self.missing and not clause.negated:
            problems.append("expected a value, got a missing cell; no cell of it was missing in the table")
        known = self._array([cell for cell in cells if cell.is_valid])
        foreign = self._foreign(known, negated=clause.negated)
        problems += [self._problem(cell) for cell in foreign.slice(0, _LISTED)]
        more = len(problems) - _LISTED + max(len(foreign) - _LISTED, 0)
        if problems:
            raise ValueError("\n".join(problems[:_LISTED] + [f"and {more} more values like these"] * (more > 0)))
        if clause.negated:
            return Wanted(excluded=known if len(known) else None, missing=_NO if missing else None)
        return Wanted(known, present=np.array([len(known) > 0]), missing=np.array([missing]))

    def _cell(self, value: object) -> pa.Scalar:
        """A value as a cell of the type, null if it means a missing one.

        Raises:
            ValueError: if it is no such value.
        """
        if is_missing(value) and not (isinstance(value, str) and self._holds("")):
            return pa.scalar(None, self.dtype)
        cell = parse(value, self.dtype)
        return pa.scalar(None, self.dtype) if pa.types.is_floating(self.dtype) and is_missing(cell) else cell

    def _array(self, cells: Sequence[pa.Scalar]) -> pa.Array:
        """Filled cells in plain form, distinct."""
        if not cells:
            return pa.array([], arrays.plain_type(self.dtype))
        return arrays.plain(pa.concat_arrays([pa.repeat(cell, 1) for cell in cells])).unique()

    def _foreign(self, cells: pa.Array, *, negated: bool) -> pa.Array:
        """Those of plain cells that no cell can be."""
        if not self.filled:
            return cells
        if self.categories is not None:
            return cells.filter(pc.invert(pc.is_in(cells, value_set=self.categories)))
        if self.ends is None or negated:
            return cells.slice(0, 0)
        numbers = arrays.numbers(cells)
        return cells.filter(pa.array((numbers < self.ends[0]) | (numbers > self.ends[1])))

    def _problem(self, cell: pa.Scalar) -> str:
        """Why no cell can be this one."""
        if not self.filled:
            return f"expected a missing cell, as all were in the table, got {_said(cell)}"
        if self.categories is None:
            return f"expected a value from {self._shown_ends()}, as in the table, got {_said(cell)}"
        value = cell.as_py()
        close = near(value, self.categories)
        unused = self.declared is not None and pc.is_in(pa.repeat(cell, 1), value_set=self.declared)[0].as_py()
        remark = ", which is declared but was in no row" if unused else ""
        hint = f"; closest: {', '.join(close)}" if close else ""
        return f"expected one of its {len(self.categories)} categories, got {value!r}{remark}{hint}"

    def _holds(self, text: str) -> bool:
        known = self.categories
        return known is not None and dtypes.is_text(known.type) and pc.index(known, text).as_py() >= 0

    def _shown_ends(self) -> str:
        low, high = dtypes.from_numeric(np.array(self.ends, arrays.view_dtype(self.dtype)), None, self.dtype)
        return f"{_said(low)} to {_said(high)}"

    def _range(self, clause: Clause) -> Wanted:
        if self.ordered:
            return self._ordered_range(clause)
        if not arrays.has_order(self.dtype):
            raise ValueError(
                f"expected numbers, times or ordered categories for a range, got {dtypes.word(self.dtype)}; "
                f"list the values that are wanted, such as 'COLUMN in (A, B)'"
            )
        low = None if clause.low is None else bounds.least(clause.low, self.dtype)
        high = None if clause.high is None else bounds.largest(clause.high, self.dtype)
        if low is not None and high is not None and low > high:
            raise ValueError(f"expected a lower end that is no higher than the upper one, got {clause.said}")
        if not self.filled:
            raise ValueError(f"expected a missing cell, as all were in the table, got {clause.said}")
        ends = self.ends
        if ends is not None and ((low is not None and low > ends[1]) or (high is not None and high < ends[0])):
            raise ValueError(f"expected a range that meets {self._shown_ends()}, as in the table, got {clause.said}")
        view = arrays.view_dtype(self.dtype)
        low_end = None if low is None else np.array([low], view)
        return Wanted(low=low_end, high=None if high is None else np.array([high], view), missing=_NO)

    def _ordered_range(self, clause: Clause) -> Wanted:
        """A range in the declared order, as the categories in it."""
        assert self.declared is not None  # it is what is ordered
        assert self.categories is not None
        first = 0 if clause.low is None else self._place(clause.low, 1)
        last = len(self.declared) - 1 if clause.high is None else self._place(clause.high, -1)
        if first > last:
            raise ValueError(f"expected a lower end that is no higher than the upper one, got {clause.said}")
        within = self.declared.slice(first, last - first + 1)
        cells = within.filter(pc.is_in(within, value_set=self.categories))
        if not len(cells):
            raise ValueError(f"expected a range that holds categories of the table, got {clause.said}")
        return Wanted(cells, present=_YES, missing=_NO)

    def _place(self, bound: Bound, inwards: int) -> int:
        assert self.declared is not None
        cell = parse(bound.value, self.dtype)
        place = pc.index(self.declared, cell).as_py()
        if place < 0:
            known = ", ".join(str(value) for value in self.declared.slice(0, 2 * _LISTED).to_pylist())
            raise ValueError(f"expected one of its categories as an end ({known}), got {bound.value!r}")
        return int(place) + (0 if bound.included else inwards)

    def _settle(self, wanted: Wanted) -> Wanted:
        """The same wish in the plainest words: cells that can occur, or bounds, and whether any is left."""
        cells = wanted.cells if self.categories is None else self.categories
        missing = np.array([self.missing and (wanted.missing is None or bool(wanted.missing[0]))])
        if cells is None and wanted.low is not None and wanted.high is not None and wanted.low[0] == wanted.high[0]:
            one = arrays.plain(dtypes.from_numeric(wanted.low, None, self.dtype))
            cells = one if arrays.numbers(one)[0] == wanted.low[0] else None
        if cells is not None:
            cells = cells.filter(pa.array(wanted.of(cells)[0]))
            return Wanted(cells, present=np.array([len(cells) > 0 and self.filled]), missing=missing)
        low, high = wanted.low, wanted.high
        empty = low is not None and high is not None and low[0] > high[0]
        present = np.array([self.filled and not empty and _any(wanted.present)])
        if self.ends is not None:
            low = None if low is None or low[0] <= self.ends[0] else low
            high = None if high is None or high[0] >= self.ends[1] else high
        return Wanted(low=low, high=high, present=present, missing=missing, excluded=wanted.excluded)

    def _is_all(self, wanted: Wanted) -> bool:
        """Whether a settled wish wants all that can be made."""
        if self.missing != _any(wanted.missing) or self.filled != _any(wanted.present):
            return False
        if wanted.cells is not None:
            return self.categories is not None and len(wanted.cells) == len(self.categories)
        return wanted.low is None and wanted.high is None and wanted.excluded is None


def _may_be_missing(known: Known, n_categories: int) -> bool:
    if isinstance(known, Member):
        return n_categories in known.cells
    nullable: Any = getattr(known, "nullable", n_categories == 0)
    return bool(nullable)


def _any(mask: Any) -> bool:
    return mask is None or bool(mask.any())


def _said(scalar: pa.Scalar) -> str:
    """A value for a message; points in time may lie beyond what Python's calendar holds."""
    try:
        return str(scalar.as_py())
    except (OverflowError, ValueError):
        return str(scalar.cast(pa.string()).as_py())
