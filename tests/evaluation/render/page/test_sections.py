"""Every section, of a report that has all and of one that has nothing, and that names are escaped in each."""

from dataclasses import replace

import pytest

from tabgan.evaluation.render.page import whole
from tabgan.evaluation.report import Finding
from tabgan.evaluation.results import NotComputed
from tests.evaluation.render.full_report import full_report

PARTS = ("detection", "logistic_detection", "support", "frechet", "collapse", "utility", "privacy")
EMPTY = dict.fromkeys(PARTS) | {"written": ()}


@pytest.mark.parametrize("part", whole.PARTS, ids=lambda part: part.__name__)
def test_every_section_is_well_formed_and_escapes_names(parsed, part, nasty):
    names = (nasty, nasty + "2", "</script>", '"><img src=x onerror=alert(1)>')
    section = part(full_report(names))
    found = parsed(section.body)
    assert not {"script", "img"} & set(found.tags)
    assert {chart.key for chart in section.charts} == set(section_charts(section.body))


def section_charts(body: str) -> list[str]:
    return [part.split('"')[0] for part in body.split('data-chart="')[1:]]


@pytest.mark.parametrize("part", whole.PARTS, ids=lambda part: part.__name__)
def test_every_section_says_when_it_has_nothing(parsed, part):
    section = part(replace(full_report(), columns=(), pairs=(), findings=(), not_computed=(), caveats=(), **EMPTY))
    assert section.charts == ()
    assert "".join(parsed(section.body).text).strip()


@pytest.mark.parametrize(
    ("part", "what"),
    [
        (whole.written, "written"),
        (whole.rows, "detection"),
        (whole.rows, "support"),
        (whole.rows, "frechet"),
        (whole.collapse, "collapse"),
        (whole.utility, "utility"),
        (whole.privacy, "privacy"),
    ],
)
def test_what_was_not_computed_says_why(part, what):
    reason = NotComputed(what, "the moon was full")
    section = part(replace(full_report(), not_computed=(reason,), **EMPTY))
    assert "Not computed: the moon was full." in section.body


def test_findings_come_first_with_their_names_as_code_and_lead_to_their_section():
    body = whole.overview(full_report()).body
    assert body.index("Serious") < body.index("Notable") < body.index("Fine") < body.index("Shape error")
    assert "<code>product_id</code> and <code>age</code> are less tied" in body
    assert '<a href="#pairs">' in body
    anchors = {part(full_report()).anchor for part in whole.PARTS}
    assert set(Finding.__annotations__["area"].__args__) <= anchors


def test_cards_come_in_the_order_of_how_wrong_they_are(parsed):
    report = full_report()
    section = whole.columns(report)
    shown = [part.split('"')[0] for part in section.body.split('data-name="')[1:]]
    assert shown == [column.name for column in report.worst_columns()]
    for told in ("Rows to tell apart", "468 of each", "3 values, 0.04 % of cells", "18 to 99", "1.300 (floor 0.200)"):
        assert told in section.body


def test_a_column_without_cells_has_a_card_without_a_picture():
    report = full_report()
    section = whole.columns(replace(report, columns=(replace(report.columns[0], overlay=None),)))
    assert "No cell is present" in section.body
    assert section.charts == ()


def test_the_tests_show_the_cells_that_were_tested():
    assert ">19,800<" in whole.significance(full_report()).body


def test_maps_of_the_association_are_offered_where_it_is_known():
    report = full_report()
    assert 'data-map="real"' in whole.pairs(report).body
    unknown = tuple(replace(pair, association_real=None, association_synthetic=None) for pair in report.pairs)
    assert "data-map" not in whole.pairs(replace(report, pairs=unknown)).body


def test_pairs_without_an_error_are_counted():
    report = full_report()
    pairs = (replace(report.pairs[0], error=None), *report.pairs[1:])
    assert "1 pair has no defined error" in whole.pairs(replace(report, pairs=pairs)).body


def test_utility_and_attacks_name_their_columns():
    report = full_report()
    assert "predict <code>department</code>" in whole.utility(report).body
    assert "<b>Inference</b> of <code>rating</code>" in whole.privacy(report).body


def test_privacy_without_held_out_rows_says_what_is_missing():
    report = full_report()
    alone = replace(report.privacy, nearer_to_train=None, membership=None, attacks=())
    body = whole.privacy(replace(report, privacy=alone)).body
    assert "it needs held-out rows" in body
    assert "No attacks" in body


def test_kinds_of_rows_are_listed_with_both_shares():
    body = whole.collapse(full_report()).body
    assert "young, content, department Tops" in body
    assert body.count('class="picture pair"') == 4


def test_nothing_left_out_is_said_too():
    assert "Nothing was left out" in whole.not_computed(replace(full_report(), not_computed=())).body


def test_written_columns_stand_in_tables_with_their_shapes(parsed):
    body = whole.written(full_report()).body
    words = " ".join("".join(parsed(body).text).split())
    for word in ("Repeated keys", "Passages in common, 8 words", "The most frequent shapes of order", "AA-0000"):
        assert word in words
    assert "Copied cells" in words
    assert "Few cells are present." in words
    assert "No such column is in both tables" in whole.written(replace(full_report(), written=(), not_computed=())).body
