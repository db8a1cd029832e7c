import numpy as np
import pytest
from sklearn.metrics import f1_score, r2_score, roc_auc_score

from tabgan.evaluation.utility import macro_f1, r_squared, utility, weighted_auc

N = 600


def halves(draw, columns, target_kind, target, noise=None, n_synthetic=N):
    """Columns of 2 N real and some synthetic rows; `target` makes the target from x and a generator."""
    x, other = draw.normal(size=2 * N), draw.normal(size=n_synthetic)
    made = target(other, draw) if noise is None else noise(target(other, draw))
    return columns(
        x=("continuous", x, other),
        c=("categorical", draw.choice(["a", "b"], 2 * N), draw.choice(["a", "b"], n_synthetic)),
        y=(target_kind, target(x, draw), made),
    )


def sign(x, draw):
    return np.where(x + 0.3 * draw.normal(size=len(x)) > 0, "up", "down")


def test_synthetic_rows_of_the_same_source_are_as_good_as_real_ones(columns):
    found = utility(halves(np.random.default_rng(0), columns, "categorical", sign), N, "y", seed=0)
    (score,) = found.scores
    assert (found.task, score.measure) == ("binary", "auc")
    assert (found.n_real, found.n_synthetic, found.n_test) == (N, N, N)
    assert score.real > 0.95
    assert abs(score.gap) < 4 * score.gap_error
    assert score.gap == pytest.approx(score.real - score.synthetic)
    assert 0 < score.real_error < 0.02


def test_a_target_torn_from_its_row_is_worth_nothing(columns):
    draw = np.random.default_rng(0)
    found = utility(halves(draw, columns, "categorical", sign, noise=draw.permutation), N, "y", seed=0)
    assert abs(found.scores[0].synthetic - 0.5) < 0.2  # chance patterns of one draw, not of the test rows
    assert found.scores[0].gap > 10 * found.scores[0].gap_error


def test_a_reversed_target_scores_below_chance(columns):
    swap = {"up": "down", "down": "up"}
    table = halves(
        np.random.default_rng(0), columns, "categorical", sign, noise=lambda y: np.asarray([swap[v] for v in y])
    )
    assert utility(table, N, "y", seed=0).scores[0].synthetic < 0.1


def test_numbers_are_scored_by_the_variance_explained(columns):
    # y = x + e with a spread of e half that of x: the best R² is 1 / 1.25 = 0.8
    def line(x, draw):
        return x + 0.5 * draw.normal(size=len(x))

    found = utility(halves(np.random.default_rng(0), columns, "continuous", line), N, "y", seed=0)
    assert (found.task, found.scores[0].measure) == ("regression", "r2")
    assert 0.6 < found.scores[0].real < 0.82
    assert 0.6 < found.scores[0].synthetic < 0.82


def test_three_classes_have_f1_and_auc(columns):
    def third(x, draw):
        return np.asarray(["low", "mid", "high"])[np.digitize(x, [-0.5, 0.5])]

    found = utility(halves(np.random.default_rng(0), columns, "categorical", third), N, "y", seed=0)
    assert found.task == "multiclass"
    assert [score.measure for score in found.scores] == ["macro_f1", "macro_auc"]
    assert min(score.synthetic for score in found.scores) > 0.95


def test_lost_and_invented_classes_cost(columns):
    draw = np.random.default_rng(0)
    x = draw.normal(size=2 * N)
    real = np.asarray(["low", "mid", "high"])[np.digitize(x, [-0.5, 0.5])]
    lost = columns(x=("continuous", x, x[:N]), y=("categorical", real, np.where(real[:N] == "mid", "low", real[:N])))
    invented = columns(x=("continuous", x, x[:N]), y=("categorical", real, np.where(x[:N] > 0.5, "new", real[:N])))
    for table in (lost, invented):
        f1 = utility(table, N, "y", seed=0).scores[0]
        assert f1.real > 0.95
        assert f1.synthetic < 0.72  # at most two of three classes can be hit


def test_one_synthetic_class_is_a_constant_guess(columns):
    table = halves(np.random.default_rng(0), columns, "categorical", sign, noise=lambda y: np.full(len(y), "up"))
    assert utility(table, N, "y", seed=0).scores[0].synthetic == 0.5


def test_rows_without_a_target_are_left_out_and_missing_features_are_used(columns):
    draw = np.random.default_rng(0)
    x, other = draw.normal(size=2 * N), draw.normal(size=N)
    gaps = [np.where(draw.random(len(part)) < 0.2, np.nan, part) for part in (x, other)]
    targets = [2 * part for part in (x, other)]
    targets[0][:100], targets[0][-50:], targets[1][:10] = np.nan, np.nan, np.nan
    found = utility(columns(x=("continuous", *gaps), y=("continuous", *targets)), N, "y", seed=0)
    assert (found.n_real, found.n_test, found.n_synthetic) == (N - 100, N - 50, N - 10)
    assert found.scores[0].synthetic > 0.7


def test_the_order_of_columns_rows_and_labels_does_not_matter_much_and_the_seed_fixes_all(columns):
    table = halves(np.random.default_rng(0), columns, "categorical", sign)
    first = utility(table, N, "y", seed=3)
    assert utility(table, N, "y", seed=3) == first
    turned = utility(table[::-1], N, "y", seed=3)
    assert turned.scores[0].synthetic == pytest.approx(first.scores[0].synthetic, abs=0.005)


def test_a_constant_feature_changes_nothing(columns):
    draw = np.random.default_rng(0)
    x = draw.normal(size=2 * N)
    parts = {"x": ("continuous", x, x[:N]), "y": ("categorical", sign(x, draw), sign(x[:N], draw))}
    plain = utility(columns(**parts), N, "y", seed=0)
    more = utility(columns(**parts, k=("constant", ["k"] * 2 * N, ["k"] * N)), N, "y", seed=0)
    assert more.scores == plain.scores


def test_few_rows_are_a_caveat_and_too_few_an_error(columns):
    def cut(n):
        y = ["a", "b"] * n
        return columns(x=("continuous", list(range(2 * n)), list(range(n))), y=("categorical", y, y[:n]))

    assert [caveat.code for caveat in utility(cut(20), 20, "y", 0).caveats] == ["few_rows"]
    with pytest.raises(ValueError, match="10 rows"):
        utility(cut(9), 9, "y", 0)
    with pytest.raises(ValueError, match="10 rows"):
        utility(cut(20), 40, "y", 0)


def test_an_unknown_a_lonely_and_a_constant_target_are_refused(columns):
    table = halves(np.random.default_rng(0), columns, "categorical", sign)
    with pytest.raises(ValueError, match="'z'"):
        utility(table, N, "z", 0)
    with pytest.raises(ValueError, match="one more column"):
        utility(table[2:], N, "y", 0)
    constant = columns(x=("continuous", [1.0, 2.0] * 20, [1.0] * 20), y=("categorical", ["a"] * 40, ["a", "b"] * 10))
    with pytest.raises(ValueError, match="varies"):
        utility(constant, 20, "y", 0)


def test_measures_agree_with_scikit_learn_on_weighted_rows():
    draw = np.random.default_rng(0)
    weights = draw.integers(0, 4, 200).astype(float)
    labels, chosen = draw.integers(0, 3, 200), draw.integers(0, 4, 200)
    scores = draw.integers(0, 9, 200)  # many ties
    ranks = np.unique(scores, return_inverse=True)[1]
    auc = roc_auc_score(labels == 1, scores, sample_weight=weights)
    assert weighted_auc(labels == 1, ranks, weights) == pytest.approx(auc)
    f1 = f1_score(labels, chosen, labels=[0, 1, 2], average="macro", sample_weight=weights, zero_division=0)
    assert macro_f1(labels, chosen, weights) == pytest.approx(f1)
    assert r_squared(labels * 1.0, scores * 1.0, weights) == pytest.approx(
        r2_score(labels, scores, sample_weight=weights)
    )
    assert np.isnan(weighted_auc(labels > 5, ranks, weights))
