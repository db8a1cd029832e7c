"""Summaries: exact where they say so, within the stated error elsewhere, and the same for parts as for the whole."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table import arrays
from tabgan.table.sketches import COUNT_ERROR, RANK_ERROR
from tabgan.table.summaries import MAX_DISTINCT_NUMBERS, ColumnSummary

N = 200_000


def draws(name: str) -> np.ndarray:
    rng = np.random.default_rng(5)
    return {
        "normal": rng.normal(size=N),
        "heavy tail": rng.lognormal(0, 4, N),
        "ascending": np.sort(rng.random(N)),
        "zero-inflated": np.where(rng.random(N) < 0.4, 0.0, rng.normal(size=N)),
        "two islands": np.concatenate([rng.normal(size=N // 2), 1e6 + rng.normal(size=N // 2)]),
    }[name]


SKETCHED = ["normal", "heavy tail", "ascending", "zero-inflated", "two islands"]


def rank_errors(sample: np.ndarray, p: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """How far each p lies outside of the ranks that its quantile holds in the sample."""
    ordered = np.sort(sample)
    below = np.searchsorted(ordered, quantiles, "left") / len(sample)
    upto = np.searchsorted(ordered, quantiles, "right") / len(sample)
    return np.maximum(np.maximum(below - p, p - upto), 0)


def test_counts_are_those_of_a_counter() -> None:
    cells = ["b", "a", None, "b", "", "nan", "b"]
    summary = ColumnSummary.of(pa.array(cells))
    assert summary.counts is not None
    found = dict(zip(summary.counts.values.to_pylist(), summary.counts.counts.tolist(), strict=True))
    assert found == Counter(cell for cell in cells if cell is not None)
    assert summary.counts.values.to_pylist() == ["", "a", "b", "nan"]
    assert (summary.n_rows, summary.n_missing, summary.n_distinct, summary.n_values) == (7, 1, 4, 6)
    assert (summary.minimum, summary.maximum) == ("", "nan")


def test_nan_is_missing_and_infinity_is_counted_apart() -> None:
    summary = ColumnSummary.of(pa.array([1.5, float("nan"), None, float("inf"), -float("inf"), 2.5]))
    assert (summary.n_rows, summary.n_missing, summary.n_infinite, summary.n_values) == (6, 2, 2, 2)
    assert (summary.minimum, summary.maximum, summary.n_distinct) == (1.5, 2.5, 2)


@pytest.mark.parametrize(
    ("array", "integral", "step", "decimals"),
    [
        (pa.array([10, 20, -30]), True, 10, None),
        (pa.array([0, 0]), True, 0, None),
        (pa.array([1.0, 2.0]), True, None, 0),
        (pa.array([1.25, 2.5]), False, None, 2),
        (pa.array([0.1, 1 / 3]), False, None, None),
        (pa.array(np.array([0.1, 0.25], np.float32)), False, None, 2),
        (pa.array([Decimal("1.50")], pa.decimal128(5, 2)), False, None, None),
        (pa.array([86_400_000, 172_800_000], pa.timestamp("ms")), True, 86_400_000, None),
        (pa.array(["1", "2"]), False, None, None),
    ],
)
def test_what_numbers_look_like(array: pa.Array, integral: bool, step: int | None, decimals: int | None) -> None:
    summary = ColumnSummary.of(array)
    assert (summary.integral, summary.step, summary.decimals) == (integral, step, decimals)


def test_extremes_keep_every_bit() -> None:
    summary = ColumnSummary.of(pa.array([2**64 - 1, 2**53 + 1], pa.uint64()))
    assert (summary.minimum, summary.maximum) == (2**53 + 1, 2**64 - 1)


def test_text_shape_is_that_of_the_distinct_strings() -> None:
    text = ColumnSummary.of(pa.array(["two words", "two words", "one", ""])).text
    assert text is not None
    assert (text.mean_length, text.mean_words, text.max_length) == (4.0, 1.0, 9)
    assert ColumnSummary.of(pa.array([1])).text is None


def test_exact_quantiles_are_those_of_numpy() -> None:
    sample = np.random.default_rng(0).integers(0, 40, 997)
    p = np.linspace(0, 1, 301)
    expected = np.quantile(sample, p, method="inverted_cdf")
    np.testing.assert_array_equal(ColumnSummary.of(pa.array(sample)).quantile(p), expected)


@pytest.mark.parametrize("name", SKETCHED)
def test_sketched_quantiles_keep_the_stated_rank_error(name: str) -> None:
    sample = draws(name)
    summary = ColumnSummary.of(pa.array(sample))
    assert summary.counts is None
    p = np.linspace(0, 1, 1001)
    quantiles = summary.quantile(p)
    assert rank_errors(sample, p, quantiles).max() <= RANK_ERROR
    assert (np.diff(quantiles) >= 0).all()
    assert (quantiles[0], quantiles[-1]) == (sample.min(), sample.max()) == (summary.minimum, summary.maximum)


@pytest.mark.parametrize("name", SKETCHED)
def test_sketched_parts_merge_within_the_stated_error(name: str) -> None:
    sample = draws(name)
    cuts = [0, 10, 70_000, 75_000, N]  # parts with exact counts and parts without
    parts = [ColumnSummary.of(pa.array(sample[a:b])) for a, b in pairwise(cuts)]
    merged = parts[0].merge(parts[1]).merge(parts[2].merge(parts[3]))
    whole = ColumnSummary.of(pa.array(sample))
    p = np.linspace(0, 1, 1001)
    assert rank_errors(sample, p, merged.quantile(p)).max() <= 1.5 * RANK_ERROR
    assert merged.n_distinct == pytest.approx(len(np.unique(sample)), rel=0.04)
    for field in ("n_rows", "n_missing", "minimum", "maximum", "integral", "decimals"):
        assert getattr(merged, field) == getattr(whole, field)


@pytest.mark.parametrize("name", SKETCHED)
def test_points_stand_for_all_rows(name: str) -> None:
    sample = draws(name)
    values, weights = ColumnSummary.of(pa.array(sample)).points()
    assert (np.diff(values) > 0).all()
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(N)
    share = np.searchsorted(np.sort(sample), values, "right") / N
    assert np.abs(share - np.cumsum(weights) / N).max() < 2 * RANK_ERROR


def test_sketched_point_masses_are_found_with_the_stated_error() -> None:
    rng = np.random.default_rng(1)
    sample = np.concatenate([rng.normal(size=N), np.full(9_000, 7.0), np.full(5_000, -1e9), np.full(300, 0.5)])
    rng.shuffle(sample)
    found = dict(ColumnSummary.of(pa.array(sample)).frequent(0.02))
    assert set(found) == {7.0, -1e9}
    assert 0 <= 9_000 - found[7.0] <= COUNT_ERROR * len(sample)


def test_sketched_big_integers_keep_their_bits_where_frequent() -> None:
    rng = np.random.default_rng(2)
    sample = np.concatenate([rng.integers(-(2**62), 2**62, MAX_DISTINCT_NUMBERS + 1), np.full(5_000, 2**61 + 1)])
    summary = ColumnSummary.of(pa.array(sample).cast(pa.timestamp("us")))
    assert summary.counts is None
    assert [value for value, _ in summary.frequent(0.02)] == [2**61 + 1]
    assert (summary.minimum, summary.maximum) == (sample.min(), sample.max())
    assert summary.quantile(np.array([0.0, 1.0])).dtype == np.int64


def test_the_same_data_give_the_same_summary() -> None:
    sample = pa.array(draws("normal"))
    assert ColumnSummary.of(sample) == ColumnSummary.of(pa.chunked_array([sample.slice(0, 777), sample.slice(777)]))


def test_many_blocks_count_exactly() -> None:
    n = arrays.BLOCK_ROWS * 2 + 5
    sample = np.arange(n) % 1_000
    summary = ColumnSummary.of(pa.array(sample))
    assert summary.counts is not None
    np.testing.assert_array_equal(summary.counts.counts, np.bincount(sample))


def test_an_empty_part_changes_nothing_but_the_totals() -> None:
    whole = ColumnSummary.of(pa.array(draws("normal")))
    assert whole.merge(ColumnSummary.of(pa.array([], pa.float64()))) == whole
    padded = ColumnSummary.of(pa.nulls(3, pa.float64())).merge(whole)
    assert (padded.n_rows, padded.n_missing, padded.sketches) == (N + 3, 3, whole.sketches)


def test_summaries_of_different_types_do_not_merge() -> None:
    with pytest.raises(ValueError, match=r"int64.*string"):
        ColumnSummary.of(pa.array([1])).merge(ColumnSummary.of(pa.array(["1"])))
