import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from tabgan.evaluation import Report, evaluate
from tabgan.evaluation.render import to_html, to_json, to_text, wording
from tabgan.evaluation.results import DetectionResult, Estimate

NASTY = "<script>alert('x')</script> & \"q\" [red]"


@pytest.fixture(scope="module")
def report():
    n = 120
    real = pa.table({"age": list(range(n)), NASTY: [NASTY, "b"] * (n // 2), "gap": [None, 1.5, 2.25] * (n // 3)})
    other = pa.table({"age": list(range(20, n)), NASTY: ["c", "b"] * (n // 2 - 10), "gap": [1.5, 2.25] * (n // 2 - 10)})
    return evaluate(real, other)


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_text_stays_within_its_width_and_keeps_every_number(report, width):
    text = to_text(report, width)
    assert max(map(len, text.splitlines())) <= width
    for column in report.columns:
        assert wording.fraction(column.distance.value) in text
        assert wording.p_value(column.p_adjusted) in text
    assert wording.percent(report.shape_error_pct) in text
    assert wording.auc(report.detection) in text


def test_names_are_never_read_as_markup(report):
    assert "[red]" in to_text(report, 200)


def test_wide_text_shows_more(report):
    assert "statistic" in to_text(report, 140)
    assert "statistic" not in to_text(report, 80)


def test_json_is_the_report(report):
    assert Report.from_dict(json.loads(to_json(report))) == report


class Page(HTMLParser):
    VOID = ("meta", "rect", "line", "polyline", "polygon", "br")

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text, self.links = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_is_well_formed_and_needs_nothing_else(report):
    page = Page()
    page.feed(to_html(report, title=NASTY))
    assert page.open == []
    assert page.links == []
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert page.tags.count("article") == len(report.columns)
    assert not re.search(r"url\(|@import|https?:", to_html(report))


def test_text_of_the_tables_is_escaped(report):
    html = to_html(report, title=NASTY)
    assert "<script" not in html
    page = Page()
    page.feed(html)
    assert NASTY in page.text


def test_every_number_of_the_summary_is_on_the_page(report):
    html = to_html(report)
    for estimate in (report.shape_error_pct, report.trend_error_pct):
        assert f"{estimate.value:.2f} %" in html
        assert f"{estimate.floor:.2f} %" in html
    assert f"{report.detection.auc:.3f}" in html


def test_reports_with_little_in_them_are_rendered():
    n = 40
    notes = pa.table({"note": [f"these are the words of note number {i} of many" for i in range(n)]})
    empty = evaluate(notes, notes)
    assert "free text" in to_text(empty, 80)
    assert "Not computed" in to_html(empty)
    tiny = evaluate(pa.table({"a": [1.5]}), pa.table({"a": [2.5]}))
    assert "very uncertain" in to_text(tiny, 80)
    assert "very uncertain" in to_html(tiny)


def test_a_browser_shows_the_page_without_errors(report, tmp_path):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    (tmp_path / "report.html").write_text(to_html(report), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    done = subprocess.run(
        [*command, f"--user-data-dir={tmp_path}", (tmp_path / "report.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.count("<article") == len(report.columns)
    assert "CONSOLE" not in done.stderr


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0.25, "0.250"), (0.0012, "0.001"), (3e-20, "3e-20"), (0.0, "<1e-300")],
)
def test_p_values(value, shown):
    assert wording.p_value(value) == shown


@pytest.mark.parametrize(
    ("n", "shown"),
    [(0, "0"), (9999, "9999"), (32561, "32.6k"), (250_000, "250k"), (1_234_567, "1.2M"), (2.5e9, "2.5G")],
)
def test_counts_in_few_characters(n, shown):
    assert wording.count(int(n)) == shown


def test_verdicts_compare_with_the_floor():
    at = Estimate(value=1.1, standard_error=0.1, floor=1.0, floor_error=0.05)
    above = Estimate(value=3.0, standard_error=0.1, floor=1.0, floor_error=0.05)
    assert wording.verdict(at).startswith("No further")
    assert wording.verdict(above).startswith("3.0 times")
    assert wording.verdict(Estimate(value=3.0)) == ""


@pytest.mark.parametrize(
    ("auc", "word"), [(0.505, "cannot"), (0.55, "faint"), (0.7, "a difference"), (0.8, "many"), (1.0, "nearly all")]
)
def test_detection_in_words(auc, word):
    found = DetectionResult(classifier="c", auc=auc, standard_error=0.01, fold_aucs=(auc,), n_per_class=100)
    assert word in wording.detection_verdict(found)
