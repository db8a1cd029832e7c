"""In which order the codes of a row are made.

A row is made in stages, and a stage sees the finished cells of the stages before it. Where there is room each code has
a stage of its own, so that the stages together can say anything about a row; of a wide table, columns that tell little
about each other share their stages. The codes of one column follow each other, from coarse to fine.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

import numpy as np
import torch
from numpy.typing import NDArray

from tabgan.layout import EncodedTable, Layout

_SAMPLE, _BLOCK = 20_000, 2_000
_MAX_UNITS = 4_000


@dataclass(frozen=True)
class Part:
    """A code at its place in a plan.

    Attributes:
        code: as an index into the layout's codes.
        column: that it belongs to, as an index into the layout.
        size: its number of categories.
        previous: where in the plan the code before it of the same column stands; None for the first of its column.
        window: for each category of that code the range of its own that may follow; None if any may.
        scored: whether it ends a column with an order, so that the rank of the column's number is known from here on.
        units: what its categories take of the w one-hot units, which stand in the order of the plan.
        features: what it takes of the f features: its units, and one more if it is scored.
    """

    code: int
    column: int
    size: int
    previous: int | None
    window: tuple[tuple[int, int], ...] | None
    scored: bool
    units: slice
    features: slice


@dataclass(frozen=True)
class StagePlan:
    """The codes of a layout, dealt out to stages.

    Attributes:
        layout: of the table.
        stages: the codes of each stage, as indices into the layout's codes; each stands once, and the codes of one
            column stand in different stages, in their order.
    """

    layout: Layout
    stages: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        made = [code for stage in self.stages for code in stage]
        if sorted(made) != list(range(self.layout.n_codes)) or not all(self.stages):
            raise ValueError(f"each code must stand in one stage and no stage be empty, got {self.stages}")
        stage_of = {code: number for number, stage in enumerate(self.stages) for code in stage}
        for codes in self.layout.code_slices:
            numbers = [stage_of[code] for code in range(codes.start, codes.stop)]
            if any(later <= earlier for earlier, later in pairwise(numbers)):
                raise ValueError(f"the codes of a column must be made one after the other, got stages {numbers}")

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The layout's codes in the order in which they are made (k of them)."""
        return np.array([code for stage in self.stages for code in stage], np.intp)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The codes in the order in which they are made (k of them)."""
        layout, order = self.layout, self.order.tolist()
        places = {code: place for place, code in enumerate(order)}
        columns = [layout.code_columns[code] for code in order]
        levels = [layout.code_levels[code] for code in order]
        slots = [layout.columns[column] for column in columns]
        sizes = [own.cardinalities[level] for own, level in zip(slots, levels, strict=True)]
        last = [level + 1 == len(own.cardinalities) for own, level in zip(slots, levels, strict=True)]
        scored = [bool(own.ordered) and ends for own, ends in zip(slots, last, strict=True)]
        units, features = _tile(sizes), _tile(size + extra for size, extra in zip(sizes, scored, strict=True))
        return tuple(
            Part(
                code=code,
                column=columns[place],
                size=sizes[place],
                previous=places[code - 1] if levels[place] else None,
                window=slots[place].windows[levels[place] - 1] if levels[place] and slots[place].windows else None,
                scored=scored[place],
                units=units[place],
                features=features[place],
            )
            for place, code in enumerate(order)
        )

    @cached_property
    def stage_parts(self) -> tuple[slice, ...]:
        """Each stage's place among `parts`."""
        return _tile(len(stage) for stage in self.stages)

    @property
    def n_features(self) -> int:
        """f, the width of a row as the networks see it."""
        stop: int = self.parts[-1].features.stop
        return stop

    def arrange(self, codes: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
        """Codes (n, k) of the layout in the order in which they are made."""
        return codes[:, self.order]

    def restore(self, codes: NDArray[np.integer]) -> NDArray[np.unsignedinteger]:
        """The inverse of `arrange`, in the layout's type."""
        return codes[:, np.argsort(self.order)].astype(self.layout.code_dtype)


def _tile(sizes: Iterable[int]) -> tuple[slice, ...]:
    return tuple(slice(start, end) for start, end in pairwise(accumulate(sizes, initial=0)))


def plan_stages(table: EncodedTable, layout: Layout, max_stages: int, random: np.random.Generator) -> StagePlan:
    """The plan of a table.

    Columns without an order and those of a single code come first: numbers follow from categories more simply than
    categories from numbers. Of each kind, those that tell most about the others come first.

    Args:
        table: its rows say how much columns tell about each other; of many rows, 20,000 are looked at.
        layout: of the table.
        max_stages: at most as many stages, but never fewer than the most codes of a column.
        random: chooses the rows.
    """
    if len(table) > _SAMPLE:
        table = table[random.choice(len(table), _SAMPLE, replace=False)]
    firsts = [codes.start for codes in layout.code_slices]
    information = np.zeros((len(firsts), len(firsts)))
    if len(firsts) <= _MAX_UNITS // 2:
        information = mutual_information(
            *_merged(table.codes[:, firsts], [layout.cardinalities[code] for code in firsts])
        )
    numbers = [bool(slots.ordered) and len(slots.cardinalities) > 1 for slots in layout.columns]
    order = sorted(range(len(numbers)), key=lambda column: (numbers[column], -float(information[column].sum())))
    depths = layout.depths
    stages = []
    for group in _groups(order, depths, information, max_stages):
        for level in range(max(depths[column] for column in group)):
            stages.append([layout.code_slices[column].start + level for column in group if level < depths[column]])
    return StagePlan(layout, tuple(tuple(stage) for stage in stages))


def planning_bytes(layout: Layout, n_rows: int) -> int:
    """The memory that `plan_stages` takes at most."""
    if len(layout.columns) > _MAX_UNITS // 2:
        return 0
    firsts = sum(column.cardinalities[0] for column in layout.columns)
    units = min(firsts, max(_MAX_UNITS, 2 * len(layout.columns)))
    return 16 * min(n_rows, _SAMPLE) * len(layout.columns) + 4 * _BLOCK * units + 28 * units**2


def _merged(codes: NDArray[np.unsignedinteger], sizes: Sequence[int]) -> tuple[NDArray[np.int64], list[int]]:
    """Codes (n, m) with neighbouring categories merged until all columns together have at most `_MAX_UNITS`."""
    most = max(_MAX_UNITS // max(len(sizes), 1), 2)
    merged = [min(size, most) for size in sizes]
    found = codes.astype(np.int64)
    found *= merged
    found //= np.array(sizes)
    return found, merged


def _groups(
    order: Sequence[int], depths: Sequence[int], information: NDArray[np.float64], max_stages: int
) -> list[list[int]]:
    """Columns in groups that need at most `max_stages` stages, each group of columns of nearly the same rank."""
    for per_group in range(1, len(order) + 1):
        groups = _deal(order, information, per_group)
        if sum(max(depths[column] for column in group) for group in groups) <= max_stages:
            break
    return groups


def _deal(order: Sequence[int], information: NDArray[np.float64], per_group: int) -> list[list[int]]:
    """Groups of at most `per_group` columns: each column goes to the open group that knows least about it.

    Twice as many columns as a group holds are dealt out at a time, so that the order is kept by and large.
    """
    groups: list[list[int]] = []
    for start in range(0, len(order), 2 * per_group):
        window = order[start : start + 2 * per_group]
        halves: list[list[int]] = [[] for _ in range(-(-len(window) // per_group))]
        for column in window:
            # A column that none of the open groups knows anything about goes to the first.
            known = [(float(information[column, half].sum()), place) for place, half in enumerate(halves)]
            place = min(pair for pair in known if len(halves[pair[1]]) < per_group)[1]
            halves[place].append(column)
        groups += halves
    return groups


def _together(codes: NDArray[np.integer], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """How often each two units occur in the same row, shape (w, w); those of column i begin at `offsets[i]`."""
    counts = torch.zeros(int(offsets[-1]), int(offsets[-1]))
    for start in range(0, len(codes), _BLOCK):
        units = torch.from_numpy(codes[start : start + _BLOCK].astype(np.int64) + offsets[:-1])
        onehots = torch.zeros(len(units), len(counts)).scatter_(1, units, 1.0)
        counts.addmm_(onehots.T, onehots)
    found: NDArray[np.float64] = counts.double().numpy()
    return found


def mutual_information(codes: NDArray[np.integer], sizes: Sequence[int]) -> NDArray[np.float64]:
    """How much each two columns tell about each other, in nats, shape (m, m), zero on the diagonal.

    The plug-in estimate from the contingency tables, less its bias (Miller 1955).

    Args:
        codes: shape (n, m).
        sizes: the number of categories of each column.
    """
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    joint = _together(codes, offsets) / len(codes)
    alone = np.diag(joint)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0, joint * np.log(joint / np.outer(alone, alone)), 0.0)
    summed = np.add.reduceat(np.add.reduceat(terms, offsets[:-1], 0), offsets[:-1], 1)
    freedom = np.add.reduceat(alone > 0, offsets[:-1], dtype=np.float64) - 1
    found: NDArray[np.float64] = np.maximum(summed - np.outer(freedom, freedom) / (2 * len(codes)), 0)
    np.fill_diagonal(found, 0)
    return found
