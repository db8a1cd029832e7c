"""A column of categories: one code, in the ascending order of the categories; "missing" is the last category.

Ascending means as declared where an order is declared, else by number, point in time or text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tabgan.layout import ColumnSlots
from tabgan.table import arrays
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import base, checks
from tabgan.table.summaries import ColumnSummary


@dataclass(frozen=True)
class CategoricalEncoder:
    """Categories that were seen at fitting, of any type; a declared category that never occurs has no code.

    Attributes:
        categories: the K categories, ascending.
        nullable: whether code K means "missing".
    """

    kind: ClassVar[str] = "categorical"
    categories: base.Categories
    nullable: bool

    def __post_init__(self) -> None:
        checks.require(isinstance(self.nullable, bool), f"true or false as nullable, got {self.nullable!r}")
        checks.require(len(self.categories) > 0 or self.nullable, "something to make: categories or missing cells")

    @classmethod
    def from_summary(cls, summary: ColumnSummary, spec: ColumnSpec) -> "CategoricalEncoder":
        """The encoder of the distinct values of a column.

        Raises:
            SchemaError: if the distinct values are too many to list, not the declared ones, or none.
        """
        values = base.exact_categories(summary, spec)
        if spec.categories is not None and pa.types.is_dictionary(spec.arrow_type) and spec.arrow_type.ordered:
            declared = arrays.plain(spec.category_array)
            seen = declared.filter(pc.is_in(declared, value_set=values))
            values = seen if len(seen) == len(values) else values  # else some are not declared: refused below
        return cls(base.Categories.of(values, spec), spec.nullable)

    def slots(self, name: str) -> ColumnSlots | None:
        """One code; its order counts where categories are numbers or points in time, or were declared in an order."""
        n = len(self.categories)
        return ColumnSlots(name, (n + self.nullable,), ordered=n if self.categories.ascend else 0)

    def encode(self, array: base.Cells, rng: np.random.Generator) -> tuple[base.Codes, base.Values]:
        """Codes (n, 1) and values (n, 0); nothing is drawn.

        Raises:
            CellsError: if cells hold unknown categories, or are missing and may not be.
        """
        positions, missing = self.categories.find(array)
        base.require_filled(missing, self.nullable)
        positions[missing] = len(self.categories)
        return base.as_column(positions), base.no_values(len(positions))

    def decode(self, codes: base.Codes, values: base.Values) -> pa.Array:
        """The categories of `codes` (n, 1)."""
        positions = codes[:, 0].astype(np.int64)
        missing = positions == len(self.categories)
        return self.categories.take(np.where(missing, 0, positions), missing)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "categories": self.categories.to_json(), "nullable": self.nullable}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "CategoricalEncoder":
        """The inverse of `to_json`."""
        return cls(base.Categories.from_json(data["categories"]), data["nullable"])
