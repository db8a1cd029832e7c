"""The end of the page: what is not in the report, and how the rest was computed."""

from html import escape

from tabgan.evaluation.render import wording
from tabgan.evaluation.render.method import method as how
from tabgan.evaluation.render.page.document import Section
from tabgan.evaluation.report import Report


def not_computed(report: Report) -> Section:
    """Columns and measures that are left out, with the reason."""
    lines = "".join(
        f"<li><b>{escape(wording.left_out(entry))}</b>: {escape(entry.reason)}</li>\n" for entry in report.not_computed
    )
    body = (
        f"<ul>\n{lines}</ul>\n" if lines else "<p>Nothing was left out: every column and every measure is above.</p>\n"
    )
    return Section(anchor="not-computed", title="Not computed", body=body)


def method(report: Report) -> Section:
    """How each number came about."""
    entries = "".join(f"<li>{escape(sentence)}</li>\n" for sentence in how(report))
    body = f"<details>\n<summary>Read how each number was computed</summary>\n<ul>\n{entries}</ul>\n</details>\n"
    return Section(anchor="method", title="How it was computed", body=body)
