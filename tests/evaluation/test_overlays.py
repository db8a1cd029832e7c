from datetime import datetime, timedelta

import numpy as np
import pytest

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
