import time
import warnings
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from tabgan.errors import InputError
from tabgan.evaluation.aligned import align
from tabgan.evaluation.utility import utility

N = 600


def table(**parts):
    """Aligned columns from {name: (kind, real, synthetic, held-out cells)}."""
    return [align(name, kind, *map(pa.array, cells)) for name, (kind, *cells) in parts.items()]


def sign(x, draw):
    return np.where(x + 0.3 * draw.normal(size=len(x)) > 0, "up", "down")


def line(x, draw):
    return x + 0.5 * draw.normal(size=len(x))


def third(x, draw):
    return np.asarray(["low", "mid", "high"])[np.digitize(x, [-0.5, 0.5])]


def drawn(target, kind="categorical", change=lambda y: y, sizes=(N, N, N)):
    """Columns of real, synthetic and held-out rows; `target` makes y from x, `change` the synthetic y from y."""
    draw = np.random.default_rng(0)
    xs = [draw.normal(size=n) for n in sizes]
    others = [draw.choice(["a", "b"], n) for n in sizes]
    real, synthetic, held_out = (target(x, draw) for x in xs)
    return table(x=("continuous", *xs), c=("categorical", *others), y=(kind, real, change(synthetic), held_out))


def test_synthetic_rows_of_the_same_source_are_as_good_as_real_ones():
    found = utility(drawn(sign), "y", seed=0)
    (score,) = found.scores
    assert (found.task, score.measure, found.caveats) == ("binary", "auc", ())
    assert (found.n_real, found.n_synthetic, found.n_test) == (N, N, N)
    assert score.real.value > 0.95
    assert abs(score.gap.value) < 4 * score.gap.standard_error
    assert score.gap.value == pytest.approx(score.real.value - score.synthetic.value)
    assert score.gain.value == pytest.approx(score.augmented.value - score.real.value)
    assert 0 < score.real.standard_error < 0.02
    for estimate in (score.synthetic, score.real, score.augmented, score.gap, score.gain):
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * estimate.standard_error, rel=0.25)


def test_more_rows_of_the_same_source_help():
    found = utility(drawn(line, "continuous", sizes=(60, 60, 2000)), "y", seed=0)
    assert found.scores[0].gain.low > 0


def test_equal_rows_have_no_gap_at_all():
    columns = [
        align(c.name, c.kind, c.support.take(c.real), c.support.take(c.real), c.support.take(c.held_out))
        for c in drawn(sign)
    ]
    gap = utility(columns, "y", seed=0).scores[0].gap
    assert (gap.value, gap.standard_error, gap.low, gap.high) == (0, 0, 0, 0)


def test_a_target_torn_from_its_row_is_worth_nothing():
    score = utility(drawn(sign, change=np.random.default_rng(1).permutation), "y", seed=0).scores[0]
    assert abs(score.synthetic.value - 0.5) < 0.2  # chance patterns of one draw, not of the test rows
    assert score.gap.low > 0.25
    assert score.gain.high < 0


def test_a_reversed_target_scores_below_chance():
    found = utility(drawn(sign, change=lambda y: np.where(y == "up", "down", "up")), "y", seed=0)
    assert found.scores[0].synthetic.value < 0.1


def test_numbers_are_scored_by_the_variance_explained_and_in_their_unit():
    # y = x + e with a spread of e half that of x: the best R² is 1 / 1.25 = 0.8, the best root mean squared error 0.5
    found = utility(drawn(line, "continuous"), "y", seed=0)
    assert found.task == "regression"
    r2, rmse = found.scores
    assert (r2.measure, rmse.measure, rmse.unit) == ("r2", "rmse", "")
    assert 0.6 < r2.real.value < 0.82
    assert 0.6 < r2.synthetic.value < 0.82
    assert 0.45 < rmse.real.value < 0.75
    assert rmse.gap.value == pytest.approx(rmse.synthetic.value - rmse.real.value)
    assert np.sign(rmse.gain.value) == np.sign(r2.gain.value)


def test_units_scale_the_error_and_nothing_else():
    plain, large = (
        utility(drawn(lambda x, draw, by=by: by * line(x, draw), "continuous"), "y", seed=0) for by in (1.0, 1e6)
    )
    assert large.scores[0].real.value == pytest.approx(plain.scores[0].real.value, abs=1e-3)
    assert large.scores[1].real.value == pytest.approx(1e6 * plain.scores[1].real.value, rel=1e-2)


@pytest.mark.parametrize(("dtype", "unit", "factor"), [("date32", "days", 1), ("timestamp[ms]", "s", 86_400)])
def test_times_are_scored_in_days_or_seconds(dtype, unit, factor):
    draw = np.random.default_rng(0)
    xs = [draw.integers(0, 100, N) for _ in range(3)]
    days = [pa.array([date(2020, 1, 1) + timedelta(int(x)) for x in part]).cast(dtype) for part in xs]
    columns = [align("x", "continuous", *map(pa.array, xs)), align("y", "datetime", *days)]
    rmse = utility(columns, "y", seed=0).scores[1]
    assert rmse.unit == unit
    assert rmse.real.value < 3 * factor
    columns[1] = align("y", "datetime", days[0], days[1].take(pa.array(draw.permutation(N))), days[2])
    assert 25 * factor < utility(columns, "y", seed=0).scores[1].synthetic.value < 40 * factor  # 29 days is the spread


def test_three_classes_have_f1_and_auc():
    found = utility(drawn(third), "y", seed=0)
    assert found.task == "multiclass"
    assert [score.measure for score in found.scores] == ["macro_f1", "macro_auc"]
    assert min(score.synthetic.value for score in found.scores) > 0.95


@pytest.mark.parametrize("change", [lambda y: np.where(y == "mid", "low", y), lambda y: np.where(y == "mid", "new", y)])
def test_lost_and_invented_classes_cost(change):
    f1 = utility(drawn(third, change=change), "y", seed=0).scores[0]
    assert f1.real.value > 0.95
    assert f1.synthetic.value < 0.72  # at most two of three classes can be hit


def test_a_thousand_invented_classes_count_as_one():
    columns = drawn(sign, change=lambda y: np.where(np.arange(N) % 2, y, [f"new {i}" for i in range(N)]))
    found = utility(columns, "y", seed=0)
    assert (found.task, found.n_synthetic) == ("binary", N)
    assert found.scores[0].synthetic.value > 0.9


def test_one_synthetic_class_is_a_constant_guess():
    assert utility(drawn(sign, change=lambda y: np.full(len(y), "up")), "y", seed=0).scores[0].synthetic.value == 0.5


def test_without_held_out_rows_a_quarter_is_set_aside_with_a_caveat():
    found = utility(drawn(sign, sizes=(800, 800, 0)), "y", seed=0)
    assert (found.n_real, found.n_test, found.n_synthetic) == (600, 200, 600)
    assert [caveat.code for caveat in found.caveats] == ["no_held_out"]
    assert found.scores[0].real.value > 0.9


def test_rows_are_bounded_and_as_many_of_each_kind_unless_all_are_asked_for():
    columns = drawn(sign, sizes=(900, 700, 500))
    assert _sizes(utility(columns, "y", 0)) == (700, 700, 500)
    assert _sizes(utility(columns, "y", 0, max_rows=400)) == (400, 400, 200)
    whole = utility(columns, "y", 0, max_rows=None)
    assert _sizes(whole) == (900, 700, 500)
    assert [caveat.code for caveat in whole.caveats] == ["unequal_rows"]


def test_wide_tables_are_learnt_from_fewer_rows():
    columns = drawn(sign, sizes=(4000, 4000, 3000))
    wide = [
        *columns,
        *[align(f"k{i}", "constant", *[pa.array(["k"] * n) for n in (4000, 4000, 3000)]) for i in range(97)],
    ]
    assert _sizes(utility(wide, "y", 0)) == (3000, 3000, 1500)


def _sizes(found):
    return found.n_real, found.n_synthetic, found.n_test


def test_rows_without_a_target_are_left_out_and_missing_features_are_used():
    draw = np.random.default_rng(0)
    xs = [draw.normal(size=N) for _ in range(3)]
    gaps = [pa.array(np.where(draw.random(N) < 0.2, np.nan, part), from_pandas=True) for part in xs]
    ys = [2 * part for part in xs]
    ys[0][:100], ys[1][:10], ys[2][-50:] = np.nan, np.inf, np.nan
    found = utility(table(x=("continuous", *gaps), y=("continuous", *ys)), "y", seed=0, max_rows=None)
    assert _sizes(found) == (N - 100, N - 10, N - 50)
    assert found.scores[0].synthetic.value > 0.7


def test_the_seed_fixes_all_and_the_order_of_columns_matters_little():
    columns = drawn(sign)
    before = [column.real.copy() for column in columns]
    first = utility(columns, "y", seed=3, max_rows=400)
    assert utility(columns, "y", seed=3, max_rows=400) == first
    assert utility(columns, "y", seed=4, max_rows=400) != first
    turned = utility(columns[::-1], "y", seed=3, max_rows=400)
    assert turned.scores[0].synthetic.value == pytest.approx(first.scores[0].synthetic.value, abs=0.01)
    assert all((old == column.real).all() for old, column in zip(before, columns, strict=True))


def test_a_constant_or_empty_feature_changes_nothing():
    columns = drawn(sign)
    plain = utility(columns, "y", seed=0)
    gone = [pa.array([0.5] * N), pa.nulls(N, pa.float64()), pa.array([0.5] * N)]
    same = align("k", "constant", *[pa.array(["k"] * N)] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert utility([*columns, same], "y", seed=0).scores == plain.scores
        more = utility([*columns, align("g", "continuous", *gone)], "y", seed=0).scores[0]
        utility([align("g", "continuous", *[pa.nulls(N, pa.float64())] * 3), columns[2]], "y", seed=0)
    assert more.synthetic.value == plain.scores[0].synthetic.value


def test_huge_numbers_are_no_trouble():
    columns = drawn(line, "continuous", change=lambda y: np.where(np.arange(N) < 5, 1e300, y))
    big = drawn(lambda x, draw: 1e299 * line(x, draw), "continuous")
    tiny = drawn(lambda x, draw: 1e-310 * line(x, draw), "continuous")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for made in (columns, big, tiny):
            for score in utility(made, "y", seed=0).scores:
                assert np.isfinite([score.synthetic.value, score.gap.value, score.gain.value]).all()
                assert score.real.value > (0.6 if score.measure == "r2" else 0)


def test_rare_classes_leave_draws_out_and_say_how_many():
    def rare(x, draw):
        y = third(x, draw)
        y[:2] = "odd"
        return y

    found = utility(drawn(rare), "y", seed=0)
    codes = {caveat.code: caveat.text for caveat in found.caveats}
    count = int(codes["undefined_draws"].split("in ")[1].split(" of 200")[0])
    assert 10 < count < 50  # e^-2 of 200 is 27
    assert found.scores[1].real.standard_error > 0


def test_a_class_of_one_row_leaves_too_few_draws_for_an_error_of_some_targets():
    def single(x, draw):
        y = third(x, draw).astype(object)
        y[:4] = ["p", "q", "r", "s"]
        return y

    auc = utility(drawn(single), "y", seed=0).scores[1]
    assert auc.measure == "macro_auc"
    assert (auc.real.standard_error, auc.real.low) == (None, None)


def test_few_rows_are_a_caveat_and_too_few_a_reason():
    def cut(n, held_out):
        parts = slice(0, n), slice(0, n), slice(0, held_out)
        x, y = pa.array(range(20)), pa.array(["a", "b"] * 10)
        return table(x=("continuous", *(x[part] for part in parts)), y=("categorical", *(y[part] for part in parts)))

    assert [caveat.code for caveat in utility(cut(20, 20), "y", 0).caveats] == ["few_rows"]
    for n, held_out in ((9, 9), (20, 9), (13, 0), (9, 20)):
        with pytest.raises(ValueError, match="it needs 10 rows"):
            utility(cut(n, held_out), "y", 0)


def test_a_target_that_is_unknown_or_cannot_be_used_is_refused():
    columns = drawn(sign)
    with pytest.raises(InputError, match="'x', 'c', 'y', got 'z'"):
        utility(columns, "z", 0)
    with pytest.raises(ValueError, match="no column beside"):
        utility(columns[2:], "y", 0)
    x, two, many = range(20), ["a", "b"] * 10, [f"{i % 15}" for i in range(20)]
    same = table(x=("continuous", x, x, x), y=("categorical", two, two, ["a"] * 20))
    with pytest.raises(ValueError, match="one value in all rows that are tested on"):
        utility(same, "y", 0)
    with pytest.raises(ValueError, match="15 classes, too many for 20 rows"):
        utility(table(x=("continuous", x, x, x), y=("categorical", many, many, many)), "y", 0)


def test_a_target_that_another_column_tells_is_learnt_with_a_caveat():
    columns = drawn(sign)
    y = columns[2]
    twin = align("twin", "categorical", *(y.support.take(side) for side in (y.real, y.synthetic, y.held_out)))
    found = utility([*columns, twin], "y", seed=0)
    assert [caveat.code for caveat in found.caveats] == ["determined"]
    assert "'twin'" in found.caveats[0].text


@pytest.mark.parametrize("classes", [2, 20])
def test_twenty_thousand_rows_take_seconds(classes):
    draw = np.random.default_rng(0)
    x = draw.normal(size=(50_000, 14))
    y = np.digitize(x[:, 0], np.linspace(-1.5, 1.5, classes - 1)).astype(str)
    parts = slice(0, 20_000), slice(20_000, 40_000), slice(40_000, 50_000)
    columns = [align(f"x{i}", "continuous", *(pa.array(x[part, i]) for part in parts)) for i in range(14)]
    columns.append(align("y", "categorical", *(pa.array(y[part]) for part in parts)))
    start = time.process_time()
    found = utility(columns, "y", seed=0)
    assert time.process_time() - start < 30  # about 1 and 3 on one core
    assert _sizes(found) == (20_000, 20_000, 10_000)
    assert found.scores[0].real.value > 0.9
