import numpy as np
import pyarrow as pa
import pytest

from tabgan.evaluation.aligned import align
from tabgan.evaluation.pairs import pair_errors, pair_names


def test_two_categories_by_hand(columns):
    # joint shares 1/2 aa, 1/2 bb against 1/4 each
    found = pair_errors(
        columns(
            p=("categorical", ["a", "b"], ["a", "a", "b", "b"]), q=("categorical", ["a", "b"], ["a", "b", "a", "b"])
        )
    )
    assert found.errors == pytest.approx([0.5])


def test_two_numbers_by_hand(columns):
    x = [1.0, 2.0, 3.0, 4.0]
    found = pair_errors(columns(p=("continuous", x, x), q=("continuous", x, x[::-1])))
    assert found.errors == pytest.approx([1.0])
    assert (found.real[0], found.synthetic[0]) == (pytest.approx(1.0), pytest.approx(-1.0))


def test_numbers_beside_categories_are_cut_at_the_real_edges(columns):
    real = list(range(11))
    table = columns(x=("continuous", real, [*real[:-1], 1000]), c=("categorical", ["a"] * 11, ["a"] * 11))
    found = pair_errors(table)
    assert found.errors == pytest.approx([0.0])
    # own edges: one cell a bin (the maximum alone) against ten cells in the first bin and one alone
    assert found.separate == pytest.approx([9 / 11])


def test_missing_cells_are_a_category(columns):
    found = pair_errors(columns(p=("categorical", ["a", "a"], ["a", None]), q=("categorical", ["b", "b"], ["b", "b"])))
    assert found.errors == pytest.approx([0.5])


def test_correlations_use_the_rows_where_both_are_present(columns):
    x, y = [1.0, 2.0, 3.0, None, 5.0], [2.0, 4.0, 6.0, 8.0, None]
    found = pair_errors(columns(x=("continuous", x, x), y=("continuous", y, y)))
    assert found.real == pytest.approx([1.0])
    assert found.n_real.tolist() == [3]


def test_a_collapsed_column_counts_but_two_constant_ones_do_not(columns):
    x = [1.0, 2.0, 3.0]
    flat = [7.0, 7.0, 7.0]
    collapsed = columns(x=("continuous", x, flat), y=("continuous", x, x))
    assert pair_errors(collapsed).errors == pytest.approx([0.5])
    assert np.isnan(pair_errors(collapsed).separate).all()
    assert np.isnan(pair_errors(collapsed).association_synthetic).all()
    both = pair_errors(columns(x=("continuous", flat, flat), y=("continuous", x, x)))
    assert np.isnan(both.errors).all()
    assert np.isnan(both.mean)


def test_infinite_cells_do_not_spoil_a_correlation(columns):
    x, y = [1.0, 2.0, 3.0, np.inf], [1.0, 2.0, 3.0, 4.0]
    found = pair_errors(columns(x=("continuous", x[:3], x), y=("continuous", y[:3], y)))
    assert found.errors == pytest.approx([0.0])
    assert found.n_synthetic.tolist() == [3]


@pytest.mark.parametrize("kind", ["high_cardinality", "continuous"])
def test_many_categories_give_the_same_error_without_a_matrix(columns, monkeypatch, kind):
    draw = np.random.default_rng(0)
    cells = [draw.integers(0, 400, 3000) for _ in range(4)]
    other = ("high_cardinality", cells[2].astype(str), cells[3].astype(str))
    first = cells[:2] if kind == "continuous" else [side.astype(str) for side in cells[:2]]
    table = columns(p=(kind, *first), q=other)
    whole = pair_errors(table)
    monkeypatch.setattr("tabgan.evaluation.pairs.is_small", lambda *_: False)
    sparse = pair_errors(table)
    for field in ("errors", "separate", "association_real", "association_synthetic"):
        np.testing.assert_allclose(getattr(sparse, field), getattr(whole, field), err_msg=field, atol=1e-12)


def test_the_strength_of_each_kind_of_pair(columns):
    draw = np.random.default_rng(0)
    x, letters = draw.normal(size=2000), np.asarray(list("abcd"))
    labels, other = letters[draw.integers(0, 4, 2000)], letters[draw.integers(0, 4, 2000)]
    table = columns(
        x=("continuous", x, x),
        y=("continuous", -x, draw.normal(size=2000)),
        c=("categorical", labels, labels),
        d=("categorical", labels, other),
    )
    found = pair_errors(table)
    strengths = dict(
        zip(pair_names(table), zip(found.association_real, found.association_synthetic, strict=True), strict=True)
    )
    assert strengths["x", "y"] == (pytest.approx(1.0), pytest.approx(0.0, abs=0.08))
    assert strengths["c", "d"] == (pytest.approx(1.0), pytest.approx(0.0, abs=0.08))
    assert strengths["x", "c"] == (pytest.approx(0.0, abs=0.08), pytest.approx(0.0, abs=0.08))
    assert np.isnan(pair_errors(table, associations=False).association_real[1])


def test_values_of_held_out_rows_change_nothing():
    sides = pa.array([1.0, 2.0, 3.0, 4.0]), pa.array([4.0, 3.0, 2.0, 2.0])
    labels = pa.array(["a", "b", "b", "a"]), pa.array(["b", "b", "b", "a"])
    held = pa.array([-100.0, 1e9, np.inf]), pa.array(["z", "aa", None])
    plain, more = (
        pair_errors([align("x", "continuous", *sides, extra[0]), align("c", "categorical", *labels, extra[1])])
        for extra in ((None, None), held)
    )
    for field in ("errors", "separate", "association_real", "association_synthetic"):
        np.testing.assert_array_equal(getattr(more, field), getattr(plain, field))


def test_pairs_come_in_the_order_of_their_names(columns):
    a, b = ["x", "y"], ["y", "x"]
    table = columns(
        p=("categorical", a, a),
        n=("continuous", [1, 2], [2, 1]),
        q=("categorical", a, b),
        m=("continuous", [1, 2], [1, 2]),
    )
    by_name = dict(zip(pair_names(table), pair_errors(table).errors, strict=True))
    # p is unchanged and n, q are swapped row by row: only pairs with one swapped column differ
    changed = {("p", "n"), ("p", "q"), ("n", "m"), ("q", "m")}
    for names, error in by_name.items():
        assert (error == pytest.approx(1.0)) == (names in changed), names


def test_one_column_has_no_pairs(columns):
    found = pair_errors(columns(p=("categorical", ["a"], ["a"])))
    assert found.errors.shape == (0,)
    assert np.isnan(pair_errors([]).mean)
