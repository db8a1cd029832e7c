from dataclasses import replace

import pytest

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, to_html, to_markdown, to_text
from tests.evaluation.render.full_report import full_report


def every(report):
    return [
        *figures.of_rows(report),
        *figures.of_kinds(report.collapse),
        *figures.of_closeness(report.privacy),
        *figures.of_membership(report.privacy),
        *{figure.name: figure for result in report.written for figure in figures.of_written(result)}.values(),
    ]


def test_every_measure_has_one_name_and_one_meaning():
    names = [figure.name for figure in every(full_report())]
    assert len(names) == len(set(names)) == 28
    assert all(figure.term.meaning.endswith((".", "same.")) and figure.n for figure in every(full_report()))


@pytest.mark.parametrize("render", [to_text, to_markdown, to_html])
def test_every_rendering_calls_them_the_same(render):
    report = full_report()
    shown = render(report)
    for figure in every(report):
        assert figure.term.name in shown


def test_shares_are_in_percent_and_chance_is_no_real_row():
    by_term = {figure.term: figure for figure in every(full_report())}
    copies, auc, caught = by_term[terms.COPIES], by_term[terms.MEMBERSHIP], by_term[terms.CAUGHT]
    assert (copies.shown(copies.found), copies.by_chance) == ("2.10 % (1.30 to 2.90)", False)
    assert (auc.shown(auc.yardstick), auc.by_chance) == ("0.500", True)
    assert caught.shown(caught.yardstick) == "1.00 %"


def test_what_needs_held_out_rows_is_left_out_without_them():
    found = replace(full_report().privacy, nearer_to_train=None, membership=None)
    assert figures.of_membership(found) == []
