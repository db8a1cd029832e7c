"""New keys like the ones of a column: a different one for each number of a row, whatever the order they are asked in.

Numbers that fill at least a hundredth of their range *run on*: new keys go on after the largest, in the same steps, so
that none of them was there before; "CUST-000471" counts as a number too. Other numbers are scattered over the range
that they had, and after that run on. Other texts follow their patterns, and when these have made all that they can, the
same shapes with any letter for a letter and any digit for a digit. No key is remembered: a permutation makes them
different. Of scattered keys, as many as fill their range or patterns by chance equal a real key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, ClassVar, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table import arrays, dtypes, numbered
from tabgan.table.encoders import checks
from tabgan.table.encoders.base import CellsError, shown
from tabgan.table.pattern_keys import PatternKeys
from tabgan.table.patterns import Patterns

_DENSE = 0.01
_ROOM = 10
_MOST_DIGITS = 18
_EXACT_FLOATS = {16: 1 << 11, 32: 1 << 24, 64: 1 << 53}


class Keys(Protocol):
    """What makes the keys of one column."""

    kind: ClassVar[str]

    @property
    def capacity(self) -> int:
        """How many different keys there can be."""

    def make(self, ranks: NDArray[np.int64], seed: int) -> pa.Array:
        """A different plain key for each rank from 0 to `capacity` - 1, shape (n,)."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values that `keys_from_json` reads back."""


@dataclass(frozen=True)
class NumberKeys:
    """Whole numbers: `scattered` ones from `low` on, then running ones from `start` to `last`.

    Attributes:
        low: the least of the scattered numbers.
        scattered: how many there are, `step` apart.
        start: the first running number, above all scattered ones.
        last: the largest number that there can be.
        step: between running numbers.
    """

    kind: ClassVar[str] = "numbers"
    low: int
    scattered: int
    start: int
    last: int
    step: int

    def __post_init__(self) -> None:
        fields = (self.low, self.scattered, self.start, self.last, self.step)
        checks.require(all(map(checks.is_whole, fields)), "whole numbers for keys")
        within = self.low >= -(2**63) and self.start < 2**65 and (self.low >= 0 or self.last < 2**63)
        checks.require(self.scattered >= 0 and self.step >= 1 and within, "numbers of 64 bits for keys")
        above = self.low + (self.scattered - 1) * self.step < self.start and self.last < 2**64
        checks.require(above, "running keys above all others")

    @property
    def capacity(self) -> int:
        """How many different keys there can be."""
        return self.scattered + max((self.last - self.start) // self.step + 1, 0)

    def make(self, ranks: NDArray[np.int64], seed: int) -> pa.Array:
        """A different number for each rank, int64 (uint64 where it takes that)."""
        whole = np.uint64 if self.last > np.iinfo(np.int64).max else np.int64
        start = whole(min(self.start, np.iinfo(whole).max))
        running = ranks >= self.scattered
        places = np.where(running, ranks - self.scattered, 0)
        if not running.all():
            key = streams.derive_seed(seed, "keys")
            places[~running] = numbered.permuted(ranks[~running], self.scattered, key)
        return pa.array(np.where(running, start, whole(self.low)) + places.astype(whole) * whole(self.step))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        fields = ("kind", "low", "scattered", "start", "last", "step")
        return {name: getattr(self, name) for name in fields}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "NumberKeys":
        """The inverse of `to_json`."""
        return cls(data["low"], data["scattered"], data["start"], data["last"], data["step"])


@dataclass(frozen=True)
class LabelledKeys:
    """Running numbers between a prefix and a suffix, filled up with zeros to `width` digits (0: not filled up)."""

    kind: ClassVar[str] = "labelled"
    prefix: str
    suffix: str
    width: int
    numbers: NumberKeys

    @property
    def capacity(self) -> int:
        """How many different keys there can be."""
        return self.numbers.capacity

    def make(self, ranks: NDArray[np.int64], seed: int) -> pa.Array:
        """A different text for each rank."""
        digits = self.numbers.make(ranks, seed).cast(pa.string())
        if self.width:
            digits = pc.utf8_lpad(digits, self.width, "0")
        return pc.binary_join_element_wise(self.prefix, digits, self.suffix, "")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        numbers = self.numbers.to_json()
        return {"kind": self.kind, "prefix": self.prefix, "suffix": self.suffix, "width": self.width} | {
            "numbers": numbers
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "LabelledKeys":
        """The inverse of `to_json`."""
        return cls(data["prefix"], data["suffix"], data["width"], NumberKeys.from_json(data["numbers"]))


KEYS: dict[str, type[NumberKeys | LabelledKeys | PatternKeys]] = {
    "numbers": NumberKeys,
    "labelled": LabelledKeys,
    "patterns": PatternKeys,
}


def keys_from_json(data: Mapping[str, Any]) -> Keys:
    """The keys that `to_json` wrote.

    Raises:
        LookupError, TypeError, ValueError, SchemaError: if they are none.
    """
    return KEYS[data["kind"]].from_json(data)


def fit_keys(cells: pa.Array) -> Keys:
    """What makes new keys like these.

    Args:
        cells: plain cells (see `arrays.plain`) of text or whole numbers, at least one that is not missing.

    Raises:
        CellsError: if there is none, or a number is not whole.
    """
    cells = cells.drop_null()
    if not len(cells):
        raise CellsError("expected at least one key to learn from, got missing cells only")
    if dtypes.is_text(cells.type):
        return _labelled(cells) or PatternKeys(Patterns.learn(cells))
    values = arrays.numbers(cells)
    if values.dtype.kind == "f":
        fractions = cells.filter(pa.array(values % 1 != 0))
        if len(fractions):
            raise CellsError(f"expected whole numbers as keys, got {shown(fractions)}")
        values = values.astype(np.int64)
    return _fit_numbers(values, _largest(cells.type))


def _largest(dtype: pa.DataType) -> int:
    """The largest whole number up to which a type holds all."""
    if pa.types.is_floating(dtype):
        return _EXACT_FLOATS[dtype.bit_width]
    if pa.types.is_decimal(dtype):
        return int(min(10 ** (dtype.precision - dtype.scale) - 1, _EXACT_FLOATS[64]))
    sign = "i" if pa.types.is_signed_integer(dtype) else "u"
    return int(np.iinfo(f"{sign}{dtype.bit_width // 8}").max)


def _fit_numbers(values: NDArray[Any], largest: int) -> NumberKeys:
    """Keys that run on where numbers are dense and there is room after them, else scattered ones first."""
    distinct = np.unique(values)
    low, high = int(distinct[0]), int(distinct[-1])
    step = max(int(np.gcd.reduce(np.diff(distinct).astype(np.uint64), initial=0)), 1)
    last = max(largest, high)
    range_size = (high - low) // step + 1
    room = (last - high) // step
    dense = len(distinct) >= _DENSE * range_size and room >= _ROOM * len(distinct)
    scattered = 0 if dense or range_size > numbered.MAX_SIZE else range_size
    return NumberKeys(low, scattered, high + step, last, step)


def _labelled(texts: pa.Array) -> LabelledKeys | None:
    """Running numbers with the same text around them; None if the texts are anything else."""
    prefix = _common(texts)
    prefix = prefix.rstrip("0123456789")
    middles = pc.utf8_slice_codeunits(texts, len(prefix))
    suffix = _common(pc.utf8_reverse(middles))[::-1].lstrip("0123456789")
    if suffix:
        middles = pc.utf8_slice_codeunits(middles, 0, -len(suffix))
    lengths = pc.min_max(pc.utf8_length(middles)).as_py()
    if not pc.all(pc.match_substring_regex(middles, "^[0-9]+$")).as_py() or lengths["max"] > _MOST_DIGITS:
        return None
    fixed = lengths["min"] == lengths["max"]
    padded = pc.any(pc.match_substring_regex(middles, "^0[0-9]")).as_py()
    if padded and not fixed:
        return None
    largest = 10 ** (lengths["max"] if fixed else _MOST_DIGITS) - 1
    numbers = _fit_numbers(middles.cast(pa.int64()).to_numpy(), largest)
    return None if numbers.scattered else LabelledKeys(prefix, suffix, lengths["max"] if padded else 0, numbers)


def _common(texts: pa.Array) -> str:
    """The longest beginning that all texts share."""
    ends = pc.min_max(texts).as_py()
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(ends["min"], ends["max"], strict=False))
    return "".join(character for character, _ in shared)
