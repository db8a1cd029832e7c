"""Guides that say what they want of codes and values, for tests."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tabgan.layout import EncodedTable, Layout, Places


@dataclass(frozen=True, eq=False)
class Sets:
    """Each code of some columns is one of a set, and values lie between two ends.

    Attributes:
        layout: of the rows.
        codes: by index of a code, the categories that will do.
        ends: by index of a column, where its value may lie.
    """

    layout: Layout
    codes: Mapping[int, tuple[int, ...]]
    ends: Mapping[int, tuple[float, float]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[int, ...]:
        return tuple({self.layout.code_columns[code] for code in self.codes} | set(self.ends))

    def for_rows(self, which: np.ndarray) -> "Sets":
        return self

    def allowed(self, code: int, rows: EncodedTable, made: np.ndarray) -> np.ndarray:
        size = self.layout.cardinalities[code]
        return np.isin(np.arange(size), self.codes.get(code, range(size)))[None].repeat(len(rows), 0)

    def places(self, column: int, rows: EncodedTable, made: np.ndarray) -> Places:
        assert made[self.layout.code_slices[column]].all()
        low, high = self.ends.get(column, (-1.0, 1.0))
        return Places(np.full(len(rows), low), np.full(len(rows), high), np.ones(1))

    def accepts(self, rows: EncodedTable) -> np.ndarray:
        own = [np.isin(rows.codes[:, code], some) for code, some in self.codes.items()]
        for column, (low, high) in self.ends.items():
            values = rows.values[:, self.layout.value_slices[column].start]
            own.append((values >= low - 1e-6) & (values <= high + 1e-6))
        return np.logical_and.reduce(own)


@dataclass(frozen=True, eq=False)
class RowSets:
    """One code has in row i of N one of the categories that `some` (N, u) allows in row i."""

    layout: Layout
    code: int
    some: np.ndarray

    @property
    def columns(self) -> tuple[int, ...]:
        return (self.layout.code_columns[self.code],)

    def for_rows(self, which: np.ndarray) -> "RowSets":
        return RowSets(self.layout, self.code, self.some[which])

    def allowed(self, code: int, rows: EncodedTable, made: np.ndarray) -> np.ndarray:
        assert len(rows) == len(self.some)
        return self.some if code == self.code else np.ones((len(rows), self.layout.cardinalities[code]), bool)

    def places(self, column: int, rows: EncodedTable, made: np.ndarray) -> Places:
        return Places(np.full(len(rows), -1.0), np.full(len(rows), 1.0), np.ones(1))

    def accepts(self, rows: EncodedTable) -> np.ndarray:
        return self.some[np.arange(len(rows)), rows.codes[:, self.code].astype(int)]
