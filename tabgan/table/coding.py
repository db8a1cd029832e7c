"""Columns of a table as whole numbers, one for each different cell, so that cells can be counted in pairs."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from tabgan.table import arrays
from tabgan.table.columns import ColumnSpec
from tabgan.table.relations import Coded
from tabgan.table.summaries import ColumnSummary

NAMING = ("categorical", "high_cardinality")
"""Kinds of columns whose cells name things, so that they may determine other columns."""


def coded(column: pa.ChunkedArray) -> Coded:
    """The cells of a column; a missing one is a category."""
    found = arrays.plain(column).dictionary_encode(null_encoding="encode")
    return Coded(found.indices.to_numpy().astype(np.int32, copy=False), len(found.dictionary))


def countable(specs: Sequence[ColumnSpec], summaries: Mapping[str, ColumnSummary]) -> list[str]:
    """Columns whose cells may be counted in pairs: of numbers and times those with as few values as the rest."""
    counted = [spec for spec in specs if spec.kind != "constant" and summaries[spec.name].counts is not None]
    most = max((summaries[spec.name].n_distinct for spec in counted if spec.kind in NAMING), default=0)
    return [spec.name for spec in counted if spec.kind in NAMING or summaries[spec.name].n_distinct <= most]
