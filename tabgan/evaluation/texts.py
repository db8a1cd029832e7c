"""Free text, real against synthetic: how long texts are, which words they use, and whether they repeat learnt passages.

A text is its words, in lower case; punctuation and order count only where runs of words are looked for. Words of one
text go together, so errors and floors come from drawing whole texts. Meaning, grammar and what a text has to do with
the rest of its row are not looked at.

Letters used for shapes: n texts of one side, t words of all of them, W different words that may be told apart, V that
are, R draws.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tabgan.evaluation.distances import KS, ks_distance
from tabgan.evaluation.effect import coarsen, estimates, moved
from tabgan.evaluation.proportions import proportion, quantile
from tabgan.evaluation.results import Beside, Estimate, LengthQuantile, TextResult

MAX_TEXTS = 20_000
MAX_CHARACTERS = 20_000_000
MAX_WORDS = 500
MIN_OCCURRENCES = 10
CANDIDATES = 5_000
RUN = 8
QUANTILES = (0.05, 0.5, 0.95)
FLOORS, BOOTSTRAPS = 9, 49
_WORD = re.compile(r"\w+")

Ids = NDArray[np.int64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Words:
    """The texts of one side as numbers of words.

    Attributes:
        ids: of all texts after each other, shape (t,).
        starts: where each text begins, and the end of the last one, shape (n + 1,).
    """

    ids: Ids
    starts: Ids

    @property
    def lengths(self) -> Ids:
        """The words of each text, shape (n,)."""
        return np.diff(self.starts)

    @property
    def texts(self) -> Ids:
        """Which text each word is of, shape (t,)."""
        return np.repeat(np.arange(len(self.starts) - 1), self.lengths)


def in_words(sides: Sequence[Sequence[str]]) -> tuple[list[Words], int]:
    """The texts of several sides as numbers of words, the same for the same word, and how many words there are."""
    known: dict[str, int] = {}
    found = []
    for side in sides:
        texts = [[known.setdefault(word, len(known)) for word in _WORD.findall(text.casefold())] for text in side]
        starts = np.cumsum([0, *map(len, texts)])
        ids = np.fromiter((word for text in texts for word in text), np.int64, int(starts[-1]))
        found.append(Words(ids, starts))
    return found, len(known)


def compare_texts(
    real: Sequence[str], synthetic: Sequence[str], held_out: Sequence[str], draw: np.random.Generator
) -> TextResult:
    """Lengths, words and shared runs.

    Args:
        real: texts, at least one.
        synthetic: likewise.
        held_out: texts that the synthesizer has not seen; there may be none.
        draw: of every random choice.
    """
    (first, second, unseen), n_words = in_words((real, synthetic, held_out))
    words, told_apart = _words(first, second, n_words, draw)
    return TextResult(
        length=_length(first.lengths, second.lengths, draw),
        lengths=_quantiles(first.lengths, second.lengths),
        words=words,
        n_words=told_apart,
        runs=shared_runs(first, second, unseen, n_words, draw),
        run_length=RUN,
        n_real=len(real),
        n_synthetic=len(synthetic),
    )


def _length(real: Ids, synthetic: Ids, draw: np.random.Generator) -> Estimate:
    """KS D of the lengths."""
    longest = int(max(real.max(), synthetic.max())) + 1
    counts = [np.append(np.bincount(side, minlength=longest), 0) for side in (real, synthetic)]
    first, second, _ = coarsen(*counts)
    found = estimates((KS,), first, second, draw, sparse=False)[0]
    return moved(found, float(ks_distance(*counts)), KS.most)


def _quantiles(real: Ids, synthetic: Ids) -> tuple[LengthQuantile, ...]:
    first, second = real.astype(np.float64), synthetic.astype(np.float64)
    return tuple(
        LengthQuantile(share=share, real=quantile(first, share), synthetic=quantile(second, share))
        for share in QUANTILES
    )


def _words(real: Words, synthetic: Words, n_words: int, draw: np.random.Generator) -> tuple[Estimate | None, int]:
    """Total variation of the most frequent words, and how many these are; None where a side has no words.

    The interval reaches as far on both sides as the 95 % quantile of the norm by which bootstrap samples miss the
    measured shares, as in `effect`.
    """
    if not len(real.ids) or not len(synthetic.ids):
        return None, 0
    tables = _tables(real, synthetic, n_words)
    totals = [np.asarray(table.sum(axis=0), np.float64).ravel() for table in tables]
    frequent = _frequent(totals[0], totals[1])
    difference = _difference(totals[0], totals[1], frequent)
    drawn = [_drawn(table, table.shape[0], BOOTSTRAPS, draw) for table in tables]
    fresh = _difference(drawn[0], drawn[1], frequent)
    missed = _half_sum(fresh - difference)
    value, reach = float(_half_sum(difference)), float(np.quantile(missed, 0.95))
    noise = _noise(tables[0], len(synthetic.lengths), draw)
    found = Estimate(
        value=value,
        standard_error=float(_half_sum(fresh).std(ddof=1)),
        low=max(value - reach, 0.0),
        high=min(value + reach, 1.0),
        floor=float(noise.mean()),
        floor_error=float(noise.std(ddof=1) / np.sqrt(len(noise))),
    )
    return found, len(frequent)


def _tables(real: Words, synthetic: Words, n_words: int) -> list[Any]:
    """How often each text of a side has each word: sparse matrices of shape (n, W + 1).

    The W words are those that may be among the frequent ones; the last column holds all others together.
    """
    mean = sum(np.bincount(side.ids, minlength=n_words) / len(side.ids) for side in (real, synthetic))
    kept = np.argsort(-np.asarray(mean), kind="stable")[:CANDIDATES]
    places = np.full(n_words, len(kept))
    places[kept] = np.arange(len(kept))
    return [
        sparse.csr_matrix(
            (np.ones(len(side.ids)), (side.texts, places[side.ids])), shape=(len(side.lengths), len(kept) + 1)
        )
        for side in (real, synthetic)
    ]


def _frequent(real: NDArray[np.float64], synthetic: NDArray[np.float64]) -> Ids:
    """The most frequent words of both sides together, each side counting the same; rare ones are left out.

    Which words are taken depends on both sides, so a floor has to choose its words in the same way.
    """
    mean = _shares(real) + _shares(synthetic)
    order = np.argsort(-mean[:-1], kind="stable")[:MAX_WORDS]
    return np.asarray(order[(real + synthetic)[order] >= MIN_OCCURRENCES], np.int64)


def _difference(real: NDArray[np.float64], synthetic: NDArray[np.float64], frequent: Ids) -> NDArray[np.float64]:
    """The shares of the frequent words and of all others together, those of one side less the other's.

    Args:
        real: counts, shape (..., W + 1).
        synthetic: likewise.
        frequent: the words to tell apart, shape (V,).

    Returns:
        Shape (..., V + 1).
    """
    shares = (_shares(real) - _shares(synthetic))[..., frequent]
    rest: NDArray[np.float64] = -shares.sum(axis=-1, keepdims=True)
    return np.concatenate([shares, rest], axis=-1)


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares of counts, shape (..., W + 1); of nothing none."""
    total = counts.sum(axis=-1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)
    return shares


def _half_sum(difference: NDArray[np.float64]) -> NDArray[np.float64]:
    norm: NDArray[np.float64] = np.abs(difference).sum(axis=-1) / 2
    return norm


def _drawn(table: Any, m: int, repeats: int, draw: np.random.Generator) -> NDArray[np.float64]:
    """The words of m texts drawn with replacement, shape (repeats, W + 1)."""
    n = table.shape[0]
    weights = np.stack([np.bincount(draw.integers(0, n, m), minlength=n) for _ in range(repeats)])
    counts: NDArray[np.float64] = (table.T @ weights.T.astype(np.float64)).T
    return counts


def _noise(table: Any, m: int, draw: np.random.Generator) -> NDArray[np.float64]:
    """The distances between n and m texts drawn from the real ones, each with words chosen anew, shape (R,)."""
    sides = [_drawn(table, size, FLOORS, draw) for size in (table.shape[0], m)]
    found = [
        float(_half_sum(_difference(first, second, _frequent(first, second))))
        for first, second in zip(*sides, strict=True)
    ]
    return np.asarray(found)


def shared_runs(
    real: Words, synthetic: Words, held_out: Words, n_words: int, draw: np.random.Generator
) -> Beside | None:
    """The share of texts that have `RUN` words in a row in common with a real text.

    Each word at each place of a run gets a random 64-bit number, and the key of a run is their sum, so that two given
    runs which differ have equal keys once in 2^64.

    Returns:
        Of synthetic texts, beside held-out ones, else beside real texts with another real text; among the texts of at
        least `RUN` words. None where a side has none.
    """
    numbers = draw.integers(0, 2**64, (RUN, max(n_words, 1)), np.uint64)
    learnt, made, unseen = (_runs(side, numbers) for side in (real, synthetic, held_out))
    if not len(learnt[0]) or not len(made[0]):
        return None
    keys, holders = np.unique(_once_each(*learnt), return_counts=True)
    if len(unseen[0]):
        return Beside(synthetic=_sharing(made, keys), real=_sharing(unseen, keys))
    return Beside(synthetic=_sharing(made, keys), real=_sharing(learnt, keys[holders > 1]))


def _runs(words: Words, numbers: Keys) -> tuple[Keys, Ids]:
    """The keys of all runs that lie within a text, and which text each is of."""
    last = len(words.ids) - RUN + 1
    if last < 1:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    keys = np.zeros(last, np.uint64)
    for place in range(RUN):
        keys += numbers[place, words.ids[place : place + last]]
    texts = words.texts
    inside = texts[:last] == texts[RUN - 1 :]
    return keys[inside], texts[:last][inside]


def _once_each(keys: Keys, texts: Ids) -> Keys:
    """The keys in order, each as often as there are texts that have it."""
    order = np.lexsort((texts, keys))
    keys, texts = keys[order], texts[order]
    fresh = np.append(True, (texts[1:] != texts[:-1]) | (keys[1:] != keys[:-1]))
    once: Keys = keys[fresh]
    return once


def _sharing(runs: tuple[Keys, Ids], among: Keys) -> Estimate:
    """The share of texts that have a run among some; `among` is in order."""
    keys, texts = runs
    places = np.minimum(np.searchsorted(among, keys), max(len(among) - 1, 0))
    found = among[places] == keys if len(among) else np.zeros(len(keys), bool)
    return proportion(len(np.unique(texts[found])), len(np.unique(texts)))
