"""Constraints of numbers and times: sums, orders and ranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import base
from tabgan.table.ticks import Scale

_ADDED = ("numbers", "durations")


@dataclass(frozen=True)
class Sum:
    """A total that its parts add up to, wherever all of them are there; with one part, a copy.

    Attributes:
        total: the column that the parts add up to.
        parts: the columns that are added or taken away.
        signs: of each part, 1 if it is added and -1 if it is taken away; all are added if none are given.
    """

    kind: ClassVar[str] = "sum"
    total: str
    parts: tuple[str, ...]
    signs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.signs:
            object.__setattr__(self, "signs", (1,) * len(self.parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The total and its parts."""
        return (self.total, *self.parts)

    def describe(self) -> str:
        """The sum in one line."""
        if not self.parts or len(self.signs) != len(self.parts):
            return f"{self.total} = a sum of {base.listed(self.parts)}"
        first, *others = zip(self.signs, self.parts, strict=True)
        terms = [f"- {part}" if sign < 0 else f"+ {part}" for sign, part in others]
        return " ".join([f"{self.total} =", f"{'-' * (first[0] < 0)}{first[1]}", *terms])

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Rows in which all columns are there and the parts do not add up, shape (n,)."""
        columns = [table[name] for name in self.names]
        scale = Scale.of(columns)
        read = [scale.read(column) for column in columns]
        there = ~np.any([missing for _, missing in read], axis=0)
        terms = [sign * units for sign, (units, _) in zip(self.signs, read[1:], strict=True)]
        sizes = sum(np.abs(units) for units, _ in read)
        return np.asarray(there & scale.differ(read[0][0], sum(terms[1:], terms[0]), np.asarray(sizes)), np.bool_)

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """Unknown columns, columns that are no amounts, a total among its parts, signs that do not fit."""
        if self.total in self.parts:
            return [f"the sum {self.describe()} contains itself; drop {self.total!r} from its parts"]
        problems = base.misnamed(self.parts, specs) + base.misnamed((self.total,), specs)
        if len(self.signs) != len(self.parts) or any(sign not in (1, -1) for sign in self.signs):
            problems.append(f"expected 1 or -1 as the sign of each of {len(self.parts)} parts, got {self.signs}")
        copied = len(self.parts) == 1 and self.signs == (1,)
        problems += base.not_comparable(self.names, specs, () if copied else _ADDED)
        return problems + base.not_learnt(self.names, specs)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "total": self.total, "parts": list(self.parts), "signs": list(self.signs)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Sum":
        """The inverse of `to_json`; without signs, all parts are added."""
        signs = data.get("signs", [])
        if not isinstance(signs, list | tuple) or any(isinstance(x, bool) or x not in (1, -1) for x in signs):
            raise SchemaError(f"expected a list of 1 and -1 as 'signs', got {signs!r}")
        return cls(base.text(data, "total"), base.texts(data, "parts"), tuple(signs))


@dataclass(frozen=True)
class Order:
    """A column that is at most as large, or as late, as another one, wherever both are there.

    Attributes:
        low: the smaller one.
        high: the larger one.
        strict: whether they are never equal.
    """

    kind: ClassVar[str] = "order"
    low: str
    high: str
    strict: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The smaller column and the larger one."""
        return (self.low, self.high)

    def describe(self) -> str:
        """The order in one line."""
        return f"{self.low} {'<' if self.strict else '<='} {self.high}"

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Rows in which both are there and the smaller one is larger, shape (n,)."""
        columns = [table[name] for name in self.names]
        scale = Scale.of(columns)
        (low, no_low), (high, no_high) = map(scale.read, columns)
        wrong = low >= high if self.strict else low > high
        return ~no_low & ~no_high & np.asarray(wrong, np.bool_)

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """Unknown columns, the same column twice, columns that cannot be compared."""
        problems = base.misnamed(self.names, specs)
        return problems + base.not_comparable(self.names, specs) + base.not_learnt(self.names, specs)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "low": self.low, "high": self.high, "strict": self.strict}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Order":
        """The inverse of `to_json`; not strict unless it says so."""
        return cls(base.text(data, "low"), base.text(data, "high"), base.flag(data, "strict"))


@dataclass(frozen=True)
class Range:
    """A column whose filled cells lie between two bounds, themselves included.

    Attributes:
        column: its name.
        low: the least cell, as a number or as text such as "2020-01-31"; None if there is no bound.
        high: the largest cell; None if there is no bound.
    """

    kind: ClassVar[str] = "range"
    column: str
    low: Any = None
    high: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """The column."""
        return (self.column,)

    def describe(self) -> str:
        """The range in one line."""
        low = "" if self.low is None else f"{self.low} <= "
        return f"{low}{self.column}" + ("" if self.high is None else f" <= {self.high}")

    def bounds(self, dtype: pa.DataType) -> tuple[Any, Any]:
        """The least and the largest number of the numeric view of cells of a type; None where there is no bound.

        Raises:
            ValueError: if a bound is no cell of such a type.
        """
        from tabgan.table import cells  # pandas, which few schemas need

        inner = dtypes.value_type(dtype)
        ends = [None if end is None else cells.parse(end, inner) for end in (self.low, self.high)]
        low, high = (None if end is None else arrays.numbers(pa.array([end.as_py()], inner))[0] for end in ends)
        return low, high

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Rows in which the cell lies beyond a bound, shape (n,)."""
        column = table[self.column]
        low, high = self.bounds(column.type)
        numbers = arrays.numbers(column)
        beyond = np.zeros(len(numbers), np.bool_)
        if low is not None:
            beyond |= numbers < low
        if high is not None:
            beyond |= numbers > high
        return beyond & ~dtypes.missing(column)

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """An unknown column, one without an order, bounds that are no such cells or leave nothing between them."""
        problems = base.misnamed(self.names, specs) + base.not_learnt(self.names, specs)
        if problems:
            return problems
        if self.low != self.low or self.high != self.high:
            return [f"column {self.column!r}: expected numbers as bounds, got {self.low!r} and {self.high!r}"]
        dtype = specs[self.column].arrow_type
        if not arrays.has_order(dtype):
            return [f"column {self.column!r}: expected numbers or times, got {dtypes.word(dtype)}; drop the constraint"]
        try:
            low, high = self.bounds(dtype)
        except ValueError as error:
            return [f"column {self.column!r}: {error}"]
        if low is not None and high is not None and low > high:
            return [f"the range {self.describe()} is empty; swap its bounds"]
        return []

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; bounds that JSON does not know as text."""
        ends = [end if isinstance(end, int | float | None) else str(end) for end in (self.low, self.high)]
        return {"kind": self.kind, "column": self.column, "low": ends[0], "high": ends[1]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Range":
        """The inverse of `to_json`."""
        ends = (data.get("low"), data.get("high"))
        if any(isinstance(end, bool) or not isinstance(end, int | float | str | None) or end != end for end in ends):
            raise SchemaError(f"expected numbers, text or null as 'low' and 'high', got {ends!r}")
        return cls(base.text(data, "column"), *ends)
