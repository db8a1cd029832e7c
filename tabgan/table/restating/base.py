"""What all restatements have in common: some columns of a table in other words, from which they are written again.

A restatement takes columns out of a table and puts *learnt* columns in their place, perhaps none. What holds between
the columns in every row, or what a column looks like, is known to the restatement, so it holds in all rows that it
writes and need not be learnt: an end as a start and a length, forty columns of a single choice as that choice, a key as
nothing at all. It exists only when fitted, is a frozen dataclass of plain values, and compares by value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table.columns import ColumnSpec
from tabgan.table.wanted import Wanted

FreeName: TypeAlias = Callable[[str, str], str]
"""Column and part to the name of a learnt column that the table does not have yet, such as "start [week]"."""


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a sample that are being written.

    Attributes:
        seed: of the sample.
        first: the number of the first row in the whole sample.
        n: how many there are.
        chosen: which of the rows from `first` on they are, ascending, shape (n,); None for the first ones.
        passed: how many rows of the sample come before these; None for `first`. It is less where rows were rejected.
    """

    seed: int
    first: int
    n: int
    chosen: NDArray[np.intp] | None = None
    passed: int | None = None

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers of the rows in the whole sample, shape (n,); those of rejected rows are left out."""
        return self.first + (np.arange(self.n) if self.chosen is None else self.chosen)

    @property
    def ranks(self) -> NDArray[np.int64]:
        """The numbers of the rows among those that were kept, without gaps; shape (n,)."""
        return np.arange(self.n) + (self.first if self.passed is None else self.passed)

    def uniforms(self, name: str, width: int = 1) -> NDArray[np.float64]:
        """Numbers in [0, 1), shape (n, width), that belong to these rows: fewer rows get the first of them."""
        random = streams.generator(self.seed, "write", name, self.first)
        if self.chosen is None:
            return random.random((self.n, width))
        return random.random((int(self.chosen.max(initial=-1)) + 1, width))[self.chosen]

    def keep(self, chosen: NDArray[np.intp], passed: int) -> "Rows":
        """Those of the rows that are kept, as `passed` of the sample were before them."""
        return Rows(self.seed, self.first, len(chosen), chosen, passed)

    def again(self, some: NDArray[np.intp], attempt: int) -> "Rows":
        """Some of the rows, by their places among these, with other numbers to draw from."""
        chosen = some if self.chosen is None else self.chosen[some]
        return Rows(streams.derive_seed(self.seed, "write again", attempt), self.first, len(chosen), chosen)


class Restatement(Protocol):
    """What every restatement can do; n rows."""

    kind: ClassVar[str]

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns that it writes."""

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """The columns that it puts in their place."""

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The sources' cells as cells of the learnt columns, in their Arrow types.

        Args:
            columns: one for each source, in order, of the source's Arrow type.

        Raises:
            CellsError: if rows break what this restatement relies on; says how many, and which one is the first.
        """

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """The cells of the sources, of exactly their Arrow types; whatever the learnt columns hold, the rule holds.

        Args:
            columns: one for each learnt column, in order.
            rows: which rows these are; what is drawn depends on them alone, so that chunk sizes change nothing.
        """

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """What is to be wanted of the learnt columns so that the sources come out as wanted, as far as it can be told.

        It may want too little, never too much: rows are checked again when they are written. So {} is always right.

        Args:
            wanted: of sources.
            known: learnt columns whose cells are made already, of n rows each. What it returns for the others may then
                differ from row to row.
        """

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values that `from_json` reads back, `kind` among them."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The restatement that `to_json` wrote.

        Raises:
            LookupError, TypeError, ValueError, SchemaError: if it is none.
        """
