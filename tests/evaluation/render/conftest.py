from html.parser import HTMLParser

import pyarrow as pa
import pytest

from tabgan.evaluation.evaluator import evaluate

NASTY = "<script>alert('x')</script> & \"q\" [red]"


class Parsed(HTMLParser):
    """A page as its parts; every element that is opened must be closed."""

    VOID = ("meta", "rect", "line", "polyline", "polygon", "br", "input", "wbr")

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text, self.links, self.ids = [], [], [], [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href", "xlink:href")]
        self.ids += [value for name, value in attributes if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="session")
def parsed():
    """HTML, parsed, which must be well formed."""
    return Parsed


@pytest.fixture(scope="session")
def nasty():
    """A name that would break out of a page that does not escape it."""
    return NASTY


@pytest.fixture(scope="session")
def report():
    """A small report of two real tables."""
    n = 120
    real = pa.table({"age": list(range(n)), NASTY: [NASTY, "b"] * (n // 2), "gap": [None, 1.5, 2.25] * (n // 3)})
    other = pa.table({"age": list(range(20, n)), NASTY: ["c", "b"] * (n // 2 - 10), "gap": [1.5, 2.25] * (n // 2 - 10)})
    return evaluate(real, other)


@pytest.fixture(scope="session")
def bare():
    """Reports with little in them: a column that is left out, and single rows."""
    notes = pa.table({"note": [f"these are the words of note number {i} of many" for i in range(40)]})
    return evaluate(notes, notes), evaluate(pa.table({"a": [1.5]}), pa.table({"a": [2.5]}))
