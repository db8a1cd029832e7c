"""A column that always holds the same cell: nothing to learn, filled in again when rows are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from tabgan.errors import SchemaError
from tabgan.layout import ColumnSlots
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import base, checks
from tabgan.table.summaries import ColumnSummary


@dataclass(frozen=True)
class ConstantEncoder:
    """One value, or nothing but missing cells.

    Attributes:
        categories: the one value; empty if every cell is missing.
    """

    kind: ClassVar[str] = "constant"
    categories: base.Categories

    def __post_init__(self) -> None:
        checks.require(len(self.categories) <= 1, f"one constant, got {len(self.categories)} of them")

    @classmethod
    def from_summary(cls, summary: ColumnSummary, spec: ColumnSpec) -> "ConstantEncoder":
        """The encoder of a column with one value and nothing missing, or with missing cells alone.

        Raises:
            SchemaError: if there is more to learn than that.
        """
        mixed = summary.n_missing > 0 and summary.n_distinct > 0
        if summary.counts is None or summary.n_distinct > 1 or mixed or summary.n_infinite:
            raise SchemaError(
                f"column {spec.name!r}: expected one constant cell, got {summary.n_distinct} different values and "
                f"{summary.n_missing} missing cells; set its kind to categorical or continuous in the schema"
            )
        return cls(base.Categories.of(summary.counts.values, spec))

    def slots(self, name: str) -> ColumnSlots | None:
        """None: it takes nothing of the row."""
        return None

    def encode(self, array: base.Cells, rng: np.random.Generator) -> tuple[base.Codes, base.Values]:
        """Checks that the cells are the constant; codes (n, 0) and values (n, 0).

        Raises:
            CellsError: if a cell is another one.
        """
        _, missing = self.categories.find(array)
        if len(self.categories) and missing.any():
            raise base.CellsError(f"expected {base.shown(self.categories.array)} in every cell, got missing cells")
        return base.no_codes(len(array)), base.no_values(len(array))

    def decode(self, codes: base.Codes, values: base.Values) -> pa.Array:
        """The constant in each of the n rows."""
        missing = np.full(len(codes), len(self.categories) == 0)
        return self.categories.take(np.zeros(len(codes), np.int64), missing)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"kind": self.kind, "categories": self.categories.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ConstantEncoder":
        """The inverse of `to_json`."""
        return cls(base.Categories.from_json(data["categories"]))
