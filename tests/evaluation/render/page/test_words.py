import pytest

from tabgan.evaluation.render.page import words
from tabgan.evaluation.results import Beside, Caveat, Estimate, Overlay, UtilityScore
from tests.evaluation.render.full_report import column, few, full_report, near, pair


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.00 %"),
        (1.0, "100.0 %"),
        (0.1234, "12.3 %"),
        (0.01234, "1.23 %"),
        (0.000123, "0.012 %"),
        (-0.2, "-20.0 %"),
    ],
)
def test_shares(value, shown):
    assert words.share(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.000"),
        (0.12345, "0.123"),
        (12.3456, "12.346"),
        (123.456, "123.5"),
        (12345.6, "12,346"),
        (2.5e9, "2.5e+09"),
    ],
)
def test_figures(value, shown):
    assert words.figure(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1.5, "", "1.500"),
        (3.0, "days", "3.000 days"),
        (90.0, "s", "90.000 seconds"),
        (7200, "s", "2.000 hours"),
        (1e9, "s", "31.688 years"),
    ],
)
def test_quantities_come_in_a_fitting_unit(value, unit, shown):
    assert words.quantity(value, unit) == shown


def test_intervals_and_signs():
    assert words.interval(Estimate(value=1.0)) == "–"
    assert words.interval(Estimate(value=0.5, low=0.25, high=0.75)) == "0.250 to 0.750"
    assert words.interval(Estimate(value=0.5, low=0.25, high=0.75), percent=True) == "25.0 to 75.0 %"
    assert words.signed(-0.5) == "−0.500"
    assert words.signed(0.5) == "+0.500"


@pytest.mark.parametrize(
    ("synthetic", "real", "verdict"),
    [(near(0.5), near(0.505), "No different"), (near(0.5), near(0.9), "Lower"), (near(0.9), near(0.5), "Higher"),
     (Estimate(value=0.5, low=0.4, high=0.6), Estimate(value=0.55, low=0.5, high=0.6), "No different"),
     (Estimate(value=0.5, low=0.4, high=0.6), Estimate(value=0.9, low=0.8, high=1.0), "Lower"),
     (Estimate(value=0.5), Estimate(value=0.5), "No different")],
)  # fmt: skip
def test_a_number_is_held_against_that_of_real_rows(synthetic, real, verdict):
    assert words.against(Beside(synthetic=synthetic, real=real)).startswith(verdict)


@pytest.mark.parametrize(("gap", "verdict"), [(near(0.1), "worse"), (near(-0.1), "better"), (near(0.0), "No loss")])
def test_utility_in_words(gap, verdict):
    zero = near(0.0)
    score = UtilityScore(measure="auc", synthetic=zero, real=zero, augmented=zero, gap=gap, gain=zero)
    assert verdict in words.utility_verdict(score)


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
    assert words.pair_change(found) == said


def test_what_a_picture_of_ranks_leaves_out_is_said():
    found = Overlay(kind="ranked", labels=("a", "b", "9 others"), real=(2, 2, 4), synthetic=(1, 1, 0))
    assert words.others(found).endswith("9 others hold 50.0 % of real and 0.00 % of synthetic cells.")


def test_caveats_of_the_test_alone_stay_out_of_the_card():
    caveats = (Caveat("merged", "merged"), Caveat("infinite", "infinite cells"))
    found = column("a", 0.1, few("a", ("x", "y"), 0.1).overlay, caveats=caveats)
    assert words.card_notes(found) == ["infinite cells"]


def test_reasons_are_found_by_name():
    assert words.why_not(full_report(), "column 'title'") == "free text is not compared"
    assert words.why_not(full_report(), *words.PRIVACY) == "it is not part of this report"


def test_sentences_begin_and_end():
    assert words.sentence("few rows") == "Few rows."
    assert words.sentence("Few rows!") == "Few rows!"
