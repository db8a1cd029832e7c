"""Constraints of cells that go together: one-hot groups, missing cells, combinations and what is unique."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import base


@dataclass(frozen=True)
class OneHot:
    """Columns of which exactly one is 1 (or true) in each row and all others are 0; or all are missing.

    Attributes:
        columns: two or more.
    """

    kind: ClassVar[str] = "one_hot"
    columns: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def describe(self) -> str:
        """The group in one line."""
        return f"exactly one of {base.listed(self.columns)} is 1"

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Rows with no 1 or several, with other numbers, or with some cells missing, shape (n,)."""
        n = table.num_rows
        ones, zeros, gaps = (np.zeros(n, np.int64) for _ in range(3))
        for name in self.columns:
            numbers, missing = dtypes.numeric_view(table[name])
            ones += (numbers == 1) & ~missing
            zeros += (numbers == 0) & ~missing
            gaps += missing
        k = len(self.columns)
        return np.asarray((gaps != k) & ((ones != 1) | (zeros != k - 1)), np.bool_)

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """Unknown columns, fewer than two, columns that are neither numbers nor booleans."""
        problems = base.misnamed(self.columns, specs, least=2) + base.not_learnt(self.columns, specs)
        return problems + [
            f"column {name!r}: expected 0 and 1 as numbers or booleans, got {dtypes.word(dtype)}; "
            f"drop it from the group"
            for name, dtype in ((name, specs[name].arrow_type) for name in self.columns if name in specs)
            if not dtypes.is_numeric(dtype) or pa.types.is_temporal(dtype) or pa.types.is_dictionary(dtype)
        ]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "columns": list(self.columns)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "OneHot":
        """The inverse of `to_json`."""
        return cls(base.texts(data, "columns"))


@dataclass(frozen=True)
class MissingTogether:
    """Columns whose cells are missing in the same rows.

    Attributes:
        columns: two or more.
    """

    kind: ClassVar[str] = "missing_together"
    columns: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def describe(self) -> str:
        """The group in one line."""
        return f"{base.listed(self.columns)} are missing in the same rows"

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Rows in which some cells are missing and others are not, shape (n,)."""
        gaps = np.stack([dtypes.missing(table[name]) for name in self.columns])
        return np.asarray(gaps.any(axis=0) & ~gaps.all(axis=0), np.bool_)

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """Unknown columns, or fewer than two."""
        return base.misnamed(self.columns, specs, least=2) + base.not_learnt(self.columns, specs)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "columns": list(self.columns)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "MissingTogether":
        """The inverse of `to_json`."""
        return cls(base.texts(data, "columns"))


@dataclass(frozen=True)
class Combinations:
    """Columns whose cells occur together in the table; no other combination is made.

    Attributes:
        columns: two or more; the first is the finest, or may be any.
        determines: whether the first column determines the others, but perhaps for a few rows.
    """

    kind: ClassVar[str] = "combinations"
    columns: tuple[str, ...]
    determines: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def describe(self) -> str:
        """The columns in one line."""
        if self.determines:
            return f"{self.columns[0]} determines {base.listed(self.columns[1:])}"
        return f"only combinations of {base.listed(self.columns)} that occur"

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """No rows, shape (n,): what occurs in the table is what the constraint permits."""
        return np.zeros(table.num_rows, np.bool_)

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """Unknown columns, or fewer than two."""
        return base.misnamed(self.columns, specs, least=2) + base.not_learnt(self.columns, specs)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "columns": list(self.columns), "determines": self.determines}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Combinations":
        """The inverse of `to_json`."""
        return cls(base.texts(data, "columns"), base.flag(data, "determines"))


@dataclass(frozen=True)
class Unique:
    """Columns whose cells, taken together, differ from row to row wherever all of them are there.

    Attributes:
        columns: one or more.
    """

    kind: ClassVar[str] = "unique"
    columns: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return self.columns

    def describe(self) -> str:
        """The columns in one line."""
        return f"no two rows have the same {base.listed(self.columns)}"

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Rows that repeat an earlier one, shape (n,)."""
        row = np.zeros(table.num_rows, np.int64)
        gaps = np.zeros(table.num_rows, np.bool_)
        for name in self.columns:
            column = table[name]
            gaps |= dtypes.missing(column)
            codes = arrays.plain(column).dictionary_encode(null_encoding="encode").indices.to_numpy().astype(np.int64)
            _, row = np.unique(row * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
        filled = np.flatnonzero(~gaps)
        first = filled[np.unique(row[filled], return_index=True)[1]]
        repeated = ~gaps
        repeated[first] = False
        return repeated

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """Unknown columns, or none."""
        return base.misnamed(self.columns, specs)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "columns": list(self.columns)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Unique":
        """The inverse of `to_json`."""
        return cls(base.texts(data, "columns"))
