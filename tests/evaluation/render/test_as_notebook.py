import dataclasses
import re
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.render.as_notebook import MAX_COLUMNS, MAX_FINDINGS, SCOPE, to_notebook
from tabgan.evaluation.report import Finding

NASTY = "<script>alert('x')</script> & \"q\" </style>"


class Piece(HTMLParser):
    VOID = ("rect", "line", "polyline", "polygon")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        assert not [name for name, _ in attributes if name.startswith("on") or name in ("src", "href")]
        self.tags.append(tag)
        self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_it_is_well_formed_and_runs_and_loads_nothing(whole_report):
    text = whole_report(NASTY)._repr_html_()
    piece = Piece(text)
    assert piece.open == []
    assert not {"script", "link", "img", "iframe", "input"} & set(piece.tags)
    assert not re.search(r"url\(|@import|https?:|javascript:", text)
    assert NASTY in piece.text
    assert text.count("<style>") == text.count("</style>") == 1


def test_every_rule_of_its_style_is_under_its_class(whole_report):
    text = to_notebook(whole_report("b"))
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", re.search(r"<style>(.*)</style>", text)[1])
    assert len(rules) > 15
    assert all(rule.startswith(f".{SCOPE}") and "," not in rule for rule in rules)
    assert text.startswith(f'<div class="{SCOPE}">')
    assert " id=" not in text
    assert "background: white" not in text


def test_every_class_of_the_drawings_has_a_colour(whole_report):
    text = to_notebook(whole_report("b"))
    style = re.search(r"<style>(.*)</style>", text)[1]
    used = {
        name for names in re.findall(r'<(?:rect|poly\w+|line)[^>]* ?class="([^"]+)"', text) for name in names.split()
    }
    assert used
    assert not [name for name in used if f".{name}{{" not in style]


def test_the_figures_and_the_findings_are_there(whole_report):
    report = whole_report("b")
    text = "".join(Piece(to_notebook(report)).text)
    assert f"{report.shape_error_pct.value:.2f}" in text
    assert "0.700 ± 0.010" in text
    assert "12.5 % (10.0 to 15.0)" in text
    assert "serious: b is b" in text
    assert "Caution: mind b here." in text


def test_it_stays_short(whole_report):
    report = whole_report("b")
    columns = tuple(dataclasses.replace(report.columns[0], name=f"n{i}") for i in range(200))
    findings = tuple(Finding(level="notable", area="rows", text=f"finding {i}") for i in range(50))
    text = to_notebook(dataclasses.replace(report, columns=columns, findings=findings))
    assert text.count("<svg") == MAX_COLUMNS
    assert "the 6 of 200 columns that stand out most" in text
    assert text.count("<li>") == MAX_FINDINGS
    assert "and 42 more" in text
    assert len(text) < 60_000


@pytest.mark.parametrize("part", ["detection", "utility", "privacy", "shape_error_pct", "trend_error_pct"])
def test_parts_may_be_missing(whole_report, part):
    text = to_notebook(dataclasses.replace(whole_report("b"), **{part: None}))
    assert Piece(text).open == []
    assert "None" not in text


def test_a_table_without_columns_to_compare_is_shown():
    notes = pa.table({"note": [f"these are the words of note number {i} of many" for i in range(40)]})
    assert "0 columns" in evaluate(notes, notes)._repr_html_()
