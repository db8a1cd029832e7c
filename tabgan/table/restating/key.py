"""A key, which is different in every row, as nothing at all: new keys of the same make are counted out.

A row's key depends on the sample's seed and the row's number alone (that among the rows that are kept, where some are
rejected), so keys are different in the whole sample whatever portions it is written in, and nothing has to be
remembered (see `keys`: which go on after the largest real one, and which may by chance equal one; `NewKeys` passes over
keys that are taken). Where cells are missing, it is learnt which. What a key tells about its row, such as the order in
which customers came, is not learnt, and a condition can ask no more of it than to be there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.errors import InputError, SchemaError
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import CellsError
from tabgan.table.keys import Keys, fit_keys, keys_from_json
from tabgan.table.restating import presence
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.wanted import Wanted


@dataclass(frozen=True)
class Key:
    """One column of keys.

    Attributes:
        name: the column.
        dtype: its Arrow type, as text.
        there: the learnt column that says where cells are filled; None if all are.
        keys: what makes new ones.
    """

    kind: ClassVar[str] = "key"
    name: str
    dtype: str
    there: str | None
    keys: Keys

    @classmethod
    def fit(cls, spec: ColumnSpec, cells: pa.Array | pa.ChunkedArray, free: FreeName) -> "Key":
        """The restatement of a column of the kind "key".

        Raises:
            SchemaError: if no key is there, or one is neither text nor a whole number.
        """
        try:
            keys = fit_keys(arrays.plain(cells))
        except CellsError as error:
            raise SchemaError(f"column {spec.name!r}: {error}; give it another kind in the schema") from error
        return cls(spec.name, spec.dtype, presence.name_there(spec.name, arrays.plain(cells), free), keys)

    @property
    def sources(self) -> tuple[str, ...]:
        """The column of keys."""
        return (self.name,)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """Nothing, or where cells are filled."""
        return presence.there_specs(self.name, self.there)

    @cached_property
    def capacity(self) -> int:
        """How many rows can have a key of their own."""
        return self.keys.capacity

    def require(self, n: int) -> None:
        """Make sure that there are keys for n rows.

        Raises:
            InputError: if there are not.
        """
        if n > self.capacity:
            raise InputError(
                f"expected at most {self.capacity:,} rows, got {n:,}: there are no more different keys like those in "
                f"column {self.name!r}; ask for fewer rows, or set its kind to left_out in the schema and fit again"
            )

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """Nothing, or where cells are filled.

        Raises:
            CellsError: if cells are missing, and none were at fitting.
        """
        return presence.to_there(columns[0], self.there)

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """A new key for every row that has one; beyond what there are keys for (see `require`) they come again."""
        return [self.cells(rows.ranks % self.capacity, rows.seed, ~presence.filled(columns, rows.n))]

    def cells(self, ranks: NDArray[np.int64], seed: int, missing: NDArray[np.bool_]) -> pa.Array:
        """The keys of ranks below the capacity in the column's type, shape (n,), missing where this is said."""
        dtype = dtypes.parse(self.dtype)
        keys = self.keys.make(ranks, seed)
        if dtypes.is_text(keys.type):
            cells = keys.cast(arrays.plain_type(dtype)).take(pa.array(np.arange(len(ranks)), mask=missing))
        else:
            cells = arrays.plain(dtypes.from_numeric(keys.to_numpy(), missing, dtypes.value_type(dtype)))
        return arrays.restore(cells, dtype)

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """Whether the key is to be there; which one it is cannot be chosen."""
        return presence.narrow_there(self.name, self.there, wanted)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        fields = {"kind": self.kind, "name": self.name, "dtype": self.dtype, "there": self.there}
        return fields | {"keys": self.keys.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Key":
        """The inverse of `to_json`."""
        return cls(data["name"], data["dtype"], data["there"], keys_from_json(data["keys"]))


class NewKeys:
    """Counts out keys of one column that are none of those that are taken.

    Args:
        key: the column.
        seed: of the sample.
        taken: keys, in whatever form the column has.
    """

    def __init__(self, key: Key, seed: int, taken: pa.Array | pa.ChunkedArray) -> None:
        self._key, self._seed, self._next = key, seed, 0
        self._taken = arrays.plain(taken).drop_null()

    def take(self, n: int) -> pa.Array:
        """The next `n` keys.

        Raises:
            InputError: if there are not so many.
        """
        parts = [self._key.cells(np.zeros(0, np.int64), self._seed, np.zeros(0, np.bool_))]
        while n:
            self._key.require(self._next + n)
            ranks = np.arange(self._next, self._next + n)
            cells = self._key.cells(ranks, self._seed, np.zeros(n, np.bool_))
            cells = cells.filter(pc.invert(pc.is_in(arrays.plain(cells), value_set=self._taken)))
            parts.append(cells)
            self._next, n = self._next + n, n - len(cells)
        return pa.chunked_array(parts).combine_chunks()
