"""What holds in every row of a table: found by `discovery` or declared by the user, and kept in the schema.

A constraint is a frozen dataclass of plain values that says which rows of a table break it. It does not say how rows
are made that obey it: restatements and the codec do. Predicates alone can only be checked once rows are there.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from tabgan.errors import SchemaError
from tabgan.table.constraints.amounts import Order, Range, Sum
from tabgan.table.constraints.checking import check_constraints, contradictions, rows_that_hold
from tabgan.table.constraints.choices import Combinations, MissingTogether, OneHot, Unique
from tabgan.table.constraints.predicate import Predicate

__all__ = [
    "CONSTRAINTS",
    "Combinations",
    "Constraint",
    "MissingTogether",
    "OneHot",
    "Order",
    "Predicate",
    "Range",
    "Sum",
    "Unique",
    "check_constraints",
    "constraint_from_json",
    "contradictions",
    "rows_that_hold",
]

Constraint: TypeAlias = OneHot | Sum | Order | MissingTogether | Combinations | Range | Unique | Predicate

CONSTRAINTS: dict[str, type[Constraint]] = {
    made.kind: made for made in (OneHot, Sum, Order, MissingTogether, Combinations, Range, Unique, Predicate)
}


def constraint_from_json(data: Any) -> Constraint:
    """The constraint that `to_json` wrote.

    Raises:
        SchemaError: if it is none.
    """
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if not isinstance(kind, str) or kind not in CONSTRAINTS:
        known = ", ".join(CONSTRAINTS)
        raise SchemaError(f"expected an object whose 'kind' is one of {known}, got {data!r}")
    return CONSTRAINTS[kind].from_json(data)
