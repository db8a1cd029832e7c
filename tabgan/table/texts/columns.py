"""Text columns in a table's other words: how long each text is, in classes; the words are somebody else's.

In place of each text column stands a learnt one with the *length class* of its cells, missing where the text is. So
which texts are there and how long they are is learnt together with everything else in the row, and a language model,
which sees the row, has only to find words. Written again, the columns hold empty texts where a text is to come; `fill`
puts the texts of a language model there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders import checks
from tabgan.table.encoders.base import Cells
from tabgan.table.patterns import MIN_ROWS
from tabgan.table.restating.base import FreeName, Rows
from tabgan.table.wanted import Wanted

MAX_CLASSES = 16
MAX_COMMON, LONGEST_COMMON = 200, 200
_LEAST_IN_CLASS = 20
_DTYPE = "int16"


@dataclass(frozen=True)
class TextColumn:
    """What is known of one text column.

    Attributes:
        name: the column's name.
        learnt: the name of the column with its length classes.
        dtype: its Arrow type, as text.
        nullable: whether cells may be missing.
        edges: class j holds texts of edges[j] to edges[j + 1] - 1 characters (classes + 1 of them); a class of its own
            for the empty text. Empty if all cells are missing.
        common: texts that at least `MIN_ROWS` rows hold, the most frequent first.
    """

    name: str
    learnt: str
    dtype: str
    nullable: bool
    edges: tuple[int, ...]
    common: tuple[str, ...]

    def __post_init__(self) -> None:
        whole = all(checks.is_whole(edge) and edge >= 0 for edge in self.edges)
        checks.require(whole and checks.ascend(self.edges, strictly=True), "lengths that ascend")
        checks.require(len(self.edges) != 1, "the two ends of each class of lengths")
        checks.require(len(self.edges) <= MAX_CLASSES + 3, f"at most {MAX_CLASSES + 2} classes of lengths")
        checks.require(bool(self.edges) or self.nullable, "something to make: texts or missing cells")
        checks.require(all(isinstance(text, str) for text in self.common), "common texts")
        checks.require(dtypes.is_text(dtypes.parse(self.dtype)), f"a type of texts, got {self.dtype}")

    @classmethod
    def of(cls, spec: ColumnSpec, cells: Cells, free: FreeName) -> "TextColumn":
        """What is to be known of a column's cells.

        Raises:
            SchemaError: if they are no texts, or there is none and none may be missing.
        """
        if not dtypes.is_text(spec.arrow_type):
            raise SchemaError(
                f"column {spec.name!r}: expected texts for the kind text, got {spec.dtype}; "
                f"set another kind in the schema"
            )
        texts = _texts(cells)
        if texts.null_count == len(texts) and not spec.nullable:
            raise SchemaError(f"column {spec.name!r}: expected at least one text to learn from, got none")
        edges = _edges(_lengths(texts.drop_null()))
        return cls(spec.name, free(spec.name, "length"), spec.dtype, spec.nullable, edges, _common(texts))

    @property
    def spec(self) -> ColumnSpec:
        """The column of length classes."""
        varies = bool(self.edges) and len(self.edges) - 1 + self.nullable > 1
        return ColumnSpec(
            name=self.learnt,
            kind="categorical" if varies else "constant",
            dtype=_DTYPE,
            nullable=self.nullable,
            reason=f"how long the texts of {self.name!r} are",
        )

    @property
    def has_empty(self) -> bool:
        """Whether class 0 is that of the empty text."""
        return self.edges[:2] == (0, 1)

    def classes(self, cells: Cells) -> pa.Array:
        """The length classes of cells; of lengths that did not occur at fitting the nearest class."""
        texts = _texts(cells)
        missing = texts.is_null().to_numpy(zero_copy_only=False)
        found = np.searchsorted(np.array(self.edges[1:-1], np.int64), _lengths(texts), side="right")
        return pa.array(found.astype(np.int16), mask=missing)

    def cells(self, classes: pa.Array, texts: Sequence[str]) -> pa.Array:
        """Texts as cells of exactly the column's type: missing and empty where their length class says so."""
        numbers = pc.fill_null(classes, -1).to_numpy(zero_copy_only=False)
        missing = classes.is_null().to_numpy(zero_copy_only=False)
        shown = ["" if self.has_empty and number == 0 else text for number, text in zip(numbers, texts, strict=True)]
        dtype = dtypes.parse(self.dtype)
        plain = pa.array(shown, arrays.plain_type(dtype), mask=missing)
        return arrays.restore(plain, dtype)


@dataclass(frozen=True)
class TextColumns:
    """The text columns of a table, restated as the lengths of their texts.

    Attributes:
        columns: one for each text column.
    """

    kind: ClassVar[str] = "text"
    columns: tuple[TextColumn, ...]

    def __post_init__(self) -> None:
        checks.require(bool(self.columns), "at least one text column")

    @classmethod
    def fit(cls, specs: Sequence[ColumnSpec], columns: Sequence[Cells], free: FreeName) -> "TextColumns":
        """What is to be known of the text columns `specs`, from all their cells.

        Raises:
            SchemaError: if a column cannot be learnt as text.
        """
        return cls(tuple(TextColumn.of(spec, cells, free) for spec, cells in zip(specs, columns, strict=True)))

    @property
    def sources(self) -> tuple[str, ...]:
        """The text columns."""
        return tuple(column.name for column in self.columns)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        """A column of length classes for each of them."""
        return tuple(column.spec for column in self.columns)

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        """The length classes of texts."""
        return [column.classes(cells) for column, cells in zip(self.columns, columns, strict=True)]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        """Empty texts, missing where the length class is; see `fill`."""
        return self.fill(columns, [[""] * rows.n] * len(self.columns))

    def filled(self, columns: Sequence[pa.Array]) -> NDArray[np.bool_]:
        """Where a text is to be that is neither missing nor empty, shape (n, columns), by its length class."""
        known = zip(self.columns, columns, strict=True)
        numbers = [
            pc.fill_null(classes, -1).to_numpy(zero_copy_only=False) - column.has_empty for column, classes in known
        ]
        return np.stack(numbers, 1) >= 0

    def fill(self, columns: Sequence[pa.Array], texts: Sequence[Sequence[str]]) -> list[pa.Array]:
        """The texts of each column as its cells.

        Args:
            columns: the length classes of each column.
            texts: one for each row of each column; what stands where a text is missing or empty is of no account.
        """
        known = zip(self.columns, columns, texts, strict=True)
        return [column.cells(classes, written) for column, classes, written in known]

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        """Whether a text may be there or missing is wanted of its length class; which text, no class can say."""
        named = {column.name: column.learnt for column in self.columns}
        return {
            named[name]: Wanted(present=want.present, missing=want.missing)
            for name, want in wanted.items()
            if name in named and (want.present is not None or want.missing is not None)
        }

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        columns = [
            {
                "name": column.name,
                "learnt": column.learnt,
                "dtype": column.dtype,
                "nullable": column.nullable,
                "edges": list(column.edges),
                "common": list(column.common),
            }
            for column in self.columns
        ]
        return {"kind": self.kind, "columns": columns}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "TextColumns":
        """The inverse of `to_json`."""
        return cls(
            tuple(
                TextColumn(**{**column, "edges": tuple(column["edges"]), "common": tuple(column["common"])})
                for column in data["columns"]
            )
        )


def _texts(cells: Cells) -> pa.Array:
    """Cells as plain texts that all of Arrow's functions know."""
    plain = arrays.plain(cells)
    return plain if pa.types.is_string(plain.type) else plain.cast(pa.large_string())


def _lengths(texts: pa.Array) -> NDArray[np.int64]:
    """The characters of each text, 0 where missing."""
    lengths: NDArray[np.int64] = pc.fill_null(pc.utf8_length(texts), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    return lengths


def _edges(lengths: NDArray[np.int64]) -> tuple[int, ...]:
    """Borders between about equally many texts; no class but that of the empty text holds few."""
    if not len(lengths):
        return ()
    n_classes = max(1, min(MAX_CLASSES, len(lengths) // _LEAST_IN_CLASS))
    inner = np.quantile(lengths, np.linspace(0, 1, n_classes + 1)[1:-1], method="higher")
    ends = [int(lengths.min()), int(lengths.max()) + 1]
    empty = [1] if not ends[0] and ends[1] > 1 else []
    return tuple(sorted({*ends, *empty, *(int(edge) for edge in inner)}))


def _common(texts: pa.Array) -> tuple[str, ...]:
    """The texts that enough rows hold and that are neither empty nor long."""
    counts = texts.filter(pc.is_in(_lengths(texts), value_set=pa.array(range(1, LONGEST_COMMON + 1)))).value_counts()
    enough = counts.filter(pc.greater_equal(counts.field("counts"), MIN_ROWS)).to_pylist()
    order = sorted(enough, key=lambda found: (-found["counts"], found["values"]))
    return tuple(found["values"] for found in order[:MAX_COMMON])
