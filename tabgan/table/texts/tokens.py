"""Text as a row of tokens, and back to exactly the same text.

A text is cut into chunks: a word with the space before it, a digit, a run of one punctuation mark, a white space.
Frequent chunks are tokens as a whole; others are spelt by the longest tokens that fit, by single characters, and at
worst by the bytes of their UTF-8 form. So any text can be written down, tokens put side by side are the text again, and
the number of tokens has a bound whatever the column holds. Digits are tokens of their own, so that numbers can vary.
Texts are not cleaned or normalised in any way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tabgan.table.encoders import checks

CHUNK = re.compile(r" ?[^\W\d_]+(?:['’][^\W\d_]+)*| ?\d| ?([^\w\s]|_)\1*|\s")
"""What a text is cut into; every character belongs to exactly one chunk."""
END = 0
"""The token behind the text of each column."""
N_BYTES = 256
LONGEST = 24
"""Characters that a token has at most."""
_MAX_KNOWN = 200_000


def chunks(text: str) -> list[str]:
    """The chunks of a text; side by side they are the text again."""
    return [match.group() for match in CHUNK.finditer(text)]


@dataclass(frozen=True)
class Tokens:
    """The tokens of a table's texts. Token 0 ends a text, then come the pieces, then the 256 bytes.

    Attributes:
        pieces: texts of at most `LONGEST` characters, all different, the most frequent first.
    """

    pieces: tuple[str, ...]

    def __post_init__(self) -> None:
        checks.require(
            all(isinstance(piece, str) and 0 < len(piece) <= LONGEST for piece in self.pieces), "pieces of text"
        )
        checks.require(len(self._codes) == len(self.pieces), "pieces that are different from each other")

    def __len__(self) -> int:
        return 1 + len(self.pieces) + N_BYTES

    @cached_property
    def sizes(self) -> list[int]:
        """Of how many characters each token is; each byte counts as one."""
        return [0, *map(len, self.pieces), *[1] * N_BYTES]

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {piece: place for place, piece in enumerate(self.pieces, start=1)}

    @cached_property
    def _spelt(self) -> dict[str, tuple[int, ...]]:
        """Chunks that were met before, so that each is spelt once."""
        return {}

    @cached_property
    def _bytes(self) -> list[bytes]:
        """What each token stands for in UTF-8."""
        return [b"", *(piece.encode() for piece in self.pieces), *(bytes([byte]) for byte in range(N_BYTES))]

    def encode(self, text: str, limit: int) -> NDArray[np.int32]:
        """The first `limit` tokens of a text, at most; without the token that ends it."""
        codes: list[int] = []
        for match in CHUNK.finditer(text):
            codes.extend(self._of_chunk(match.group()))
            if len(codes) >= limit:
                break
        return np.array(codes[:limit], np.int32)

    def encode_row(self, texts: Iterable[str | None], limit: int) -> NDArray[np.int32]:
        """The texts of a row one behind the other, each with the token that ends it; a missing one has no other."""
        parts = [np.append(self.encode(text or "", limit), np.int32(END)) for text in texts]
        return np.concatenate(parts)

    def decode(self, codes: Sequence[int] | NDArray[Any]) -> str:
        """The text of tokens; bytes that are no characters are left out."""
        return b"".join(self._bytes[code] for code in codes).decode(errors="ignore")

    def decode_row(self, codes: NDArray[Any], n_columns: int) -> tuple[str, ...]:
        """The texts of a row, cut at the tokens that end them; empty where there are fewer of these."""
        ends = np.flatnonzero(codes == END)
        parts = np.split(codes, ends)[:n_columns]
        texts = [self.decode(part) for part in parts]
        return (*texts, *[""] * (n_columns - len(texts)))

    def _of_chunk(self, chunk: str) -> tuple[int, ...]:
        code = self._codes.get(chunk)
        if code is not None:
            return (code,)
        known = self._spelt.get(chunk)
        if known is None:
            known = tuple(self._spell(chunk))
            if len(self._spelt) < _MAX_KNOWN:
                self._spelt[chunk] = known
        return known

    def _spell(self, chunk: str) -> list[int]:
        """The longest pieces from the left on, and bytes where there is none."""
        codes: list[int] = []
        start = 0
        while start < len(chunk):
            for end in range(min(len(chunk), start + LONGEST), start, -1):
                code = self._codes.get(chunk[start:end])
                if code is not None:
                    codes.append(code)
                    start = end
                    break
            else:
                codes.extend(1 + len(self.pieces) + byte for byte in chunk[start].encode())
                start += 1
        return codes

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"pieces": list(self.pieces)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Tokens":
        """The inverse of `to_json`."""
        return cls(tuple(data["pieces"]))
