"""A constraint in Python, the last resort: what no other constraint can say, rows are only rejected by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.errors import SchemaError
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import base

if TYPE_CHECKING:
    import pandas as pd

Function: TypeAlias = "Callable[[pd.DataFrame], Any]"
"""A frame of n rows to n times true (the row is as it should be) or false."""


@dataclass(frozen=True)
class Predicate:
    """What a function says of rows. A file keeps its name alone, since opening a file never runs code.

    Attributes:
        name: in a few words, for messages.
        function: says of each row of a frame whether it is as it should be; None after reading from a file.
    """

    kind: ClassVar[str] = "predicate"
    name: str
    function: "Function | None" = None

    @property
    def names(self) -> tuple[str, ...]:
        """Empty: which columns the function looks at is its own affair."""
        return ()

    def describe(self) -> str:
        """The predicate in one line."""
        return f"{self.name} (a function in Python)" + ("" if self.function else ", which is lacking: set it again")

    def broken(self, table: pa.Table) -> NDArray[np.bool_]:
        """Rows of which the function does not say True, shape (n,).

        Raises:
            SchemaError: if there is no function, or it fails, or it does not say something of each row.
        """
        if self.function is None:
            raise SchemaError(
                f"the predicate {self.name!r}: expected a function, got its name alone, which is all that a file "
                f"keeps; give it again (in schema.constraints, or as predicates={{{self.name!r}: function}} to "
                f"TabGAN.load), or drop it (None in place of the function)"
            )
        from tabgan.table.restoring import to_frame  # pandas, which few schemas need

        try:
            said = np.asarray(self.function(to_frame(table, {})))
        except Exception as error:  # whatever a user's function may raise
            raise SchemaError(f"the predicate {self.name!r} failed: {type(error).__name__}, {error}") from error
        if said.shape != (table.num_rows,):
            raise SchemaError(
                f"the predicate {self.name!r}: expected True or False for each of {table.num_rows} rows, "
                f"got something of shape {said.shape}"
            )
        return np.array([not (isinstance(value, bool | np.bool_) and value) for value in said.tolist()], np.bool_)

    def problems(self, specs: Mapping[str, ColumnSpec]) -> list[str]:
        """None: a function may be about anything."""
        return []

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: the name, and that a function belongs to it."""
        return {"kind": self.kind, "name": self.name, "python_only": True}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Predicate":
        """The predicate without its function."""
        return cls(base.text(data, "name"))
