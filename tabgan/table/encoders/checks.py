"""What the plain values of an encoder must fulfil, wherever they come from: fitting, or a model file."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tabgan.errors import SchemaError

_MAX_DECIMALS = 76


def require(holds: bool, expected: str) -> None:
    """Raises SchemaError: if a condition on an encoder's values does not hold."""
    if not holds:
        raise SchemaError(f"an encoder is not valid: expected {expected}")


def is_whole(value: Any) -> bool:
    """Whether a value is an integer (true and false are none)."""
    return isinstance(value, int) and not isinstance(value, bool)


def are_numbers(values: Sequence[Any], dtype: np.dtype[Any] | str = "float64") -> bool:
    """Whether all values are finite numbers that `dtype` can hold; whole ones for whole dtypes."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        return all(is_whole(value) or isinstance(value, float) for value in values) and all(map(math.isfinite, values))
    ends = np.iinfo(dtype)
    return all(is_whole(value) and ends.min <= value <= ends.max for value in values)


def ascend(values: Sequence[Any], *, strictly: bool = False) -> bool:
    """Whether no value is below the one before it."""
    return all(a < b or (a == b and not strictly) for a, b in pairwise(values))


def require_rounding(unit: Any, decimals: Any) -> None:
    """Raises SchemaError: if numbers cannot be rounded to such a unit or to so many decimals."""
    require(is_whole(unit) and unit >= 1, f"a unit of at least 1, got {unit!r}")
    fits = decimals is None or (is_whole(decimals) and 0 <= decimals <= _MAX_DECIMALS)
    require(fits, f"a number of decimals or none, got {decimals!r}")
