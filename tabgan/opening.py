"""How a table is taken in: as a whole into memory, or in passes over its files if it is too large for that.

A folder or a file that would take more memory than it may is read once, in batches: cells are counted, and as many
rows are drawn at random as training can draw at all; these lie in a temporary folder and are read through a memory map.
The folder goes whatever happens, short of a process that is killed. A table in memory is learnt as a whole, unless a
limit is asked for.
"""

import math
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from tabgan.errors import InputError, OutputError
from tabgan.free_memory import free_memory
from tabgan.gan.config import TrainingConfig
from tabgan.table.files import read_table
from tabgan.table.reading import read_whole
from tabgan.table.scan import scan
from tabgan.table.stream_files import estimated_bytes, open_stream
from tabgan.table.streams import MemoryStream, TableStream, bytes_per_row

GIB = 1 << 30
FREE_SHARE = 0.25
"""Of the free memory, what a table may take where nobody says otherwise; at most a GiB."""
DRAWN_SHARE = 0.5
"""Of the memory that a table may take, what the drawn rows may."""
MIN_DRAWN = 1_000
ENOUGH_DRAWN = 1 << 20
"""Rows that are drawn even if training takes fewer: they tell of distributions and rules, too."""
_COPIES = 3
"""Of the drawn rows on disk at a time: too many are drawn where nobody knows how many there are."""
_CODE_BYTES = 8
"""Of a column on disk, encoded: two codes and a value."""


@dataclass(frozen=True)
class ScanPlan:
    """What is about to happen to a table that is read in passes.

    Attributes:
        n_rows: of the table; None where only reading tells.
        most_rows: that are drawn at most.
        disk_bytes: that the drawn rows take at most, with what is made of them.
        folder: where they lie for the time of the training.
    """

    n_rows: int | None
    most_rows: int
    disk_bytes: int
    folder: Path


def memory_for(max_memory_gib: float | None) -> int:
    """The bytes that a table may take: what was asked for, else a quarter of the free memory, at most a GiB.

    What is free changes all the time, and a run that is resumed must draw the same rows: so it is a power of two.

    Raises:
        InputError: if what was asked for is no positive number.
    """
    if max_memory_gib is None:
        free = free_memory()
        return GIB if free is None else min(GIB, 1 << max(round(FREE_SHARE * free), 1).bit_length() - 1)
    if isinstance(max_memory_gib, bool) or not isinstance(max_memory_gib, int | float) or not max_memory_gib > 0:
        raise InputError(f"max_memory_gib must be a positive number of GiB, got {max_memory_gib!r}")
    return round(max_memory_gib * GIB) if math.isfinite(max_memory_gib) else 1 << 62


def rows_to_draw(config: TrainingConfig) -> int:
    """How many rows training draws from a table of any length, at most; more of them would teach it no more."""
    own = config.for_table(1 << 62)
    rows_a_step = 1 + (own.critic_steps or 1) * (own.adversarial_share or 0.0)
    return math.ceil(own.steps * own.batch_size * rows_a_step / (1 - own.holdout))


@contextmanager
def opened(
    data: object,
    config: TrainingConfig,
    *,
    seed: int,
    max_memory_gib: float | None = None,
    text_columns: Collection[str] = (),
    announce: Callable[[ScanPlan], object] | None = None,
) -> Iterator[object]:
    """A table for `Prepared.of`: what was given, or a `ScannedTable` that lasts as long as the context.

    Args:
        data: in any form that `TabGAN.fit` takes.
        config: the settings of training, which say how many rows can be drawn.
        seed: names the draw.
        max_memory_gib: GiB that the table may take in memory; None for a quarter of what is free, at most one.
        text_columns: columns of CSV files that are text even if it looks like numbers or times.
        announce: called with the plan before a table is read in passes.

    Raises:
        InputError: if there is no table.
        OutputError: if the disk has no room for the drawn rows.
    """
    limit = memory_for(max_memory_gib)
    table, stream = _taken(data, limit, text_columns, asked=max_memory_gib is not None)
    if stream is None:
        yield table
    else:
        with _temporary() as name:
            plan = _plan(stream, config, limit, Path(name))
            if announce is not None:
                announce(plan)
            yield scan(stream, plan.folder, most_rows=plan.most_rows, seed=seed)


def _temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes at the end of its context.

    Raises:
        OutputError: if there is no place for one.
    """
    try:
        return tempfile.TemporaryDirectory(prefix="tabgan-")
    except OSError as error:
        raise OutputError(
            f"expected a folder for temporary files, got none that can be written to ({error.strerror or error}); name "
            "one in the environment variable TMPDIR"
        ) from error


def _taken(
    data: object, limit: int, text_columns: Collection[str], *, asked: bool
) -> tuple[object, TableStream | None]:
    """A table as `Prepared.of` takes it, and in batches where it is too large for that.

    What is in memory already is taken as it is, unless it was `asked` for a limit.
    """
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        stream = open_stream(path, text_columns)
        if stream is None or estimated_bytes(stream) > limit:
            return data, stream
        return read_whole(stream) if path.is_dir() else data, None
    if asked and isinstance(data, pd.DataFrame | pa.Table):
        held = MemoryStream(read_table(data))
        return held.table, held if estimated_bytes(held) > limit else None
    return data, None


def _plan(stream: TableStream, config: TrainingConfig, limit: int, folder: Path) -> ScanPlan:
    """How many rows to draw, and what they take.

    Raises:
        OutputError: if the disk has no room for them.
    """
    row = bytes_per_row(stream)
    most = max(min(max(rows_to_draw(config), ENOUGH_DRAWN), int(DRAWN_SHARE * limit / row)), MIN_DRAWN)
    drawn = most if stream.n_rows is None else min(most, stream.n_rows)
    disk = round(drawn * (_COPIES * row + _CODE_BYTES * len(stream.schema)))
    free = shutil.disk_usage(folder).free
    if disk > free:
        raise OutputError(
            f"expected {disk / 1e9:.2g} GB of free disk in {str(folder.parent)!r} for rows drawn from {stream.name}, "
            f"got {free / 1e9:.2g} GB; free some space, or name another folder in the environment variable TMPDIR"
        )
    return ScanPlan(stream.n_rows, most, disk, folder)
