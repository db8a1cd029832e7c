"""Rows as points of a model's latent space: from rows to points, from points to rows, and ways between them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tabgan import rng
from tabgan.errors import InputError
from tabgan.gan import latent
from tabgan.learnt import Learnt
from tabgan.table.files import read_table
from tabgan.table.restating.base import Rows


class LatentSpace:
    """The latent space of a model: see `gan.latent` for what its numbers mean.

    Free text, keys and fakes have no place in it: rows from the same point have new ones.

    Args:
        learnt: what the model has learnt.
        seed: of the model.
    """

    def __init__(self, learnt: Learnt, seed: int) -> None:
        self._learnt, self._seed = learnt, seed

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The learnt column that each number of a latent vector belongs to (d of them)."""
        return latent.dimensions(self._learnt.coding.codec.layout)

    def of(self, data: object) -> NDArray[np.float64]:
        """The latent vectors (n, d) of rows of the table, which must be whole.

        Args:
            data: in any form that `TabGAN.fit` takes.

        Raises:
            InputError: if the rows do not fit the schema, or the model cannot make one of them.
        """
        coding = self._learnt.coding
        table = coding.schema.conform(read_table(data, text_columns=coding.schema.text_columns))
        restated = coding.recast.restate(table)
        return latent.latent_of(self._learnt.generator, coding.codec.encode(restated, rng.generator(self._seed, "of")))

    def rows(self, points: NDArray[np.float64], *, seed: int | None = None) -> pd.DataFrame:
        """The rows at latent vectors (n, d).

        Raises:
            InputError: if they have another shape, or hold anything but finite numbers.
        """
        points = _numbers(points)
        encoded = latent.rows_of(self._learnt.generator, points)
        if not len(encoded):
            raise InputError("expected at least one latent vector, got none")
        self._learnt.coding.recast.require_keys(len(encoded))
        rows = Rows(self._seed if seed is None else rng.checked_seed(seed), 0, len(encoded))
        return self._learnt.schema.to_pandas(self._learnt.write(encoded, rows))

    def between(self, first: object, second: object, steps: int = 8) -> pd.DataFrame:
        """Rows on the way from one row to another, both ends among them.

        Args:
            first: a table of one row.
            second: a table of one row.
            steps: how many rows, at least 2.

        Raises:
            InputError: as `of` does, or if there is more than one row on a side, or there are fewer than two steps.
        """
        if not isinstance(steps, int | np.integer) or steps < 2:
            raise InputError(f"steps must be a whole number of at least 2, got {steps!r}")
        return self.rows(latent.interpolate(self._one(first), self._one(second), int(steps)))

    def along(self, row: object, dimension: int, values: Sequence[float] = (-2, -1, 0, 1, 2)) -> pd.DataFrame:
        """What one number of a row's latent vector changes: the row at each of its `values`.

        Args:
            row: a table of one row.
            dimension: which number, see `dimensions`.
            values: of that number, which is standard normal over the rows that the model draws.

        Raises:
            InputError: as `of` does, or if there is no such dimension.
        """
        if not isinstance(dimension, int | np.integer) or not 0 <= dimension < len(self.dimensions):
            raise InputError(f"dimension must be a whole number in 0..{len(self.dimensions) - 1}, got {dimension!r}")
        return self.rows(latent.traverse(self._one(row), int(dimension), _numbers(values).ravel()))

    def _one(self, data: object) -> NDArray[np.float64]:
        points = self.of(data)
        if len(points) != 1:
            raise InputError(f"expected a table of one row, got {len(points)}")
        point: NDArray[np.float64] = points[0]
        return point


def _numbers(values: object) -> NDArray[np.float64]:
    try:
        return np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"expected numbers, got {values!r}") from error
