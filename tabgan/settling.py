"""Several completions of the same rows, settled on one: in each hole the cell that most of them have.

Columns that rules or restatements hold together, such as the parts of a sum or the columns of a single choice, take
their cells from the same completion, the one in which they are most like all the others: put together from several,
they would break the rule.
"""

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.coding import Coding
from tabgan.table import arrays, dtypes
from tabgan.table.holes import overlaid
from tabgan.table.rewriting import joined, written_together


def linked(coding: Coding) -> tuple[frozenset[str], ...]:
    """The columns that are held together, as groups that have no column in common."""
    rules = (rule.names for rule in coding.schema.constraints)
    encoded = map(coding.codec.names_of, range(len(coding.codec.layout.columns)))
    return joined([*rules, *written_together(coding.recast), *encoded])


def settled(
    draws: Sequence[pa.Table], holes: pa.Table, groups: Sequence[Collection[str]], marks: NDArray[np.int64]
) -> pa.Table:
    """Of several completions of the same rows, in each hole the cell that most of them have; of numbers the median.

    Args:
        draws: tables of the same rows, d of them.
        holes: the rows as they were given.
        groups: columns that take their cells from the same completion.
        marks: shape (d, n), how good each row of each completion is; only the best ones count.
    """
    worse = marks < marks.max(axis=0)
    names, columns = holes.column_names, {}
    left = set(names)
    for group in [*groups, *([name] for name in names)]:
        own = [name for name in names if name in group and name in left]
        left.difference_update(own)
        drawn = {name: [dtypes.flatten(table[name]) for table in draws] for name in own}
        apart = sum((_apart(cells, ~worse) for cells in drawn.values()), np.zeros(marks.shape))
        chosen = np.where(worse, np.inf, apart).argmin(axis=0) * holes.num_rows + np.arange(holes.num_rows)
        for name, cells in drawn.items():
            columns[name] = pa.chunked_array(cells).combine_chunks().take(pa.array(chosen))
    return overlaid(holes, pa.Table.from_arrays([columns[name] for name in names], schema=holes.schema))


def _apart(drawn: Sequence[pa.Array], counts: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far each of d cells is from the others on average, from 0 to 1, shape (d, n); least for a median.

    Args:
        drawn: d times n cells.
        counts: shape (d, n), which of them count.
    """
    missing = np.stack([dtypes.missing(cells) for cells in drawn])
    if not arrays.has_order(drawn[0].type) or missing.any():
        codes = _codes(drawn)
        differ = (codes[:, None, :] != codes[None, :, :]).astype(np.float64)
    else:
        numbers = np.stack([arrays.numbers(cells).astype(np.float64) for cells in drawn])
        differ = np.abs(numbers[:, None, :] - numbers[None, :, :])
        differ /= np.maximum(differ.max(axis=(0, 1)), np.finfo(np.float64).tiny)
    return np.asarray((differ * counts[None, :, :]).sum(axis=1) / counts.sum(axis=0), np.float64)


def _codes(drawn: Sequence[pa.Array]) -> NDArray[np.int64]:
    """Cells as numbers, the same number for the same cell, shape (d, n)."""
    plain = pa.concat_arrays([arrays.plain(cells) for cells in drawn])
    codes = plain.dictionary_encode(null_encoding="encode").indices.to_numpy()
    return np.asarray(codes, np.int64).reshape(len(drawn), -1)
