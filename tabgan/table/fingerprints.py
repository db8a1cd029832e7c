"""Knowing real texts again without keeping them: short fingerprints that many texts share.

A fingerprint is a keyed hash (BLAKE2b) of a text, taken modulo so small a number that a part of all texts that one
could think of falls on the fingerprint of a real one. So a model file neither holds the texts, nor does it prove that a
guess is among them: a guess that fits may be right, or be one of the many that fit by chance. It does prove that a
guess which does *not* fit is wrong.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays
from tabgan.table.encoders import checks

_PER_TEXT = 4
_LEAST, _MOST = 64, 1 << 24


def salt_of(texts: pa.Array) -> str:
    """A key for fingerprints that differs from column to column: a digest of all its cells."""
    digest = hashlib.blake2b(digest_size=16)
    for block in arrays.blocks(texts):
        for text in block.to_pylist():
            digest.update(b"\0" if text is None else text.encode() + b"\1")
    return digest.hexdigest()


def fingerprints(texts: pa.Array, salt: str, size: int) -> NDArray[np.int64]:
    """The fingerprint of each text, from 0 to size - 1, shape (n,); that of "" where the cell is missing."""
    key = salt.encode()
    found = np.zeros(len(texts), np.uint64)
    for i, text in enumerate(chain.from_iterable(block.to_pylist() for block in arrays.blocks(texts))):
        digest = hashlib.blake2b((text or "").encode(), digest_size=8, key=key).digest()
        found[i] = int.from_bytes(digest, "little")
    return (found % np.uint64(size)).astype(np.int64)


@dataclass(frozen=True)
class Refused:
    """Texts that are not to be made: those given, and about a fifth of all others.

    Attributes:
        salt: the key of the fingerprints.
        size: how many fingerprints there are.
        bits: which of them are refused, packed, as base64; "" if none are.
    """

    salt: str
    size: int
    bits: str

    def __post_init__(self) -> None:
        checks.require(isinstance(self.salt, str) and len(self.salt.encode()) <= 64, "a short text as salt")
        checks.require(checks.is_whole(self.size) and self.size >= 0, f"a number of fingerprints, got {self.size!r}")
        checks.require(len(self._packed) * 8 >= self.size, f"{self.size} bits")

    @classmethod
    def of(cls, texts: pa.Array, salt: str) -> "Refused":
        """Four fingerprints for each of the distinct texts, and at most 2 MiB of them."""
        if not len(texts):
            return cls(salt, 0, "")
        size = min(max(_PER_TEXT * len(texts), _LEAST), _MOST)
        marks = np.zeros(size, np.bool_)
        marks[fingerprints(texts, salt, size)] = True
        return cls(salt, size, base64.b64encode(np.packbits(marks).tobytes()).decode())

    @cached_property
    def _packed(self) -> bytes:
        return base64.b64decode(self.bits, validate=True)

    @cached_property
    def _marks(self) -> NDArray[np.bool_]:
        return np.unpackbits(np.frombuffer(self._packed, np.uint8)).astype(np.bool_)

    def holds(self, texts: pa.Array) -> NDArray[np.bool_]:
        """Which texts are refused, shape (n,)."""
        if not self.size:
            return np.zeros(len(texts), np.bool_)
        return self._marks[fingerprints(texts, self.salt, self.size)]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"salt": self.salt, "size": self.size, "bits": self.bits}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Refused":
        """The inverse of `to_json`."""
        return cls(data["salt"], data["size"], data["bits"])
