import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tabgan.evaluation.drivers import MAX_ROWS, Scored, drivers, placements


def fold(n=1000, seed=0, model=LogisticRegression):
    """Three columns: a strong sign, a weak one, noise; the second half is scored."""
    draw = np.random.default_rng(seed)
    labels = np.arange(2 * n) % 2
    features = draw.normal(size=(2 * n, 3)) + labels[:, None] * np.asarray([1.5, 0.5, 0.0])
    return Scored(features[n:], labels[n:], model().fit(features[:n], labels[:n]))


def test_the_mean_placement_of_either_class_is_the_auc():
    draw = np.random.default_rng(0)
    labels, scores = draw.integers(0, 2, 300), draw.integers(0, 20, 300) / 4
    placed = placements(labels, scores)
    for label in (0, 1):
        assert placed[labels == label].mean() == pytest.approx(roc_auc_score(labels, scores))


@pytest.mark.parametrize("model", [LogisticRegression, HistGradientBoostingClassifier])
def test_importances_are_those_of_sklearn(model):
    scored = fold(model=model)
    found = drivers(["strong", "weak", "noise"], [scored], np.random.default_rng(0))
    oracle = permutation_importance(
        scored.model, scored.features, scored.labels, scoring="roc_auc", n_repeats=30, random_state=0
    )
    assert [driver.column for driver in found] == ["strong", "weak", "noise"]
    for driver, mean in zip(found, oracle.importances_mean, strict=True):
        assert abs(driver.importance.value - mean) < 4 * driver.importance.standard_error
        assert driver.importance.low <= driver.importance.value <= driver.importance.high
    assert found[1].importance.low > 0 > found[2].importance.low


def test_the_error_is_the_spread_over_fresh_rows():
    draw = np.random.default_rng(0)
    model = fold().model
    values, errors = [], []
    for seed in range(60):
        rows = fold(n=400, seed=seed)
        weak = drivers(["s", "w", "n"], [Scored(rows.features, rows.labels, model)], draw)[1].importance
        values.append(weak.value)
        errors.append(weak.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.35)


def test_more_folds_give_a_smaller_error():
    draw = np.random.default_rng(0)
    one, four = (drivers(["s", "w", "n"], [fold(seed=i) for i in range(k)], draw)[0] for k in (1, 4))
    assert four.importance.standard_error == pytest.approx(one.importance.standard_error / 2, rel=0.2)


def test_large_folds_are_thinned_and_not_changed():
    seen = []

    class Watching:
        def decision_function(self, features):
            seen.append(len(features))
            return features[:, 0]

    scored = fold(n=5000)
    before = scored.features.copy()
    drivers(["s", "w", "n"], [Scored(scored.features, scored.labels, Watching())], np.random.default_rng(0))
    assert seen == [MAX_ROWS, 3 * MAX_ROWS]
    np.testing.assert_array_equal(scored.features, before)
