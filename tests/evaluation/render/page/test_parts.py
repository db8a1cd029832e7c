import pytest

from tabgan.evaluation import terms
from tabgan.evaluation.render.figures import Figure
from tabgan.evaluation.render.page import parts
from tabgan.evaluation.render.page.parts import Head, figure_row, named, number, table
from tabgan.evaluation.results import Caveat, Estimate
from tests.evaluation.render.full_report import full_report


@pytest.mark.parametrize(
    ("sentence", "names", "shown"),
    [
        ("`a` and `b` differ", ("a", "b"), "<code>a</code> and <code>b</code> differ"),
        ("`a`b` differs", ("a`b",), "<code>a`b</code> differs"),
        ("`<b>` & more", (), "<code>&lt;b&gt;</code> &amp; more"),
        ("no name ` here", (), "no name ` here"),
        ("`a` in `a`b`", ("a", "a`b"), "<code>a</code> in <code>a`b</code>"),
    ],
)
def test_names_in_backticks_are_code(sentence, names, shown):
    assert named(sentence, names) == shown


def test_tables_have_captions_heads_and_values_to_sort_by(parsed):
    html = table("key", "What", [Head("name", number=False), Head("size")], [("n", ["n", number(1234.5, "1,234")])])
    assert parsed(html).tags.count("th") == 3
    assert 'scope="col"' in html
    assert 'scope="row"' in html
    assert 'data-value="1234.5">1,234' in html
    assert '<span id="key-caption">What</span>' in html


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_no_number_is_not_sorted_as_one(value):
    assert "data-value" not in table("key", "c", [Head("a")], [("n", [number(value, "–")])])


def test_long_tables_scroll():
    rows = [("n", ["x"])] * (parts.MANY_ROWS + 1)
    assert "scroll tall" in table("key", "c", [Head("a")], rows)
    assert "scroll tall" not in table("key", "c", [Head("a")], rows[1:])


def test_a_number_stands_beside_that_of_real_rows():
    found = Estimate(value=0.5, standard_error=0.01, low=0.48, high=0.52)
    real = Estimate(value=0.9, standard_error=0.01)
    name, cells = figure_row(Figure(terms.COVERAGE, found, real, "9", is_share=True))
    shown = [cell if isinstance(cell, str) else cell.html for cell in cells]
    assert name == "Coverage"
    assert shown[1:5] == ["50.0 %", "48.0 to 52.0 %", "90.0 %", "–"]
    assert "Lower than with real rows." in shown[5]
    assert terms.COVERAGE.meaning in shown[5]
    assert len(cells) == len(parts.BESIDE)


def test_a_number_stands_beside_chance_which_has_no_interval():
    _, cells = figure_row(Figure(terms.MEMBERSHIP, Estimate(value=0.51), Estimate(value=0.5), "9", by_chance=True))
    assert len(cells) == len(parts.BY_CHANCE)
    assert cells[3].html == "0.500"


def test_what_is_missing_says_why():
    report = full_report()
    assert "free text is not compared" in parts.missing_part(report, "column 'title'")
    assert "not part of this report" in parts.missing_part(report, "utility")


def test_cautions_are_escaped_sentences():
    assert parts.cautions((Caveat("code", "few <rows>"),)) == '<p class="caution">Few &lt;rows&gt;.</p>\n'
    assert parts.facts([]) == ""
