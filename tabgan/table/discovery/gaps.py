"""Columns whose cells are missing in exactly the same rows."""

from collections.abc import Mapping, Sequence
from math import lgamma

import numpy as np
import pyarrow as pa

from tabgan.table import dtypes
from tabgan.table.columns import ColumnSpec
from tabgan.table.constraints import MissingTogether
from tabgan.table.relations import MIN_EVIDENCE
from tabgan.table.summaries import ColumnSummary


def find_missing_together(
    table: pa.Table, specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary]
) -> tuple[MissingTogether, ...]:
    """Groups of columns with the same missing cells, where as many cells would hardly be the same ones by chance."""
    groups: dict[bytes, list[str]] = {}
    for spec in specs:
        if _evidence(table.num_rows, summaries[spec.name].n_missing) >= MIN_EVIDENCE:
            mask = np.packbits(dtypes.missing(table[spec.name])).tobytes()
            groups.setdefault(mask, []).append(spec.name)
    return tuple(MissingTogether(tuple(names)) for names in groups.values() if len(names) > 1)


def _evidence(n: int, k: int) -> float:
    """The logarithm of the number of ways in which `k` of `n` rows can be chosen."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
