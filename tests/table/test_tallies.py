"""What a column in batches is found to be, beside its summary as a whole."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table import dtypes
from tabgan.table.sketches import RANK_ERROR
from tabgan.table.summaries import ColumnSummary
from tabgan.table.tallies import MAX_COUNTED, ColumnTally, estimated_distinct

N = 200_000
DRAWN = 50_000


def summary_of(column: pa.ChunkedArray, *cuts: int, drawn: pa.ChunkedArray | None = None) -> ColumnSummary:
    tally = ColumnTally(column.type)
    for low, high in zip([0, *cuts], [*cuts, len(column)], strict=True):
        tally.add(column.slice(low, high - low))
    return tally.summary(column if drawn is None else drawn)


@pytest.mark.parametrize(
    "cells",
    [
        pa.array([3, None, 3, -1, 7], pa.int16()),
        pa.array([0.5, None, float("nan"), -0.0, 0.0, float("inf")]),
        pa.array(np.array([1, 2.5, np.nan], np.float16)),
        pa.array(["b", None, "a", "b", ""]),
        pa.array(["b", None, "a", "b", ""]).dictionary_encode(),
        pa.array([1.5, None, 1.5]).dictionary_encode(),
        pa.array([True, None, False, True]),
        pa.array([Decimal("1.50"), None, Decimal("2.25")], pa.decimal128(5, 2)),
        pa.array([dt.date(2020, 1, 2), None, dt.date(2019, 5, 1)]),
        pa.array([dt.datetime(2020, 1, 2), None], pa.timestamp("us", tz="UTC")),
        pa.array([dt.time(1, 2), None, dt.time(23, 59)], pa.time32("s")),
        pa.array([5, None, 9], pa.duration("ms")),
        pa.array([2**64 - 1, None, 1], pa.uint64()),
        pa.nulls(4),
        pa.nulls(3, pa.string()),
        pa.array([], pa.int64()),
    ],
    ids=lambda cells: str(cells.type),
)
def test_few_values_are_counted_exactly_however_they_come(cells: pa.Array) -> None:
    column = pa.chunked_array([cells])
    expected = ColumnSummary.of(column)
    assert summary_of(column) == expected
    assert summary_of(column, 0, min(2, len(column))) == expected


def test_counts_go_on_over_batches_with_other_dictionaries() -> None:
    first, second = pa.array(["x", "y", "x"]).dictionary_encode(), pa.array(["z", None, "y"]).dictionary_encode()
    tally = ColumnTally(pa.string())
    tally.add(pa.chunked_array([first]))
    tally.add(pa.chunked_array([second, pa.array(["z"]).dictionary_encode()]))
    assert tally.summary(pa.chunked_array([["x"]])) == ColumnSummary.of(pa.array(["x", "y", "x", "z", None, "y", "z"]))


def drawn_numbers() -> tuple[np.ndarray, pa.ChunkedArray, pa.ChunkedArray]:
    random = np.random.default_rng(0)
    numbers = np.where(random.random(N) < 0.2, 7.0, random.lognormal(size=N))
    mask = random.random(N) < 0.1
    numbers[5], numbers[6] = np.inf, 1e9
    mask[:7] = False
    column = pa.chunked_array([pa.array(numbers, mask=mask)])
    chosen = np.sort(random.permutation(N)[:DRAWN])
    return numbers[~mask & np.isfinite(numbers)], column, column.take(pa.array(chosen))


def test_many_numbers_are_exact_at_the_ends_and_known_in_between() -> None:
    values, column, drawn = drawn_numbers()
    found, whole = summary_of(column, 70_000, 150_000, drawn=drawn), ColumnSummary.of(column)
    assert found.counts is None
    same = ("arrow_type", "n_rows", "n_missing", "n_infinite", "minimum", "maximum", "integral", "decimals", "step")
    assert [getattr(found, name) for name in same] == [getattr(whole, name) for name in same]
    p = np.linspace(0.001, 0.999, 500)
    at = found.quantile(p)
    below, above = (np.searchsorted(np.sort(values), at, side) / len(values) for side in ("left", "right"))
    error = np.maximum(np.maximum(below - p, p - above), 0).max()
    assert error <= RANK_ERROR + 1.63 / np.sqrt(DRAWN)  # Kolmogorov, 1 in 100
    ((value, count),) = found.frequent(0.01)
    assert value == 7.0
    assert count == pytest.approx((values == 7.0).sum(), rel=0.03)
    assert found.n_distinct == pytest.approx(whole.n_distinct, rel=0.02)


def test_batches_make_no_difference_to_many_numbers() -> None:
    _, column, drawn = drawn_numbers()
    assert summary_of(column, 90_000, drawn=drawn) == summary_of(column, 1, 10, 100_000, 199_999, drawn=drawn)


@pytest.mark.parametrize(
    "dtype",
    [
        pa.int8(),
        pa.uint64(),
        pa.float16(),
        pa.float32(),
        pa.decimal128(12, 2),
        pa.date32(),
        pa.time32("s"),
        pa.time64("ns"),
        pa.timestamp("ns"),
        pa.timestamp("s", tz="Europe/Berlin"),
        pa.duration("ms"),
        pa.string(),
    ],
    ids=str,
)
def test_many_cells_of_each_type_have_their_exact_ends(dtype: pa.DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tabgan.table.tallies.MAX_COUNTED", 5)
    numbers = (
        dtypes.from_numeric(np.arange(100.0), None, dtype)
        if dtypes.is_numeric(dtype)
        else pa.array(map(str, range(100)))
    )
    column = pa.chunked_array([pa.nulls(1, dtype), numbers])
    found, whole = summary_of(column, 20, 70), ColumnSummary.of(column)
    assert found.counts is None
    same = ("arrow_type", "n_rows", "n_missing", "n_distinct", "minimum", "maximum")
    assert [getattr(found, name) for name in same] == [getattr(whole, name) for name in same]


def test_many_texts_are_described_by_the_drawn_ones() -> None:
    texts = pa.chunked_array([[f"key {i:07d}" for i in range(MAX_COUNTED + 5_000)] + [None] * 10])
    found = summary_of(texts, drawn=texts.slice(0, 3_000))
    assert found.counts is None
    assert (found.n_rows, found.n_missing, found.n_distinct) == (len(texts), 10, MAX_COUNTED + 5_000)
    assert found.text is not None
    assert (found.text.max_length, found.text.mean_words) == (11, 2.0)


@pytest.mark.parametrize(("times", "slack"), [(1, 0.0), (2, 0.05), (50, 0.02)])
def test_values_that_come_equally_often_are_told(times: int, slack: float) -> None:
    n, random = 400_000, np.random.default_rng(1)
    drawn = np.repeat(np.arange(n // times), times)[random.permutation(n)[:40_000]]
    estimate = estimated_distinct(np.unique(drawn, return_counts=True)[1], n)
    assert estimate == pytest.approx(n // times, rel=slack)


def test_a_draw_of_everything_is_no_estimate() -> None:
    assert estimated_distinct(np.array([1, 2, 1]), 4) == 3
    assert estimated_distinct(np.array([], np.int64), 10) == 0
