import datetime as dt
import json
from dataclasses import asdict, replace

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tabgan.evaluation.aligned import AlignedColumn, align
from tabgan.evaluation.columns import adjust, compare_categories, compare_numeric
from tabgan.evaluation.results import ColumnResult


def numbers(*cells: int, at: np.ndarray | None = None) -> np.ndarray:
    """The cells of a numeric column with these counts, the missing ones last."""
    at = np.arange(len(cells) - 1.0) if at is None else at
    return np.repeat(np.append(at, np.nan), cells)


def numeric(real: tuple[int, ...], synthetic: tuple[int, ...]) -> AlignedColumn:
    return align("x", "continuous", *(pa.array(numbers(*side), from_pandas=True) for side in (real, synthetic)))


def categories(real: tuple[int, ...], synthetic: tuple[int, ...]) -> AlignedColumn:
    names = [*(f"c{i:03}" for i in range(len(real) - 1)), None]
    sides = [
        pa.array([name for name, k in zip(names, side, strict=True) for _ in range(k)], pa.string())
        for side in (real, synthetic)
    ]
    return align("c", "categorical", *sides)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def both(real, synthetic, kind="continuous") -> ColumnResult:
    column = align("x", kind, pa.array(real), pa.array(synthetic))
    return compare_numeric(column, rng())


def test_the_ks_floor_is_kolmogorovs_mean(columns):
    draw = rng()
    (column,) = columns(x=("continuous", draw.normal(size=6000), draw.normal(size=3000)))
    found = compare_numeric(column, draw).distance
    assert found.floor == pytest.approx(0.8687 * np.sqrt(1 / 6000 + 1 / 3000), rel=0.08)
    assert found.low <= found.value <= found.high


def test_invented_and_lost_categories():
    found = compare_categories(categories((50, 40, 10, 0, 0), (50, 30, 0, 15, 5)), rng())
    assert (found.n_invented, found.n_lost, found.n_categories) == (1, 1, 4)
    assert found.invented_share == pytest.approx(0.15)
    assert found.lost_share == pytest.approx(0.1)
    assert (found.missing_real, found.missing_synthetic) == (0, 5)


def test_a_missing_share_that_differs_is_tested():
    found = compare_numeric(numeric((*[2] * 100, 0), (*[1] * 100, 100)), rng())
    assert found.distance_present == pytest.approx(0.0)
    assert found.distance.value == pytest.approx(0.5)
    assert found.p_value > 0.9
    assert found.p_missing < 1e-20
    assert adjust([found])[0].p_adjusted == pytest.approx(2 * found.p_missing, rel=1e-9, abs=0)


def test_rows_to_tell_apart_are_those_of_the_test_that_sees_most():
    missing = adjust([compare_numeric(numeric((*[20] * 100, 0), (*[10] * 100, 1000)), rng())])[0]
    # two proportions, 0 against 1/2 missing: a noncentrality of 2/3 for one row of each table
    assert missing.rows_to_tell_apart == pytest.approx(7.849 * 3 / 2, abs=1.5)
    shifted = compare_numeric(numeric((600, 400, 1000), (500, 500, 1000)), rng())
    whole = compare_numeric(numeric((600, 400, 0), (500, 500, 0)), rng())
    assert shifted.rows_to_tell_apart == pytest.approx(2 * whole.rows_to_tell_apart, rel=0.2)


def test_rows_to_tell_apart_are_left_out_where_no_difference_is_seen():
    seen = compare_categories(categories((600, 400, 0), (500, 500, 0)), rng())
    unseen = compare_categories(categories((600, 400, 0), (595, 405, 0)), rng())
    assert unseen.rows_to_tell_apart is None
    assert adjust([seen])[0].rows_to_tell_apart == seen.rows_to_tell_apart > 50
    border = replace(seen, p_value=0.04)
    assert adjust([border])[0].rows_to_tell_apart == seen.rows_to_tell_apart
    assert {found.rows_to_tell_apart for found in adjust([border, unseen, unseen])} == {None}


def test_adjusted_p_values_by_hand():
    plain = compare_categories(categories((60, 40, 0), (50, 50, 0)), rng())
    results = [replace(plain, p_value=p) for p in (0.01, None, 0.04, 0.03)]
    assert [r.p_adjusted for r in adjust(results)] == [
        pytest.approx(0.03),
        None,
        pytest.approx(0.04),
        pytest.approx(0.04),
    ]


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(("compare", "build"), [(compare_numeric, numeric), (compare_categories, categories)])
@pytest.mark.parametrize(
    ("real", "synthetic", "code"),
    [
        ((7,), (5,), "all_missing"),
        ((0, 0, 7), (2, 3, 0), "all_missing"),
        ((2, 3, 0), (0, 0, 7), "all_missing"),
        ((9, 0), (8, 0), "constant"),
        ((1, 0), (50, 0), "few_rows"),
        ((1, 0, 0), (0, 1, 0), "few_rows"),
        ((1,), (1,), "all_missing"),
    ],
)
def test_poor_columns_get_a_caveat_and_finite_numbers(compare, build, real, synthetic, code):
    (found,) = adjust([compare(build(real, synthetic), rng())])
    assert code in {caveat.code for caveat in found.caveats}
    assert json.dumps(asdict(found), allow_nan=False)
    assert 0 <= found.distance.low <= found.distance.value <= found.distance.high <= 1


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("seed", range(40))
def test_any_counts_give_finite_numbers_and_intervals_around_them(seed):
    draw = np.random.default_rng(seed)
    size = int(draw.integers(1, 40))
    scale = 10.0 ** draw.uniform(0, 4)
    sides = [draw.poisson(draw.dirichlet(np.full(size, 0.3)) * scale) for _ in range(2)]
    at = np.unique(draw.choice([1e-300, 1.0, 1e5, 1e300, 2.0**60], size) * draw.normal(size=size))
    cells = [numbers(*side[: len(at)], int(draw.integers(0, 3)), at=at) for side in sides]
    if not len(cells[0]) or not len(cells[1]):
        cells = [np.append(side, np.nan) for side in cells]
    column = align("x", "continuous", *(pa.array(side, from_pandas=True) for side in cells))
    for found in adjust([compare_numeric(column, rng()), compare_categories(column, rng())]):
        assert json.dumps(asdict(found), allow_nan=False)
        assert found.p_value is None or 0 <= found.p_value <= 1
        for estimate in (found.distance, found.cramers_v, found.wasserstein):
            assert estimate is None or estimate.low is None or estimate.low <= estimate.value <= estimate.high


def test_wasserstein_has_the_columns_unit():
    day = dt.date(2024, 1, 1)
    dates = both([day, day], [day + dt.timedelta(3), day])
    assert (dates.wasserstein.value, dates.unit) == (pytest.approx(1.5), "days")
    for unit, per in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)):
        cells = [pa.array(np.asarray([5, 5 + far]) * per, pa.int64()) for far in (60, 0)]
        for dtype in (pa.timestamp(unit), pa.timestamp(unit, "UTC"), pa.duration(unit)):
            found = both(*(side.cast(dtype) for side in cells), kind="datetime")
            assert (found.wasserstein.value, found.unit) == (pytest.approx(30.0), "s")
    times = both([dt.time(0, 0), dt.time(0, 1)], [dt.time(0, 0), dt.time(0, 0)], kind="datetime")
    assert (times.wasserstein.value, times.unit) == (pytest.approx(30.0), "s")
    milliseconds = both(*(pa.array([day, day + dt.timedelta(k)], pa.date64()) for k in (2, 0)), kind="datetime")
    assert (milliseconds.wasserstein.value, milliseconds.unit) == (pytest.approx(1.0), "days")
    plain = both([1.0, 2.0], [1.0, 4.0])
    assert (plain.wasserstein.value, plain.unit) == (pytest.approx(1.0), "")


def test_wasserstein_of_a_long_column_is_scipys_and_its_error_the_spread():
    draw = rng()
    fresh = [(draw.normal(size=5000), draw.normal(0.3, 1.2, 4000)) for _ in range(100)]
    truth = [stats.wasserstein_distance(*pair) for pair in fresh]
    found = both(*fresh[0]).wasserstein
    assert found.value == pytest.approx(truth[0])
    assert found.standard_error == pytest.approx(np.std(truth), rel=0.25)
    assert found.low < 0.3 < found.high
    assert found.floor < 0.1 * found.value


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_wasserstein_of_odd_numbers():
    huge = both([-1e308, 1e308, 3.0], [1e308, 1e308, 4.0])
    assert np.isfinite(huge.wasserstein.high)
    assert huge.wasserstein.value == pytest.approx(2e300 / 3)
    assert both([1.0, np.inf], [1.0, 2.0]).wasserstein is None
    assert both(pa.array([None, None], pa.float64()), pa.array([None], pa.float64())).wasserstein is None
    exact = both([2**60, 2**60 + 2], [2**60 + 1, 2**60 + 3])
    assert exact.wasserstein.value == pytest.approx(1.0)
    alone = both([1.0], [3.0]).wasserstein
    assert (alone.value, alone.low, alone.standard_error) == (2.0, None, None)


def test_the_range_and_what_lies_outside():
    found = both([1.5, 2.0, 2.0, 8.25], [0.5, 2.0, 9.0, 9.5, 3.0]).range
    assert (found.real, found.synthetic) == (("1.5", "8.25"), ("0.5", "9.5"))
    assert found.outside_share == pytest.approx(3 / 5)
    assert found.outside_expected == pytest.approx(2 / 4)
    tied = both([1, 1, 5, 5], [1, 2, 3, 4]).range
    assert (tied.outside_share, tied.outside_expected) == (0.0, 0.0)
    dates = both([dt.date(2024, 1, 1), dt.date(2024, 3, 1)], [dt.date(2023, 12, 31)], kind="datetime").range
    assert dates.real == ("2024-01-01", "2024-03-01")
    assert dates.outside_share == 1.0


def test_a_second_real_sample_lies_outside_as_often_as_expected():
    draw = rng()
    drawn = [both(draw.normal(size=60), draw.normal(size=60)).range for _ in range(80)]
    outside = [found.outside_share for found in drawn]
    assert np.mean(outside) == pytest.approx(2 / 61, abs=4 * np.std(outside) / np.sqrt(80))
    assert {found.outside_expected for found in drawn} == {2 / 60}


def test_a_side_without_cells_has_no_range():
    found = both(pa.array([None, None], pa.float64()), [1.0, 2.0]).range
    assert (found.real, found.synthetic) == (None, ("1", "2"))
    assert (found.outside_share, found.outside_expected) == (0.0, 0.0)
    assert compare_categories(categories((3, 3, 0), (3, 2, 1)), rng()).range is None


def test_point_masses_are_named_those_that_differ_most_first():
    draw = rng()
    real = np.r_[np.zeros(300), np.full(50, 40.0), draw.normal(size=650)]
    synthetic = np.r_[np.zeros(100), np.full(60, 40.0), np.full(200, 7.0), draw.normal(size=640)]
    found = both(real, synthetic).point_masses
    assert [mass.label for mass in found] == ["7", "0", "40"]
    assert (found[1].real.value, found[1].synthetic.value) == (0.3, 0.1)
    interval = stats.binomtest(300, 1000).proportion_ci(method="wilson")
    assert (found[1].real.low, found[1].real.high) == pytest.approx((interval.low, interval.high))
    assert found[0].real.value == 0.0 < found[0].real.high


def test_point_masses_are_of_the_present_cells_and_at_most_eight():
    draw = rng()
    cells = np.r_[np.repeat(np.arange(12.0), 20), draw.normal(size=760), np.full(1000, np.nan)]
    column = align("x", "continuous", *(pa.array(cells, from_pandas=True) for _ in range(2)))
    found = compare_numeric(column, draw).point_masses
    assert len(found) == 8
    assert {mass.real.value for mass in found} == {0.02}


def test_few_values_or_few_cells_are_no_point_masses():
    assert both([0.0] * 50 + [1.0] * 50, [0.0] * 30 + [1.0] * 70).point_masses == ()
    draw = rng()
    assert both(draw.normal(size=60), draw.normal(size=60)).point_masses == ()


def test_the_same_generator_gives_the_same_result_and_columns_are_not_changed():
    draw = rng()
    column = align("x", "continuous", pa.array(draw.normal(size=200)), pa.array(draw.normal(size=150)))
    before = column.real.copy(), column.synthetic.copy()
    assert compare_numeric(column, rng()) == compare_numeric(column, rng())
    assert compare_categories(column, rng()) == compare_categories(column, rng())
    np.testing.assert_array_equal(column.real, before[0])
    np.testing.assert_array_equal(column.synthetic, before[1])


@pytest.mark.parametrize(("n", "m"), [(400, 400), (400, 100), (200, 800)])
def test_the_shares_to_expect_are_those_of_a_second_real_sample(columns, n, m):
    draw = np.random.default_rng(0)
    shares = 1 / np.arange(1, 301) / (1 / np.arange(1, 301)).sum()
    found = []
    for _ in range(40):
        real, second = (draw.choice(300, size, p=shares).astype(str) for size in (n, m))
        result = compare_categories(columns(x=("categorical", real, second))[0], draw)
        found.append([result.invented_share, result.invented_expected, result.lost_share, result.lost_expected])
    invented, invented_expected, lost, lost_expected = np.mean(found, axis=0)
    assert invented == pytest.approx(invented_expected, rel=0.15)
    if m <= n:
        assert lost == pytest.approx(lost_expected, rel=0.15)
    else:  # an extrapolation, on the safe side
        assert lost < lost_expected < 1.6 * lost
