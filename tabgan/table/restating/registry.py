"""The restatements by the names that they have in JSON."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from tabgan.errors import SchemaError
from tabgan.table.restating.base import Restatement
from tabgan.table.restating.calendar import Calendar
from tabgan.table.restating.fake import Fake
from tabgan.table.restating.key import Key
from tabgan.table.restating.length import Length
from tabgan.table.restating.one_hot import OneHotChoice
from tabgan.table.restating.pattern import Pattern
from tabgan.table.restating.place import Place
from tabgan.table.restating.together import FilledTogether
from tabgan.table.restating.total import ComputedTerm
from tabgan.table.texts.columns import TextColumns

RESTATEMENTS: dict[str, type[Restatement]] = {
    made.kind: made
    for made in (Calendar, ComputedTerm, Fake, FilledTogether, Key, Length, OneHotChoice, Pattern, Place, TextColumns)
}


def restatement_from_json(data: Any) -> Restatement:
    """The restatement that `to_json` wrote.

    Raises:
        SchemaError: if it is none.
    """
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or kind not in RESTATEMENTS:
        raise SchemaError(f"expected a restatement of kind {', '.join(RESTATEMENTS)}, got {kind!r}")
    try:
        return RESTATEMENTS[kind].from_json(data)
    except SchemaError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, pa.ArrowException) as error:
        raise SchemaError(f"a restatement ({kind}) is not valid: {type(error).__name__}, {error}") from error
