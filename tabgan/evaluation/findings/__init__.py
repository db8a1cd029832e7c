"""What a reader should know of an evaluation, in words, worst first.

A difference is named where it is too large for chance and large enough to matter; the limits stand at the head of
these modules. There is no single score: a table can be excellent for one use and useless for another. Where nothing
was found in a part, one finding of level "fine" says what was looked at.
"""

from collections.abc import Callable, Iterator

from tabgan.evaluation.findings.columns import of_columns
from tabgan.evaluation.findings.pairs import of_pairs
from tabgan.evaluation.findings.privacy import of_privacy
from tabgan.evaluation.findings.ranked import LEVELS, Ranked
from tabgan.evaluation.findings.rows import of_rows
from tabgan.evaluation.findings.utility import of_utility
from tabgan.evaluation.findings.written import of_written
from tabgan.evaluation.report import Finding, Report

RULES: tuple[Callable[[Report], Iterator[Ranked]], ...] = (
    of_columns,
    of_pairs,
    of_written,
    of_rows,
    of_utility,
    of_privacy,
)


def find(report: Report) -> tuple[Finding, ...]:
    """The findings of a report, worst first."""
    ranked = [entry for rule in RULES for entry in rule(report)]
    ranked.sort(key=lambda entry: (LEVELS.index(entry.finding.level), -entry.strength))
    return tuple(entry.finding for entry in ranked)
