"""The settings of training as a page for people: a table for each group of them, and what is chosen together."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from tabgan.gan.config import TrainingConfig
from tabgan.gan.presets import ALONE, BESIDE_LIKELIHOOD, EFFORTS, OBJECTIVES
from tabgan.gan.settings import OWN

_INTRODUCTION = """# The settings of training

Every setting can be given in Python (`TrainingConfig(steps=500)`), as a line of a TOML file (`steps = 500`, for
`tabgan fit --config`) and on the command line (`tabgan fit --steps 500`). Unknown names, wrong values and
contradictions are refused together, before anything is read. [training.md](training.md) tells how they work together.
This page is made from `tabgan/gan/config.py` by `make docs`.
"""


def settings_page() -> str:
    """The page, as Markdown."""
    groups: dict[str, list[Field[Any]]] = {}
    for item in fields(TrainingConfig):
        groups.setdefault(item.metadata["group"], []).append(item)
    tables = [_table(group, items) for group, items in groups.items()]
    beside = {"beside the likelihood": BESIDE_LIKELIHOOD, "critic alone": ALONE}
    return "\n".join(
        [
            _INTRODUCTION,
            *tables,
            _chosen("What suits each objective", OBJECTIVES),
            _chosen("What hangs on `likelihood_weight`", beside),
            _chosen("Efforts", EFFORTS),
        ]
    )


def _table(group: str, items: list["Field[Any]"]) -> str:
    heading = ["setting", "default", "range", "what it is, and when to change it", "source"]
    return _section(group, [heading, *map(_row, items)])


def _chosen(title: str, sets: Mapping[str, Mapping[str, Any]]) -> str:
    """Settings that are chosen together, a column for each set of them."""
    names = [item.name for item in fields(TrainingConfig) if any(item.name in known for known in sets.values())]
    plain = TrainingConfig().to_dict()
    rows = [[f"`{name}`", *(_shown(known.get(name, plain[name])) for known in sets.values())] for name in names]
    return _section(title, [["setting", *sets], *rows])


def _section(title: str, rows: list[list[str]]) -> str:
    """A table under a title; the first row is its heading."""
    lines = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join([f"## {title}", "", *(f"| {' | '.join(row)} |" for row in lines), ""])


def _row(item: "Field[Any]") -> list[str]:
    known = item.metadata
    explained = known["help"] + (f". *{known['use']}*" if known["use"] else "")
    return [f"`{item.name}`", _shown(item.default), _range(item), explained, known["source"]]


def _range(item: "Field[Any]") -> str:
    known = item.metadata
    if known["choices"]:
        return ", ".join(known["choices"])
    if known["low"] is None:
        return "true, false"
    return f"{_shown(known['low'])} to {_shown(known['high'])} {known['unit']}".rstrip()


def _shown(value: object) -> str:
    """A plain value, written as in TOML but for the commas in large numbers."""
    if value is None:
        return OWN
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not value.is_integer():
        return f"{value:g}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)
