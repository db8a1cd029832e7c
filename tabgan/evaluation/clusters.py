"""What the rows of a cluster have in common, in words.

A cluster is described by the columns whose cells differ most from those of the other rows: total variation distance
between the two, less what chance alone would give, so that names and numbers of which each occurs once do not come
first. What is said of a column holds for most of the cluster's rows, not for all, and other rows may share it.

Letters used for shapes: n rows, c clusters, K distinct values of a column.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.evaluation.aligned import AlignedColumn
from tabgan.evaluation.embedding import grouped, middle_ranks

MOST_COLUMNS = 3
_LEAST = 0.15
_TENTHS = 10
_MOST = 0.8
_MOST_VALUES = 3
_LONGEST = 40

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]


def describe(columns: Sequence[AlignedColumn], cells: Sequence[Codes], clusters: Codes) -> list[str]:
    """Each cluster in words, for example "`rating` is 5, `age` is 60 to 83".

    Args:
        columns: at least one.
        cells: positions in each column's support, shape (n,) each.
        clusters: the cluster of each row, from 0 to c - 1, shape (n,).

    Returns:
        c texts.
    """
    apart = np.stack([_apart(column, codes, clusters) for column, codes in zip(columns, cells, strict=True)], axis=1)
    texts = []
    for cluster, distances in enumerate(apart):
        order = np.argsort(-distances, kind="stable")[:MOST_COLUMNS]
        chosen = [i for i in order if distances[i] >= _LEAST]
        member = clusters == cluster
        parts = [f"`{columns[i].name}` {_values(columns[i], cells[i][member])}" for i in chosen]
        texts.append(", ".join(parts) or "no column stands out")
    return texts


def _apart(column: AlignedColumn, cells: Codes, clusters: Codes) -> Floats:
    """How far a column's cells in each cluster are from those in all others, beyond chance; shape (c,)."""
    if column.is_numeric:
        values = np.minimum((middle_ranks(column) * _TENTHS).astype(np.int64), _TENTHS - 1)
    else:
        values = grouped(column, cells)
    size = int(values.max(initial=0)) + 2
    codes = np.append(values, size - 1)[cells]
    c = int(clusters.max()) + 1
    counts = np.bincount(clusters * size + codes, minlength=c * size).reshape(c, size)
    rows, all_rows = counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    others = np.maximum(len(cells) - rows, 1)
    distance = np.abs(counts / np.maximum(rows, 1) - (all_rows - counts) / others).sum(axis=1) / 2
    share = all_rows / len(cells)
    spread = np.sqrt(share * (1 - share) * (1 / np.maximum(rows, 1) + 1 / others))
    return np.asarray(distance - spread.sum(axis=1) / np.sqrt(2 * np.pi))


def _values(column: AlignedColumn, cells: Codes) -> str:
    """What most cells are: a range without a tenth at either end, or the categories that make up four fifths."""
    present = cells[cells < len(column.support)]
    if 2 * len(present) < len(cells):
        return "is missing"
    if column.is_numeric:
        ends = np.sort(present)[[len(present) // 10, -1 - len(present) // 10]]
        texts = _numbers(column, ends)
        return f"is {texts[0]}" if texts[0] == texts[1] else f"is {texts[0]} to {texts[1]}"
    values, counts = np.unique(present, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_MOST_VALUES]
    reached = np.cumsum(counts[order]) / len(cells)
    enough = int(np.argmax(reached >= _MOST)) + 1 if reached[-1] >= _MOST else 0
    texts = [_short(text) for text in column.labels(np.sort(values[order[: enough or 1]]))]
    return f"is {' or '.join(texts)}" if enough else f"is often {texts[0]}"


def _numbers(column: AlignedColumn, positions: Codes) -> list[str]:
    if not pa.types.is_floating(column.support.type):
        return column.labels(positions)
    return [f"{n:,.0f}" if 1000 <= abs(n) < 1e15 else f"{n:.3g}" for n in column.numbers[positions].tolist()]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
