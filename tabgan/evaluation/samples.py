"""Three samples of equal size: real rows, a second sample of real rows, and synthetic rows.

What a measure says of synthetic rows beside real ones it also says of the second real rows in their place: what a
perfect synthesizer would get. Numbers that depend on the size of the sample, as most here do, can be compared only so.
The second sample are held-out rows where they are given (and not very few), else the other half of the real rows.

Letters used for shapes: n rows of each sample, f features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.evaluation.aligned import AlignedColumn, Codes
from tabgan.evaluation.embedding import embed
from tabgan.evaluation.results import Caveat

FEW_ROWS = 200

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Samples:
    """The samples' cells.

    Attributes:
        columns: the columns they are of.
        cells: for each column the positions in its support of the real rows, the second real rows and the synthetic
            rows, shape (3, n) each.
    """

    columns: tuple[AlignedColumn, ...]
    cells: tuple[Codes, ...]

    @property
    def n(self) -> int:
        """The rows of each sample."""
        return int(self.cells[0].shape[1])

    def points(self, max_features: int) -> NDArray[np.float32]:
        """The rows as points, shape (3, n, f)."""
        return embed(self.columns, [codes.ravel() for codes in self.cells], max_features).reshape(3, self.n, -1)

    def caveats(self) -> tuple[Caveat, ...]:
        """A warning where the samples are small."""
        text = f"only {self.n} rows of each kind, so every number here is very uncertain"
        return (Caveat("few_rows", text),) if self.n < FEW_ROWS else ()


def draw_samples(columns: Sequence[AlignedColumn], draw: np.random.Generator, max_rows: int, min_rows: int) -> Samples:
    """Draw rows without replacement, so that no real row is in both real samples.

    Args:
        columns: at least one.
        draw: draws the rows.
        max_rows: at most as many rows are in a sample.
        min_rows: how many a sample must have.

    Raises:
        ValueError: if there are no columns, or too few rows.
    """
    if not columns:
        raise ValueError("expected at least one column, got none")
    n_real, n_synthetic, n_held_out = (
        len(side) for side in (columns[0].real, columns[0].synthetic, columns[0].held_out)
    )
    uses_held_out = n_held_out >= min(FEW_ROWS, n_real // 2) and n_held_out > 0
    n = min(n_synthetic, max_rows, *((n_real, n_held_out) if uses_held_out else (n_real // 2,)))
    if n < min_rows:
        raise ValueError(
            f"it needs {min_rows} synthetic rows, and {min_rows} real rows beside {min_rows} held-out ones "
            f"or {2 * min_rows} real rows to split, and got {n_synthetic}, {n_real} and {n_held_out}"
        )
    order = draw.permutation(n_real)
    real, synthetic = order[:n], draw.permutation(n_synthetic)[:n]
    second = draw.permutation(n_held_out)[:n] if uses_held_out else order[n : 2 * n]
    cells = [
        np.stack(
            [
                column.real[real],
                (column.held_out if uses_held_out else column.real)[second],
                column.synthetic[synthetic],
            ]
        )
        for column in columns
    ]
    return Samples(tuple(columns), tuple(cells))


def sample_stream(seed: int, measure: str) -> np.random.Generator:
    """The generator that draws the samples of a measure."""
    return streams.generator(seed, measure, "samples")
