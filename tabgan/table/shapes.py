"""The shapes of texts: which kind of character stands where; and texts of one length as a matrix of characters.

In an *exact* shape "9" stands for a digit, "A" and "a" for capital and small letters, "文" for letters of scripts that
know no such difference, and everything else for itself: "(212) 555-0187" has the shape "(999) 999-9999". A *loose*
shape has "x" for all of the four, which is what is left of codes that mix letters and digits.
"""

import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

SYMBOLS = "9Aa文"
LOOSE = "x"
ANY = "?"
MAX_LENGTH = 256
_SYMBOL_OF = {"Lo": "文", "Lt": "文", "Lm": "文", "Ll": "a", "Lu": "A"}
_DIGITS, _UPPER, _LOWER = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
_REPLACED = (("[\\p{Lo}\\p{Lt}\\p{Lm}]", "文"), ("\\p{Ll}", "a"), ("\\p{Lu}", "A"), ("[0-9]", "9"))
_MIXED = (
    *(_DIGITS, f"{_DIGITS}abcdef", f"{_DIGITS}ABCDEF", _UPPER, _LOWER, _DIGITS + _UPPER, _DIGITS + _LOWER),
    *(_UPPER + _LOWER, _DIGITS + _UPPER + _LOWER),
)
_CLASSES = {"9": (_DIGITS,), "A": (_UPPER,), "a": (_LOWER,), LOOSE: _MIXED, ANY: _MIXED}

Characters = NDArray[np.uint32]


def cut(texts: pa.Array) -> pa.Array:
    """Texts without what goes beyond the first 256 characters."""
    return pc.utf8_slice_codeunits(texts, 0, MAX_LENGTH)


def exact(texts: pa.Array) -> pa.Array:
    """The exact shape of each text, of as many characters as the text has."""
    for pattern, symbol in _REPLACED:
        texts = pc.replace_substring_regex(texts, pattern, symbol)
    return texts


def loose(shapes: pa.Array) -> pa.Array:
    """The loose shapes of exact ones."""
    return pc.replace_substring_regex(shapes, f"[{SYMBOLS}]", LOOSE)


def to_matrix(texts: pa.Array, length: int) -> Characters:
    """The characters of n texts of one length, shape (n, length)."""
    packed = "".join(texts.to_pylist()).encode("utf-32-le")
    return np.frombuffer(packed, "<u4").reshape(len(texts), length)


def from_matrix(characters: Characters) -> list[str]:
    """The inverse of `to_matrix`."""
    n, length = characters.shape
    text = characters.astype("<u4").tobytes().decode("utf-32-le")
    return [text[start : start + length] for start in range(0, n * length, length)] if length else [""] * n


def narrowest_class(characters: str, symbol: str, own: str) -> str:
    """The smallest common class of characters that holds all of `characters`.

    Args:
        characters: distinct ones.
        symbol: what they share: one of the symbols of exact shapes, LOOSE, ANY, or a character that stands for itself.
        own: the last resort, a class that holds them.
    """
    found = set(characters)
    return next((known for known in _CLASSES.get(symbol, ()) if found <= set(known)), own)


def common_symbol(characters: str) -> str:
    """The symbol that all characters share in exact shapes, else LOOSE."""
    symbols = {_symbol(character) for character in characters}
    return symbols.pop() if len(symbols) == 1 else LOOSE


def _symbol(character: str) -> str:
    if character in _DIGITS:
        return "9"
    return _SYMBOL_OF.get(unicodedata.category(character), character)
