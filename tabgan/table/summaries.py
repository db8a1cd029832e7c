"""What one pass over a column learns: counts, quantiles, frequent values, missing cells; two summaries merge into one.

Distinct values are counted exactly while there are few enough of them to keep: 2**16 floats, decimals or points in
time, 2**20 integers or strings (and at most 128 MiB of text). Beyond that the sketches of `sketches` take over, with
the errors stated there, and `counts` is None. Merging the summaries of two parts equals the summary of the whole:
exactly while counts are exact, else within the sketches' error. Nothing is random: same data, same summary.
"""

import math
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.counts import TextShape, ValueCounts
from tabgan.table.sketches import Number, Sketches

MAX_DISTINCT_NUMBERS = 1 << 16
MAX_DISTINCT_KEYS = 1 << 20
MAX_TEXT_BYTES = 128 << 20
MAX_DECIMALS = 6
_SKETCH_POINTS = 8_192


@dataclass(frozen=True)
class ColumnSummary:
    """What is known of a column after one pass.

    Attributes:
        arrow_type: the type of the values; a dictionary's value type.
        n_rows: all rows.
        n_missing: nulls and NaN.
        n_infinite: infinite floats; they are in none of the fields below.
        n_distinct: different values; exact where `counts` is kept, else estimated with a standard error of 0.8 %.
        counts: exact counts, None once there were too many distinct values to keep.
        minimum: the smallest value, exact: a number of the numeric view (temporal values as integers in their unit),
            or a string or boolean; None without values.
        maximum: the largest, in the same form.
        integral: numeric, and every value is a whole number; True of integers and temporal types.
        step: for integers and temporal types, the greatest common divisor of all values (0 if all are 0 or there are
            none); None for other types.
        decimals: for floats, the fewest decimals (at most 6) that reproduce every value exactly, None if they do not.
        text: for strings, what they look like.
        sketches: what stands in for `counts` where it is None.
    """

    arrow_type: pa.DataType
    n_rows: int
    n_missing: int
    n_infinite: int
    n_distinct: int
    counts: ValueCounts | None
    minimum: Any
    maximum: Any
    integral: bool
    step: int | None
    decimals: int | None
    text: TextShape | None
    sketches: Sketches | None = None

    @classmethod
    def of(cls, array: pa.Array | pa.ChunkedArray) -> "ColumnSummary":
        """The summary of a column, made block by block."""
        parts = (cls._of_block(block) for block in arrays.blocks(array))
        return reduce(cls.merge, parts, cls._of_block(array.slice(0, 0)))

    @classmethod
    def _of_block(cls, block: pa.Array | pa.ChunkedArray) -> "ColumnSummary":
        values = arrays.plain(block)
        finite = values
        if pa.types.is_floating(values.type):
            infinite = pc.fill_null(pc.is_inf(values), False)
            finite = values.filter(pc.invert(infinite))
        counts = ValueCounts.of(finite)
        n_infinite = len(values) - len(finite)
        return cls.from_counts(dtypes.value_type(block.type), len(block), values.null_count, n_infinite, counts)

    @classmethod
    def from_counts(
        cls, arrow_type: pa.DataType, n_rows: int, n_missing: int, n_infinite: int, counts: ValueCounts
    ) -> "ColumnSummary":
        """The summary of a column of which all values are counted.

        Args:
            arrow_type: of the values.
            n_rows: all rows.
            n_missing: nulls and NaN.
            n_infinite: infinite floats, which are not among the counts.
            counts: of the finite values.
        """
        ends = [end_of(counts.values[i]) for i in (0, -1)] if len(counts) else [None, None]
        decimals = fewest_decimals(counts.values.to_numpy()) if pa.types.is_floating(arrow_type) else None
        kept = _fits(counts)
        return cls(
            arrow_type=arrow_type,
            n_rows=n_rows,
            n_missing=n_missing,
            n_infinite=n_infinite,
            n_distinct=len(counts),
            counts=counts if kept else None,
            minimum=ends[0],
            maximum=ends[1],
            integral=_integral(counts.values, decimals),
            step=_step(counts.values),
            decimals=decimals,
            text=TextShape.of(counts.values) if dtypes.is_text(arrow_type) else None,
            sketches=None if kept else _sketches(counts),
        )

    @property
    def n_values(self) -> int:
        """The rows with a finite value."""
        return self.n_rows - self.n_missing - self.n_infinite

    def merge(self, other: "ColumnSummary") -> "ColumnSummary":
        """The summary of the rows of both; both must be of one type.

        Raises:
            ValueError: if they are not.
        """
        if self.arrow_type != other.arrow_type:
            raise ValueError(f"expected a summary of {self.arrow_type}, got one of {other.arrow_type}")
        totals = (
            self.n_rows + other.n_rows,
            self.n_missing + other.n_missing,
            self.n_infinite + other.n_infinite,
        )
        if self.counts is not None and other.counts is not None:
            return self.from_counts(self.arrow_type, *totals, self.counts.merge(other.counts))
        if not self.n_values or not other.n_values:
            full = self if self.n_values else other
            return replace(full, n_rows=totals[0], n_missing=totals[1], n_infinite=totals[2])
        return self._merge_sketched(other, totals)

    def _merge_sketched(self, other: "ColumnSummary", totals: tuple[int, int, int]) -> "ColumnSummary":
        sketches = self._as_sketches().merge(other._as_sketches())
        text = self.text.merge(self.n_distinct, other.text, other.n_distinct) if self.text and other.text else None
        unrounded = self.decimals is None or other.decimals is None
        return ColumnSummary(
            self.arrow_type,
            *totals,
            n_distinct=sketches.distinct.estimate(),
            counts=None,
            minimum=min(self.minimum, other.minimum),
            maximum=max(self.maximum, other.maximum),
            integral=self.integral and other.integral,
            step=None if self.step is None or other.step is None else math.gcd(self.step, other.step),
            decimals=None if unrounded else max(self.decimals or 0, other.decimals or 0),
            text=text,
            sketches=sketches,
        )

    def _as_sketches(self) -> Sketches:
        if self.sketches is not None:
            return self.sketches
        assert self.counts is not None  # one of the two is always there
        return _sketches(self.counts)

    def quantile(self, p: NDArray[np.float64]) -> NDArray[Any]:
        """The values at the ranks `p` in [0, 1], in the numeric view (int64, uint64 or float64), same shape.

        Exact counts: the smallest value whose share of rows at or below it reaches `p`. Sketches: within a rank error
        of about 0.001, measured. Values are never outside of [minimum, maximum].
        """
        if self.sketches is None:
            values, counts = self.points()
            ends = np.cumsum(counts)
            reached = np.searchsorted(ends, np.asarray(p) * ends[-1] * (1 - 1e-12), side="left")
            found: NDArray[Any] = values[np.minimum(reached, len(values) - 1)]
            return found
        return self._spread(np.asarray(p, np.float64), self._heavy())

    def _heavy(self) -> list[tuple[Number, int]]:
        return self.frequent(2 / _SKETCH_POINTS)

    def _spread(self, p: NDArray[np.float64], heavy: list[tuple[Number, int]]) -> NDArray[Any]:
        assert self.sketches is not None
        assert self.sketches.quantiles is not None  # strings have no quantiles
        shares = [(value, count / self.n_values) for value, count in heavy]
        values = self.sketches.quantiles.at(p, shares)
        return arrays.clip_to(values, arrays.view_dtype(self.arrow_type), self.minimum, self.maximum)

    def frequent(self, min_share: float) -> list[tuple[Any, int]]:
        """Values that hold at least `min_share` of the values, with their counts, in ascending order.

        From sketches, a count is short by at most 0.02 % of the rows, and values within that of the limit may be in
        or out.
        """
        threshold = max(int(np.ceil(min_share * self.n_values)), 1)
        if self.sketches is not None:
            return list(self.sketches.frequent.above(threshold))
        assert self.counts is not None
        chosen = np.flatnonzero(self.counts.counts >= threshold)
        values = self.counts.values.take(pa.array(chosen))
        cells = arrays.numbers(values).tolist() if arrays.has_order(values.type) else values.to_pylist()
        return list(zip(cells, self.counts.counts[chosen].tolist(), strict=True))

    def points(self) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """The column as ascending numbers of the numeric view and the rows that each stands for, shapes (d,).

        Exact counts as they are; from sketches, the frequent values with their counts and evenly spaced quantiles for
        the rows between them.
        """
        if self.sketches is None:
            assert self.counts is not None
            return arrays.numbers(self.counts.values), self.counts.counts.astype(np.float64)
        assert self.sketches.quantiles is not None  # strings have no points
        heavy = self._heavy()
        middles = self.sketches.quantiles.ranks([value for value, _ in heavy])
        p = (np.arange(_SKETCH_POINTS) + 0.5) / _SKETCH_POINTS
        for (_, count), middle in zip(heavy, middles, strict=True):
            p = p[np.abs(p - middle) > count / self.n_values / 2]
        return self._weigh(self._spread(p, heavy), heavy)

    def _weigh(self, spread: NDArray[Any], heavy: list[tuple[Number, int]]) -> tuple[NDArray[Any], NDArray[np.float64]]:
        tops = np.array([value for value, _ in heavy], spread.dtype)
        held = np.array([count for _, count in heavy], np.float64)
        ends = np.array([self.minimum, self.maximum], spread.dtype)
        spread = np.concatenate([spread[~np.isin(spread, tops)], ends[~np.isin(ends, tops)]])
        weight = (self.n_values - held.sum()) / max(len(spread), 1)
        values, where = np.unique(np.concatenate([spread, tops]), return_inverse=True)
        weights = np.zeros(len(values))
        np.add.at(weights, where, np.concatenate([np.full(len(spread), weight), held]))
        return values, weights


def summarize(table: pa.Table) -> dict[str, ColumnSummary]:
    """The summary of every column of `table`, by name."""
    return {name: ColumnSummary.of(table.column(i)) for i, name in enumerate(table.column_names)}


def end_of(scalar: pa.Scalar) -> Any:
    """A filled cell of a plain type as summaries keep their ends: a number of the numeric view, a string, a boolean."""
    if arrays.has_order(scalar.type):
        return arrays.numbers(pa.array([scalar], scalar.type))[0].item()
    return scalar.as_py()


def _fits(counts: ValueCounts) -> bool:
    kind = counts.values.type
    if arrays.has_order(kind) and not pa.types.is_integer(kind):
        return len(counts) <= MAX_DISTINCT_NUMBERS
    return len(counts) <= MAX_DISTINCT_KEYS and counts.values.nbytes <= MAX_TEXT_BYTES


def _sketches(counts: ValueCounts) -> Sketches:
    if dtypes.is_text(counts.values.type):
        return Sketches.of_texts(counts.values, counts.counts)
    return Sketches.of_numbers(arrays.numbers(counts.values), counts.counts)


def _integral(values: pa.Array, decimals: int | None) -> bool:
    if pa.types.is_integer(values.type) or pa.types.is_temporal(values.type):
        return True
    if pa.types.is_decimal(values.type):
        return bool(np.all(np.mod(arrays.numbers(values), 1) == 0))
    return pa.types.is_floating(values.type) and decimals == 0


def _step(values: pa.Array) -> int | None:
    if not (pa.types.is_integer(values.type) or pa.types.is_temporal(values.type)):
        return None
    return int(np.gcd.reduce(arrays.numbers(values), initial=0))


def fewest_decimals(floats: NDArray[np.floating]) -> int | None:
    """The fewest decimals (at most 6) that reproduce every float exactly, shape (n,); None if they do not."""
    wide = floats.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        for decimals in range(MAX_DECIMALS + 1):
            if np.array_equal(np.round(wide, decimals).astype(floats.dtype), floats):
                return decimals
    return None
