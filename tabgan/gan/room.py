"""How wide a row may be, so that training fits into memory."""

from tabgan.errors import InputError
from tabgan.layout import Layout

MAX_UNITS = 100_000
"""Categories of all columns of a row: a batch of expanded rows takes 0.4 GB then, and training holds several."""


def require_room(layout: Layout) -> None:
    """Refuse a row so wide that training would not fit into memory.

    Raises:
        InputError: naming the widest columns.
    """
    if layout.width <= MAX_UNITS:
        return
    widest = sorted(layout.columns, key=lambda column: -sum(column.cardinalities))[:5]
    named = ", ".join(f"{column.name!r} ({sum(column.cardinalities):,} categories)" for column in widest)
    raise InputError(
        f"expected columns with at most {MAX_UNITS:,} categories in all, got {layout.width:,}; give the widest ones "
        f"the kind high_cardinality in the schema, or leave some out: {named}"
    )
