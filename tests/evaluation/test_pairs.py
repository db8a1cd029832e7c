import numpy as np
import pytest

from tabgan.evaluation import pairs as tested
from tabgan.evaluation.pairs import pair_errors, pair_names, pearson, with_separate_edges


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
    own = with_separate_edges(table, found)
    # own edges: one cell a bin (the maximum alone) against ten cells in the first bin and one alone
    assert own.errors == pytest.approx([9 / 11])


def test_missing_cells_are_a_category(columns):
    found = pair_errors(columns(p=("categorical", ["a", "a"], ["a", None]), q=("categorical", ["b", "b"], ["b", "b"])))
    assert found.errors == pytest.approx([0.5])


def test_correlations_use_the_rows_where_both_are_present(columns):
    x, y = [1.0, 2.0, 3.0, None, 5.0], [2.0, 4.0, 6.0, 8.0, None]
    found = pair_errors(columns(x=("continuous", x, x), y=("continuous", y, y)))
    assert found.real == pytest.approx([1.0])
    assert found.n_real.tolist() == [3]


def test_pearson_equals_numpy_at_any_scale():
    draw = np.random.default_rng(0)
    values = draw.normal(size=(500, 4)) @ draw.normal(size=(4, 4)) * [1, 1e-8, 1e12, 1] + [0, 0, 1.7e18, 5]
    r, n = pearson(values)
    np.testing.assert_allclose(r, np.corrcoef(values, rowvar=False), atol=1e-9)
    assert (n == 500).all()


def test_a_constant_column_has_no_correlation():
    draw = np.random.default_rng(0)
    r, _ = pearson(np.column_stack([np.full(300, 0.1), draw.normal(size=300)]))
    assert np.isnan(r[0, 1])


def test_a_collapsed_column_counts_but_two_constant_ones_do_not(columns):
    x = [1.0, 2.0, 3.0]
    flat = [7.0, 7.0, 7.0]
    collapsed = columns(x=("continuous", x, flat), y=("continuous", x, x))
    assert pair_errors(collapsed).errors == pytest.approx([0.5])
    assert np.isnan(with_separate_edges(collapsed, pair_errors(collapsed)).errors).all()
    both = pair_errors(columns(x=("continuous", flat, flat), y=("continuous", x, x)))
    assert np.isnan(both.errors).all()
    assert np.isnan(both.mean)


def test_infinite_cells_do_not_spoil_a_correlation(columns):
    x, y = [1.0, 2.0, 3.0, np.inf], [1.0, 2.0, 3.0, 4.0]
    found = pair_errors(columns(x=("continuous", x[:3], x), y=("continuous", y[:3], y)))
    assert found.errors == pytest.approx([0.0])
    assert found.n_synthetic.tolist() == [3]


def test_many_categories_give_the_same_error_without_a_matrix(columns, monkeypatch):
    draw = np.random.default_rng(0)
    cells = [draw.integers(0, 400, 3000).astype(str) for _ in range(4)]
    table = columns(p=("high_cardinality", cells[0], cells[1]), q=("high_cardinality", cells[2], cells[3]))
    sparse = pair_errors(table).errors
    monkeypatch.setattr(tested, "_MAX_CELLS", 10_000_000)
    np.testing.assert_allclose(sparse, pair_errors(table).errors)


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
