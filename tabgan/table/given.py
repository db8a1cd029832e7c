"""Given cells: what a cell that every row shall have means in codes, and how it is written into the rows.

A cell of a column that is encoded alone is its code. Cells of the columns of a hierarchy stand for all leaves that hold
them: the codes that these share are given.
"""

from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan import rng as streams
from tabgan.table.domains import Known
from tabgan.table.encoders import Encoder, HierarchyEncoder, Member
from tabgan.table.encoders.base import Codes, Values
from tabgan.table.intervals import settled

Literal: TypeAlias = pa.Scalar | pa.Array
"""What is written into a column: one cell into every row, or, of several numbers, the one that is nearest."""


def repeat(scalar: pa.Scalar, n: int) -> pa.Array:
    """`n` times the same cell."""
    return pa.repeat(scalar, n) if scalar.is_valid else pa.nulls(n, scalar.type)


def encode_cell(encoder: Encoder, name: str, scalar: pa.Scalar) -> tuple[Codes, Values]:
    """One cell of the column `name`, always with the same codes (1, k_j) and values (1, v_j).

    Raises:
        CellsError: if it cannot be encoded.
    """
    return encoder.encode(repeat(scalar, 1), streams.generator(0, "cells", name))


def filled(known: Known, name: str, literal: Literal, column: pa.Array) -> pa.Array:
    """The cells of the column `name` with a literal written into them, in the same Arrow type; shape (n,)."""
    if isinstance(literal, pa.Array):
        return settled(column, literal)
    n = len(column)
    if not pa.types.is_dictionary(column.type):
        return repeat(literal, n)
    if isinstance(known, Member):
        positions, missing = known.categories.find(repeat(literal, 1))
        return known.categories.take(positions.repeat(n), missing.repeat(n))
    codes, values = encode_cell(known, name, literal)
    return known.decode(codes.repeat(n, axis=0), values.repeat(n, axis=0))


def shared_codes(hierarchy: HierarchyEncoder, leaves: NDArray[np.intp]) -> tuple[Codes, bool]:
    """The first codes that some leaves share, shape (depth,), and whether all leaves that have them are meant.

    Args:
        hierarchy: the columns.
        leaves: ascending, at least one.
    """
    codes = hierarchy.codes[leaves]
    same = (codes == codes[0]).all(axis=0)
    depth = int(np.append(same, False).argmin())
    if not depth:
        return codes[0, :0], len(leaves) == len(hierarchy.counts)
    spans = hierarchy.spans[depth - 1]
    start, end = spans[np.searchsorted(spans[:, 1], leaves[0], side="right")]
    return codes[0, :depth], len(leaves) == end - start
