"""Columns that are missing in the same rows: one of them keeps its missing cells, and the others have none to learn.

In the rows in which all are missing, the cells of the other columns are those of another row, the same one for all of
them, so that what they have in common is kept; they are blanked again when rows are written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from tabgan import rng as streams
from tabgan.table import arrays, documents, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import CellsError, checks
from tabgan.table.restating.base import Rows
from tabgan.table.wanted import Wanted


@dataclass(frozen=True)
class FilledTogether:
    """A column and those that are missing wherever it is.

    Attributes:
        columns: the one that keeps its missing cells, then the others.
        fillers: a cell of each of the others, as JSON values, for tables that hold none.
    """

    kind: ClassVar[str] = "missing_together"
    columns: tuple[ColumnSpec, ...]
    fillers: tuple[Any, ...]

    def __post_init__(self) -> None:
        checks.require(len(self.columns) == len(self.fillers) + 1 >= 2, "two columns or more, and their fillers")
        checks.require(None not in self.fillers, "fillers that are not missing")

    @classmethod
    def of(cls, specs: Sequence[ColumnSpec], columns: Sequence[pa.ChunkedArray]) -> "FilledTogether | None":
        """The restatement of columns that are missing in the same rows; None if no row holds them.

        Args:
            specs: of the columns; the first one keeps its missing cells.
            columns: their cells.
        """
        filled = np.flatnonzero(~dtypes.missing(columns[0]))
        if not len(filled):
            return None
        row = pa.array(filled[:1])
        fillers = [arrays.to_cells(arrays.plain(column.take(row)))[0] for column in columns[1:]]
        return cls(tuple(specs), tuple(fillers))

    @property
    def sources(self) -> tuple[str, ...]:
        """All columns."""
        return tuple(spec.name for spec in self.columns)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The same columns, of which only the first may have missing cells."""
        return (self.columns[0], *(replace(spec, nullable=False) for spec in self.columns[1:]))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The columns, missing cells of all but the first filled with cells of another row.

        Raises:
            CellsError: if some are missing where others are not.
        """
        gaps = np.stack([dtypes.missing(column) for column in columns])
        broken = np.flatnonzero(gaps.any(axis=0) & ~gaps.all(axis=0))
        if len(broken):
            raise CellsError(
                f"expected {list(self.sources)} to be missing in the same rows, got some of them without the others in "
                f"{len(broken)} rows, first in row {broken[0]} (counted from 0); mend these rows, or drop the group "
                f"from schema.constraints"
            )
        if not gaps[0].any():
            return list(columns)
        filled = np.flatnonzero(~gaps[0])
        donors = np.arange(len(gaps[0]))
        if not len(filled):
            return [columns[0], *(self._fillers(place, len(donors)) for place in range(len(self.fillers)))]
        chosen = streams.generator(0, "together", *self.sources).random(len(donors))  # the same for the same rows
        donors = np.where(gaps[0], filled[(chosen * len(filled)).astype(np.int64)], donors)
        return [columns[0], *(dtypes.flatten(column).take(pa.array(donors)) for column in columns[1:])]

    def _fillers(self, place: int, n: int) -> pa.Array:
        spec = self.columns[place + 1]
        cell = arrays.from_cells([self.fillers[place]], arrays.plain_type(spec.arrow_type))
        return arrays.restore(cell.take(pa.array(np.zeros(n, np.int64))), spec.arrow_type, spec.category_array)

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """The columns, all missing where the first one is."""
        first = dtypes.flatten(columns[0])
        kept = np.where(dtypes.missing(first), -1, np.arange(len(first)))
        places = pa.array(kept, mask=kept < 0)
        return [first, *(dtypes.flatten(column).take(places) for column in columns[1:])]

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """A filled or missing cell wanted of any column is wanted of the first; what filled ones hold, of the others.

        What is wanted of filled cells narrows another column only where a missing one would not do.
        """
        first = self.columns[0].name
        own = wanted.get(first, Wanted())
        found = {}
        for spec in self.columns[1:]:
            if spec.name not in wanted:
                continue
            each = wanted[spec.name]
            for part in ("present", "missing"):
                mine, theirs = getattr(own, part), getattr(each, part)
                if theirs is not None:
                    own = replace(own, **{part: theirs if mine is None else mine & theirs})
            if each.missing is not None and not each.missing.any():
                found[spec.name] = replace(each, missing=None)
        return found if wanted.keys().isdisjoint(self.sources) else {first: own, **found}

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "columns": [documents.spec_to_json(spec) for spec in self.columns],
            "fillers": list(self.fillers),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FilledTogether":
        """The inverse of `to_json`."""
        return cls(tuple(map(documents.spec_from_json, data["columns"])), tuple(data["fillers"]))
