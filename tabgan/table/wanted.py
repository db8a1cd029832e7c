"""Which cells of a column rows may have: what a condition wants, in a form that narrows what is drawn.

A user's condition is a few clauses, each about one column: "one of these", "from here to there", "not missing". Written
in other columns (an end as a start and a length), the same wish may differ from row to row, so that bounds and choices
here are arrays of n rows, or of one that holds for all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is wanted of the cells of one column. Everything that is not None must hold.

    Attributes:
        cells: plain, distinct cells (see `arrays.plain`), of which a filled cell must be one; None if any may be.
        allowed: shape (n or 1, len(cells)), which of `cells` each row may have; None if each may have all.
        low: shape (n or 1,), the least number of the numeric view (see `arrays.numbers`); None if there is no bound.
        high: shape (n or 1,), the largest, itself included; None if there is no bound.
        present: shape (n or 1,), whether a filled cell will do.
        missing: shape (n or 1,), whether a missing cell will do.
        excluded: plain cells of which a filled one must be none, in every row; None if there are none such.
    """

    cells: pa.Array | None = None
    allowed: NDArray[np.bool_] | None = None
    low: NDArray[Any] | None = None
    high: NDArray[Any] | None = None
    present: NDArray[np.bool_] | None = None
    missing: NDArray[np.bool_] | None = None
    excluded: pa.Array | None = None

    @property
    def is_same(self) -> bool:
        """Whether the same is wanted of every row: no part differs from row to row."""
        parts = (self.allowed, self.low, self.high, self.present, self.missing)
        return all(part is None or len(part) == 1 for part in parts)

    @property
    def is_equality(self) -> bool:
        """Whether every row shall have one and the same cell: a single value, or a missing one."""
        if not self.is_same:
            return False
        if self.present is not None and not self.present[0]:
            return self.missing is None or bool(self.missing[0])
        one = self.cells is not None and len(self.cells) == 1 and bool(self.of(self.cells).all())
        return one and self.missing is not None and not self.missing[0]

    def of(self, cells: pa.Array) -> NDArray[np.bool_]:
        """Which of some plain, filled cells each row may have, shape (n or 1, len(cells))."""
        wanted = np.ones((1, len(cells)), np.bool_)
        if self.cells is not None:
            place, known = _positions(cells, self.cells)
            wanted = known[None, :] if self.allowed is None else _columns(self.allowed, place) & known
        if self.excluded is not None:
            wanted = wanted & ~_positions(cells, self.excluded)[1]
        if self.low is not None or self.high is not None:
            wanted = wanted & self._between(arrays.numbers(cells)[None, :], of_cells=True)
        if self.present is not None:
            wanted = wanted & self.present[:, None]
        return wanted

    def holds(self, array: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
        """Which cells, one for each of n rows, are as wanted; shape (n,)."""
        cells = arrays.plain(array)
        missing = dtypes.missing(cells)
        wanted = np.ones(len(cells), np.bool_)
        if self.cells is not None:
            place, wanted = _positions(cells, self.cells)
            if self.allowed is not None and len(self.cells):
                rows = np.arange(len(cells)) if len(self.allowed) > 1 else np.zeros(len(cells), np.intp)
                wanted = wanted & self.allowed[rows, place]
        if self.excluded is not None:
            wanted = wanted & ~_positions(cells, self.excluded)[1]
        if self.low is not None or self.high is not None:
            wanted = wanted & self._between(arrays.numbers(cells), of_cells=False)
        if self.present is not None:
            wanted = wanted & self.present
        return np.where(missing, True if self.missing is None else self.missing, wanted)

    def _between(self, numbers: NDArray[Any], *, of_cells: bool) -> NDArray[np.bool_]:
        """Which numbers lie within the bounds: those of each row, or, shape (1, cells), of all rows."""
        found = np.ones(numbers.shape, np.bool_)
        for bound, compare in ((self.low, np.greater_equal), (self.high, np.less_equal)):
            if bound is not None:
                found = found & compare(numbers, bound[:, None] if of_cells else bound)
        return found

    def __and__(self, other: "Wanted") -> "Wanted":
        """What is wanted by both."""
        cells, allowed = self.cells, self.allowed
        if other.cells is not None:
            cells = other.cells if cells is None else cells.filter(pc.is_in(cells, value_set=other.cells))
            allowed = _both(_choice(self, cells), _choice(other, cells), np.logical_and)
        excluded = self.excluded
        if other.excluded is not None:
            excluded = other.excluded if excluded is None else pa.concat_arrays([excluded, other.excluded]).unique()
        return Wanted(
            cells,
            allowed,
            _both(self.low, other.low, np.maximum),
            _both(self.high, other.high, np.minimum),
            _both(self.present, other.present, np.logical_and),
            _both(self.missing, other.missing, np.logical_and),
            excluded,
        )


def _both(a: NDArray[Any] | None, b: NDArray[Any] | None, join: Any) -> NDArray[Any] | None:
    if a is None or b is None:
        return b if a is None else a
    joined: NDArray[Any] = join(a, b)
    return joined


def _choice(wanted: Wanted, cells: pa.Array) -> NDArray[np.bool_] | None:
    """Which of `cells`, all of them known to it, each row may have; None if all."""
    if wanted.cells is None or wanted.allowed is None:
        return None
    return wanted.allowed[:, _positions(cells, wanted.cells)[0]]


def _columns(allowed: NDArray[np.bool_], place: NDArray[np.int64]) -> NDArray[np.bool_]:
    return allowed[:, place] if allowed.shape[1] else np.zeros((len(allowed), len(place)), np.bool_)


def _positions(cells: pa.Array, known: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where among the `known` each cell stands (0 if nowhere), and whether it does; shapes (n,)."""
    if pa.types.is_null(cells.type) or pa.types.is_null(known.type):
        return np.zeros(len(cells), np.int64), np.zeros(len(cells), np.bool_)
    try:
        known = known.cast(cells.type)
    except pa.ArrowInvalid:  # some are beyond that type; compare in the other one
        cells = cells.cast(known.type)
    found = pc.index_in(cells, value_set=known, skip_nulls=True)
    return pc.fill_null(found, 0).to_numpy().astype(np.int64), found.is_valid().to_numpy(zero_copy_only=False)
