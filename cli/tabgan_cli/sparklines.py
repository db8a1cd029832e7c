"""Curves made of characters: what a number did over a run, in one line or a few.

All curves of a run have the same axis across, from its first step to its last, so that they can be read below each
other, and one that has come to the middle of its line is half-way. Pure functions of numbers; colours are not theirs.
"""

from collections.abc import Sequence
from math import isfinite, log10

BLOCKS = " ▁▂▃▄▅▆▇█"
SIGNS = " .:-=+*#@"
"""The same where there is no Unicode: the more ink, the higher."""
UNSETTLED = 0.1
"""Of the values, the first ones, which do not set the scale: a generator that knows nothing would flatten the rest."""
_FEW = 8
_APART = 2
_LEAST = 1e-12


def spread(points: Sequence[tuple[float, float]], width: int, until: float) -> list[float | None]:
    """The value in each of `width` columns: the mean of its points, or where it has none what was measured before.

    Args:
        points: (place, value), the places ascending from 0 to 1; values that are no numbers are passed over.
        width: columns, at least 1.
        until: the place that the run has come to; columns beyond it are None, like those before the first point.

    Example:
        >>> spread([(0.1, 4.0), (0.2, 2.0), (0.6, 1.0)], 4, until=0.8)
        [3.0, 3.0, 1.0, 1.0]
    """
    found: list[list[float]] = [[] for _ in range(width)]
    for place, value in points:
        if isfinite(value):
            found[_column(place, width)].append(value)
    last: float | None = None
    values: list[float | None] = []
    for i, inside in enumerate(found):
        last = sum(inside) / len(inside) if inside else last
        values.append(last if i <= _column(until, width) else None)
    return values


def _column(place: float, width: int) -> int:
    """The column of a place; one that ends a column belongs to it."""
    return min(max(-int(-place * width // 1) - 1, 0), width - 1)


def scale(values: Sequence[float], beside: float | None = None, least: float = 0.0) -> tuple[float, float] | None:
    """The least and the greatest value to draw; None without any.

    Args:
        values: in their order; the first ones do not count if there are many.
        beside: a value that the curve should be seen against.
        least: what the two are apart at least, so that little looks like little: the upper end gives way, or the lower
            one where this is below 0.

    Example:
        >>> scale([0.3, 0.2], beside=0.1), scale([0.51], beside=0.5, least=0.25)
        ((0.1, 0.3), (0.5, 0.75))
    """
    settled = [value for value in values if isfinite(value)]
    if len(settled) > _FEW:
        settled = settled[int(UNSETTLED * len(settled)) :]
    if not settled:
        return None
    settled += [] if beside is None else [beside]
    low, high = min(settled), max(settled)
    return (min(low, high + least), high) if least < 0 else (low, max(high, low + least))


def logarithms(values: Sequence[float | None]) -> list[float | None]:
    """To the base of ten, of numbers that are not below 0."""
    return [None if value is None else log10(max(value, _LEAST)) for value in values]


def drawn(
    values: Sequence[float | None], low: float, high: float, *, height: int = 1, ascii_only: bool = False
) -> list[str]:
    """A curve as lines of text from the top down, one character for each value; None leaves a blank.

    Args:
        values: to draw; those beyond the scale stand at its end.
        low: where the scale begins; it still has a little ink, so that it differs from a blank.
        high: where the scale ends.
        height: lines; of several, the uppermost is never full, so that curves below each other do not touch.
        ascii_only: whether to draw with ASCII alone.

    Example:
        >>> drawn([0, 1, 2, None, 3, 9], 0, 3)
        ['▁▃▆ ██']
        >>> drawn([0, 1, 2], 0, 2, height=2)
        ['  ▆', '▁▇█']
    """
    signs = SIGNS if ascii_only else BLOCKS
    most = height * (len(signs) - 1) - (_APART if height > 1 else 0)
    room = high - low
    fills = [
        0 if value is None else 1 + round((most - 1) * (min(max((value - low) / room, 0.0), 1.0) if room > 0 else 0.5))
        for value in values
    ]
    step = len(signs) - 1
    return ["".join(signs[min(max(fill - step * below, 0), step)] for fill in fills) for below in range(height)][::-1]
