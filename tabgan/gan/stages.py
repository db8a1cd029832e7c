"""In which order the parts of a row are made.

Cells made all at once can depend on each other only through the noise, and a network needs long to turn noise into two
categories that always agree. So a row is made in a few stages: a stage sees the finished cells of the stages before it,
and columns that tell much about each other are put into different stages. Each code of a column is a part of its own
(a value goes with the code that gates it), so that the position of an id in its group is made after the group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tabgan.layout import ColumnSlots, EncodedTable, Layout


@dataclass(frozen=True)
class Part:
    """A code with its value, a code, or a value.

    Attributes:
        column: the column that it belongs to, as an index into the layout.
        code: its code, as an index into the row's codes; None for a value without a code.
        value: its value, as an index into the row's values; None for a code without a value.
        slots: what it takes of a row.
    """

    column: int
    code: int | None
    value: int | None
    slots: ColumnSlots


def split(layout: Layout) -> tuple[Part, ...]:
    """The parts of a layout, in its order."""
    found = []
    for index, column in enumerate(layout.columns):
        codes, values = layout.code_slices[index], layout.value_slices[index]
        value = values.start if column.has_value else None
        if not column.cardinalities:
            found.append(Part(index, None, value, column))
        for place, (code, size) in enumerate(zip(range(codes.start, codes.stop), column.cardinalities, strict=True)):
            gates = value is not None and place == 0
            slots = ColumnSlots(f"{column.name}[{place}]", (size,), gates, column.live if gates else 0)
            found.append(Part(index, code, value if gates else None, slots))
    return tuple(found)


@dataclass(frozen=True)
class StagePlan:
    """The parts of a layout, dealt out to stages.

    Attributes:
        layout: of the table.
        stages: the parts of each stage, as indices into `split(layout)`; each part stands once.
    """

    layout: Layout
    stages: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        dealt = sorted(part for stage in self.stages for part in stage)
        if dealt != list(range(len(split(self.layout)))) or not all(self.stages):
            raise ValueError(f"each part must stand in one stage and no stage be empty, got {self.stages}")

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All parts in the order in which they are made."""
        parts = split(self.layout)
        return tuple(parts[index] for stage in self.stages for index in stage)

    @cached_property
    def stage_layouts(self) -> tuple[Layout, ...]:
        """The layout of each stage; its columns are the parts."""
        parts = split(self.layout)
        return tuple(Layout(tuple(parts[index].slots for index in stage)) for stage in self.stages)

    @cached_property
    def staged(self) -> Layout:
        """The layout of a whole row in the order in which it is made; its columns are the parts."""
        return Layout(tuple(part.slots for part in self.parts))

    @cached_property
    def part_stages(self) -> tuple[int, ...]:
        """The stage of each of `parts`."""
        return tuple(number for number, stage in enumerate(self.stages) for _ in stage)

    @cached_property
    def _codes(self) -> NDArray[np.intp]:
        return np.array([part.code for part in self.parts if part.code is not None], np.intp)

    @cached_property
    def _values(self) -> NDArray[np.intp]:
        return np.array([part.value for part in self.parts if part.value is not None], np.intp)

    def arrange(self, table: EncodedTable) -> EncodedTable:
        """The rows of a table in the order of `staged`."""
        return EncodedTable(table.codes[:, self._codes], table.values[:, self._values])

    def restore(self, table: EncodedTable) -> EncodedTable:
        """The inverse of `arrange`."""
        return EncodedTable(table.codes[:, np.argsort(self._codes)], table.values[:, np.argsort(self._values)])


def one_stage(layout: Layout) -> StagePlan:
    """The plan that makes all parts at once."""
    return StagePlan(layout, (tuple(range(len(split(layout)))),))


def plan_stages(layout: Layout, information: NDArray[np.floating], n_stages: int) -> StagePlan:
    """Deal the parts out so that those which tell much about each other stand in different stages.

    Parts without a value come first: numbers follow from categories more simply than categories from numbers, and it is
    categories that conditions mostly name. Of each kind, parts are taken from the most to the least telling; each goes
    to the stage that knows least about it so far.

    Args:
        layout: of the table.
        information: shape (p, p), how much each part of `split(layout)` tells about each other one.
        n_stages: at most as many stages, of about equal numbers of parts; at least 2 where there are both kinds.
    """
    parts = split(layout)
    plain = [index for index, part in enumerate(parts) if part.value is None]
    valued = [index for index, part in enumerate(parts) if part.value is not None]
    # Rounded to even, halves of both kinds could come to one stage too many.
    n_plain = min(round(n_stages * len(plain) / len(parts)), n_stages - bool(valued), len(plain))
    n_plain = max(n_plain, min(len(plain), 1))
    stages = _deal(plain, information, n_plain)
    stages += _deal(valued, information, min(max(n_stages - n_plain, 1), len(valued)))
    return StagePlan(layout, tuple(tuple(stage) for stage in _after_their_first_code(layout, stages)))


def _deal(parts: Sequence[int], information: NDArray[np.floating], n_stages: int) -> list[list[int]]:
    stages: list[list[int]] = [[] for _ in range(n_stages)]
    for part in sorted(parts, key=lambda part: -float(information[part].sum())):
        open_stages = [stage for stage in stages if len(stage) * n_stages < len(parts)]
        min(open_stages, key=lambda stage: _overlap(information[part], stage)).append(part)
    return [stage for stage in stages if stage]


def _overlap(information: NDArray[np.floating], stage: Sequence[int]) -> tuple[float, int]:
    return float(information[list(stage)].sum()), len(stage)


def _after_their_first_code(layout: Layout, stages: list[list[int]]) -> list[list[int]]:
    """The same stages with the codes of each column in order, so that a position follows its group."""
    places = {part: (number, place) for number, stage in enumerate(stages) for place, part in enumerate(stage)}
    parts = split(layout)
    for column in range(len(layout.columns)):
        own = [index for index, part in enumerate(parts) if part.column == column]
        for index, (number, place) in zip(own, sorted(places[index] for index in own), strict=True):
            stages[number][place] = index
    return stages
