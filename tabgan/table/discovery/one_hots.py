"""One-hot groups: columns of 0 and 1 of which exactly one is 1 in every row.

A group adds up to 1, so its most frequent column follows from the others: it is 1 minus each of them. That is a linear
dependence, found by taking the columns one after the other, from rare to frequent, each without what the columns
before it explain. The sums that this needs are those of whole numbers, and what is found is checked in all rows.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays, dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import Combinations, OneHot
from tabgan.table.relations import MIN_EVIDENCE, Coded, find_groups
from tabgan.table.summaries import ColumnSummary

_NOTHING_LEFT = 1e-7
_SLACK = 1e-3
_BLOCK_CELLS = 1 << 23


def find_one_hots(
    table: pa.Table, specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary]
) -> tuple[OneHot, ...]:
    """Groups that share no column, as large as they can be, in the order of their first columns."""
    names = [spec.name for spec in specs if _is_binary(summaries[spec.name], spec)]
    if len(names) < 2:
        return ()
    cells = np.stack([dtypes.numeric_view(table[name])[0].astype(np.uint8) for name in names])
    found: list[list[int]] = []
    left = np.arange(len(names))
    while more := _groups(cells[left]):  # of groups that say the same, one pass sees the first alone
        found += [left[group].tolist() for group in more]
        left = np.setdiff1d(left, [index for group in found for index in group])
    return tuple(OneHot(tuple(names[index] for index in group)) for group in sorted(found))


def find_choices(table: pa.Table, groups: Sequence[OneHot]) -> tuple[Combinations, ...]:
    """Groups whose choice follows from that of another one, told by the first column of each."""
    choices = []
    for group in groups:
        cells = np.stack([dtypes.numeric_view(table[name])[0] for name in group.columns])
        choices.append(Coded(cells.argmax(axis=0).astype(np.int32), len(group.columns)))
    return tuple(
        Combinations(tuple(groups[index].columns[0] for index in sorted((chosen.leaf, *chosen.levels, *chosen.others))))
        for chosen in find_groups(choices, [True] * len(choices))
    )


def _groups(cells: NDArray[np.uint8]) -> list[list[int]]:
    """Groups among columns of 0 and 1, shape (k, n), that share no column."""
    if len(cells) < 2:
        return []
    order = np.argsort(cells.sum(axis=1, dtype=np.int64), kind="stable")
    found: list[list[int]] = []
    taken: set[int] = set()
    for group in _candidates(_products(cells[order])):
        chosen = sorted(order[group].tolist())
        if not taken.isdisjoint(chosen) or _evidence(cells[chosen]) < MIN_EVIDENCE:
            continue
        if (cells[chosen].sum(axis=0, dtype=np.uint16) == 1).all():
            found.append(chosen)
            taken.update(chosen)
    return found


def _is_binary(summary: ColumnSummary, spec: ColumnSpec) -> bool:
    """Whether cells are 0 and 1, none missing."""
    inner = spec.arrow_type
    if pa.types.is_dictionary(inner) or pa.types.is_temporal(inner) or not dtypes.is_numeric(inner):
        return False
    if summary.n_missing or summary.n_distinct != 2 or summary.counts is None:
        return False
    if pa.types.is_boolean(inner):
        return True
    return bool((arrays.numbers(summary.counts.values) == (0, 1)).all())


def _products(cells: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The scalar products of 1 and the columns with each other, shape (c + 1, c + 1)."""
    k, n = cells.shape
    found = np.zeros((k + 1, k + 1))
    rows = _BLOCK_CELLS // (k + 1) + 1
    for start in range(0, n, rows):
        block = np.ones((k + 1, min(rows, n - start)), np.float32)
        block[1:] = cells[:, start : start + rows]
        found += block @ block.T  # exact: whole numbers below 2**24
    return found


def _candidates(products: NDArray[np.float64]) -> list[list[int]]:
    """Columns that are 1 minus columns before them, each with those columns; column i is row i + 1 of `products`.

    The columns taken so far are kept as the inverse of the Cholesky factor of their products, a row for each.
    """
    sizes = np.sqrt(np.diag(products))
    scaled = products / np.outer(sizes, sizes)
    inverse = np.zeros_like(scaled)
    inverse[0, 0] = 1
    basis = [0]
    found = []
    for column in range(1, len(scaled)):
        k = len(basis)
        known = inverse[:k, :k] @ scaled[basis, column]
        share = known @ inverse[:k, :k]
        left = 1 - known @ known
        if left > _NOTHING_LEFT:
            inverse[k, :k], inverse[k, k] = -share / np.sqrt(left), 1 / np.sqrt(left)
            basis.append(column)
            continue
        share = share * sizes[column] / sizes[basis]
        whole = np.rint(share)
        if whole[0] == 1 and np.isin(whole[1:], (-1, 0)).all() and np.abs(share - whole).max() < _SLACK:
            members = [basis[place] - 1 for place in np.flatnonzero(whole[1:]) + 1]
            found.append([*members, column - 1])
    return found


def _evidence(cells: NDArray[np.uint8]) -> float:
    """How many rows of independent columns with such shares would not hold exactly one 1."""
    shares = cells.mean(axis=1)
    one = float(np.sum(shares / (1 - shares)) * np.prod(1 - shares))
    return float(cells.shape[1] * (1 - one))
