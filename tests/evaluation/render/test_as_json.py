import json

from tabgan.evaluation.render import to_json
from tabgan.evaluation.report import Report
from tests.evaluation.render.full_report import full_report


def test_json_is_the_report(report):
    assert Report.from_dict(json.loads(to_json(report))) == report


def test_every_part_of_a_report_comes_back():
    assert Report.from_dict(json.loads(to_json(full_report()))) == full_report()
