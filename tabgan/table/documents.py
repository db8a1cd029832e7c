"""A schema as JSON that a person can read and edit, and everything that may be wrong with it in one error."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from tabgan.errors import SchemaError, listing
from tabgan.table import dtypes
from tabgan.table.columns import ENCODINGS, FIELDS, KINDS, ColumnSpec
from tabgan.table.constraints import Constraint, constraint_from_json

FORMAT = 1
_REQUIRED = ("name", "kind", "dtype")
_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda value: isinstance(value, str), "text"),
    "kind": (lambda value: value in KINDS, f"one of {', '.join(KINDS)}"),
    "dtype": (lambda value: isinstance(value, str), "the name of an Arrow type"),
    "nullable": (lambda value: isinstance(value, bool), "true or false"),
    "reason": (lambda value: isinstance(value, str), "text"),
    "encoding": (lambda value: value in ENCODINGS, f"one of {', '.join(ENCODINGS)}"),
    "pandas_dtype": (lambda value: value is None or isinstance(value, str), "the name of a pandas dtype, or null"),
    "label": (lambda value: value is None or _is_label(value), "text, a finite number, or null"),
    "categories": (lambda value: value is None or isinstance(value, list), "a list, or null"),
    "ordered": (lambda value: isinstance(value, bool), "true or false"),
    "fake": (lambda value: value is None or isinstance(value, str), "the name of a method of Faker, or null"),
    "locale": (lambda value: value is None or isinstance(value, str), "a locale such as de_DE, or null"),
    "consistent": (lambda value: isinstance(value, bool), "true or false"),
}
_OPTIONAL: dict[str, Any] = {
    "encoding": "quantile",
    "pandas_dtype": None,
    "label": None,
    "categories": None,
    "ordered": False,
    "fake": None,
    "locale": None,
    "consistent": False,
}


def _is_label(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def spec_to_json(spec: ColumnSpec) -> dict[str, Any]:
    """One column as plain JSON values; what has its usual value is left out."""
    document: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(spec, name)
        if name not in _OPTIONAL or value != _OPTIONAL[name]:
            document[name] = value
    categories = spec.category_array
    if categories is not None:
        document["categories"] = _plain(categories)
    return document


def _plain(categories: pa.Array) -> list[Any]:
    """Categories as JSON values: times of all kinds as text or whole numbers, decimals as text."""
    dtype = categories.type
    if pa.types.is_time(dtype) or pa.types.is_duration(dtype):
        values: list[Any] = dtypes.numeric_view(categories)[0].tolist()
        return values
    if dtypes.is_datetime(dtype) or pa.types.is_decimal(dtype):
        categories = categories.cast(pa.string())
    plain: list[Any] = categories.to_pylist()
    return plain


def from_json(document: Any) -> tuple[tuple[ColumnSpec, ...], tuple[Constraint, ...]]:
    """The columns and the constraints of a schema document; without "constraints" there are none.

    Raises:
        SchemaError: with all problems at once.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("columns"), list):
        raise SchemaError('expected a schema, an object such as {"format": 1, "columns": [...]}, got something else')
    problems = [f"unknown key {key!r}; drop it" for key in document if key not in ("format", "columns", "constraints")]
    if document.get("format", FORMAT) != FORMAT:
        problems.append(f"expected format {FORMAT}, got {document['format']!r}; a newer tabgan may have written it")
    specs = []
    for position, column in enumerate(document["columns"], start=1):
        name = column.get("name", position) if isinstance(column, Mapping) else position
        found = _column_problems(column)
        if not found:
            try:
                specs.append(_spec(column))
                found = spec_problems(specs[-1])
            except (SchemaError, pa.ArrowException, TypeError, ValueError, OverflowError) as error:
                found = [str(error)]
        problems += [f"column {name!r}: {problem}" for problem in found]
    constraints, wrong = _constraints(document.get("constraints", []))
    if problems or wrong:
        raise SchemaError(listing("The schema is not valid", problems + wrong))
    return tuple(specs), constraints


def _constraints(documents: Any) -> tuple[tuple[Constraint, ...], list[str]]:
    """The constraints that can be read, and what is wrong with the others."""
    if not isinstance(documents, list):
        return (), [f"expected a list of constraints, got {documents!r}"]
    found, problems = [], []
    for position, document in enumerate(documents, start=1):
        try:
            found.append(constraint_from_json(document))
        except SchemaError as error:
            problems.append(f"constraint {position}: {error}")
    return tuple(found), problems


def _column_problems(column: Any) -> list[str]:
    if not isinstance(column, Mapping):
        return [f"expected an object, got {column!r}"]
    problems = [f"{key!r} is lacking" for key in _REQUIRED if key not in column]
    for key, value in column.items():
        if key not in _CHECKS:
            problems.append(f"unknown key {key!r}; known are {', '.join(_CHECKS)}")
            continue
        fits, expected = _CHECKS[key]
        if not _safely(fits, value):
            problems.append(f"expected {expected} as {key!r}, got {value!r}")
    return problems


def _safely(fits: Callable[[Any], bool], value: Any) -> bool:
    try:
        return fits(value)
    except TypeError:  # an unhashable value is in no tuple of names
        return False


def spec_from_json(column: Any) -> ColumnSpec:
    """The column that `spec_to_json` wrote.

    Raises:
        SchemaError: if it is none; lists all problems.
    """
    problems = _column_problems(column)
    if problems:
        raise SchemaError(listing("A column is not valid", problems))
    return _spec(column)


def _spec(column: Mapping[str, Any]) -> ColumnSpec:
    values = {"nullable": True, **column}
    if values.get("categories") is not None:
        values["categories"] = _categories(values["categories"], dtypes.value_type(dtypes.parse(values["dtype"])))
    return ColumnSpec(**values)


def _written_problems(spec: ColumnSpec, dtype: pa.DataType) -> list[str]:
    """What keeps a column from being made anew as a key, by a pattern or as personal data."""
    if spec.kind not in ("key", "pattern", "personal"):
        return []
    cells, problems = dtypes.value_type(dtype), []
    whole = pa.types.is_integer(cells) or pa.types.is_floating(cells) or pa.types.is_decimal(cells)
    if not dtypes.is_text(cells) and not (spec.kind == "key" and whole):
        expected = "text or whole numbers" if spec.kind == "key" else "text"
        problems.append(f"expected {expected} for a {spec.kind} column, got {dtypes.word(dtype)}; choose another kind")
    if spec.categories is not None:
        problems.append(
            f"a {spec.kind} column declares no categories, since its cells are made anew; drop them and the "
            f"pandas_dtype, and set its dtype to {cells}; or choose another kind"
        )
    if spec.kind == "personal":
        from tabgan.table import fakes  # Faker, which few schemas need

        problems += fakes.problems(spec.fake, spec.locale)
    return problems


def _categories(values: list[Any], dtype: pa.DataType) -> tuple[Any, ...]:
    if pa.types.is_time(dtype) or pa.types.is_duration(dtype):
        array = pa.array(values, type=pa.int64()).cast(pa.int32() if dtype.bit_width == 32 else pa.int64()).view(dtype)
    elif dtypes.is_datetime(dtype) or pa.types.is_decimal(dtype):
        array = pa.array(values, type=pa.string()).cast(dtype)
    else:
        array = pa.array(values, type=dtype)
    return tuple(array.to_pylist())


def spec_problems(spec: ColumnSpec) -> list[str]:
    """How the fields of one column contradict each other."""
    try:
        dtype = dtypes.parse(spec.dtype)
    except SchemaError as error:
        return [str(error)]
    word = dtypes.word(dtype)
    problems = []
    numeric = dtypes.is_numeric(dtype) and not pa.types.is_boolean(dtypes.value_type(dtype))
    if spec.kind == "continuous" and not numeric:
        problems.append(f"expected numbers or times for a continuous column, got {word}; choose categorical")
    if spec.kind == "datetime" and not dtypes.is_datetime(dtype):
        problems.append(f"expected timestamps or dates for a datetime column, got {word}")
    if pa.types.is_null(dtypes.value_type(dtype)) and spec.kind != "constant":
        problems.append(f"a column without any value can only be constant, not {spec.kind}")
    if spec.categories is not None and not pa.types.is_dictionary(dtype):
        problems.append(f"categories are declared, but the dtype {spec.dtype} is no dictionary type")
    if spec.categories is not None and (
        len(set(spec.categories)) < len(spec.categories) or any(value is None for value in spec.categories)
    ):
        problems.append("the categories must be different from each other and not null")
    problems += _written_problems(spec, dtype)
    if spec.pandas_dtype is not None and not problems:
        from tabgan.table.restoring import dtype_problem  # pandas, which few schemas of files need

        problems += dtype_problem(spec)
    return problems
