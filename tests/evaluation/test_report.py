import dataclasses
import json

import pytest

from tabgan.errors import InputError
from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.report import Report, json_schema
from tabgan.evaluation.results import Estimate


@pytest.fixture
def report(people):
    return evaluate(people(120, 0), people(80, 1))


def test_a_report_comes_back_from_json(report):
    assert Report.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False))) == report


def test_the_format_leads(report):
    assert next(iter(report.to_dict().items())) == ("format", 2)


@pytest.mark.parametrize("change", [{"format": 1}, {"columns": [{"nothing": 1}]}, {"surplus": 1}])
def test_other_documents_are_refused(report, change):
    with pytest.raises(InputError):
        Report.from_dict(report.to_dict() | change)


@pytest.mark.parametrize("document", [{}, {"format": 2}])
def test_incomplete_documents_are_refused(document):
    with pytest.raises(InputError):
        Report.from_dict(document)


def test_the_schema_names_every_field_of_a_document(report):
    described = json_schema()["$defs"]["Report"]["properties"]
    assert set(report.to_dict()) == set(described)


def test_excess_is_above_the_floor_and_never_negative():
    assert Estimate(value=0.5, floor=0.2).excess == pytest.approx(0.3)
    assert Estimate(value=0.1, floor=0.2).excess == 0
    assert Estimate(value=0.1).excess == 0.1


def test_the_worst_stand_out_most_above_their_floor(report):
    first, second = report.columns[:2]
    high = dataclasses.replace(first, distance=Estimate(value=0.5, floor=0.49))
    clear = dataclasses.replace(second, distance=Estimate(value=0.2, floor=0.05))
    ranked = dataclasses.replace(report, columns=(high, clear)).worst_columns()
    assert [column.name for column in ranked] == [second.name, first.name]


def test_undefined_pairs_are_not_ranked(report):
    undefined = dataclasses.replace(report.pairs[0], error=None)
    ranked = dataclasses.replace(report, pairs=(undefined, *report.pairs[1:])).worst_pairs()
    assert len(ranked) == len(report.pairs) - 1
    excess = [pair.error.excess for pair in ranked]
    assert excess == sorted(excess, reverse=True)


def test_no_cell_of_the_table_is_in_the_report(report):
    document = report.to_dict()
    for column in document["columns"]:
        assert len(column["overlay"]["labels"]) <= 40
        assert len(column["overlay"]["real"]) == len(column["overlay"]["synthetic"]) == len(column["overlay"]["labels"])
