"""Which pieces of text become tokens: what enough rows share, and nothing else.

A piece counts once in each row. Only pieces of at least `MIN_ROWS` rows are taken, so that a rare name or number does
not stand in the model file. Most places go to whole chunks, which are the frequent words and punctuation; some to parts
of the chunks that remain, so that rare words are spelt by few tokens; and some to single characters.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from tabgan.table.patterns import MIN_ROWS
from tabgan.table.texts.tokens import LONGEST, Tokens, chunks

MAX_CHUNKS, MAX_PARTS, MAX_CHARACTERS = 6_000, 1_000, 1_000
_LONGEST_PART = 6
_LONGEST_CHUNK = 64
_MAX_SPELT = 2_000_000


def learn_tokens(rows: Sequence[Sequence[str]]) -> Tokens:
    """The tokens for rows of texts.

    Args:
        rows: of a bounded sample, the texts of each row.
    """
    cut = [{chunk for text in row for chunk in chunks(text)} for row in rows]
    whole = _frequent(Counter(chunk for row in cut for chunk in row if len(chunk) <= LONGEST), MAX_CHUNKS)
    rest = [[chunk[:_LONGEST_CHUNK] for chunk in row if chunk not in whole] for row in cut]
    characters = _frequent(Counter(c for row in cut for c in set().union(*row)), MAX_CHARACTERS)
    parts = _parts(rest, whole | characters)
    pieces = whole.keys() | parts.keys() | characters.keys()
    return _by_use(Tokens(tuple(sorted(pieces))), rows)


def _frequent(counts: "Counter[str]", most: int) -> "Counter[str]":
    """The `most` frequent of enough rows; ties go by the text, so that nothing depends on an order of rows."""
    enough = sorted((-count, piece) for piece, count in counts.items() if count >= MIN_ROWS)
    return Counter({piece: -count for count, piece in enough[:most]})


def _parts(rest: Iterable[Sequence[str]], known: "Counter[str]") -> "Counter[str]":
    """Parts of rare chunks: those that save most tokens, and then those of them that spelling does use."""
    counts: Counter[str] = Counter()
    budget = _MAX_SPELT
    kept = []
    for row in rest:
        found = {part for chunk in row for part in _parts_of(chunk)}
        budget -= len(found)
        if budget < 0:
            break
        kept.append(row)
        counts.update(found)
    enough = {part: count for part, count in counts.items() if count >= MIN_ROWS and part not in known}
    best = sorted(enough, key=lambda part: (-enough[part] * (len(part) - 1), part))[: 3 * MAX_PARTS]
    trial = Tokens(tuple(sorted({*known, *best})))
    used: Counter[str] = Counter()
    for row in kept:
        used.update({trial.decode([code]) for chunk in row for code in trial.encode(chunk, _LONGEST_CHUNK)})
    return Counter({part: used[part] for part in sorted(best, key=lambda part: (-used[part], part))[:MAX_PARTS]})


def _parts_of(chunk: str) -> Iterable[str]:
    """All parts of a chunk of 2 to 6 characters."""
    for length in range(2, _LONGEST_PART + 1):
        for start in range(len(chunk) - length + 1):
            yield chunk[start : start + length]


def _by_use(tokens: Tokens, rows: Sequence[Sequence[str]]) -> Tokens:
    """The same tokens, those that the rows use most first."""
    uses = [0] * len(tokens)
    for row in rows:
        for text in row:
            for code in tokens.encode(text, len(text)):
                uses[code] += 1
    order = sorted(range(len(tokens.pieces)), key=lambda place: (-uses[place + 1], tokens.pieces[place]))
    return Tokens(tuple(tokens.pieces[place] for place in order))
