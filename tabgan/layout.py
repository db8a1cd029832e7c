"""The plan of an encoded row: the one contract between tables and networks, and the only file that counts columns.

An encoded row holds `k` integer codes and `v` float values. Every column takes at least one code: a category, or the
cell that a number falls in. A column with many categories takes several codes, from coarse to fine, and a *window* for
each category of a code says which categories of the next one may follow it; a number is spelt in this way like digits,
a coarse cell and a fine one within it. What the codes leave open, where in the finest cell a number lies, is the
column's *value* in [-1, 1]. Cells are cut so that it is uniform and independent of all else: it is drawn, not learnt. A
column here may stand for several columns of the table, of which the finest determines the others. One-hot vectors exist
for a batch at a time, never for a table; their `w` units are the codes' categories laid side by side.

Letters used for shapes everywhere: n rows, k codes, v values, w one-hot units, m modelled columns.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ColumnSlots:
    """What one column takes of an encoded row.

    Attributes:
        name: the column.
        cardinalities: the number of categories of each of its codes, at least one code.
        has_value: whether it also takes a value. It is of no account where the cell holds one number or is missing.
        ordered: the first so many categories of the first code, and the categories of each window of the codes after
            it, ascend with the numbers that they stand for; 0 where there is no order. Categories of the first code
            from `ordered` on (missing cells) stand outside of the order.
        windows: empty if any category may follow any other. Else one entry for each code after the first: entry i - 1
            holds, for each category of code i - 1, the half-open range (low, high) of the categories of code i that
            may follow it.
    """

    name: str
    cardinalities: tuple[int, ...]
    has_value: bool = False
    ordered: int = 0
    windows: tuple[tuple[tuple[int, int], ...], ...] = ()

    def __post_init__(self) -> None:
        if not self.cardinalities:
            raise ValueError(f"column {self.name!r} has no code; leave it out of the layout")
        if any(cardinality < 1 for cardinality in self.cardinalities):
            raise ValueError(f"column {self.name!r} has an empty code")
        if not 0 <= self.ordered <= self.cardinalities[0]:
            raise ValueError(
                f"column {self.name!r}: ordered must lie in 0..{self.cardinalities[0]}, got {self.ordered}"
            )
        if self.has_value and not self.ordered:
            raise ValueError(f"column {self.name!r}: expected an order of the cells that hold its value, got ordered 0")
        if self.windows:
            self._check_windows()

    def _check_windows(self) -> None:
        if len(self.windows) != len(self.cardinalities) - 1:
            raise ValueError(
                f"column {self.name!r}: expected windows for each code after the first "
                f"({len(self.cardinalities) - 1} of them), got {len(self.windows)}"
            )
        sizes = pairwise(self.cardinalities)
        for i, (windows, (size, following)) in enumerate(zip(self.windows, sizes, strict=True)):
            if len(windows) != size:
                raise ValueError(
                    f"column {self.name!r}: expected a window for each of the {size} categories of code {i}, "
                    f"got {len(windows)}"
                )
            for low, high in windows:
                if not 0 <= low < high <= following:
                    raise ValueError(
                        f"column {self.name!r}: expected windows within 0..{following} after code {i}, "
                        f"got ({low}, {high})"
                    )


@dataclass(frozen=True)
class Layout:
    """All columns' slots, tiled without gaps in the order of the columns."""

    columns: tuple[ColumnSlots, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The modelled columns, in order (m of them)."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def cardinalities(self) -> tuple[int, ...]:
        """The number of categories of each code (k of them)."""
        return tuple(size for column in self.columns for size in column.cardinalities)

    @property
    def n_codes(self) -> int:
        """The number of codes, k."""
        return len(self.cardinalities)

    @cached_property
    def n_values(self) -> int:
        """The number of values, v."""
        return sum(column.has_value for column in self.columns)

    @cached_property
    def width(self) -> int:
        """w, the number of one-hot units."""
        return sum(self.cardinalities)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The first one-hot unit of each code (k of them)."""
        return tuple(accumulate(self.cardinalities, initial=0))[:-1]

    @cached_property
    def code_slices(self) -> tuple[slice, ...]:
        """The codes of each column (m of them)."""
        return _tile(len(column.cardinalities) for column in self.columns)

    @cached_property
    def value_slices(self) -> tuple[slice, ...]:
        """The values of each column (m of them)."""
        return _tile(int(column.has_value) for column in self.columns)

    @cached_property
    def code_columns(self) -> tuple[int, ...]:
        """The column of each code (k of them)."""
        return tuple(i for i, column in enumerate(self.columns) for _ in column.cardinalities)

    @cached_property
    def code_levels(self) -> tuple[int, ...]:
        """Which code of its column each code is, from 0 on (k of them)."""
        return tuple(level for column in self.columns for level in range(len(column.cardinalities)))

    @cached_property
    def depths(self) -> tuple[int, ...]:
        """The number of codes of each column (m of them)."""
        return tuple(len(column.cardinalities) for column in self.columns)

    @cached_property
    def value_columns(self) -> tuple[int, ...]:
        """The column of each value (v of them)."""
        return tuple(i for i, column in enumerate(self.columns) if column.has_value)

    @property
    def code_dtype(self) -> np.dtype[np.unsignedinteger]:
        """The smallest unsigned integer that holds every code."""
        return np.dtype(np.min_scalar_type(max(self.cardinalities, default=1) - 1))

    def index(self, name: str) -> int:
        """The position of the modelled column `name`.

        Raises:
            KeyError: if no such column is modelled.
        """
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(name) from None


def _tile(sizes: Iterable[int]) -> tuple[slice, ...]:
    ends = tuple(accumulate(sizes, initial=0))
    return tuple(slice(start, end) for start, end in pairwise(ends))


@dataclass(frozen=True)
class EncodedTable:
    """A table as compact numbers.

    Attributes:
        codes: shape (n, k), unsigned integers.
        values: shape (n, v), float32 in [-1, 1]; 0 where the column's cell is missing.
    """

    codes: NDArray[np.unsignedinteger]
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.codes.ndim != 2 or self.values.ndim != 2 or len(self.codes) != len(self.values):
            raise ValueError(
                f"codes and values must be matrices with the same rows, got {self.codes.shape} and {self.values.shape}"
            )

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> "EncodedTable":
        """The chosen rows."""
        return EncodedTable(self.codes[rows], self.values[rows])


def concatenate(parts: Sequence[EncodedTable]) -> EncodedTable:
    """The rows of all parts, in order."""
    return EncodedTable(np.concatenate([part.codes for part in parts]), np.concatenate([part.values for part in parts]))


@dataclass(frozen=True, eq=False)
class Partners:
    """Which categories of one code stand for the same as which categories of a code of another layout.

    A category of a later code may mean something else after each category of the code before, so categories are told
    together with the one before them. c of them, all that windows allow.

    Attributes:
        code: of the other layout, as an index into its codes.
        before: the category of the code before of the same column, 0 for the first code; shape (c,).
        own: the category, shape (c,).
        other_before: likewise in the other layout; -1 where nothing stands for the same. Shape (c,).
        other: likewise, shape (c,).
    """

    code: int
    before: NDArray[np.int64]
    own: NDArray[np.int64]
    other_before: NDArray[np.int64]
    other: NDArray[np.int64]


@dataclass(frozen=True)
class GivenCells:
    """Cells that every row of a sample shall have.

    Attributes:
        depths: shape (m,), of how many codes of each column, from the first on, are given: 0 if none, all for a whole
            cell. The value of a column belongs to its last code.
        cells: one encoded row; what stands in cells that are not given is of no account.
    """

    depths: NDArray[np.int64]
    cells: EncodedTable


class Places(NamedTuple):
    """Where in its cell the value of a column may lie; all of shape (n,) or (1,).

    Attributes:
        low: where a place begins, in [-1, 1]. Where no place will do, it is above `high`.
        high: where it ends; equal to `low` where the cell holds one number, which counts as the whole cell.
        ways: of how many places that are about as wide this one was picked, each as often as the others.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    ways: NDArray[np.float64]


class Guide(Protocol):
    """Tells, while rows are being made, which cells they may still have, so that they come out as is wanted.

    It is asked for the codes of the `columns` only, each after the codes before it of the same column. It may also be
    asked for codes that are given, to see whether these will do, and about rows that it has left nothing to already,
    whose codes it did not allow.
    """

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns that it narrows, as indices into the layout, in any order."""

    def for_rows(self, which: NDArray[np.intp]) -> "Guide":
        """The guide of a batch.

        A guide is the same for all rows, and then this is the guide itself; or it was made for N rows, each with its
        own wants, and has to be told which of them a batch holds before it is asked anything else.

        Args:
            which: shape (n,), for each row of the batch the number of the row, below N, whose wants it has. Numbers
                may come more than once.
        """

    def allowed(self, code: int, rows: EncodedTable, made: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which categories of a code the rows may have, shape (n, u) or (1, u); none where a row cannot be as wanted.

        Args:
            code: as an index into the layout's codes.
            rows: n rows in the layout's order; what stands in codes and values that are not made is of no account.
            made: shape (k,), which codes are made, or given, in all rows. The value of a column is made with its last
                code.
        """

    def places(self, column: int, rows: EncodedTable, made: NDArray[np.bool_]) -> Places:
        """Where in its cell the value of a column may lie, all codes of which are made.

        Where the value is of no account, because the cell is missing or holds a single number, any place will do.
        """

    def accepts(self, rows: EncodedTable) -> NDArray[np.bool_]:
        """Which finished rows are as wanted, shape (n,), judged by what stands in `columns` alone."""
