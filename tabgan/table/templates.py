"""A template of texts: parts in a row, each of which is one of a few options; and how to count what it can make.

A part is a literal (one option), a character out of a class, or a whole segment such as "CUST" or "SUPP" where there
are only a few. All options of a part are equally long, so all texts of a template are. Each option has a weight, so
texts can be drawn with the frequencies that were seen; parts are independent of each other. Texts can also be counted:
`numbered` is one to one, which makes unique texts without remembering any.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.table import numbered, shapes
from tabgan.table.encoders import checks

ENOUGH = 1 << 48


@dataclass(frozen=True)
class Part:
    """What may stand at one place of a template.

    Attributes:
        options: distinct texts of one length.
        weights: how often each stands there, in proportion; all at least 1.
    """

    options: tuple[str, ...]
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        texts = all(isinstance(option, str) for option in self.options)
        checks.require(texts and len({len(option) for option in self.options}) == 1, "options of one length")
        checks.require(len(set(self.options)) == len(self.options), "options that are different from each other")
        whole = all(checks.is_whole(weight) and weight >= 1 for weight in self.weights)
        checks.require(whole and len(self.weights) == len(self.options), "a weight of at least 1 for each option")

    def __len__(self) -> int:
        return len(self.options)

    @property
    def length(self) -> int:
        """The characters of each option."""
        return len(self.options[0])

    @cached_property
    def characters(self) -> shapes.Characters:
        """The options, shape (len(self), length)."""
        packed = "".join(self.options).encode("utf-32-le")
        return np.frombuffer(packed, "<u4").reshape(len(self), self.length)

    @cached_property
    def _borders(self) -> NDArray[np.float64]:
        ends = np.cumsum(self.weights, dtype=np.float64)
        borders: NDArray[np.float64] = ends[:-1] / ends[-1]
        return borders

    def chosen(self, uniforms: NDArray[np.float64]) -> NDArray[np.int64]:
        """The option that each random number falls on, shape (n,)."""
        return np.searchsorted(self._borders, uniforms, side="right").astype(np.int64)

    def widened(self, *, digits: bool) -> "Part":
        """All characters of the class that this part's belong to; the part itself where it has no class.

        Args:
            digits: whether a digit that never changed may change from now on.
        """
        characters = "".join(self.options)
        if self.length != 1 or (len(self) == 1 and not digits):
            return self
        symbol = shapes.common_symbol(characters)
        if len(self) == 1 and symbol != "9":
            return self
        wide = shapes.narrowest_class(characters, symbol, characters)
        return Part(tuple(wide), (1,) * len(wide))

    def without(self, other: "Part") -> "Part | None":
        """The options that the other part lacks; None if there are none."""
        options = tuple(option for option in self.options if option not in other.options)
        return Part(options, (1,) * len(options)) if options else None


@dataclass(frozen=True)
class Template:
    """Texts of one length.

    Attributes:
        name: their shape, which no other template of a column has.
        share: of the texts of the column that look like this, above 0.
        parts: in order; none for the empty text.
    """

    name: str
    share: float
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        checks.require(isinstance(self.name, str), f"text as the name of a template, got {self.name!r}")
        checks.require(checks.are_numbers([self.share]) and self.share > 0, f"a share above 0, got {self.share!r}")

    @cached_property
    def length(self) -> int:
        """The characters of each text."""
        return sum(part.length for part in self.parts)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return tuple(accumulate((part.length for part in self.parts), initial=0))[:-1]

    @cached_property
    def capacity(self) -> int:
        """How many different texts it can make."""
        return math.prod(len(part) for part in self.parts)

    @cached_property
    def _counted(self) -> tuple[int, ...]:
        """The parts that tell 2**48 texts apart, those with most options first; all if there are fewer texts."""
        chosen, size = [], 1
        for i in sorted(range(len(self.parts)), key=lambda i: -len(self.parts[i])):
            if size >= ENOUGH:
                break
            chosen.append(i)
            size *= len(self.parts[i])
        return tuple(chosen)

    @cached_property
    def countable(self) -> int:
        """How many texts `numbered` can make: all, or at least 2**48 of them."""
        return math.prod(len(self.parts[i]) for i in self._counted)

    def draw(self, uniforms: NDArray[np.float64]) -> shapes.Characters:
        """Texts as they were seen, part by part.

        Args:
            uniforms: numbers in [0, 1), shape (n, len(parts)).

        Returns:
            Their characters, shape (n, length).
        """
        return self._assembled([part.chosen(uniforms[:, i]) for i, part in enumerate(self.parts)], len(uniforms))

    def numbered(self, ranks: NDArray[np.int64], key: int) -> shapes.Characters:
        """A different text for each rank, in an order that `key` shuffles.

        Where there are more than 2**48 texts, parts that are not needed to tell them apart are as they were seen.

        Args:
            ranks: whole numbers from 0 to `countable` - 1, shape (n,).
            key: any 63-bit number.

        Returns:
            Characters, shape (n, length).
        """
        places = numbered.permuted(ranks, self.countable, key)
        uniforms = numbered.uniforms(key, ("template", self.name), ranks, len(self.parts))
        options = [part.chosen(uniforms[:, i]) for i, part in enumerate(self.parts)]
        for i in self._counted:
            places, options[i] = np.divmod(places, len(self.parts[i]))
        return self._assembled(options, len(ranks))

    def _assembled(self, options: list[NDArray[np.int64]], n: int) -> shapes.Characters:
        characters = np.zeros((n, self.length), np.uint32)
        for part, start, chosen in zip(self.parts, self._starts, options, strict=True):
            characters[:, start : start + part.length] = part.characters[chosen]
        return characters

    def beyond(self) -> tuple["Template", ...]:
        """Templates of the same shape for what this one cannot make: no text is made by two of them or by this one.

        A part becomes the whole class of its characters: a letter that changes any letter, a digit any digit, even one
        that never changed, if it stands in a number that does. Templates come with the least change first.
        """
        wide = [part.widened(digits=varies) for part, varies in zip(self.parts, self._in_numbers(), strict=True)]
        made = []
        for i in reversed(range(len(wide))):
            fresh = wide[i].without(self.parts[i])
            if fresh:
                made.append(Template(self.name, self.share, (*self.parts[:i], fresh, *wide[i + 1 :])))
        return tuple(made)

    def _in_numbers(self) -> list[bool]:
        """Which parts are digits in a row of digits of which some change."""
        digits = [part.length == 1 and all("0" <= option <= "9" for option in part.options) for part in self.parts]
        found, start = [False] * len(digits), 0
        for end in range(len(digits) + 1):
            if end == len(digits) or not digits[end]:
                if any(len(part) > 1 for part in self.parts[start:end]):
                    found[start:end] = [True] * (end - start)
                start = end + 1
        return found

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; single characters of equal weight are one text."""
        return {"name": self.name, "share": self.share, "parts": [_part_to_json(part) for part in self.parts]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Template":
        """The inverse of `to_json`."""
        return cls(data["name"], data["share"], tuple(_part_from_json(part) for part in data["parts"]))


def _part_to_json(part: Part) -> dict[str, Any]:
    document: dict[str, Any] = {"options": "".join(part.options) if part.length == 1 else list(part.options)}
    return document if set(part.weights) == {1} else document | {"weights": list(part.weights)}


def _part_from_json(data: Mapping[str, Any]) -> Part:
    options = tuple(data["options"])
    return Part(options, tuple(data.get("weights", (1,) * len(options))))
