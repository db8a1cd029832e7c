"""Columns that are missing in the same rows."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tabgan.table.constraints import MissingTogether
from tabgan.table.encoders import CellsError
from tabgan.table.restating.base import Rows
from tabgan.table.restating.together import FilledTogether
from tabgan.table.wanted import Wanted

from .made import TYPES, cells, chunks, require_round_trip, shuffled, specs, written


def step_of(table: pa.Table) -> FilledTogether | None:
    return FilledTogether.of(list(specs(table).values()), table.columns)


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), min_size=1, max_size=30))
def test_all_are_missing_or_none(kind, rows) -> None:
    a, b = (cells([None if row[2] else row[place] for row in rows], kind) for place in (0, 1))
    texts = pa.array([None if gone else f"t{x}" for x, _, gone in rows]).dictionary_encode()
    table = pa.table({"a": a, "b": b, "c": texts})
    step = step_of(table)
    if step is None:
        assert a.null_count == len(a)
        return
    learnt = require_round_trip(step, table)
    assert [column.null_count for column in learnt] == [a.null_count, 0, 0]
    made = written(step, shuffled(learnt, 60))
    assert not MissingTogether(("a", "b", "c")).broken(made).any()
    assert made["b"].type == b.type
    assert FilledTogether.from_json(json.loads(json.dumps(step.to_json()))) == step


def example() -> pa.Table:
    return pa.table({"a": [1, None, 3, None], "b": [10, None, 30, None], "c": ["x", None, "z", None]})


def test_filled_cells_are_of_one_row() -> None:
    table = example()
    step = step_of(table)
    _, b, c = step.restate(chunks(table, step))
    assert set(zip(b.to_pylist(), c.to_pylist(), strict=True)) == {(10, "x"), (30, "z")}
    assert step.restate(chunks(table, step))[1].equals(b)
    assert table["b"].null_count == 2


def test_a_table_of_missing_cells_alone_is_filled_too() -> None:
    step = step_of(example())
    empty = example().slice(1, 1)
    learnt = step.restate(chunks(empty, step))
    assert [column.to_pylist() for column in learnt] == [[None], [10], ["x"]]
    assert written(step, learnt).equals(empty.combine_chunks())
    assert all(len(column) == 0 for column in step.restate(chunks(example().slice(0, 0), step)))


def test_rows_with_some_of_the_cells_are_counted() -> None:
    step = step_of(example())
    with pytest.raises(CellsError, match=r"some of them without the others in 1 rows, first in row 0"):
        step.restate([pa.array([None, 1]), pa.array([1, 2]), pa.array(["x", "y"])])


def test_what_is_wanted() -> None:
    step = step_of(example())
    filled = Wanted(low=np.array([5]), missing=np.array([False]))
    found = step.narrow({"b": filled}, {})
    assert found["a"].missing.tolist() == [False]
    assert found["b"].low.tolist() == [5]
    assert found["b"].missing is None
    assert "b" not in step.narrow({"b": Wanted(low=np.array([5]))}, {})
    gone = step.narrow({"c": Wanted(present=np.array([False])), "a": Wanted(missing=np.array([True]))}, {})
    assert (gone["a"].present.tolist(), gone["a"].missing.tolist()) == ([False], [True])
    assert step.narrow({}, {}) == {}


def test_missing_cells_follow_the_first_column() -> None:
    step = step_of(example())
    made = step.write([pa.array([None, 2]), pa.array([10, 30]), pa.array(["x", "z"])], Rows(0, 0, 2))
    assert [column.to_pylist() for column in made] == [[None, 2], [None, 30], [None, "z"]]
