"""From the coordinates that are wanted to the cells that reach into them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tabgan.table import arrays
from tabgan.table.wanted import Wanted

if TYPE_CHECKING:
    from tabgan.table.restating.place import Place

_MAX_CHOICES = 50_000_000


def narrow(place: "Place", wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
    """What is wanted of the cells, unless they are known already; see `Restatement.narrow`."""
    cell, part = place.learnt_names
    wants = [(axis, wanted[name]) for axis, name in enumerate(place.names) if name in wanted]
    found: dict[str, Wanted] = {}
    if wants and cell not in known:
        ranges = _cells(place, wants)
        choices = None if ranges is None else pa.array(np.arange(len(place.boxes)))
        missing, present = _missing(place, [want for _, want in wants])
        found[cell] = Wanted(cells=choices, allowed=ranges, missing=missing, present=present)
    if wants and place.apart and part not in known:
        found[part] = _parts(wants)
    return found


def _cells(place: "Place", wants: list[tuple[int, Wanted]]) -> NDArray[np.bool_] | None:
    """Which cells each row may have, shape (n or 1, c); None where all may do, or rows are too many to tell."""
    allowed: NDArray[np.bool_] | None = None
    for axis, want in wants:
        low, high = _ends(want)
        if place.apart and (want.missing is None or want.missing.any()):
            continue  # a cell says nothing of a coordinate that is left out in the end
        if low is None or high is None or len(low) * len(place.boxes) > _MAX_CHOICES:
            continue
        box = place.box_array[:, axis]
        reaches = (box[None, :, 1] >= low[:, None]) & (box[None, :, 0] <= high[:, None])
        allowed = reaches if allowed is None else allowed & reaches
    return allowed


def _ends(want: Wanted) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """The range of the wanted coordinates, shapes (n or 1,); above each other where there are none."""
    if want.low is None and want.high is None and want.cells is None:
        return None, None
    low = np.array([-np.inf]) if want.low is None else np.asarray(want.low, np.float64)
    high = np.array([np.inf]) if want.high is None else np.asarray(want.high, np.float64)
    if want.cells is not None:
        numbers = arrays.numbers(want.cells)
        allowed = np.ones((1, len(numbers)), np.bool_) if want.allowed is None else want.allowed
        low = np.maximum(low, np.where(allowed, numbers, np.inf).min(axis=1, initial=np.inf))
        high = np.minimum(high, np.where(allowed, numbers, -np.inf).max(axis=1, initial=-np.inf))
    low, high = np.broadcast_arrays(low, high)
    return low, high


def _missing(place: "Place", wants: list[Wanted]) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_] | None]:
    """Whether a missing and a present place will do, as far as all wants say."""
    missing: NDArray[np.bool_] | None = None
    present: NDArray[np.bool_] | None = None
    for want in wants:
        if want.missing is not None:
            missing = want.missing if missing is None else missing & want.missing
        if want.present is not None and not place.apart:
            present = want.present if present is None else present & want.present
    return missing, present


def _parts(wants: list[tuple[int, Wanted]]) -> Wanted:
    """Which coordinates may be left out where they are not all wanted to be missing."""
    allowed = np.ones((1, 3), np.bool_)
    for axis, want in wants:
        if want.missing is not None:
            without = np.arange(3) == 1 + axis
            allowed = allowed & (want.missing[:, None] | ~without)
    return Wanted(cells=pa.array([0, 1, 2], pa.int64()), allowed=allowed)
