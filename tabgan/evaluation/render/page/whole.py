"""A report as a page: which sections it has, and in which order."""

from html import escape

from tabgan.evaluation.render import wording
from tabgan.evaluation.render.page.collapse import collapse
from tabgan.evaluation.render.page.columns import columns
from tabgan.evaluation.render.page.document import Section, page
from tabgan.evaluation.render.page.method import method, not_computed
from tabgan.evaluation.render.page.overview import overview
from tabgan.evaluation.render.page.pairs import pairs
from tabgan.evaluation.render.page.parts import cautions
from tabgan.evaluation.render.page.privacy import privacy
from tabgan.evaluation.render.page.rows import rows
from tabgan.evaluation.render.page.significance import significance
from tabgan.evaluation.render.page.utility import utility
from tabgan.evaluation.render.page.written import written
from tabgan.evaluation.report import Report

PARTS = (overview, columns, significance, pairs, written, rows, collapse, utility, privacy, not_computed, method)


def to_html(report: Report, title: str = "Real against synthetic") -> str:
    """The whole page.

    Args:
        report: to show.
        title: the heading of the page.
    """
    sections: list[Section] = [part(report) for part in PARTS]
    return page(title, sections, lead=_lead(report))


def _lead(report: Report) -> str:
    return f'<p class="muted">{escape(wording.sizes(report))}</p>\n{cautions(report.caveats)}'
