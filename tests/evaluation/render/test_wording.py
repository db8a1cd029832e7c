import pytest

from tabgan.evaluation import terms
from tabgan.evaluation.render import wording
from tabgan.evaluation.render.figures import Figure
from tabgan.evaluation.results import Caveat, DetectionResult, Estimate, NotComputed, Overlay, UtilityScore
from tests.evaluation.render.full_report import column, few, full_report, near, pair


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


@pytest.mark.parametrize(
    ("synthetic", "real", "verdict"),
    [(near(0.5), near(0.505), "No difference"), (near(0.5), near(0.9), "Lower"), (near(0.9), near(0.5), "Higher"),
     (Estimate(value=0.5, low=0.4, high=0.6), Estimate(value=0.55, low=0.5, high=0.6), "No difference"),
     (Estimate(value=0.5, low=0.4, high=0.6), Estimate(value=0.9, low=0.8, high=1.0), "Lower"),
     (Estimate(value=0.5), Estimate(value=0.5), "No difference")],
)  # fmt: skip
def test_a_number_is_held_against_that_of_real_rows(synthetic, real, verdict):
    assert wording.against(Figure(terms.COVERAGE, synthetic, real, "9")).startswith(verdict)


@pytest.mark.parametrize(("gap", "verdict"), [(near(0.1), "worse"), (near(-0.1), "better"), (near(0.0), "No loss")])
def test_utility_in_words(gap, verdict):
    zero = near(0.0)
    score = UtilityScore(measure="auc", synthetic=zero, real=zero, augmented=zero, gap=gap, gain=zero)
    assert verdict in wording.utility_verdict(score)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (pair("a", "b", 0.8, 0.3), "less tied than in the real table"),
        (pair("a", "b", 0.3, 0.8), "more tied than in the real table"),
        (pair("a", "b", 0.3, 0.3), "no different from a second real sample"),
        (pair("a", "b", 0.8, 0.3, numeric=True), "r -0.80 → -0.30"),
        (pair("a", "b", 0.8, -0.3, numeric=True), "r -0.80 → +0.30, turned round"),
    ],
)
def test_pairs_in_words(found, said):
    assert wording.pair_change(found) == said


def test_what_a_picture_of_ranks_leaves_out_is_said():
    found = Overlay(kind="ranked", labels=("a", "b", "9 others"), real=(2, 2, 4), synthetic=(1, 1, 0))
    assert wording.others(found).endswith("9 others hold 50.0 % of real and 0.00 % of synthetic cells.")


def test_caveats_of_the_test_alone_stay_out_of_the_card():
    caveats = (Caveat("merged", "merged"), Caveat("infinite", "infinite cells"))
    found = column("a", 0.1, few("a", ("x", "y"), 0.1).overlay, caveats=caveats)
    assert wording.card_notes(found) == ["infinite cells"]


def test_reasons_are_found_by_name():
    assert wording.why_not(full_report(), "column 'title'") == "free text is not compared"
    assert wording.why_not(full_report(), "privacy") == "it is not part of this report"


def test_sentences_begin_and_end():
    assert wording.sentence("few rows") == "Few rows."
    assert wording.sentence("Few rows!") == "Few rows!"


@pytest.mark.parametrize(
    ("found", "verdict"), [(near(0.6), "More than"), (near(0.5), "No more than"), (Estimate(value=0.9), "")]
)
def test_a_number_is_held_against_chance(found, verdict):
    told = wording.against(Figure(terms.MEMBERSHIP, found, Estimate(value=0.5), "9", by_chance=True))
    assert told.startswith(verdict)
    assert bool(told) == bool(verdict)


def test_measures_have_units_and_parts_have_names():
    zero = near(0.0)
    score = UtilityScore(measure="rmse", unit="days", synthetic=zero, real=zero, augmented=zero, gap=zero, gain=zero)
    assert wording.utility_measure(score) == "RMSE, days"
    assert wording.left_out(NotComputed("support", "too few")) == "density and coverage"
    assert wording.left_out(NotComputed("column 'a'", "text")) == "column 'a'"


def test_a_small_sure_loss_is_called_small():
    def verdict(measure: str, real: float, gap: float) -> str:
        sure = Estimate(value=gap, low=gap / 2, high=2 * gap)
        parts = dict.fromkeys(("synthetic", "augmented", "gain"), Estimate(value=0.0))
        score = UtilityScore(measure=measure, real=Estimate(value=real), gap=sure, **parts)
        return wording.utility_verdict(score)

    assert "a little worse" in verdict("auc", 0.9, 0.007)
    assert "is worse" in verdict("auc", 0.9, 0.05)
    assert "a little worse" in verdict("rmse", 1000.0, 5.0)
    assert "is worse" in verdict("rmse", 1000.0, 50.0)
