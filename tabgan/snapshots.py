"""Rows that a model drew while it was trained: as tensors of the model file, and as tables.

They are synthetic rows like any other, so a model file may hold them. Where in its cell a number lies is drawn with the
same seed for each snapshot, like the noise of its codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng
from tabgan.gan.history import CodeSnapshot
from tabgan.layout import EncodedTable, Layout
from tabgan.learnt import Learnt
from tabgan.table.restating.base import Rows

_PREFIX = "snapshot."


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Rows that the model drew at one step of its training.

    Attributes:
        step: generator steps done.
        rows: in the dtypes of the table that was learnt; row i has the same noise in every snapshot.
    """

    step: int
    rows: pd.DataFrame


def snapshots_to_tensors(snapshots: Sequence[CodeSnapshot]) -> dict[str, NDArray[np.unsignedinteger]]:
    """The snapshots' codes by the names that they have in a model file."""
    return {f"{_PREFIX}{snapshot.step}": snapshot.codes for snapshot in snapshots}


def snapshots_from_tensors(
    tensors: Mapping[str, NDArray[np.generic]], layout: Layout
) -> tuple[tuple[CodeSnapshot, ...], dict[str, NDArray[np.generic]]]:
    """The snapshots in the tensors of a model file, in the order of their steps, and all other tensors.

    Raises:
        ValueError: if there is a snapshot that rows of `layout` cannot have.
    """
    others = {name: array for name, array in tensors.items() if not name.startswith(_PREFIX)}
    found = [
        CodeSnapshot(int(name.removeprefix(_PREFIX)), _checked(name, array, layout))
        for name, array in tensors.items()
        if name.startswith(_PREFIX)
    ]
    return tuple(sorted(found, key=lambda snapshot: snapshot.step)), others


def _checked(name: str, codes: NDArray[np.generic], layout: Layout) -> NDArray[np.unsignedinteger]:
    if codes.dtype != layout.code_dtype or codes.ndim != 2 or codes.shape[1] != layout.n_codes or not len(codes):
        raise ValueError(f"expected rows of {layout.n_codes} codes of {layout.code_dtype} in {name!r}")
    if (codes >= np.array(layout.cardinalities)).any():
        raise ValueError(f"expected codes below their cardinalities in {name!r}")
    return codes.astype(layout.code_dtype)


def decode_snapshots(snapshots: Sequence[CodeSnapshot], learnt: Learnt, seed: int) -> tuple[tuple[int, pa.Table], ...]:
    """The step and the rows of each snapshot: the columns that can be compared, with numbers drawn in their cells."""
    decoded = []
    kept = [spec.name for spec in learnt.schema.modelled]
    for snapshot in snapshots:
        shape = len(snapshot.codes), learnt.coding.codec.layout.n_values
        values = rng.generator(seed, "snapshot values").uniform(-1, 1, shape).astype(np.float32)
        encoded = EncodedTable(snapshot.codes, values)
        decoded.append((snapshot.step, learnt.write(encoded, Rows(seed, 0, len(encoded)), kept=kept)))
    return tuple(decoded)
