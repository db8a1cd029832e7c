"""A learnt column that says where cells are filled, for columns of which nothing else is learnt."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.encoders.base import CellsError
from tabgan.table.restating.base import FreeName
from tabgan.table.wanted import Wanted


def name_there(name: str, cells: pa.Array, free: FreeName) -> str | None:
    """The name of the learnt column; None if no cell is missing, so that there is nothing to learn."""
    return free(name, "there") if dtypes.missing(cells).any() else None


def there_specs(name: str, there: str | None) -> tuple[ColumnSpec, ...]:
    """The learnt column, or none."""
    if there is None:
        return ()
    reason = f"whether {name!r} is filled: categorical"
    return (ColumnSpec(name=there, kind="categorical", dtype="bool", nullable=False, reason=reason),)


def to_there(cells: pa.Array, there: str | None) -> list[pa.Array]:
    """The cells of the learnt column, where there is one.

    Raises:
        CellsError: if there is none, and cells are missing.
    """
    missing = dtypes.missing(cells)
    if there is not None:
        return [pa.array(~missing)]
    if missing.any():
        raise CellsError(
            f"expected no missing cells, as at fitting, got {int(missing.sum())}; fill them, "
            f"or fit on a table that has some"
        )
    return []


def filled(columns: Sequence[pa.Array], n: int) -> NDArray[np.bool_]:
    """Which cells of the source are filled, shape (n,)."""
    if not columns:
        return np.ones(n, np.bool_)
    there: NDArray[np.bool_] = columns[0].fill_null(False).to_numpy(zero_copy_only=False).astype(np.bool_)
    return there


def narrow_there(name: str, there: str | None, wanted: Mapping[str, Wanted]) -> dict[str, Wanted]:
    """What is wanted of the learnt column."""
    want = wanted.get(name)
    if there is None or want is None or (want.present is None and want.missing is None):
        return {}
    one = np.ones(1, np.bool_)
    present, missing = np.broadcast_arrays(
        one if want.present is None else want.present, one if want.missing is None else want.missing
    )
    return {there: Wanted(cells=pa.array([True, False]), allowed=np.stack([present, missing], axis=1))}
