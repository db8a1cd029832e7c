from dataclasses import replace

import numpy as np
import pytest

from tabgan.evaluation.privacy import nearest_side, privacy, row_keys, share_error

N = 400


@pytest.fixture
def table(columns):
    """N training rows, N held-out rows and N synthetic rows of one source; or synthetic ones made of the real ones."""

    def build(make=None):
        draw = np.random.default_rng(0)

        def rows(n):
            x = draw.normal(size=n)
            return {"x": x, "y": np.exp(x + draw.normal(size=n)), "c": draw.choice(["a", "b", "c"], n)}

        real = rows(2 * N)
        synthetic = rows(N) if make is None else {name: make(cells) for name, cells in real.items()}
        kinds = {"x": "continuous", "y": "continuous", "c": "categorical"}
        return columns(**{name: (kinds[name], real[name], synthetic[name]) for name in real})

    return build


def test_rows_of_the_same_source_follow_neither_side(table):
    found = privacy(table(), N, seed=0)
    assert abs(found.nearer_to_train.value - 0.5) < 3 * found.nearer_to_train.standard_error
    assert found.nearer_to_train.floor == 0.5
    assert (found.copies.value, found.copies.floor) == (0.0, 0.0)
    assert (found.n_nearest, found.n_reference, found.n_synthetic, found.n_train, found.n_held_out) == (N,) * 5
    assert found.caveats == ()


def test_copied_training_rows_are_found(table):
    found = privacy(table(lambda cells: cells[:N]), N, seed=0)
    assert found.nearer_to_train.value == 1.0
    assert found.copies.value == 1.0
    assert found.copies.floor == 0.0


def test_copied_held_out_rows_lie_on_the_other_side(table):
    found = privacy(table(lambda cells: cells[N:]), N, seed=0)
    assert found.nearer_to_train.value == 0.0
    assert found.copies.value == 0.0


def test_rows_near_training_rows_are_found_though_none_is_copied(columns):
    draw = np.random.default_rng(0)
    real = draw.normal(size=(2, 2 * N))
    near = real[:, :N] + draw.normal(0, 1e-3, size=(2, N))
    found = privacy(columns(x=("continuous", real[0], near[0]), y=("continuous", real[1], near[1])), N, seed=0)
    assert found.copies.value == 0.0
    assert found.nearer_to_train.value > 0.9


def test_copies_of_both_sides_in_equal_number_cancel_out_and_are_counted(table):
    mixed = [
        replace(column, synthetic=np.concatenate([column.real[:100], column.real[N : N + 100]])) for column in table()
    ]
    found = privacy(mixed, N, seed=0)
    assert found.nearer_to_train.value == 0.5
    assert found.copies.value == 0.5
    assert found.copies.standard_error == pytest.approx(np.sqrt(0.25 / 200))


def test_ties_count_half(columns):
    cells = ["a", "b"] * N
    found = privacy(columns(c=("categorical", cells, ["a"] * N)), N, seed=0)
    assert found.nearer_to_train.value == 0.5
    assert (found.copies.value, found.copies.floor) == (1.0, 1.0)


def test_the_nearest_side_by_hand(columns):
    # real x has middle ranks 1/8, 3/8, 5/8, 7/8; rows 0 and 1 are the one side, rows 2 and 3 the other
    table = columns(
        x=("continuous", [1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 9.0, None]),
        c=("categorical", ["a", "b", "a", "b"], ["b", "a", "b", "a"]),
    )
    nearer, nearest = nearest_side(table, np.arange(4), np.arange(4))
    # row 0 equals real row 1; row 1 is 1/4 away from rows 0 and 2; row 2 is near 4.0; a missing x is 1 from all
    assert nearer.tolist() == [1.0, 0.5, 0.0, 0.5]
    assert nearest[[0, 2]].tolist() == [1, 3]


def test_missing_cells_are_alike(columns):
    table = columns(x=("continuous", [1.0, None, 2.0, 3.0], [None, 3.0]))
    assert nearest_side(table, np.arange(4), np.arange(2))[0].tolist() == [1.0, 0.0]


def test_units_shifts_and_outliers_do_not_matter(columns):
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(2, 2 * N)), draw.normal(size=(2, N))
    plain = columns(a=("continuous", x[0], y[0]), b=("continuous", x[1], y[1]))
    scaled = columns(
        a=("continuous", 1e6 * x[0] - 5, 1e6 * y[0] - 5), b=("continuous", np.exp(9 * x[1]), np.exp(9 * y[1]))
    )
    assert privacy(plain, N, 0) == privacy(scaled, N, 0)


def test_a_constant_column_changes_nothing(columns):
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=2 * N), draw.normal(size=N)
    plain = columns(x=("continuous", x, y))
    more = columns(x=("continuous", x, y), k=("continuous", [7.0] * 2 * N, [7.0] * N))
    assert privacy(plain, N, 0) == privacy(more, N, 0)


def test_the_sides_are_made_equally_large_and_large_tables_are_thinned(table):
    found = privacy(table(), 2 * N - 100, seed=0, max_rows=150, max_reference=80)
    assert (found.n_nearest, found.n_reference, found.n_train, found.n_held_out) == (150, 80, 2 * N - 100, 100)
    assert [caveat.code for caveat in found.caveats] == ["few_rows"]
    assert privacy(table(), N, seed=1) == privacy(table(), N, seed=1)


def test_chunks_do_not_change_the_result(table, monkeypatch):
    whole = privacy(table(), N, seed=0)
    monkeypatch.setattr("tabgan.evaluation.privacy._MAX_CELLS", 5 * 2 * N)
    assert privacy(table(), N, seed=0) == whole


def test_the_error_counts_rows_with_one_neighbour_as_one_throw():
    assert share_error(np.arange(100)) == pytest.approx(0.5 / np.sqrt(100))
    assert share_error(np.zeros(100, np.int64)) == pytest.approx(0.5)
    # the error is what fair coins for the neighbours give
    draw = np.random.default_rng(0)
    nearest = draw.zipf(2.0, 300) % 50
    shares = draw.integers(0, 2, (4000, 50))[:, nearest].mean(axis=1)
    assert share_error(nearest) == pytest.approx(shares.std(), rel=0.05)


def test_row_keys_tell_all_rows_apart():
    draw = np.random.default_rng(0)
    rows = draw.integers(0, 4, (300, 5))
    keys = row_keys(list(rows.T))
    same = (rows[:, None] == rows[None]).all(axis=2)
    assert ((keys[:, None] == keys[None]) == same).all()


def test_tiny_and_empty_inputs_are_refused(columns):
    with pytest.raises(ValueError, match="at least one column"):
        privacy([], 2, 0)
    few = columns(x=("continuous", [1.0, 2.0, 3.0], [1.0, 2.0]))
    with pytest.raises(ValueError, match="2, 1 and 2 rows"):
        privacy(few, 2, 0)
    enough = columns(x=("continuous", [1.0, 2.0, 3.0, 4.0], [1.0, 2.0]))
    assert privacy(enough, 2, 0).n_reference == 2
