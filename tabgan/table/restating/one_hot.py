"""A one-hot group in other words: columns of which exactly one is 1 as one column that says which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, checks
from tabgan.table.inference import by_count
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.wanted import Wanted

_NONE = -1


@dataclass(frozen=True)
class OneHotChoice:
    """K columns as one of K names.

    Attributes:
        columns: the names of the columns.
        dtypes: their Arrow types, as text.
        choice: the name of the learnt column.
        nullable: whether all cells of a row may be missing.
    """

    kind: ClassVar[str] = "one_hot"
    columns: tuple[str, ...]
    dtypes: tuple[str, ...]
    choice: str
    nullable: bool

    def __post_init__(self) -> None:
        checks.require(len(set(self.columns)) == len(self.columns) >= 2, "two columns or more, of different names")
        checks.require(len(self.dtypes) == len(self.columns), "a type for each column")
        checks.require(all(dtypes.is_numeric(dtypes.parse(dtype)) for dtype in self.dtypes), "numbers or booleans")
        checks.require(isinstance(self.nullable, bool), f"true or false as nullable, got {self.nullable!r}")

    @classmethod
    def of(cls, specs: Sequence[ColumnSpec], columns: Sequence[pa.ChunkedArray], free: FreeName) -> "OneHotChoice":
        """The restatement of a group.

        Args:
            specs: of its columns.
            columns: their cells.
            free: gives the learnt column a name.
        """
        names = tuple(spec.name for spec in specs)
        shared = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
        stem = "".join(letters[0] for letters in shared).rstrip("_-. =:0123456789") or names[0]
        nullable = bool(dtypes.missing(columns[0]).any())
        return cls(names, tuple(spec.dtype for spec in specs), free(stem, "choice"), nullable)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the group."""
        return self.columns

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """One column that holds the name of the column that is 1."""
        reason = f"which of {len(self.columns)} columns is 1"
        return (
            ColumnSpec(
                name=self.choice,
                kind=by_count(len(self.columns)),
                dtype="string",
                nullable=self.nullable,
                reason=reason,
            ),
        )

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """Which column is 1; missing where all are.

        Raises:
            CellsError: if rows hold no 1 or several, other numbers, or some missing cells.
        """
        views = [dtypes.numeric_view(column) for column in columns]
        n = len(columns[0])
        which = np.full(n, _NONE)
        ones, zeros, gaps = (np.zeros(n, np.int64) for _ in range(3))
        for place, (numbers, missing) in enumerate(views):
            one = (numbers == 1) & ~missing
            which[one] = place
            ones += one
            zeros += (numbers == 0) & ~missing
            gaps += missing
        empty = (gaps == len(views)) & self.nullable
        broken = np.flatnonzero(~empty & ((ones != 1) | (zeros != len(views) - 1)))
        if len(broken):
            raise CellsError(
                f"expected exactly one 1 in {self.columns[0]!r} and {len(views) - 1} other columns of its group, "
                f"got something else in {len(broken)} rows, first in row {broken[0]} (counted from 0); "
                f"mend these rows, or drop the group from schema.constraints"
            )
        return [pa.array(self.columns, pa.string()).take(pa.array(which, mask=which == _NONE))]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """1 in the chosen column and 0 in all others, missing cells where nothing is chosen."""
        names = pa.array(self.columns, pa.string())
        which = pc.index_in(arrays.plain(columns[0]).cast(pa.string()), value_set=names)
        missing = dtypes.missing(which)
        places = which.fill_null(_NONE).to_numpy(zero_copy_only=False)
        return [
            dtypes.from_numeric((places == place).astype(np.int64), missing, dtypes.parse(dtype))
            for place, dtype in enumerate(self.dtypes)
        ]

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """The choices with which each column that something is wanted of comes out so; exact."""
        if self.choice in known or wanted.keys().isdisjoint(self.columns):
            return {}
        allowed: NDArray[np.bool_] = np.ones((1, len(self.columns)), np.bool_)
        missing: NDArray[np.bool_] | None = None
        for place, name in enumerate(self.columns):
            if name not in wanted:
                continue
            numbers = dtypes.from_numeric(np.array([0, 1]), None, dtypes.parse(self.dtypes[place]))
            will_do = wanted[name].of(arrays.plain(numbers))
            allowed = allowed & will_do[:, (np.arange(len(self.columns)) == place).astype(np.int64)]
            gaps = wanted[name].missing
            missing = gaps if missing is None else missing if gaps is None else missing & gaps
        return {self.choice: Wanted(cells=pa.array(self.columns, pa.string()), allowed=allowed, missing=missing)}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "columns": list(self.columns),
            "dtypes": list(self.dtypes),
            "choice": self.choice,
            "nullable": self.nullable,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "OneHotChoice":
        """The inverse of `to_json`."""
        return cls(tuple(data["columns"]), tuple(data["dtypes"]), data["choice"], data["nullable"])
