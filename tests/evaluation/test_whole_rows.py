import pytest

from tabgan.errors import InputError
from tabgan.evaluation.matching import match
from tabgan.evaluation.report import OPTIONAL
from tabgan.evaluation.whole_rows import DOING, whole_rows
from tabgan.table.schema import Schema


@pytest.fixture
def small(columns):
    return columns(x=("continuous", [1.5, 2.5, 3.5], [1.5, 2.5]), c=("categorical", ["a", "b", "a"], ["b", "a"]))


def test_what_is_told_is_named_for_every_measure_that_can_be_left_out():
    assert tuple(DOING) == OPTIONAL


def test_measures_that_cannot_be_computed_say_why(small):
    told = []
    found, skipped = whole_rows(small, None, 0, ("utility",), told.append)
    reasons = {entry.what: entry.reason for entry in skipped}
    assert reasons.pop("utility") == "not asked for"
    assert "rows" in reasons["detection"]
    assert set(found) | set(reasons) >= set(OPTIONAL) - {"utility"}
    assert told == [doing for name, doing in DOING.items() if name != "utility"]


def test_a_mistaken_target_is_not_a_gap(small):
    with pytest.raises(InputError, match="'z'"):
        whole_rows(small, "z", 0, (), lambda doing: None)


def test_without_held_out_rows_attacks_are_named_as_not_tried(people):
    table = people(200, 0)
    given = match(table, people(200, 1), Schema.infer(table)).columns
    found, skipped = whole_rows(given, None, 0, set(OPTIONAL) - {"privacy"}, lambda doing: None)
    assert found["privacy"].membership is None
    assert "holdout" in {entry.what: entry.reason for entry in skipped}["membership inference and attacks"]
