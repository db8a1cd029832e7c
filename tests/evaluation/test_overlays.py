from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.overlays import MAX_BARS, MAX_RANKS, overlay


def test_categories_by_real_frequency(columns):
    (column,) = columns(c=("categorical", ["b", "b", "a", None], ["a", "c", "c", "c"]))
    found = overlay(column)
    assert found.kind == "bars"
    assert (found.labels, found.real, found.synthetic) == (("b", "a", "c"), (2, 1, 0), (0, 1, 3))


def test_small_numbers_by_value(columns):
    (column,) = columns(c=("categorical", [5, 5, 1, 3], [2, 2, 2, 2]))
    assert overlay(column).labels == ("1", "2", "3", "5")


def test_many_categories_by_rank_with_the_rest_together(columns):
    real = np.repeat(np.arange(100), np.arange(100, 0, -1)).astype(str)
    (column,) = columns(c=("high_cardinality", real, real))
    found = overlay(column)
    assert found.kind == "ranked"
    assert len(found.labels) == MAX_RANKS + 1
    assert found.labels[0] == "0"
    assert found.labels[-1] == f"{100 - MAX_RANKS} others"
    assert sum(found.real) == len(real)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e12])
def test_a_histogram_keeps_every_cell_and_cuts_far_tails(columns, scale):
    draw = np.random.default_rng(0)
    real = draw.normal(size=5000) * scale
    real[0] = 1000 * scale
    (column,) = columns(x=("continuous", real, draw.normal(size=300) * scale * 2))
    found = overlay(column)
    assert found.kind == "histogram"
    assert 8 <= len(found.labels) <= 40
    assert (sum(found.real), sum(found.synthetic)) == (5000, 300)
    assert found.edges[-1] < 10 * scale
    assert found.labels[-1].endswith("or more")
    assert max(found.real) < 1500


def test_bins_of_whole_numbers_hold_equally_many_values(columns):
    cells = np.arange(1000)
    (column,) = columns(x=("continuous", cells, cells))
    found = overlay(column)
    assert set(found.real) == {50}
    assert (found.labels[0], found.labels[-1]) == ("0 to 49", "950 to 999")


def test_dates_are_labelled_as_dates(columns):
    cells = [datetime(2024, 1, 1) + timedelta(hours=6 * i) for i in range(400)]
    (column,) = columns(x=("datetime", cells, cells))
    found = overlay(column)
    assert found.labels[0].startswith("2024-01-01 00:00:00 to 2024-01-0")
    assert sum(found.real) == 400


@pytest.mark.parametrize(
    "cells",
    [
        [1.5] * 3,
        [float("inf"), 1.0, 2.0],
        list(np.r_[np.zeros(5000), np.arange(40)]),
        list(np.r_[-np.inf, np.arange(99.0)]),
    ],
)
def test_odd_columns_are_drawn(columns, cells):
    (column,) = columns(x=("continuous", cells, cells))
    assert sum(overlay(column).real) == len(cells)


def test_one_value_more_than_bars_is_a_histogram(columns):
    (column,) = columns(x=("continuous", np.arange(MAX_BARS + 1) * 1.0, [0.0]))
    assert overlay(column).edges


def test_nothing_present_is_no_picture(columns):
    (column,) = columns(x=("continuous", [None, None], [None]))
    assert overlay(column) is None


@pytest.mark.parametrize(
    ("cells", "first", "last"),
    [
        (pa.array(2**60 + np.arange(148)), "1152921504606846976 to 1152921504606846985", "1152921504606847125"),
        (pa.array([2**64 - 148 + i for i in range(148)], pa.uint64()), "18446744073709551468 to", "551617"),
        (pa.array([-(2**63), *range(146), 2**63 - 1]), "-10000000000000000000 to", ""),
        (
            pa.array(1_700_000_000 * 10**9 + np.arange(148), pa.timestamp("ns")),
            "2023-11-14 22:13:20 to 2023-11-14 22:13:20.000000006",
            "2023-11-14 22:13:20.000000147",
        ),
        (pa.array(10**18 + np.arange(148), pa.duration("ns")), "11574 days 01:46:40 to", "01:46:40.000000147"),
        (pa.array(10**15 + np.arange(148), pa.duration("s")), "1000000000000000 s to", "1000000000000147 s"),
        (pa.array(10**7 + np.arange(148), pa.int32()).cast(pa.date32()), "29349-01-26 to 29349-02-01", "29349-06-22"),
        (pa.array(-(10**6) + np.arange(148), pa.int32()).cast(pa.date32()), "-768-02-04 to", "-768-06-30"),
        (pa.array((10**7 + np.arange(148)) * 86_400_000).cast(pa.date64()), "29349-01-26 to", "29349-06-22"),
        (pa.array(10**14 + np.arange(148), pa.timestamp("s")), "3170843-11-07 09:46:40 to", "09:49:07"),
        (
            pa.array(10**14 + np.arange(148), pa.timestamp("s", "Asia/Tokyo")),
            "3170843-11-07 09:46:40+00:00 to",
            "+00:00",
        ),
        (pa.array(86_399 * 10**9 + np.arange(148), pa.time64("ns")), "23:59:59.000000000 to 23:59:59.000000006", ""),
        (pa.array([Decimal(10**30 + i) for i in range(148)], pa.decimal128(38, 0)), "1e+30", ""),
        (pa.array(np.arange(148) * 5e-324), "0 to", ""),
        (pa.array(np.arange(148) * 1e-312), "0 to", ""),
        (pa.array(1e16 + 2.0 * np.arange(148)), "1e+16 to 1.0", ""),
    ],
)
def test_cells_beyond_floats_and_calendars_are_drawn(columns, cells, first, last):
    (column,) = columns(x=("continuous", cells, cells.slice(0, 100)))
    found = overlay(column)
    assert (sum(found.real), sum(found.synthetic)) == (148, 100)
    assert 1 <= len(found.labels) == len(set(found.labels)) <= 40
    assert found.labels[0].startswith(first)
    assert found.labels[-1].endswith(last)
    (few,) = columns(x=("categorical", cells.slice(0, 4), cells.slice(0, 4)))
    assert len(set(overlay(few).labels)) == 4


def test_whole_numbers_beyond_floats_fill_all_bins(columns):
    (column,) = columns(x=("continuous", pa.array(2**60 + np.arange(150)), [2**60]))
    assert set(overlay(column).real) == {10}


@pytest.mark.parametrize("kind", ["continuous", "categorical"])
def test_values_of_held_out_rows_alone_are_not_drawn(kind):
    draw = np.random.default_rng(0)
    for size in (3, 60, 2000):
        sides = [pa.array(np.round(draw.normal(size=size) * 10)) for _ in range(2)]
        held = pa.array(np.r_[-1e6, 1e6, np.arange(-5, 5) + 0.5])
        cells = [side.cast(pa.string()) for side in (*sides, held)] if kind == "categorical" else [*sides, held]
        assert overlay(align("x", kind, *cells)) == overlay(align("x", kind, *cells[:2])), size
    nothing = pa.nulls(2, pa.float64())
    assert overlay(align("x", kind, nothing, nothing, pa.array([1.0]))) is None
