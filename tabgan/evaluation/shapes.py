"""The shapes of short strings: where digits, letters and other marks stand, whichever they are.

"AB-1207" has the shape "AA-0000". Where nearly every cell has a shape of its own (names, hexadecimal ids), coarser
shapes are compared: runs of a class as one ("Aa Aa"), or letters and digits as the same ("xxxxxxxx-xxxx"). The finest
level is taken at which shapes of the real column repeat.

Counts have shape (K + 1,): K shapes, then the missing cells, of which there are none here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.evaluation.distances import TOTAL_VARIATION
from tabgan.evaluation.effect import estimates
from tabgan.evaluation.proportions import proportion
from tabgan.evaluation.results import Beside, Estimate, ShapeShare

MAX_CELLS = 100_000
MAX_CHARACTERS = 200
FEW_SHAPES = 20
SHAPES_PER_CELL = 0.05
SHOWN, SHOWN_CELLS = 5, 5

_CLASSES = ((r"\p{Ll}", "a"), (r"\p{Lu}", "A"), (r"[\p{Lo}\p{Lt}\p{Lm}]", "o"), (r"\p{Nd}", "0"))
_RUNS = tuple((f"{one}+", one) for one in "aAo0")
_ALIKE = ((r"[aAo0]", "x"),)
_ALIKE_RUNS = ((r"[aAo0]+", "x"),)
LEVELS = (_CLASSES, _CLASSES + _RUNS, _CLASSES + _ALIKE, _CLASSES + _ALIKE_RUNS)
"""Replacements one after the other, for shapes from fine to coarse."""


@dataclass(frozen=True)
class Shapes:
    """What the shapes of a column say, fields as in `WrittenResult`."""

    distance: Estimate
    known: Beside
    most_frequent: tuple[ShapeShare, ...]


def shape_of(cells: pa.Array, level: int) -> pa.Array:
    """The shape of each cell, of its first `MAX_CHARACTERS` characters.

    >>> shape_of(pa.array(["AB-1207", "Émile Zola"]), 0).to_pylist(), shape_of(pa.array(["AB-1207"]), 1).to_pylist()
    (['AA-0000', 'Aaaaa Aaaa'], ['A-0'])
    """
    cells = pc.utf8_slice_codeunits(cells, 0, MAX_CHARACTERS)
    for pattern, mark in LEVELS[level]:
        cells = pc.replace_substring_regex(cells, pattern, mark)
    return cells


def choose_level(cells: pa.Array) -> int:
    """The finest level at which the shapes of cells repeat; the coarsest where they never do."""
    enough = max(FEW_SHAPES, int(SHAPES_PER_CELL * len(cells)))
    return next(
        (level for level in range(len(LEVELS)) if pc.count_distinct(shape_of(cells, level)).as_py() <= enough),
        len(LEVELS) - 1,
    )


def compare_shapes(real: pa.Array, synthetic: pa.Array, held_out: pa.Array, draw: np.random.Generator) -> Shapes:
    """How differently shapes occur.

    Args:
        real: present cells as text, at least one.
        synthetic: likewise.
        held_out: likewise; there may be none.
        draw: for the floor and the interval.
    """
    level = choose_level(real)
    sides = [shape_of(side, level) for side in (real, synthetic, held_out)]
    names = pc.unique(pa.concat_arrays(sides))
    counts = [np.append(np.bincount(_places(side, names), minlength=len(names)), 0) for side in sides]
    distance = estimates((TOTAL_VARIATION,), counts[0], counts[1], draw, sparse=True)[0]
    return Shapes(distance, _known(counts), _most_frequent(names, counts))


def _places(cells: pa.Array, names: pa.Array) -> NDArray[np.int64]:
    return np.asarray(pc.index_in(cells, names).to_numpy(zero_copy_only=False), np.int64)


def _known(counts: list[NDArray[Any]]) -> Beside:
    """The share of cells whose shape the real column has; a real cell among the others."""
    real, synthetic, held_out = counts
    among = held_out if held_out.any() else real
    least = 1 if held_out.any() else 2
    return Beside(
        synthetic=proportion(int(synthetic[real > 0].sum()), int(synthetic.sum())),
        real=proportion(int(among[real >= least].sum()), int(among.sum())),
    )


def _most_frequent(names: pa.Array, counts: list[NDArray[Any]]) -> tuple[ShapeShare, ...]:
    """The shapes that most real cells have, of several cells each."""
    real, synthetic = (side[:-1] for side in counts[:2])
    order = [i for i in np.argsort(-real, kind="stable")[:SHOWN].tolist() if real[i] >= SHOWN_CELLS]
    totals = int(real.sum()), int(synthetic.sum())
    return tuple(
        ShapeShare(
            shape=names[i].as_py(),
            real=proportion(int(real[i]), totals[0]),
            synthetic=proportion(int(synthetic[i]), totals[1]),
        )
        for i in order
    )
