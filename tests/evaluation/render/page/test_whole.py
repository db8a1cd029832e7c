from tabgan.evaluation.render import to_html
from tests.evaluation.render.full_report import full_report


def test_the_page_is_well_formed_and_needs_nothing_else(report, parsed, nasty):
    html = to_html(report, title=nasty)
    page = parsed(html)
    assert page.tags.count("article") == len(report.columns)
    assert page.tags.count("section") == 11
    assert len(set(page.ids)) == len(page.ids)
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    assert nasty in page.text
    assert html.count("<script") == 4


def test_every_number_of_the_overview_is_on_the_page(report):
    html = to_html(report)
    for estimate in (report.shape_error_pct, report.trend_error_pct):
        assert f"{estimate.value:.2f}<small> %" in html
        assert f"{estimate.floor:.2f} %" in html
    assert f"{report.detection.auc:.3f}" in html


def test_reports_with_little_in_them_are_rendered(bare, parsed):
    empty, tiny = bare
    assert "Not computed" in to_html(empty)
    assert "free text" in to_html(empty)
    assert "very uncertain" in to_html(tiny)
    for report in bare:
        parsed(to_html(report))


def test_the_same_report_gives_the_same_page():
    assert to_html(full_report()) == to_html(full_report())
    assert "2,000 held-out real rows" in to_html(full_report())
