import numpy as np
import pytest

from tabgan.evaluation.detection import auc_error, detect, linear_features, tree_features
from tabgan.evaluation.embedding import MAX_CATEGORIES


def codes(table):
    return [np.concatenate([column.real, column.synthetic]) for column in table]


def test_equal_tables_cannot_be_told_apart(columns):
    draw = np.random.default_rng(1)
    table = columns(
        x=("continuous", draw.normal(size=900), draw.normal(size=1500)),
        c=("categorical", draw.choice(["a", "b"], 900), draw.choice(["a", "b"], 1500)),
    )
    for found in detect(table, seed=0):
        assert abs(found.auc - 0.5) < 4 * found.standard_error
        assert found.n_per_class == 900
        assert len(found.fold_aucs) == 3


def test_trees_see_a_broken_tie_that_logistic_regression_cannot(columns):
    draw = np.random.default_rng(1)
    x, other = draw.normal(size=2000), draw.normal(size=2000)
    table = columns(x=("continuous", x, other), y=("continuous", x, draw.permutation(other)))
    boosting, logistic = detect(table, seed=0)
    assert boosting.auc > 0.9
    assert logistic.auc < 0.6


def test_the_columns_that_give_most_away_come_first(columns):
    draw = np.random.default_rng(1)
    table = columns(
        same=("continuous", draw.normal(size=900), draw.normal(size=900)),
        shifted=("continuous", draw.normal(size=900), draw.normal(size=900) + 1),
        invented=("categorical", ["a"] * 900, ["b"] * 800 + ["a"] * 100),
    )
    boosting, logistic = detect(table, seed=0)
    assert [driver.column for driver in boosting.drivers] == ["invented", "shifted", "same"]
    assert boosting.drivers[0].importance.low > 0.2
    assert boosting.drivers[2].importance.value == pytest.approx(0.0, abs=0.02)
    assert logistic.drivers == ()


def test_equal_tables_have_no_driver(columns):
    draw = np.random.default_rng(1)
    table = columns(**{f"c{i}": ("continuous", draw.normal(size=900), draw.normal(size=900)) for i in range(4)})
    for driver in detect(table, seed=0)[0].drivers:
        assert abs(driver.importance.value) < 4 * driver.importance.standard_error


def test_the_aucs_are_those_of_the_seed(columns):
    draw = np.random.default_rng(1)
    x = draw.normal(size=600)
    table = columns(
        x=("continuous", x, x + draw.normal(0, 0.3, 600)), c=("categorical", list("ab") * 300, list("aab") * 200)
    )
    assert [found.auc for found in detect(table, seed=0)] == pytest.approx([0.5343583333333334, 0.576025], abs=1e-9)


@pytest.mark.filterwarnings("error")
def test_odd_columns_are_borne(columns):
    table = columns(
        infinite=("continuous", [np.inf, -np.inf] * 10, [np.inf, 2.0] * 10),
        missing=("continuous", [np.nan] * 20, [np.nan] * 20),
        void=("categorical", [None] * 20, [None] * 20),
    )
    for part in (table, table[1:2], table[2:]):
        boosting, _ = detect(part, 0)
        assert [len(part)] == [len(boosting.drivers)]
        assert np.isfinite([driver.importance.value for driver in boosting.drivers]).all()


def test_both_see_a_shift_and_invented_categories(columns):
    draw = np.random.default_rng(1)
    shifted = columns(x=("continuous", draw.normal(size=600), draw.normal(size=600) + 3))
    invented = columns(c=("categorical", ["a"] * 600, ["b"] * 300 + ["a"] * 300))
    # a mean shift of 3 standard deviations: AUC = Phi(3 / sqrt 2) = 0.983; half invented: 0.75
    assert [found.auc for found in detect(shifted, 0)] == pytest.approx([0.983, 0.983], abs=0.02)
    assert [found.auc for found in detect(invented, 0)] == pytest.approx([0.75, 0.75], abs=0.03)


def test_missing_cells_are_seen(columns):
    draw = np.random.default_rng(1)
    synthetic = np.where(np.arange(600) % 2, np.nan, draw.normal(size=600))
    table = columns(x=("continuous", draw.normal(size=600), synthetic))
    assert [found.auc for found in detect(table, 0)] == pytest.approx([0.75, 0.75], abs=0.06)


def test_the_same_seed_gives_the_same_result_and_large_tables_are_thinned(columns):
    draw = np.random.default_rng(1)
    table = columns(x=("continuous", draw.normal(size=500), draw.normal(size=900)))
    assert detect(table, 3, max_rows=300) == detect(table, 3, max_rows=300)
    assert detect(table, 3, max_rows=300) != detect(table, 4, max_rows=300)
    assert detect(table, 3, max_rows=300)[0].n_per_class == 300


def test_many_categories_share_codes_below_the_cap(columns):
    draw = np.random.default_rng(1)
    cells = (draw.zipf(1.3, 4000) % 2000).astype(str)
    table = columns(c=("high_cardinality", cells[:2000], cells[2000:]))
    features, categorical = tree_features(table, codes(table))
    assert categorical.tolist() == [True]
    assert len(np.unique(features)) <= MAX_CATEGORIES
    assert features.max() < MAX_CATEGORIES
    top = max(set(cells), key=list(cells).count)
    alone = features[cells == top, 0]
    assert len(set(alone)) == 1
    assert not np.isin(features[cells != top, 0], alone[0]).any()


def test_linear_features_are_scaled_and_hold_no_empty_column(columns):
    table = columns(
        x=("continuous", [1e12, 2e12, None], [3e12, 4e12, 5e12]), c=("categorical", ["a", "b", None], ["a", "a", "a"])
    )
    features = linear_features(table, codes(table)).toarray()
    assert features.shape == (6, 5)  # x, x missing, a, b, c missing
    assert np.abs(features).max() < 2


@pytest.mark.parametrize("n", [1, 9])
def test_too_few_rows_are_refused(columns, n):
    with pytest.raises(ValueError, match="10 rows"):
        detect(columns(x=("continuous", list(range(n)), list(range(50)))), 0)


def test_the_error_of_an_auc_by_hand():
    # 0.5 with n positives and m negatives: sqrt((n + m + 1) / (12 n m))
    assert auc_error(0.5, 40, 30) == pytest.approx(np.sqrt(71 / (12 * 40 * 30)))
    assert auc_error(1.0, 40, 30) == pytest.approx(0.0)
