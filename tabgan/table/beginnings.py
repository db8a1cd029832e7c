"""How structured texts begin, where beginnings repeat often enough to go with other columns.

An area code goes with a state, the first digits of a postcode with a town; what follows them is hardly ever seen twice.
The beginning of a template's texts is as long as it can be while each form has twenty rows on average. It may hold a
character too many, which tells nothing; that costs a little learning, while one too few would lose what can be learnt.
"""

import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table.patterns import MIN_ROWS, Patterns, sample

_ROWS_PER_START = 20
_MAX_STARTS = 1_024
_STARTS_COVER = 0.9


def rare_texts(texts: pa.Array) -> pa.Array:
    """The texts that occur in fewer than five rows."""
    counted = pc.value_counts(texts.drop_null())
    return counted.field("values").filter(pc.less(counted.field("counts"), MIN_ROWS))


def learn_beginnings(texts: pa.Array, patterns: Patterns) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """How long the beginnings of each template are, and all that occur in five rows or more."""
    lengths, starts = [], set()
    part = sample(texts)
    of_part, of_all = patterns.match(part), patterns.match(texts)
    for i, template in enumerate(patterns.templates):
        length = _start_length(part.filter(pa.array(of_part == i)), template.length)
        if length:
            cut = pc.utf8_slice_codeunits(texts.filter(pa.array(of_all == i)), 0, length)
            counted = pc.value_counts(cut)
            frequent = pc.greater_equal(counted.field("counts"), MIN_ROWS)
            starts |= set(counted.field("values").filter(frequent).to_pylist())
        lengths.append(length)
    return tuple(lengths), tuple(sorted(starts))


def _start_length(texts: pa.Array, length: int) -> int:
    """The most characters of which the beginnings still repeat often enough; 0 if they all are the same."""
    best, n = 0, len(texts)
    for end in range(1, length):
        counts = pc.value_counts(pc.utf8_slice_codeunits(texts, 0, end)).field("counts").to_numpy()
        few = len(counts) <= min(n / _ROWS_PER_START, _MAX_STARTS)
        if not few or counts[counts >= MIN_ROWS].sum() < _STARTS_COVER * n:
            break
        if len(counts) > 1:
            best = end
    return best
