"""The frame of a page: head, navigation, sections, and the scripts that draw its charts.

The page asks nothing of any network, and its Content-Security-Policy forbids it to. Only the three scripts that it
carries may run: the policy names them by their hashes, so even text from a table that broke out of its place would do
nothing. The charts' data are inlined as JSON in which no character can end the element.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from tabgan.evaluation.render import pictures
from tabgan.evaluation.render.page.charts import Chart

SCRIPTS = ("echarts/echarts.min.js", "page/charts.js", "page/page.js")
ESCAPED = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a page.

    Attributes:
        anchor: its id, a plain word.
        title: its heading, and its name in the navigation.
        body: its HTML, in which every text from a table is escaped.
        charts: those whose `html()` stands in the body.
    """

    anchor: str
    title: str
    body: str
    charts: tuple[Chart, ...] = ()


def page(title: str, sections: Sequence[Section], lead: str = "") -> str:
    """A whole page.

    Args:
        title: the heading of the page.
        sections: its parts, in order.
        lead: HTML below the heading.

    Raises:
        ValueError: if two charts have the same key.
    """
    charts = [chart for section in sections for chart in section.charts]
    data = {chart.key: chart.spec for chart in charts}
    if len(data) < len(charts):
        raise ValueError("expected a different key for each chart of a page")
    scripts = "".join(f"<script>{_script(name)}</script>\n" for name in SCRIPTS)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>\n{pictures.style()}{_asset('page/page.css')}</style>\n</head>\n<body>\n{_navigation(sections)}"
        f'<main id="top">\n<header class="title">\n<h1>{escape(title)}</h1>\n{lead}</header>\n'
        f"{''.join(map(_section, sections))}</main>\n"
        f'<script type="application/json" id="data">{embedded(data)}</script>\n{scripts}</body>\n</html>\n'
    )


def embedded(data: object) -> str:
    """JSON that no HTML parser takes for anything but text, and no script for a line's end."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(ESCAPED)


def _navigation(sections: Sequence[Section]) -> str:
    links = "".join(f'<li><a href="#{section.anchor}">{escape(section.title)}</a></li>\n' for section in sections)
    return f'<nav aria-label="Sections"><ul>\n{links}</ul></nav>\n'


def _section(section: Section) -> str:
    head = f'<section id="{section.anchor}" aria-labelledby="{section.anchor}-title">\n'
    return f'{head}<h2 id="{section.anchor}-title">{escape(section.title)}</h2>\n{section.body}</section>\n'


@cache
def _asset(name: str) -> str:
    return files("tabgan.evaluation.render").joinpath(name).read_text(encoding="utf-8")


@cache
def _script(name: str) -> str:
    """A script as it stands in the page: line ends as HTML parsers leave them, on which its hash rests."""
    return _asset(name).replace("\r\n", "\n").replace("\r", "\n")


@cache
def _policy() -> str:
    hashes = [b64encode(sha256(_script(name).encode()).digest()).decode() for name in SCRIPTS]
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    rest = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; script-src {allowed}; {rest}"
