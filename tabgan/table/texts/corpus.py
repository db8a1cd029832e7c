"""What a language model learns from: a bounded sample of a table's texts as tokens, and the guard that goes with it.

Tables of any size and texts of any length take bounded time and memory: at most `MAX_ROWS` rows are learnt, drawn at
random, and fewer if their texts are long; of a text only the first `MAX_TOKENS` tokens, and less if a row has many
texts. Texts that are written end there too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan import rng
from tabgan.table import arrays
from tabgan.table.encoders.base import Cells
from tabgan.table.texts.guard import Guard
from tabgan.table.texts.tokens import Tokens
from tabgan.table.texts.vocabulary import learn_tokens

MAX_ROWS = 50_000
MAX_CHARACTERS = 20_000_000
MAX_TOKENS = 512
_MAX_ROW_TOKENS = 1_024
_CHARACTERS_PER_TOKEN = 8
_VOCABULARY_ROWS = 20_000
_SALT_BYTES = 16


@dataclass(frozen=True)
class Speech:
    """How texts are written down, and what must not be written.

    Attributes:
        tokens: the tokens.
        guard: against copies.
        n_columns: texts of a row.
    """

    tokens: Tokens
    guard: Guard
    n_columns: int

    @property
    def limit(self) -> int:
        """Tokens of one text, at most."""
        return limit_of(self.n_columns)

    @property
    def row_limit(self) -> int:
        """Tokens of a row, at most, with those that end its texts."""
        return self.n_columns * (self.limit + 1)

    def decode(self, rows: Sequence[NDArray[Any]]) -> list[tuple[str, ...]]:
        """The texts of rows of tokens."""
        return [self.tokens.decode_row(row, self.n_columns) for row in rows]

    def copied(self, rows: Sequence[Sequence[str]]) -> NDArray[np.bool_]:
        """In which rows some text is a copy, shape (n,)."""
        return np.array([bool(self.guard.copied(row).any()) for row in rows], np.bool_)

    def mended(self, text: str, common: Sequence[str], uniform: float) -> str:
        """A text without what is copied: cut before it or, if that leaves little, one of the common texts.

        Args:
            text: any.
            common: texts that many rows hold.
            uniform: on [0, 1); which of them it is.
        """
        cut = self.guard.without_copies(text)
        if len(cut) * 2 > len(text) or not common:
            return cut
        return common[int(uniform * len(common))]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; the bits of the guard go apart."""
        return {"tokens": self.tokens.to_json(), "guard": self.guard.to_json(), "n_columns": self.n_columns}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], bits: bytes) -> "Speech":
        """The inverse of `to_json`, with the guard's bits."""
        return cls(Tokens.from_json(data["tokens"]), Guard.from_json(data["guard"], bits), data["n_columns"])


@dataclass(frozen=True)
class Corpus:
    """Texts to learn from.

    Attributes:
        speech: what was learnt of how they are written.
        rows: which rows of the table they are, ascending, shape (m,).
        sequences: the tokens of each, one for the end of each text among them.
    """

    speech: Speech
    rows: NDArray[np.int64]
    sequences: tuple[NDArray[np.int32], ...]


def learn_corpus(columns: Sequence[Cells], seed: int) -> Corpus:
    """The corpus of text columns.

    Args:
        columns: one for each text column, of n rows, at least one.
        seed: names the rows that are drawn and the salt of the guard.
    """
    limit = limit_of(len(columns))
    rows = _sample(columns, rng.generator(seed, "text rows"))
    taken = [_head(_plain(column).take(pa.array(rows)), limit * _CHARACTERS_PER_TOKEN) for column in columns]
    texts = list(zip(*(cells.to_pylist() for cells in taken), strict=True))
    filled = [[text for text in row if text] for row in texts]
    some = np.sort(rng.generator(seed, "vocabulary rows").permutation(len(filled))[:_VOCABULARY_ROWS])
    tokens = learn_tokens([filled[row] for row in some])
    salt = rng.generator(seed, "salt of the guard").bytes(_SALT_BYTES)
    guard = Guard.of((text for column in columns for text in _all(column)), filled, salt)
    sequences = tuple(tokens.encode_row(row, limit) for row in texts)
    return Corpus(Speech(tokens, guard, len(columns)), rows, sequences)


def limit_of(n_columns: int) -> int:
    """Tokens that a text has at most, in rows of so many texts."""
    return min(MAX_TOKENS, max(_MAX_ROW_TOKENS // n_columns - 1, 1))


def _plain(column: Cells) -> pa.Array:
    return arrays.plain(column).cast(pa.large_string())


def _head(cells: pa.Array, characters: int) -> pa.Array:
    return pc.utf8_slice_codeunits(cells, 0, characters)


def _all(column: Cells) -> Iterator[str]:
    """All filled cells of a column, a block at a time."""
    for block in arrays.blocks(column):
        yield from _plain(block).drop_null().to_pylist()


def _sample(columns: Sequence[Cells], random: np.random.Generator) -> NDArray[np.int64]:
    """Rows with some text, few enough and with few enough characters; ascending."""
    most = limit_of(len(columns)) * _CHARACTERS_PER_TOKEN
    lengths = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        counted = pc.fill_null(pc.utf8_length(_plain(column)), 0).to_numpy(zero_copy_only=False)
        lengths += np.minimum(counted, most)
    order = random.permutation(np.flatnonzero(lengths))[:MAX_ROWS]
    if not len(order):
        order = np.arange(min(len(lengths), MAX_ROWS))
    fit = max(1, int(np.searchsorted(lengths[order].cumsum(), MAX_CHARACTERS, side="right")))
    return np.sort(order[:fit])
