"""What a column is, told from its type, its summary and its name, with the reason in a few words.

The rules are plain thresholds, so that a user can foresee them and edit what they chose: few different values make a
category, many make a number or a high-cardinality category, and a value of its own in every row makes a key or free
text. Order in the data plays no part.

Text of which more than half of the filled cells differ (in 20 rows or more) is left out whatever its name, e-mail
addresses for example: a category that occurs once or twice teaches a model nothing, and making it again would copy a
real person's value. Whoever wants such a column sets its kind to high_cardinality in the schema.
"""

import re

import pyarrow as pa

from tabgan.table import dtypes
from tabgan.table.columns import Kind
from tabgan.table.summaries import ColumnSummary

MAX_CATEGORIES = 256
MAX_FEW = 25
MIN_ROWS_FOR_KEYS = 20
MOSTLY_DIFFERENT = 0.5
_ESTIMATED_UNIQUE = 0.97
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


def infer_kind(name: str, dtype: pa.DataType, summary: ColumnSummary, remark: str | None = None) -> tuple[Kind, str]:
    """The kind of a column and the reason for it.

    Args:
        name: the column's name, which may say that it is an identifier.
        dtype: its Arrow type.
        summary: of all its cells.
        remark: what the reader of a file noticed about the column.
    """
    kind, why = _decide(name, dtype, summary)
    parts = [dtypes.word(dtype), _count(summary), why]
    if kind != "constant" and summary.n_missing:
        parts.append(_missing(summary))
    if remark:
        parts.append(remark)
    return kind, f"{', '.join(part for part in parts if part)}: {kind.replace('_', ' ')}"


def _count(summary: ColumnSummary) -> str:
    about = "" if summary.counts is not None else "about "
    return f"{about}{summary.n_distinct:,} value{'' if summary.n_distinct == 1 else 's'}"


def _missing(summary: ColumnSummary) -> str:
    share = 100 * summary.n_missing / summary.n_rows
    return f"{share:.0f} % missing" if share >= 1 else f"{summary.n_missing:,} missing"


def _decide(name: str, dtype: pa.DataType, summary: ColumnSummary) -> tuple[Kind, str]:
    if summary.n_missing == summary.n_rows:
        return "constant", "all cells missing"
    if summary.n_distinct == 1 and not summary.n_missing:
        return "constant", ""
    if pa.types.is_dictionary(dtype):
        return _by_count(summary), "declared categories"
    if pa.types.is_boolean(dtype):
        return "categorical", ""
    if dtypes.is_text(dtype):
        return _decide_text(summary)
    if dtypes.is_datetime(dtype):
        return "datetime", ""
    if pa.types.is_integer(dtype) or pa.types.is_floating(dtype):
        return _decide_number(name, summary)
    return "continuous", ""


def _by_count(summary: ColumnSummary) -> Kind:
    return "high_cardinality" if summary.n_distinct > MAX_CATEGORIES else "categorical"


def _n_present(summary: ColumnSummary) -> int:
    return summary.n_rows - summary.n_missing


def _is_unique(summary: ColumnSummary) -> bool:
    """Whether every row has a value of its own, in a table long enough to tell; estimates need some slack."""
    n = _n_present(summary)
    limit = n if summary.counts is not None else _ESTIMATED_UNIQUE * n
    return n >= MIN_ROWS_FOR_KEYS and summary.n_distinct >= limit


def _decide_text(summary: ColumnSummary) -> tuple[Kind, str]:
    n = _n_present(summary)
    words = summary.text.mean_words if summary.text else 1.0
    length = summary.text.mean_length if summary.text else 0.0
    wordy = words >= 2 or length > 60
    if _is_unique(summary):
        return ("text", _words(words)) if wordy else ("key", "all different")
    if n >= MIN_ROWS_FOR_KEYS and summary.n_distinct > MOSTLY_DIFFERENT * n:
        return "text", f"{_words(words)}, mostly different (reproducing them would copy real values)"
    return _by_count(summary), ""


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
        return _by_count(summary), "named like an identifier"
    if _is_unique(summary) and int(summary.maximum) - int(summary.minimum) == n - 1:
        return "key", "a running number, all different"
    return "continuous", whole
