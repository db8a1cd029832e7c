"""What is known of a column of any length after one pass over its cells in batches, at about the cost of reading them.

Every cell counts towards the rows, the missing cells and the ends. Values are counted one by one as long as there are
few different ones (65,536), which is exact, so that each category of a categorical column is known. Once there are
more, counting would take longer than reading: the distribution then comes from rows drawn at random (see `reservoir`),
so that a rank is off by 0.0005 at a million rows, about half of what the sketches allow themselves.

How many different values there are is then estimated from the values that were drawn once and twice (Chao and Lin,
"Nonparametric lower bounds for species richness and shared species richness under sampling without replacement",
Biometrics 2012, equation 5), which is exact where no value repeats. It is a lower bound where many are rare and few
are not.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.counts import ValueCounts
from tabgan.table.sketches import Distinct, FrequentNumbers, FrequentTexts, Quantiles, Sketches
from tabgan.table.summaries import ColumnSummary, end_of

MAX_COUNTED = 1 << 16
MAX_DRAWN = 1 << 20
"""Drawn rows that tell of a distribution."""
_PENDING = 4 * MAX_COUNTED
"""Counts of batches that wait to be put together, which takes sorting."""
_RARE = 1e-5
"""Of the drawn rows: values with less are not among the frequent ones."""


class ColumnTally:
    """The cells of a column so far.

    Args:
        dtype: of the column, as in the table.
    """

    def __init__(self, dtype: pa.DataType) -> None:
        self._type = arrays.plain_type(dtype)
        self._n_rows = self._n_missing = self._n_infinite = 0
        self._counts: ValueCounts | None = ValueCounts(pa.array([], self._type), np.zeros(0, np.int64))
        self._pending: list[tuple[pa.Array, NDArray[np.int64]]] = []
        self._ends: list[pa.Scalar] = []

    def add(self, column: pa.ChunkedArray) -> None:
        """Take in some more cells; a dictionary may stand for them."""
        for chunk in column.chunks:
            self._n_rows += len(chunk)
            if self._counts is None:
                self._pass(chunk)
            else:
                self._count(chunk)

    def _count(self, chunk: pa.Array) -> None:
        values, counts = _counted(chunk, self._type)
        missing = values.is_null().to_numpy(zero_copy_only=False)
        self._n_missing += int(counts[missing].sum())
        if pa.types.is_floating(self._type):
            infinite = pc.fill_null(pc.is_inf(values), False).to_numpy(zero_copy_only=False)
            self._n_infinite += int(counts[infinite].sum())
            missing = missing | infinite
        self._pending.append((values.filter(pa.array(~missing)), counts[~missing]))
        if len(values) > MAX_COUNTED or sum(len(part) for part, _ in self._pending) > _PENDING:
            self._gather()

    def _gather(self) -> None:
        """Put the counts together; they are given up once there are too many of them."""
        assert self._counts is not None
        parts = [(self._counts.values, self._counts.counts), *self._pending]
        values, counts = (pa.concat_arrays([part for part, _ in parts]), np.concatenate([own for _, own in parts]))
        self._counts, self._pending = ValueCounts.gathered(values, counts), []
        if len(self._counts) > MAX_COUNTED:
            self._ends = [self._counts.values[0], self._counts.values[-1]]
            self._counts = None

    def _pass(self, chunk: pa.Array) -> None:
        """Only missing and infinite cells and the ends."""
        self._n_missing += chunk.null_count
        if not arrays.has_order(self._type):
            return
        if pa.types.is_floating(chunk.type) and len(chunk) and not chunk.null_count:
            numbers = chunk.to_numpy()
            ends = [numbers.min(), numbers.max()]  # NaN if there is any, and several times as quick as Arrow
            if np.isfinite(ends).all():
                self._widen(pa.array(ends, chunk.type))
                return
        cells = dtypes.decode_dictionary(chunk)
        cells = cells if cells.type == self._type else cells.cast(self._type)
        if pa.types.is_floating(self._type):
            self._n_missing += int(np.isnan(cells.to_numpy(zero_copy_only=False)).sum()) - cells.null_count
        if pa.types.is_floating(self._type) and pc.any(pc.is_inf(_ends_of(cells))).as_py():
            infinite = pc.fill_null(pc.is_inf(cells), False)
            self._n_infinite += int(pc.sum(infinite).as_py())
            cells = cells.filter(pc.invert(infinite))
        self._widen(_ends_of(cells))

    def _widen(self, ends: pa.Array) -> None:
        """Take the ends of some more cells into account."""
        self._ends = list(_ends_of(pa.concat_arrays([pa.array(self._ends, self._type), ends.cast(self._type)])))

    def summary(self, drawn: pa.ChunkedArray) -> ColumnSummary:
        """The summary of all cells.

        Args:
            drawn: cells of rows that were drawn at random among all that were added.
        """
        if self._counts is not None:
            self._gather()
        if self._counts is not None:
            return ColumnSummary.from_counts(
                dtypes.value_type(drawn.type), self._n_rows, self._n_missing, self._n_infinite, self._counts
            )
        return self._stretched(_counts_of(drawn), dtypes.value_type(drawn.type))

    def _stretched(self, drawn: ValueCounts, dtype: pa.DataType) -> ColumnSummary:
        """The summary of all cells from the counts of some; the ends are those of all."""
        n = self._n_rows - self._n_missing - self._n_infinite
        own = ColumnSummary.from_counts(dtype, self._n_rows, self._n_missing, self._n_infinite, drawn)
        ends = [end_of(end) for end in self._ends] if arrays.has_order(self._type) else [own.minimum, own.maximum]
        return replace(
            own,
            n_distinct=estimated_distinct(drawn.counts, n),
            counts=None,
            minimum=ends[0],
            maximum=ends[1],
            sketches=_sketches(drawn, n),
        )


def _ends_of(cells: pa.Array) -> pa.Array:
    """The least and the largest cell, shape (2,), both missing if no cell is filled."""
    countable = cells.cast(pa.int64()) if pa.types.is_duration(cells.type) else cells  # Arrow compares no durations
    found = pc.min_max(countable)
    return pa.array([found["min"], found["max"]], countable.type).cast(cells.type)


def _counted(chunk: pa.Array, dtype: pa.DataType) -> tuple[pa.Array, NDArray[np.int64]]:
    """The different cells of a chunk in the plain type, one of them perhaps missing, and how often each occurs."""
    if pa.types.is_dictionary(chunk.type):
        indices = chunk.indices.drop_null().to_numpy()
        counts = np.bincount(indices, minlength=len(chunk.dictionary))
        held = np.flatnonzero(counts)
        filled = arrays.plain(chunk.dictionary).take(pa.array(held)).cast(dtype)
        values = pa.concat_arrays([filled, pa.nulls(1, dtype)])
        return values, np.append(counts[held], len(chunk) - len(indices))
    if pa.types.is_null(chunk.type):
        return pa.nulls(1, dtype), np.array([len(chunk)])
    counted = pc.value_counts(chunk if chunk.type == dtype else chunk.cast(dtype))
    return arrays.plain(counted.field("values")), counted.field("counts").to_numpy()


def _counts_of(drawn: pa.ChunkedArray) -> ValueCounts:
    """The counts of at most a million drawn cells, evenly spread."""
    chosen = np.linspace(0, len(drawn) - 1, min(len(drawn), MAX_DRAWN)).astype(np.int64)
    cells = arrays.plain(drawn.take(pa.array(chosen)) if len(chosen) < len(drawn) else drawn).drop_null()
    if pa.types.is_floating(cells.type):
        cells = cells.filter(pc.invert(pc.is_inf(cells)))
    return ValueCounts.of(cells)


def estimated_distinct(counts: NDArray[np.int64], n: int) -> int:
    """About how many different values n cells hold.

    Args:
        counts: how often each value occurs among the cells that were drawn from them at random, without repetition.
        n: all cells.
    """
    drawn = int(counts.sum())
    if drawn >= n or not drawn:
        return len(counts)
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    unseen = once * once / (2 * twice * drawn / max(drawn - 1, 1) + once * drawn / (n - drawn)) if once else 0.0
    return min(len(counts) + round(unseen), n)


def _sketches(drawn: ValueCounts, n: int) -> Sketches:
    """The sketches of n cells from the counts of drawn ones."""
    total = int(drawn.counts.sum())
    common = np.flatnonzero(drawn.counts >= max(2, _RARE * total))
    held = np.rint(drawn.counts[common] * (n / max(total, 1))).astype(np.int64)
    values = drawn.values.take(pa.array(common))
    if dtypes.is_text(values.type):
        return Sketches(FrequentTexts.of(values, held), Distinct.of(drawn.values), None)
    numbers = arrays.numbers(drawn.values)
    frequent = FrequentNumbers.of(arrays.numbers(values), held)
    return Sketches(frequent, Distinct.of(numbers), Quantiles.of(numbers, drawn.counts))
