"""A column with thousands of categories: two codes, a group and a position in it.

K categories need about 2 sqrt(K) outputs in place of K. The categories lie in an order that is cut into groups, which
may differ in size; `from_summary` makes nearly equal cuts of the sorted categories. That is all that a summary allows;
where the rows are at hand, a `HierarchyEncoder` with clusters takes its place.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.layout import ColumnSlots
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import base, checks
from tabgan.table.summaries import ColumnSummary


@dataclass(frozen=True)
class GroupedEncoder:
    """Categories in G groups.

    Attributes:
        categories: the K categories, group after group.
        sizes: the number of categories in each group (G of them), each at least 1; they add up to K.
        nullable: whether group code G means "missing" (its position is 0).
    """

    kind: ClassVar[str] = "grouped"
    categories: base.Categories
    sizes: tuple[int, ...]
    nullable: bool

    def __post_init__(self) -> None:
        whole = all(checks.is_whole(size) and size >= 1 for size in self.sizes)
        n = len(self.categories)
        checks.require(
            whole and sum(self.sizes) == n, f"groups of {n} categories; those of {self.sizes} do not hold {n}"
        )
        checks.require(isinstance(self.nullable, bool), f"true or false as nullable, got {self.nullable!r}")
        checks.require(n > 0 or self.nullable, "something to make: categories or missing cells")

    @classmethod
    def from_summary(cls, summary: ColumnSummary, spec: ColumnSpec) -> "GroupedEncoder":
        """About sqrt(K) nearly equal groups of the sorted categories.

        Raises:
            SchemaError: if the distinct values are too many to list, not the declared ones, or none.
        """
        values = base.exact_categories(summary, spec)
        n_groups = math.isqrt(max(len(values) - 1, 0)) + 1 if len(values) else 0
        ends = [len(values) * (i + 1) // n_groups for i in range(n_groups)]
        sizes = tuple(end - start for start, end in zip([0, *ends], ends, strict=False))
        return cls(base.Categories.of(values, spec), sizes, spec.nullable)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        return np.array(list(accumulate(self.sizes, initial=0))[:-1], np.int64)

    def slots(self, name: str) -> ColumnSlots | None:
        """Two codes: the group, and the position in it (as wide as the largest group)."""
        windows = [(0, size) for size in self.sizes] + [(0, 1)] * self.nullable
        return ColumnSlots(name, (len(windows), max(self.sizes, default=1)), windows=(tuple(windows),))

    def encode(self, array: base.Cells, rng: np.random.Generator) -> tuple[base.Codes, base.Values]:
        """Codes (n, 2) and values (n, 0); nothing is drawn.

        Raises:
            CellsError: if cells hold unknown categories, or are missing and may not be.
        """
        positions, missing = self.categories.find(array)
        base.require_filled(missing, self.nullable)
        codes = np.zeros((len(positions), 2), np.uint32)
        if self.sizes:
            groups = np.searchsorted(self._starts, positions, side="right") - 1
            codes[:, 0], codes[:, 1] = groups, positions - self._starts[groups]
        codes[missing] = (len(self.sizes), 0)
        return codes, base.no_values(len(positions))

    def decode(self, codes: base.Codes, values: base.Values) -> pa.Array:
        """The categories of `codes` (n, 2); a position beyond its group's size counts on from the group's start."""
        groups, positions = codes[:, 0].astype(np.int64), codes[:, 1].astype(np.int64)
        missing = groups >= len(self.sizes)
        if not self.sizes:
            return self.categories.take(positions, missing)
        groups = np.where(missing, 0, groups)
        return self.categories.take(self._starts[groups] + positions % np.array(self.sizes)[groups], missing)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "kind": self.kind,
            "categories": self.categories.to_json(),
            "sizes": list(self.sizes),
            "nullable": self.nullable,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "GroupedEncoder":
        """The inverse of `to_json`."""
        return cls(base.Categories.from_json(data["categories"]), tuple(data["sizes"]), data["nullable"])
