"""The pieces that sections are made of: tables, facts, cautions, numbers beside their yardstick.

A cell or a fact given as a `str` is HTML already; `text` escapes what comes from a table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

from tabgan.evaluation.render import numbers, wording
from tabgan.evaluation.render.figures import Figure
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import Caveat, Estimate

NAMED = r"`[^`]+`"
MANY_ROWS = 15


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its HTML, and the number that it is sorted by."""

    html: str
    value: float | None = None


@dataclass(frozen=True)
class Head:
    """The head of a table's column; numbers stand at the right."""

    title: str
    number: bool = True
    explained: str = ""


def text(shown: str) -> str:
    """Words from a table or a result, as HTML that may be broken after underscores."""
    return escape(shown).replace("_", "_<wbr>")


def number(value: float | None, shown: str) -> Cell:
    """A cell with a number as it is shown."""
    return Cell(escape(shown), value)


Row = tuple[str, Sequence[Cell | str]]


def table(key: str, caption: str, heads: Sequence[Head], rows: Sequence[Row]) -> str:
    """A table that scrolls in its own box, and whose columns scripts make sortable.

    Args:
        key: its id.
        caption: what it shows, as HTML.
        heads: of its columns; the first cell of each line is the line's head.
        rows: for each line the words that filters look for, and the cells.
    """
    titles = "".join(
        f'<th scope="col"{_class(head)}{_title(head)} data-sortable>{escape(head.title)}</th>' for head in heads
    )
    lines = "".join(f'<tr data-name="{escape(name)}">{_cells(heads, cells)}</tr>\n' for name, cells in rows)
    box = "scroll tall" if len(rows) > MANY_ROWS else "scroll"
    return (
        f'<div class="{box}" tabindex="0" role="region" aria-labelledby="{key}-caption">\n<table id="{key}">\n'
        f'<caption><span id="{key}-caption">{caption}</span></caption>\n<thead><tr>{titles}</tr></thead>\n'
        f"<tbody>\n{lines}</tbody>\n</table>\n</div>\n"
    )


def _cells(heads: Sequence[Head], cells: Sequence[Cell | str]) -> str:
    parts = []
    for i, (head, cell) in enumerate(zip(heads, cells, strict=True)):
        found = cell if isinstance(cell, Cell) else Cell(cell)
        known = found.value is not None and isfinite(found.value)
        value = f' data-value="{found.value:.12g}"' if known else ""
        tag = 'th scope="row"' if i == 0 else "td"
        shown = found.html if i else f'<span class="name">{found.html}</span>'
        parts.append(f"<{tag}{_class(head)}{value}>{shown}</{tag[:2]}>")
    return "".join(parts)


def _class(head: Head) -> str:
    return ' class="number"' if head.number else ""


def _title(head: Head) -> str:
    return f' title="{escape(head.explained)}"' if head.explained else ""


def facts(entries: Sequence[tuple[str, str]]) -> str:
    """Names and values, as a list of definitions; both are HTML."""
    lines = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>\n" for name, value in entries)
    return f'<dl class="facts">\n{lines}</dl>\n' if entries else ""


def cautions(caveats: Sequence[Caveat]) -> str:
    """The reasons to read something with care."""
    return "".join(f'<p class="caution">{wording.sentence(escape(caveat.text))}</p>\n' for caveat in caveats)


def named(sentence: str, names: Sequence[str] = ()) -> str:
    """A sentence as HTML, with the names in backticks as code.

    Args:
        sentence: with names in backticks.
        names: columns that it names, which may hold backticks themselves.
    """
    known = [re.escape(f"`{name}`") for name in sorted(names, key=len, reverse=True)]
    parts = re.split(f"({'|'.join([*known, NAMED])})", sentence)
    return "".join(f"<code>{escape(part[1:-1])}</code>" if i % 2 else escape(part) for i, part in enumerate(parts))


def missing_part(report: Report, part: str) -> str:
    """Why a part of the report is not there."""
    return f'<p class="absent">Not computed: {escape(wording.why_not(report, part))}.</p>\n'


BESIDE = (
    Head("measure", number=False),
    Head("synthetic rows"),
    Head("95 % interval"),
    Head("real rows", explained="As many real rows in the place of the synthetic ones"),
    Head("95 % interval"),
    Head("in words", number=False),
)
BY_CHANCE = (
    Head("attacker", number=False),
    Head("measured"),
    Head("95 % interval"),
    Head("by chance"),
    Head("in words", number=False),
)


def figure_row(figure: Figure) -> Row:
    """A line of a table under the heads `BESIDE`, or under `BY_CHANCE` where that is the yardstick."""
    cells: list[Cell | str] = [f"<b>{escape(figure.name)}</b>", *_estimate(figure, figure.found)]
    cells += _estimate(figure, figure.yardstick)[: 1 if figure.by_chance else 2]
    told = f'{wording.against(figure)} <span class="muted">{escape(figure.term.meaning)}</span>'
    return figure.name, [*cells, f'<span class="wrap">{told}</span>']


def _estimate(figure: Figure, found: Estimate) -> list[Cell | str]:
    shown = numbers.share(found.value) if figure.is_share else numbers.figure(found.value)
    return [number(found.value, shown), escape(numbers.interval(found, percent=figure.is_share))]
