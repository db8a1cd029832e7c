"""What is known and decided about one column: its name, kind, types, and why it is modelled as it is."""

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import pyarrow as pa

from tabgan.table import dtypes

Kind = Literal["categorical", "high_cardinality", "continuous", "datetime", "constant", "text", "key"]
Encoding = Literal["quantile", "modes"]
Label = str | int | float | bool

KINDS: tuple[str, ...] = get_args(Kind)
ENCODINGS: tuple[str, ...] = get_args(Encoding)
LEFT_OUT = ("text", "key")


@dataclass(frozen=True, kw_only=True)
class ColumnSpec:
    """One column of a schema.

    Attributes:
        name: the column's name, always a string here.
        kind: how it is modelled; "text" and "key" columns are left out of the model.
        dtype: its Arrow type, as `dtypes.parse` reads it.
        nullable: whether cells may be missing.
        reason: why it has this kind, in a few words, for the user.
        encoding: how the numbers of a continuous column are encoded; other kinds have no choice.
        pandas_dtype: what `Schema.to_pandas` makes of it; None for what is natural for the Arrow type.
        label: the label of the pandas column where it differs from `name`, for example an integer.
        categories: the declared categories in their order, unused ones too; None where none are declared.
        ordered: whether the declared categories are ordered.
    """

    name: str
    kind: Kind
    dtype: str
    nullable: bool
    reason: str = ""
    encoding: Encoding = "quantile"
    pandas_dtype: str | None = None
    label: Label | None = None
    categories: tuple[Any, ...] | None = None
    ordered: bool = False

    @property
    def modelled(self) -> bool:
        """Whether the column is part of the model: free text and keys are not."""
        return self.kind not in LEFT_OUT

    @property
    def arrow_type(self) -> pa.DataType:
        """The Arrow type that `dtype` names."""
        return dtypes.parse(self.dtype)

    @property
    def category_array(self) -> pa.Array | None:
        """The declared categories as an Arrow array of the column's value type, None where none are declared."""
        if self.categories is None:
            return None
        return pa.array(self.categories, type=dtypes.value_type(self.arrow_type))


FIELDS = tuple(field.name for field in fields(ColumnSpec))
