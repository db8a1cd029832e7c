from itertools import combinations

import numpy as np
import pytest

from tabgan.evaluation.embedding import MAX_FEATURES, embed, grouped, middle_ranks


def points(table):
    return embed(table, [np.concatenate([column.real, column.synthetic]) for column in table])


def squared(found, i, j):
    return float(((found[i].astype(float) - found[j]) ** 2).sum())


def test_numbers_are_middle_ranks_among_the_real_cells(columns):
    table = columns(x=("continuous", [10.0, 20.0, 20.0, 40.0], [5.0, 15.0, 99.0, 20.0]))
    # share of real cells below, plus half of those equal
    assert points(table)[:, 0] / np.sqrt(3) == pytest.approx([0.125, 0.5, 0.5, 0.875, 0.0, 0.25, 1.0, 0.5])


def test_two_random_numbers_are_half_apart_and_so_are_two_random_halves(columns):
    draw = np.random.default_rng(0)
    table = columns(
        x=("continuous", np.exp(5 * draw.normal(size=4000)), [0.0]),
        c=("categorical", draw.choice(["a", "b"], 4000), ["a"]),
    )
    found = points(table).astype(float)[:4000]
    gaps = (found[:2000] - found[2000:]) ** 2
    assert gaps[:, 0].mean() == pytest.approx(0.5, abs=0.05)
    assert gaps[:, 1:].sum(axis=1).mean() == pytest.approx(0.5, abs=0.05)


def test_differing_categories_are_one_apart_and_missing_is_one_of_them(columns):
    found = points(columns(c=("categorical", ["a", "b", "c"], [None, "z", "a"])))
    gaps = [squared(found, i, j) for i, j in combinations(range(6), 2) if (i, j) != (0, 5)]
    assert gaps == pytest.approx([1.0] * 14)
    assert squared(found, 0, 5) == 0.0


def test_a_missing_number_is_one_apart_from_present_ones_on_average(columns):
    found = points(columns(x=("continuous", np.arange(1000.0), [None, None, 500.0])))
    gaps = [squared(found, i, 1000) for i in range(1000)]
    assert np.mean(gaps) == pytest.approx(1.0, abs=1e-3)
    assert min(gaps) == pytest.approx(0.75, abs=1e-3)
    assert squared(found, 1000, 1001) == 0.0


def test_the_unit_and_the_spread_of_a_number_do_not_matter(columns):
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=50), draw.normal(size=40)
    np.testing.assert_array_equal(
        points(columns(x=("continuous", x, y))), points(columns(x=("continuous", np.exp(9 * x), np.exp(9 * y))))
    )


def test_frequent_categories_stay_apart_and_rare_ones_share_places(columns):
    draw = np.random.default_rng(0)
    cells = (draw.zipf(1.3, 4000) % 2000).astype(str)
    table = columns(c=("high_cardinality", cells[:2000], cells[2000:]))
    found = points(table)
    assert 200 < found.shape[1] <= 256
    top = max(set(cells), key=list(cells).count)
    at_top = found[cells == top]
    assert (at_top == at_top[0]).all()
    assert (found[cells != top] != at_top[0]).any(axis=1).all()
    assert len(np.unique(found, axis=0)) < len(set(cells))


def test_grouping_with_a_small_cap_keeps_the_most_frequent(columns):
    cells = ["a"] * 9 + ["b"] * 8 + ["c"] * 7 + ["d"] * 6 + list("efghij")
    table = columns(c=("categorical", cells, ["k"]))
    groups = grouped(table[0], table[0].real, 5)
    assert groups[:4].tolist() == [0, 1, 2, 3]
    assert set(groups[4:10]) == {4}
    assert groups.max() < 5


def test_points_are_of_bounded_width(columns):
    draw = np.random.default_rng(0)
    cells = {f"c{i}": draw.integers(0, 200, 500).astype(str) for i in range(30)}
    wide = columns(**{name: ("categorical", values[:300], values[300:]) for name, values in cells.items()})
    few = columns(**{f"n{i}": ("continuous", draw.normal(size=20), [np.nan]) for i in range(20)})
    found = points(wide)
    assert MAX_FEATURES * 0.9 < found.shape[1] <= MAX_FEATURES
    cells = [np.concatenate([column.real, column.synthetic]) for column in wide]
    assert 260 < embed(wide, cells, max_features=300).shape[1] <= 300
    assert points(few).shape == (21, 40)
    many = columns(**{f"c{i}": ("categorical", list("abcdefgh"), list("abcdefgh")) for i in range(800)})
    assert points(many).shape[1] <= 4 * 800


def test_odd_columns_give_finite_points(columns):
    table = columns(
        infinite=("continuous", [np.inf, -np.inf, 1.0], [np.inf, 2.0, None]),
        missing=("continuous", [None] * 3, [None] * 3),
        no_real=("continuous", [np.nan] * 3, [1.0, 2.0, 3.0]),
        constant=("categorical", ["a"] * 3, ["a"] * 3),
        huge=("continuous", [2**62, 2**62 + 1, 2**62 + 2], [2**62, 2**62, 2**62]),
        void=("categorical", [None] * 3, [None] * 3),
    )
    found = points(table)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert middle_ranks(table[2]).tolist() == [0.5] * 3
    with pytest.raises(ValueError, match="at least one column"):
        embed([], [])


def test_positions_of_any_integer_type_are_taken_and_none_is_changed(columns):
    table = columns(x=("continuous", [1.0, 2.0], [None, 3.0]), c=("categorical", ["a", None], ["b", "a"]))
    cells = [np.concatenate([column.real, column.synthetic]) for column in table]
    before = [codes.copy() for codes in cells]
    np.testing.assert_array_equal(embed(table, cells), embed(table, [codes.astype(np.int32) for codes in cells]))
    for codes, old in zip(cells, before, strict=True):
        np.testing.assert_array_equal(codes, old)


def test_no_rows_are_no_points(columns):
    table = columns(x=("continuous", [1.0, 2.0], [3.0]), c=("categorical", ["a", "b"], ["b"]))
    assert embed(table, [np.empty(0, np.int64)] * 2).shape[0] == 0
