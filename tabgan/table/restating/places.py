"""Which columns are the two coordinates of places, told from their names and what they hold.

Latitudes lie within 90 degrees and longitudes within 180 (or 360); both have fractions. Their names say so: "lat" and
"lon" (or "lng", "long", spelt out or not), with the same words around them, as in pickup_latitude and pickup_longitude.
Columns that are merely called x and y may be anything, and are left alone.
"""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tabgan.table import arrays
from tabgan.table.columns import ColumnSpec

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_NAMES = ({"lat", "latitude", "lats"}, {"lon", "lng", "long", "longitude", "longitud", "lons"})
_LIMITS = ((-90.0, 90.0), (-180.0, 360.0))
_MIN_FRACTIONS = 0.5


def find_places(table: pa.Table, specs: Sequence[ColumnSpec]) -> list[tuple[str, str]]:
    """Pairs of columns, the latitude first, in the order of `specs`; a column is in one pair at most.

    Args:
        table: holds the columns.
        specs: the columns to look at.
    """
    found: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for spec in specs:
        for axis, rest in _read(spec.name):
            if spec.kind == "continuous" and _fits(table[spec.name], axis):
                found.setdefault((axis, rest), []).append(spec.name)
    pairs = []
    for (axis, rest), names in found.items():
        others = found.get((1, rest), [])
        if axis == 0 and len(names) == len(others) == 1 and names != others:
            pairs.append((names[0], others[0]))
    return pairs


def _read(name: str) -> list[tuple[int, tuple[str, ...]]]:
    """Which coordinate a name may speak of, and the other words in it."""
    words = [word.lower() for word in _WORD.findall(name)]
    return [
        (axis, (*words[:place], "", *words[place + 1 :]))
        for place, word in enumerate(words)
        for axis, names in enumerate(_NAMES)
        if word in names
    ]


def _fits(column: pa.ChunkedArray, axis: int) -> bool:
    """Whether cells can be coordinates: floats in their range, at least half of them with fractions."""
    if not (pa.types.is_float32(column.type) or pa.types.is_float64(column.type)):
        return False
    cells = arrays.plain(column).drop_null()
    if not len(cells) or not pc.all(pc.is_finite(cells)).as_py():
        return False
    numbers = arrays.numbers(cells)
    low, high = _LIMITS[axis]
    return bool(numbers.min() >= low and numbers.max() <= high and (numbers % 1 != 0).mean() >= _MIN_FRACTIONS)
