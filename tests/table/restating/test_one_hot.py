"""One-hot groups as one choice."""

import json

import numpy as np
import pyarrow as pa
import pytest

from tabgan.table.constraints import OneHot
from tabgan.table.encoders import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.one_hot import OneHotChoice
from tabgan.table.wanted import Wanted

from .made import chunks, free, require_round_trip, shuffled, specs, written

NAMES = ("soil_1", "soil_2", "soil_3")


def group(missing: bool = False, n: int = 200) -> pa.Table:
    which = np.random.default_rng(0).integers(0, 3, n)
    mask = np.arange(n) % 7 == 0 if missing else np.zeros(n, np.bool_)
    types = (pa.int8(), pa.bool_(), pa.decimal128(12, 1))
    return pa.table(
        {
            name: pa.array((which == place).astype(np.int64), mask=mask).cast(pa.int32()).cast(dtype)
            for place, (name, dtype) in enumerate(zip(NAMES, types, strict=True))
        }
    )


def choice(table: pa.Table) -> OneHotChoice:
    known = specs(table)
    return OneHotChoice.of([known[name] for name in NAMES], [table[name] for name in NAMES], free)


@pytest.mark.parametrize("missing", [False, True])
def test_exactly_one_is_1_and_everything_comes_back(missing: bool) -> None:
    table = group(missing)
    step = choice(table)
    assert step.choice == "soil [choice]"
    (learnt,) = require_round_trip(step, table)
    assert set(learnt.drop_null().to_pylist()) == set(NAMES)
    made = written(step, shuffled([learnt], 500))
    assert not OneHot(NAMES).broken(made).any()
    assert (made["soil_1"].null_count > 0) == missing
    assert OneHotChoice.from_json(json.loads(json.dumps(step.to_json()))) == step


@pytest.mark.parametrize("cells", [[0, 0, 0], [1, 1, 0], [1, None, 0], [2, 0, 0], [None, None, None]])
def test_other_rows_are_counted(cells: list[int | None]) -> None:
    step = choice(group())
    columns = [pa.array([int(place == 0), cell]) for place, cell in enumerate(cells)]
    with pytest.raises(CellsError, match=r"exactly one 1 in 'soil_1' and 2 other columns.* in 1 rows, first in row 1"):
        step.restate(columns)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"soil_1": Wanted(cells=pa.array([1], pa.int8()))}, {"soil_1"}),
        ({"soil_1": Wanted(cells=pa.array([0], pa.int8()))}, {"soil_2", "soil_3"}),
        ({"soil_3": Wanted(high=np.array([0.5])), "soil_2": Wanted(cells=pa.array([False]))}, {"soil_1"}),
        ({"soil_1": Wanted(low=np.array([1])), "soil_2": Wanted(low=np.array([1]))}, set()),
        ({"soil_1": Wanted(cells=pa.array([0, 1], pa.int8()))}, set(NAMES)),
        ({"soil_1": Wanted(present=np.array([False]))}, set()),
        ({"soil_1": Wanted(excluded=pa.array([0], pa.int8()))}, {"soil_1"}),
    ],
)
def test_wants_of_columns_are_wants_of_the_choice(wanted: dict[str, Wanted], expected: set[str]) -> None:
    found = choice(group()).narrow(wanted, {})["soil [choice]"]
    assert {name for name, good in zip(found.cells.to_pylist(), found.allowed[0], strict=True) if good} == expected


def test_wants_may_differ_from_row_to_row() -> None:
    want = Wanted(cells=pa.array([0, 1], pa.int8()), allowed=np.array([[True, False], [False, True]]))
    found = choice(group()).narrow({"soil_1": want}, {})["soil [choice]"]
    assert found.allowed.tolist() == [[False, True, True], [True, False, False]]
    assert found.missing is None
    filled = Wanted(missing=np.array([False]))
    assert choice(group()).narrow({"soil_1": filled}, {})["soil [choice]"].missing.tolist() == [False]


def test_nothing_is_wanted_of_nothing() -> None:
    step = choice(group())
    assert step.narrow({}, {}) == {}
    assert step.narrow({"soil_1": Wanted()}, {"soil [choice]": pa.array(["soil_1"])}) == {}


def test_names_without_a_common_part() -> None:
    table = group().rename_columns(["red", "1", "ü"])
    known = specs(table)
    step = OneHotChoice.of(list(known.values()), table.columns, free)
    assert step.learnt[0].name == "red [choice]"
    assert step.learnt[0].kind == "categorical"
    learnt = step.restate(chunks(table, step))
    assert step.write(learnt, Rows(0, 0, len(table)))[2].equals(table["ü"].combine_chunks())
