"""What is known and decided about one column: its name, kind, types, and why it is modelled as it is."""

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

import pyarrow as pa

from tabgan.table import dtypes

Kind = Literal[
    "categorical",
    "high_cardinality",
    "continuous",
    "datetime",
    "constant",
    "text",
    "key",
    "pattern",
    "personal",
    "left_out",
]
Encoding = Literal["quantile", "modes"]
Label = str | int | float | bool

KINDS: tuple[str, ...] = get_args(Kind)
ENCODINGS: tuple[str, ...] = get_args(Encoding)
WRITTEN = ("text", "key", "pattern", "personal")
"""Kinds of which no encoder learns the cells: they are restated, or written anew."""
LEFT_OUT = "left_out"


@dataclass(frozen=True, kw_only=True)
class ColumnSpec:
    """One column of a schema.

    Attributes:
        name: the column's name, always a string here.
        kind: how it is modelled; a column that is "left_out" is not in synthetic rows.
        dtype: its Arrow type, as `dtypes.parse` reads it.
        nullable: whether cells may be missing.
        reason: why it has this kind, in a few words, for the user.
        encoding: how the numbers of a continuous column are encoded; other kinds have no choice.
        pandas_dtype: what `Schema.to_pandas` makes of it; None for what is natural for the Arrow type.
        label: the label of the pandas column where it differs from `name`, for example an integer.
        categories: the declared categories in their order, unused ones too; None where none are declared.
        ordered: whether the declared categories are ordered.
        fake: of a personal column, what its cells are: the name of a method of Faker, such as "email".
        locale: of a personal column, the locale of its fakes; None for Faker's own default.
        consistent: of a personal column, whether cells that are equal in the table stand for one fake each.
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
    fake: str | None = None
    locale: str | None = None
    consistent: bool = False

    @property
    def made(self) -> bool:
        """Whether synthetic rows have the column."""
        return self.kind != LEFT_OUT

    @property
    def modelled(self) -> bool:
        """Whether an encoder can learn the column as it is."""
        return self.made and self.kind not in WRITTEN

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
