"""What a column is, told from its type, its summary, its name and its cells, with the reason in a few words.

The rules are plain thresholds, so that a user can foresee them and edit what they chose: few different values make a
category, many make a number or a high-cardinality category, and a value of its own in every row makes a key or free
text. Order in the data plays no part.

Personal data come first: e-mail addresses, names of people and the like are replaced by fakes, however often they
repeat (see `personal`). Of other texts, those of which more than half of the filled cells differ (in 20 rows or more)
are not learnt as they are: a category that occurs once or twice teaches a model nothing, and making it again would copy
a real value. Codes that are built alike follow their *pattern*, words are free text. Whoever wants such a column as it
is sets its kind to high_cardinality in the schema.
"""

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import arrays, dtypes, personal
from tabgan.table.columns import Kind
from tabgan.table.patterns import Patterns
from tabgan.table.summaries import MAX_DISTINCT_KEYS, ColumnSummary

MAX_CATEGORIES = 256
MAX_FEW = 25
MIN_ROWS_FOR_KEYS = 20
MOSTLY_DIFFERENT = 0.5
_ESTIMATED_UNIQUE = 0.97
_SAMPLE = 2_000
_MAX_TEMPLATES = 12
_COVERED = 0.95
_CODED = 0.9
_MAX_WORDS = 2
_MAX_CONSISTENT = 1 << 18
_WORD = re.compile(r"IDs|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFIER = re.compile(
    "ids?|uid|uuid|guid|key|codes?|zip|zipcode|postcode|postal|sku|isbn|ean|upc|gtin|asin|iban|ssn|"
    "(?:product|user|customer|client|order|item|store|shop|session|account|person|patient|employee|device|"
    "transaction|event|movie|book|song|city|region|country|category|article|visitor|member|student|school|hotel|"
    "host|listing|review|reviewer|author|seller|vendor|supplier|station|sensor|object|record|case|claim|policy|"
    "loan)ids?"
)


def names_identifier(name: str) -> bool:
    """Whether a column's name says that its values name things: productId, store_id, zip code, but not "paid"."""
    return any(_IDENTIFIER.fullmatch(word.lower()) for word in _WORD.findall(name))


class Inferred(NamedTuple):
    """What a column is found to be; see the fields of `ColumnSpec`."""

    kind: Kind
    reason: str
    fake: str | None = None
    consistent: bool = False


def infer_kind(
    name: str,
    dtype: pa.DataType,
    summary: ColumnSummary,
    remark: str | None = None,
    cells: pa.Array | pa.ChunkedArray | None = None,
) -> Inferred:
    """The kind of a column and the reason for it.

    Args:
        name: the column's name, which may say that it is an identifier.
        dtype: its Arrow type.
        summary: of all its cells.
        remark: what the reader of a file noticed about the column.
        cells: all its cells; needed only where the summary does not hold exact counts.
    """
    texts = _some_texts(dtype, summary, cells)
    found = None if texts is None else personal.recognise(name, texts)
    kind, why = _decide(name, dtype, summary, texts) if found is None else _replaced(found)
    parts = [dtypes.word(dtype), _count(summary), why]
    if kind != "constant" and summary.n_missing:
        parts.append(_missing(summary))
    if remark:
        parts.append(remark)
    reason = f"{', '.join(part for part in parts if part)}: {kind.replace('_', ' ')}"
    repeated = is_repeated(summary.n_distinct, _n_present(summary))
    if found is None:
        return Inferred(kind, reason)
    return Inferred(kind, reason, found.fake, consistent=repeated)


def is_repeated(n_distinct: int, n_present: int) -> bool:
    """Whether personal data come again and again, so that each is to have one fake."""
    return n_distinct <= min(MOSTLY_DIFFERENT * n_present, _MAX_CONSISTENT)


def _replaced(found: personal.Personal) -> tuple[Kind, str]:
    return "personal", f"{found.what} (fakes in their place, they are not learnt)"


def _some_texts(
    dtype: pa.DataType, summary: ColumnSummary, cells: pa.Array | pa.ChunkedArray | None
) -> pa.Array | None:
    """At most 2,000 different texts of a column, evenly spread; None if it holds none, or declares categories."""
    if not dtypes.is_text(dtype) or pa.types.is_dictionary(dtype) or not summary.n_values:
        return None
    if summary.counts is not None:
        texts = summary.counts.values
    elif cells is not None:
        texts = arrays.plain(cells.take(pa.array(_spread(len(cells))))).drop_null().unique()
    else:
        return None
    return texts.take(pa.array(_spread(len(texts))))


def _spread(n: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.linspace(0, n - 1, min(n, _SAMPLE)).astype(np.int64)


def _count(summary: ColumnSummary) -> str:
    about = "" if summary.counts is not None else "about "
    return f"{about}{summary.n_distinct:,} value{'' if summary.n_distinct == 1 else 's'}"


def _missing(summary: ColumnSummary) -> str:
    share = 100 * summary.n_missing / summary.n_rows
    return f"{share:.0f} % missing" if share >= 1 else f"{summary.n_missing:,} missing"


def _decide(name: str, dtype: pa.DataType, summary: ColumnSummary, texts: pa.Array | None) -> tuple[Kind, str]:
    if summary.n_missing == summary.n_rows:
        return "constant", "all cells missing"
    if summary.n_distinct == 1 and not summary.n_missing:
        return "constant", ""
    if pa.types.is_dictionary(dtype):
        return by_count(summary.n_distinct), "declared categories"
    if pa.types.is_boolean(dtype):
        return "categorical", ""
    if dtypes.is_text(dtype):
        return _decide_text(name, summary, texts)
    if dtypes.is_datetime(dtype):
        return "datetime", ""
    if pa.types.is_integer(dtype) or pa.types.is_floating(dtype):
        return _decide_number(name, summary)
    return "continuous", ""


def by_count(n_distinct: int) -> Kind:
    """The kind of a column of so many categories."""
    return "high_cardinality" if n_distinct > MAX_CATEGORIES else "categorical"


def _n_present(summary: ColumnSummary) -> int:
    return summary.n_rows - summary.n_missing


def _is_unique(summary: ColumnSummary) -> bool:
    """Whether every row has a value of its own, in a table long enough to tell; estimates need some slack."""
    n = _n_present(summary)
    limit = n if summary.counts is not None else _ESTIMATED_UNIQUE * n
    return n >= MIN_ROWS_FOR_KEYS and summary.n_distinct >= limit


def _decide_text(name: str, summary: ColumnSummary, texts: pa.Array | None) -> tuple[Kind, str]:
    n = _n_present(summary)
    words = summary.text.mean_words if summary.text else 1.0
    length = summary.text.mean_length if summary.text else 0.0
    unique, many = _is_unique(summary), summary.n_distinct > min(MOSTLY_DIFFERENT * n, MAX_DISTINCT_KEYS)
    different = n >= MIN_ROWS_FOR_KEYS and many
    if not (unique or different):
        return by_count(summary.n_distinct), ""
    coded = texts is not None and _is_coded(texts)
    if texts is not None and coded and personal.is_phone(name, texts):
        return "pattern", "telephone numbers (made up by their pattern)"
    if unique and (coded or not (words >= 2 or length > 60)):
        return "key", "all different"
    if coded:
        return "pattern", "built alike, mostly different (made up by their pattern)"
    if unique:
        return "text", _words(words)
    return "text", f"{_words(words)}, mostly different (reproducing them would copy real values)"


def _is_coded(texts: pa.Array) -> bool:
    """Whether texts are built alike, by a few templates, and are no words: nearly all hold digits, or no small letter.

    Words in capitals are told from codes by their lengths, which differ; sentences by more than two words of letters.
    """
    if pc.mean(pc.count_substring_regex(texts, r"\p{L}{2,}")).as_py() > _MAX_WORDS:
        return False
    lengths = pc.utf8_length(texts)
    digits, small, spaces = (pc.match_substring_regex(texts, pattern) for pattern in (r"\d", r"\p{Ll}", r"\s"))
    capitals = pc.and_(pc.invert(small), pc.invert(spaces))
    alike = pc.equal(lengths, pc.mode(lengths)[0]["mode"])
    coded = pc.or_(digits, pc.and_(capitals, alike))
    if float(pc.mean(coded.cast(pa.int8())).as_py()) < _CODED:
        return False
    return Patterns.learn(texts).covered(_MAX_TEMPLATES) >= _COVERED


def _words(words: float) -> str:
    return f"{words:.0f} words on average" if words >= 1.5 else "single words"


def _decide_number(name: str, summary: ColumnSummary) -> tuple[Kind, str]:
    n, distinct = _n_present(summary), summary.n_distinct
    whole = "whole numbers" if summary.integral and pa.types.is_floating(summary.arrow_type) else ""
    if distinct <= min(MAX_FEW, max(2, n // 5)):
        return "categorical", whole
    if not summary.integral:
        return "continuous", ""
    if names_identifier(name):
        if _is_unique(summary):
            return "key", "all different, and named like an identifier"
        if summary.n_distinct > MAX_DISTINCT_KEYS:
            return "continuous", "named like an identifier, with too many values to list"
        return by_count(summary.n_distinct), "named like an identifier"
    if _is_unique(summary) and int(summary.maximum) - int(summary.minimum) == n - 1:
        return "key", "a running number, all different"
    return "continuous", whole
