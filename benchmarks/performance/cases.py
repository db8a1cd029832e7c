"""Results of other benchmarks as tables, whatever they hold: size cases by their known fields, all else as it comes."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.fidelity.page import table
from benchmarks.performance.words import beside, digits

Document = Mapping[str, Any]
FIELDS = {
    "name": "case",
    "rows": "rows",
    "columns": "columns",
    "categories": "categories",
    "foreseen_mib": "foreseen MiB",
    "predicted_mib": "foreseen MiB",
    "peak_mib": "peak MiB",
    "seconds": "seconds",
    "refused": "refused",
}
ABOUT = ("machine", "versions", "date", "seed", "commit", "calibration", "format")
"""What stands in the line under a heading."""
LONGEST = 90
"""Characters of a text in a cell."""


def cases_of(document: Document | Sequence[Any]) -> list[Document]:
    """The cases of a file: a list of them, or an object with a list or with cases by their names."""
    found = document.get("cases", []) if isinstance(document, Mapping) else document
    return rows_of(found) or []


def cases_table(cases: Sequence[Document]) -> str:
    """The known fields of cases; all others stay in the file."""
    fields = [name for name in FIELDS if any(case.get(name) is not None for case in cases)]
    return table([FIELDS[name] for name in fields], [[_field(case, name) for name in fields] for case in cases])


def _field(case: Document, name: str) -> str:
    """A cell; of seconds by stage their sum."""
    value = case.get(name)
    if name == "seconds" and isinstance(value, Mapping) and "median" not in value:
        value = float(sum(one for one in value.values() if isinstance(one, int | float)))
    return cell(value)


def described(document: Document) -> str:
    """Everything that a file holds: plain values in one table, lists of objects in tables of their own."""
    plain = {name: value for name, value in document.items() if name not in ABOUT and _plain(value)}
    parts = [table(["", ""], [[_words(name), cell(value)] for name, value in plain.items()])] if plain else []
    for name, value in document.items():
        if name in ABOUT or _plain(value):
            continue
        rows = rows_of(value)
        if rows is None or not all(_plain(one) for row in rows for one in row.values()):
            nested = [(_words(name), value)] if rows is None else [(_title(name, row), row) for row in rows]
            parts += [f"**{title}**\n\n{described(own)}" for title, own in nested if isinstance(own, Mapping)]
        elif rows:
            heads = list(dict.fromkeys(field for row in rows for field in row))
            body = [[cell(row.get(field)) for field in heads] for row in rows]
            parts.append(f"{_words(name).capitalize()}:\n\n{table([_words(field) for field in heads], body)}")
    return "\n".join(parts)


def rows_of(value: Any) -> list[dict[str, Any]] | None:
    """A list of objects, or objects by name, as rows; None of anything else."""
    if isinstance(value, Mapping) and value and all(isinstance(own, Mapping) for own in value.values()):
        return [{"name": name, **own} for name, own in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [dict(own) for own in value if isinstance(own, Mapping)]
    return None


def cell(value: Any) -> str:
    """A value in few characters."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return beside(value) if "median" in value else ", ".join(f"{_words(k)} {cell(own)}" for k, own in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return digits(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(cell(own) for own in value)
    line = (str(value).strip().splitlines() or [""])[0].replace("|", "\\|")
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return "median" in value or not any(isinstance(own, Mapping | list) for own in value.values())
    return not isinstance(value, list) or not any(isinstance(own, Mapping) for own in value)


def _title(name: str, row: Mapping[str, Any]) -> str:
    return next((str(row[key]) for key in ("name", "table", "label") if row.get(key)), _words(name))


def _words(name: str) -> str:
    return name.replace("_", " ")
