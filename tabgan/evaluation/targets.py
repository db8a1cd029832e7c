"""Which column a model should predict, when nobody says so.

A table's target usually stands last and has few values, so the last column of a few categories is taken. A column that
another one determines (a code and its name) would be learnt perfectly from any rows and says nothing, so it comes after
all others. The choice looks at the real rows alone. It is a guess, and says so: `reason` goes into the report.

Letters used for shapes: n real rows, K distinct values.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from tabgan.errors import InputError
from tabgan.evaluation.aligned import AlignedColumn, Codes

MOST_CATEGORIES = 20
MOST_CLASSES = 50
LEAST_SHARE = 0.01
ROWS_PER_VALUE = 10
GLANCE = 20_000


def require_known(columns: Sequence[AlignedColumn], named: str | None) -> None:
    """Refuse a target that is no column; None is fine.

    Raises:
        InputError: if there is no column of that name.
    """
    if named is not None and named not in [column.name for column in columns]:
        names = ", ".join(repr(column.name) for column in columns) or "no column"
        raise InputError(f"expected the target to be one of the columns that can be compared, {names}, got {named!r}")


def find_target(columns: Sequence[AlignedColumn], named: str | None = None) -> tuple[AlignedColumn, str]:
    """The column to predict and why it is this one.

    Args:
        columns: of the table.
        named: the column that a user asks for; None to choose one.

    Raises:
        InputError: if there is no column of that name.
        ValueError: if the named column, or every column, is all missing, constant or of too many classes, or if there
            is no other column to predict it from.
    """
    require_known(columns, named)
    if len(columns) < 2:
        raise ValueError("there is no column beside the target to predict it from")
    if named is not None:
        found = next(column for column in columns if column.name == named)
        if problem := _problem(found):
            raise ValueError(f"the target {named!r} cannot be predicted: {problem}")
        return found, "the column that was named"
    for column, reason in _candidates(columns):
        if not _problem(column):
            return column, f"{reason}; name another with target"
    raise ValueError("no column can be a target: all are constant, missing, or of too many classes")


def _problem(column: AlignedColumn) -> str:
    """Why a column cannot be predicted; empty if it can."""
    counts = np.bincount(column.real, minlength=len(column.support) + 1)[:-1]
    present = counts > 0
    if column.is_numeric:
        present &= np.isfinite(column.numbers)
    size = int(present.sum())
    if size == 0:
        return "every real cell is missing"
    if size == 1:
        return "it has one value in all real rows"
    if size > MOST_CLASSES and not column.is_numeric:
        return f"it has {size:,} classes, and at most {MOST_CLASSES} can be learnt"
    return ""


def _candidates(columns: Sequence[AlignedColumn]) -> Iterator[tuple[AlignedColumn, str]]:
    """The columns in the order in which they are taken, with the reason."""
    backwards = list(reversed(columns))
    few = [column for column in backwards if _has_few_categories(column)]
    said = f"the last column of 2 to {MOST_CATEGORIES} categories"
    for column in few:
        if not determined_by(columns, column):
            yield column, said
    for kind, words in (("continuous", "numbers"), ("datetime", "times")):
        for column in backwards:
            if column.is_numeric and column.kind == kind:
                yield (
                    column,
                    f"the last column of {words} that varies, since none has 2 to {MOST_CATEGORIES} categories",
                )
    for column in few:
        yield column, f"{said}, although another column determines it"
    for column in backwards:
        if not column.is_numeric:
            yield column, "the last column of categories"


def _has_few_categories(column: AlignedColumn) -> bool:
    """Whether it has 2 to 20 categories, of which two or more are not rare."""
    if column.is_numeric:
        return False
    counts = np.bincount(column.real, minlength=len(column.support) + 1)[:-1]
    common = counts >= LEAST_SHARE * len(column.real)
    return 2 <= int(np.count_nonzero(counts)) <= MOST_CATEGORIES and int(np.count_nonzero(common & (counts > 0))) >= 2


def determined_by(columns: Sequence[AlignedColumn], target: AlignedColumn) -> str:
    """The name of the first other column that determines one; empty if none does."""
    return next((other.name for other in columns if other is not target and determines(other, target)), "")


def determines(first: AlignedColumn, second: AlignedColumn) -> bool:
    """Whether the cell of the first column tells that of the second in every real row.

    Only where each value of the first stands for `ROWS_PER_VALUE` rows on average: a key determines every column, and
    says nothing about any.
    """
    step = max(len(first.real) // GLANCE, 1)
    if not _follows(first.real[::step], second.real[::step], len(first.support) + 1):
        return False
    values = int(np.count_nonzero(np.bincount(first.real)))
    return ROWS_PER_VALUE * values <= len(first.real) and _follows(first.real, second.real, len(first.support) + 1)


def _follows(codes: Codes, others: Codes, size: int) -> bool:
    """Whether equal codes (n,) always come with equal others (n,)."""
    seen = np.zeros(size, others.dtype)
    seen[codes] = others
    return bool((seen[codes] == others).all())
