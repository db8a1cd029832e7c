"""Tables of any size to learn from: seeded, mixed, and with columns that hang together.

Rows come from five hidden numbers. Half of the columns are continuous, some of them bent, a fifth are whole numbers
with a long tail, the rest are categories with Zipf's frequencies whose choice leans on a hidden number. Two seeds give
two samples of one population. A table is written in parts, so that it never stands in memory as a whole.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from numpy.typing import NDArray

HIDDEN = 5
MANY = 5_000
"""Categories beyond which chance alone would leave many out."""
_PART = 500_000


def part(rows: int, columns: int, categories: int, seed: int, *, number: int = 0) -> pa.Table:
    """One part of a table.

    Args:
        rows: of the part.
        columns: at least 3.
        categories: of each column of categories.
        seed: names the table.
        number: of the part.
    """
    rng = np.random.default_rng([seed, number])
    hidden = rng.normal(size=(rows, HIDDEN))
    cells: dict[str, Any] = {}
    for i in range(columns // 2):
        level = hidden[:, i % HIDDEN] + 0.5 * hidden[:, (i + 1) % HIDDEN] ** (1 + i % 2) + rng.normal(size=rows)
        cells[f"number_{i}"] = (np.exp(level / 2) if i % 3 == 2 else level).round(4)
    for i in range(columns // 5):
        cells[f"count_{i}"] = rng.poisson(np.exp(1 + hidden[:, i % HIDDEN] / 2))
    for i in range(columns - len(cells)):
        cells[f"category_{i}"] = pa.DictionaryArray.from_arrays(
            _categories(hidden[:, i % HIDDEN], categories, rng, number * _PART), _names(categories)
        ).cast(pa.string())
    return pa.table(cells)


def _categories(level: NDArray[np.float64], categories: int, rng: np.random.Generator, first: int) -> pa.Array:
    """Places of categories: frequencies fall as 1 / rank, and the hidden number says which end of the ranks is near.

    Of very many categories, every other row takes the next one in turn, so that all occur.
    """
    own = 0.7 * level + 0.7 * rng.normal(size=len(level))
    share = np.clip(0.5 + own / 6, 0, 1 - 1e-9)
    places = np.minimum(categories**share - 1 + rng.random(len(level)), categories - 1).astype(np.int64)
    if categories > MANY:
        turns = first + np.arange(len(level))
        places = np.where(turns % 2, turns // 2 % categories, places)
    return pa.array(places.astype(np.int32))


def _names(categories: int) -> pa.Array:
    return pa.array([f"c{i:07d}" for i in range(categories)])


def write(path: Path, rows: int, columns: int, categories: int, seed: int) -> Path:
    """The whole table as a Parquet file, unless it is there already."""
    if path.exists():
        return path
    unfinished = path.with_suffix(".part")
    writer = None
    for number, start in enumerate(range(0, rows, _PART)):
        block = part(min(_PART, rows - start), columns, categories, seed, number=number)
        writer = pyarrow.parquet.ParquetWriter(unfinished, block.schema) if writer is None else writer
        writer.write_table(block)
    if writer is not None:
        writer.close()
    unfinished.rename(path)
    return path
