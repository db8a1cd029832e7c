import pytest

from tabgan.evaluation.render import wording
from tabgan.evaluation.results import DetectionResult, Estimate
from tests.evaluation.render.full_report import full_report


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.25, "0.250"), (0.0012, "0.001"), (3e-20, "3e-20"), (0.0, "<1e-300")],
)
def test_p_values(value, shown):
    assert wording.p_value(value) == shown


@pytest.mark.parametrize(
    ("n", "shown"),
    [(0, "0"), (9999, "9999"), (32561, "32.6k"), (250_000, "250k"), (1_234_567, "1.2M"), (2.5e9, "2.5G")],
)
def test_counts_in_few_characters(n, shown):
    assert wording.count(int(n)) == shown


def test_verdicts_compare_with_the_floor():
    at = Estimate(value=1.1, standard_error=0.1, floor=1.0, floor_error=0.05)
    above = Estimate(value=3.0, standard_error=0.1, floor=1.0, floor_error=0.05)
    assert wording.verdict(at).startswith("No further")
    assert wording.verdict(above).startswith("3.0 times")
    assert wording.verdict(Estimate(value=3.0)) == ""


@pytest.mark.parametrize(
    ("auc", "word"), [(0.505, "cannot"), (0.55, "faint"), (0.7, "a difference"), (0.8, "many"), (1.0, "nearly all")]
)
def test_detection_in_words(auc, word):
    found = DetectionResult(classifier="c", auc=auc, standard_error=0.01, fold_aucs=(auc,), n_per_class=100)
    assert word in wording.detection_verdict(found)


def test_the_method_tells_of_what_is_in_the_report_and_of_nothing_else(bare):
    told = " ".join(wording.method(full_report()))
    for word in ("Kolmogorov", "Pearson", "folds", "Naeem", "Heusel", "k-means", "Utility", "Giomi", "seed 3"):
        assert word in told
    assert len(wording.method(bare[0])) == 1
