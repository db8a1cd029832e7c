"""One column of both tables over one support: the form in which everything else is computed.

The support is every distinct present value of any table in ascending order; a cell becomes the position of its value
in it, and a missing cell the position after the last. So counts, ranks, ties, bins and categories are all integer
arithmetic, exact for 64-bit integers and for dates too. Positions take four bytes each: widen them before products of
two are formed.

Letters used for shapes: n rows of one table, K distinct values.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes

NUMERIC_KINDS = ("continuous", "datetime")
LARGEST = 1e300
CellArray: TypeAlias = pa.Array | pa.ChunkedArray
Codes: TypeAlias = NDArray[np.int32]
_EXACT = 2**53
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_DAY = 86_400
_YEARS = (-719_162 * _DAY, 2_932_896 * _DAY)  # from year 1 to year 9999, in seconds since 1970


@dataclass(frozen=True, eq=False)
class AlignedColumn:
    """One column of both tables.

    Attributes:
        name: the column.
        kind: its kind in the schema of the real table.
        support: the distinct present values of both tables and the held-out rows, ascending, shape (K,).
        real: the position in the support of each real cell, K where it is missing, shape (n,).
        synthetic: likewise for the synthetic table.
        held_out: likewise for real rows that the synthesizer has not seen, shape (h,); empty where none are given.
    """

    name: str
    kind: str
    support: pa.Array
    real: Codes
    synthetic: Codes
    held_out: Codes = field(default_factory=lambda: np.empty(0, np.int32))

    @property
    def is_numeric(self) -> bool:
        """Whether the column is compared as numbers (KS, correlation) and not as categories."""
        return self.kind in NUMERIC_KINDS and dtypes.is_numeric(self.support.type)

    @cached_property
    def origin(self) -> int:
        """The least of whole numbers that lie close together but beyond what floats hold exactly, else 0."""
        values = dtypes.numeric_view(self.support)[0]
        if values.dtype.kind == "f" or not len(values):
            return 0
        low, high = int(values[0]), int(values[-1])
        return low if max(-low, high) > _EXACT >= high - low else 0

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The support of a numeric column as floats less `origin`, shape (K,).

        Dates count from their epoch in their unit. Finite values stay within ±`LARGEST`, so that differences of two
        of them are finite too.
        """
        values = dtypes.numeric_view(self.support)[0]
        if self.origin:
            values = values.view(np.uint64) - values.view(np.uint64)[0]  # exact, whatever the signs
        values = values.astype(np.float64, copy=False)
        if not len(values) or max(-values[0], values[-1]) <= LARGEST:
            return values
        return np.where(np.isinf(values), values, np.clip(values, -LARGEST, LARGEST))

    @property
    def unit(self) -> tuple[str, float]:
        """The unit to report differences of `numbers` in ("" for plain numbers), and how many of their own it is."""
        dtype = self.support.type
        if not pa.types.is_temporal(dtype):
            return "", 1.0
        own = _unit(dtype)
        if pa.types.is_date(dtype):
            return "days", 1.0 if own == "D" else float(_DAY * _UNITS[own])
        return "s", float(_UNITS[own])

    def with_cells(self, real: Codes, synthetic: Codes) -> "AlignedColumn":
        """The column of other rows, such as some drawn ones, without held-out rows.

        Args:
            real: the positions of the cells that stand for the real table.
            synthetic: likewise for the synthetic table.
        """
        other = replace(self, real=real, synthetic=synthetic, held_out=self.held_out[:0])
        if self.is_numeric:
            vars(other)["numbers"] = self.numbers  # of the support alone, so nobody need compute them again
        return other

    def over_own_values(self, real: Codes, synthetic: Codes, held_out: Codes) -> "AlignedColumn":
        """The column of other rows, its support only what occurs among them.

        Args:
            real: the positions of the cells that stand for the real table.
            synthetic: likewise for the synthetic table.
            held_out: likewise for the held-out rows.
        """
        occurs = np.zeros(len(self.support) + 1, bool)
        for cells in (real, synthetic, held_out):
            occurs[cells] = True
        occurs[-1] = False
        place = np.cumsum(occurs, dtype=np.int32) - np.int32(1)
        place[-1] = np.count_nonzero(occurs)
        support = self.support.filter(pa.array(occurs[:-1]))
        return AlignedColumn(self.name, self.kind, support, place[real], place[synthetic], place[held_out])

    def without_held_out(self) -> "AlignedColumn":
        """The column of the two tables alone, so that held-out rows leave no trace in their comparison."""
        if not len(self.held_out):
            return self
        return self.over_own_values(self.real, self.synthetic, self.held_out[:0])

    def labels(self, positions: NDArray[np.integer]) -> list[str]:
        """The values at some positions of the support, as text."""
        return _texts(self.support.take(pa.array(positions, pa.int64())))

    def text_of(self, numbers: NDArray[np.float64]) -> list[str]:
        """Numbers of the scale of `numbers` as values of a column of whole numbers, as text; clipped to what occurs."""
        values = dtypes.numeric_view(self.support)[0]
        low, high = int(values[0]), int(values[-1])
        inside = [min(max(round(number) + self.origin, low), high) for number in numbers.tolist()]
        return _texts(dtypes.from_numeric(np.asarray(inside, values.dtype), None, self.support.type))

    def counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How often each value occurs in the real and in the synthetic table, the missing cells last: (K + 1,) each.

        A value that occurs in held-out rows alone has 0 in both.
        """
        size = len(self.support) + 1
        return np.bincount(self.real, minlength=size), np.bincount(self.synthetic, minlength=size)


def align(
    name: str, kind: str, real: CellArray, synthetic: CellArray, held_out: CellArray | None = None
) -> AlignedColumn:
    """The tables' cells over their common support; NaN is missing.

    Args:
        name: the column.
        kind: its kind in the schema of the real table.
        real: the real cells, shape (n,).
        synthetic: the synthetic cells, of the same value type.
        held_out: the held-out real cells, of the same value type; None where none are given.
    """
    parts = [arrays.plain(real), arrays.plain(synthetic)]
    parts.append(parts[0].slice(0, 0) if held_out is None else arrays.plain(held_out))
    if pa.types.is_null(parts[0].type):
        return AlignedColumn(name, kind, parts[0].slice(0, 0), *map(_zeros, parts))
    sizes = [len(part) for part in parts]
    cells = pa.concat_arrays(parts)
    del parts
    exact = dtypes.is_numeric(cells.type) and not pa.types.is_decimal(cells.type)
    support, codes = _encode_numbers(cells) if exact else _encode(cells)
    return AlignedColumn(name, kind, support, *np.split(codes, np.cumsum(sizes[:2])))


def _zeros(array: pa.Array) -> Codes:
    return np.zeros(len(array), np.int32)


def _encode(cells: pa.Array) -> tuple[pa.Array, Codes]:
    """The distinct present values in ascending order, and the position of each cell among them, by hashing."""
    encoded = cells.dictionary_encode()
    support, order = arrays.sort(encoded.dictionary)
    position = np.empty(len(order) + 1, np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    position[-1] = len(order)
    return support, position.take(encoded.indices.fill_null(len(order)).to_numpy(zero_copy_only=False))


def _encode_numbers(cells: pa.Array) -> tuple[pa.Array, Codes]:
    """What `_encode` says, by sorting: faster where most values differ, and never much slower.

    Only for types whose numeric view tells all values apart.
    """
    values, missing = dtypes.numeric_view(cells)
    rows = np.flatnonzero(~missing) if missing.any() else None
    values = values if rows is None else values[rows]
    order = np.argsort(values)
    ascending = values[order]
    is_first = np.append(True, ascending[1:] != ascending[:-1])[: len(order)]
    order = order if rows is None else rows[order]
    ranks = np.cumsum(is_first, dtype=np.int32)
    codes = np.full(len(cells), ranks[-1] if len(ranks) else 0, np.int32)
    codes[order] = ranks - 1
    return cells.take(pa.array(order[is_first])), codes


def _texts(values: pa.Array) -> list[str]:
    """Values without nulls as text, as short as tells them apart."""
    if pa.types.is_temporal(values.type):
        return _times(values)
    cells = values.to_pylist()
    if pa.types.is_floating(values.type):
        return float_texts(cells)
    return [str(cell) for cell in cells]


def float_texts(values: list[float]) -> list[str]:
    """Floats with 6 digits, or with all that it takes to tell them apart."""
    short = [f"{value:.6g}" for value in values]
    return short if len(set(short)) == len(set(values)) else [repr(float(value)) for value in values]


def _times(values: pa.Array) -> list[str]:
    """Times to the second, or finer where that tells them apart; those that Python cannot hold as NumPy writes them."""
    numbers = dtypes.numeric_view(values)[0].tolist()
    if pa.types.is_time(values.type):
        per_second = _UNITS[values.type.unit]
        whole = [str(timedelta(seconds=number // per_second)).rjust(8, "0") for number in numbers]
        digits = len(str(per_second)) - 1
        fine = [f"{text}.{n % per_second:0{digits}d}" for text, n in zip(whole, numbers, strict=True)]
    elif not all(_python_holds(number, values.type) for number in numbers):
        whole = fine = [_numpy_text(number, values.type) for number in numbers]
    elif pa.types.is_duration(values.type):
        fine = [str(value) for value in values.to_pylist()]
        whole = [text.split(".")[0] for text in fine]
    elif pa.types.is_date(values.type):
        whole = fine = [str(value) for value in values.to_pylist()]
    else:
        cells = values.to_pylist()
        whole = [value.isoformat(sep=" ", timespec="seconds") for value in cells]
        fine = [value.isoformat(sep=" ") for value in cells]
    return whole if len(set(whole)) == len(set(numbers)) else fine


def _unit(dtype: pa.DataType) -> str:
    if pa.types.is_date(dtype):
        return "D" if pa.types.is_date32(dtype) else "ms"
    return str(dtype.unit)


def _python_holds(number: int, dtype: pa.DataType) -> bool:
    """Whether Python and pandas have a value for this time, and in any time zone too."""
    unit = _unit(dtype)
    seconds = number * _DAY if unit == "D" else number // _UNITS[unit]
    low, high = (-_YEARS[1], _YEARS[1]) if pa.types.is_duration(dtype) else _YEARS
    if unit == "ns":
        low, high = -(2**63) // 10**9, 2**63 // 10**9
    spare = 0 if pa.types.is_date(dtype) else 2 * _DAY
    return low + spare <= seconds <= high - spare


def _numpy_text(number: int, dtype: pa.DataType) -> str:
    unit = _unit(dtype)
    if pa.types.is_duration(dtype) or number == -(2**63):  # the last is NaT to NumPy
        return f"{number} {unit}"
    text = str(np.datetime_as_string(np.asarray(number, np.int64).astype(f"datetime64[{unit}]")))
    if pa.types.is_date(dtype):
        return text.split("T")[0]
    return text.replace("T", " ") + ("+00:00" if dtype.tz else "")
