"""Careless fakes: rows as they are made by somebody who does not look at how cells go together.

They are what the realism score is learnt against, so they say what it is relative to. All are made of the codes of real
rows and cell by cell, so that each cell alone is one that the layout allows; what restatements and hierarchies keep
stays kept. None is made by a model: rows of the generator are no careless fakes.

Letters: n rows, k codes, m columns of the layout.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import ColumnSlots, Layout

Codes: TypeAlias = NDArray[np.integer[Any]]
SPREAD = 0.15
"""By what share of its places a number is moved, as a standard deviation."""


def shuffled(rows: Codes, others: Codes, layout: Layout, random: np.random.Generator) -> Codes:
    """Each cell is that of another row: columns keep their margins, and nothing goes together."""
    return _replaced(rows, others, layout, np.ones((len(rows), len(layout.columns)), np.bool_), random)


def replaced(rows: Codes, others: Codes, layout: Layout, random: np.random.Generator) -> Codes:
    """One cell or several, up to half of them, are those of other rows, each of a row of its own."""
    most = max(len(layout.columns) // 2, 1)
    return _replaced(rows, others, layout, _some(len(rows), len(layout.columns), most, random), random)


def uniform(rows: Codes, others: Codes, layout: Layout, random: np.random.Generator) -> Codes:
    """One cell or several, up to all of them, are any that the column has, rare ones as often as frequent ones."""
    made, columns = rows.copy(), layout.columns
    chosen = _some(len(rows), len(columns), len(columns), random)
    for column, (slots, codes) in enumerate(zip(columns, layout.code_slices, strict=True)):
        firsts = random.integers(slots.cardinalities[0], size=len(rows))
        made[:, codes] = np.where(chosen[:, [column]], _completed(slots, firsts, random), made[:, codes])
    return made


def moved(rows: Codes, others: Codes, layout: Layout, random: np.random.Generator) -> Codes:
    """All numbers lie a few places off, in the order of the table's own; what has no order stays as it is."""
    made = rows.copy()
    for slots, codes in zip(layout.columns, layout.code_slices, strict=True):
        if not _has_places(slots):
            continue
        step = np.rint(random.normal(0, SPREAD * slots.ordered, len(rows))).astype(np.int64)
        step[step == 0] = random.choice([-1, 1], int((step == 0).sum()))
        own = rows[:, codes]
        places = np.clip(own[:, 0].astype(np.int64) + step, 0, slots.ordered - 1)
        made[:, codes] = np.where((own[:, :1] < slots.ordered), _completed(slots, places, random), own)
    return made


MAKES: dict[str, Callable[[Codes, Codes, Layout, np.random.Generator], Codes]] = {
    "shuffled": shuffled,
    "replaced": replaced,
    "uniform": uniform,
    "moved": moved,
}
"""How fakes are made: rows (n, k) to start from, rows (r, k) to take cells from, the layout and a source of chance."""


def makes_for(layout: Layout) -> tuple[str, ...]:
    """The makes that change rows of a layout: numbers can be moved only where there are some."""
    numbers = any(_has_places(slots) for slots in layout.columns)
    return tuple(make for make in MAKES if make != "moved" or numbers)


def _has_places(slots: ColumnSlots) -> bool:
    return slots.ordered > 1


def _some(n: int, m: int, most: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """From one column to `most` of them, chosen for each row, shape (n, m)."""
    sizes = random.integers(1, most + 1, size=n)
    ranks: NDArray[np.bool_] = random.random((n, m)).argsort(1).argsort(1) < sizes[:, None]
    return ranks


def _replaced(
    rows: Codes, others: Codes, layout: Layout, chosen: NDArray[np.bool_], random: np.random.Generator
) -> Codes:
    made = rows.copy()
    for column, codes in enumerate(layout.code_slices):
        cells = others[random.integers(len(others), size=len(rows)), codes]
        made[:, codes] = np.where(chosen[:, [column]], cells, made[:, codes])
    return made


def _completed(slots: ColumnSlots, firsts: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    """Cells (n, k_j) whose first codes are these (n,), the codes after them any that may follow."""
    found = [firsts]
    for level, size in enumerate(slots.cardinalities[1:]):
        windows = np.array(slots.windows[level] if slots.windows else [(0, size)] * slots.cardinalities[level])
        low, high = windows[found[-1]].T
        found.append(low + (random.random(len(firsts)) * (high - low)).astype(np.int64))
    return np.stack(found, 1)
