"""What is wanted of rows of which a part is known of what several columns say together.

Where all of it is known, it is known in codes, and nothing needs to be wanted (see `holes`). Else the known cells are
wanted row by row, so that what is drawn for the others goes with them: one of two dates narrows the length between
them, a department its products. Of a text that is restated, nothing can be wanted; it stays as it is. A start that is
drawn as a week, a weekday and a time of day, and a length drawn beside it, rarely lead to just the end that is known:
so an end may be wanted nearly, as long as the start is not behind it. Where in its cell a place lies is drawn when it
is written, so of a place with one known coordinate a cell is wanted that reaches it.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tabgan.table import arrays
from tabgan.table.codec import TableCodec
from tabgan.table.encoders import Member
from tabgan.table.holes import Known
from tabgan.table.recast import Recast
from tabgan.table.restating.length import Length
from tabgan.table.restating.place import Place
from tabgan.table.restating.wall_clock import ticks_per_day
from tabgan.table.wanted import Wanted

Wants = dict[str, Wanted]


def partly_known(
    recast: Recast,
    codec: TableCodec,
    source: Known,
    known: Known,
    depths: NDArray[np.int64],
    *,
    missing: bool,
    slack_days: int = 0,
) -> tuple[Wants, Wants]:
    """What is wanted of columns that are restated, and of those that are learnt.

    Args:
        recast: from the table to the learnt columns.
        codec: of these.
        source: what is known of the table, n rows.
        known: what is known of the learnt columns.
        depths: of how many codes of each column of the layout they are known, shape (n, m).
        missing: whether a cell that is made may be a missing one.
        slack_days: how far from an end that is known the one that is made may be, where the start is not known.
    """
    restated: Wants = {}
    own: Wants = {}
    taken: set[str] = set()
    for step in recast.steps:
        names = [name for name in step.sources if name in source.cells and name not in taken]
        taken.update(names)
        whole = np.logical_and.reduce([source.known[name] for name in names]) if names else np.ones(0, np.bool_)
        # What other rows do not know is not known to a batch, so what stays as it is has to be wanted, too; of floats
        # of many decimals, which come back nearly from codes, it cannot be.
        kept = {spec.name for spec in step.learnt} if getattr(step, "digits", 0) is None else set()
        for name in names:
            rows = source.known[name] & ~whole & (name not in kept)
            wanted = _of_restated(recast, codec, name, source.cells[name], rows)
            wanted = _and_present(wanted, recast.schema[name].nullable and not missing, source.known[name])
            if wanted is not None:
                restated[name] = wanted
        if isinstance(step, Length) and all(name in source.cells for name in step.sources):
            _order(restated, step, source, recast.extents)
            _loosen(restated, step, source, slack_days)
        if isinstance(step, Place):
            own |= step.narrow({name: restated.pop(name) for name in names if name in restated}, {})
    for index in range(len(codec.layout.columns)):
        for name in (name for name in codec.names_of(index) if name not in taken and name in source.cells):
            wanted = _of_member(codec, name, known.cells[name], known.known[name] & (depths[:, index] == 0))
            wanted = _and_present(wanted, recast.schema[name].nullable and not missing, known.known[name])
            if wanted is not None:
                own[name] = wanted
    return restated, own


def _order(wants: Wants, step: Length, source: Known, extents: Mapping[str, tuple[int | float, int | float]]) -> None:
    """Wants a cell of a pair in the right order to the other one, where this alone is known."""
    low, high = step.sources
    if source.cells[low].type != source.cells[high].type or not {low, high} <= extents.keys():
        return
    for name, other in ((low, high), (high, low)):
        rows = source.known[other] & ~source.known[name]
        if not rows.any():
            continue
        numbers = arrays.numbers(source.cells[other])
        bound = np.full(len(rows), extents[name][name == low], numbers.dtype)
        bound[rows] = numbers[rows]
        before = Wanted(high=bound) if name == low else Wanted(low=bound)
        wants[name] = wants[name] & before if name in wants else before


def _loosen(wants: Wants, step: Length, source: Known, days: int) -> None:
    """Lets an end that is known alone be off by some days."""
    low, high = step.sources
    ends, dtype = wants.get(high), source.cells[high].type
    rows = source.known[high] & ~source.known[low]
    if not days or step.length is None or ends is None or ends.low is None or ends.high is None:
        return
    if pa.types.is_timestamp(dtype) or pa.types.is_date(dtype):
        span = np.where(rows, days * ticks_per_day(dtype), 0)
        wants[high] = replace(ends, low=ends.low - span, high=ends.high + span)


def _and_present(wanted: Wanted | None, present: bool, known: NDArray[np.bool_]) -> Wanted | None:
    """The same, and that cells that are not known come out filled where this is asked for."""
    if not present or known.all():
        return wanted
    filled = Wanted(missing=known.copy())
    return filled if wanted is None else wanted & filled


def _of_restated(
    recast: Recast, codec: TableCodec, name: str, cells: pa.Array, rows: NDArray[np.bool_]
) -> Wanted | None:
    if not rows.any():
        return None
    if name in recast.extents:
        low, high = (np.full(len(rows), end, arrays.view_dtype(cells.type)) for end in recast.extents[name])
        numbers = arrays.numbers(cells)
        low[rows] = high[rows] = numbers[rows]
        return Wanted(low=low, high=high, missing=~rows)
    if pa.types.is_boolean(cells.type):
        return _one_of(pa.array([False, True]), cells, rows)
    categories = getattr(codec.known.get(name), "categories", None)
    return None if categories is None else _one_of(categories.array, cells, rows)


def _of_member(codec: TableCodec, name: str, cells: pa.Array, rows: NDArray[np.bool_]) -> Wanted | None:
    member = codec.known[name]
    if not rows.any() or not isinstance(member, Member):
        return None
    return _one_of(member.categories.array, cells, rows)


def _one_of(categories: pa.Array, cells: pa.Array, rows: NDArray[np.bool_]) -> Wanted:
    """In `rows` the cell that is there, in others any of the categories."""
    found = pc.index_in(arrays.plain(cells), value_set=categories, skip_nulls=True)
    position = pc.fill_null(found, 0).to_numpy(zero_copy_only=False)
    known = rows & found.is_valid().to_numpy(zero_copy_only=False)
    allowed = np.ones((len(cells), len(categories)), np.bool_)
    allowed[known] = False
    allowed[known, position[known]] = True
    return Wanted(cells=categories, allowed=allowed, missing=~known)
