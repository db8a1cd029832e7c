"""A report as JSON text."""

import json

from tabgan.evaluation.report import Report
from tabgan.evaluation.results.training import TrainingReport


def to_json(report: Report | TrainingReport) -> str:
    """The report as indented JSON; numbers that are not known are null."""
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
