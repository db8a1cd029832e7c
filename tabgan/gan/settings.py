"""What a setting is: a field of a frozen dataclass that carries its own explanation, unit, range and source.

One place says what is wrong with a value, for Python, TOML files and the command line alike, and one place lists the
settings for people.
"""

import difflib
import types
from collections.abc import Iterable, Mapping
from dataclasses import Field, field, fields
from functools import cache
from typing import Any, NamedTuple, get_args, get_type_hints

OWN = "as suits the objective"
"""The default, in words, of settings that the objective decides on."""


class Kind(NamedTuple):
    """What values a setting takes.

    Attributes:
        type: bool, int, float or str.
        optional: whether None is one of them: then something else decides.
    """

    type: type
    optional: bool


def setting(
    default: Any,
    help: str,
    *,
    group: str,
    low: float | None = None,
    high: float | None = None,
    choices: Iterable[str] = (),
    unit: str = "",
    use: str = "",
    source: str = "",
) -> Any:
    """A field with its explanation.

    Args:
        default: its value; None where something else decides.
        help: what it is, in a phrase.
        group: the heading that it stands under.
        low: the least value allowed.
        high: the greatest value allowed.
        choices: the words allowed.
        unit: of a number.
        use: when to change it, in a sentence.
        source: where it comes from: authors, year, section.
    """
    known = {"help": help, "group": group, "low": low, "high": high, "choices": tuple(choices)}
    return field(default=default, metadata=known | {"unit": unit, "use": use, "source": source})


@cache
def kind_of(owner: type, name: str) -> Kind:
    """What values the setting `name` of the dataclass `owner` takes."""
    hint = get_type_hints(owner)[name]
    if isinstance(hint, types.UnionType):
        (kept,) = (option for option in get_args(hint) if option is not types.NoneType)
        return Kind(kept, True)
    return Kind(hint, False)


def problem(owner: type, item: "Field[Any]", value: object) -> str | None:
    """What is wrong with one value of a setting, or None."""
    kind, limits, name = kind_of(owner, item.name), item.metadata, item.name
    if value is None and kind.optional:
        return None
    accepted: types.UnionType | type = int | float if kind.type is float else kind.type
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind.type is not bool):
        said = {float: "a number", int: "a whole number", bool: "true or false", str: "a word"}[kind.type]
        return f"{name} must be {said}, got {value!r}"
    if limits["choices"] and value not in limits["choices"]:
        return (
            f"{name} must be one of {', '.join(limits['choices'])}, got {value!r}{_near(str(value), limits['choices'])}"
        )
    low, high = limits["low"], limits["high"]
    if low is not None and not low <= value <= high:
        return f"{name} must lie between {low:,} and {high:,}, got {value!r}"
    return None


def problems(owner: type, settings: Mapping[str, object]) -> list[str]:
    """What is wrong with settings of the dataclass `owner`: unknown names and wrong values."""
    known = {item.name: item for item in fields(owner)}
    found = [f"{name!r} is not a setting{_suggestion(name, known)}" for name in settings if name not in known]
    checked = (problem(owner, known[name], value) for name, value in settings.items() if name in known)
    return found + [said for said in checked if said]


def _near(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""


def _suggestion(name: object, known: Iterable[str]) -> str:
    return _near(str(name), known) or f"; known settings are {', '.join(known)}"
