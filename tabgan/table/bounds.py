"""The ends of a range that a user asks for, as numbers of the numeric view of a column, themselves included.

An end need not be a value of the column's type: from 4.5 on, whole numbers start at 5. Integers and decimals are
compared exactly. Beyond an end that does not count lies the next number of the type: the next float, the next tick.
"""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation, localcontext
from typing import Any

import numpy as np
import pyarrow as pa

from tabgan.table import arrays, dtypes
from tabgan.table.cells import is_missing, parse
from tabgan.table.clauses import Bound

_DIGITS = 160  # more than any decimal type has on both sides of its point


def least(bound: Bound, dtype: pa.DataType) -> int | float:
    """The least number that lies within a lower end.

    Raises:
        ValueError: if the end is no value for the type `dtype` (which has an order), or beyond all that it holds.
    """
    return _end(bound, dtype, 1)


def largest(bound: Bound, dtype: pa.DataType) -> int | float:
    """The largest number that lies within an upper end.

    Raises:
        ValueError: if the end is no value for the type `dtype` (which has an order), or beyond all that it holds.
    """
    return _end(bound, dtype, -1)


def _end(bound: Bound, dtype: pa.DataType, inwards: int) -> int | float:
    if is_missing(bound.value):
        raise ValueError("expected a value as an end of the range, got a missing one")
    if pa.types.is_floating(dtype):
        number = _float_end(bound, dtype, inwards)
    elif pa.types.is_temporal(dtype):
        number = int(arrays.numbers(pa.array([parse(bound.value, dtype)], dtype))[0])
        number += 0 if bound.included else inwards
    else:
        number = _exact_end(bound, dtype, inwards)
    return _within(number, bound, dtype, inwards)


def _float_end(bound: Bound, dtype: pa.DataType, inwards: int) -> float:
    kind = dtype.to_pandas_dtype()
    with np.errstate(over="ignore"):
        number = kind(float(_decimal(bound.value, dtype)))
    if not bound.included and np.isfinite(number):
        number = np.nextafter(number, kind(inwards * np.inf))
    return float(number)


def _exact_end(bound: Bound, dtype: pa.DataType, inwards: int) -> int | float:
    """Of integers and decimals."""
    value = _decimal(bound.value, dtype)
    if value.is_infinite() or value.adjusted() > _DIGITS // 2:
        return math.copysign(math.inf, value)
    scale = dtype.scale if pa.types.is_decimal(dtype) else 0
    with localcontext() as context:
        context.prec = _DIGITS
        steps = value.scaleb(scale)
        whole = steps.to_integral_value(ROUND_CEILING if inwards > 0 else ROUND_FLOOR)
        if not bound.included and whole == steps:
            whole += inwards
        return _viewed(whole.scaleb(-scale), dtype) if pa.types.is_decimal(dtype) else int(whole)


def _viewed(value: Decimal, dtype: pa.DataType) -> float:
    """A decimal as the numeric view has it, which may differ from the nearest float."""
    try:
        return float(arrays.numbers(pa.array([value], dtype))[0])
    except pa.ArrowInvalid:  # beyond what the type holds
        return math.copysign(math.inf, value)


def _decimal(value: Any, dtype: pa.DataType) -> Decimal:
    """A number as it was written, exactly.

    Raises:
        ValueError: if it is none.
    """
    plain = value.as_py() if isinstance(value, pa.Scalar) else value
    plain = plain.item() if isinstance(plain, np.generic) else plain
    try:
        if isinstance(plain, bool) or not isinstance(plain, int | float | Decimal | str):
            raise InvalidOperation
        number = Decimal(plain.strip().replace("_", "x") if isinstance(plain, str) else plain)
        if number.is_nan():
            raise InvalidOperation
    except InvalidOperation as error:
        raise ValueError(f"expected {dtypes.word(dtype)} ({dtype}), got {value!r}") from error
    return number


def _within(number: int | float, bound: Bound, dtype: pa.DataType, inwards: int) -> int | float:
    """The number, or the outermost one of the type where it lies further out, so that it bounds nothing."""
    view = arrays.view_dtype(dtype)
    ends = (-math.inf, math.inf) if view.kind == "f" else (int(np.iinfo(view).min), int(np.iinfo(view).max))
    if number < ends[0] or number > ends[1] or (view.kind == "f" and math.isinf(number)):
        outwards = (number < 0) == (inwards > 0)
        if not outwards:
            raise ValueError(f"expected a range that {dtype} can hold cells of, got an end of {bound.value!r}")
        return ends[0] if inwards > 0 else ends[1]
    return number
