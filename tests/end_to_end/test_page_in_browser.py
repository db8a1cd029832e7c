"""The page of a report as a browser shows it: opened, hovered, sorted, filtered, printed, and never on the network."""

import base64
from dataclasses import replace
from itertools import pairwise

import pytest

from tabgan.evaluation.render import to_html, training_to_html
from tabgan.evaluation.render.page import Section, charts, page
from tests.end_to_end.browser import PROGRAM, Browser
from tests.evaluation.render.full_report import few, full_report, pair
from tests.evaluation.render.page.test_training import record

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium on this machine")

NASTY = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>\"'`&\u2028",
    "عمود من اليمين",
    "long " * 200 + "x" * 200,
)
SECTIONS = [
    "overview",
    "columns",
    "tests",
    "pairs",
    "written",
    "rows",
    "collapse",
    "utility",
    "privacy",
    "not-computed",
    "method",
]
CARDS = "[...document.querySelectorAll('#cards > :not([hidden])')].map(card => card.dataset.name)"
SCROLL_THROUGH = """
(async () => {
  for (const place of document.querySelectorAll('[data-chart]')) {
    place.scrollIntoView({ behavior: 'instant' });
    while (!place.querySelector('svg, canvas')) await new Promise(done => setTimeout(done, 10));
  }
  return document.querySelectorAll('[data-chart]').length;
})()
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture
def show(browser, tmp_path):
    """Open a page in a window."""

    def opened(html: str, width: int = 1280, *, dark: bool = False) -> Browser:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        browser.window(width, dark=dark)
        browser.open(path)
        return browser

    return opened


@pytest.fixture(scope="module")
def html() -> str:
    return to_html(full_report())


def contrast(one: list[float], other: list[float]) -> float:
    """The contrast of two colours, as WCAG 2.1 defines it."""

    def luminance(colour: list[float]) -> float:
        parts = [part / 255 for part in colour[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colour(browser: Browser, selector: str, kind: str) -> list[float]:
    """A colour of the page as numbers."""
    found = browser.run(f"getComputedStyle(document.querySelector({selector!r})).{kind}")
    return [float(part) for part in found[found.index("(") + 1 : -1].split(",")]


def test_every_section_is_there_and_nothing_is_said_to_the_console_or_asked_of_a_network(show, html):
    browser = show(html)
    assert browser.run("[...document.querySelectorAll('main > section')].map(s => s.id)") == SECTIONS
    assert all(browser.run("[...document.querySelectorAll('main > section')].map(s => s.innerText.length > 40)"))
    assert browser.run(SCROLL_THROUGH) == 6
    assert browser.problems() == []
    assert {address.split(":")[0] for address in browser.asked()} <= {"file", "data"}
    assert len(browser.asked()) == 1


def test_the_policy_of_the_page_forbids_what_the_page_does_not_need(show, html):
    browser = show(html)
    address = "https://example.org/a.png"
    browser.run(f"fetch('{address}').catch(() => 0)")
    browser.run(f"document.body.insertAdjacentHTML('beforeend', '<img src={address} onerror=window.ran=1>')")
    browser.run(
        "(s => { s.textContent = 'window.ran = 2'; document.body.append(s); })(document.createElement('script'))"
    )
    browser.run("new Promise(done => setTimeout(done, 100))")
    assert browser.run("window.ran") is None
    assert all(asked.startswith("file:") for asked in browser.asked())
    assert "Content Security Policy" in str(browser.problems())


def test_cards_are_filtered_and_sorted(show, html):
    browser = show(html)
    assert browser.run(CARDS) == ["product_id", "age", "rating", "department"]
    browser.click("[data-order='name']")
    assert browser.run(CARDS) == ["age", "department", "product_id", "rating"]
    assert browser.run("document.querySelector('[data-order=name]').ariaPressed") == "true"
    browser.click("[data-order='position']")
    assert browser.run(CARDS) == ["product_id", "age", "rating", "department"]
    browser.click("[data-filter='cards']")
    browser.call("Input.insertText", text="RAT")
    assert browser.run(CARDS) == ["rating"]
    assert browser.run("document.querySelector('[data-count=cards]').textContent") == "1 of 4"


def test_tables_are_filtered_and_sorted_by_their_heads(show, html):
    browser = show(html)
    first = "[...document.querySelectorAll('#tests-table tbody tr:not([hidden])')].map(row => row.cells[0].innerText)"
    head = "#tests-table th:nth-child(3)"
    browser.click(f"{head} button")
    assert browser.run(first) == ["product_id", "age", "rating", "department"]
    assert browser.run(f"document.querySelector('{head}').ariaSort") == "descending"
    browser.click(f"{head} button")
    assert browser.run(first) == ["department", "rating", "age", "product_id"]
    assert browser.run(f"document.querySelector('{head}').ariaSort") == "ascending"
    browser.click("#tests-table th:first-child button")
    assert browser.run(first) == ["age", "department", "product_id", "rating"]
    browser.click("[data-filter='tests-table']")
    browser.call("Input.insertText", text="dep")
    assert browser.run(first) == ["department"]


def test_the_mouse_shows_the_shares_of_both_tables(show, html):
    browser = show(html)
    card = "[data-name='rating'] .chart"
    x, y = browser.place(card)
    browser.until(f"document.querySelector(\"{card}\").querySelector('svg')")
    browser.mouse("mouseMoved", x, y)
    told = f'document.querySelector("{card}").innerText'
    browser.until(f"{told}.includes('synthetic')")
    shown = browser.run(told)
    assert "3\n" in shown
    assert "real 14.6 % (3,000)" in shown
    assert "synthetic 14.9 % (3,090)" in shown


def test_the_switch_changes_the_heat_map(show, html):
    browser = show(html)
    browser.place(".chart.heat")
    browser.until("document.querySelector('.chart.heat svg')")
    drawn = "document.querySelector('.chart.heat svg').outerHTML"
    maps = [browser.run(drawn)]
    for name in ("real", "synthetic"):
        browser.click(f"[data-map='{name}']")
        maps.append(
            browser.run(f"new Promise(done => requestAnimationFrame(() => setTimeout(() => done({drawn}), 50)))")
        )
    assert len(set(maps)) == 3
    assert browser.run("document.querySelector('.scale').innerText.split(/\\s+/)") == ["0", "1"]
    assert browser.run("document.querySelector('[data-map=synthetic]').ariaPressed") == "true"


def test_the_keyboard_reaches_what_the_mouse_reaches(show, html):
    browser = show(html)
    browser.run("document.querySelector('[data-name=rating] summary').focus()")
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r"
        )
    browser.until("document.querySelector('[data-name=rating] .shares table')")
    row = "document.querySelector('[data-name=rating] .shares table').rows[3]"
    assert browser.run(f"{row}.innerText.split('\\t')") == ["3", "14.6 %", "14.9 %"]
    unreachable = "[...document.querySelectorAll('[data-order], [data-map], [data-filter], th button, nav a, .scroll')]"
    assert browser.run(f"{unreachable}.filter(part => part.tabIndex < 0).length") == 0
    unnamed = "[...document.querySelectorAll('[role=img]')].filter(part => !part.ariaLabel.includes(' ')).length"
    assert browser.run(unnamed) == 0


def test_headings_go_down_one_level_at_a_time_and_every_table_has_a_caption(show, html):
    browser = show(html)
    levels = browser.run("[...document.querySelectorAll('h1, h2, h3')].map(head => +head.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    browser.run("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    browser.until("document.querySelectorAll('.shares table').length === 4")
    assert browser.run("[...document.querySelectorAll('table')].every(table => table.caption)")
    assert browser.run("[...document.querySelectorAll('th')].every(head => head.scope)")
    assert browser.run(
        "(ids => new Set(ids).size === ids.length)([...document.querySelectorAll('[id]')].map(e => e.id))"
    )


@pytest.mark.parametrize("names", [("product_id", "age", "rating", "department"), NASTY])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_sticks_out_of_the_page(show, names, width):
    browser = show(to_html(full_report(names)), width)
    browser.run(SCROLL_THROUGH)
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_the_dark_page_is_dark_and_its_text_can_be_read(show, html):
    grounds = []
    for dark in (False, True):
        browser = show(html, dark=dark)
        browser.run(SCROLL_THROUGH)
        ground = colour(browser, "body", "backgroundColor")
        grounds.append(sum(ground[:3]))
        card = colour(browser, ".card", "backgroundColor")
        assert contrast(colour(browser, "body", "color"), ground) > 7
        for selector in (".muted", ".serious .level", ".notable .level", ".fine .level", "nav a"):
            assert contrast(colour(browser, selector, "color"), ground) > 4.5, selector
        assert contrast(colour(browser, ".card .chart svg text", "fill"), card) > 4.5
        for key in (".real-key", ".synthetic-key"):
            assert contrast(colour(browser, key, "backgroundColor"), card) > 3, key
    assert grounds[0] > 700
    assert grounds[1] < 100


def test_charts_follow_when_the_colours_of_the_screen_change(show, html):
    browser = show(html)
    browser.run(SCROLL_THROUGH)
    light = colour(browser, ".card .chart svg text", "fill")
    browser.window(1280, dark=True)
    browser.until(
        f"getComputedStyle(document.querySelector('.card .chart svg text')).fill !== 'rgb({light[0]:.0f}, "
        f"{light[1]:.0f}, {light[2]:.0f})'"
    )
    assert contrast(colour(browser, ".card .chart svg text", "fill"), colour(browser, ".card", "backgroundColor")) > 4.5


def test_names_from_the_tables_are_only_text(show):
    browser = show(to_html(full_report(NASTY), title=NASTY[0]))
    browser.run(SCROLL_THROUGH)
    assert browser.problems() == []
    assert browser.run("[...document.querySelectorAll('.card h3')].map(head => head.textContent)") == list(NASTY)
    assert browser.run("document.querySelectorAll('main img, main script').length") == 0
    x, y = browser.place(".chart.heat")
    for step in range(-100, 100, 20):
        browser.mouse("mouseMoved", x + step, y + step / 2)
        browser.run("new Promise(done => setTimeout(done, 20))")
    browser.until("document.querySelector('.chart.heat').innerText.includes('association')")
    assert browser.run("document.querySelectorAll('main img, main script').length") == 0
    assert browser.problems() == []


def test_paper_shows_every_chart_and_what_was_closed(show, html):
    browser = show(html, dark=True)
    drawn = "[...document.querySelectorAll('[data-chart]')].filter(place => place.querySelector('svg')).length"
    assert browser.run(drawn) < 6
    printed = browser.call("Page.printToPDF", printBackground=True)["data"]
    assert base64.b64decode(printed).startswith(b"%PDF")
    assert browser.run(drawn) == 6
    browser.run("dispatchEvent(new Event('beforeprint')); 0")
    assert browser.run("document.querySelector('#method details').open")
    assert sum(colour(browser, "body", "backgroundColor")[:3]) > 700
    browser.run("dispatchEvent(new Event('afterprint')); 0")
    assert not browser.run("document.querySelector('#method details').open")
    assert browser.problems() == []


def test_without_scripts_the_pictures_are_there(show, html):
    browser = show("")
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        show(html)
        document = browser.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
        found = browser.call("DOM.querySelectorAll", nodeId=document, selector="noscript svg.picture")["nodeIds"]
        assert len(found) == 6
        assert browser.problems() == []
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_a_hundred_columns_are_light_enough_and_are_drawn(show):
    report = full_report()
    names = [f"column number {i} of a wide table" for i in range(100)]
    columns = tuple(replace(report.columns[i % 4], name=name) for i, name in enumerate(names))
    pairs = tuple(
        pair(first, second, (i * j % 97) / 97, (i + j) / 200)
        for j, second in enumerate(names)
        for i, first in enumerate(names[:j])
    )
    html = to_html(replace(report, columns=columns, pairs=pairs))
    assert len(html.encode()) < 6e6
    browser = show(html)
    browser.place(".chart.heat")
    browser.until("document.querySelector('.chart.heat canvas')")
    assert browser.run("document.querySelectorAll('.card .chart svg').length") < 100
    assert browser.problems() == []


def test_any_page_can_be_made_of_sections(show):
    series = {"loss": [(0, 3.0), (100, 2.0), (200, None), (300, 1.5)], "<b>critic</b>": [(0, 0.1), (300, 0.4)]}
    chart = charts.lines("loss", series, x_label="step", described="the loss falls from 3 to 1.5", marks={"kept": 200})
    early = charts.overlay("early", few("a", ("x", "y"), 0.1).overlay)
    sections = [Section(anchor="loss", title="Loss", body=chart.html() + early.html(), charts=(chart, early))]
    browser = show(page("Training", sections))
    assert browser.run(SCROLL_THROUGH) == 2
    assert "kept" in browser.run("document.querySelector('.lines').textContent")
    x, y = browser.place(".lines")
    browser.mouse("mouseMoved", x, y)
    browser.until("document.querySelector('.lines').innerText.includes('<b>critic</b>')")
    for step in range(0, 400, 40):
        browser.mouse("mouseMoved", x + step - 200, y)
    assert browser.problems() == []


def test_a_run_of_training_is_shown_with_its_states_and_its_curves(show):
    browser = show(training_to_html(record()))
    sections = ["overview", "curves", "samples", "settings"]
    assert browser.run("[...document.querySelectorAll('main > section')].map(s => s.id)") == sections
    assert browser.run(SCROLL_THROUGH) == 13
    widths = browser.run("[...document.querySelectorAll('.timeline li')].map(part => part.clientWidth)")
    assert widths[2] > widths[0] > widths[1] > 0
    assert browser.run("document.querySelector('.timeline li:nth-child(3)').innerText") == "critic too strong"
    drawn = browser.run("document.querySelector('[data-chart=curve-shape]').textContent")
    for word in ("kept", "rolled back", "ended: patience", "Shape", "Trend", "25 %"):
        assert word in drawn
    assert "real rows" not in drawn  # yardsticks are dotted and named where the mouse is
    x, y = browser.place("[data-chart=curve-shape]")
    browser.mouse("mouseMoved", x + 200, y)
    told = "document.querySelector('[data-chart=curve-shape]').innerText"
    browser.until(f"{told}.includes('real rows')")
    assert "step 20" in browser.run(told)
    assert "critic too strong" in browser.run(told)
    assert browser.problems() == []


@pytest.mark.parametrize("width", [360, 1280])
def test_no_part_of_a_run_of_training_sticks_out(show, width):
    browser = show(training_to_html(record(NASTY[:2])), width, dark=True)
    browser.run(SCROLL_THROUGH)
    assert browser.run("document.documentElement.scrollWidth") <= width
    ground = colour(browser, "body", "backgroundColor")
    for selector in (".events .serious .level, .events .notable .level", ".curve .muted", ".timeline li span"):
        assert contrast(colour(browser, selector, "color"), ground) > 4.5, selector
    assert browser.problems() == []


def test_a_run_of_training_is_printed_without_anything_lying_over_anything(show):
    browser = show(training_to_html(record()))
    browser.call("Emulation.setEmulatedMedia", media="print")
    try:
        browser.run("dispatchEvent(new Event('beforeprint')); 0")
        box = "(box => [box.top, box.bottom])(part.getBoundingClientRect())"
        for parts in browser.run(
            f"[...document.querySelectorAll('.curve')].map(curve => [...curve.children].map(part => {box}))"
        ):
            shown = [part for part in parts if part[1] > part[0]]
            assert all(above[1] <= below[0] + 1 for above, below in pairwise(shown))
    finally:
        browser.run("dispatchEvent(new Event('afterprint')); 0")
        browser.call("Emulation.setEmulatedMedia", media="screen")
    assert browser.problems() == []
