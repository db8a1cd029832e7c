"""Rows made at random under a condition, as a generator would that knows nothing of the table."""

from typing import NamedTuple

import numpy as np

from tabgan.layout import EncodedTable
from tabgan.table.codec import TableCodec
from tabgan.table.conditions import Condition


class Walked(NamedTuple):
    """Rows, and which of them found an allowed category for each code and an allowed place for each value."""

    rows: EncodedTable
    alive: np.ndarray


def walk(codec: TableCodec, condition: Condition, n: int, random: np.random.Generator) -> Walked:
    """`n` rows; columns are made in random order, and of each code any allowed category is as likely."""
    layout, guide = codec.layout, condition.guide
    guided = () if guide is None else guide.columns
    rows = EncodedTable(np.zeros((n, layout.n_codes), layout.code_dtype), np.zeros((n, layout.n_values), np.float32))
    made, alive = np.zeros(layout.n_codes, bool), np.ones(n, bool)
    depths = np.zeros(len(layout.columns), int)
    if condition.given is not None:
        depths = condition.given.depths
        for column, depth in enumerate(depths):
            start = layout.code_slices[column].start
            rows.codes[:, start : start + depth] = condition.given.cells.codes[:, start : start + depth]
            made[start : start + depth] = True
            if depth == len(layout.columns[column].cardinalities):
                own = layout.value_slices[column]
                rows.values[:, own] = condition.given.cells.values[:, own]
    for column in random.permutation(len(layout.columns)):
        slots, codes = layout.columns[column], layout.code_slices[column]
        for code in range(codes.start + depths[column], codes.stop):
            allowed = _windows(slots.windows, code - codes.start, slots.cardinalities, rows.codes[:, codes])
            if column in guided:
                asked = guide.allowed(code, rows, made)
                assert asked.shape in ((n, slots.cardinalities[code - codes.start]), (1, allowed.shape[1]))
                allowed = allowed & asked
            alive &= allowed.any(axis=1)
            rows.codes[:, code] = np.argmax(allowed * (random.random(allowed.shape) + 0.1), axis=1)
            made[code] = True
        if slots.has_value and depths[column] < len(slots.cardinalities):
            low, high = guide.places(column, rows, made)[:2] if column in guided else (np.full(n, -1.0), np.ones(n))
            alive &= low <= high
            assert (low >= -1).all()
            assert (high <= 1).all()
            drawn = low + random.random(n) * (high - low)
            rows.values[:, layout.value_slices[column].start] = drawn.astype(np.float32)
    return Walked(rows, alive)


def _windows(windows: tuple, level: int, sizes: tuple[int, ...], codes: np.ndarray) -> np.ndarray:
    if not level or not windows:
        return np.ones((len(codes), sizes[level]), bool)
    ends = np.array(windows[level - 1])[codes[:, level - 1]]
    places = np.arange(sizes[level])
    return (places >= ends[:, :1]) & (places < ends[:, 1:])
