"""Single cells in the words of the learnt table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tabgan.errors import ConditionError
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.conditions import condition_of
from tabgan.table.encoders import CellsError
from tabgan.table.recast import Recast
from tabgan.table.restated import restate_cells
from tabgan.table.restating.base import Rows
from tabgan.table.restating.place import Place
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize
from tabgan.table.wanted import Wanted
from tests.table.walks import walk

DAYS = 400
FILLED = {"present": np.ones(1, np.bool_), "missing": np.zeros(1, np.bool_)}


def column(name: str, dtype: str = "int64", nullable: bool = False) -> ColumnSpec:
    return ColumnSpec(name=name, kind="continuous", dtype=dtype, nullable=nullable)


@dataclass(frozen=True)
class Weeks:
    """A date as a week and a day; what comes before 1970 is refused, and days from 300 on are written a day late."""

    name: str
    kind: ClassVar[str] = "weeks"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        return (column("week", nullable=True), column("day", nullable=True))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        days = columns[0].cast(pa.int32()).cast(pa.int64())
        if pc.any(pc.less(days, 0)).as_py():
            raise CellsError("expected days from 1970 on")
        weeks = pc.divide(days, 7)
        return [weeks, pc.subtract(days, pc.multiply(weeks, 7))]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        days = pc.add(pc.multiply(columns[0], 7), columns[1])
        late = pc.add(days, pc.greater_equal(days, 300).cast(pa.int64()))
        return [late.cast(pa.int32()).cast(pa.date32())]

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        return {}


@dataclass(frozen=True)
class Gap:
    """A second number as what it is more than the first, which is a learnt one of `Weeks`."""

    kind: ClassVar[str] = "gap"
    sources: ClassVar[tuple[str, ...]] = ("day", "other")

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        return (column("day", nullable=True), column("gap", nullable=True))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        return [columns[0], pc.subtract(columns[1], columns[0])]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        return [columns[0], pc.add(columns[0], columns[1])]

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        return {}


@dataclass(frozen=True)
class Keep:
    """A date and a number as they are."""

    kind: ClassVar[str] = "keep"
    sources: ClassVar[tuple[str, ...]] = ("when", "other")

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        return (column("when", "date32[day]", True), column("other", nullable=True))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        return list(columns)

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        return list(columns)

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        return dict(wanted)


def learnt(*steps: Any) -> tuple[TableCodec, Schema]:
    random = np.random.default_rng(0)
    days = random.integers(0, DAYS, 3_000).astype(np.int32)
    days[days > 200] = 200
    when = pa.array(days, mask=random.random(3_000) < 0.1).cast(pa.date32())
    source = Schema((column("when", "date32[day]", True), column("other", nullable=True)))
    table = pa.table({"when": when, "other": pa.array(days % 7 + random.integers(0, 9, 3_000))})
    for step in steps:
        made = step.restate([table[name].combine_chunks() for name in step.sources])
        table = table.drop_columns(list(step.sources))
        for spec, cells in zip(step.learnt, made, strict=True):
            table = table.append_column(spec.name, cells)
    specs = tuple(column(field.name, str(field.type), nullable=True) for field in table.schema)
    return TableCodec.from_summaries(Schema(specs), summarize(table)), source


WEEKS = (Weeks("when"),)
BOTH = (*WEEKS, Gap())


def test_a_cell_is_given_in_the_learnt_columns() -> None:
    codec, source = learnt(*WEEKS)
    condition = condition_of(codec, WEEKS, {"when": "1970-02-01"}, source)
    assert condition.guide is None
    assert {name: cell.as_py() for name, cell in condition.literals.items()} == {"week": 4, "day": 3}
    rows = walk(codec, condition, 20, np.random.default_rng(0)).rows
    made = codec.decode(rows, given=condition.literals)
    dates = WEEKS[0].write([made["week"].combine_chunks(), made["day"].combine_chunks()], Rows(0, 0, 20))[0]
    assert set(dates.cast(pa.string()).to_pylist()) == {"1970-02-01"}


def test_a_missing_cell_is_given_too() -> None:
    codec, source = learnt(*WEEKS)
    condition = condition_of(codec, WEEKS, "when is missing", source)
    assert condition.guide is None
    assert [cell.as_py() for cell in condition.literals.values()] == [None, None]


def test_cells_go_through_several_steps_where_all_of_each_are_given() -> None:
    codec, source = learnt(*BOTH)
    condition = condition_of(codec, BOTH, {"when": "1970-02-01", "other": 7}, source)
    assert condition.guide is None
    assert {name: cell.as_py() for name, cell in condition.literals.items()} == {"week": 4, "day": 3, "gap": 4}


@pytest.mark.parametrize("where", [{"when": "1970-02-01"}, {"other": 7}, {"when": ["1970-02-01", "1970-02-02"]}])
def test_what_lacks_a_cell_is_left_to_the_guide(where: dict[str, Any]) -> None:
    codec, source = learnt(*BOTH)
    condition = condition_of(codec, BOTH, where, source)
    assert condition.given is None
    assert condition.guide is not None
    assert set(condition.guide.restated) == set(where)


def test_a_cell_that_a_step_keeps_is_given_beside_the_guide() -> None:
    codec, source = learnt(Keep())
    condition = condition_of(codec, (Keep(),), {"when": "1970-02-01"}, source)
    assert condition.guide is not None
    assert condition.given is not None
    assert [depth > 0 for depth in condition.given.depths] == [True, False]
    assert {name: str(cell) for name, cell in condition.literals.items()} == {"when": "1970-02-01"}
    rows, alive = walk(codec, condition, 20, np.random.default_rng(0))
    assert alive.all()
    assert condition.guide.accepts(rows).all()


def test_a_cell_that_would_not_come_back_is_left_to_the_guide() -> None:
    codec, source = learnt(*WEEKS)
    condition = condition_of(codec, WEEKS, {"when": "1970-12-01"}, source)
    assert condition.given is None
    assert condition.guide is not None


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("1969-12-31", "column 'when': expected days from 1970 on"),
        ("1970-08-01", "column 'when': expected cells like those of the table; told as column 'week': .* from 0 to 28"),
    ],
)
def test_cells_unlike_those_of_the_table_are_refused(day: str, says: str) -> None:
    codec, source = learnt(*WEEKS)
    with pytest.raises(ConditionError, match=says):
        condition_of(codec, WEEKS, {"when": day}, source)


def test_a_place_that_shares_its_cell_with_others_is_not_given_as_that_cell() -> None:
    """By luck the first draw of such a cell may be this very place; the next rows would be elsewhere."""
    random = np.random.default_rng(0)
    stations = np.round(random.uniform(0, 1, (1_100, 2)) + np.array((50, 8)), 4)
    rows = np.tile(stations, (4, 1))
    names = ("latitude", "longitude")
    table = pa.table({name: rows[:, axis] for axis, name in enumerate(names)} | {"kind": ["a", "b"] * 2_200})
    recast, restated = Recast.fit(Schema.infer(table, constraints=False), table)
    (place,) = recast.steps
    assert isinstance(place, Place)
    codec = TableCodec.fit(recast.learnt_schema, summarize(restated), restated)
    owners = dict(zip(place.points, place.point_cells, strict=True))
    for station in map(tuple, stations[:300].tolist()):
        own = {name: Wanted(pa.array([number]), **FILLED) for name, number in zip(names, station, strict=True)}
        learnt, left = restate_cells(codec, recast.schema, recast.steps, own)
        alone = place.point_cells.count(owners[station]) == 1
        assert (learnt.keys(), left.keys()) == (({place.learnt[0].name}, set()) if alone else (set(), set(names)))
