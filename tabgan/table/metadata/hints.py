"""What a metadata document says of one column, in words that no single format owns.

A hint says less than a `ColumnSpec`: whoever wrote the document did not know how tabgan models columns. It overrules
what the cells alone would suggest, and what it promises of the cells is checked (`refining`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tabgan.errors import SchemaError, listing
from tabgan.table.columns import Kind

CellType = Literal["boolean", "integer", "number", "text", "time", "time of day", "duration"]
"""What cells are: a "time" is a date or a timestamp."""


@dataclass(frozen=True, kw_only=True)
class ColumnHint:
    """One column of a metadata document.

    Attributes:
        name: of the column.
        said: what the document says, for reasons and messages, such as "sdtype email".
        kind: how the column is to be modelled; None where the cells decide.
        cells: what cells have to be; None where the document does not say.
        fake: of a personal column, the name of a method of Faker.
        pattern: a regular expression that cells match as a whole.
        time_format: how times are written in the source, as `strftime` names it; None for ISO 8601.
        categories: the values that may occur; None where any may.
        ordered: whether the categories are in their order.
        key: whether the document calls it a key or an identifier.
        unique: whether no value occurs twice.
        unique_with: the other columns of a key of several columns, whose cells together occur once.
        required: whether no cell may be missing.
        optional: whether the table may lack the column.
        minimum, maximum: the ends of the range of cells as the document writes them; None where it has none.
        open_minimum, open_maximum: whether the end itself is outside the range.
        missing_values: the texts that stand for missing cells, beside the empty one.
        remark: what the user should be warned of; "" for nothing.
    """

    name: str
    said: str = ""
    kind: Kind | None = None
    cells: CellType | None = None
    fake: str | None = None
    pattern: str | None = None
    time_format: str | None = None
    categories: tuple[Any, ...] | None = None
    ordered: bool = False
    key: bool = False
    unique: bool = False
    unique_with: tuple[str, ...] = ()
    required: bool = False
    optional: bool = False
    minimum: Any = None
    maximum: Any = None
    open_minimum: bool = False
    open_maximum: bool = False
    missing_values: tuple[str, ...] = ()
    remark: str = ""


def names_in(keys: Any, what: str, known: Mapping[str, Any]) -> tuple[tuple[str, ...], list[str]]:
    """The columns of a key, given as one name or as a list of names, and what is wrong with them.

    Args:
        keys: as the document has it; None for no key.
        what: what it is called, such as "primary_key".
        known: the columns of the document, by name.
    """
    if keys is None:
        return (), []
    names = [keys] if isinstance(keys, str) else keys
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return (), [f"expected a column's name, or a list of them, as {what!r}, got {keys!r}"]
    unknown = [name for name in names if name not in known]
    problems = [f"{what!r} names the column {name!r}, which the document does not describe" for name in unknown]
    return tuple(name for name in names if name in known), problems


def refuse(what: str, problems: list[str]) -> None:
    """Raise one SchemaError of all problems of a document, if there are any.

    Args:
        what: what the document is, such as "the SDV metadata".
        problems: in words.
    """
    if problems:
        raise SchemaError(listing(f"{what} cannot be read", problems))
