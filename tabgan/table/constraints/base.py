"""What all constraints have in common: how columns are named in words, checked against a schema and read from JSON."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.table import dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.ticks import family

_SHOWN = 4


class Rule(Protocol):
    """What every constraint can do; n rows."""

    kind: ClassVar[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it is about; empty if that cannot be told."""

    def describe(self) -> str:
        """The constraint in one line, for the user."""

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Which rows break it, shape (n,); exact."""

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """Why it cannot be meant for columns such as these: unknown names, wrong types, or itself."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, `kind` among them."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The constraint that `to_json` wrote.

        Raises:
            SchemaError: if it is none.
        """


def listed(names: Sequence[str]) -> str:
    """Columns in words: all of a few, the first ones of many."""
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def misnamed(names: Sequence[str], specs: Mapping[str, ColumnSpec], least: int = 1) -> list[str]:
    """Columns that are unknown or named twice, and too few of them."""
    problems = [f"expected at least {least} columns, got {len(names)}"] if len(names) < least else []
    for name in dict.fromkeys(names):
        if name not in specs:
            near = difflib.get_close_matches(name, list(specs), n=1)
            problems.append(f"there is no column {name!r}" + (f"; is {near[0]!r} meant?" if near else ""))
        elif names.count(name) > 1:
            problems.append(f"column {name!r} is named {names.count(name)} times; name it once")
    return problems


def not_learnt(names: Sequence[str], specs: Mapping[str, ColumnSpec]) -> list[str]:
    """Columns that are not learnt, such as keys and texts, of which nothing can be promised."""
    return [
        f"column {name!r}: expected a kind that is learnt, got {specs[name].kind}; "
        f"drop the constraint, or change the kind"
        for name in dict.fromkeys(names)
        if name in specs and not specs[name].modelled
    ]


def not_comparable(names: Sequence[str], specs: Mapping[str, ColumnSpec], families: Sequence[str] = ()) -> list[str]:
    """Columns whose cells cannot be compared with each other.

    Args:
        names: of the columns.
        specs: of all columns.
        families: the families (see `ticks.family`) that will do; all if there are none.
    """
    found = {name: family(specs[name].arrow_type) for name in names if name in specs}
    expected = " or ".join(families) if families else "numbers or times"
    problems = [
        f"column {name!r}: expected {expected}, got {dtypes.word(specs[name].arrow_type)}; drop the constraint"
        for name, own in found.items()
        if own is None or (families and own not in families)
    ]
    if not problems and len(set(found.values())) > 1:
        each = ", ".join(f"{name!r} holds {own}" for name, own in found.items())
        problems.append(f"expected columns that can be compared, but {each}; convert them, or drop the constraint")
    return problems


def texts(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list of names in JSON values.

    Raises:
        SchemaError: if there is none.
    """
    found = data.get(key)
    if not isinstance(found, list | tuple) or not all(isinstance(name, str) for name in found):
        raise SchemaError(f"expected a list of column names as {key!r}, got {found!r}")
    return tuple(found)


def text(data: Mapping[str, Any], key: str) -> str:
    """A name in JSON values.

    Raises:
        SchemaError: if there is none.
    """
    found = data.get(key)
    if not isinstance(found, str):
        raise SchemaError(f"expected a name as {key!r}, got {found!r}")
    return found


def flag(data: Mapping[str, Any], key: str) -> bool:
    """True or false in JSON values; false if there is nothing.

    Raises:
        SchemaError: if it is something else.
    """
    found = data.get(key, False)
    if not isinstance(found, bool):
        raise SchemaError(f"expected true or false as {key!r}, got {found!r}")
    return found
