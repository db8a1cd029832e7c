"""What a fit is going to take, told before it begins: its size, its memory, and whether that is there.

What training takes follows from the layout and the settings (`gan.room`); to this come what the process holds already,
the table among it, and the table's encoded form. A fit that would not come to its end is refused before any work is
lost, with what takes how much and what to change. Nothing is refused where it is not known how much memory is free.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch

from tabgan.errors import InputError
from tabgan.free_memory import free_memory, held_memory
from tabgan.gan.config import TrainingConfig
from tabgan.gan.room import Demand, demand, free_on, n_features
from tabgan.layout import Layout

BASE_BYTES = 350 << 20
"""What a process holds that has imported everything and read nothing."""
NAMED = 5
_MIB, _GIB = 1 << 20, 1 << 30
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Forecast:
    """What a fit is going to take.

    Attributes:
        n_rows: of the table.
        n_learnt: rows of it that are encoded, to learn from and to be watched on.
        n_columns: of the table.
        n_codes: of a row.
        n_units: categories of all codes together.
        memory_bytes: at the peak, with all that the process and those at its side hold.
        available_bytes: what they may hold: what this process holds now and what is free; None where it is not known.
        disk_bytes: of files that are written on the way and deleted after.
        folder: where to; None if none are.
    """

    n_rows: int
    n_learnt: int
    n_columns: int
    n_codes: int
    n_units: int
    memory_bytes: int
    available_bytes: int | None
    disk_bytes: int = 0
    folder: str | None = None

    @property
    def fits(self) -> bool:
        """Whether the memory is there, as far as is known."""
        return self.available_bytes is None or self.memory_bytes <= self.available_bytes


Listener: TypeAlias = Callable[[Forecast], object]


@dataclass(frozen=True)
class Size:
    """How large a table is, as read and as it will be encoded.

    Attributes:
        n_rows: of the table.
        n_learnt: rows that are encoded.
        n_columns: of the table.
        encoded_bytes: of the encoded rows that will be in memory.
        disk_bytes: as in `Forecast`.
        folder: likewise.
    """

    n_rows: int
    n_learnt: int
    n_columns: int
    encoded_bytes: int
    disk_bytes: int = 0
    folder: str | None = None

    @classmethod
    def of(cls, layout: Layout, n_rows: int, n_columns: int) -> "Size":
        """That of a table which is encoded as a whole, in memory."""
        row = layout.n_codes * layout.code_dtype.itemsize + 4 * layout.n_values
        return cls(n_rows, n_rows, n_columns, n_rows * row)


def foresee(
    layout: Layout,
    config: TrainingConfig,
    size: Size,
    *,
    device: torch.device = _CPU,
    processes: int = 1,
    checkpoints: bool = False,
    held_bytes: int = BASE_BYTES,
    free_bytes: int | None = None,
) -> Forecast:
    """What a fit is going to take.

    Args:
        layout: of an encoded row.
        config: the settings.
        size: of the table.
        device: where the networks learn; where it has a memory of its own, that is not counted.
        processes: that learn side by side.
        checkpoints: whether they are written on the way.
        held_bytes: what this process holds.
        free_bytes: what it may take beside that; None if it is not known.
    """
    own = demand(layout, config, size.n_learnt, checkpoints=checkpoints)
    learning = own.peak if device.type == "cpu" else own.beside_device
    held = max(held_bytes, BASE_BYTES)
    one = learning + size.encoded_bytes
    # Where there are several, this process only waits, and holds the rows once more for the one that begins.
    taken = one if processes == 1 else 2 * size.encoded_bytes + processes * (BASE_BYTES + one)
    return Forecast(
        n_rows=size.n_rows,
        n_learnt=size.n_learnt,
        n_columns=size.n_columns,
        n_codes=layout.n_codes,
        n_units=layout.width,
        memory_bytes=held + taken,
        available_bytes=None if free_bytes is None else held + free_bytes,
        disk_bytes=size.disk_bytes,
        folder=size.folder,
    )


def most_at_a_time(layout: Layout, config: TrainingConfig, size: Size, most: int) -> int:
    """How many processes, up to `most`, may learn side by side in the memory that is there; at least 1."""
    held, free = held_memory(), free_memory()
    counts = range(most, 1, -1)
    fits = (foresee(layout, config, size, processes=n, held_bytes=held, free_bytes=free).fits for n in counts)
    return next((n for n, fit in zip(counts, fits, strict=True) if fit), 1)


def announce(
    layout: Layout,
    config: TrainingConfig,
    size: Size,
    *,
    device: torch.device = _CPU,
    processes: int = 1,
    checkpoints: bool = False,
    listener: Listener | None = None,
) -> Forecast:
    """Tell what a fit is going to take, and refuse it if the memory for it is not there.

    Args:
        layout: of an encoded row.
        config: the settings.
        size: of the table.
        device: where the networks learn.
        processes: that learn side by side.
        checkpoints: whether they are written on the way.
        listener: is told, whether the fit is refused or not.

    Raises:
        InputError: if there is not enough memory; naming what takes most, the widest columns, and what to change.
    """
    held, free = held_memory(), free_memory()
    found = foresee(
        layout,
        config,
        size,
        device=device,
        processes=processes,
        checkpoints=checkpoints,
        held_bytes=held,
        free_bytes=free,
    )
    if listener is not None:
        listener(found)
    own, there = demand(layout, config, size.n_learnt, checkpoints=checkpoints), free_on(device)
    if there is not None and own.peak > there:
        raise InputError(_refusal(layout, config, size, own, processes, there, own.peak, f"device {device}"))
    if found.available_bytes is not None and not found.fits:
        about = found.available_bytes, found.memory_bytes, "this machine"
        raise InputError(_refusal(layout, config, size, own, processes, *about))
    return found


def _refusal(
    layout: Layout,
    config: TrainingConfig,
    size: Size,
    own: Demand,
    processes: int,
    there: int,
    needed: int,
    place: str,
) -> str:
    widest = sorted(layout.columns, key=lambda column: -sum(column.cardinalities))[:NAMED]
    named = ", ".join(f"{column.name!r} ({sum(column.cardinalities):,} categories)" for column in widest)
    said = [
        f"expected training to fit into the {in_words(there)} of memory that {place} has for it, got a table that "
        f"takes about {in_words(needed)}; nothing has been learnt yet",
        f"of these, {_parts(own, size)}",
        f"what to change: {'; '.join(_remedies(layout, own, config, size, processes))}",
        f"the widest of {len(layout.columns):,} encoded columns with {layout.width:,} categories in all: {named}",
    ]
    return "\n  - ".join(said)


def _parts(own: Demand, size: Size) -> str:
    parts = {
        "the networks and their copies": own.weights,
        "a step of training": own.step,
        "the rows held out": own.looks,
        "the realism of rows": own.realism,
        "writing a checkpoint": own.checkpoint,
        "the encoded rows": own.rows + size.encoded_bytes,
    }
    return ", ".join(
        f"{in_words(taken)} for {name}" for name, taken in sorted(parts.items(), key=lambda item: -item[1])
    )


def _remedies(layout: Layout, own: Demand, config: TrainingConfig, size: Size, processes: int) -> list[str]:
    """What helps, what helps most first."""
    batch = config.for_table(size.n_learnt, n_features(layout)).batch_size
    narrowest = Layout((min(layout.columns, key=lambda column: sum(column.cardinalities)),))
    deep = demand(narrowest, config, size.n_learnt).weights
    known = [
        (own.step, f"set batch_size below {batch:,}"),
        (
            own.weights - deep,
            "give columns with many categories the kind high_cardinality in the schema, or leave them out",
        ),
        (deep, "set generator_width and critic_width lower"),
        (own.checkpoint, "write no checkpoints"),
        (own.rows + size.encoded_bytes, "fit fewer rows"),
    ]
    first = ["run fewer processes at a time"] if processes > 1 else []
    return first + [said for taken, said in sorted(known, key=lambda item: -item[0]) if taken > 0]


def in_words(n_bytes: int) -> str:
    """Bytes as a person would say them.

    >>> in_words(250 << 20), in_words(5 << 29)
    ('250 MiB', '2.5 GiB')
    """
    return f"{n_bytes / _GIB:.1f} GiB" if n_bytes >= _GIB else f"{round(n_bytes / _MIB):,} MiB"
