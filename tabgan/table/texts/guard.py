"""The guard against copies: no text that is made equals a real one, or shares a long run of words with one.

It remembers two things of real texts: whole texts, and runs of `RUN` words that begin at every `STRIDE`-th word, each
only if fewer than `MIN_ROWS` rows hold it; what more rows share is common speech. Every run of `RUN + STRIDE - 1` words
holds a remembered one (unless it is common speech), so that none of that length can be copied. Case and white space
make no difference, in runs punctuation makes none either. A text that is nearly, but not quite, a short real one
passes.

What is remembered are bits of a Bloom filter (Bloom 1970) over salted hashes, at most 32 MiB: no word can be read off
it. But whoever holds the model file *and* a text can test whether this very text, or eight words of it in a row, was in
the table; the answer "yes" is wrong with the probability `false_positive_rate`, which also is the price in texts that
are refused for nothing.
"""

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.table.encoders import checks
from tabgan.table.patterns import MIN_ROWS

RUN, STRIDE = 8, 3
_BITS_EACH, _HASHES = 20, 13
_MIN_BITS, _MAX_BITS = 1 << 10, 1 << 28
_FACTOR = 0x9E3779B97F4A7C15
_SALT_BYTES = 16
_KEPT_WORDS = 1 << 18
# Thai, Lao, Burmese, Khmer, Japanese and Chinese are written without spaces: each character counts as a word.
_SOLID = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_SOLID}]|[^\\W{_SOLID}]+")
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Guard:
    """What must not be written again.

    Attributes:
        salt: makes the hashes differ from model to model, as hexadecimal digits.
        bits: of the Bloom filter, eight to a byte.
        n_kept: how many texts and runs it remembers.
    """

    salt: str
    bits: bytes
    n_kept: int

    def __post_init__(self) -> None:
        checks.require(len(bytes.fromhex(self.salt)) == _SALT_BYTES, f"a salt of {_SALT_BYTES} bytes")
        checks.require(0 < len(self.bits) <= _MAX_BITS // 8, "the bits of a filter")
        checks.require(checks.is_whole(self.n_kept) and self.n_kept >= 0, "a number of things remembered")

    @classmethod
    def of(cls, texts: Iterable[str], rows: Iterable[Sequence[str]], salt: bytes) -> "Guard":
        """The guard of real texts.

        Args:
            texts: every filled text cell of the table, however many; none may be made again as a whole.
            rows: the texts of each row that a model learns from; no long run of their words may be made again.
            salt: 16 random bytes.
        """
        hasher = _Hasher(salt)
        whole = np.fromiter((hasher.whole(text) for text in texts if text.strip()), np.uint64)
        runs = [[hasher.runs(text)[0] for text in row] for row in rows]
        every = [np.unique(np.concatenate([*row, _NONE])) for row in runs]
        begun = [run[::STRIDE] for row in runs for run in row]
        kept = np.intersect1d(_rare(np.concatenate([*every, _NONE])), np.concatenate([*begun, _NONE]))
        kept = np.union1d(kept, _rare(whole))
        n_bits = min(max(_MIN_BITS, -(-_BITS_EACH * len(kept) // 8) * 8), _MAX_BITS)
        field = np.zeros(n_bits, np.bool_)
        for place in _places(kept, n_bits):
            field[place] = True
        return cls(salt.hex(), np.packbits(field).tobytes(), len(kept))

    @property
    def false_positive_rate(self) -> float:
        """How likely a text or run that nobody wrote is refused all the same."""
        return float((1 - math.exp(-_HASHES * self.n_kept / (8 * len(self.bits)))) ** _HASHES)

    def copied(self, texts: Sequence[str]) -> NDArray[np.bool_]:
        """Which texts are copies of real ones, or hold a long run of one, shape (n,)."""
        hashes = [self._hashes(text)[0] for text in texts]
        held = self._holds(np.concatenate([*hashes, _NONE]))
        owners = np.repeat(np.arange(len(texts)), [len(own) for own in hashes])
        return np.bincount(owners[held], minlength=len(texts)) > 0

    def first_copied(self, text: str) -> int | None:
        """Where the copied part of a text begins, as a place among its characters; None if there is none."""
        hashes, places = self._hashes(text)
        found = np.flatnonzero(self._holds(hashes))
        return places[found[0]] if len(found) else None

    def _hashes(self, text: str) -> tuple[Hashes, list[int]]:
        """The hashes of a text as a whole and of its runs, and at which character each begins."""
        if not text.strip():
            return _NONE, []
        runs, places = self._hasher.runs(text)
        return np.append(np.uint64(self._hasher.whole(text)), runs), [0, *places]

    def without_copies(self, text: str) -> str:
        """The text cut before what is copied, at the end of a word; empty if nothing is left."""
        while (place := self.first_copied(text)) is not None:
            # Of a run all but the last word may stay, since it takes all of them to make a copy.
            words = [match.end() for match in _WORD.finditer(text) if match.start() >= place]
            text = text[: words[RUN - 2]] if place and len(words) >= RUN else _without_last_word(text)
        return text

    @cached_property
    def _hasher(self) -> "_Hasher":
        return _Hasher(bytes.fromhex(self.salt))

    @cached_property
    def _field(self) -> NDArray[np.uint8]:
        return np.frombuffer(self.bits, np.uint8)

    def _holds(self, hashes: Hashes) -> NDArray[np.bool_]:
        held = np.ones(len(hashes), np.bool_)
        for place in _places(hashes, 8 * len(self.bits)):
            held &= (self._field[place >> 3] >> (7 - (place & 7)).astype(np.uint8) & 1).astype(np.bool_)
        return held

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the bits, which are many, go apart."""
        return {"salt": self.salt, "n_kept": self.n_kept}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], bits: bytes) -> "Guard":
        """The guard of what `to_json` wrote, and of its bits."""
        return cls(data["salt"], bits, data["n_kept"])


_NONE = np.zeros(0, np.uint64)


class _Hasher:
    """Salted 64-bit hashes of texts and of runs of words."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._of_word: Callable[[str], int] = lru_cache(_KEPT_WORDS)(self._hash)
        self._powers = np.array([pow(_FACTOR, power, 1 << 64) for power in range(RUN)], np.uint64)

    def _hash(self, text: str) -> int:
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=self._salt).digest(), "little")

    def whole(self, text: str) -> int:
        """The hash of a text."""
        return self._hash(" ".join(text.casefold().split()))

    def runs(self, text: str) -> tuple[Hashes, list[int]]:
        """The hashes of all runs of its words, and at which character each begins."""
        found = list(_WORD.finditer(text))
        if len(found) < RUN:
            return _NONE, []
        words = np.array([self._of_word(match.group().casefold()) for match in found], np.uint64)
        windows = np.lib.stride_tricks.sliding_window_view(words, RUN)
        hashes = (windows * self._powers).sum(1, dtype=np.uint64)
        return hashes, [match.start() for match in found[: len(hashes)]]


def _rare(hashes: Hashes) -> Hashes:
    """Those that occur, but in fewer than `MIN_ROWS` rows."""
    distinct, counts = np.unique(hashes, return_counts=True)
    return distinct[counts < MIN_ROWS]


def _places(hashes: Hashes, n_bits: int) -> Iterable[NDArray[np.uint64]]:
    """The bits of each hash, one after the other (double hashing, Kirsch and Mitzenmacher 2006)."""
    step = (hashes * np.uint64(_FACTOR)) ^ (hashes >> np.uint64(29)) | np.uint64(1)
    for number in range(_HASHES):
        yield (hashes + np.uint64(number) * step) % np.uint64(n_bits)


def _without_last_word(text: str) -> str:
    words = [match.end() for match in _WORD.finditer(text)]
    return text[: words[-2]] if len(words) > 1 else ""
