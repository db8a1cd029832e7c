import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.cuts import N_BINS, N_FINE, cut


def bins(side, starts):
    return np.searchsorted(starts, side.codes, side="right") - 1


def by_hand(values, low, high):
    edges = np.linspace(low, high, N_BINS + 1)
    return np.where(np.isnan(values), N_BINS, np.digitize(values, edges[1:-1])), np.where(
        np.isnan(values), N_BINS + 1, np.digitize(values, edges)
    )


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("decimals", [0, 1, 12])
def test_both_kinds_of_bins_are_those_of_digitize(missing, decimals):
    draw = np.random.default_rng(decimals)
    real, synthetic = draw.normal(size=500).round(decimals), (draw.normal(size=300) * 2 + 1).round(decimals)
    real[draw.random(500) < missing] = np.nan
    column = align("x", "continuous", pa.array(real), pa.array(synthetic))
    found = cut(column)
    assert (found.size, found.numeric) == (N_FINE + 1, True)
    for side, values in ((found.real, real), (found.synthetic, synthetic)):
        np.testing.assert_array_equal(bins(side, side.common), by_hand(values, np.nanmin(real), np.nanmax(real))[0])
        own = by_hand(values, np.nanmin(values), np.nanmax(values))[1]
        np.testing.assert_array_equal(bins(side, side.separate), own)


@pytest.mark.parametrize(
    ("real", "synthetic"),
    [
        ([5.0, 5.0], [5.0, 7.0]),
        ([np.nan, np.nan], [1.0, 2.0]),
        ([np.nan], [np.nan]),
        ([np.inf, -np.inf], [1.0, np.inf]),
        ([-np.inf, 1.0, 2.0, np.inf], [1.0, 2.0]),
        ([-1e300, 1e300], [1e308, 0.0]),
        ([2.0**60], [2.0**60 + 512]),
    ],
)
def test_odd_columns_are_cut(real, synthetic):
    found = cut(align("x", "continuous", pa.array(real), pa.array(synthetic)))
    for side, cells in ((found.real, real), (found.synthetic, synthetic)):
        assert len(side.codes) == len(cells)
        assert (side.codes[np.isnan(cells)] == N_FINE).all()
        assert bins(side, side.separate).max() <= N_BINS + 1


def test_categories_are_their_positions():
    found = cut(align("c", "categorical", pa.array(["b", None, "a"]), pa.array(["c"])))
    assert (found.size, found.numeric, found.real.codes.tolist()) == (4, False, [1, 3, 0])
