"""The guide through restatements: what is asked of columns that are written from others comes out in every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tabgan.errors import ConditionError
from tabgan.table import arrays
from tabgan.table.clauses import Between
from tabgan.table.codec import TableCodec
from tabgan.table.columns import ColumnSpec
from tabgan.table.conditions import condition_of
from tabgan.table.guiding import TableGuide
from tabgan.table.restating.base import Rows
from tabgan.table.schema import Schema
from tabgan.table.summaries import summarize
from tabgan.table.wanted import Wanted
from tests.table.walks import walk

CELLS = pa.int64()


def column(name: str, kind: Any = "continuous") -> ColumnSpec:
    return ColumnSpec(name=name, kind=kind, dtype="int64", nullable=False)


@dataclass(frozen=True)
class Sum:
    """Two columns as the first one and what is left to the second."""

    first: str
    second: str
    gap: str
    kind: ClassVar[str] = "sum"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.first, self.second)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        return (column(self.first), column(self.gap))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        return [columns[0], pc.subtract(columns[1], columns[0])]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        return [columns[0], pc.add(columns[0], columns[1])]

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        found = {}
        if self.first in wanted:
            found[self.first] = wanted[self.first]
        if self.second in wanted and self.first in known:
            start, own = arrays.numbers(known[self.first]), wanted[self.second]
            low = None if own.low is None else own.low - start
            found[self.gap] = Wanted(low=low, high=None if own.high is None else own.high - start)
        return found


@dataclass(frozen=True)
class Digits:
    """A number as tens and ones; made from the gap of a `Sum`, it is a second step."""

    name: str
    kind: ClassVar[str] = "digits"

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def learnt(self) -> tuple[ColumnSpec, ...]:
        return (column("tens", "categorical"), column("ones", "categorical"))

    def restate(self, columns: Sequence[pa.Array]) -> list[pa.Array]:
        numbers = columns[0].to_numpy()
        return [pa.array(numbers // 10), pa.array(numbers % 10)]

    def write(self, columns: Sequence[pa.Array], rows: Rows) -> list[pa.Array]:
        return [pc.add(pc.multiply(columns[0], 10), columns[1])]

    def narrow(self, wanted: Mapping[str, Wanted], known: Mapping[str, pa.Array]) -> dict[str, Wanted]:
        own = wanted[self.name]
        if own.low is None:
            return {}
        found = {"tens": Wanted(low=own.low // 10)}
        if "tens" in known:
            found["ones"] = Wanted(low=own.low - 10 * arrays.numbers(known["tens"]))
        return found


def table(n: int = 2_000) -> pa.Table:
    random = np.random.default_rng(0)
    start = random.integers(0, 300, n)
    return pa.table({"start": start, "end": start + random.integers(0, 60, n), "colour": random.choice(["r", "g"], n)})


def learnt(steps: Sequence[Any]) -> tuple[TableCodec, Schema]:
    whole = table()
    source = Schema.infer(whole)
    for step in steps:
        restated = step.restate([whole[name].combine_chunks() for name in step.sources])
        whole = whole.drop_columns(list(step.sources))
        for spec, cells in zip(step.learnt, restated, strict=True):
            whole = whole.append_column(spec.name, cells)
    kinds = {spec.name: spec for step in steps for spec in step.learnt}
    specs = tuple(kinds.get(spec.name, spec) for spec in Schema.infer(whole).columns)
    return TableCodec.from_summaries(Schema(specs), summarize(whole)), source


ONE = (Sum("start", "end", "gap"),)
TWO = (*ONE, Digits("gap"))


def written(codec: TableCodec, steps: Sequence[Any], rows: Any) -> pa.Table:
    made = codec.decode(rows)
    for step in reversed(steps):
        columns = [made[spec.name].combine_chunks() for spec in step.learnt]
        made = made.drop_columns([spec.name for spec in step.learnt])
        for name, cells in zip(step.sources, step.write(columns, Rows(0, 0, len(rows))), strict=True):
            made = made.append_column(name, cells)
    return made


@pytest.mark.parametrize("steps", [ONE, TWO])
@pytest.mark.parametrize(
    "where",
    [
        {"start": Between(50, 61)},
        {"start": [50, 61, 200]},
        {"end": Between(100, None)},
        {"end": Between(100, 140), "colour": "r"},
        {"start": Between(90, 100), "end": Between(120, None), "colour": ["r"]},
    ],
)
def test_rows_come_out_as_asked_for_wherever_enough_is_told(steps: tuple[Any, ...], where: dict[str, Any]) -> None:
    codec, source = learnt(steps)
    condition = condition_of(codec, steps, where, source)
    assert condition.guide is not None
    names = {codec.layout.names[index] for index in condition.guide.columns}
    assert names == {spec.name for spec in codec.schema.columns} - {"colour"}
    rows, alive = walk(codec, condition, 500, np.random.default_rng(0))
    made = written(codec, steps, rows)
    held = np.ones(500, bool)
    for name, wanted in where.items():
        cells = made[name].to_pylist()
        if isinstance(wanted, Between):
            high = np.inf if wanted.high is None else wanted.high
            held &= np.array([wanted.low <= cell <= high for cell in cells])
        elif isinstance(wanted, list):
            held &= np.array([cell in wanted for cell in cells])
    accepted = condition.guide.accepts(rows)
    assert (accepted == held).all()
    if steps == ONE and "end" not in where:
        assert alive.all()
        assert accepted.all()
    assert accepted.sum() > 20


def test_a_start_that_is_made_narrows_the_gap() -> None:
    codec, source = learnt(ONE)
    guide = condition_of(codec, ONE, "end >= 340", source).guide
    assert guide is not None
    rows = codec.encode(
        pa.table({"colour": ["r"] * 3, "start": [299, 290, 100], "gap": [1, 2, 3]}), np.random.default_rng(0)
    )
    layout = codec.layout
    gap = layout.code_slices[layout.index("gap")].start
    made = np.zeros(layout.n_codes, bool)
    assert guide.allowed(gap, rows, made).all()
    made[layout.code_slices[layout.index("start")]] = True
    allowed = guide.allowed(gap, rows, made)
    assert allowed.any(axis=1).tolist() == [True, True, False]
    assert allowed[0].sum() > allowed[1].sum()
    assert guide.accepts(rows).tolist() == [False] * 3


def test_rows_may_have_wants_of_their_own() -> None:
    codec, _ = learnt(ONE)
    wanted = {"end": Wanted(low=np.array([0, 500, 100]))}
    guide = TableGuide(codec, ONE, wanted, {}, {})
    rows = codec.encode(pa.table({"colour": ["r"] * 3, "start": [200] * 3, "gap": [1, 2, 3]}), np.random.default_rng(0))
    assert guide.accepts(rows).tolist() == [True, False, True]
    assert guide.for_rows(np.array([1, 1, 2])).accepts(rows).tolist() == [False, False, True]
    same = TableGuide(codec, ONE, {"end": Wanted(low=np.array([0]))}, {}, {})
    assert same.for_rows(np.array([1, 1])) is same


def test_the_guide_of_a_column_that_is_learnt_as_it_is_asks_no_step() -> None:
    codec, source = learnt(TWO)
    condition = condition_of(codec, TWO, {"colour": "g"}, source)
    assert condition.guide is None
    assert condition.literals["colour"].as_py() == "g"


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"start": Between(1_000, None)}, "'start': expected cells like those of the table, got start >= 1000"),
        ({"gap": 5}, "expected a column of the table, got 'gap'"),
        ({"end": "x"}, "column 'end': expected integer"),
        ({"end": Between(5, 1)}, "column 'end': expected a lower end"),
        ({"start": None}, "column 'start': expected a value, got a missing cell"),
        (
            {"start": 20, "end": 500},
            "columns 'end' and 'start': expected cells like those .* 'gap': .* from 0 to 59.* 480",
        ),
    ],
)
def test_what_cannot_be_is_explained(where: dict[str, Any], says: str) -> None:
    codec, source = learnt(ONE)
    with pytest.raises(ConditionError, match=says):
        condition_of(codec, ONE, where, source)


@dataclass(frozen=True)
class Keys:
    """A key that is made up anew."""

    name: str
    kind: ClassVar[str] = "keys"
    learnt: ClassVar[tuple[ColumnSpec, ...]] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.name,)


def test_what_is_made_up_anew_cannot_be_asked_for() -> None:
    codec, source = learnt(())
    specs = (*source.columns, ColumnSpec(name="id", kind="key", dtype="string", nullable=False))
    with pytest.raises(ConditionError, match=r"column 'id' is of kind key, whose cells are made up anew"):
        condition_of(codec, (Keys("id"),), {"id": "a"}, Schema(specs))  # type: ignore[arg-type]
    assert condition_of(codec, (Keys("id"),), "id is not missing", Schema(specs)).guide is None  # type: ignore[arg-type]
