"""The patterns of a column of structured texts: codes, phone numbers, postcodes, keys.

Texts of one shape make a template, for example all of "AA99 9AA". Where letters and digits mix freely, as in
"7f3a-0c9e", texts of one loose shape do. There are at most 32 of these, each of five texts or more; what is left is put
together by length. A length that varies gives a template for each length. Within a template each place has the
characters that were seen there, with their frequencies, or the whole class of characters that they belong to where too
few texts were seen to know; so the version of a UUID comes out as a literal. A short segment that has only a few, often
repeated forms is kept whole. No segment is kept that was seen in fewer than five rows.

Patterns are learnt from at most 50,000 cells, chosen evenly at random. They know nothing of check digits, nor of what
one place says about another.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table import arrays, shapes
from tabgan.table.encoders import checks
from tabgan.table.templates import Part, Template

MAX_TEMPLATES = 32
MIN_ROWS = 5
"""What fewer rows hold belongs to them and not to the table."""
_SAMPLE = 50_000
_COVERED = 0.95
_MAX_EXACT = 8
_MAX_CHARACTERS = 256
_MAX_OPTIONS = 64
_ROWS_PER_OPTION = 20
_OPTIONS_COVER = 0.98
_CHANCE = 1e-3
_TOP_WEIGHT = 1_000


@dataclass(frozen=True)
class Patterns:
    """The templates of a column, the most frequent first, those by length last."""

    templates: tuple[Template, ...]

    def __post_init__(self) -> None:
        checks.require(len(set(self.names)) == len(self.templates), "templates with different names")
        checks.require(bool(self.templates), "at least one template")

    @classmethod
    def learn(cls, texts: pa.Array) -> "Patterns":
        """The patterns of texts.

        Args:
            texts: plain cells (see `arrays.plain`), at least one that is not missing.

        Raises:
            SchemaError: if there is none.
        """
        return cls(tuple(_learnt(sample(texts))))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The shapes of the templates."""
        return tuple(template.name for template in self.templates)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """The share of each template, all of them adding up to 1."""
        shares = np.array([template.share for template in self.templates])
        normed: NDArray[np.float64] = shares / shares.sum()
        return normed

    def match(self, texts: pa.Array) -> NDArray[np.int64]:
        """The template by whose shape each text goes, -1 where there is none or the cell is missing; shape (n,)."""
        parts = [self._match(block) for block in arrays.blocks(texts)]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    def _match(self, texts: pa.Array) -> NDArray[np.int64]:
        known = pa.array(self.names, texts.type)
        exact = shapes.exact(shapes.cut(texts))
        found = pc.index_in(exact, value_set=known)
        if found.null_count:
            loose = pc.index_in(shapes.loose(exact), value_set=known)
            lengths = pc.index_in(_by_length(exact).cast(texts.type), value_set=known)
            found = pc.coalesce(found, loose, lengths)
        matched = pc.fill_null(found, -1).to_numpy().astype(np.int64)
        return np.where(texts.is_null().to_numpy(zero_copy_only=False), -1, matched)

    def nearest(self, texts: pa.Array) -> NDArray[np.int64]:
        """As `match`; but a text of no template goes by the one whose length comes closest, the last of several."""
        found = self.match(texts)
        lost = np.flatnonzero((found < 0) & texts.is_valid().to_numpy(zero_copy_only=False))
        if len(lost):
            lengths = pc.utf8_length(texts.take(pa.array(lost))).to_numpy()
            own = np.array([template.length for template in self.templates])
            found[lost] = len(own) - 1 - np.abs(own[None, ::-1] - lengths[:, None]).argmin(axis=1)
        return found

    def covered(self, most: int = MAX_TEMPLATES) -> float:
        """The share of texts whose shape is one of the `most` frequent ones, and not only a length."""
        shares = [share for share, name in zip(self.shares, self.names, strict=True) if not is_length(name)]
        return float(sum(sorted(shares, reverse=True)[:most]))

    def to_json(self) -> list[dict[str, Any]]:
        """Plain JSON values."""
        return [template.to_json() for template in self.templates]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, Any]]) -> "Patterns":
        """The inverse of `to_json`."""
        return cls(tuple(Template.from_json(template) for template in data))


def sample(texts: pa.Array, most: int = _SAMPLE) -> pa.Array:
    """The filled cells, or so many of them, chosen evenly at random and always the same ones."""
    texts = texts.drop_null()
    if len(texts) <= most:
        return texts
    chosen = streams.generator(0, "patterns").choice(len(texts), most, replace=False)
    return texts.take(pa.array(np.sort(chosen)))


def is_length(name: str) -> bool:
    """Whether a template's name is one of those that only tell the length."""
    return name.endswith(" characters")


def _by_length(shape: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pc.utf8_length(shape).cast(pa.string()), "characters", " ")


def _learnt(texts: pa.Array) -> list[Template]:
    texts = shapes.cut(texts).cast(pa.large_string())
    exact = shapes.exact(texts)
    own = _own_classes(texts, exact)
    group, found = _grouped(exact)
    lost = group < 0
    made = [_template(name, texts.filter(pa.array(group == i)), name, len(texts), own) for i, name in enumerate(found)]
    names = _by_length(exact.filter(pa.array(lost)))
    counted = pc.value_counts(names).to_pylist()
    counted.sort(key=lambda entry: (-entry["counts"], entry["values"]))
    rest = texts.filter(pa.array(lost))
    for entry in counted[:MAX_TEMPLATES]:
        part = rest.filter(pc.equal(names, entry["values"]))
        length = int(pc.utf8_length(part[0]).as_py())
        made.append(_template(entry["values"], part, shapes.ANY * length, len(texts), own))
    return made


def _own_classes(texts: pa.Array, exact: pa.Array) -> dict[str, str]:
    """The characters of the column by their symbol, where they belong to no common class: at most 256 each."""
    packed, signs = (
        np.frombuffer("".join(part.to_pylist()).encode("utf-32-le"), "<u4").astype(np.uint64) for part in (texts, exact)
    )
    values, counts = np.unique(packed << np.uint64(32) | signs, return_counts=True)
    held: dict[str, str] = {}
    for value in values[np.argsort(-counts, kind="stable")].tolist():
        character, sign = chr(value >> 32), chr(value & 0xFFFFFFFF)
        for symbol in {sign, shapes.LOOSE if sign in shapes.SYMBOLS else sign, shapes.ANY}:
            if len(held.get(symbol, "")) < _MAX_CHARACTERS:
                held[symbol] = held.get(symbol, "") + character
    return held


def _grouped(exact: pa.Array) -> tuple[NDArray[np.int64], list[str]]:
    """Which template each text belongs to (-1 for none), shape (n,), and the templates' shapes."""
    encoded = exact.dictionary_encode()
    codes, known = encoded.indices.to_numpy().astype(np.int64), encoded.dictionary
    counts = np.bincount(codes, minlength=len(known))
    loose = shapes.loose(known).dictionary_encode()
    families = loose.indices.to_numpy()
    found: list[tuple[int, str, NDArray[np.int64]]] = []
    for family, name in enumerate(loose.dictionary.to_pylist()):
        members = np.flatnonzero(families == family)
        total, large = int(counts[members].sum()), members[counts[members] >= MIN_ROWS]
        if 1 <= len(large) <= _MAX_EXACT and counts[large].sum() >= _COVERED * total:
            found += [(int(counts[i]), known[int(i)].as_py(), np.array([i])) for i in large]
        elif total >= MIN_ROWS:
            found.append((total, name, members))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    belongs = np.full(len(known), -1)
    for i, (_, _, members) in enumerate(found[:MAX_TEMPLATES]):
        belongs[members] = i
    return belongs[codes], [name for _, name, _ in found[:MAX_TEMPLATES]]


def _template(name: str, texts: pa.Array, symbols: str, total: int, own: Mapping[str, str]) -> Template:
    characters = shapes.to_matrix(texts, len(symbols))
    parts: list[Part] = []
    start = 0
    while start < len(symbols):
        end = start + 1
        while end < len(symbols) and symbols[end] == symbols[start] != shapes.ANY:
            end += 1
        whole = _segment(characters[:, start:end]) if end - start > 1 else None
        parts += [whole] if whole else [_place(characters[:, i], symbols[i], own) for i in range(start, end)]
        start = end
    return Template(name, len(texts) / total, tuple(parts))


def _segment(characters: shapes.Characters) -> Part | None:
    """A segment with a few forms that are repeated often; None if it has many, or only one."""
    values, counts = np.unique(characters, axis=0, return_counts=True)
    kept = counts >= MIN_ROWS
    n = len(characters)
    few = 1 < len(values) <= _MAX_OPTIONS and n >= _ROWS_PER_OPTION * len(values)
    if not few or counts[kept].sum() < _OPTIONS_COVER * n:
        return None
    return Part(tuple(shapes.from_matrix(values[kept])), _weights(counts[kept]))


def _place(characters: NDArray[np.uint32], symbol: str, own: Mapping[str, str]) -> Part:
    """The characters of one place, or the whole class of them where they may well be only those that were seen."""
    values, counts = np.unique(characters, return_counts=True)
    frequent = np.sort(np.argsort(-counts, kind="stable")[:_MAX_CHARACTERS])
    values, counts = values[frequent], counts[frequent]
    seen = "".join(map(chr, values))
    common = shapes.common_symbol(seen)
    symbol = common if symbol == shapes.ANY and common != shapes.LOOSE else symbol
    wide = shapes.narrowest_class(seen, symbol, own.get(symbol, seen))
    if _tells(len(seen), len(wide), len(characters)) or len(wide) <= len(seen):
        return Part(tuple(seen), _weights(counts))
    held = dict(zip(seen, counts.tolist(), strict=True))
    return Part(tuple(wide), _weights(np.array([held.get(character, 0) + 1 for character in wide])))


def _tells(seen: int, size: int, n: int) -> bool:
    """Whether so few characters of a class would hardly ever be seen in n texts if all were equally frequent."""
    if n < MIN_ROWS or seen >= size:
        return False
    return math.log(math.comb(size, seen)) + n * math.log(seen / size) < math.log(_CHANCE)


def _weights(counts: NDArray[np.int64]) -> tuple[int, ...]:
    scaled = np.rint(counts * (_TOP_WEIGHT / counts.max())).astype(np.int64) if counts.max() > _TOP_WEIGHT else counts
    return tuple(np.maximum(scaled, 1).tolist())
