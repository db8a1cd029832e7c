"""Clauses as text: what stands behind `--where` on the command line.

    rating=5            rating >= 4              age between 30 and 39      department in (Dresses, Tops)
    title=              age != 30                when < 2020-01-01          department not in (Tops, "Trend, new")
    title is missing    title is not missing     "a column" = "a value"

The name of a column may hold anything, even an operator: the longest known name that an operator follows is the column.
Names and values can be put in double quotes, in which a double quote is written twice. Spaces around an unquoted value
do not count, and nothing behind = means a missing cell.
"""

import re
from collections.abc import Sequence

from tabgan.errors import ConditionError
from tabgan.table.clauses import Bound, Clause

_OPERATOR = re.compile(
    r"\s*(>=|<=|!=|<>|==|=|>|<)|\s+(not\s+in\b|in\b|between\b|is\s+not\s+(?:missing|null)\s*$|is\s+(?:missing|null)\s*$)",
    re.IGNORECASE,
)
_QUOTED = r'"(?:[^"]|"")*"'
_BETWEEN = re.compile(rf"({_QUOTED}|.*?)\s+and\s+({_QUOTED}|.*)", re.IGNORECASE | re.DOTALL)
_ITEM = re.compile(rf'\s*({_QUOTED}|[^",]*?)\s*(,|$)', re.DOTALL)
_EXPECTED = "expected a condition such as COLUMN=VALUE, COLUMN>=4 or 'COLUMN in (A, B)'"


def read_clause(text: str, names: Sequence[str]) -> Clause:
    """The clause that a text says.

    Args:
        text: see above.
        names: the columns.

    Raises:
        ConditionError: if it says none.
    """
    column, operator, rest = _split(text, names)
    operator = " ".join(operator.lower().split())
    if operator in ("=", "=="):
        return Clause(column, (_value(rest),))
    if operator in ("!=", "<>"):
        return Clause(column, (_value(rest),), negated=True)
    if operator.startswith("is"):
        return Clause(column, (None,), negated="not" in operator)
    if operator.endswith("in"):
        return Clause(column, _list(rest, text), negated=operator != "in")
    if operator == "between":
        ends = _BETWEEN.fullmatch(rest.strip())
        if ends is None:
            raise ConditionError(f"expected 'COLUMN between LOW and HIGH', got {text!r}")
        return Clause(column, low=_bound(ends[1], text, True), high=_bound(ends[2], text, True))
    bound = _bound(rest, text, "=" in operator)
    return Clause(column, low=bound) if operator.startswith(">") else Clause(column, high=bound)


def _split(text: str, names: Sequence[str]) -> tuple[str, str, str]:
    """The column, the operator, and what stands behind it."""
    found = []
    for start in (text, text.lstrip()):
        for name in names:
            for written in (name, _quote(name)):
                match = _OPERATOR.match(start, len(written)) if start.startswith(written) else None
                if match is not None:
                    found.append((len(written), name, match[1] or match[2], start[match.end() :]))
    if found:
        return max(found, key=lambda one: one[0])[1:]
    stripped = text.strip()
    quoted = re.match(_QUOTED, stripped)
    match = _OPERATOR.match(stripped, quoted.end()) if quoted else _OPERATOR.search(stripped)
    name = stripped[: match.start()] if match else ""
    if match is None or not name:
        raise ConditionError(f"{_EXPECTED}, got {text!r}")
    return _unquote(name), match[1] or match[2], stripped[match.end() :]


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _unquote(text: str) -> str:
    return text[1:-1].replace('""', '"') if re.fullmatch(_QUOTED, text) else text


def _value(text: str) -> str:
    return _unquote(text.strip())


def _bound(text: str, whole: str, included: bool) -> Bound:
    value = _value(text)
    if not value:
        raise ConditionError(f"expected a value at the end of the range, got none in {whole!r}")
    return Bound(value, included)


def _list(text: str, whole: str) -> tuple[str, ...]:
    text = text.strip()
    if not (text.startswith("(") and text.endswith(")")) or not text[1:-1].strip():
        raise ConditionError(f"expected values in brackets, 'COLUMN in (A, B)', got {whole!r}")
    inner, values, place = text[1:-1], [], 0
    while True:
        item = _ITEM.match(inner, place)
        if item is None:
            raise ConditionError(
                f"expected values with commas between them, got {whole!r}; "
                f"put a value with a comma or a quote in double quotes, and write a quote in it twice"
            )
        values.append(_value(item[1]))
        place = item.end()
        if not item[2]:
            return tuple(values)
